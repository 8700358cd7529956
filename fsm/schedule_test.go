package fsm

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"
)

// UnmarshalJSON lets transcripts say what a node would compute: from, until, what
// is on, and turns such as "2026-11-21T10:00:00Z 1".
func (h *Horizon) UnmarshalJSON(data []byte) error {
	var text struct {
		Zones       string
		From, Until time.Time
		On          uint32
		Turns       []string
	}
	if err := json.Unmarshal(data, &text); err != nil {
		return err
	}
	*h = Horizon{Zones: text.Zones, FromMs: text.From.UnixMilli(), UntilMs: text.Until.UnixMilli(), On: text.On}
	for _, line := range text.Turns {
		at, on, _ := strings.Cut(line, " ")
		moment, err := time.Parse(time.RFC3339, at)
		if err != nil {
			return err
		}
		turn := Turn{AtMs: moment.UnixMilli()}
		if _, err := fmt.Sscan(on, &turn.On); err != nil {
			return err
		}
		h.Turns = append(h.Turns, turn)
	}
	return nil
}

func (s *script) describeSchedule(b *strings.Builder, rec Record) {
	if row, ok := s.state.Schedules.Get(rec.Schedule); ok {
		fmt.Fprintf(b, " %s", row.ID)
	}
	if rec.Shift != "" {
		fmt.Fprintf(b, " %s", rec.Shift)
	}
}

func horizon(fromMs int64, on uint32, turns ...Turn) Horizon {
	return Horizon{Zones: "1", FromMs: fromMs, UntilMs: fromMs + 35*dayMs, On: on, Turns: turns}
}

func office(ahead Horizon, shifts ...string) PutSchedule {
	c := PutSchedule{ID: "office", Name: "Office", Zone: "UTC", Ahead: ahead}
	for _, name := range shifts {
		c.Shifts = append(c.Shifts, Shift{Name: name, Days: []string{"mon"}, From: "09:00", To: "17:00"})
	}
	return c
}

// told returns what the last entry told of schedules.
func (l *lab) told() (list []string) {
	for rec := range l.state.Records.From(RecordID{l.state.Index, 0}) {
		list = append(list, strings.TrimSpace(rec.Event.String()+" "+rec.Shift))
	}
	return list
}

func (l *lab) tells(want ...string) {
	l.t.Helper()
	if got := l.told(); fmt.Sprint(got) != fmt.Sprint(want) {
		l.t.Errorf("told %q, not %q", got, want)
	}
}

// What a node computed a while before it is applied holds from then on: what has
// turned meanwhile is not told as a turn of its own.
func TestHorizonFromNowOn(t *testing.T) {
	l := newLab(t)
	now := l.nowMs
	l.accept(office(horizon(now-10, 0, Turn{AtMs: now - 5, On: 1}, Turn{AtMs: now, On: 3}, Turn{AtMs: now + 1000, On: 0}), "early"))
	l.tells("schedule.changed", "schedule.opened", "shift.began early")
	row, _ := l.state.Schedules.ByID("office")
	if len(row.Ahead.Turns) != 1 || row.Ahead.FromMs != now {
		t.Errorf("kept %+v", row.Ahead)
	}
	if due, ok := l.state.NextDue(); !ok || due != now+1000 {
		t.Errorf("the next is due at %d", due-now)
	}
}

// Every turn is told with the moment it was due, in order, however late.
func TestTurnsAfterStandstill(t *testing.T) {
	l := newLab(t)
	now := l.nowMs
	l.accept(office(horizon(now, 1, Turn{AtMs: now + 1000, On: 0}, Turn{AtMs: now + 2000, On: 1}), "early"))
	l.nowMs += 10_000
	l.apply()
	l.tells("schedule.closed", "schedule.opened")
	due := []int64{now + 1000, now + 2000}
	for rec := range l.state.Records.From(RecordID{l.state.Index, 0}) {
		if rec.FromMs != due[0] || rec.Actor != "system:timer" {
			t.Errorf("%s was due at %d by %s", rec.Event, rec.FromMs-now, rec.Actor)
		}
		due = due[1:]
	}
	if l.state.Timers.Len() != 0 {
		t.Errorf("%d timers are left", l.state.Timers.Len())
	}
}

