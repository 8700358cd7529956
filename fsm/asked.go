package fsm

import (
	"iter"
	"slices"
	"strconv"

	"github.com/rondohq/rondo/rotation"
)

// Who was offered a conversation and has not accepted it is not asked again before all
// who may be picked were (K99): a lap. She is passed over as declined, for this one
// only. When a lap is over, the fallback of the team takes over at once; what is left
// waits, and after the team's pause everybody may be asked again, so that no lone
// decliner keeps it for ever.

// hasAsked says whether an agent was asked in this lap.
func hasAsked(c *Conversation, agent AgentHandle) bool {
	_, found := slices.BinarySearch(c.Asked, agent)
	return found
}

// alsoAsked adds an agent to those who were asked. As many as a team may have members
// are remembered: then those go who are in it no more.
func alsoAsked(s *State, c *Conversation, agent AgentHandle) {
	at, found := slices.BinarySearch(c.Asked, agent)
	if found {
		return
	}
	c.Asked = slices.Insert(slices.Clone(c.Asked), at, agent)
	if len(c.Asked) > MaxMembers {
		c.Asked = slices.DeleteFunc(c.Asked, func(a AgentHandle) bool {
			_, seated := s.Members.Of(c.Assignment.Team, a)
			return !seated && a != agent
		})
	}
}

// askedText is a part of a conversation's line: who was asked may not take it, so it
// waits behind nothing that she may take.
func askedText(list []AgentHandle) string {
	if len(list) == 0 {
		return ""
	}
	text := []byte{'\x02'}
	for _, agent := range list {
		text = append(strconv.AppendUint(text, uint64(agent), 36), ',')
	}
	return string(text)
}

// unasked is a ring in which those who were asked in this lap cannot be picked.
type unasked struct {
	rotation.Ring
	c *Conversation
}

// After implements rotation.Ring.
func (r unasked) After(cursor rotation.Key) iter.Seq[rotation.Seat] {
	return func(yield func(rotation.Seat) bool) {
		for seat := range r.Ring.After(cursor) {
			if (seat.Verdict == rotation.Eligible || seat.Verdict == rotation.Offered) && hasAsked(r.c, AgentHandle(seat.Agent)) {
				seat.Verdict = rotation.Declined
			}
			if !yield(seat) {
				return
			}
		}
	}
}

// Eligible implements rotation.Ring.
func (r unasked) Eligible(cursor rotation.Key) iter.Seq[rotation.Key] {
	return func(yield func(rotation.Key) bool) {
		for key := range r.Ring.Eligible(cursor) {
			if !hasAsked(r.c, AgentHandle(key.Agent)) && !yield(key) {
				return
			}
		}
	}
}

// allAsked says whether a turn found nobody because all who might have had it were
// asked. Who has another offer has not come to hers yet.
func allAsked(turn rotation.Turn) bool {
	declined := false
	for _, c := range turn.Counts {
		declined = declined || c.Verdict == rotation.Declined
		if c.Verdict == rotation.Offered {
			return false
		}
	}
	return declined
}

// pause lets c, which begins to wait or waits already, be offered again to those who
// were asked, after a while. The caller stores c.
func pause(tx *Tx, c *Conversation, team Team) {
	if len(c.Asked) > 0 && c.Assignment.AgainMs == 0 {
		c.Assignment.AgainMs = tx.NowMs + team.Rotation.Pause()
		tx.Timers.Put(againTimer(c))
	}
}

// stopPause is c being out of the queue. The caller stores c.
func stopPause(tx *Tx, c *Conversation) {
	if c.Assignment.AgainMs != 0 {
		tx.Timers.Delete(againTimer(c))
		c.Assignment.AgainMs = 0
	}
}

func againTimer(c *Conversation) Timer {
	return Timer{DueMs: c.Assignment.AgainMs, Kind: TimerOfferAgain, Ref: uint64(c.Handle)}
}

// askAgain is the end of a pause: everybody may be asked again.
func askAgain(tx *Tx, handle ConversationHandle) {
	c, ok := tx.Conversations.Get(handle)
	if !ok || c.Assignment.State != StateWaiting || c.Assignment.AgainMs == 0 {
		return
	}
	team, _ := tx.Teams.Get(c.Assignment.Team)
	c.Asked, c.Assignment.AgainMs, c.Revision = nil, 0, tx.Seq
	tx.Conversations.Put(c)
	if q, _ := tx.Queues.Get(team.Handle); q.Unserved || !heads(tx.State, c) {
		return // it is served with the others, or when what is before it is
	}
	o := outlook{trigger: QueueResumed, event: ConversationAssigned}
	ch := choose(tx.State, team, &c)
	switch {
	case ch.Found && team.Rotation.excludes(c):
		leave(tx, &c, team)
		exclude(tx, &c, o.trigger, o.event, nil)
	case ch.Found:
		leave(tx, &c, team)
		award(tx, &c, team, ch, o)
	case c.Assignment.Cause == CauseDeclined:
		o.event = ConversationRequeued
		waitOn(tx, &c, team, ch.Turn, o)
	}
}

// heads says whether c, which waits, is the first of its line.
func heads(s *State, c Conversation) bool {
	head, ok := first(s.Conversations.lines.From(stand{lineOf(&c), place{team: c.Assignment.Team}}))
	return ok && head.handle == c.Handle
}
