package cluster

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"github.com/hashicorp/go-hclog"
)

const (
	// clocksEvery is how often the nodes compare their clocks.
	clocksEvery = 5 * time.Second

	// skewWarning and skewLimit are how far a clock may be off the median of all:
	// beyond the first it is said, beyond the second the node is not ready and
	// does not lead. Nothing is decided by these clocks; but a leader takes the
	// cluster's time from them when its term begins.
	skewWarning = 500 * time.Millisecond
	skewLimit   = 10 * time.Second
)

// A clockWatch compares this node's wall clock with the others'.
type clockWatch struct {
	wall     func() time.Time
	peers    *peerage
	replica  *replica
	handover *handover
	logger   hclog.Logger

	skew atomic.Int64 // time.Duration by which this node's clock is fast
}

// run goes on until ctx ends.
func (w *clockWatch) run(ctx context.Context) {
	warned := false
	for ctx.Err() == nil {
		skew := w.compare(ctx)
		w.skew.Store(int64(skew))
		off := skew.Abs() > skewWarning
		if off && !warned {
			w.logger.Warn("the clock of this node is off the other nodes' clocks: set it right (NTP)", "fast_by", skew)
		}
		warned = off
		if skew.Abs() > skewLimit && w.replica.leads() {
			w.giveUp(ctx)
		}
		sleep(ctx, clocksEvery)
	}
}

// giveUp hands over to a node with a better clock, if there is one that could.
func (w *clockWatch) giveUp(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, clocksEvery)
	defer cancel()
	own := time.Duration(w.skew.Load())
	better := func(r report) bool {
		// How fast its clock is against the median: ours, less what ours is ahead
		// of it.
		theirs := own - w.ahead(r)
		return theirs.Abs() <= skewLimit
	}
	if err := w.handover.transfer(ctx, better); err != nil {
		w.logger.Warn("this node's clock is wrong and nobody can lead instead", "fast_by", own, "error", err)
	}
}

// compare returns how fast this clock is against the median of all that answer.
// Between two in the middle there is no telling, so none of them is off.
func (w *clockWatch) compare(ctx context.Context) time.Duration {
	ctx, cancel := context.WithTimeout(ctx, statsPatience)
	defer cancel()
	answers, asked, _ := w.peers.voters(ctx)
	ahead := []time.Duration{0} // of every clock, our own first
	for range asked {
		select {
		case r := <-answers:
			if r.err == nil {
				ahead = append(ahead, w.ahead(r))
			}
		case <-ctx.Done():
		}
	}
	return skewOf(ahead)
}

// ahead is how far this node's clock is ahead of a voter's.
func (w *clockWatch) ahead(r report) time.Duration {
	return w.wall().Add(-time.Since(r.at)).Sub(time.UnixMilli(r.stats.ClockMs))
}

// skewOf returns how far one clock, the first, is ahead of the median, from how
// far it is ahead of each.
func skewOf(ahead []time.Duration) time.Duration {
	sorted := slices.Sorted(slices.Values(ahead))
	lower, upper := sorted[(len(sorted)-1)/2], sorted[len(sorted)/2]
	if lower.Abs() < upper.Abs() {
		return lower
	}
	return upper
}

func (w *clockWatch) check() Check {
	skew := time.Duration(w.skew.Load()).Round(time.Millisecond)
	return Check{"clock", skew.Abs() <= skewLimit, fmt.Sprintf("%s ahead of the other nodes' clocks", skew)}
}
