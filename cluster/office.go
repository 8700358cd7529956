package cluster

import (
	"context"
	"sync"
	"time"

	"github.com/hashicorp/raft"
)

// An office is what a leader holds: the right to stamp and append entries. Raft
// says who leads; a leader takes office when the first entry of its term has
// been applied, so that it knows everything its predecessors promised.
type office struct {
	mu    sync.Mutex
	held  bool
	term  uint64
	clock clock
}

func newOffice() *office { return &office{} }

func (o *office) take(term uint64, c clock) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.held, o.term, o.clock = true, term, c
}

func (o *office) leave() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.held = false
}

func (o *office) ready() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.held
}

// stamp returns the cluster's time, if this node is in office in this term of
// Raft: one that lost it and leads again may not have heard of it yet.
func (o *office) stamp(term uint64) (ms int64, ok bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.held || o.term != term {
		return 0, false
	}
	return o.clock.nowMs(time.Now()), true
}

// A leaderWatch tells when the leader that this node knows has changed. Its
// methods may be called from any goroutine.
type leaderWatch struct {
	mu    sync.Mutex
	reign context.Context // of the leader there is; ends with the next change
	end   context.CancelFunc
}

func newLeaderWatch() *leaderWatch {
	w := &leaderWatch{}
	w.reign, w.end = context.WithCancel(context.Background())
	return w
}

// follow listens to Raft until the group stops. The observer drops what it cannot
// deliver rather than block Raft; one more change is as good as two.
func (w *leaderWatch) follow(r *raft.Raft, life *lifetime) {
	seen := make(chan raft.Observation, 16)
	observer := raft.NewObserver(seen, false, func(o *raft.Observation) bool {
		now, ok := o.Data.(raft.LeaderObservation)
		if ok && now.LeaderID != "" {
			countLeaderChange()
		}
		return ok
	})
	r.RegisterObserver(observer)
	life.running.Go(func() {
		defer r.DeregisterObserver(observer)
		for {
			select {
			case <-seen:
				w.announce()
			case <-life.ctx.Done():
				return
			}
		}
	})
}

func (w *leaderWatch) announce() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.end()
	w.reign, w.end = context.WithCancel(context.Background())
}

// next returns a channel that is closed at the next change.
func (w *leaderWatch) next() <-chan struct{} {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.reign.Done()
}

// until returns a context that also ends when the leader changes.
func (w *leaderWatch) until(ctx context.Context) (context.Context, context.CancelFunc) {
	w.mu.Lock()
	reign := w.reign
	w.mu.Unlock()
	ctx, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(reign, cancel)
	return ctx, func() {
		stop()
		cancel()
	}
}
