package httpapi

import (
	"fmt"
	"slices"
	"time"

	"github.com/rondohq/rondo/fsm"
	"github.com/rondohq/rondo/httpapi/hours"
)

const (
	shownTurns = 10

	// lookAheadMs bounds the look for the next turns: what opens once a year is found.
	lookAheadMs = 400 * 24 * 3600 * 1000
)

// A scheduleStateView is what holds at a moment, and what comes then.
type scheduleStateView struct {
	Schedule    fsm.ScheduleID   `json:"schedule"`
	At          moment           `json:"at"`
	Open        bool             `json:"open"`
	Shifts      []onShiftView    `json:"shifts"`
	NextChange  moment           `json:"next_change"`
	Transitions []transitionView `json:"transitions"`
}

type onShiftView struct {
	Name   string        `json:"name"`
	Agents []fsm.AgentID `json:"agents"`
}

type transitionView struct {
	At     moment   `json:"at"`
	Open   bool     `json:"open"`
	Shifts []string `json:"shifts"`
}

func getScheduleState(a *api, c *call) (answer, error) {
	asked, err := askedMoment(c)
	if err != nil {
		return answer{}, err
	}
	v, row, err := scheduleNamed(a, c)
	if err != nil {
		return answer{}, err
	}
	if asked == 0 {
		asked = v.NowMs
	}
	on, turns, err := turnsFrom(row, asked)
	if err != nil {
		return answer{}, err
	}
	view := scheduleStateView{Schedule: row.ID, At: moment(asked), Open: on&1 == 1, Shifts: []onShiftView{}, Transitions: []transitionView{}}
	for i, shift := range row.Hours.Shifts {
		if on>>(1+i)&1 == 1 {
			view.Shifts = append(view.Shifts, onShiftView{shift.Name, agentsOf(v, shift.Agents)})
		}
	}
	for _, t := range turns[:min(shownTurns, len(turns))] {
		shown := transitionView{At: moment(t.AtMs), Open: t.On&1 == 1, Shifts: []string{}}
		for i, shift := range row.Hours.Shifts {
			if t.On>>(1+i)&1 == 1 {
				shown.Shifts = append(shown.Shifts, shift.Name)
			}
		}
		view.Transitions = append(view.Transitions, shown)
	}
	if len(turns) > 0 {
		view.NextChange = moment(turns[0].AtMs)
	}
	return show(v, view)
}

// askedMoment reads at; 0 is now.
func askedMoment(c *call) (ms int64, err error) {
	text, given := c.query["at"]
	if !given {
		return 0, nil
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil || at.Year() < 1990 || at.Year() >= 2100 {
		return 0, invalid(inQuery("at", "format", fmt.Sprintf("%q is not a time such as 2026-11-21T09:14:02Z, of this century or shortly before", clip(text))))
	}
	return at.UnixMilli(), nil
}

// turnsFrom returns what holds at a moment and the next turns. As far as they stand
// in the log they are taken from there, since those are what happens; the rest is
// what the schedule says as it is now.
func turnsFrom(row fsm.Schedule, ms int64) (on uint32, turns []fsm.Turn, err error) {
	zone, err := hours.Load(row.Zone)
	if err != nil {
		return 0, nil, fmt.Errorf("look at a schedule: %w", err)
	}
	plan := planOf(row.Hours)
	from, last := ms, uint32(0)
	if row.Ahead.FromMs <= ms && ms < row.Ahead.UntilMs {
		on, from = row.Ahead.At(ms), row.Ahead.UntilMs
		for _, t := range row.Ahead.Turns {
			if t.AtMs > ms {
				turns = append(turns, t)
			}
		}
		last = row.Ahead.At(from)
	} else {
		on, _ = plan.Expand(zone, ms, ms+1)
		last = on
	}
	for until := from; len(turns) < shownTurns && until < ms+lookAheadMs; from = until {
		until = from + horizonMs
		at, more := plan.Expand(zone, from, until)
		if at != last { // it turns at the very edge
			turns = append(turns, fsm.Turn{AtMs: from, On: at})
			last = at
		}
		for _, t := range more {
			turns = append(turns, fsm.Turn{AtMs: t.AtMs, On: t.On})
			last = t.On
		}
	}
	return on, turns, nil
}

// agentsOf returns who a roster stands for, in the order of their ids.
func agentsOf(v *fsm.State, roster fsm.Roster) []fsm.AgentID {
	list := []fsm.AgentID{}
	add := func(h fsm.AgentHandle) {
		if agent, ok := v.Agents.Get(h); ok && !agent.Removed {
			list = append(list, agent.ID)
		}
	}
	for _, p := range roster {
		add(p.Agent)
		group, _ := v.Groups.Get(p.Group)
		for _, h := range group.Members {
			add(h)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}
