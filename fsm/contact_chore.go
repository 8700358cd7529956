package fsm

// The chores of contacts, in the order in which they are done: first all that a
// contact has is one contact's, then it goes to its owner.
const (
	ChoreMerge ChoreKind = 10 // the conversations of a contact become those of the one it is part of
	ChoreOwner ChoreKind = 11 // they go to the owner of their contact
	ChoreErase ChoreKind = 12 // they lose what tells of the person
	ChoreLeads ChoreKind = 13 // those that asked for an owner have found one
)

// An OfContact is whose conversations a chore is about, and in which inbox it goes
// on; see Chore.Resume.
type OfContact struct {
	Contact ContactHandle `cbor:"9,keyasint,omitempty"`
	Inbox   InboxHandle   `cbor:"10,keyasint,omitempty"`
}

// run begins a chore and does as much of it as the entry has steps for, so that
// what comes behind the command finds it done. Only a command may call it, at its
// end. While a merge still moves conversations to the contact it is left to the end of
// the entry, or what comes after it would be left out.
func (c Chore) run(tx *Tx) {
	c.begin(tx)
	if c.Kind != ChoreMerge && merging(tx.State, c.Contact) {
		return
	}
	c, _ = tx.Chores.Get(c.key())
	actor, via, was := tx.actor, tx.via, tx.focus
	for c.ofContact(tx) {
	}
	tx.actor, tx.via, tx.focus = actor, via, was
}

// ofContact does one step of a chore about a contact, and says whether it may have
// done its last. The chore is stored as far as it has come, or removed.
func (c *Chore) ofContact(tx *Tx) (more bool) {
	row, found := c.nextOfContact(tx.State)
	if !found {
		tx.Chores.Delete(*c)
		return false
	}
	if !tx.step() {
		return false
	}
	c.Inbox, c.Resume = row.Inbox, row.Handle+1
	tx.Chores.Put(*c)
	tx.asTimer()
	tx.actor, tx.via, tx.because = c.Actor, c.Via, c.Because
	switch c.Kind {
	case ChoreMerge:
		c.moveOver(tx, row)
	case ChoreOwner, ChoreLeads:
		c.handOver(tx, row)
	case ChoreErase:
		c.blank(tx, row)
	}
	tx.rearm()
	return true
}

// nextOfContact returns the conversation that such a chore looks at next. What is
// merged goes away from here, the live ones first: somebody may write in them.
func (c Chore) nextOfContact(s *State) (Conversation, bool) {
	index, from := s.Conversations.ofContact, thread{c.Contact, c.Inbox, c.Resume}
	if c.Kind == ChoreMerge {
		from = thread{contact: c.Contact}
		if key, ok := first(s.Conversations.live.From(from)); ok && key.contact == c.Contact {
			return s.Conversations.Get(key.handle)
		}
	}
	if c.Kind == ChoreOwner || c.Kind == ChoreLeads {
		index = s.Conversations.live
	}
	key, ok := first(index.From(from))
	if !ok || key.contact != c.Contact || c.Kind == ChoreLeads && key.inbox != 0 {
		return Conversation{}, false
	}
	return s.Conversations.Get(key.handle)
}

// merging says whether conversations of another contact are still to become those of
// this one.
func merging(s *State, contact ContactHandle) bool {
	for c := range s.Chores.From(choreKey{kind: ChoreMerge}) {
		if c.Kind != ChoreMerge {
			return false
		}
		if from, _ := s.Contacts.Get(c.Contact); survivorOf(s, from).Handle == contact {
			return true
		}
	}
	return false
}
