package rotation

// PassedOverLimit is how many of the passed over a Turn names; the others are
// counted.
const PassedOverLimit = 32

// A Turn is the answer: who is next and who was passed over on the way to her.
type Turn struct {
	Next   Key  // whose turn it is; only if Found
	Slot   Slot // of Next; only of Weighted
	Found  bool // false: nobody in the ring may be picked
	Passed []Seat
	Counts []Count // of all that were passed over, by reason, in Verdict order
}

// A Count is how many were passed over for one reason.
type Count struct {
	Verdict Verdict
	N       uint32
}

// RoundRobin returns the first eligible seat after the cursor, going round.
// It costs one step for each seat passed over, since each is counted by its
// reason; it never walks further than the seat it picks.
func RoundRobin(ring Ring, cursor Key) Turn {
	for key := range ring.Eligible(cursor) {
		return Reach(ring, cursor, key)
	}
	return passEverybody(ring, cursor)
}

// Reach returns the turn of an eligible seat of the ring: it names who stands
// between the cursor and her. Who could have been picked there has the verdict
// Busier.
func Reach(ring Ring, cursor, next Key) Turn {
	var tally tally
	for seat := range ring.After(cursor) {
		if seat.Key == next {
			break
		}
		if seat.Verdict == Eligible {
			seat.Verdict = Busier
		}
		tally.pass(seat)
	}
	turn := tally.turn()
	turn.Next, turn.Found = next, true
	return turn
}

func passEverybody(ring Ring, cursor Key) Turn {
	var tally tally
	for seat := range ring.After(cursor) {
		tally.pass(seat)
	}
	return tally.turn()
}

type tally struct {
	passed []Seat
	counts [verdictCount]uint32
}

func (t *tally) pass(seat Seat) {
	if len(t.passed) < PassedOverLimit {
		t.passed = append(t.passed, seat)
	}
	t.counts[min(seat.Verdict, verdictCount-1)]++
}

func (t *tally) turn() Turn {
	turn := Turn{Passed: t.passed}
	for v, n := range t.counts {
		if n > 0 {
			turn.Counts = append(turn.Counts, Count{Verdict(v), n})
		}
	}
	return turn
}
