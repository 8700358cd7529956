package rotation

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// TestWeightedShares is the bound: while the same seats are eligible, whatever was
// before, any stretch of as many turns as the sum of their weights gives each
// exactly her weight.
func TestWeightedShares(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ring := drawWeights(t)
		cursor, slot := Key{}, Slot{}
		for range rapid.IntRange(0, 30).Draw(t, "before") { // a history with others away, or gone
			other := slices.Clone(ring)
			for i := range other {
				if rapid.Bool().Draw(t, "away") {
					other[i].Verdict = Away
				}
			}
			if rapid.Bool().Draw(t, "gone") {
				other = other[:rapid.IntRange(0, len(other)).Draw(t, "left")]
			}
			if turn := Weighted(other, cursor, slot); turn.Found {
				cursor, slot = turn.Next, turn.Slot
			}
		}
		sum, want := 0, map[uint32]int{}
		for _, seat := range ring {
			if seat.Verdict == Eligible {
				want[seat.Agent] = int(weightOf(seat))
				sum += int(weightOf(seat))
			}
		}
		got := map[uint32]int{}
		for range sum {
			turn := Weighted(ring, cursor, slot)
			got[turn.Next.Agent]++
			cursor, slot = turn.Next, turn.Slot
		}
		for agent, n := range want {
			if got[agent] != n {
				t.Fatalf("agent %d got %d of %d turns, her weight is %d", agent, got[agent], sum, n)
			}
		}
	})
}

// TestWeightedEqually: with equal weights it is the ring, passed over and all.
func TestWeightedEqually(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ring := drawRing(t)
		cursor := Key{Rank: rapid.StringMatching(`[a-c]?`).Draw(t, "rank"), Agent: rapid.Uint32Range(0, 9).Draw(t, "agent")}
		want, got := RoundRobin(ring, cursor), Weighted(ring, cursor, Slot{})
		if got.Found != want.Found || got.Next != want.Next || !slices.Equal(got.Passed, want.Passed) || !slices.Equal(got.Counts, want.Counts) {
			t.Fatalf("after %v: got %+v, want %+v", cursor, got, want)
		}
	})
}

// TestWeightedIsSmooth: who has many turns does not take them in a row.
func TestWeightedIsSmooth(t *testing.T) {
	ring := Seats{{Key: Key{"a", 1}, Weight: 5}}
	for i := range uint32(10) {
		ring = append(ring, Seat{Key: Key{"b", 2 + i}})
	}
	cursor, slot, row := Key{}, Slot{}, 0
	for range 45 {
		turn := Weighted(ring, cursor, slot)
		cursor, slot = turn.Next, turn.Slot
		if row++; cursor.Agent != 1 {
			row = 0
		}
		if row > 1 {
			t.Fatalf("agent 1 took %d turns in a row", row)
		}
	}
}

func BenchmarkWeighted(b *testing.B) {
	ring := make(Seats, 2000)
	for i := range ring {
		ring[i] = Seat{Key: Key{Agent: uint32(i + 1)}, Weight: uint32(i%MaxWeight + 1)}
	}
	for b.Loop() {
		Weighted(ring, ring[700].Key, Slot{1, 2})
	}
}

func drawWeights(t *rapid.T) Seats {
	ring := drawRing(t)
	for i := range ring {
		ring[i].Verdict = []Verdict{Eligible, Eligible, Eligible, AtCapacity}[rapid.IntRange(0, 3).Draw(t, "verdict")]
		ring[i].Weight = rapid.Uint32Range(0, 7).Draw(t, "weight")
	}
	return ring
}
