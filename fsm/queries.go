package fsm

import (
	"iter"
	"math"

	"github.com/rondohq/rondo/rotation"
)

// Questions that only readers ask. They change nothing, so they may be put to a
// clone from many goroutines at once.

// Eligible says whether the member may be picked now.
func (m Member) Eligible() bool { return m.Verdict == rotation.Eligible }

// MembersOf returns the members of a team in the order of their turns, from the
// top of the ring.
func (s *State) MembersOf(team TeamHandle) []Member {
	row, _ := s.Teams.Get(team)
	list := make([]Member, 0, row.Members)
	for seat := range s.Members.Ring(team).After(rotation.Key{}) {
		if m, ok := s.Members.Of(team, AgentHandle(seat.Agent)); ok {
			list = append(list, m)
		}
	}
	return list
}

// OpenOf counts the open conversations that an agent has.
func (s *State) OpenOf(agent AgentHandle) int { return int(s.Conversations.load.Of(agent)) }

// RecordOf returns a record about a conversation. It looks at the newest and at
// the opening first, since they are asked for most.
func (s *State) RecordOf(row Conversation, id RecordID) (Record, bool) {
	const near = 16 // steps; decoding a whole segment of the log costs hundreds
	at := row.Latest
	for range near {
		rec, ok := s.Records.At(at)
		if !ok || rec.ID.Compare(id) < 0 {
			return Record{}, false
		}
		if rec.ID == id {
			return rec, true
		}
		at = rec.Previous
	}
	if opening, ok := s.Records.At(row.Opening); ok && opening.ID == id {
		return opening, true
	}
	return s.Records.ByID(id)
}

// History yields the records of a conversation, the newest first.
func (s *State) History(row Conversation) iter.Seq[Record] {
	return func(yield func(Record) bool) {
		for at := row.Latest; at != 0; {
			rec, ok := s.Records.At(at)
			if !ok || !yield(rec) {
				return
			}
			at = rec.Previous
		}
	}
}

// A QueuePlace is where a conversation stands in its team's queue.
type QueuePlace struct {
	Priority uint8
	QueueSeq uint64
	Handle   ConversationHandle
}

// FirstPlace is before every other place.
var FirstPlace = QueuePlace{Priority: math.MaxUint8}

// QueueFrom yields what waits in a team, in the order it will be served,
// beginning at the first that is not before the place.
func (t Conversations) QueueFrom(team TeamHandle, from QueuePlace) iter.Seq[Conversation] {
	return func(yield func(Conversation) bool) {
		for key := range t.queues.From(place{team, math.MaxUint8 - from.Priority, from.QueueSeq, from.Handle}) {
			if key.team != team {
				return
			}
			if row, ok := t.Get(key.handle); ok && !yield(row) {
				return
			}
		}
	}
}

// OfContactFrom yields the conversations of a contact by inbox and age, beginning
// at the first that is not before inbox and handle.
func (t Conversations) OfContactFrom(contact ContactHandle, inbox InboxHandle, handle ConversationHandle) iter.Seq[Conversation] {
	return func(yield func(Conversation) bool) {
		for key := range t.ofContact.From(thread{contact, inbox, handle}) {
			if key.contact != contact {
				return
			}
			if row, ok := t.Get(key.handle); ok && !yield(row) {
				return
			}
		}
	}
}
