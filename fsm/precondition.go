package fsm

// A Precondition is what must hold of the thing a command is about, or nothing
// happens: If-Match and If-None-Match of the API. The zero value asks nothing.
type Precondition struct {
	Demand   Demand `cbor:"1,keyasint"`
	Revision uint64 `cbor:"2,keyasint,omitempty"` // of MustHaveRevision
}

// A Demand says what a precondition asks. Numbers stand in the log.
type Demand uint8

// The demands.
const (
	AsksNothing      Demand = iota
	MustHaveRevision        // somebody else may have changed it meanwhile
	MustExist
	MustNotExist
)

// A Target is the row that a command is about, as far as a precondition can ask.
type Target struct {
	Noun     string
	ID       string
	Exists   bool
	Revision uint64 // Seq of the last change; of a seat that of its team

	// Creates says that the command makes the row if there is none. A command that
	// does not is refused by itself then, as not found.
	Creates bool
}

// A Targeted is a command about one row, which may therefore have a precondition.
type Targeted interface {
	Command
	target(s *State) Target
}

// refuse judges the precondition in the one place where nothing can come between
// it and the change.
func (p Precondition) refuse(tx *Tx, c Command) error {
	if p.Demand == AsksNothing {
		return nil
	}
	targeted, ok := c.(Targeted)
	if !ok {
		return reject(Invalid, "this command is about no one thing that is there already; leave the precondition out")
	}
	t := targeted.target(tx.State)
	if !t.Exists && !t.Creates {
		return nil
	}
	var r *Rejection
	switch {
	case p.Demand == MustNotExist && t.Exists:
		r = reject(RevisionMismatch, "%s %q exists already, with revision %d", t.Noun, t.ID, t.Revision)
	case p.Demand == MustExist && !t.Exists:
		r = reject(RevisionMismatch, "there is no %s %q", t.Noun, t.ID)
	case p.Demand == MustHaveRevision && t.Revision == 0:
		r = reject(RevisionMismatch, "there is no %s %q, and so none with revision %d", t.Noun, t.ID, p.Revision)
	case p.Demand == MustHaveRevision && t.Revision != p.Revision:
		r = reject(RevisionMismatch, "%s %q has revision %d now, not %d; read it again, then decide", t.Noun, t.ID, t.Revision, p.Revision)
	case p.Demand > MustNotExist:
		return reject(Invalid, "the precondition %d is unknown", p.Demand)
	default:
		return nil
	}
	r.Revision = t.Revision
	return r
}

func (c PutAgent) target(s *State) Target    { return agentTarget(s, c.ID, true) }
func (c PutPresence) target(s *State) Target { return agentTarget(s, c.Agent, false) }

func (c PutTeam) target(s *State) Target {
	row, ok := s.Teams.ByID(c.ID)
	return Target{NounTeam.String(), string(c.ID), ok, row.Revision, true}
}

func (c PutMember) target(s *State) Target    { return seatTarget(s, c.Team, c.Agent, true) }
func (c DeleteMember) target(s *State) Target { return seatTarget(s, c.Team, c.Agent, false) }

func (c PutInbox) target(s *State) Target {
	row, ok := s.Inboxes.ByID(c.ID)
	return Target{NounInbox.String(), string(c.ID), ok, row.Revision, true}
}

func (c PutContact) target(s *State) Target {
	row, ok := s.Contacts.ByID(c.ID)
	return Target{NounContact.String(), string(c.ID), ok, row.Revision, true}
}

func (c AssignConversation) target(s *State) Target {
	return conversationTarget(s, c.Conversation)
}

func (c UnassignConversation) target(s *State) Target {
	return conversationTarget(s, c.Conversation)
}

func (c ClaimConversation) target(s *State) Target {
	return conversationTarget(s, c.Conversation)
}

func (c RequeueConversation) target(s *State) Target {
	return conversationTarget(s, c.Conversation)
}

func (c CloseConversation) target(s *State) Target {
	return conversationTarget(s, c.Conversation)
}

func (c ReopenConversation) target(s *State) Target {
	return conversationTarget(s, c.Conversation)
}

func agentTarget(s *State, id AgentID, creates bool) Target {
	row, ok := s.Agents.ByID(id)
	return Target{NounAgent.String(), string(id), ok, row.Revision, creates}
}

func conversationTarget(s *State, id ConversationID) Target {
	row, ok := s.Conversations.ByID(id)
	return Target{NounConversation.String(), string(id), ok, row.Revision, false}
}

// seatTarget is about a seat in a team. Only its being there is its own: what a
// client has seen of it, it has seen of the team. In no team, there is no seat to
// make either.
func seatTarget(s *State, team TeamID, agent AgentID, creates bool) Target {
	t, ok := s.Teams.ByID(team)
	a, known := s.Agents.ByID(agent)
	_, seated := s.Members.Of(t.Handle, a.Handle)
	return Target{"member", string(agent), ok && known && seated, t.Revision, creates && ok && known}
}

func (c PutInboxAccess) target(s *State) Target {
	return inboxEntryTarget(s, c.Inbox, c.Agent, listAccess, true)
}

func (c DeleteInboxAccess) target(s *State) Target {
	return inboxEntryTarget(s, c.Inbox, c.Agent, listAccess, false)
}

func (c PutInboxMember) target(s *State) Target {
	return inboxEntryTarget(s, c.Inbox, c.Agent, listMembers, true)
}

func (c DeleteInboxMember) target(s *State) Target {
	return inboxEntryTarget(s, c.Inbox, c.Agent, listMembers, false)
}

// inboxEntryTarget is about an entry in a list of an inbox. Like a seat in a team
// it has been seen with the inbox.
func inboxEntryTarget(s *State, inbox InboxID, agent AgentID, list inboxList, creates bool) Target {
	i, ok := s.Inboxes.ByID(inbox)
	a, known := s.Agents.ByID(agent)
	there := s.Inboxes.has(listing{agent: a.Handle, inbox: i.Handle, list: list})
	return Target{list.String() + " entry", string(agent), ok && known && there, i.Revision, creates && ok && known}
}

func (c DeleteInbox) target(s *State) Target {
	row, ok := s.Inboxes.ByID(c.Inbox)
	return Target{NounInbox.String(), string(c.Inbox), ok, row.Revision, false}
}

func (c PutContactOwner) target(s *State) Target    { return ownerTarget(s, c.Contact, true) }
func (c DeleteContactOwner) target(s *State) Target { return ownerTarget(s, c.Contact, false) }

// ownerTarget is about the owner of a contact, who has been seen with the contact.
func ownerTarget(s *State, contact ContactID, creates bool) Target {
	row, ok := s.Contacts.ByID(contact)
	return Target{"owner of contact", string(contact), ok && row.Owner != 0, row.Revision, creates && ok}
}
