package fsm

// A Condition is a tree: a node has All, Any or Not, or compares one field with a
// value. What its words mean never changes under an old log.
type Condition struct {
	All []Condition `json:"all" cbor:"1,keyasint,omitempty"`
	Any []Condition `json:"any" cbor:"2,keyasint,omitempty"`
	Not *Condition  `json:"not" cbor:"3,keyasint,omitempty"`

	Field  string   `json:"field" cbor:"4,keyasint,omitempty"` // contact.tags, contact.field.plan, team.queue_length ...
	Of     string   `json:"of" cbor:"5,keyasint,omitempty"`    // id of the team, the agent or the schedule that the field is of
	Op     string   `json:"op" cbor:"6,keyasint,omitempty"`    // is, is_not, in, has, at_least ...
	Value  string   `json:"value" cbor:"7,keyasint,omitempty"` // as text: "vip", "5", "true"
	Values []string `json:"values" cbor:"8,keyasint,omitempty"`
}

// Facts are what a condition is about. A thing that is not at hand has no fields:
// what is compared with it does not hold.
type facts struct {
	state        *State
	conversation *Conversation // nil: none
	contact      Contact
	agent        AgentHandle // of presence_changed: whose
	form         string
}

// check judges the form of a condition, by itself: each fault at the pointer of its
// node.
func (c *Condition) check(check *checker, pointer string) {}

// holds says whether a condition is met, and if not, the pointer of the first node
// that failed, such as /all/1. Nil always holds.
func (c *Condition) holds(f facts) (met bool, failed string) { return true, "" }
