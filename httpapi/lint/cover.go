package lint

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/rondohq/rondo/fsm"
)

// A Schedule is what lint knows of one: what it says for some weeks from the state's
// time on.
type Schedule struct {
	Zone   *time.Location // nil: this node does not know the zone
	Name   string         // of the zone
	Open   Span           // the time that is looked at; empty: nothing is known
	Hours  []Span         // in which it is open, in order
	Shifts []Shift
}

// A Shift is who is on it, and when.
type Shift struct {
	Name   string
	Agents []fsm.AgentHandle
	Hours  []Span
}

// A Span is a time from a moment to another one, in Unix milliseconds.
type Span struct{ FromMs, ToMs int64 }

func (r Schedule) has(shift string) bool {
	return slices.ContainsFunc(r.Shifts, func(s Shift) bool { return s.Name == shift })
}

// zones finds schedules whose zone this node does not know: their hours come from
// other nodes, and cannot be judged here.
func zones(j *judge) {
	judgeZone := func(pointer string, id fsm.ScheduleID) {
		if row, ok := j.scheduleOf(id); ok && row.Zone == nil {
			j.err(UnknownZone, pointer, "schedule %q is in time zone %q, which this server does not know: give it a zone of the IANA database, such as Europe/Berlin", id, row.Name)
		}
	}
	judgeZone("/on/schedule", j.body.On.Schedule)
	j.steps(func(s fsm.Step, at place) {
		switch {
		case s.Assign != nil:
			judgeZone(at.pointer+"/assign/on_shift", s.Assign.Schedule)
		case s.Wait != nil:
			judgeZone(at.pointer+"/wait/schedule", s.Wait.Schedule)
		}
	})
	j.trees(func(c *fsm.Condition, pointer string) {
		leaves(c, pointer, func(c *fsm.Condition, pointer string) {
			if noun, _, _ := cutField(c.Field); noun == "schedule" {
				judgeZone(pointer+"/of", fsm.ScheduleID(c.Of))
			}
		})
	})
}

// cover finds hours in which a step that assigns by shift finds nobody on one. What
// comes then waits for the next shift, which may be meant: it is a warning.
func cover(rule *judge) {
	j := people{rule}
	j.steps(func(s fsm.Step, at place) {
		if s.Assign == nil || s.Assign.Schedule == "" || s.Assign.Team == "" {
			return
		}
		row, ok := j.scheduleOf(s.Assign.Schedule)
		if !ok || row.Zone == nil || row.Open == (Span{}) {
			return
		}
		covered, all := j.covered(at, *s.Assign, row.Open)
		if all {
			return
		}
		if len(covered) == 0 {
			j.err(NobodyOnShift, at.pointer+"/assign/on_shift", "nobody of team %q who may take it is on a shift of schedule %q in the weeks to come: put members on its shifts, or name another schedule", s.Assign.Team, s.Assign.Schedule)
			return
		}
		if gaps := whole(without(j.asked(at, row.Open), covered), row.Open); len(gaps) > 0 {
			j.warn(NoCover, at.pointer+"/assign/on_shift", "%s nobody is eligible for %s: extend a shift of schedule %q, or say with otherwise what happens then", inWords(gaps, row), j.called(), s.Assign.Schedule)
		}
	})
}

// called is how people call the rule.
func (j people) called() string {
	if row, ok := j.state.Rules.ByID(j.id); ok && row.Name != "" {
		return row.Name
	}
	return string(j.id)
}

// asked returns when something can come to a step, as far as the rule says it.
func (j people) asked(at place, all Span) []Span {
	for _, c := range at.given {
		row, ok := j.scheduleOf(fsm.ScheduleID(c.Of))
		if c.Field != fieldOpen || c.Op != fsm.OpIs || !ok || row.Open == (Span{}) {
			continue
		}
		if c.Value == yes {
			return without(row.Hours, []Span{{row.Open.FromMs, all.FromMs}, {all.ToMs, row.Open.ToMs}})
		}
		return without([]Span{all}, row.Hours)
	}
	return []Span{all}
}

// covered returns when somebody may take what a step assigns; all says that there is
// always somebody, as far as schedules go.
func (j people) covered(at place, step fsm.AssignStep, window Span) (list []Span, all bool) {
	if step.Team == "" || step.Schedule == "" {
		return nil, !step.Nobody
	}
	row, ok := j.scheduleOf(step.Schedule)
	if !ok || row.Zone == nil || row.Open != window {
		return nil, true // it is judged by itself, or cannot be
	}
	team, _ := j.state.Teams.ByID(step.Team)
	inbox := j.inboxAt(at)
	for _, shift := range row.Shifts {
		if slices.ContainsFunc(shift.Agents, func(agent fsm.AgentHandle) bool {
			_, member := j.state.Members.Of(team.Handle, agent)
			return member && j.mayTake(at, step, inbox, agent)
		}) {
			list = append(list, shift.Hours...)
		}
	}
	for _, next := range step.Otherwise {
		if next.Assign == nil {
			continue
		}
		more, always := j.covered(at, *next.Assign, window)
		if always {
			return nil, true
		}
		list = append(list, more...)
	}
	return list, false
}

// without returns what of some spans, which are in order, no other one has.
func without(spans, others []Span) (rest []Span) {
	others = slices.SortedFunc(slices.Values(others), func(a, b Span) int { return cmp.Compare(a.FromMs, b.FromMs) })
	for _, s := range spans {
		for _, o := range others {
			if o.ToMs <= o.FromMs || o.ToMs <= s.FromMs || o.FromMs >= s.ToMs {
				continue
			}
			if o.FromMs > s.FromMs {
				rest = append(rest, Span{s.FromMs, o.FromMs})
			}
			s.FromMs = o.ToMs
		}
		if s.FromMs < s.ToMs {
			rest = append(rest, s)
		}
	}
	return rest
}

// whole leaves out gaps that are cut off by what is looked at, if there are others:
// they come again.
func whole(gaps []Span, window Span) []Span {
	list := slices.DeleteFunc(slices.Clone(gaps), func(g Span) bool { return g.FromMs == window.FromMs || g.ToMs == window.ToMs })
	if len(list) == 0 {
		return gaps
	}
	return list
}

// inWords says when gaps are, a few of them: those of each week by their days, the
// others by their dates.
func inWords(gaps []Span, row Schedule) string {
	const enough = 4
	const weeks = 2 // how often a gap is there until it is one of every week
	seen := map[string]int{}
	var parts []string
	for _, g := range gaps {
		seen[words(g, row, weekly)]++
	}
	for _, g := range gaps {
		says := words(g, row, weekly)
		if seen[says] < weeks {
			says = words(g, row, dated)
		}
		if !slices.Contains(parts, says) {
			parts = append(parts, says)
		}
	}
	if len(parts) > enough {
		parts = append(parts[:enough], fmt.Sprintf("%d more times", len(parts)-enough))
	}
	return strings.Join(parts, ", ") + " (" + row.Name + ")"
}

// How a moment is written.
const (
	weekly = "Monday"
	dated  = "Monday, January 2"
)

func words(g Span, row Schedule, layout string) string {
	from, to := time.UnixMilli(g.FromMs).In(row.Zone), time.UnixMilli(g.ToMs).In(row.Zone)
	end := to.Format("15:04")
	switch {
	case from.YearDay() == to.YearDay() && from.Year() == to.Year():
	case end == "00:00" && to.Sub(from) <= 25*time.Hour:
		end = "24:00"
	default:
		end = to.Format(layout) + " " + end
	}
	return from.Format(layout) + " " + from.Format("15:04") + " to " + end
}
