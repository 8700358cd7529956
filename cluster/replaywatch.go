package cluster

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/hashicorp/go-hclog"
)

// A replayWatch tells how far a node that was started has come with its own log.
// Raft applies nothing of it before a leader says what is committed, so it begins
// to count then.
type replayWatch struct {
	replica *replica
	logger  hclog.Logger

	mu    sync.Mutex
	first uint64 // applied when it was started: what its snapshot held
	goal  uint64 // last index of its log then
	began time.Time
	done  bool
}

// replayEvery is how often it is told in the log.
const replayEvery = 2 * time.Second

func newReplayWatch(r *replica, logger hclog.Logger) *replayWatch {
	w := &replayWatch{replica: r, logger: logger, first: r.machine.applied.now(), goal: r.raft.LastIndex()}
	w.done = w.goal <= w.first
	return w
}

// run ends when the log has been replayed, or with ctx.
func (w *replayWatch) run(ctx context.Context) {
	tell := time.NewTicker(replayEvery)
	defer tell.Stop()
	for {
		applied := w.replica.machine.applied.next()
		if w.look() {
			return
		}
		select {
		case <-applied:
		case <-tell.C:
			w.logger.Info("replaying the log", "progress", w.check().Detail)
		case <-ctx.Done():
			return
		}
	}
}

// look says whether it is done.
func (w *replayWatch) look() bool {
	now := w.replica.machine.applied.now()
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.began.IsZero() && now > w.first {
		w.began = time.Now()
	}
	// A new leader may have cut off what was never committed.
	w.goal = min(w.goal, w.replica.raft.LastIndex())
	if !w.done && now >= w.goal {
		w.done = true
		w.logger.Info("the log is replayed", "up_to", w.goal, "took", time.Since(w.began).Round(time.Millisecond))
	}
	return w.done
}

func (w *replayWatch) check() Check {
	now := w.replica.machine.applied.now()
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case w.done:
		return Check{"replay", true, fmt.Sprintf("everything up to %d, where the log ended at the start, is applied", w.goal)}
	case w.began.IsZero() || now <= w.first:
		return Check{"replay", false, fmt.Sprintf("%d entries of the log wait for a leader to say that they are committed", w.goal-w.first)}
	}
	rate := float64(now-w.first) / max(time.Since(w.began).Seconds(), 0.001)
	left := time.Duration(float64(w.goal-min(now, w.goal)) / rate * float64(time.Second))
	return Check{"replay", false, fmt.Sprintf("applied %d of %d entries, %.0f a second, about %s left", now, w.goal, rate, left.Round(time.Second))}
}
