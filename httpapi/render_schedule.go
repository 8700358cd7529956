package httpapi

import (
	"fmt"
	"time"

	"github.com/rondohq/rondo/fsm"
)

type scheduleView struct {
	ID         fsm.ScheduleID  `json:"id"`
	Name       string          `json:"name"`
	Zone       string          `json:"zone"`
	Weekly     []hoursView     `json:"weekly"`
	Exceptions []exceptionView `json:"exceptions"`
	Shifts     []shiftView     `json:"shifts"`
	Presence   bool            `json:"presence"`
	Revision   uint64          `json:"revision"`
	scheduleNow
	Warnings []warningView `json:"warnings,omitempty"`
}

// A scheduleNow is what holds of a schedule by itself.
type scheduleNow struct {
	Open       bool     `json:"open"`
	OnShift    []string `json:"on_shift"`
	KnownUntil moment   `json:"known_until"`
	Zones      *string  `json:"zones"`
}

func scheduleName(v *fsm.State, handle fsm.ScheduleHandle) *string {
	row, _ := v.Schedules.Get(handle)
	return orNull(row.ID)
}

type hoursView struct {
	Days []string `json:"days"`
	From string   `json:"from"`
	To   string   `json:"to"`
}

type exceptionView struct {
	Date   string  `json:"date"`
	Closed bool    `json:"closed"`
	From   *string `json:"from"`
	To     *string `json:"to"`
	Name   *string `json:"name"`
}

type shiftView struct {
	Name string `json:"name"`
	hoursView
	Agents []participantView `json:"agents"`
}

func (v scheduleView) version() uint64 { return v.Revision }

func viewSchedule(v *fsm.State, row fsm.Schedule) scheduleView {
	view := scheduleView{
		ID: row.ID, Name: row.Name, Zone: row.Zone, Presence: row.Presence, Revision: row.Revision,
		Weekly: []hoursView{}, Exceptions: []exceptionView{}, Shifts: []shiftView{},
		scheduleNow: scheduleNow{Open: row.Open(v.NowMs), OnShift: []string{}, KnownUntil: moment(row.Ahead.UntilMs), Zones: orNull(row.Ahead.Zones)},
	}
	for _, w := range row.Hours.Weekly {
		view.Weekly = append(view.Weekly, viewHours(w))
	}
	for _, e := range row.Hours.Exceptions {
		shown := exceptionView{Date: dateText(e.Date), Closed: e.Closed, Name: orNull(e.Name)}
		if !e.Closed {
			shown.From, shown.To = orNull(timeText(e.From)), orNull(timeText(e.To))
		}
		view.Exceptions = append(view.Exceptions, shown)
	}
	for _, s := range row.Hours.Shifts {
		view.Shifts = append(view.Shifts, shiftView{s.Name, viewHours(s.Hours), viewRoster(v, s.Agents)})
	}
	for shift := range row.OnShift(v.NowMs) {
		view.OnShift = append(view.OnShift, shift.Name)
	}
	return view
}

func viewHours(row fsm.HoursRow) hoursView {
	return hoursView{row.Weekdays(), timeText(row.From), timeText(row.To)}
}

func timeText(minutes uint16) string { return fmt.Sprintf("%02d:%02d", minutes/60, minutes%60) }

func dateText(days int32) string {
	return time.Unix(int64(days)*24*3600, 0).UTC().Format(time.DateOnly)
}
