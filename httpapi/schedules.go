package httpapi

import (
	"errors"
	"fmt"
	"time"

	"github.com/rondohq/rondo/fsm"
	"github.com/rondohq/rondo/httpapi/hours"
)

// Schedules are the one thing that a node computes before it asks the cluster:
// what hours in a zone mean in moments. It does so with the zones of its binary, and
// the moments go into the log with the version of the zones.

var putScheduleShape = shapeOf[fsm.PutSchedule]()

// horizonMs is how far ahead the turns of a schedule are put into the log.
const horizonMs = 35 * 24 * 3600 * 1000

func decodeSchedule(c *call) (fsm.PutSchedule, error) {
	command, err := decode(c, putScheduleShape, func(p *fsm.PutSchedule) { fromPath(c, &p.ID, "id", "/id") })
	if err != nil {
		return command, err
	}
	_, err = zoneOf(command.Zone)
	return command, err
}

// zoneOf finds a zone that a client names.
func zoneOf(name string) (*time.Location, error) {
	zone, err := hours.Load(name)
	var unknown *hours.UnknownZoneError
	if errors.As(err, &unknown) {
		return nil, invalid(inBody("/zone", "unknown_zone", unknown.Error()))
	}
	if err != nil {
		return nil, fmt.Errorf("find a time zone: %w", err)
	}
	return zone, nil
}

func putSchedule(a *api, c *call) (answer, error) {
	command, err := decodeSchedule(c)
	if err != nil {
		return answer{}, err
	}
	return changeSchedule(a, c, command)
}

func deleteSchedule(a *api, c *call) (answer, error) {
	command, err := decode(c, deleteShape, func(p *fsm.DeleteSchedule) { fromPath(c, &p.ID, "id", "/id") })
	if err != nil {
		return answer{}, err
	}
	return changeSchedule(a, c, command)
}

// changeSchedule proposes what a client asks for. A PUT gets its turns here, where
// every way of writing a schedule comes along; one without a zone comes from a PATCH
// whose key is known, and is not carried out.
func changeSchedule(a *api, c *call, command fsm.Command) (answer, error) {
	d, err := writeSchedule(a, c, command)
	if err != nil {
		return answer{}, err
	}
	row, ok := d.view.Schedules.Get(fsm.ScheduleHandle(d.Subject.Handle))
	if !ok {
		return answer{}, errLost(d.Subject)
	}
	schedule := viewSchedule(d.view, row)
	schedule.Warnings = viewWarnings(d.Warnings, namedByRules(d, fsm.NounSchedule, string(row.ID))...)
	return d.answer(schedule), nil
}

func writeSchedule(a *api, c *call, command fsm.Command) (done, error) {
	if put, ok := command.(fsm.PutSchedule); ok && put.Zone != "" {
		zone, err := zoneOf(put.Zone)
		if err != nil {
			return done{}, err
		}
		put.Ahead = horizonOf(zone, put.Hours(), a.cluster.View(0).NowMs)
		command = put
	}
	return a.propose(c, command)
}

// horizonOf expands hours from a moment on. Where there are more turns than may be
// known, less of the time ahead is: ten days at the least.
func horizonOf(zone *time.Location, h fsm.ScheduleHours, fromMs int64) fsm.Horizon {
	ahead := fsm.Horizon{Zones: hours.Version, FromMs: fromMs, UntilMs: fromMs + horizonMs}
	on, turns := planOf(h).Expand(zone, ahead.FromMs, ahead.UntilMs)
	ahead.On = on
	if len(turns) > fsm.MaxTurns {
		ahead.UntilMs, turns = turns[fsm.MaxTurns].AtMs, turns[:fsm.MaxTurns]
	}
	for _, t := range turns {
		ahead.Turns = append(ahead.Turns, fsm.Turn{AtMs: t.AtMs, On: t.On})
	}
	return ahead
}

func planOf(h fsm.ScheduleHours) (p hours.Plan) {
	window := func(row fsm.HoursRow) hours.Window {
		return hours.Window{Days: row.Days, From: int(row.From), To: int(row.To)}
	}
	for _, row := range h.Weekly {
		p.Weekly = append(p.Weekly, window(row))
	}
	for _, row := range h.Exceptions {
		p.Exceptions = append(p.Exceptions, hours.Exception{Date: int(row.Date), Closed: row.Closed, From: int(row.From), To: int(row.To)})
	}
	for _, row := range h.Shifts {
		p.Shifts = append(p.Shifts, window(row.Hours))
	}
	return p
}

func getSchedule(a *api, c *call) (answer, error) {
	v, row, err := scheduleNamed(a, c)
	if err != nil {
		return answer{}, err
	}
	return show(v, viewSchedule(v, row))
}

// scheduleNamed finds the one in the path.
func scheduleNamed(a *api, c *call) (*fsm.State, fsm.Schedule, error) {
	v, err := a.view(c)
	if err != nil {
		return nil, fsm.Schedule{}, err
	}
	row, ok := v.Schedules.ByID(fsm.ScheduleID(c.path["id"]))
	if !ok {
		return nil, row, absent(v, "schedule", c.path["id"])
	}
	return v, row, nil
}

func listSchedules(a *api, c *call) (answer, error) {
	l, v, err := listed(a, c, 1)
	if err != nil {
		return answer{}, err
	}
	return byID(v, l, v.Schedules, func(row fsm.Schedule) fsm.ScheduleID { return row.ID },
		func(row fsm.Schedule) (any, int) {
			return viewSchedule(v, row), len(row.Hours.Weekly) + len(row.Hours.Exceptions) + len(row.Hours.Shifts)
		})
}

var (
	schedulePatch = patchable{fsm.NounSchedule, putScheduleShape,
		func(v *fsm.State, id string) (versioned, bool) {
			row, ok := v.Schedules.ByID(fsm.ScheduleID(id))
			return viewSchedule(v, row), ok
		},
		asCommand(decodeSchedule), func(id string) fsm.Command { return fsm.PutSchedule{ID: fsm.ScheduleID(id)} }, changeSchedule}
	scheduleRevisions = revisable{fsm.NounSchedule,
		func(v *fsm.State, id string) (uint64, bool) {
			row, ok := v.Schedules.ByID(fsm.ScheduleID(id))
			return uint64(row.Handle), ok
		},
		rendered(func(v *fsm.State, row fsm.Schedule, _ fsm.Revision) any { return viewSchedule(v, row) }),
		[]string{"open", "on_shift", "known_until", "zones"}}
)
