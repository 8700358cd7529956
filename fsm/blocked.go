package fsm

// What a blocked contact writes reaches nobody (decision 7): it is answered,
// remembered under its key, and nothing else happens.

// turnedAway answers a message of a blocked contact, or an open for one. Its subject
// is what is open of the contact in the inbox, or else the contact.
func turnedAway(tx *Tx, contact Contact, inbox Inbox) Result {
	result := Result{Subject: Subject{NounContact, uint64(contact.Handle)}, Warnings: WarnContactBlocked}
	if row, found := tx.Conversations.LatestOf(contact.Handle, inbox.Handle); found && row.Status != StatusClosed {
		result.Subject = Subject{NounConversation, uint64(row.Handle)}
	}
	return result
}

// blockedSender returns the contact who writes from an address, if it is blocked.
func blockedSender(s *State, from Sender) (Contact, bool) {
	contact, _ := s.Contacts.ByAddress(from.Address)
	return contact, contact.Blocked
}