// Whether it is open is exact for every arrival, also while timers wait for their
// steps.
func TestOpenWithoutTimers(t *testing.T) {
	now := int64(1_800_000_000_000)
	row := Schedule{Hours: ScheduleHours{Shifts: []ShiftRow{{Name: "a"}, {Name: "b"}}},
		Ahead: horizon(now, 0, Turn{AtMs: now + 10, On: 1 | 4}, Turn{AtMs: now + 20, On: 2})}
	for _, test := range []struct {
		after  int64
		open   bool
		shifts string
	}{{0, false, ""}, {9, false, ""}, {10, true, "b"}, {19, true, "b"}, {20, false, "a"}, {1e9, false, "a"}} {
		names := ""
		for shift := range row.OnShift(now + test.after) {
			names += shift.Name
		}
		if row.Open(now+test.after) != test.open || names != test.shifts {
			t.Errorf("after %d it is open: %v, with %q", test.after, row.Open(now+test.after), names)
		}
	}
}

// A change of the shifts is judged by their names, not by their places.
func TestShiftsByName(t *testing.T) {
	l := newLab(t)
	l.accept(office(horizon(l.nowMs, 1|2), "early", "late"))
	l.accept(office(horizon(l.nowMs, 1|4), "late", "early"))
	l.tells("schedule.changed")
	l.accept(office(horizon(l.nowMs, 1|2), "night"))
	l.tells("schedule.changed", "shift.ended early", "shift.began night")
	l.accept(DeleteSchedule{"office"})
	l.tells("shift.ended night", "schedule.closed", "schedule.removed")
	l.accept(office(horizon(l.nowMs, 0)))
	if row, _ := l.state.Schedules.ByID("office"); row.Handle != 1 {
		t.Errorf("it came back as %d", row.Handle)
	}
}

// A top-up that was computed from another schedule, or is out of order, changes
// nothing; one by other zones holds from now on.
func TestExtend(t *testing.T) {
	l := newLab(t)
	now := l.nowMs
	l.accept(office(horizon(now, 0, Turn{AtMs: now + 1000, On: 1})))
	row, _ := l.state.Schedules.ByID("office")
	other := horizon(now, 0, Turn{AtMs: now + 5000, On: 1})
	if r := l.refuse(ExtendSchedule{"office", row.Revision + 1, other}); r.Reason != RevisionMismatch || r.Revision != row.Revision {
		t.Errorf("refused for %+v", r)
	}
	for name, bad := range map[string]Horizon{
		"falling": horizon(now, 0, Turn{AtMs: now + 2, On: 1}, Turn{AtMs: now + 1, On: 0}),
		"before":  horizon(now, 0, Turn{AtMs: now, On: 1}), "behind": horizon(now, 0, Turn{AtMs: now + 35*dayMs, On: 1}),
		"no such shift": horizon(now, 2), "no such shift later": horizon(now, 0, Turn{AtMs: now + 1, On: 2}),
		"far": {FromMs: now, UntilMs: now + MaxHorizonMs + 1}, "backwards": {FromMs: now, UntilMs: now - 1},
	} {
		if r := l.refuse(ExtendSchedule{"office", row.Revision, bad}); r.Reason != Invalid {
			t.Errorf("%s: %+v", name, r)
		}
	}
	l.accept(ExtendSchedule{"office", row.Revision, other})
	if now, _ := l.state.Schedules.ByID("office"); now.Ahead.Turns[0].AtMs != l.nowMs+1000 || now.Revision != row.Revision {
		t.Errorf("one that knows no more was taken: %+v", now.Ahead)
	}
	other.Zones = "2"
	l.accept(ExtendSchedule{"office", row.Revision, other})
	if due, _ := l.state.NextDue(); due != now+5000 || l.state.Timers.Len() != 1 {
		t.Errorf("the next is due at %d, of %d timers", due-now, l.state.Timers.Len())
	}
}

