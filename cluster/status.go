package cluster

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/hashicorp/raft"

	"github.com/rondohq/rondo/fsm"
)

// NodeStatus is what is known of one server of the cluster.
type NodeStatus struct {
	ID        string
	HTTP      string
	Cluster   string
	Voter     bool
	Leader    bool
	Applied   uint64
	PID       int
	Version   string
	Reachable bool // it answered just now
}

// Nodes describes every server of Raft's configuration, in its order. It asks
// each, and waits half a second for those that do not answer.
func (g *Group) Nodes(ctx context.Context) []NodeStatus {
	servers := g.raft.GetConfiguration().Configuration().Servers
	_, leader := g.raft.LeaderWithID()
	state := g.Latest()
	list := make([]NodeStatus, len(servers))
	var asking sync.WaitGroup
	for i, s := range servers {
		list[i] = NodeStatus{ID: string(s.ID), Cluster: string(s.Address), Voter: s.Suffrage == raft.Voter, Leader: s.ID == leader}
		asking.Go(func() {
			own := s.ID == raft.ServerID(g.options.Self.ID)
			stats, err := g.stats(), error(nil)
			if !own {
				stats, err = g.askStats(ctx, string(s.Address))
			}
			if err == nil {
				list[i].Applied, list[i].PID, list[i].Version, list[i].Reachable = stats.Applied, stats.PID, stats.Version, true
			}
		})
	}
	asking.Wait()
	for i := range list {
		if row, ok := state.Nodes.Get(fsm.NodeID(list[i].ID)); ok {
			list[i].HTTP = row.HTTP
		}
	}
	return list
}

// stats describes this node.
func (g *Group) stats() Stats {
	return Stats{
		NodeID: string(g.options.Self.ID), ClusterID: g.options.Disk.ClusterID(),
		Version: g.options.Self.Version, PID: g.options.Self.PID,
		ClockMs: g.options.Wall().UnixMilli(),
		Applied: g.machine.applied.now(), LastIndex: g.raft.LastIndex(),
		HasState: g.raft.LastIndex() > 0, Leader: g.office.ready(),
	}
}

// A Check is one line of readiness.
type Check struct {
	Name   string
	OK     bool
	Detail string
}

// staleContact is how long a follower that hears no leader still counts as ready.
const staleContact = 2 * time.Second

// Health says whether this node can serve, line by line.
func (g *Group) Health() []Check {
	_, leader := g.raft.LeaderWithID()
	stats := g.raft.State()
	known := Check{"leader", leader != "", "leader is " + string(leader)}
	if !known.OK {
		known.Detail = errNoLeader.Error()
	}
	contact := Check{"contact", true, "this node leads"}
	if stats != raft.Leader {
		since := time.Since(g.raft.LastContact()).Round(time.Millisecond)
		contact.OK = since < staleContact
		contact.Detail = fmt.Sprintf("heard from the leader %s ago", since)
		if g.raft.LastContact().IsZero() {
			contact.OK, contact.Detail = false, "has not heard from a leader yet"
		}
	} else if !g.office.ready() {
		contact.OK, contact.Detail = false, errNotReady.Error()
	}
	return []Check{known, contact, g.caughtUp()}
}

// maxLag is how many entries a ready node may be behind what it knows to be
// committed: a restarted one is behind until it has replayed its log.
const maxLag = 1000

func (g *Group) caughtUp() Check {
	commit, applied := g.raft.CommitIndex(), g.machine.applied.now()
	c := Check{"applied", true, fmt.Sprintf("applied %d of %d entries", applied, commit)}
	if commit > applied+maxLag {
		c.OK = false
	}
	if g.Latest().ClusterID == "" {
		c.OK, c.Detail = false, "no entry has been applied yet"
	}
	return c
}
