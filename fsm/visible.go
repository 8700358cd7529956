package fsm

// EverAgent returns the agent whom clients call id, also one who was removed.
func EverAgent(s *State, id AgentID) (Agent, bool) { return s.Agents.everByID(id) }

// InboxesSeenBy returns the inboxes whose conversations an agent may see: those that
// she has access to (S5.2), and, as 0, leads, which come by no inbox. Nil is all,
// as for admins and where no inbox is restricted. Removed inboxes are judged by the
// access they had.
func InboxesSeenBy(s *State, by Agent) AnyOf[InboxHandle] {
	switch {
	case by.Removed:
		return AnyOf[InboxHandle]{}
	case by.Role == RoleAdmin:
		return nil
	}
	seen, all := AnyOf[InboxHandle]{0}, true
	for inbox := range s.Inboxes.All() {
		if hasAccess(s, inbox, by.Handle) {
			seen = append(seen, inbox.Handle)
		} else {
			all = false
		}
	}
	if all {
		return nil
	}
	return seen
}

// Sees says whether an agent may see a conversation: hers, and those of the inboxes
// that InboxesSeenBy returns.
func Sees(s *State, by Agent, c Conversation) bool {
	switch {
	case by.Removed:
		return false
	case by.Role == RoleAdmin || c.Assignment.Assignee == by.Handle || c.Inbox == 0:
		return true
	}
	inbox, ok := s.Inboxes.Get(c.Inbox)
	return ok && hasAccess(s, inbox, by.Handle)
}
