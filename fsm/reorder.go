package fsm

import (
	"slices"

	"github.com/rondohq/rondo/rotation"
)

// What becomes of ranks and cursors when a ring is sorted anew.

// numbering says with which number each agent is ranked. Where turns have decided
// nothing yet, that is her place in the list; a ring that begins to go by who has
// waited longest goes on from its cursor, and who joins is behind them all.
func numbering(tx *Tx, team Team, before Order, old []rotation.Seat) func(Agent, uint32) uint32 {
	if team.Rotation.Order != OrderLeastRecent || before == OrderLeastRecent {
		return func(_ Agent, position uint32) uint32 { return position }
	}
	cursor := cursorAt(tx.State, cursorKey{team: team.Handle})
	waited := make(map[uint32]uint32, len(old))
	for seat := range rotation.Seats(old).After(cursor.key()) {
		waited[seat.Agent] = uint32(len(waited))
	}
	return func(a Agent, position uint32) uint32 {
		if n, stays := waited[uint32(a.Handle)]; stays {
			return n
		}
		return uint32(len(old)) + position
	}
}

// carryCursors gives each cursor the new rank of its agent, or of her nearest
// predecessor in the old ring who is still there: whoever was next stays next.
// before is the order of the old ring.
func carryCursors(tx *Tx, team Team, before Order, old []rotation.Seat) {
	was := team
	was.Rotation.Order = before
	for _, cursor := range slices.Collect(tx.Cursors.OfTeam(team.Handle)) {
		if cursor.Agent == 0 {
			continue // nobody took a turn since it was last carried: it stands at the top
		}
		ring, from := old, cursor.key()
		if before == OrderLeastRecent && !moves(was, cursor) {
			ring, from = byHandle(old), rotation.Key{Agent: uint32(cursor.Agent)}
		}
		row := Cursor{Team: team.Handle, Inbox: cursor.Inbox, Restriction: cursor.Restriction, UsedSeq: cursor.UsedSeq}
		if m, stays := lastBefore(tx.State, team, ring, from); stays {
			row.Rank, row.Agent = m.Rank, m.Agent
		}
		if team.Rotation.Order == OrderLeastRecent && !moves(team, cursor) {
			row.Rank = "" // it goes round by handles
		}
		tx.Cursors.Put(row)
	}
}

// lastBefore returns the last member of a ring up to a place, going round, who is
// still there.
func lastBefore(s *State, team Team, ring []rotation.Seat, from rotation.Key) (Member, bool) {
	for _, seat := range slices.Backward(slices.Collect(rotation.Seats(ring).After(from))) {
		if m, stays := s.Members.Of(team.Handle, AgentHandle(seat.Agent)); stays {
			return m, true
		}
	}
	return Member{}, false
}

func byHandle(seats []rotation.Seat) []rotation.Seat {
	list := make([]rotation.Seat, 0, len(seats))
	for _, s := range seats {
		list = append(list, rotation.Seat{Key: rotation.Key{Agent: s.Agent}})
	}
	slices.SortFunc(list, func(a, b rotation.Seat) int { return a.Compare(b.Key) })
	return list
}
