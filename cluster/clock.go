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

// newClock sets a leader's clock from the state's time and the clocks of the
// nodes, own first. With a majority of them it follows their median forward,
// however far: the cluster may have been off for a night. Without, it follows
// the own clock a little.
func newClock(stateMs int64, clocksMs []int64, majority int, now time.Time) clock {
	target := clocksMs[0]
	if len(clocksMs) >= majority {
		sorted := slices.Sorted(slices.Values(clocksMs))
		target = sorted[(len(sorted)-1)/2]
	} else if stateMs > 0 {
		target = min(target, stateMs+maxLoneJump.Milliseconds())
	}
	if stateMs > target {
		return clock{baseMs: stateMs, aheadMs: stateMs - target, since: now}
	}
	return clock{baseMs: target, since: now}
}

// nowMs is the time to stamp an entry with.
func (c clock) nowMs(now time.Time) int64 {
	elapsed := max(now.Sub(c.since).Milliseconds(), 0)
	if elapsed < 2*c.aheadMs {
		return c.baseMs + elapsed/2
	}
	return c.baseMs + elapsed - c.aheadMs
}
