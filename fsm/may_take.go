package fsm

// HasAccess says whether an agent may read what comes to an inbox, and claim it
// (S5.2): admins may, and whoever its access list lets in.
func HasAccess(s *State, inbox Inbox, agent Agent) bool {
	return agent.Role == RoleAdmin || hasAccess(s, inbox, agent.Handle)
}

// InboxAllows says whether a rotation may ever pick an agent for what comes to an
// inbox, as its lists are now (S5.8). Presence has no part in it.
func InboxAllows(s *State, inbox Inbox, agent AgentHandle) bool {
	return inbox.Handle == 0 || inboxAllows(s, inbox, agent)
}

// MetBy says whether an agent has everything that is required.
func (r Requirement) MetBy(agent Agent) bool {
	for _, ask := range r.asks() {
		if !ask.met(agent) {
			return false
		}
	}
	return true
}

// Expand returns who stands in a roster, groups expanded, each once.
func (r Roster) Expand(s *State) []Agent { return expand(s, r) }
