package fsm

import "iter"

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
