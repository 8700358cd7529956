package lint

import (
	"strings"
	"testing"
	"time"

	"github.com/rondohq/rondo/fsm"
)

type schedules map[fsm.ScheduleID]Schedule

func (s schedules) get(id fsm.ScheduleID) (Schedule, bool) {
	row, ok := s[id]
	return row, ok
}

// window is four weeks from a Saturday morning.
var window = Span{start.UnixMilli(), start.AddDate(0, 0, 28).UnixMilli()}

func schedule(shifts ...Shift) Schedule {
	return Schedule{Zone: time.UTC, Name: "UTC", Open: window, Hours: []Span{window}, Shifts: shifts}
}

func shift(name string, hours ...Span) Shift { return Shift{Name: name, Hours: hours} }

// each returns what is from one hour of the week to another one, each week; hour 0
// is Monday's first.
func each(from, to int) (list []Span) {
	monday := time.Date(2026, 11, 16, 0, 0, 0, 0, time.UTC)
	for range 6 {
		s := Span{max(window.FromMs, monday.Add(time.Duration(from)*time.Hour).UnixMilli()), min(window.ToMs, monday.Add(time.Duration(to)*time.Hour).UnixMilli())}
		if s.FromMs < s.ToMs {
			list = append(list, s)
		}
		monday = monday.AddDate(0, 0, 7)
	}
	return list
}

const sunday = 6 * 24

func (l *lab) on(s Shift, ids ...fsm.AgentID) Shift {
	for _, id := range ids {
		row, ok := l.state.Agents.ByID(id)
		if !ok {
			l.t.Fatalf("there is no agent %s", id)
		}
		s.Agents = append(s.Agents, row.Handle)
	}
	return s
}

const byShift = `{"assign":{"team":"sales","on_shift":"office"}}`

// detail returns the sentence of the one finding that is wanted.
func (l *lab) detail(code Code, text string) string {
	l.t.Helper()
	found := Rule(l.state, "vip", body(l.t, text), l.world)
	if len(found) != 1 || found[0].Code != code {
		l.t.Fatalf("found %+v, not one %s", found, code)
	}
	return found[0].Detail
}

func (l *lab) says(code Code, text, want string) {
	l.t.Helper()
	if got := l.detail(code, text); !strings.HasPrefix(got, want) {
		l.t.Errorf("%q does not begin with %q", got, want)
	}
}

func TestHoursWithoutCover(t *testing.T) {
	l := newLab(t)
	l.draft("vip", opened(byShift))
	put := func(shifts ...Shift) { l.world.Schedule = schedules{"office": schedule(shifts...)}.get }

	put(l.on(shift("week", each(0, sunday+2)...), "ana"), l.on(shift("sunday", each(sunday+6, 7*24)...), "ben"))
	l.says(NoCover, opened(byShift), "Sunday 02:00 to 06:00 (UTC) nobody is eligible for VIP: ")

	// Who is not in the team, or may not take it, covers nothing.
	put(l.on(shift("week", window), "cleo"), l.on(shift("noon", each(12, 14)...), "ana"))
	l.says(NoCover, opened(byShift), "Monday 14:00 to Monday 12:00 (UTC)")
	put(l.on(shift("all", window), "ben"))
	l.judge(opened(byShift))
	l.judge(opened(strings.Replace(byShift, `"on_shift"`, `"requires":{"language":"de"},"on_shift"`, 1)), "error nobody_on_shift /steps/0/assign/on_shift")
	put(l.on(shift("all", window), "cleo"))
	l.judge(opened(byShift), "error nobody_on_shift /steps/0/assign/on_shift")

	// A day off is told by its date.
	off := time.Date(2026, 12, 8, 0, 0, 0, 0, time.UTC)
	put(l.on(shift("all", Span{window.FromMs, off.UnixMilli()}, Span{off.AddDate(0, 0, 1).UnixMilli(), window.ToMs}), "ana"))
	l.says(NoCover, opened(byShift), "Tuesday, December 8 00:00 to 24:00 (UTC)")
}

// What else happens then, and when nothing comes, is counted.
func TestCoverOtherwise(t *testing.T) {
	l := newLab(t)
	office := schedule(l.on(shift("day", each(8, 18)...), "ana"))
	night := schedule(l.on(shift("night", each(18, 7*24)...), "ben"), l.on(shift("early", each(0, 8)...), "ben"))
	office.Hours = each(9, 17)
	l.world.Schedule = schedules{"office": office, "night": night}.get
	with := func(otherwise string) string {
		return opened(`{"assign":{"team":"sales","on_shift":"office","within_seconds":5,"otherwise":[` + otherwise + `]}}`)
	}
	const gap = "warning no_cover /steps/0/assign/on_shift"
	l.judge(opened(byShift), gap)
	l.judge(with(`{"assign":{"nobody":true}}`), gap)
	l.judge(with(`{"assign":{"team":"sales"}}`))
	l.judge(with(`{"assign":{"agent":"ana"}}`))
	l.judge(with(`{"assign":{"team":"sales","on_shift":"night"}}`), "warning no_cover /steps/0/assign/otherwise/0/assign/on_shift")

	asked := func(value string) string {
		return `{"on":{"on":"conversation_opened"},"when":{"field":"schedule.open","of":"office","op":"is","value":"` + value + `"},"steps":[` + byShift + `]}`
	}
	l.judge(asked("true"))
	l.judge(asked("false"), gap)
}

func TestUnknownZone(t *testing.T) {
	l := newLab(t)
	l.world.Schedule = schedules{"moon": {Name: "Moon/Tycho"}}.get
	l.judge(`{"on":{"on":"schedule_opened","schedule":"moon"},"steps":[{"close":{}}]}`, "error unknown_zone /on/schedule")
	l.judge(opened(`{"wait":{"schedule":"moon"}},{"assign":{"team":"sales","on_shift":"moon"}}`),
		"error unknown_zone /steps/0/wait/schedule", "error unknown_zone /steps/1/assign/on_shift")
	l.judge(when(`{"field":"schedule.open","of":"moon","op":"is","value":"true"}`), "error unknown_zone /when/of")
}
