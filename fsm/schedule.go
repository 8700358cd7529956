package fsm

import (
	"cmp"
	"iter"
	"slices"
)

// Limits of schedules; each is tested.
const (
	MaxSchedules      = 1000
	MaxWeekly         = 50 // weekly hours of a schedule
	MaxExceptions     = 500
	MaxShifts         = 31 // one bit each of Horizon.On, beside that for being open
	MaxShiftAgents    = 500
	MaxShiftNameRunes = 60
	MaxHolidayRunes   = 60
	MaxZoneBytes      = 64
	MaxTurns          = 2000 // known ahead of a schedule

	// MaxHorizonMs bounds how far ahead the turns of a schedule are known: 35 days,
	// and a day for clocks.
	MaxHorizonMs = 36 * dayMs

	dayMs = 24 * 3600 * 1000
)

// A Schedule says when something is open, and who is on shift. Nothing here knows a
// zone: a node expands what people wrote into moments, and they come through the
// log (Horizon).
type Schedule struct {
	Handle   ScheduleHandle `cbor:"1,keyasint"`
	ID       ScheduleID     `cbor:"2,keyasint"`
	Name     string         `cbor:"3,keyasint"`
	Zone     string         `cbor:"4,keyasint"` // of the IANA database
	Hours    ScheduleHours  `cbor:"5,keyasint"`
	Revision uint64         `cbor:"6,keyasint"`           // Seq of the last change; turns and top-ups are none
	Removed  bool           `cbor:"7,keyasint,omitempty"` // the row stays, so that records can name it
	Ahead    Horizon        `cbor:"8,keyasint,omitzero"`
	Presence bool           `cbor:"9,keyasint,omitempty"` // that of its agents follows their shifts
}

// ScheduleHours is what people wrote, in the order in which they did.
type ScheduleHours struct {
	Weekly     []HoursRow     `cbor:"1,keyasint,omitempty"`
	Exceptions []ExceptionRow `cbor:"2,keyasint,omitempty"`
	Shifts     []ShiftRow     `cbor:"3,keyasint,omitempty"` // bit 1+i of Horizon.On is that of shift i
}

// An HoursRow is a stretch of the day. One that does not end behind its beginning
// ends on the next day.
type HoursRow struct {
	Days uint8  `cbor:"1,keyasint"` // on which it begins; bit 0 is Monday
	From uint16 `cbor:"2,keyasint"` // minutes since midnight
	To   uint16 `cbor:"3,keyasint"` // likewise; 24 hours at most
}

// An ExceptionRow holds on a date in place of the weekly hours.
type ExceptionRow struct {
	Date   int32  `cbor:"1,keyasint"` // days since 1970-01-01
	Closed bool   `cbor:"2,keyasint,omitempty"`
	From   uint16 `cbor:"3,keyasint,omitempty"`
	To     uint16 `cbor:"4,keyasint,omitempty"`
	Name   string `cbor:"5,keyasint,omitempty"`
}

// A ShiftRow is hours that have a name, and who is on then.
type ShiftRow struct {
	Name   string   `cbor:"1,keyasint"` // each once in a schedule
	Hours  HoursRow `cbor:"2,keyasint"`
	Agents Roster   `cbor:"3,keyasint,omitempty"` // expand says whom it stands for
}

// A Horizon is what holds for a schedule from a moment on, and what comes then, as
// far ahead as it is known. The zero value is not known yet: closed.
type Horizon struct {
	Zones   string `cbor:"1,keyasint"` // version of the zones it was computed with
	FromMs  int64  `cbor:"2,keyasint"`
	UntilMs int64  `cbor:"3,keyasint"`           // nothing is known from here on
	On      uint32 `cbor:"4,keyasint,omitempty"` // at FromMs: bit 0 says open, bit 1+i that shift i is on
	Turns   []Turn `cbor:"5,keyasint,omitempty"` // behind FromMs and before UntilMs, in order
}

// A Turn is a moment at which a schedule changes, and what holds from then on.
type Turn struct {
	_    struct{} `cbor:",toarray"`
	AtMs int64
	On   uint32
}

// At returns what holds at a moment that is not before FromMs. It is exact whatever
// timers have fired: who asks about now passes the state's time.
func (h Horizon) At(ms int64) (on uint32) {
	behind, _ := slices.BinarySearchFunc(h.Turns, ms+1, func(t Turn, ms int64) int { return cmp.Compare(t.AtMs, ms) })
	if behind == 0 {
		return h.On
	}
	return h.Turns[behind-1].On
}

// from returns what is known from a moment on.
func (h Horizon) from(ms int64) Horizon {
	on := h.At(ms)
	for len(h.Turns) > 0 && h.Turns[0].AtMs <= ms {
		h.Turns = h.Turns[1:]
	}
	if len(h.Turns) == 0 {
		h.Turns = nil
	}
	h.FromMs, h.On = max(h.FromMs, ms), on
	return h
}

// Open says whether a schedule is open at a moment that is not past.
func (r Schedule) Open(ms int64) bool { return r.Ahead.At(ms)&1 == 1 }

// OnShift yields the shifts that are on at a moment that is not past, as listed.
func (r Schedule) OnShift(ms int64) iter.Seq[ShiftRow] {
	on := r.Ahead.At(ms)
	return func(yield func(ShiftRow) bool) {
		for i, shift := range r.Hours.Shifts {
			if on>>(1+i)&1 == 1 && !yield(shift) {
				return
			}
		}
	}
}

// Schedules is the table of schedules.
type Schedules struct {
	Named[ScheduleID, ScheduleHandle, Schedule]
	present   Index[ScheduleHandle, Schedule]
	following Index[rostered, Schedule]
}

