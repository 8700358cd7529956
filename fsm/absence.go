package fsm

import (
	"iter"

	"github.com/rondohq/rondo/rotation"
)

// What an agent asks when she comes back, and what others ask about her presence.
// Like all queries, these change nothing.

// PresenceHistory yields the records of an agent's presence, the newest first,
// beginning at one that another names as its Previous; 0 begins at the newest. It
// ends where records are no longer kept. A position that is none of hers yields
// nothing.
func PresenceHistory(s *State, agent Agent, at Position) iter.Seq[Record] {
	if at == 0 {
		at = agent.LatestPresence
	}
	return func(yield func(Record) bool) {
		for at != 0 {
			rec, ok := s.Records.At(at)
			if !ok || rec.Agent != agent.Handle || rec.Event != PresenceChanged || !yield(rec) {
				return
			}
			at = rec.Previous
		}
	}
}

// LossesOf yields the records that took a conversation from an agent, the newest
// first.
func LossesOf(s *State, agent Agent) iter.Seq[Record] {
	return func(yield func(Record) bool) {
		for at := agent.LatestLoss; at != 0; {
			rec, ok := s.Records.At(at)
			if !ok || !yield(rec) {
				return
			}
			at = rec.Loss
		}
	}
}

// OpenConversationsOf yields the open conversations that an agent has, in the
// order in which they were opened.
func OpenConversationsOf(s *State, agent AgentHandle) iter.Seq[Conversation] {
	return func(yield func(Conversation) bool) {
		for key := range s.Conversations.openOf.From(assigned{agent: agent}) {
			if key.agent != agent {
				return
			}
			if row, ok := s.Conversations.Get(key.handle); ok && !yield(row) {
				return
			}
		}
	}
}

// A RingPlace is where a member stands in one ring of a team.
type RingPlace struct {
	Inbox    InboxHandle // 0 unless the team has a ring for each inbox
	Ahead    int         // members who may be picked now and come before her
	Eligible int         // members who may be picked now
}

// RingPlacesOf returns where a member stands in each ring of a team, by the
// cursors of conversations without a restriction. Of a team with a ring for each
// inbox, those are shown whose rotation has begun. It looks at no more than budget
// seats and says how many are left of it; less than nothing means that rings were
// left out.
func RingPlacesOf(s *State, team Team, agent AgentHandle, budget int) (list []RingPlace, left int) {
	left = budget
	add := func(cursor Cursor) bool {
		if left -= int(team.Members); left < 0 {
			return false
		}
		place := RingPlace{Inbox: cursor.Inbox}
		found := false
		for seat := range s.Members.Ring(team.Handle).After(cursor.key()) {
			found = found || seat.Agent == uint32(agent)
			if seat.Verdict != rotation.Eligible {
				continue
			}
			if place.Eligible++; !found {
				place.Ahead++
			}
		}
		list = append(list, place)
		return true
	}
	if team.Rotation.Per == PerTeam {
		cursor, _ := s.Cursors.Get(cursorKey{team: team.Handle})
		add(cursor)
		return list, left
	}
	for cursor := range s.Cursors.OfTeam(team.Handle) {
		if cursor.Restriction == "" && !add(cursor) {
			break
		}
	}
	return list, left
}