func TestScheduleLimits(t *testing.T) {
	l := newLab(t)
	hours := func(n int) (list []WeeklyHours) {
		for range n {
			list = append(list, WeeklyHours{[]string{"mon"}, "09:00", "10:00"})
		}
		return list
	}
	exceptions := func(n int) (list []ScheduleException) {
		for i := range n {
			list = append(list, ScheduleException{Date: time.Unix(int64(i)*86400, 0).UTC().Format(time.DateOnly), Closed: true})
		}
		return list
	}
	shifts := func(n int) []Shift {
		var names []string
		for i := range n {
			names = append(names, fmt.Sprint(i))
		}
		return office(Horizon{}, names...).Shifts
	}
	turns := func(n int) Horizon {
		h := horizon(l.nowMs, 0)
		for i := range n {
			h.Turns = append(h.Turns, Turn{AtMs: h.FromMs + 1 + int64(i), On: 1})
		}
		return h
	}
	of := func(c PutSchedule) PutSchedule {
		c.ID, c.Name, c.Zone = "office", "Office", strings.Repeat("z", max(1, len(c.Zone)))
		return c
	}
	for pointer, make := range map[string]func(more int) PutSchedule{
		"/weekly":     func(n int) PutSchedule { return PutSchedule{Weekly: hours(MaxWeekly + n)} },
		"/exceptions": func(n int) PutSchedule { return PutSchedule{Exceptions: exceptions(MaxExceptions + n)} },
		"/exceptions/0/name": func(n int) PutSchedule {
			return PutSchedule{Exceptions: []ScheduleException{{Date: "2026-12-25", Closed: true, Name: strings.Repeat("é", MaxHolidayRunes+n)}}}
		},
		"/shifts":        func(n int) PutSchedule { return PutSchedule{Shifts: shifts(MaxShifts + n)} },
		"/shifts/0/name": func(n int) PutSchedule { return office(Horizon{}, strings.Repeat("é", MaxShiftNameRunes+n)) },
		"/zone":          func(n int) PutSchedule { return PutSchedule{Zone: strings.Repeat("z", MaxZoneBytes+n)} },
		"/weekly ":       func(n int) PutSchedule { return PutSchedule{Ahead: turns(MaxTurns + n)} },
	} {
		l.accept(of(make(0)))
		if r := l.refuse(of(make(1))); r.Reason != Invalid || len(r.Fields) != 1 || r.Fields[0].Pointer != strings.TrimSpace(pointer) {
			t.Errorf("%s: %+v", pointer, r)
		}
	}
	for i := range MaxSchedules - 1 {
		l.accept(PutSchedule{ID: ScheduleID(fmt.Sprint(i)), Name: "N", Zone: "UTC"})
	}
	if r := l.refuse(PutSchedule{ID: "more", Name: "N", Zone: "UTC"}); r.Reason != TooManySchedules {
		t.Errorf("refused for %+v", r)
	}
	l.accept(office(Horizon{}), DeleteSchedule{"7"}, PutSchedule{ID: "more", Name: "N", Zone: "UTC"})
}

func TestTimesOfDay(t *testing.T) {
	for text, want := range map[string]int{"00:00": 0, "09:05": 545, "23:59": 1439, "24:00": 1440,
		"": -1, "9:00": -1, "24:01": -1, "12:60": -1, "+1:00": -1, "12.00": -1, "12:0a": -1, "99:99": -1, "12:00 ": -1} {
		if got, ok := timeOfDay(text); ok != (want >= 0) || ok && int(got) != want {
			t.Errorf("%q is %d, %v", text, got, ok)
		}
	}
}
