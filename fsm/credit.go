package fsm

import (
	"cmp"
	"iter"

	"github.com/rondohq/rondo/rotation"
)

// CreditLifeMs is how long whoever has a credit goes first (decision 9).
const CreditLifeMs = 24 * 3600 * 1000

// MaxRefunds bounds the refunded turns that a team remembers at a time.
const MaxRefunds = 1000

// A Credit lets a member go first at the next pick she may take, once: a turn of
// hers was refunded, or she came back to a team where who returns goes next. The
// oldest credit comes first. The cursor stays where it is, so that nobody else's
// turn moves.
//
// A refund counts in the ring where the turn was taken, or the turns there would
// not be even. It is kept until it expires, so that no turn is refunded twice.
type Credit struct {
	Team        TeamHandle  `cbor:"1,keyasint"`
	Agent       AgentHandle `cbor:"2,keyasint"`
	Seq         uint64      `cbor:"3,keyasint"` // when it was earned
	ExpiresMs   int64       `cbor:"4,keyasint"`
	Decision    RecordID    `cbor:"5,keyasint,omitzero"` // whose turn was refunded; zero: she returned
	Inbox       InboxHandle `cbor:"6,keyasint,omitempty"`
	Restriction string      `cbor:"7,keyasint,omitempty"`
	Reason      string      `cbor:"8,keyasint,omitempty"` // of the refund, as a person gave it
	Spent       bool        `cbor:"9,keyasint,omitempty"`
}

func (c Credit) key() creditKey { return creditKey{c.Team, c.Seq, c.Agent} }

func (c Credit) timer() Timer {
	return Timer{DueMs: c.ExpiresMs, Kind: TimerCredit, Team: c.Team, Agent: c.Agent, Ref: c.Seq}
}

// serves says whether the credit counts in the ring of a cursor.
func (c Credit) serves(cursor Cursor) bool {
	return c.Decision.IsZero() || c.Inbox == cursor.Inbox && c.Restriction == cursor.Restriction
}

// Credits is the table of credits.
type Credits struct {
	Table[creditKey, Credit]
	pending    Index[creditKey, Credit]
	ofMember   Index[earned, Credit] // pending ones
	ofDecision Index[refunded, Credit]
}

type creditKey struct {
	team  TeamHandle
	seq   uint64
	agent AgentHandle
}

func (k creditKey) compare(other creditKey) int {
	return cmp.Or(cmp.Compare(k.team, other.team), cmp.Compare(k.seq, other.seq), cmp.Compare(k.agent, other.agent))
}

// earned is whose a pending credit is.
type earned struct {
	team  TeamHandle
	agent AgentHandle
	seq   uint64
}

func (e earned) compare(other earned) int {
	return cmp.Or(cmp.Compare(e.team, other.team), cmp.Compare(e.agent, other.agent), cmp.Compare(e.seq, other.seq))
}

type refunded struct {
	decision RecordID
	by       creditKey
}

func newCredits() Credits {
	return Credits{
		newTable[creditKey, Credit](creditKey.compare),
		newIndex(creditKey.compare, func(c *Credit) (creditKey, bool) { return c.key(), !c.Spent }),
		newIndex(earned.compare, func(c *Credit) (earned, bool) { return earned{c.Team, c.Agent, c.Seq}, !c.Spent }),
		newIndex(func(a, b refunded) int { return cmp.Or(a.decision.Compare(b.decision), a.by.compare(b.by)) },
			func(c *Credit) (refunded, bool) { return refunded{c.Decision, c.key()}, !c.Decision.IsZero() }),
	}
}

func (t Credits) clone() Credits {
	return Credits{t.Table.clone(), t.pending.clone(), t.ofMember.clone(), t.ofDecision.clone()}
}

// Put stores row.
func (t Credits) Put(row Credit) { t.move(t.set(row.key(), &row), &row) }

// Delete removes a credit.
func (t Credits) Delete(key creditKey) { t.move(t.remove(key), nil) }

func (t Credits) move(old, row *Credit) {
	t.pending.move(old, row)
	t.ofMember.move(old, row)
	t.ofDecision.move(old, row)
}

