package fsm

import (
	"cmp"
	"slices"
)

// The dumb model, continued: a weighted rotation. Its lap is written out as a list of
// all turns of all members, each with where it stands on the way round.

// dumbWeight is how many turns somebody has in a lap, in every team.
func dumbWeight(agent string) int { return 1 + int(agent[len(agent)-1])%3 }

// A dumbSlot is one of the turns that a member has in a lap: the nth of so many,
// counting from 0. The zero value is the only one of one.
type dumbSlot struct{ n, of int }

// A dumbStop is where a turn stands, in twelfths of a member's share of the way round.
type dumbStop struct {
	at, member int
	of         *dumbMember
	slot       dumbSlot
}

// stop says where a slot stands whose owner has a place in the ring, given in halves:
// whoever has gone stood between two of those who are there.
func (t *dumbTeam) stop(halves int, s dumbSlot) int {
	return (2*len(t.members)*s.n + halves) * 6 / max(s.of, 1) // weights are 1 to 3
}

// lap returns the turns that follow the last one by a cursor, once round.
func (t *dumbTeam) lap(cursor dumbPlace) []dumbStop {
	var stops []dumbStop
	last, halves := 0, 0 // how many are before who took the last turn
	for i, m := range t.ring() {
		for n := range dumbWeight(m.agent.id) {
			slot := dumbSlot{n, dumbWeight(m.agent.id)}
			stops = append(stops, dumbStop{t.stop(2*i+1, slot), i, m, slot})
		}
		if cursor.agent == nil {
			continue
		}
		switch before := cmp.Or(cmp.Compare(m.rank, cursor.rank), cmp.Compare(m.agent.born, cursor.agent.born)); {
		case before < 0:
			last, halves = i+1, 2*i+2
		case before == 0:
			last, halves = i, 2*i+1
		}
	}
	slices.SortFunc(stops, func(a, b dumbStop) int { return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.member, b.member)) })
	if cursor.agent == nil {
		return stops
	}
	here, beyond := halves%2, t.stop(halves, cursor.slot)
	from := slices.IndexFunc(stops, func(s dumbStop) bool {
		return s.at > beyond || s.at == beyond && s.member >= last+here
	})
	if from < 0 {
		return stops
	}
	return slices.Concat(stops[from:], stops[:from])
}

// inLap returns the members in the order of their next turns.
func (t *dumbTeam) inLap(cursor dumbPlace) (list []*dumbMember) {
	for _, s := range t.lap(cursor) {
		if !slices.Contains(list, s.of) {
			list = append(list, s.of)
		}
	}
	return list
}

// slotOf returns which of her turns a member takes next.
func (t *dumbTeam) slotOf(m *dumbMember, cursor dumbPlace) dumbSlot {
	if t.rules.strategy != "weighted" {
		return dumbSlot{}
	}
	stops := t.lap(cursor)
	return stops[slices.IndexFunc(stops, func(s dumbStop) bool { return s.of == m })].slot
}
