package fsm

import (
	"cmp"
	"encoding/binary"
	"iter"
	"strings"

	"github.com/fxamacker/cbor/v2"

	"github.com/rondohq/rondo/rotation"
)

// A Member is an agent's seat in a team.
type Member struct {
	Team     TeamHandle       `cbor:"1,keyasint"`
	Agent    AgentHandle      `cbor:"2,keyasint"`
	Rank     cbor.ByteString  `cbor:"3,keyasint"` // fixed at join: a rename moves nobody (decision 1)
	Position uint32           `cbor:"4,keyasint"` // as listed
	Verdict  rotation.Verdict `cbor:"5,keyasint"`
	JoinedMs int64            `cbor:"6,keyasint"`

	// While something waits in the team, an agent who came back takes Allowance
	// more, then one each drain interval (decision 6).
	Draining    bool   `cbor:"7,keyasint,omitempty"`
	Allowance   uint32 `cbor:"8,keyasint,omitempty"`
	AllowanceMs int64  `cbor:"9,keyasint,omitempty"` // when the timer refills it; 0: no timer

	SettledMs int64 `cbor:"15,keyasint,omitempty"` // when her dwell is over; 0: she does not wait for it
}

func (m Member) key() rotation.Key {
	return rotation.Key{Rank: string(m.Rank), Agent: uint32(m.Agent)}
}

// positionRank ranks members as they are listed.
func positionRank(position uint32) cbor.ByteString {
	return cbor.ByteString(binary.BigEndian.AppendUint32(nil, position))
}

// Members is the table of members.
type Members struct {
	Table[memberKey, Member]
	seats    Index[seat, Member]
	ofAgent  Index[membership, Member]
	draining Index[memberKey, Member]
}

type memberKey struct {
	team  TeamHandle
	agent AgentHandle
}

func (k memberKey) compare(other memberKey) int {
	return cmp.Or(cmp.Compare(k.team, other.team), cmp.Compare(k.agent, other.agent))
}

// A seat holds the verdict too, so that whose turn it is, and who is passed over
// why, is read from the index alone.
type seat struct {
	team TeamHandle
	rotation.Seat
}

type membership struct {
	agent AgentHandle
	team  TeamHandle
}

func newMembers() Members {
	return Members{
		newTable[memberKey, Member](memberKey.compare),
		newIndex(
			func(a, b seat) int { return cmp.Or(cmp.Compare(a.team, b.team), a.Compare(b.Key)) },
			func(m *Member) (seat, bool) {
				return seat{m.Team, rotation.Seat{Key: m.key(), Verdict: m.Verdict}}, true
			}),
		newIndex(
			func(a, b membership) int { return cmp.Or(cmp.Compare(a.agent, b.agent), cmp.Compare(a.team, b.team)) },
			func(m *Member) (membership, bool) { return membership{m.Agent, m.Team}, true }),
		newIndex(memberKey.compare,
			func(m *Member) (memberKey, bool) { return memberKey{m.Team, m.Agent}, m.Draining }),
	}
}

func (t Members) clone() Members {
	return Members{t.Table.clone(), t.seats.clone(), t.ofAgent.clone(), t.draining.clone()}
}

// Put stores row under its team and agent.
func (t Members) Put(row Member) { t.move(t.set(memberKey{row.Team, row.Agent}, &row), &row) }

// Delete removes the seat of agent in team.
func (t Members) Delete(team TeamHandle, agent AgentHandle) {
	t.move(t.remove(memberKey{team, agent}), nil)
}

func (t Members) move(old, row *Member) {
	t.seats.move(old, row)
	t.ofAgent.move(old, row)
	t.draining.move(old, row)
}

// Of returns the seat of agent in team.
func (t Members) Of(team TeamHandle, agent AgentHandle) (Member, bool) {
	return t.Get(memberKey{team, agent})
}

// TeamsOf yields the teams of an agent.
func (t Members) TeamsOf(agent AgentHandle) iter.Seq[TeamHandle] {
	return func(yield func(TeamHandle) bool) {
		for key := range t.ofAgent.From(membership{agent: agent}) {
			if key.agent != agent || !yield(key.team) {
				return
			}
		}
	}
}

// Draining yields the members of a team who take what waits in portions.
func (t Members) drainingIn(team TeamHandle) iter.Seq[AgentHandle] {
	return func(yield func(AgentHandle) bool) {
		for key := range t.draining.From(memberKey{team: team}) {
			if key.team != team || !yield(key.agent) {
				return
			}
		}
	}
}

// Ring returns the members of a team in the order of their turns.
func (t Members) Ring(team TeamHandle) rotation.Ring { return ring{t.seats, team} }

type ring struct {
	seats Index[seat, Member]
	team  TeamHandle
}

// After implements rotation.Ring.
func (r ring) After(cursor rotation.Key) iter.Seq[rotation.Seat] {
	return func(yield func(rotation.Seat) bool) {
		for s := range r.seats.From(seat{r.team, rotation.Seat{Key: cursor}}) {
			if s.team != r.team {
				break
			}
			if s.Key != cursor && !yield(s.Seat) {
				return
			}
		}
		for s := range r.seats.From(seat{team: r.team}) {
			if s.team != r.team || s.Compare(cursor) > 0 || !yield(s.Seat) {
				return
			}
		}
	}
}

// A Cursor remembers who took the last turn in a ring. A restricted conversation
// has a cursor of its own (decision 3); an unrestricted one has "".
type Cursor struct {
	Team        TeamHandle      `cbor:"1,keyasint"`
	Inbox       InboxHandle     `cbor:"2,keyasint"` // 0 unless the rotation is per inbox
	Restriction string          `cbor:"3,keyasint"`
	Rank        cbor.ByteString `cbor:"4,keyasint"`
	Agent       AgentHandle     `cbor:"5,keyasint"`
	UsedSeq     uint64          `cbor:"6,keyasint"`
}

func (c Cursor) key() rotation.Key {
	return rotation.Key{Rank: string(c.Rank), Agent: uint32(c.Agent)}
}

// Cursors is the table of cursors.
type Cursors struct{ Table[cursorKey, Cursor] }

type cursorKey struct {
	team        TeamHandle
	inbox       InboxHandle
	restriction string
}

func newCursors() Cursors {
	return Cursors{newTable[cursorKey, Cursor](func(a, b cursorKey) int {
		return cmp.Or(cmp.Compare(a.team, b.team), cmp.Compare(a.inbox, b.inbox), strings.Compare(a.restriction, b.restriction))
	})}
}

func (t Cursors) clone() Cursors { return Cursors{t.Table.clone()} }

// Put stores row under its ring and restriction.
func (t Cursors) Put(row Cursor) { t.set(cursorKey{row.Team, row.Inbox, row.Restriction}, &row) }

// OfTeam yields the cursors of all rings of a team.
func (t Cursors) OfTeam(team TeamHandle) iter.Seq[Cursor] {
	return func(yield func(Cursor) bool) {
		for row := range t.From(cursorKey{team: team}) {
			if row.Team != team || !yield(row) {
				return
			}
		}
	}
}
