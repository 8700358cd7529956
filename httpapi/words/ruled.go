package words

import (
	"fmt"
	"strings"

	"github.com/rondohq/rondo/fsm"
)

// What rules had to do with a decision: which one answered, and which were asked
// before it, with the place in their conditions where it ended.

// rulePrincipal begins the principal of what a rule does.
const rulePrincipal = "rule:"

// Ruled says which rule answered and which did not, or nothing where none was asked.
func Ruled(v *fsm.State, d *fsm.Decision) string {
	var missed []string
	for _, m := range d.Missed {
		row, _ := v.Rules.Get(m.Rule)
		missed = append(missed, ruleName(v, row.ID)+" did not: "+placed(m.Failed))
	}
	switch {
	case d.Rule == "" && len(missed) == 0:
		return ""
	case d.Rule == "":
		return "No rule answered; " + strings.Join(missed, "; ") + "."
	case len(missed) == 0:
		return capital(edition(v, d)) + " answered."
	default:
		return capital(edition(v, d)) + " answered; before it " + strings.Join(missed, "; ") + "."
	}
}

// edition names the rule of a decision, as it was in force.
func edition(v *fsm.State, d *fsm.Decision) string {
	return fmt.Sprintf("%s (edition %d)", ruleName(v, fsm.RuleID(d.Rule)), d.RuleRevision)
}

func ruleName(v *fsm.State, id fsm.RuleID) string {
	if row, ok := v.Rules.ByID(id); ok && row.Name != "" {
		return "rule " + row.Name
	}
	if id == "" {
		return "a rule that is gone"
	}
	return "rule " + string(id)
}

// placed names a place in a condition.
func placed(pointer string) string {
	if pointer == "" {
		return "its condition"
	}
	return pointer
}

// setOff is a story as whoever set it off would tell it: what a rule answers to, or
// what went the usual way behind one, was not done by who decided.
func (s story) setOff() story {
	if strings.HasPrefix(s.rec.Actor, rulePrincipal) {
		s.rec.Actor = s.rec.Via
	}
	if was := s.decision.Was; was == nil || was.Cause != fsm.CauseRule {
		return s
	}
	const near = 64 // records of a conversation
	at := s.rec.Previous
	for range near {
		rec, ok := s.state.Records.At(at)
		if !ok {
			break
		}
		if rec.Event == s.decision.Trigger {
			s.rec.Actor, s.rec.MessageID = rec.Actor, rec.MessageID
			break
		}
		at = rec.Previous
	}
	return s
}

// goesOn says whether a story has said already what a decision answers to, and which
// rules were asked: as the conversation was left to them.
func (s story) goesOn() bool {
	was := s.decision.Was
	return s.whole && was != nil && was.Cause == fsm.CauseRule && s.decision.Trigger != s.rec.Event
}

// byRule names the rule of a decision as the beginning of what it did.
func byRule(v *fsm.State, d *fsm.Decision) string {
	if d.Rule == "" {
		return ""
	}
	return "By " + edition(v, d) + ":"
}
