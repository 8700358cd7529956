package rotation

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// TestRoundRobinAgainstModel compares RoundRobin with a model that is too dumb
// to be wrong: a list of names, turned by hand.
func TestRoundRobinAgainstModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ring := drawRing(t)
		cursor := Key{Rank: rapid.StringMatching(`[a-c]?`).Draw(t, "rank"), Agent: rapid.Uint32Range(0, 9).Draw(t, "agent")}

		var before, after []Seat
		for _, seat := range ring {
			if seat.Compare(cursor) > 0 {
				after = append(after, seat)
			} else {
				before = append(before, seat)
			}
		}
		var passed []Seat
		var want *Seat
		for _, seat := range append(after, before...) {
			if seat.Verdict == Eligible {
				want = &seat
				break
			}
			passed = append(passed, seat)
		}

		turn := RoundRobin(ring, cursor)
		if turn.Found != (want != nil) {
			t.Fatalf("found %v, want %v", turn.Found, want)
		}
		if want != nil && turn.Next != want.Key {
			t.Fatalf("next %v, want %v", turn.Next, want.Key)
		}
		if !slices.Equal(turn.Passed, passed[:min(len(passed), PassedOverLimit)]) {
			t.Fatalf("passed %v, want %v", turn.Passed, passed)
		}
		total := uint32(0)
		for _, c := range turn.Counts {
			total += c.N
		}
		if int(total) != len(passed) {
			t.Fatalf("counted %d, want %d", total, len(passed))
		}
	})
}

// TestWindowedFairness is the promise of the ring: over any stretch in which two
// members were both eligible throughout, their turns differ by at most one,
// whatever the others do, join or leave.
func TestWindowedFairness(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ring := Seats{{Key: Key{"a", 1}}, {Key: Key{"m", 2}}}
		var cursor Key
		turns := map[uint32]int{}
		for range rapid.IntRange(1, 60).Draw(t, "turns") {
			other := Seat{Key: Key{rapid.StringMatching(`[a-z]`).Draw(t, "rank"), rapid.Uint32Range(3, 6).Draw(t, "agent")},
				Verdict: Verdict(rapid.IntRange(0, 3).Draw(t, "verdict"))}
			if at := slices.IndexFunc(ring, func(s Seat) bool { return s.Agent == other.Agent }); at >= 0 {
				ring = slices.Delete(slices.Clone(ring), at, at+1)
			} else {
				ring = append(slices.Clone(ring), other)
				slices.SortFunc(ring, func(a, b Seat) int { return a.Compare(b.Key) })
			}
			turn := RoundRobin(ring, cursor)
			cursor = turn.Next
			turns[cursor.Agent]++
			if d := turns[1] - turns[2]; d < -1 || d > 1 {
				t.Fatalf("1 has %d, 2 has %d", turns[1], turns[2])
			}
		}
	})
}

func TestJudge(t *testing.T) {
	for _, test := range []struct {
		status Status
		policy Policy
		want   Verdict
	}{
		{StatusAvailable, AssignToAvailable, Eligible},
		{StatusAway, AssignToAvailable, Away},
		{StatusInBreak, AssignToAvailable, InBreak},
		{StatusUnavailable, AssignToAvailable, Unavailable},
		{StatusAway, AssignToNotAway, Away},
		{StatusInBreak, AssignToNotAway, Eligible},
		{StatusUnavailable, AssignToNotAway, Eligible},
		{StatusAway, AssignToAnyone, Eligible},
	} {
		if got := Judge(test.status, test.policy); got != test.want {
			t.Errorf("Judge(%v, %v) = %v, want %v", test.status, test.policy, got, test.want)
		}
	}
}

// TestNamesAreForEver: the numbers stand in logs and the names in the API.
func TestNamesAreForEver(t *testing.T) {
	if Away.String() != "away" || DrainAllowance.String() != "drain_allowance" || DrainAllowance != 10 {
		t.Error("a verdict has moved")
	}
	for i := range statusCount {
		if s, ok := ParseStatus(i.String()); !ok || s != i {
			t.Errorf("status %d does not survive its name %q", i, i)
		}
	}
	for i := range policyCount {
		if p, ok := ParsePolicy(i.String()); !ok || p != i {
			t.Errorf("policy %d does not survive its name %q", i, i)
		}
	}
}

// BenchmarkRoundRobin shows the worst case: one of 2,000 members is eligible.
func BenchmarkRoundRobin(b *testing.B) {
	ring := make(Seats, 2000)
	for i := range ring {
		ring[i] = Seat{Key: Key{Agent: uint32(i + 1)}, Verdict: Away}
	}
	ring[0].Verdict = Eligible
	for b.Loop() {
		RoundRobin(ring, ring[0].Key)
	}
}

func drawRing(t *rapid.T) Seats {
	seats := rapid.SliceOfNDistinct(rapid.Custom(func(t *rapid.T) Seat {
		return Seat{
			Key:     Key{Rank: rapid.StringMatching(`[a-c]`).Draw(t, "rank"), Agent: rapid.Uint32Range(1, 60).Draw(t, "agent")},
			Verdict: Verdict(rapid.IntRange(0, int(verdictCount)-1).Draw(t, "verdict")),
		}
	}), 0, 50, func(s Seat) uint32 { return s.Agent }).Draw(t, "seats")
	slices.SortFunc(seats, func(a, b Seat) int { return a.Compare(b.Key) })
	return seats
}
