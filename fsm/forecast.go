package fsm

import (
	"slices"

	"github.com/rondohq/rondo/rotation"
)

// NextTurns returns who would take the next n unrestricted conversations in the
// ring of a team that serves inbox, under the strategy in force, if nobody's
// presence changed and nothing was closed: nobody at all if nobody may be picked. In
// a team that offers, each would be asked once.
// It changes nothing and may be called with a clone from many goroutines.
func (s *State) NextTurns(team Team, inbox InboxHandle, n int) []AgentHandle {
	at := cursorKey{team: team.Handle}
	if team.Rotation.Per == PerInbox {
		at.inbox = inbox
	}
	cursor := cursorAt(s, at)
	var list []AgentHandle
	for credit := range s.Credits.Of(team.Handle) {
		m, seated := s.Members.Of(team.Handle, credit.Agent)
		if len(list) < n && seated && m.Verdict == rotation.Eligible && credit.ExpiresMs >= s.NowMs && credit.serves(cursor) {
			list = append(list, credit.Agent)
		}
	}

	load := map[uint32]uint32{} // what they would have got by then
	for _, agent := range list {
		load[uint32(agent)]++
	}
	has := openBy(s, team, inbox)
	open := func(agent uint32) uint32 { return has(agent) + load[agent] }
	ring, key := ringOf(s, team, cursor)
	slot := cursor.Slot
	seats := rotation.Seats(slices.Collect(ring.After(rotation.Key{})))
	if team.Rotation.OfferMs > 0 {
		for _, agent := range list {
			askedFor(seats, uint32(agent))
		}
	}
	for len(list) < n {
		turn := nextTurn(team, seats, key, slot)
		if team.Rotation.Strategy == LeastOpen {
			turn = rotation.LeastOpen(seats, key, open)
		}
		if !turn.Found {
			break
		}
		list = append(list, AgentHandle(turn.Next.Agent))
		load[turn.Next.Agent]++
		if team.Rotation.OfferMs > 0 {
			askedFor(seats, turn.Next.Agent)
			key, slot = turn.Next, turn.Slot
			continue
		}
		if !moves(team, cursor) {
			key, slot = turn.Next, turn.Slot
			continue
		}
		i := slices.IndexFunc(seats, func(seat rotation.Seat) bool { return seat.Key == turn.Next })
		seats = append(slices.Delete(seats, i, i+1), rotation.Seat{Key: turn.Next}) // behind all others
	}
	return list
}

// askedFor lets an agent, who would have been asked by then, be picked no more.
func askedFor(seats rotation.Seats, agent uint32) {
	if i := slices.IndexFunc(seats, func(seat rotation.Seat) bool { return seat.Agent == agent }); i >= 0 {
		seats[i].Verdict = rotation.Offered
	}
}