// Of yields the credits of a team that are not spent, the oldest first.
func (t Credits) Of(team TeamHandle) iter.Seq[Credit] {
	return func(yield func(Credit) bool) {
		for key := range t.pending.From(creditKey{team: team}) {
			if key.team != team {
				return
			}
			if row, ok := t.Get(key); ok && !yield(row) {
				return
			}
		}
	}
}

// Refunded says whether the turn of a decision was refunded, within the time in
// which that can be.
func (t Credits) Refunded(decision RecordID) bool {
	found, ok := first(t.ofDecision.From(refunded{decision: decision}))
	return ok && found.decision == decision
}

// creditFor returns the oldest credit by which a member goes first in the ring of
// a cursor.
func creditFor(s *State, team Team, c *Conversation, cursor Cursor) (Credit, bool) {
	for credit := range s.Credits.Of(cursor.Team) {
		m, seated := s.Members.Of(cursor.Team, credit.Agent)
		if seated && (m.Verdict == rotation.Eligible || asksOf(c) != Asks{}) && credit.ExpiresMs >= s.NowMs && credit.serves(cursor) && mayGet(s, team, c, credit.Agent) {
			return credit, true
		}
	}
	return Credit{}, false
}

// earnReturn gives a credit to a member who came back, if the team says so, and
// takes it from one who left again. before is she as she was; row is not stored
// yet.
func earnReturn(tx *Tx, team Team, before, row Member) Member {
	could, can := mayTake(before.Verdict), mayTake(row.Verdict)
	if could && !can || team.Rotation.OnReturn != GoNext {
		row = dropReturn(tx, row)
	}
	if can && !could && row.Was && row.ReturnSeq == 0 && team.Rotation.OnReturn == GoNext {
		credit := Credit{Team: row.Team, Agent: row.Agent, Seq: tx.Seq, ExpiresMs: tx.NowMs + CreditLifeMs}
		tx.Credits.Put(credit)
		tx.Timers.Put(credit.timer())
		row.ReturnSeq = credit.Seq
	}
	row.Was = row.Was || can
	return row
}

// mayTake says whether a verdict is no objection to the member herself: she is
// there, and has only had her share, or as much as she can take. Who has a place
// again has not come back.
func mayTake(v rotation.Verdict) bool {
	switch v {
	case rotation.Eligible, rotation.DrainAllowance, rotation.AtCapacity, rotation.RateLimited, rotation.Offered:
		return true
	default:
		return false
	}
}

func dropReturn(tx *Tx, row Member) Member {
	if credit, ok := tx.Credits.Get(creditKey{row.Team, row.ReturnSeq, row.Agent}); ok && row.ReturnSeq != 0 {
		tx.Timers.Delete(credit.timer())
		tx.Credits.Delete(credit.key())
	}
	row.ReturnSeq = 0
	return row
}

// spendCredit is a member going first by a credit.
func spendCredit(tx *Tx, credit Credit) {
	if !credit.Decision.IsZero() {
		credit.Spent = true // and remembered until it expires
		tx.Credits.Put(credit)
		return
	}
	m, _ := tx.Members.Of(credit.Team, credit.Agent)
	tx.Members.Put(dropReturn(tx, m))
}

// expireCredit forgets one whose time is up.
func expireCredit(tx *Tx, key creditKey) {
	credit, ok := tx.Credits.Get(key)
	if !ok {
		return
	}
	tx.Credits.Delete(key)
	if m, seated := tx.Members.Of(key.team, key.agent); seated && credit.Decision.IsZero() {
		m.ReturnSeq = 0
		tx.Members.Put(m)
	}
}

// loseCredits is a member leaving: who joins again begins anew.
func loseCredits(tx *Tx, m Member) {
	dropReturn(tx, m)
	for {
		at, ok := first(tx.Credits.ofMember.From(earned{team: m.Team, agent: m.Agent}))
		if !ok || at.team != m.Team || at.agent != m.Agent {
			return
		}
		credit, _ := tx.Credits.Get(creditKey{at.team, at.seq, at.agent})
		credit.Spent = true
		tx.Credits.Put(credit)
	}
}
