package fsm

import (
	"math"
	"slices"
)

// ChoreEscalate looks at each open conversation of a team whose escalations were
// changed, and sets its timer anew: a step of an entry each.
const ChoreEscalate ChoreKind = 45

func escalationTimer(c ConversationHandle, dueMs int64) Timer {
	return Timer{DueMs: dueMs, Kind: TimerEscalation, Ref: uint64(c)}
}

// watchEscalation notes what a record tells for the escalations of a conversation, and
// sets or stops its timer. emit calls it for each record, before the caller has stored
// c.
func watchEscalation(tx *Tx, rec *Record, c *Conversation) {
	if c.Escalated == nil && !tx.Teams.escalates(c.Assignment.Team) {
		return
	}
	if c.Status == StatusClosed {
		if e := c.Escalated; e != nil && e.DueMs != 0 {
			tx.Timers.Delete(escalationTimer(c.Handle, e.DueMs))
		}
		c.Escalated = nil
		return
	}
	c.Escalated = heeded(tx, rec, c)
	armEscalation(tx, c)
}

// heeded returns the escalation of a conversation behind a record.
func heeded(tx *Tx, rec *Record, c *Conversation) *Escalation {
	e := escalationOf(tx.State, c, rec.Previous)
	d := rec.Decision
	if c.Escalated == nil && (rec.Previous == 0 || fromClosed(d)) {
		e.Seq = tx.Seq
	}
	if e.Team != c.Assignment.Team {
		e.Team, e.SinceMs = c.Assignment.Team, tx.NowMs // who keeps it has seen it still
	}
	byPerson := d != nil && (d.Kind == DecidedClaim || d.Kind == DecidedManual || decidedByPerson(tx.State, *rec))
	if byPerson {
		e.SinceMs, e.OfferedMs = tx.NowMs, 0
	}
	if byPerson || rec.Event == MessageSent {
		e.Done, e.Tried = nil, nil
	}
	if rec.Event == MessageSent || rec.Event == ConversationRead && seesFor(tx.State, c, rec.Actor) {
		e.Seen = true
	}
	if rec.Event == MessageSent { // else what was done is due again at once
		e.SinceMs = tx.NowMs
		if e.OfferedMs != 0 {
			e.OfferedMs = tx.NowMs
		}
	}
	if gives(rec) {
		if e.Given < math.MaxUint8 {
			e.Given++
		}
		e.Seen = tookIt(tx.State, rec)
	}
	switch c.Assignment.State {
	case StateOffered:
		if e.OfferedMs == 0 {
			e.OfferedMs = tx.NowMs
		}
	case StateWaiting, StateNone: // between two offers
	default:
		e.OfferedMs = 0
	}
	return &e
}

// escalationOf returns the escalation of a conversation, new if need be. Its history
// up to a record says whether it was given to somebody before.
func escalationOf(s *State, c *Conversation, upTo Position) Escalation {
	if c.Escalated != nil {
		return *c.Escalated
	}
	e := Escalation{Team: c.Assignment.Team, Given: givenBefore(s, upTo),
		Seen: c.Talk.Unread == 0 && c.Talk.InboundMs != 0 || c.Talk.OutboundMs != 0 && c.Talk.OutboundMs >= c.Assignment.SinceMs}
	if offer, open := s.Offers.OpenOf(c.Handle); open {
		e.OfferedMs = offer.MadeMs
	}
	return e
}

// seesFor says whether who has c has seen it when somebody reads it: herself, or a
// program, which does it for her.
func seesFor(s *State, c *Conversation, reader string) bool {
	by, known := actingAgent(s, reader)
	return !known || by.Handle == c.Assignment.Assignee
}

// unseen says whether a reader is who has c and has not accepted it so far, though
// others may have read it before.
func unseen(s *State, c *Conversation, reader string) bool {
	e := c.Escalated
	return e != nil && !e.Seen && c.Assignment.State == StateAssigned && seesFor(s, c, reader)
}

// tookIt says whether who got a conversation took it herself.
func tookIt(s *State, rec *Record) bool {
	d := rec.Decision
	if d.Kind == DecidedClaim || d.Kind == DecidedOffer && d.Trigger == OfferAccepted {
		return true
	}
	by, known := actingAgent(s, rec.Actor)
	return known && by.Handle == d.Assignee && rec.Event == d.Trigger
}

// gives says whether a record gives a conversation to somebody: also again, to who had
// it when it was closed.
func gives(rec *Record) bool {
	d := rec.Decision
	return d != nil && d.Assignee != 0 && (d.Assignee != d.Before || fromClosed(d))
}

func fromClosed(d *Decision) bool { return d != nil && d.Was != nil && d.Was.Status == StatusClosed }

// givenBefore counts how often a conversation was given to somebody since it was
// opened, up to a record; it looks at so many records as a person would.
func givenBefore(s *State, at Position) (n uint8) {
	const enough = 64
	for range enough {
		rec, ok := s.Records.At(at)
		if at == 0 || !ok || rec.Event == ConversationIsClosed {
			return n
		}
		if gives(&rec) {
			n++
		}
		at = rec.Previous
	}
	return n
}

// armEscalation sets the timer of c for what is due next, or stops it. The caller
// stores c.
func armEscalation(tx *Tx, c *Conversation) {
	_, _, due, _ := NextEscalation(tx.State, *c)
	e := c.Escalated
	if due == e.DueMs {
		return
	}
	if e.DueMs != 0 {
		tx.Timers.Delete(escalationTimer(c.Handle, e.DueMs))
	}
	row := *e
	if row.DueMs = due; due != 0 {
		tx.Timers.Put(escalationTimer(c.Handle, due))
	}
	c.Escalated = &row
}

// escalateAnew begins the chore of a team whose escalations have changed.
func escalateAnew(tx *Tx, old, row Team) {
	if !slices.Equal(old.Escalations, row.Escalations) || old.Removed && len(row.Escalations) > 0 {
		Chore{Kind: ChoreEscalate, Team: row.Handle, Because: TeamChanged}.begin(tx)
	}
}

// ofEscalation does one step of the chore. The chore is stored as far as it has come,
// or removed.
func ofEscalation(tx *Tx, c Chore) {
	next, found := nextOpenOn(tx.Conversations.ofTeam, uint32(c.Team), c.Resume)
	if !found {
		tx.Chores.Delete(c)
		return
	}
	if !tx.step() {
		return
	}
	c.Resume = ConversationHandle(next) + 1
	tx.Chores.Put(c)
	row, _ := tx.Conversations.Get(ConversationHandle(next))
	if row.Escalated == nil && !tx.Teams.escalates(c.Team) {
		return
	}
	e := escalationOf(tx.State, &row, row.Latest)
	row.Escalated = &e
	armEscalation(tx, &row)
	tx.Conversations.Put(row)
}
