package fsm

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

var _ = register[PutSchedule](160, "schedule.put")

// PutSchedule creates or replaces a schedule. Whoever takes it from a client also
// says what it means in moments, since nothing that is applied may know a zone.
type PutSchedule struct {
	ID         ScheduleID          `json:"id" cbor:"1,keyasint"`
	Name       string              `json:"name" cbor:"2,keyasint"`
	Zone       string              `json:"zone" cbor:"3,keyasint"`
	Weekly     []WeeklyHours       `json:"weekly" cbor:"4,keyasint,omitempty"`
	Exceptions []ScheduleException `json:"exceptions" cbor:"5,keyasint,omitempty"`
	Shifts     []Shift             `json:"shifts" cbor:"6,keyasint,omitempty"`
	Presence   bool                `json:"presence" cbor:"7,keyasint,omitempty"` // of those on shift follows it, from its next turn on

	Ahead Horizon `json:"-" cbor:"20,keyasint,omitzero"`
}

// WeeklyHours are open on some days of the week.
type WeeklyHours struct {
	Days []string `json:"days" cbor:"1,keyasint"` // mon to sun: on which they begin
	From string   `json:"from" cbor:"2,keyasint"` // 09:00
	To   string   `json:"to" cbor:"3,keyasint"`   // 17:30; not behind from: on the next day; 24:00 is midnight
}

// A ScheduleException holds for what begins on a date, in place of the weekly hours.
// A date may have several.
type ScheduleException struct {
	Date   string `json:"date" cbor:"1,keyasint"` // 2026-12-24
	Closed bool   `json:"closed" cbor:"2,keyasint,omitempty"`
	From   string `json:"from" cbor:"3,keyasint,omitempty"`
	To     string `json:"to" cbor:"4,keyasint,omitempty"`
	Name   string `json:"name" cbor:"5,keyasint,omitempty"`
}

// A Shift is weekly hours with a name, and who is on then.
type Shift struct {
	Name   string        `json:"name" cbor:"1,keyasint"`
	Days   []string      `json:"days" cbor:"2,keyasint"`
	From   string        `json:"from" cbor:"3,keyasint"`
	To     string        `json:"to" cbor:"4,keyasint"`
	Agents []RosterEntry `json:"agents" cbor:"5,keyasint,omitempty"`
}

// Check implements Command.
func (c PutSchedule) Check() error {
	var check checker
	check.id("/id", string(c.ID))
	check.name("/name", c.Name)
	switch {
	case c.Zone == "":
		check.add("/zone", "required", "a time zone is needed, such as Europe/Berlin")
	case len(c.Zone) > MaxZoneBytes:
		check.add("/zone", "too_long", "%d bytes, at most %d are allowed", len(c.Zone), MaxZoneBytes)
	}
	if limited(&check, "/weekly", len(c.Weekly), MaxWeekly) {
		c.Weekly = nil // one fault is enough
	}
	if limited(&check, "/exceptions", len(c.Exceptions), MaxExceptions) {
		c.Exceptions = nil
	}
	if limited(&check, "/shifts", len(c.Shifts), MaxShifts) {
		c.Shifts = nil
	}
	c.hours(&check)
	c.Ahead.check(&check, len(c.Shifts))
	return check.err()
}

func limited(c *checker, pointer string, n, most int) (beyond bool) {
	if n > most {
		c.add(pointer, "too_many", "%d, at most %d are allowed", n, most)
	}
	return n > most
}

// Hours returns what the command says as rows; who is on shift is left out. It is
// for who expands them, and knows a command that Check accepts.
func (c PutSchedule) Hours() ScheduleHours {
	var check checker
	return c.hours(&check)
}

func (c PutSchedule) hours(check *checker) (rows ScheduleHours) {
	for i, w := range c.Weekly {
		rows.Weekly = append(rows.Weekly, hoursRow(check, fmt.Sprintf("/weekly/%d", i), w.Days, w.From, w.To))
	}
	rows.Exceptions = exceptionRows(check, c.Exceptions)
	names := map[string]bool{}
	for i, s := range c.Shifts {
		at := fmt.Sprintf("/shifts/%d", i)
		rows.Shifts = append(rows.Shifts, ShiftRow{Name: s.Name, Hours: hoursRow(check, at, s.Days, s.From, s.To)})
		if s.Name == "" {
			check.add(at+"/name", "required", "a name is needed, such as early")
		}
		check.text(at+"/name", s.Name, MaxShiftNameRunes)
		if names[s.Name] && s.Name != "" {
			check.add(at+"/name", "duplicate", "shift %q is listed twice; give each a name of its own", clip(s.Name))
		}
		names[s.Name] = true
		checkRoster(check, at+"/agents", s.Agents, MaxShiftAgents)
	}
	return rows
}

var weekdays = []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"}

// Weekdays returns the names of the days of a set, Monday first.
func (h HoursRow) Weekdays() []string {
	names := []string{}
	for i, name := range weekdays {
		if h.Days>>i&1 == 1 {
			names = append(names, name)
		}
	}
	return names
}

func hoursRow(c *checker, pointer string, days []string, from, to string) (row HoursRow) {
	if len(days) == 0 {
		c.add(pointer+"/days", "required", `name the days, such as ["mon","tue"]`)
	}
	for i, name := range days {
		day, at := slices.Index(weekdays, name), fmt.Sprintf("%s/days/%d", pointer, i)
		switch {
		case day < 0:
			c.add(at, "unknown_value", "%q is not one of %s", clip(name), strings.Join(weekdays, ", "))
			if i >= len(weekdays) {
				return row
			}
		case row.Days>>day&1 == 1:
			c.add(at, "duplicate", "%s is listed twice", name)
		default:
			row.Days |= 1 << day
		}
	}
	row.From, row.To = timesOfDay(c, pointer, from, to)
	return row
}

