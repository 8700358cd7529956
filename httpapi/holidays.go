package httpapi

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/rondohq/rondo/fsm"
	"github.com/rondohq/rondo/httpapi/hours"
)

// holidayDays is for how long holidays are taken from a calendar file: two years,
// so that a file of each year is in good time.
const holidayDays = 2 * 366

// A holidaysBody is what is sent to take holidays from a calendar file.
type holidaysBody struct {
	ICS string `json:"ics"`
}

// A holidaysView says what became of the events of a calendar file.
type holidaysView struct {
	Schedule scheduleView  `json:"schedule"`
	Imported uint64        `json:"imported"`
	Kept     uint64        `json:"kept"`
	Skipped  []skippedView `json:"skipped"`
}

func (v holidaysView) version() uint64 { return v.Schedule.Revision }

type skippedView struct {
	Line   int    `json:"line"`
	Reason string `json:"reason"`
}

var holidaysShape = shapeOf[holidaysBody]()

// importHolidays closes a schedule on the whole days of a calendar file. It is a
// PATCH of the exceptions that is made anew while others change the schedule.
func importHolidays(a *api, c *call) (answer, error) {
	sent := c.body
	c.faults = nil
	if !scan(sent, holidaysShape, &c.faults) || len(c.faults) > 0 {
		return answer{}, invalid(c.faults[:min(len(c.faults), maxFaults)]...)
	}
	var body holidaysBody
	if err := json.Unmarshal(sent, &body); err != nil {
		return answer{}, invalid(inBody("", "malformed", clip(err.Error())))
	}
	for attempt := 1; ; attempt++ {
		got, err := takeHolidays(a, c, body)
		var p *problem
		if attempt == maxAttempts || !errors.As(err, &p) || p.body.Code != string(fsm.Outdated) {
			return got, err
		}
	}
}

func takeHolidays(a *api, c *call, body holidaysBody) (answer, error) {
	v, row, err := scheduleNamed(a, c)
	if err != nil {
		return answer{}, err
	}
	zone, err := hours.Load(row.Zone)
	if err != nil {
		return answer{}, fmt.Errorf("take holidays: %w", err)
	}
	today := hours.DateOf(zone, v.NowMs)
	list, skipped, err := hours.Holidays(body.ICS, today, today+holidayDays)
	if err != nil {
		return answer{}, invalid(inBody("/ics", "malformed", err.Error()))
	}
	shown := viewSchedule(v, row)
	exceptions, imported, kept := withHolidays(shown.Exceptions, list)
	if c.body, err = merged(putScheduleShape, shown, map[string]any{"exceptions": exceptions}); err != nil {
		return answer{}, err
	}
	command, err := decodeSchedule(c)
	if err != nil {
		return answer{}, err
	}
	canonical, err := json.Marshal(body)
	if err != nil {
		return answer{}, fmt.Errorf("write a request in one way: %w", err)
	}
	c.amends = fsm.AmendmentOf(string(row.ID), canonical, row.Revision)
	d, err := writeSchedule(a, c, command)
	if err != nil {
		return answer{}, err
	}
	now, ok := d.view.Schedules.Get(fsm.ScheduleHandle(d.Subject.Handle))
	if !ok {
		return answer{}, errLost(d.Subject)
	}
	view := holidaysView{Schedule: viewSchedule(d.view, now), Imported: imported, Kept: kept, Skipped: []skippedView{}}
	for _, s := range skipped {
		view.Skipped = append(view.Skipped, skippedView{s.Line, s.Reason})
	}
	return d.answer(view), nil
}

// withHolidays returns exceptions with holidays put in. A date with hours stays as
// somebody wrote it.
func withHolidays(now []exceptionView, list []hours.Holiday) (exceptions []fsm.ScheduleException, imported, kept uint64) {
	const hoursOfItsOwn = -1
	text := func(s *string) string {
		if s == nil {
			return ""
		}
		return *s
	}
	at := map[string]int{}
	for i, e := range now {
		exceptions = append(exceptions, fsm.ScheduleException{Date: e.Date, Closed: e.Closed, From: text(e.From), To: text(e.To), Name: text(e.Name)})
		at[e.Date] = i
		if !e.Closed {
			at[e.Date] = hoursOfItsOwn
		}
	}
	for _, h := range list {
		date := dateText(int32(h.Date))
		i, known := at[date]
		switch {
		case !known:
			exceptions = append(exceptions, fsm.ScheduleException{Date: date, Closed: true, Name: h.Name})
		case i == hoursOfItsOwn:
			kept++
			continue
		case h.Name != "":
			exceptions[i].Name = h.Name
		}
		imported++
	}
	return exceptions, imported, kept
}
