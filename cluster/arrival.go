package cluster

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/rondohq/rondo/fsm"
)

const (
	// arrivalPatience is how long one try to reach the leader may take.
	arrivalPatience = 10 * time.Second

	// longestSilence is the longest pause between tries to announce this node.
	longestSilence = time.Minute
)

// An arrival is what a node does whenever a leader begins that it knows: a fence,
// so that it knows to have caught up with everything that was acknowledged before
// (a restarted node goes back in time to its snapshot, raft.md 1.1; how far it is
// behind its own log does not say how far it is behind the others'), and then its
// row in the node table, so that the others find it.
type arrival struct {
	self    fsm.AnnounceNode
	desk    *desk
	machine *machine
	leader  *leaderWatch
	logger  hclog.Logger

	caughtUp atomic.Bool
}

// run goes on until ctx ends.
func (a *arrival) run(ctx context.Context) {
	pause := 10 * retryPause
	for ctx.Err() == nil {
		changed := a.leader.next()
		if err := a.arrive(ctx); err != nil {
			a.logger.Debug("not there yet", "error", err)
			sleep(ctx, 10*retryPause)
			continue
		}
		if err := a.announce(ctx); err != nil {
			a.logger.Warn("could not announce this node; others may not find it", "error", err, "next_try_in", pause)
			sleep(ctx, pause)
			pause = min(2*pause, longestSilence)
			continue
		}
		select {
		case <-changed:
			a.caughtUp.Store(false)
		case <-ctx.Done():
		}
	}
}

func (a *arrival) arrive(ctx context.Context) error {
	if a.caughtUp.Load() {
		return nil
	}
	ctx, cancel := context.WithTimeout(WithOperator(ctx), arrivalPatience)
	defer cancel()
	if _, err := a.desk.fence(ctx); err != nil {
		return fmt.Errorf("catch up: %w", err)
	}
	a.caughtUp.Store(true)
	return nil
}

// announce makes the replicated node table say where this node is found.
func (a *arrival) announce(ctx context.Context) error {
	if row, ok := a.machine.Latest().Nodes.Get(a.self.ID); ok && sameNode(row, a.self) {
		return nil
	}
	ctx, cancel := context.WithTimeout(WithOperator(ctx), arrivalPatience)
	defer cancel()
	outcome, _, err := a.desk.propose(ctx, fsm.NewItem(a.self, principalNode, "", mintedKey()))
	if err == nil && outcome.Rejection != nil {
		err = outcome.Rejection
	}
	if err != nil {
		return fmt.Errorf("announce node: %w", err)
	}
	return nil
}

func sameNode(row fsm.Node, want fsm.AnnounceNode) bool {
	row.Revision = 0
	return row == fsm.Node{ID: want.ID, HTTP: want.HTTP, Cluster: want.Cluster, Zone: want.Zone,
		Region: want.Region, Version: want.Version, Semantics: want.Semantics}
}
