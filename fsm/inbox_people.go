package fsm

import "slices"

// Who may take what an inbox brings: whoever has a seat in the team that serves
// it, and access to the inbox, and is among its members, where these lists are
// not empty. Groups are looked up when it is asked, so they are always followed.

// stands says whether an agent is in a list of an inbox, by herself or through a
// group. It costs a look for each group she is in.
func stands(s *State, inbox InboxHandle, list inboxList, agent AgentHandle) bool {
	if s.Inboxes.has(listing{agent: agent, inbox: inbox, list: list}) {
		return true
	}
	for group := range s.Groups.OfAgent(agent) {
		if s.Inboxes.has(listing{group: group, inbox: inbox, list: list}) {
			return true
		}
	}
	return false
}

// hasAccess says whether an agent may read what comes to an inbox, and claim it
// (S5.2).
func hasAccess(s *State, inbox Inbox, agent AgentHandle) bool {
	return len(inbox.People.Access) == 0 || stands(s, inbox.Handle, listAccess, agent)
}

// inboxAllows says whether an inbox lets an agent be picked (S5.8): access alone is
// not enough where there are members, nor being a member without access.
func inboxAllows(s *State, inbox Inbox, agent AgentHandle) bool {
	return hasAccess(s, inbox, agent) &&
		(len(inbox.People.Members) == 0 || stands(s, inbox.Handle, listMembers, agent))
}

// demands says whether an inbox restricts who may be picked at all.
func (i Inbox) demands() bool { return len(i.People.Access)+len(i.People.Members) > 0 }

// inboxesFollow serves what waits after the members of a group have changed: who
// was let into an inbox may take it now. Whoever changes a group calls it, after
// the group is stored.
func inboxesFollow(tx *Tx, group Group) {
	reviewOffers(tx) // she may be in a shift by her group
	if _, named := first(tx.Inboxes.naming(Participant{Group: group.Handle})); named {
		accessChanged(tx)
	}
}

// accessChanged serves all queues: what an inbox brings may wait in any team. Each
// conversation served costs a step of the entry, and what is left goes on with the
// next one; the queues are all looked at in this one.
func accessChanged(tx *Tx) {
	reviewOffers(tx)
	var teams []TeamHandle
	for q := range tx.Queues.All() {
		teams = append(teams, q.Team)
	}
	for _, handle := range teams {
		team, _ := tx.Teams.Get(handle)
		for _, agent := range slices.Collect(tx.Members.drainingIn(handle)) {
			if !waitsFor(tx.State, team, agent, 0) {
				endDrainingOf(tx, team, agent)
			}
		}
		serve(tx, team, InboxChanged)
	}
	ownersReturn(tx, InboxChanged)
}
