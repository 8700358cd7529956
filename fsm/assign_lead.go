package fsm

import "strconv"

// doForContact does an assign step about a contact that has no conversation at hand:
// it opens a lead (S2.1), or goes on with the one that waits. Whom somebody owns
// already needs nobody, unless the rule comes before owners.
func (a *AssignStep) doForContact(tx *Tx, co *course, in instruction) error {
	contact, ok := co.contact(tx)
	owned := ownerOf(tx.State, contact) != 0
	switch {
	case !ok:
		return otherwise(co, in, "the contact is there no more")
	case contact.Blocked:
		return otherwise(co, in, "contact %q is blocked", contact.ID)
	case owned && !evenIfOwned(tx.State, co):
		return nil
	}
	lead, there := tx.Conversations.LatestOf(contact.Handle, 0)
	there = there && lead.Status != StatusClosed
	switch {
	case there:
		goAbout(co, lead)
		if co.overruled(tx) { // carryOut has not seen it
			co.outcome = OutcomeDecidedByPerson
			return nil
		}
		return a.do(tx, co, in)
	case a.Nobody:
		return nil // it is so
	}

	lead = openOne(tx, leadID(tx.State), Inbox{}, contact)
	if team, found := tx.Teams.ByID(a.Team); found {
		lead.RepliesTo = Desk{Team: team.Handle}
	}
	lead.Lead = true
	tx.subject, tx.because = lead.Handle, co.run.Because
	err := a.give(tx, co, in, &lead, ConversationOpened)
	if _, opened := tx.Conversations.Get(lead.Handle); opened {
		goAbout(co, lead)
	}
	return err
}

// goAbout lets the later steps of a run see the conversation that there is now.
func goAbout(co *course, c Conversation) { co.run.Conversation, co.run.Contact = c.Handle, 0 }

// leadID names a lead that no client has named, by the handle that it gets.
func leadID(s *State) ConversationID {
	id := ConversationID("lead-" + strconv.FormatUint(s.LastHandle+1, 10))
	for {
		if _, taken := s.Conversations.ByID(id); !taken {
			return id
		}
		id += "." // somebody has named one like it
	}
}
