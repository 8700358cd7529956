package rotation

// PassedOverLimit is how many of the passed over a Turn names; the others are
// counted.
const PassedOverLimit = 32

// A Turn is the answer: who is next and who was passed over on the way to her.
type Turn struct {
	Next   Key  // whose turn it is; only if Found
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
	var turn Turn
	var counts [verdictCount]uint32
	for seat := range ring.After(cursor) {
		if seat.Verdict == Eligible {
			turn.Next, turn.Found = seat.Key, true
			break
		}
		if len(turn.Passed) < PassedOverLimit {
			turn.Passed = append(turn.Passed, seat)
		}
		counts[min(seat.Verdict, verdictCount-1)]++
	}
	for v, n := range counts {
		if n > 0 {
			turn.Counts = append(turn.Counts, Count{Verdict(v), n})
		}
	}
	return turn
}
