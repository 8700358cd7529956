package fsm

// findContact returns the contact that clients call id. One that has become part
// of another one is refused by naming that; one that was erased is nobody any more.
func findContact(s *State, id ContactID) (Contact, error) {
	row, ever := s.Contacts.everByID(id)
	if !ever {
		return row, reject(NotFound, "there is no contact %q", id)
	}
	return row, refuseEnded(s, row)
}

// refuseEnded refuses to do anything with a contact that is one no more.
func refuseEnded(s *State, row Contact) error {
	switch {
	case row.MergedInto != 0:
		return MergedRefusal(s, row)
	case row.ErasedMs != 0:
		return reject(ErasedContact, "contact %q was erased at %s, for ever; use a new id for somebody new", row.ID, clockTime(row.ErasedMs))
	default:
		return nil
	}
}

// MergedRefusal is the answer to who asks for a contact that has become part of
// another one.
func MergedRefusal(s *State, row Contact) *Rejection {
	survivor := survivorOf(s, row)
	r := reject(MergedAway, "contact %q has become part of contact %q; ask for that", row.ID, survivor.ID)
	r.Contact = survivor.ID
	return r
}

// EverByID also returns a contact that has become part of another one.
func (t Contacts) EverByID(id ContactID) (Contact, bool) { return t.everByID(id) }

// survivorOf follows a contact to the one of which it has become part, over as
// many merges as a person would; then that one says where it went on.
func survivorOf(s *State, row Contact) Contact {
	const enough = 16
	for range enough {
		next, ok := s.Contacts.Get(row.MergedInto)
		if !ok {
			break
		}
		row = next
	}
	return row
}

// customerOf returns the contact whose conversation c is: the one of which its own has
// become part, while a merge has not come to c yet.
func customerOf(s *State, c Conversation) Contact {
	row, _ := s.Contacts.Get(c.Contact)
	return survivorOf(s, row)
}

func contactTarget(s *State, id ContactID) Target {
	row, ok := s.Contacts.ByID(id)
	return Target{NounContact.String(), string(id), ok, row.Revision, false}
}