func timesOfDay(c *checker, pointer, from, to string) (begin, end uint16) {
	begin, ok := timeOfDay(from)
	switch {
	case from == "":
		c.add(pointer+"/from", "required", "a time of the day is needed, such as 09:00")
	case !ok || begin == dayMinutes:
		c.add(pointer+"/from", "time_of_day", "not a time of the day such as 09:00")
	}
	switch end, ok = timeOfDay(to); {
	case to == "":
		c.add(pointer+"/to", "required", "a time of the day is needed, such as 17:30")
	case !ok:
		c.add(pointer+"/to", "time_of_day", "not a time of the day such as 17:30; the end of the day is 24:00")
	}
	return begin, end
}

const dayMinutes = 24 * 60

// timeOfDay reads hours and minutes: 00:00 to 24:00.
func timeOfDay(text string) (minutes uint16, ok bool) {
	if len(text) != len("09:00") || text[2] != ':' {
		return 0, false
	}
	for _, i := range []int{0, 1, 3, 4} {
		if text[i] < '0' || text[i] > '9' {
			return 0, false
		}
	}
	h, m := uint16(text[0]-'0')*10+uint16(text[1]-'0'), uint16(text[3]-'0')*10+uint16(text[4]-'0')
	return h*60 + m, m < 60 && h*60+m <= dayMinutes
}

func exceptionRows(c *checker, list []ScheduleException) (rows []ExceptionRow) {
	seen := map[int32]bool{} // whether it is closed
	for i, e := range list {
		at := fmt.Sprintf("/exceptions/%d", i)
		day, err := time.Parse(time.DateOnly, e.Date)
		if err != nil || day.Year() < 1970 {
			c.add(at+"/date", "date", "not a date such as 2026-12-24")
			continue
		}
		row := ExceptionRow{Date: int32(day.Unix() / (dayMs / 1000)), Closed: e.Closed, Name: e.Name}
		switch {
		case e.Closed && (e.From != "" || e.To != ""):
			c.add(at, "ambiguous", "say closed, or from and to, not both")
		case !e.Closed && e.From == "" && e.To == "":
			c.add(at, "required", `say "closed":true, or from and to`)
		case !e.Closed:
			row.From, row.To = timesOfDay(c, at, e.From, e.To)
		}
		if closed, twice := seen[row.Date]; twice && (closed || e.Closed) {
			c.add(at+"/date", "duplicate", "%s is listed before; a date that is closed stands once", e.Date)
		}
		seen[row.Date] = e.Closed
		c.text(at+"/name", e.Name, MaxHolidayRunes)
		rows = append(rows, row)
	}
	return rows
}

// check judges what a node has computed.
func (h Horizon) check(c *checker, shifts int) {
	if len(h.Turns) > MaxTurns {
		c.add("/weekly", "too_many", "it opens and closes %d times in the next weeks, with its shifts; at most %d are allowed", len(h.Turns), MaxTurns)
		return
	}
	valid := h.FromMs >= 0 && h.UntilMs >= h.FromMs && h.UntilMs-h.FromMs <= MaxHorizonMs && len(h.Zones) <= MaxZoneBytes && h.On>>(1+shifts) == 0
	last := h.FromMs
	for _, t := range h.Turns {
		valid = valid && t.AtMs > last && t.AtMs < h.UntilMs && t.On>>(1+shifts) == 0
		last = t.AtMs
	}
	if !valid {
		c.add("", "horizon", "what the node has computed of it is not in order")
	}
}

func (c PutSchedule) target(s *State) Target { return scheduleTarget(s, c.ID, true) }

func scheduleTarget(s *State, id ScheduleID, creates bool) Target {
	row, ok := s.Schedules.ByID(id)
	return Target{NounSchedule.String(), string(id), ok, row.Revision, creates}
}

// withoutMinted leaves out what depends on the moment.
func (c PutSchedule) withoutMinted() Command {
	c.Ahead = Horizon{}
	return c
}

func (PutSchedule) allowed(_ *Tx, by Agent) bool { return by.Role == RoleSupervisor }

func (c PutSchedule) apply(tx *Tx) (Result, error) {
	var check checker
	hours := c.hours(&check)
	for i, shift := range c.Shifts {
		hours.Shifts[i].Agents = resolveRoster(tx.State, &check, fmt.Sprintf("/shifts/%d/agents", i), shift.Agents)
	}
	if err := check.as(UnknownReference); err != nil {
		return Result{}, err
	}
	old, known := tx.Schedules.ByID(c.ID)
	if !known && tx.Schedules.Count() >= MaxSchedules {
		return Result{}, reject(TooManySchedules, "there are %d schedules already, as many as there may be; remove one first", MaxSchedules)
	}
	if !known {
		old, _ = tx.Schedules.everByID(c.ID)
	}

	row := old
	row.ID, row.Name, row.Zone, row.Hours, row.Presence, row.Removed = c.ID, c.Name, c.Zone, hours, c.Presence, false
	if row.Handle == 0 {
		row.Handle = ScheduleHandle(tx.mintSmall())
	}
	if !same(row, old) {
		changeSchedule(tx, row)
		row.Revision = tx.Seq
		foresee(tx, old, row, c.Ahead)
	}
	return Result{Created: !known, Subject: Subject{NounSchedule, uint64(row.Handle)}}, nil
}
