package lint

import (
	"cmp"

	"github.com/rondohq/rondo/fsm"
)

// order finds rules that are never reached since one before them always answers:
// this rule, and those that this one would hide.
func order(j *judge) {
	if !inOrder(j.body.On.On) {
		return
	}
	for other := range j.state.Rules.InOrder() {
		body := bodyInForce(other)
		if body == nil || other.ID == j.id {
			continue
		}
		before := j.handle == 0 || cmp.Or(cmp.Compare(other.Place, j.place), cmp.Compare(other.Handle, j.handle)) < 0
		switch {
		case before && hides(*body, j.body):
			j.warn(RuleNeverReached, "/on", "rule %q comes first and answers to everything that this one would: give this one a lower place, or narrow that one down", other.ID)
		case !before && hides(j.body, *body):
			j.warn(HidesRule, "/on", "rule %q, which comes behind, is never reached any more: narrow this one down, or give it a higher place", other.ID)
		}
	}
}

// inOrder says whether the first rule that matches is the only one of a trigger. One
// that is set off by name has no rivals, and each that answers to no_reply has a time
// of its own.
func inOrder(on string) bool { return on != fsm.OnRule && on != fsm.OnNoReply }

// hides says whether the first rule answers whenever the second would.
func hides(first, second fsm.RuleBody) bool {
	if !covers(first.On, second.On) {
		return false
	}
	holds := fsm.Condition{All: triggerFacts(second.On)}
	if second.When != nil {
		holds.All = append(holds.All, *second.When)
	}
	if len(holds.All) == 0 {
		return first.When == nil
	}
	return implies(&holds, first.When)
}

// covers says whether a trigger answers to everything that another one does.
func covers(a, b fsm.Trigger) bool {
	return a.On == b.On &&
		wider(a.Inbox, b.Inbox) && wider(a.Team, b.Team) && wider(a.Tag, b.Tag) && wider(a.Field, b.Field) &&
		wider(a.Form, b.Form) && wider(a.Schedule, b.Schedule) && wider(a.Shift, b.Shift) && wider(a.Status, b.Status)
}

func wider[T ~string](a, b T) bool { return a == "" || a == b }
