package httpapi

import (
	"github.com/rondohq/rondo/fsm"
	"github.com/rondohq/rondo/httpapi/hours"
	"github.com/rondohq/rondo/httpapi/lint"
)

// lintMs is how far ahead hours without cover are looked for: four weeks, so that
// what comes again each week is told from what is once. It is less than the horizon,
// of which a day passes before it is topped up.
const lintMs = 28 * 24 * 3600 * 1000

// schedulesOf returns what lint knows of schedules: what stands in the log of a
// state, since that is what happens. One goroutine uses it; it remembers, since a
// rule may ask for the same one at each of its steps.
func schedulesOf(v *fsm.State) func(fsm.ScheduleID) (lint.Schedule, bool) {
	known := map[fsm.ScheduleID]lint.Schedule{}
	return func(id fsm.ScheduleID) (lint.Schedule, bool) {
		if s, ok := known[id]; ok {
			return s, true
		}
		row, ok := v.Schedules.ByID(id)
		if !ok {
			return lint.Schedule{}, false
		}
		known[id] = lintSchedule(v, row)
		return known[id], true
	}
}

func lintSchedule(v *fsm.State, row fsm.Schedule) lint.Schedule {
	s := lint.Schedule{Name: row.Zone, Open: lint.Span{FromMs: v.NowMs, ToMs: v.NowMs + lintMs}}
	if zone, err := hours.Load(row.Zone); err == nil { // an unknown one is a finding
		s.Zone = zone
	}
	if row.Ahead.FromMs > s.Open.FromMs || row.Ahead.UntilMs < s.Open.ToMs {
		s.Open = lint.Span{}
	}
	s.Hours = spansOf(row.Ahead, 0, s.Open)
	for i, shift := range row.Hours.Shifts {
		on := lint.Shift{Name: shift.Name, Hours: spansOf(row.Ahead, 1+i, s.Open)}
		for _, agent := range shift.Agents.Expand(v) {
			on.Agents = append(on.Agents, agent.Handle)
		}
		s.Shifts = append(s.Shifts, on)
	}
	return s
}

// spansOf returns when a bit of a horizon is set within a window that is known.
func spansOf(ahead fsm.Horizon, bit int, window lint.Span) (list []lint.Span) {
	fromMs, on := window.FromMs, ahead.At(window.FromMs)
	until := func(ms int64) {
		if on>>bit&1 == 0 || fromMs >= ms {
			return
		}
		if n := len(list); n > 0 && list[n-1].ToMs == fromMs {
			list[n-1].ToMs = ms
			return
		}
		list = append(list, lint.Span{FromMs: fromMs, ToMs: ms})
	}
	for _, turn := range ahead.Turns {
		if turn.AtMs <= window.FromMs || turn.AtMs >= window.ToMs {
			continue
		}
		until(turn.AtMs)
		fromMs, on = turn.AtMs, turn.On
	}
	until(window.ToMs)
	return list
}
