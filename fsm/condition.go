package fsm

import (
	"strconv"
)

// Limits of conditions; each is tested.
const (
	MaxConditionNodes  = 64  // one tree
	MaxConditionDepth  = 8   // one tree; a node alone is 1 deep
	MaxConditionValues = 32  // one node
	MaxConditionBytes  = 256 // one value
)

// A Condition is a tree: a node has All, Any or Not, or compares one field with a
// value. What its words mean never changes under an old log.
//
// Order of reading: condition.go (is it met?), condition_fields.go (the table of
// fields), condition_operators.go (what they are compared by), condition_facts.go
// (where the facts come from), condition_check.go (is it well formed?), rule_ask.go
// (why is it not met, in words).
type Condition struct {
	All []Condition `json:"all,omitempty" cbor:"1,keyasint,omitempty"`
	Any []Condition `json:"any,omitempty" cbor:"2,keyasint,omitempty"`
	Not *Condition  `json:"not,omitempty" cbor:"3,keyasint,omitempty"`

	Field  string   `json:"field,omitempty" cbor:"4,keyasint,omitempty"` // contact.tags, contact.field.plan, team.queue_length ...
	Of     string   `json:"of,omitempty" cbor:"5,keyasint,omitempty"`    // id of the team, the agent or the schedule that the field is of
	Op     string   `json:"op,omitempty" cbor:"6,keyasint,omitempty"`    // is, is_not, in, has, at_least ...
	Value  string   `json:"value,omitempty" cbor:"7,keyasint,omitempty"` // as text: "vip", "5", "true"
	Values []string `json:"values,omitempty" cbor:"8,keyasint,omitempty"`
}

// Facts are what a condition is about. A thing that is not at hand has no fields:
// what is compared with it does not hold, whatever the operator.
type facts struct {
	state        *State
	conversation *Conversation // nil: none
	contact      Contact
	agent        AgentHandle // of presence_changed: whose
	form         string
}

// holds says whether a condition is met, and if not, the pointer of the first node
// that failed, such as /all/1. Nil always holds. Where all of an "any" failed, or
// what a "not" denies holds, that node itself is the one.
func (c *Condition) holds(f facts) (met bool, failed string) {
	if c.met(&f) {
		return true, ""
	}
	return false, string(c.failed(&f, nil))
}

// met is holds for who does not ask why. It allocates nothing itself; a search in an
// index does.
func (c *Condition) met(f *facts) bool {
	switch {
	case c == nil:
		return true
	case len(c.All) > 0:
		for i := range c.All {
			if !c.All[i].met(f) {
				return false
			}
		}
		return true
	case len(c.Any) > 0:
		for i := range c.Any {
			if c.Any[i].met(f) {
				return true
			}
		}
		return false
	case c.Not != nil:
		return !c.Not.met(f)
	default:
		return c.compares(f)
	}
}

// compares judges a node without others below it. A field or an operator that this
// binary does not know was checked by a newer one, and does not hold.
func (c *Condition) compares(f *facts) bool {
	field, name := conditionFieldOf(c.Field)
	if field == nil {
		return false
	}
	found := f.find(field.number, name, c.Of)
	return found.there && c.accepts(field.Type, &found)
}

// failed appends the pointer of the first node that failed below c, which is not
// met.
func (c *Condition) failed(f *facts, pointer []byte) []byte {
	for i := range c.All {
		if !c.All[i].met(f) {
			pointer = append(pointer, "/all/"...)
			return c.All[i].failed(f, strconv.AppendInt(pointer, int64(i), 10))
		}
	}
	return pointer
}
