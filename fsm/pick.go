package fsm

import (
	"encoding/binary"
	"iter"

	"github.com/fxamacker/cbor/v2"

	"github.com/rondohq/rondo/rotation"
)

// A choice is who would take a conversation now, and how.
type choice struct {
	rotation.Turn
	kind   DecisionKind
	cursor Cursor // of the ring, before the turn
	credit Credit // by which she goes first; the zero value: by her turn
}

// choose says whose turn it is to take c in a team; in one that picks nobody by
// itself it is nobody's. It changes nothing.
func choose(s *State, team Team, c *Conversation) choice {
	demand := demandOf(s, c)
	team = asksOf(c).over(team)
	ch := choice{kind: DecidedRotation, cursor: cursorFor(s, team, c, demand)}
	if team.Rotation.Strategy == LeastOpen {
		ch.kind = DecidedLeastOpen
	}
	if team.ByHand {
		return ch
	}
	if credit, ok := creditFor(s, team, c, ch.cursor); ok {
		m, _ := s.Members.Of(team.Handle, credit.Agent)
		ch.credit, ch.Next, ch.Found = credit, m.key(), true
		return ch
	}
	ring, from := ringOf(s, team, ch.cursor)
	if asksOf(c) != (Asks{}) {
		ring = askedOf(s, team, c, ring)
	}
	if demand.narrows() {
		ring = narrowed{ring, demand}
	}
	if len(c.Asked) > 0 {
		ring = unasked{ring, c}
	}
	if team.Rotation.Strategy == LeastOpen {
		ch.Turn = rotation.LeastOpen(ring, from, openBy(s, team, c.Inbox))
	} else {
		ch.Turn = nextTurn(team, ring, from, ch.cursor.Slot)
	}
	return ch
}

// nextTurn is the turn of a strategy that does not look at what agents have.
func nextTurn(team Team, ring rotation.Ring, from rotation.Key, slot rotation.Slot) rotation.Turn {
	if team.Rotation.Strategy == Weighted {
		return rotation.Weighted(ring, from, slot)
	}
	return rotation.RoundRobin(ring, from)
}

// cursorOf returns the cursor of the ring that c goes by, new if need be.
func cursorOf(s *State, team Team, c *Conversation) Cursor {
	return cursorFor(s, team, c, demandOf(s, c))
}

// cursorFor is cursorOf for who knows the demand of c already.
func cursorFor(s *State, team Team, c *Conversation, d demand) Cursor {
	at := cursorKey{team: team.Handle, restriction: d.text}
	if team.Rotation.Per == PerInbox {
		at.inbox = deskOf(s, *c).Handle
	}
	return cursorAt(s, at)
}

func cursorAt(s *State, at cursorKey) Cursor {
	if row, ok := s.Cursors.Get(at); ok {
		return row
	}
	return Cursor{Team: at.team, Inbox: at.inbox, Restriction: at.restriction}
}

// ringOf returns the ring of a cursor and where its next turn begins.
func ringOf(s *State, team Team, cursor Cursor) (ring rotation.Ring, from rotation.Key) {
	switch {
	case team.Rotation.Order != OrderLeastRecent:
		return s.Members.Ring(team.Handle), cursor.key()
	case moves(team, cursor):
		return s.Members.Ring(team.Handle), rotation.Key{} // whoever has waited longest is at the top
	default:
		return circle{s.Members, team.Handle}, rotation.Key{Agent: uint32(cursor.Agent)}
	}
}

// moves says whether a turn by this cursor moves a member behind all others.
func moves(team Team, cursor Cursor) bool {
	return team.Rotation.Order == OrderLeastRecent && cursor.Inbox == 0 && cursor.Restriction == ""
}

// consume takes the turn that was chosen: the cursor moves behind her, unless a
// credit let her go first.
func consume(tx *Tx, team Team, ch choice) {
	if ch.credit.Seq != 0 {
		spendCredit(tx, ch.credit)
		return
	}
	cursor := ch.cursor
	cursor.Rank, cursor.Agent, cursor.Slot, cursor.UsedSeq = cbor.ByteString(ch.Next.Rank), AgentHandle(ch.Next.Agent), ch.Slot, tx.Seq
	if moves(team, cursor) {
		m, _ := tx.Members.Of(team.Handle, cursor.Agent)
		m.Rank = turnRank(tx.Seq, afterJoins+tx.records)
		tx.Members.Put(m)
		cursor.Rank = m.Rank
	}
	tx.Cursors.use(cursor)
}

// afterJoins stands behind all positions, so that who takes a turn in the very
// command in which others join is behind them.
const afterJoins = 1 << 31

// turnRank ranks members by when they took a turn or joined.
func turnRank(seq uint64, n uint32) cbor.ByteString {
	return cbor.ByteString(binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint64(nil, seq), n))
}

// narrowed is a ring in which those who do not meet a demand cannot be picked. That
// comes before every other reason, since it does not pass by itself.
type narrowed struct {
	rotation.Ring
	demand demand
}

// After implements rotation.Ring.
func (r narrowed) After(cursor rotation.Key) iter.Seq[rotation.Seat] {
	return func(yield func(rotation.Seat) bool) {
		for seat := range r.Ring.After(cursor) {
			if objection := r.demand.objection(AgentHandle(seat.Agent)); objection != rotation.Eligible {
				seat.Verdict = objection
			} else if seat.Verdict == rotation.Eligible && !r.demand.takes(AgentHandle(seat.Agent)) {
				seat.Verdict = rotation.AtCapacity // of the inbox
			}
			if !yield(seat) {
				return
			}
		}
	}
}

// Eligible implements rotation.Ring.
func (r narrowed) Eligible(cursor rotation.Key) iter.Seq[rotation.Key] {
	return func(yield func(rotation.Key) bool) {
		for key := range r.Ring.Eligible(cursor) {
			if r.demand.takes(AgentHandle(key.Agent)) && !yield(key) {
				return
			}
		}
	}
}

// A circle is the members of a team in the order in which they were created: for
// cursors of their own in a team whose ranks move.
type circle struct {
	members Members
	team    TeamHandle
}

// After implements rotation.Ring.
func (r circle) After(cursor rotation.Key) iter.Seq[rotation.Seat] {
	return func(yield func(rotation.Seat) bool) {
		last := AgentHandle(cursor.Agent)
		for m := range r.members.From(memberKey{r.team, last + 1}) {
			if m.Team != r.team {
				break
			}
			if !yield(m.unranked()) {
				return
			}
		}
		for m := range r.members.From(memberKey{team: r.team}) {
			if m.Team != r.team || m.Agent > last || !yield(m.unranked()) {
				return
			}
		}
	}
}

// Eligible implements rotation.Ring.
func (r circle) Eligible(cursor rotation.Key) iter.Seq[rotation.Key] {
	return func(yield func(rotation.Key) bool) {
		for seat := range r.After(cursor) {
			if seat.Verdict == rotation.Eligible && !yield(seat.Key) {
				return
			}
		}
	}
}

func (m Member) unranked() rotation.Seat {
	return rotation.Seat{Key: rotation.Key{Agent: uint32(m.Agent)}, Verdict: m.Verdict}
}
