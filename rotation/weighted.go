package rotation

import (
	"cmp"
	"slices"
)

// MaxWeight bounds the weight of a seat, and so how many slots a lap has.
const MaxWeight = 100

// A Slot is one of the turns that a seat has in a lap: the Nth, counting from 0, of
// as many as her weight was then. The zero Slot is the turn of who has one.
type Slot struct{ N, Of uint32 }

// Weighted returns the eligible seat whose slot comes next after the slot of who
// took the last turn, going round (a lap). A seat of weight w has w slots in a lap,
// at even distances from one another, so that the turns of those with large
// weights are spread among the others'; seats of one weight follow in the order of
// their keys. If all weights are equal it is RoundRobin.
//
// The bound: while the same seats are eligible, in any stretch of as many turns as
// the sum of their weights each gets exactly her weight, wherever it begins and
// whatever was before. Like that of RoundRobin, the cursor is a key, which others'
// joining and leaving leave where it is.
//
// It takes a few steps for each seat of the ring, whoever is picked.
func Weighted(ring Ring, cursor Key, slot Slot) Turn {
	seats := slices.Collect(ring.After(Key{}))
	lap := lapOf(seats, cursor, slot)
	var best candidate
	found := false
	for i, seat := range seats {
		if seat.Verdict != Eligible {
			continue
		}
		if c := lap.next(i, weightOf(seat)); !found || c.before(best) {
			best, found = c, true
		}
	}
	if !found {
		return passEverybody(ring, cursor)
	}

	var passed []candidate
	for i, seat := range seats {
		if seat.Verdict == Eligible {
			continue
		}
		if c := lap.next(i, weightOf(seat)); c.before(best) {
			passed = append(passed, c)
		}
	}
	slices.SortFunc(passed, candidate.compare)
	var tally tally
	for _, c := range passed {
		tally.pass(seats[c.seat])
	}
	turn := tally.turn()
	turn.Next, turn.Slot, turn.Found = seats[best.seat].Key, best.slot, true
	return turn
}

func weightOf(seat Seat) uint32 { return max(seat.Weight, 1) }

// A lap is the order of slots. The one with number n of a seat with weight w that
// is the ith of a ring of size stands at (n + (i + 1/2)/size) / w of the way round.
type lap struct {
	size      uint64
	beyond    fraction // where the last turn was
	last      int      // the seat that took it, or would stand behind it
	begun     bool     // somebody has taken a turn
	stillHere bool     // who took the last turn is in the ring
}

// A fraction of the way round. Numbers stay below 2^20.
type fraction struct{ n, of uint64 }

func (f fraction) compare(other fraction) int { return cmp.Compare(f.n*other.of, other.n*f.of) }

func lapOf(seats []Seat, cursor Key, slot Slot) lap {
	l := lap{size: uint64(len(seats)), begun: cursor != Key{}}
	l.last, l.stillHere = slices.BinarySearchFunc(seats, cursor, func(s Seat, k Key) int { return s.Compare(k) })
	place := uint64(2 * l.last) // between two seats
	if l.stillHere {
		place++
	}
	l.beyond = fraction{2*l.size*uint64(slot.N) + place, 2 * l.size * uint64(max(slot.Of, 1))}
	return l
}

func (l lap) at(seat int, s Slot) fraction {
	return fraction{2*l.size*uint64(s.N) + uint64(2*seat+1), 2 * l.size * uint64(s.Of)}
}

// A candidate is the next slot of a seat.
type candidate struct {
	again bool // it comes in the next lap
	at    fraction
	seat  int
	slot  Slot
}

func (c candidate) compare(other candidate) int {
	if c.again != other.again {
		if other.again {
			return -1
		}
		return 1
	}
	return cmp.Or(c.at.compare(other.at), cmp.Compare(c.seat, other.seat))
}

func (c candidate) before(other candidate) bool { return c.compare(other) < 0 }

// next returns the first slot of a seat behind the last turn.
func (l lap) next(seat int, weight uint32) candidate {
	s := Slot{Of: weight}
	if l.begun {
		// As many of her slots as lie before the last turn, less one to be sure.
		before := l.beyond.n * uint64(weight) / l.beyond.of
		s.N = uint32(max(before, 1) - 1)
		for s.N < weight && !l.behind(seat, s) {
			s.N++
		}
		if s.N == weight {
			s.N = 0
			return candidate{true, l.at(seat, s), seat, s}
		}
	}
	return candidate{false, l.at(seat, s), seat, s}
}

// behind says whether a slot lies behind the last turn. Of slots at one place that
// of the smaller key comes first.
func (l lap) behind(seat int, s Slot) bool {
	if c := l.at(seat, s).compare(l.beyond); c != 0 {
		return c > 0
	}
	return seat > l.last || seat == l.last && !l.stillHere
}
