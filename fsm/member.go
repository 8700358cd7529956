package fsm

import (
	"cmp"
	"encoding/binary"
	"iter"

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
	Returns         // 20, 21

	Given  cbor.ByteString `cbor:"30,keyasint,omitempty"` // for the rate of the team
	RateMs int64           `cbor:"31,keyasint,omitempty"` // when the window lets her take more; 0: she is not at the rate
	Weight uint8           `cbor:"32,keyasint,omitempty"` // how many turns she has in a weighted rotation; 0: one
}

// Returns is what a seat remembers for a team where who returns goes next.
type Returns struct {
	Was       bool   `cbor:"20,keyasint,omitempty"` // she could be picked once: to come is not to return
	ReturnSeq uint64 `cbor:"21,keyasint,omitempty"` // her Credit for having returned; 0: none
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
	eligible Index[spot, Member]
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

// A spot is the seat of who may be picked, so that the next of them is found
// without a step for anybody else.
type spot struct {
	team TeamHandle
	rotation.Key
}

func (s spot) compare(other spot) int {
	return cmp.Or(cmp.Compare(s.team, other.team), s.Key.Compare(other.Key))
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
				return seat{m.Team, rotation.Seat{Key: m.key(), Verdict: m.Verdict, Weight: uint32(m.Weight)}}, true
			}),
		newIndex(spot.compare, func(m *Member) (spot, bool) { return spot{m.Team, m.key()}, m.Verdict == rotation.Eligible }),
		newIndex(
			func(a, b membership) int { return cmp.Or(cmp.Compare(a.agent, b.agent), cmp.Compare(a.team, b.team)) },
			func(m *Member) (membership, bool) { return membership{m.Agent, m.Team}, true }),
		newIndex(memberKey.compare,
			func(m *Member) (memberKey, bool) { return memberKey{m.Team, m.Agent}, m.Draining }),
	}
}

func (t Members) clone() Members {
	return Members{t.Table.clone(), t.seats.clone(), t.eligible.clone(), t.ofAgent.clone(), t.draining.clone()}
}

// Put stores row under its team and agent.
func (t Members) Put(row Member) { t.move(t.set(memberKey{row.Team, row.Agent}, &row), &row) }

// Delete removes the seat of agent in team.
func (t Members) Delete(team TeamHandle, agent AgentHandle) {
	t.move(t.remove(memberKey{team, agent}), nil)
}

func (t Members) move(old, row *Member) {
	t.seats.move(old, row)
	t.eligible.move(old, row)
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

// anyEligible says whether anybody in a team may be picked.
func (t Members) anyEligible(team TeamHandle) bool {
	s, ok := first(t.eligible.From(spot{team: team}))
	return ok && s.team == team
}

// anyAllowed says whether anybody in a team may be picked now for what makes a demand.
func (t Members) anyAllowed(team TeamHandle, d demand) bool {
	for s := range t.eligible.From(spot{team: team}) {
		if s.team != team {
			return false
		}
		if d.takes(AgentHandle(s.Agent)) {
			return true
		}
	}
	return false
}

// Ring returns the members of a team in the order of their turns.
func (t Members) Ring(team TeamHandle) rotation.Ring { return ring{t.seats, t.eligible, team} }

type ring struct {
	seats    Index[seat, Member]
	eligible Index[spot, Member]
	team     TeamHandle
}

// Eligible implements rotation.Ring.
func (r ring) Eligible(cursor rotation.Key) iter.Seq[rotation.Key] {
	return func(yield func(rotation.Key) bool) {
		for s := range r.eligible.From(spot{r.team, cursor}) {
			if s.team != r.team {
				break
			}
			if s.Key != cursor && !yield(s.Key) {
				return
			}
		}
		for s := range r.eligible.From(spot{team: r.team}) {
			if s.team != r.team || s.Key.Compare(cursor) > 0 || !yield(s.Key) {
				return
			}
		}
	}
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
