package cluster

import (
	"slices"
	"time"
)

// maxLoneJump is how far a leader sets the cluster's time forward by its own
// clock alone, when no majority of clocks can be asked.
const maxLoneJump = 10 * time.Second

// A clock is what a leader stamps its entries with: the state's time at the
// start of its term, and the monotonic time since. It never goes back and never
// stands still; while the state is ahead of the nodes' clocks it runs at half
// speed.
type clock struct {
	baseMs  int64
	aheadMs int64 // of the nodes' clocks, when it was set
	since   time.Time
}

// A clockReading is all that a leader's clock is set from.
type clockReading struct {
	stateMs    int64   // the state's time; 0 before the first entry
	estimateMs int64   // what this node believes the cluster's time to be now
	clocksMs   []int64 // of the nodes, own first
	majority   int     // how many of them are one
}

// newClock sets a leader's clock. With a majority of the nodes' clocks it follows
// their median forward, however far: the cluster may have been off for a night.
// Without, it follows the own clock a little.
func newClock(r clockReading, now time.Time) clock {
	target := r.clocksMs[0]
	if len(r.clocksMs) >= r.majority {
		target = r.median()
	} else if r.stateMs > 0 {
		target = min(target, r.stateMs+maxLoneJump.Milliseconds())
	}
	if r.stateMs > target {
		return clock{baseMs: r.stateMs, aheadMs: r.stateMs - target, since: now}
	}
	return clock{baseMs: target, since: now}
}

// median returns the middle clock. Of two in the middle it takes the one nearer
// to what the cluster's time should be: two nodes of three cannot tell which of
// them is an hour wrong, but the state can.
func (r clockReading) median() int64 {
	sorted := slices.Sorted(slices.Values(r.clocksMs))
	lower, upper := sorted[(len(sorted)-1)/2], sorted[len(sorted)/2]
	if r.stateMs > 0 && distance(upper, r.estimateMs) < distance(lower, r.estimateMs) {
		return upper
	}
	return lower
}

// doubtful says that the clocks are far from what the cluster's time should be:
// it was off for a night, or they are wrong.
func (r clockReading) doubtful() bool {
	return r.stateMs > 0 && distance(r.median(), r.estimateMs) > skewLimit.Milliseconds()
}

func distance(a, b int64) int64 { return max(a-b, b-a) }

// atLeast returns the clock set forward, if needed, so that it shows ms at now. By
// as much it is ahead of the nodes' clocks.
func (c clock) atLeast(ms int64, now time.Time) clock {
	if missing := ms - c.nowMs(now); missing > 0 {
		elapsed := max(now.Sub(c.since).Milliseconds(), 0)
		return clock{baseMs: ms, aheadMs: max(c.aheadMs-elapsed/2, 0) + missing, since: now}
	}
	return c
}

// nowMs is the time to stamp an entry with.
func (c clock) nowMs(now time.Time) int64 {
	elapsed := max(now.Sub(c.since).Milliseconds(), 0)
	if elapsed < 2*c.aheadMs {
		return c.baseMs + elapsed/2
	}
	return c.baseMs + elapsed - c.aheadMs
}
