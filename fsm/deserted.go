package fsm

import "github.com/rondohq/rondo/rotation"

// Whoever stands in for a team may be absent herself: then what falls to her lies
// where nobody looks. Supervisors are told of the first such conversation, and not
// of the others, until somebody of the team may be picked again (K108).

// fellToAbsent says whether a fallback gave something to somebody who is not there.
func (n *notices) fellToAbsent() bool {
	d := n.rec.Decision
	return d != nil && d.Kind == DecidedFallback && isAbsent(n.state, d.Assignee)
}

// deserted tells the supervisors who may see the inbox of the first conversation of
// an episode. The state still is what it was before the record.
func (n *notices) deserted(about *Conversation) {
	if !n.fellToAbsent() {
		return
	}
	team, _ := n.state.Teams.Get(n.rec.Team)
	if team.Deserted {
		return
	}
	inbox, _ := n.state.Inboxes.Get(about.Inbox)
	n.leaders(team.Handle, NoticeWaiting, &inbox)
}

// isAbsent says whether there is somebody who is not available.
func isAbsent(s *State, handle AgentHandle) bool {
	agent, ok := s.Agents.Get(handle)
	return ok && agent.Presence.Status != rotation.StatusAvailable
}

// desert begins an episode, behind the record of the first conversation in it.
func desert(tx *Tx, team Team, standIn AgentHandle) {
	if !team.Deserted && isAbsent(tx.State, standIn) {
		team.Deserted = true
		tx.Teams.Put(team)
	}
}

// rejoin ends it. The row is read anew: callers hold older ones.
func rejoin(tx *Tx, handle TeamHandle) {
	if team, _ := tx.Teams.Get(handle); team.Deserted {
		team.Deserted = false
		tx.Teams.Put(team)
	}
}