func newSchedules() Schedules {
	return Schedules{
		newNamed(func(r *Schedule) (ScheduleID, ScheduleHandle) { return r.ID, r.Handle }).unless(func(r *Schedule) bool { return r.Removed }),
		newIndex(cmp.Compare[ScheduleHandle], func(r *Schedule) (ScheduleHandle, bool) { return r.Handle, !r.Removed }),
		newIndex(rostered.compare, func(*Schedule) (rostered, bool) { return rostered{}, false }), // Put keeps it: several keys a row
	}
}

func (t Schedules) clone() Schedules {
	return Schedules{t.Named.clone(), t.present.clone(), t.following.clone()}
}

// Put stores row under its handle.
func (t Schedules) Put(row Schedule) {
	old := t.put(row.Handle, &row)
	t.present.move(old, &row)
	if old != nil {
		for key := range old.rosters() {
			t.following.keys.Delete(key)
		}
	}
	for key := range row.rosters() {
		t.following.keys.Set(key)
	}
}

// Count returns how many there are.
func (t Schedules) Count() int { return t.present.Len() }

// foresee gives a schedule, whose row is the new one, another horizon, sets its
// timer, and tells what is different now from what was told last. The row is stored.
// was is how the row was before; none, if it is new.
func foresee(tx *Tx, was, row Schedule, ahead Horizon) {
	tx.Timers.Delete(was.timer())
	row.Ahead = ahead.from(tx.NowMs)
	tx.Schedules.Put(row)
	if len(row.Ahead.Turns) > 0 {
		tx.Timers.Put(row.timer())
	}
	tellTurn(tx, was, row, 0)
}

func (r Schedule) timer() Timer {
	at := Timer{Kind: TimerSchedule, Ref: uint64(r.Handle)}
	if len(r.Ahead.Turns) > 0 {
		at.DueMs = r.Ahead.Turns[0].AtMs
	}
	return at
}

// turn does the next turn of a schedule. Each is told, in order, also if the cluster
// stood still when it was due.
func turn(tx *Tx, t Timer) {
	was, ok := tx.Schedules.Get(ScheduleHandle(t.Ref))
	if !ok || len(was.Ahead.Turns) == 0 || was.Ahead.Turns[0].AtMs != t.DueMs {
		return
	}
	row := was
	row.Ahead = was.Ahead.from(t.DueMs)
	tx.Schedules.Put(row)
	if len(row.Ahead.Turns) > 0 {
		tx.Timers.Put(row.timer())
	}
	tellTurn(tx, was, row, t.DueMs)
}

// tellTurn tells what is different between two states of a schedule: what ends
// first, so that who comes finds nobody still there. dueMs is when that was due, if
// a timer did it.
func tellTurn(tx *Tx, was, row Schedule, dueMs int64) {
	before, after := was.told(), row.told()
	tell := func(event Event, shift string) {
		tx.emit(Record{Event: event, Telling: Telling{FromMs: dueMs, Turned: Turned{row.Handle, shift}}}, nil)
	}
	for _, shift := range before {
		if !slices.Contains(after, shift) {
			tell(ShiftEnded, shift)
		}
	}
	switch wasOpen := was.Ahead.On&1 == 1; {
	case wasOpen && row.Ahead.On&1 == 0:
		tell(ScheduleClosed, "")
	case !wasOpen && row.Ahead.On&1 == 1:
		tell(ScheduleOpened, "")
	}
	for _, shift := range after {
		if !slices.Contains(before, shift) {
			tell(ShiftBegan, shift)
		}
	}
	followShifts(tx, row, turnOf(was, row), 0, cmp.Or(dueMs, tx.NowMs)) // before anything looks for somebody
	turned(tx, row)
	ruleTurns(tx, was, row)
}

// turned is what goes by a schedule doing what is due, once a turn was told. It is
// called too where nothing is different; row is stored.
func turned(tx *Tx, row Schedule) {
	openInboxes(tx, row)
}

// told returns the names of the shifts that are on by what was told last.
func (r Schedule) told() (names []string) {
	for i, shift := range r.Hours.Shifts {
		if r.Ahead.On>>(1+i)&1 == 1 {
			names = append(names, shift.Name)
		}
	}
	return names
}

// leaveSchedules takes an agent out of the shifts that name her.
func leaveSchedules(tx *Tx, agent Agent) {
	for _, row := range slices.Collect(tx.Schedules.FromID("")) {
		shifts, named := slices.Clone(row.Hours.Shifts), false
		for i, shift := range shifts {
			if shift.Agents.lists(agent.Handle) {
				shifts[i].Agents, named = orNil(shift.Agents.without(agent.Handle)), true
			}
		}
		if named {
			row.Hours.Shifts = shifts
			changeSchedule(tx, row)
		}
	}
}

// changeSchedule stores a schedule that is written in another way, and tells of it.
func changeSchedule(tx *Tx, row Schedule) {
	row.Revision = tx.Seq
	tx.Schedules.Put(row)
	tx.emit(Record{Event: ScheduleChanged, Telling: Telling{Turned: Turned{Schedule: row.Handle}}}, nil)
}

// schedulesListing are the schedules in whose shifts a group is.
func schedulesListing(s *State, group GroupHandle) (list []string) {
	for row := range s.Schedules.FromID("") {
		if slices.ContainsFunc(row.Hours.Shifts, func(shift ShiftRow) bool { return slices.Contains(shift.Agents, Participant{Group: group}) }) {
			list = append(list, "in a shift of schedule \""+string(row.ID)+"\"")
		}
	}
	return list
}
