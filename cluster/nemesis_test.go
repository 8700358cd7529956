package cluster

import (
	"context"
	"math"
	"math/rand/v2"
	"time"
)

// A fault is one thing that happens to a cluster and its leader. What it leaves
// behind is put right by calm.
type fault struct {
	name  string
	nodes int // the fewest it takes
	do    func(s *storm, leader *simNode)
}

// A faultTime is when a fault happened, for the record.
type faultTime struct {
	At     time.Duration
	Name   string
	Leader string
}

// moreFaults is for what other files know how to do to a cluster, such as a change
// of membership under load. Each is in the same draw as the faults below.
var moreFaults []fault

// networkOf, disksOf and so on: what happens to a leader.
func allFaults() []fault {
	return append([]fault{
		{"isolated leader", 3, func(s *storm, leader *simNode) { s.net.Isolate(leader.name) }},
		{"leader hears nothing", 3, func(s *storm, leader *simNode) {
			for _, n := range s.others(leader) {
				s.net.CutOneWay(n.name, leader.name)
			}
		}},
		{"leader is not heard", 3, func(s *storm, leader *simNode) {
			for _, n := range s.others(leader) {
				s.net.CutOneWay(leader.name, n.name)
			}
		}},
		{"halves", 5, halves},
		{"bridge", 5, bridge},
		{"leader loses power", 3, func(s *storm, leader *simNode) { s.crash(leader) }},
		{"two lose power", 3, func(s *storm, leader *simNode) {
			s.crash(leader)
			s.crash(s.nodes[s.rng.IntN(len(s.nodes))])
		}},
		{"all lose power", 3, func(s *storm, _ *simNode) {
			for _, n := range s.nodes {
				s.crash(n)
			}
		}},
		{"paused leader", 3, paused},
		{"hung disk", 3, func(s *storm, leader *simNode) {
			leader.disk.SetWriteDelay(800 * time.Millisecond)
			sleep(s.ctx, 200*time.Millisecond)
			s.crash(leader)
		}},
		{"slow network, then a crash", 3, slowThenCrash},
		{"handed over", 3, handedOver},
		{"handed over", 3, handedOver},
		{"stopped in good order", 3, stopped},
		{"follower falls behind", 3, fallsBehind},
	}, moreFaults...)
}

// calm ends what a fault has left behind.
func (s *storm) calm() {
	s.net.Heal()
	for i, n := range s.nodes {
		n.disk.SetWriteDelay(time.Millisecond)
		for _, other := range s.nodes[:i] {
			s.net.Delay(n.name, other.name, 0)
		}
	}
}

// halves cuts five nodes into three and two, the leader among the two.
func halves(s *storm, leader *simNode) {
	others := s.others(leader)
	s.rng.Shuffle(len(others), func(i, j int) { others[i], others[j] = others[j], others[i] })
	for _, here := range []*simNode{leader, others[0]} {
		for _, there := range others[1:] {
			s.net.Cut(here.name, there.name)
		}
	}
}

// bridge cuts five nodes into two and two, and one that both can reach.
func bridge(s *storm, leader *simNode) {
	others := s.others(leader)
	s.rng.Shuffle(len(others), func(i, j int) { others[i], others[j] = others[j], others[i] })
	for _, here := range []*simNode{leader, others[0]} {
		for _, there := range others[2:] {
			s.net.Cut(here.name, there.name)
		}
	}
	sleep(s.ctx, 700*time.Millisecond)
	s.net.Isolate(leader.name) // the bridge may have kept it in office
}

// paused is a leader that stands still and then goes on as if nothing had been:
// what it wrote and what was written to it arrives late, its disk waits too, and
// its wall clock has jumped.
func paused(s *storm, leader *simNode) {
	const pause = 700 * time.Millisecond
	for _, n := range s.others(leader) {
		s.net.Delay(leader.name, n.name, pause)
	}
	leader.disk.SetWriteDelay(pause)
	sleep(s.ctx, pause)
}

func slowThenCrash(s *storm, leader *simNode) {
	for _, n := range s.others(leader) {
		s.net.Delay(leader.name, n.name, 40*time.Millisecond)
	}
	sleep(s.ctx, 300*time.Millisecond)
	for _, n := range s.others(leader) {
		s.net.Delay(leader.name, n.name, 0)
	}
	s.crash(leader)
}

func handedOver(s *storm, leader *simNode) {
	if err := leader.group().Transfer(s.ctx); err != nil {
		s.net.Isolate(leader.name) // nobody to take over just now
	}
}

func stopped(s *storm, leader *simNode) {
	if err := leader.group().Transfer(s.ctx); err != nil {
		return
	}
	s.stop(leader)
	sleep(s.ctx, 200*time.Millisecond)
	s.boot(leader)
}

// fallsBehind keeps a follower away until it needs a snapshot, and then cuts off
// the leader.
func fallsBehind(s *storm, leader *simNode) {
	other := s.others(leader)[s.rng.IntN(len(s.nodes)-1)]
	s.net.Isolate(other.name)
	s.outlast(leader, other)
	s.net.Heal()
	sleep(s.ctx, 300*time.Millisecond)
	s.net.Isolate(leader.name)
}

// outlast makes the leader cut its log beyond what the other node has: at the
// snapshot before its newest, and behind the entries it keeps in any case.
func (s *storm) outlast(leader, other *simNode) {
	for range 3 {
		first, err := leader.group().keeper.disk.Logs().FirstIndex()
		if err != nil || first > other.group().replica.raft.LastIndex()+1 {
			return
		}
		for range 70 {
			if _, err := leader.group().Fence(s.ctx); err != nil || !leader.group().replica.leads() {
				return
			}
		}
		if err := leader.group().Snapshot(); err != nil {
			return
		}
	}
}

// strobe sets the clock of a node wrong, again and again: by a millisecond or by two
// hours, fast or slow, all sizes alike, and now and then right. It is one node, so
// that even those who are left when others are cut off have more right clocks than
// wrong ones, or as many.
func (s *storm) strobe(load context.Context, rng *rand.Rand) {
	node := s.nodes[rng.IntN(len(s.nodes))]
	for ; load.Err() == nil; sleep(load, time.Duration(rng.IntN(1500))*time.Millisecond) {
		wrong := time.Duration(math.Pow(2*3600_000, rng.Float64())) * time.Millisecond
		node.skew.Store(int64([]time.Duration{wrong, wrong, -wrong, -wrong, 0}[rng.IntN(5)]))
	}
	node.skew.Store(0)
}
