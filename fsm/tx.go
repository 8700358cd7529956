package fsm

import (
	"cmp"
	"crypto/sha256"
	"hash"
)

// A Tx is the state while one entry changes it. Commands change it in place, so
// they refuse first.
type Tx struct {
	*State
	actor, via string // of the item being applied

	vacant []vacancy // places that have become free and were not filled yet
	told   Event     // of the newest record about a conversation

	waits []TeamHandle // chains of fallbacks whose timers may have to be set anew

	focus // of the command at hand

	answers answers // what rules have still to do behind it

	progress
}

// progress is how far an entry has come.
type progress struct {
	newTerm bool      // it begins a term
	steps   int       // what it may still do besides its commands
	records uint32    // written so far
	chain   hash.Hash // of the records so far; nil before the first
}

// A focus is what belongs to one command.
type focus struct {
	// subject is the conversation the command is about, and decided the record of
	// the last decision about it.
	subject ConversationHandle
	decided RecordID
	message message // that the command brings, if it is one
	notes   []Note  // for the next decision: which ways were not open
	because Event   // the trigger of decisions about the subject, where it is not the event itself
	seen    bool    // who asks has shown by If-Match that she knows the subject as it is

	firstHeard bool // it brings the customer's first message

	grounds
	asked asked // rules, before the next decision about it
}

// Grounds are what the next decision about the subject rests on.
type grounds struct {
	said   string      // the reason she gives
	undoes RecordID    // the decision that is taken back
	offer  OfferHandle // that is accepted
}

// step takes one of the entry's steps, and says whether there was one left.
func (tx *Tx) step() bool {
	if tx.steps == 0 {
		return false
	}
	tx.steps--
	return true
}

// emit writes a record. It fills in id, number, time and actor, and links the
// record to the conversation's chain; the caller stores the conversation. Of a
// change of a configuration it keeps the revision: the row has been put by then.
func (tx *Tx) emit(rec Record, about *Conversation) Position {
	rec.ID = RecordID{tx.Index, tx.records}
	tx.records++
	rec.Seq, rec.TimeMs, rec.Actor, rec.Via = tx.Seq, tx.NowMs, tx.actor, tx.via
	if about != nil {
		tx.told = rec.Event
		rec.Conversation, rec.Contact, rec.Inbox = about.Handle, about.Contact, about.Inbox
		rec.Team = cmp.Or(rec.Team, about.Assignment.Team)
		rec.Previous = about.Latest
		if about.Handle == tx.subject {
			rec.MessageID, rec.SentMs = tx.message.id, tx.message.sentMs
			if tx.because != EventNone && rec.Decision != nil {
				rec.Decision.Trigger = tx.because
			}
			if rec.Decision != nil {
				rec.Reason, rec.Undoes, rec.Offer = tx.said, tx.undoes, cmp.Or(rec.Offer, tx.offer)
			}
		}
	}
	if thing, changed := rec.revised(); changed {
		tx.revise(thing)
	}
	loser, lost := loserOf(tx, rec)
	rec.Loss = loser.LatestLoss
	if rec.Decision != nil && about != nil && about.Handle == tx.subject {
		rec.Decision.Notes, tx.notes = append(tx.notes, rec.Decision.Notes...), nil
		nameRule(tx, rec.Decision)
	}
	if rec.Decision != nil && about != nil {
		rec.Decision.Was = stood(tx, about)
	}
	markRuled(tx, &rec)
	rec.Notices = noticesOf(tx.State, &rec, about)
	at, packed := tx.Records.add(rec)
	if lost {
		loser.LatestLoss = at
		tx.Agents.Put(loser)
	}
	listNotices(tx, &rec)
	if tx.chain == nil {
		tx.chain = sha256.New()
		tx.chain.Write(tx.Chain[:])
	}
	tx.chain.Write(packed)
	if rec.Decision != nil && about != nil && about.Handle == tx.subject {
		tx.decided = rec.ID
	}
	if about != nil {
		about.Latest = at
		if about.Opening == 0 || opens(rec, about) || rec.Event == OfferMade && about.Decided == 0 {
			about.Opening = at
		}
		if rec.Decision != nil {
			about.Decided = at
		}
		greet(tx, rec, about)
	}
	tellRules(tx, &rec, about)
	return at
}

// loserOf returns the agent from whom a record takes a conversation.
func loserOf(tx *Tx, rec Record) (Agent, bool) {
	if d := rec.Decision; d != nil && d.Before != 0 && d.Before != d.Assignee {
		return tx.Agents.Get(d.Before)
	}
	return Agent{}, false
}

// seal ends the entry: its records become a link of the chain.
func (tx *Tx) seal() {
	if tx.chain != nil {
		tx.chain.Sum(tx.Chain[:0])
	}
}

// begin clears what belongs to one command.
func (tx *Tx) begin() { tx.focus = focus{} }

type message struct {
	id     string
	sentMs int64
}

// accept is the usual end of a command about a conversation.
func (tx *Tx) accept(created bool) Result {
	return Result{Created: created, Subject: Subject{NounConversation, uint64(tx.subject)}, Decision: tx.decided}
}

// asTimer begins a step that no item asked for.
func (tx *Tx) asTimer() {
	tx.begin()
	tx.Seq++
	tx.actor, tx.via = timerPrincipal, ""
}

// timerPrincipal is who does what time has brought.
const timerPrincipal = "system:timer"
