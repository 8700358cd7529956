package cluster

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/hashicorp/raft"
)

// Exactly one node writes the first configuration. If each wrote its own and
// their views differed, Raft would take the entries for the same one, and two
// leaders would acknowledge writes (raft.md 1.7).

// Bootstrap says how a new cluster comes to be. At most one of the two is set;
// with neither, the node waits to be added to a cluster that exists.
type Bootstrap struct {
	// InitialVoters are all nodes of the new cluster; the smallest id bootstraps,
	// once a majority of them has answered and none has state.
	InitialVoters []Voter

	// Expect is how many nodes the new cluster has; they find each other by
	// gossip, and the smallest id bootstraps once all of them see exactly the same
	// nodes and none has state.
	Expect int
}

// A Voter is a node of a new cluster.
type Voter struct {
	ID      string
	Address string // of its cluster port
}

// bootstrapPause is how often the conditions are looked at.
const bootstrapPause = 250 * time.Millisecond

// bootstrap ends when there is something in the log: ours, or what a leader that
// knows us has sent.
func (n *Node) bootstrap() {
	last := ""
	for n.ctx.Err() == nil && n.group.replica.raft.LastIndex() == 0 {
		voters, reason := n.mayBootstrap()
		if voters != nil {
			err := n.writeFirst(voters)
			if err == nil {
				n.options.Logger.Info("bootstrapped a new cluster", "voters", len(voters), "cluster", n.disk.ClusterID())
				return
			}
			reason = err.Error()
		}
		if reason != last {
			n.options.Logger.Info("waiting for a cluster", "because", reason)
			last = reason
		}
		sleep(n.ctx, bootstrapPause)
	}
}

// mayBootstrap returns the voters if this node is the one to write the first
// configuration, now, and otherwise why not.
func (n *Node) mayBootstrap() (voters []Voter, reason string) {
	b := n.options.Bootstrap
	switch {
	case len(b.InitialVoters) > 0:
		return n.mayBootstrapVoters(b.InitialVoters)
	case b.Expect > 0 && n.peers.enabled():
		return n.peers.mayBootstrap(b.Expect)
	default:
		return nil, "no bootstrap is configured: the node must be added to a cluster that exists"
	}
}

func (n *Node) mayBootstrapVoters(voters []Voter) ([]Voter, string) {
	self := string(n.options.Self.ID)
	smallest := slices.MinFunc(voters, func(a, b Voter) int { return strings.Compare(a.ID, b.ID) })
	if smallest.ID != self {
		return nil, fmt.Sprintf("node %s bootstraps", smallest.ID)
	}
	empty := 1
	for _, v := range voters {
		if v.ID == self {
			continue
		}
		s, err := askStats(n.ctx, n.pool, n.group.id, v.Address)
		switch {
		case err != nil:
			continue
		case s.HasState || s.ClusterID != "":
			return nil, fmt.Sprintf("node %s has state already: the cluster exists, and this node must be added to it", v.ID)
		default:
			empty++
		}
	}
	if empty <= len(voters)/2 {
		return nil, fmt.Sprintf("%d of %d initial voters answer, a majority is needed", empty, len(voters))
	}
	return voters, ""
}

// writeFirst makes this node the founder: it gives the cluster its id, keeps it,
// and writes the first configuration.
func (n *Node) writeFirst(voters []Voter) error {
	if has, err := n.disk.HasState(); err != nil || has {
		return errors.Join(errors.New("this node has state already"), err)
	}
	if n.disk.ClusterID() == "" {
		if err := n.disk.AdoptClusterID(uuid.NewString()); err != nil {
			return fmt.Errorf("keep the cluster id: %w", err)
		}
	}
	var first raft.Configuration
	for _, v := range voters {
		first.Servers = append(first.Servers, raft.Server{Suffrage: raft.Voter, ID: raft.ServerID(v.ID), Address: raft.ServerAddress(v.Address)})
	}
	ctx, cancel := context.WithTimeout(n.ctx, stopPatience)
	defer cancel()
	if err := n.group.replica.await(ctx, n.group.replica.raft.BootstrapCluster(first)); err != nil {
		return fmt.Errorf("bootstrap: %w", err)
	}
	return nil
}
