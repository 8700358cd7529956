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

	Condition
}

// A Condition is how a node is, as it says itself, and as it looks from here.
type Condition struct {
	Healthy     bool
	Reason      string        // why it is not
	Lag         uint64        // entries behind the newest that any node knows
	LastContact time.Duration // since it heard its leader; 0 for the leader
	Skew        time.Duration // by which its clock is fast
	Zone        string
	Region      string
	DiskRoom
}

// A Check is one line of readiness.
type Check struct {
	Name   string
	OK     bool
	Detail string
}

const (
	// staleContact is how long a follower that hears no leader counts as ready.
	staleContact = 2 * time.Second

	// maxLag is how many entries a ready node may be behind what it knows to be
	// committed.
	maxLag = 1000
)

// An overview tells how this node is, and how the others say they are.
type overview struct {
	self    Identity
	cluster func() string
	replica *replica
	office  *office
	peers   *peerage
	arrival *arrival
	clocks  *clockWatch
	space   *spaceWatch

	standing *standing
	more     []func() Check // of parts that nothing else is asked of
}

// stats describes this node.
func (o *overview) stats() Stats {
	last := o.replica.raft.LastIndex()
	return Stats{
		NodeID: string(o.self.ID), ClusterID: o.cluster(),
		Version: o.self.Version, PID: o.self.PID,
		ClockMs: o.clocks.wall().UnixMilli(),
		Applied: o.replica.machine.applied.now(), LastIndex: last,
		HasState: last > 0, Leader: o.office.ready() && o.replica.leads(),
		More: o.moreStats(),
	}
}

func (o *overview) moreStats() moreStats {
	_, leader := o.replica.raft.LeaderWithID()
	more := moreStats{HearsLeader: leader != "", SkewMs: time.Duration(o.clocks.skew.Load()).Milliseconds(),
		DiskRoom: DiskRoom{o.space.full.Load(), o.space.free.Load()}}
	if last := o.replica.raft.LastContact(); !last.IsZero() && !o.replica.leads() {
		more.ContactMs = time.Since(last).Milliseconds()
	}
	if err := o.standing.reason(); err != nil {
		more.Standing = err.Error()
	}
	return more
}

// nodes is Group.Nodes.
func (o *overview) nodes(ctx context.Context) []NodeStatus {
	servers := o.replica.servers()
	_, leader := o.replica.raft.LeaderWithID()
	list, answers := make([]NodeStatus, len(servers)), make([]*Stats, len(servers))
	var asking sync.WaitGroup
	for i, s := range servers {
		list[i] = NodeStatus{ID: string(s.ID), Cluster: string(s.Address), Voter: s.Suffrage == raft.Voter, Leader: s.ID == leader}
		asking.Go(func() {
			stats, err := o.stats(), error(nil)
			if s.ID != o.replica.self {
				stats, err = o.peers.stats(ctx, string(s.Address))
			}
			if err == nil {
				list[i].DiskRoom = stats.More.DiskRoom
				list[i].Applied, list[i].PID, list[i].Version, list[i].Reachable = stats.Applied, stats.PID, stats.Version, true
				answers[i] = &stats
			}
		})
	}
	asking.Wait()
	newest := uint64(0)
	for _, a := range answers {
		if a != nil {
			newest = max(newest, a.Applied)
		}
	}
	state := o.replica.machine.Latest()
	for i := range list {
		row, announced := state.Nodes.Known(fsm.NodeID(list[i].ID))
		list[i].HTTP, list[i].Zone, list[i].Region = row.HTTP, row.Zone, row.Region
		list[i].judge(answers[i], announced, newest)
	}
	return list
}

// judge says how a node is; a nil answer is none.
func (n *NodeStatus) judge(a *Stats, announced bool, newest uint64) {
	if a != nil {
		n.Lag = newest - min(newest, a.Applied)
		n.LastContact = time.Duration(a.More.ContactMs) * time.Millisecond
		n.Skew = time.Duration(a.More.SkewMs) * time.Millisecond
	}
	switch {
	case a == nil:
		n.Reason = "it does not answer"
	case a.NodeID != n.ID:
		n.Reason = fmt.Sprintf("%s answers at its address", a.NodeID)
	case a.More.Standing != "":
		n.Reason = a.More.Standing
	case announced && !a.HasState:
		n.Reason = wiped(n.ID).detail
	case !a.More.HearsLeader:
		n.Reason = "it knows no leader"
	case n.LastContact >= staleContact:
		n.Reason = fmt.Sprintf("it has not heard its leader for %s", n.LastContact.Round(time.Millisecond))
	case n.Lag > maxLag:
		n.Reason = fmt.Sprintf("it is %d entries behind", n.Lag)
	case n.Skew.Abs() > skewLimit:
		n.Reason = fmt.Sprintf("its clock is %s off: set it right (NTP)", n.Skew)
	}
	n.Healthy = n.Reason == ""
}

// health is Group.Health.
func (o *overview) health() []Check {
	list := []Check{
		o.standing.check(), o.knowsLeader(), o.hasContact(), o.hasCaughtUp(), o.clocks.check(), o.space.check(), o.keepsRecords(),
	}
	for _, check := range o.more {
		list = append(list, check())
	}
	return list
}

func (o *overview) knowsLeader() Check {
	_, leader := o.replica.raft.LeaderWithID()
	if leader == "" {
		return Check{"leader", false, errNoLeader.Error()}
	}
	return Check{"leader", true, "leader is " + string(leader)}
}

func (o *overview) hasContact() Check {
	switch last := o.replica.raft.LastContact(); {
	case o.replica.leads() && o.office.ready():
		return Check{"contact", true, "this node leads"}
	case o.replica.leads():
		return Check{"contact", false, errNotReady.Error()}
	case last.IsZero():
		return Check{"contact", false, "has not heard from a leader yet"}
	default:
		since := time.Since(last).Round(time.Millisecond)
		return Check{"contact", since < staleContact, fmt.Sprintf("heard from the leader %s ago", since)}
	}
}

// keepsRecords is never wrong by itself: it tells an operator that history is cut
// shorter than a day, which is all that a client may count on.
func (o *overview) keepsRecords() Check {
	s := o.replica.machine.Latest()
	c := Check{"records", true, fmt.Sprintf("%d KiB", s.Records.Bytes()>>10)}
	if s.Forgotten.Segments > 0 {
		c.Detail += ", from " + s.Records.Oldest().String() + " on"
	}
	if s.Forgotten.Early > 0 {
		c.Detail += fmt.Sprintf("; %d KiB had to go before they were a day old: there is more work than the records have room for",
			s.Forgotten.Early*fsm.SegmentBytes>>10)
	}
	return c
}

func (o *overview) hasCaughtUp() Check {
	commit, applied := o.replica.raft.CommitIndex(), o.replica.machine.applied.now()
	c := Check{"applied", commit <= applied+maxLag, fmt.Sprintf("applied %d of %d entries", applied, commit)}
	if !o.arrival.caughtUp.Load() {
		c.OK = false
		c.Detail += "; has not caught up with the leader yet"
	}
	return c
}
