package rotation

import (
	"cmp"
	"iter"
	"strings"
)

// A Key is a place in a ring. Rank is opaque bytes that sort as the team wants
// it (a collation key, or a position); equal ranks sort by agent. A Key stays
// meaningful after its agent has left, which is why a cursor is a Key and never
// a number: joining and leaving move nobody else (S2.6, S2.7).
type Key struct {
	Rank  string
	Agent uint32
}

// Compare orders keys as they stand in the ring.
func (k Key) Compare(other Key) int {
	if c := strings.Compare(k.Rank, other.Rank); c != 0 {
		return c
	}
	return cmp.Compare(k.Agent, other.Agent)
}

// A Seat is a member's place in the ring with the verdict on her.
type Seat struct {
	Key
	Verdict Verdict
	Weight  uint32 // how many turns she has where Weighted counts them; 0: one
}

// A Ring is a team's members in the order of their keys.
type Ring interface {
	// After yields every seat once, from the first one behind the key, going
	// round, to the last one at or before it. The zero Key stands before the
	// top of every ring.
	After(cursor Key) iter.Seq[Seat]

	// Eligible yields the keys of those who may be picked, in the same order,
	// without a step for anybody else.
	Eligible(cursor Key) iter.Seq[Key]
}

// Seats is a Ring held in a sorted slice: for tests, previews and small teams.
type Seats []Seat

// After implements Ring.
func (s Seats) After(cursor Key) iter.Seq[Seat] {
	start := 0
	for start < len(s) && s[start].Compare(cursor) <= 0 {
		start++
	}
	return func(yield func(Seat) bool) {
		for i := range s {
			if !yield(s[(start+i)%len(s)]) {
				return
			}
		}
	}
}

// Eligible implements Ring.
func (s Seats) Eligible(cursor Key) iter.Seq[Key] {
	return func(yield func(Key) bool) {
		for seat := range s.After(cursor) {
			if seat.Verdict == Eligible && !yield(seat.Key) {
				return
			}
		}
	}
}
