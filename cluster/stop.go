package cluster

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hashicorp/raft"
)

const (
	transferTries = 3

	// transferLag is how many entries a successor may be behind.
	transferLag = 64

	stopPatience = 10 * time.Second
)

// ErrNoSuccessor says that no other voter is reachable and caught up.
var ErrNoSuccessor = errors.New("no other voter is reachable and caught up")

// Transfer hands leadership to a voter that answers and is caught up. It does
// nothing on a node that does not lead. Raft's own choice is not used: it may
// pick a dead peer that it has never reached (raft.md 1.6).
func (g *Group) Transfer(ctx context.Context) error {
	var err error
	for range transferTries {
		if g.raft.State() != raft.Leader {
			return nil
		}
		if err = g.transferOnce(ctx); err == nil || ctx.Err() != nil {
			return err
		}
		sleep(ctx, 10*retryPause)
	}
	return err
}

func (g *Group) transferOnce(ctx context.Context) error {
	successor, ok := g.successor(ctx)
	if !ok {
		return ErrNoSuccessor
	}
	changed := g.leader.next()
	future := g.raft.LeadershipTransferToServer(raft.ServerID(successor.id), raft.ServerAddress(successor.address))
	if err := g.await(ctx, future); err != nil {
		return fmt.Errorf("transfer leadership to %s: %w", successor.id, err)
	}
	select {
	case <-changed:
		g.options.Logger.Info("leadership handed over", "to", successor.id)
		return nil
	case <-ctx.Done():
		return fmt.Errorf("transfer leadership to %s: %w", successor.id, ctx.Err())
	}
}

// successor returns the voter with the most of the log.
func (g *Group) successor(ctx context.Context) (best peer, found bool) {
	last, most := g.raft.LastIndex(), uint64(0)
	others, _ := g.peers()
	for _, p := range others {
		if !p.voter {
			continue
		}
		s, err := g.askStats(ctx, p.address)
		if err == nil && s.LastIndex+transferLag >= last && s.LastIndex >= most {
			best, found, most = p, true, s.LastIndex
		}
	}
	return best, found
}

// Close stops the group: what waits is answered, Raft is shut down. It does not
// hand over leadership; see Transfer.
//
// Futures that Raft still owes are waited for first: it answers them while it
// runs (a leader without a majority within its lease), and may never after its
// shutdown (hashicorp/raft#498).
func (g *Group) Close() error {
	g.stop()
	g.batcher.running.Wait()
	within(2*g.options.Timing.Heartbeat, g.futures.Wait)
	var err error
	if !within(stopPatience, func() { err = g.raft.Shutdown().Error() }) {
		return fmt.Errorf("shut down Raft: no answer for %s", stopPatience)
	}
	g.running.Wait()
	if err != nil {
		return fmt.Errorf("shut down Raft: %w", err)
	}
	return nil
}

// within runs f and says whether it has ended in time.
func within(d time.Duration, f func()) bool {
	done := make(chan struct{})
	go func() {
		f()
		close(done)
	}()
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-done:
		return true
	case <-timer.C:
		return false
	}
}
