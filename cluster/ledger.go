package cluster

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/hashicorp/raft"
)

// A ledger knows how many answers Raft still owes. A future of Raft is never
// trusted to answer: after a shutdown 44 of 100 never did (hashicorp/raft#498,
// raft.md 0.5). One that does not costs a goroutine for the rest of the process.
type ledger struct {
	stopping <-chan struct{} // the group is being closed: nobody waits any longer

	mu      sync.Mutex
	owed    int
	settled chan struct{} // closed when nothing is owed, if somebody waits for that
}

// await returns what the future says. It gives up when ctx ends, and, with
// raft.ErrRaftShutdown, when the group is closed.
func (l *ledger) await(ctx context.Context, f raft.Future) error {
	answered := make(chan error, 1)
	l.enter()
	go func() {
		answered <- f.Error()
		l.strike()
	}()
	var gaveUp error
	select {
	case err := <-answered:
		return err
	case <-ctx.Done():
		gaveUp = fmt.Errorf("wait for Raft: %w", ctx.Err())
	case <-l.stopping:
		gaveUp = raft.ErrRaftShutdown
	}
	// It may have answered in the same moment.
	select {
	case err := <-answered:
		return err
	default:
		return gaveUp
	}
}

func (l *ledger) enter() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.owed++
}

func (l *ledger) strike() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.owed--
	if l.owed == 0 && l.settled != nil {
		close(l.settled)
		l.settled = nil
	}
}

// settle waits until nothing is owed, at most for d.
func (l *ledger) settle(d time.Duration) bool {
	l.mu.Lock()
	if l.owed == 0 {
		l.mu.Unlock()
		return true
	}
	if l.settled == nil {
		l.settled = make(chan struct{})
	}
	settled := l.settled
	l.mu.Unlock()
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-settled:
		return true
	case <-timer.C:
		return false
	}
}
