package fsm

import (
	"iter"

	"github.com/rondohq/rondo/rotation"
)

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

// ringFor returns the ring of a team as a conversation sees it: who may not take
// it because of its inbox has no access.
func ringFor(s *State, team TeamHandle, c Conversation) rotation.Ring {
	ring, inbox := s.Members.Ring(team), deskOf(s, c)
	if !inbox.demands() {
		return ring
	}
	return permitted{ring, func(agent AgentHandle) bool { return inboxAllows(s, inbox, agent) }}
}

type permitted struct {
	ring   rotation.Ring
	allows func(AgentHandle) bool
}

// After implements rotation.Ring. Having no access comes before every other
// reason: it is the one that does not pass by itself.
func (p permitted) After(cursor rotation.Key) iter.Seq[rotation.Seat] {
	return func(yield func(rotation.Seat) bool) {
		for seat := range p.ring.After(cursor) {
			if !p.allows(AgentHandle(seat.Agent)) {
				seat.Verdict = rotation.NoAccess
			}
			if !yield(seat) {
				return
			}
		}
	}
}

// inboxesFollow serves what waits after the members of a group have changed: who
// was let into an inbox may take it now. Whoever changes a group calls it, after
// the group is stored.
func inboxesFollow(tx *Tx, group Group) {
	if _, named := first(tx.Inboxes.naming(Participant{Group: group.Handle})); named {
		accessChanged(tx)
	}
}

// accessChanged serves all queues: what an inbox brings may wait in any team. Each
// queue costs a step of the entry, and what is left goes on with the next one.
func accessChanged(tx *Tx) {
	var teams []TeamHandle
	for q := range tx.Queues.All() {
		teams = append(teams, q.Team)
	}
	for _, handle := range teams {
		team, _ := tx.Teams.Get(handle)
		serve(tx, team, InboxChanged)
	}
	ownersReturn(tx, InboxChanged)
}
