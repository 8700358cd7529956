package lint

import (
	"slices"
	"strconv"
	"strings"

	"github.com/rondohq/rondo/fsm"
)

// fallbackCycles finds steps that, when nobody in a team took it, bring it to
// another one whose own fallback leads back. A cycle among teams alone is refused
// when a team is put.
func fallbackCycles(j *judge) {
	j.steps(func(s fsm.Step, at place) {
		if s.Assign == nil || s.Assign.Team == "" {
			return
		}
		home, ok := j.state.Teams.ByID(s.Assign.Team)
		if !ok {
			return
		}
		walk(s.Assign.Otherwise, place{pointer: at.pointer + "/assign/otherwise"}, func(below fsm.Step, at place) {
			if below.Assign == nil || below.Assign.Team == "" {
				return
			}
			next, ok := j.state.Teams.ByID(below.Assign.Team)
			if !ok || next.Handle == home.Handle {
				return
			}
			if path := wayTo(j.state, next, home.Handle, nil); path != nil {
				j.warn(FallbackCycle, at.pointer+"/assign/team", "where nobody in team %q took it, it comes back there by the fallback of team %q (%s): name another team, or change that fallback",
					home.ID, next.ID, strings.Join(append([]string{string(home.ID)}, path...), " -> "))
			}
		})
	})
}

// wayTo returns the teams by which fallbacks lead from one to another.
func wayTo(s *fsm.State, from fsm.Team, to fsm.TeamHandle, seen []fsm.TeamHandle) []string {
	if from.Handle == to {
		return []string{string(from.ID)}
	}
	if from.Removed || slices.Contains(seen, from.Handle) {
		return nil
	}
	seen = append(seen, from.Handle)
	for _, step := range from.Rotation.Steps() {
		if step.To != fsm.FallbackTeam {
			continue
		}
		next, _ := s.Teams.Get(step.Team)
		if path := wayTo(s, next, to, seen); path != nil {
			return append([]string{string(from.ID)}, path...)
		}
	}
	return nil
}

// ruleCycles finds steps that set off a rule that leads back to this one without a
// wait in between.
func ruleCycles(j *judge) {
	seen := map[fsm.RuleID]bool{}
	var search func(at reference) (path []string, sure bool)
	search = func(at reference) (path []string, sure bool) {
		if at.id == j.id {
			return []string{string(at.id)}, at.sure
		}
		row, _ := j.state.Rules.ByID(at.id)
		body := bodyInForce(row)
		if seen[at.id] || body == nil {
			return nil, false
		}
		seen[at.id] = true
		for _, next := range setOff(*body) {
			if path, sure := search(next); path != nil {
				return append([]string{string(at.id)}, path...), sure && at.sure
			}
		}
		return nil, false
	}
	for _, first := range setOff(j.body) {
		clear(seen)
		path, sure := search(first)
		if path == nil {
			continue
		}
		says := strings.Join(append([]string{string(j.id)}, path...), " -> ")
		if sure {
			j.err(RuleCycle, first.pointer, "these rules set each other off for ever: %s; take one of these steps out, or wait before it", says)
		} else {
			j.warn(RuleCycle, first.pointer, "these rules may set each other off, round and round, until that is ended: %s; wait before one of these steps", says)
		}
	}
}

// A reference is a step that sets off a rule; sure, if it always does.
type reference struct {
	pointer string
	id      fsm.RuleID
	sure    bool
}

// setOff returns the rules that a rule sets off without having waited in the list in
// which the step stands, or in one around it.
func setOff(body fsm.RuleBody) (list []reference) {
	var search func(steps []fsm.Step, pointer string, sure bool)
	search = func(steps []fsm.Step, pointer string, sure bool) {
		for i, s := range steps {
			at := pointer + "/" + strconv.Itoa(i)
			if s.TriggerRule != nil {
				list = append(list, reference{at + "/trigger_rule/rule", s.TriggerRule.Rule, sure})
			}
			for _, below := range lists(s) {
				search(below.steps, at+below.pointer, false)
			}
			if s.Wait != nil {
				return
			}
			sure = sure && s.Jump == nil && s.Label == ""
		}
	}
	search(body.Steps, "/steps", body.When == nil)
	return list
}
