package fsm

import (
	"fmt"
	"strings"
)

var _ = register[PutCriteria](176, "criteria.put")

// Criteria say when a contact counts as qualified (S2.14, S2.15).
type Criteria struct {
	Qualified *Condition `cbor:"1,keyasint,omitempty"` // over fields of the contact; nil: only who is said to be; replaced, never changed
	Revision  uint64     `cbor:"2,keyasint,omitempty"` // Seq of the last change; 0: never
}

// PutCriteria says from now on when a contact counts as qualified. Contacts that
// meet it already are so at their next change.
type PutCriteria struct {
	Qualified *Condition `json:"qualified" cbor:"1,keyasint,omitempty"`
}

// Check implements Command.
func (c PutCriteria) Check() error {
	var check checker
	if c.Qualified != nil {
		c.Qualified.check(&check, "/qualified")
		ofContacts(c.Qualified, &check, "/qualified")
	}
	if n := len(encode(c.Qualified)); n > MaxRuleBytes {
		check.add("/qualified", "too_large", "the condition takes %d bytes, at most %d are allowed", n, MaxRuleBytes)
	}
	return check.err()
}

// ofContacts refuses fields of anything but contacts: who is qualified is judged
// without a conversation.
func ofContacts(c *Condition, check *checker, pointer string) {
	if c == nil {
		return
	}
	for i := range c.All {
		ofContacts(&c.All[i], check, fmt.Sprintf("%s/all/%d", pointer, i))
	}
	for i := range c.Any {
		ofContacts(&c.Any[i], check, fmt.Sprintf("%s/any/%d", pointer, i))
	}
	ofContacts(c.Not, check, pointer+"/not")
	if c.Field != "" && !strings.HasPrefix(c.Field, "contact.") {
		check.add(pointer+"/field", "not_here", "%q is no field of a contact; only those are known when contacts are judged", clip(c.Field))
	}
}

func (PutCriteria) allowed(_ *Tx, by Agent) bool { return by.Role == RoleSupervisor }

func (c PutCriteria) target(s *State) Target {
	return Target{"criteria", "qualified", s.Settings.Criteria.Revision > 0, s.Settings.Criteria.Revision, true}
}

func (c PutCriteria) apply(tx *Tx) (Result, error) {
	old := tx.Settings.Criteria
	if !same(old.Qualified, c.Qualified) {
		tx.Settings.Criteria = Criteria{c.Qualified, tx.Seq}
		tx.emit(Record{Event: CriteriaChanged}, nil)
	}
	return Result{Created: old.Revision == 0 && tx.Settings.Criteria.Revision != 0}, nil
}
