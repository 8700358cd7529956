package lint

import (
	"slices"
	"strconv"

	"github.com/rondohq/rondo/fsm"
)

// A place is where a step stands in a rule.
type place struct {
	pointer string
	given   []fsm.Condition // what holds for certain where it begins, as far as the rule says it
}

// steps calls visit with every step of the rule, in the order in which they are
// written.
func (j *judge) steps(visit func(fsm.Step, place)) {
	given := append(triggerFacts(j.body.On), conjuncts(j.body.When)...)
	if j.moves() {
		given = slices.DeleteFunc(given, func(c fsm.Condition) bool { return c.Field == fieldInbox })
	}
	walk(j.body.Steps, place{"/steps", given}, visit)
}

// moves says whether a step of the rule brings conversations to another inbox.
func (j *judge) moves() (does bool) {
	walk(j.body.Steps, place{}, func(s fsm.Step, _ place) {
		does = does || s.Move != nil && s.Move.Inbox != ""
	})
	return does
}

func walk(steps []fsm.Step, list place, visit func(fsm.Step, place)) {
	for i, s := range steps {
		at := place{list.pointer + "/" + strconv.Itoa(i), list.given}
		visit(s, at)
		for _, below := range lists(s) {
			given := at.given
			if below.when != nil {
				given = append(slices.Clip(given), conjuncts(below.when)...)
			}
			walk(below.steps, place{at.pointer + below.pointer, given}, visit)
		}
	}
}

// A sublist is a list of steps within a step.
type sublist struct {
	pointer string
	steps   []fsm.Step
	when    *fsm.Condition // what holds when they are done; nil: nothing is known
}

func lists(s fsm.Step) []sublist {
	switch {
	case s.Branch != nil:
		return []sublist{{"/branch/then", s.Branch.Then, s.Branch.If}, {"/branch/else", s.Branch.Else, nil}}
	case s.Assign != nil:
		return []sublist{{"/assign/otherwise", s.Assign.Otherwise, nil}}
	case s.Webhook != nil:
		return []sublist{{"/webhook/otherwise", s.Webhook.Otherwise, nil}}
	default:
		return nil
	}
}

// trees calls visit with every condition of the rule.
func (j *judge) trees(visit func(c *fsm.Condition, pointer string)) {
	if j.body.When != nil {
		visit(j.body.When, "/when")
	}
	j.steps(func(s fsm.Step, at place) {
		if s.Branch != nil && s.Branch.If != nil {
			visit(s.Branch.If, at.pointer+"/branch/if")
		}
	})
}

// leaves calls visit with every comparison of a condition.
func leaves(c *fsm.Condition, pointer string, visit func(c *fsm.Condition, pointer string)) {
	for i := range c.All {
		leaves(&c.All[i], pointer+"/all/"+strconv.Itoa(i), visit)
	}
	for i := range c.Any {
		leaves(&c.Any[i], pointer+"/any/"+strconv.Itoa(i), visit)
	}
	if c.Not != nil {
		leaves(c.Not, pointer+"/not", visit)
	}
	if c.Field != "" {
		visit(c, pointer)
	}
}

// conjuncts returns the parts of a condition that must all hold.
func conjuncts(c *fsm.Condition) (list []fsm.Condition) {
	if c == nil {
		return nil
	}
	if len(c.All) == 0 {
		return []fsm.Condition{*c}
	}
	for i := range c.All {
		list = append(list, conjuncts(&c.All[i])...)
	}
	return list
}

// Fields that lint knows more about than their names.
const (
	fieldInbox     = "conversation.inbox"
	fieldTeam      = "conversation.team"
	fieldAssignee  = "conversation.assignee"
	fieldDirection = "conversation.direction"
	fieldOwner     = "contact.owner"
	fieldLanguage  = "contact.language"
	fieldRegion    = "contact.region"
	fieldNew       = "contact.new"
	fieldReturning = "contact.returning"
	fieldOpen      = "schedule.open"
	fieldShift     = "schedule.shift"
	fieldForm      = "form"
)

const yes = "true"

// triggerFacts returns what a trigger says for certain, as conditions.
func triggerFacts(t fsm.Trigger) (list []fsm.Condition) {
	if t.Inbox != "" {
		list = append(list, fsm.Condition{Field: fieldInbox, Op: fsm.OpIs, Value: string(t.Inbox)})
	}
	if t.Form != "" {
		list = append(list, fsm.Condition{Field: fieldForm, Op: fsm.OpIs, Value: t.Form})
	}
	if t.On == fsm.OnReply {
		list = append(list, fsm.Condition{Field: fieldDirection, Op: fsm.OpIs, Value: fsm.Outbound.String()})
	}
	return list
}

// givenValue returns the one value that a field is known to have.
func (at place) givenValue(field string) (string, bool) {
	for _, c := range at.given {
		if c.Field == field && c.Op == fsm.OpIs {
			return c.Value, true
		}
	}
	return "", false
}
