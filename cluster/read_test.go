package cluster

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/rondohq/rondo/fsm"
)

func TestWaitApplied(t *testing.T) {
	inWorld(t, 41, func(ctx context.Context, t *testing.T, w *world, leader *simNode) {
		follower := w.others(leader)[0]
		index, err := leader.group().Fence(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if err := follower.group().WaitApplied(ctx, index); err != nil {
			t.Error(err)
		}
		short, cancel := context.WithTimeout(ctx, time.Second)
		defer cancel()
		began := time.Now()
		err = follower.group().WaitApplied(short, index+1000)
		var failed *Error
		if !errors.As(err, &failed) || failed.Code() != CodeDeadline || failed.Outcome() != Rejected || time.Since(began) != time.Second {
			t.Errorf("got %v after %s", err, time.Since(began))
		}
		// Whoever waits is woken by the entry, not by the clock.
		var waiting sync.WaitGroup
		for _, n := range w.nodes {
			waiting.Go(func() {
				began := time.Now()
				if err := n.group().WaitApplied(ctx, index+1); err != nil || time.Since(began) > time.Second {
					t.Errorf("%s: %v after %s", n.name, err, time.Since(began))
				}
			})
		}
		w.mustOn(ctx, leader, open("c"))
		waiting.Wait()
	})
}

// TestReadYourWrites: the index that a call returns is applied on the node that
// was called, and a fence there sees what was acknowledged on another.
func TestReadYourWrites(t *testing.T) {
	inWorld(t, 42, func(ctx context.Context, t *testing.T, w *world, leader *simNode) {
		for i, n := range append(w.nodes, w.nodes...) {
			_, index, err := n.group().Propose(ctx, itemOf(open(conversation(i)), string(conversation(i))))
			if err != nil {
				t.Fatal(err)
			}
			if _, ok := n.group().View(index).Conversations.ByID(conversation(i)); !ok {
				t.Errorf("%s does not see its own write at %d", n.name, index)
			}
			for _, other := range w.others(n) {
				fence, err := other.group().Fence(ctx)
				if err != nil {
					t.Fatal(err)
				}
				if _, ok := other.group().View(fence).Conversations.ByID(conversation(i)); !ok {
					t.Errorf("%s does not see at %d what %s acknowledged at %d", other.name, fence, n.name, index)
				}
			}
		}
	})
}

// TestViewsAreSharedAndStay: readers of one moment get one clone, and what happens
// later does not change it.
func TestViewsAreSharedAndStay(t *testing.T) {
	inWorld(t, 43, func(ctx context.Context, t *testing.T, w *world, leader *simNode) {
		g := leader.group()
		w.mustOn(ctx, leader, open("c1"))
		index, err := g.Fence(ctx)
		if err != nil {
			t.Fatal(err)
		}
		first := g.View(index)
		before := snapshotOf(t, first)
		var reading sync.WaitGroup
		for range 50 {
			reading.Go(func() {
				if g.View(index) != first || g.View(0) != first {
					t.Error("two views of one moment")
				}
			})
		}
		reading.Wait()
		for range 20 {
			reading.Go(func() { // while entries are applied
				if _, ok := g.Latest().Conversations.ByID("c1"); !ok {
					t.Error("a view lost a conversation")
				}
			})
		}
		w.mustOn(ctx, leader, open("c2"))
		reading.Wait()
		if _, ok := g.Latest().Conversations.ByID("c2"); !ok {
			t.Error("the latest view lacks the newest conversation")
		}
		if after := snapshotOf(t, first); string(after) != string(before) {
			t.Error("a view changed after it was handed out")
		}
	})
}

// TestRestartedNodeKnowsThatItIsBehind: it has gone back in time, and says so
// until it has heard from a leader and caught up.
func TestRestartedNodeKnowsThatItIsBehind(t *testing.T) {
	inWorld(t, 44, func(ctx context.Context, t *testing.T, w *world, leader *simNode) {
		n := w.others(leader)[0]
		w.await(ctx, "it to be ready", func() bool { return healthy(n) && n.group().overview.arrival.caughtUp.Load() })
		w.stop(n)
		w.mustOn(ctx, leader, open("c"))
		w.boot(n)
		w.net.Isolate(n.name)
		for range 100 {
			if n.group().overview.arrival.caughtUp.Load() || healthy(n) {
				t.Fatalf("it calls itself ready: %+v", n.group().Health())
			}
			sleep(ctx, 50*time.Millisecond)
		}
		w.net.Heal()
		w.await(ctx, "it to be ready again", func() bool {
			if !n.group().overview.arrival.caughtUp.Load() {
				return false
			}
			if _, ok := n.group().Latest().Conversations.ByID("c"); !ok {
				t.Fatal("it calls itself caught up and is not")
			}
			return healthy(n)
		})
	})
}

func healthy(n *simNode) bool {
	for _, c := range n.group().Health() {
		if !c.OK {
			return false
		}
	}
	return true
}

// TestPartitionedNodeIsNotReady, be it follower or leader, and is again soon after.
func TestPartitionedNodeIsNotReady(t *testing.T) {
	inWorld(t, 45, func(ctx context.Context, t *testing.T, w *world, leader *simNode) {
		for _, n := range []*simNode{leader, w.others(leader)[0]} {
			w.await(ctx, "all to be ready", func() bool { return healthy(w.nodes[0]) && healthy(w.nodes[1]) && healthy(w.nodes[2]) })
			w.net.Isolate(n.name)
			cut := time.Now()
			w.await(ctx, "it to see that", func() bool { return !healthy(n) && !n.group().overview.arrival.caughtUp.Load() })
			if time.Since(cut) > staleContact {
				t.Errorf("%s called itself ready for %s", n.name, time.Since(cut))
			}
			for range 20 {
				if healthy(n) || n.group().overview.arrival.caughtUp.Load() {
					t.Errorf("%s calls itself ready: %+v", n.name, n.group().Health())
				}
				sleep(ctx, 100*time.Millisecond)
			}
			w.net.Heal()
		}
		w.await(ctx, "all to be ready", func() bool { return healthy(w.nodes[0]) && healthy(w.nodes[1]) && healthy(w.nodes[2]) })
	})
}

// TestNodes: every node tells the same story of all, and who does not answer is
// not left out.
func TestNodes(t *testing.T) {
	inWorld(t, 46, func(ctx context.Context, t *testing.T, w *world, leader *simNode) {
		w.await(ctx, "all to be announced", func() bool { return leader.group().Latest().Nodes.Len() == 3 })
		away := w.others(leader)[1]
		for _, cut := range []bool{false, true} {
			if cut {
				w.net.Isolate(away.name)
			}
			index, err := leader.group().Fence(ctx)
			if err != nil {
				t.Fatal(err)
			}
			list := leader.group().Nodes(ctx)
			if len(list) != 3 {
				t.Fatalf("%d nodes: %+v", len(list), list)
			}
			for i, n := range w.nodes {
				want := NodeStatus{ID: n.name, HTTP: n.name + ":http", Cluster: n.name, Voter: true, Leader: n == leader, Reachable: true, PID: 1, Version: "test"}
				if cut && n == away {
					want.Reachable, want.PID, want.Version = false, 0, ""
				}
				got := list[i]
				if n == leader && got.Applied < index {
					t.Errorf("%s has applied %d, less than %d", n.name, got.Applied, index)
				}
				if dead := cut && n == away; got.Healthy == dead || (got.Reason != "") != dead {
					t.Errorf("%s is healthy: %v, because %q", n.name, got.Healthy, got.Reason)
				}
				if got.Applied, got.Condition = 0, (Condition{}); got != want {
					t.Errorf("got %+v, want %+v", got, want)
				}
			}
		}
	})
}

// TestAnnouncementThatIsRefused (it has no addresses) is tried again, ever more rarely.
func TestAnnouncementThatIsRefused(t *testing.T) {
	inWorld(t, 47, func(ctx context.Context, t *testing.T, w *world, leader *simNode) {
		bad := leader.group().overview.arrival
		life := newLifetime()
		a := &arrival{self: fsm.AnnounceNode{ID: "n9"}, desk: bad.desk, machine: bad.machine, leader: bad.leader, logger: bad.logger}
		w.settle(ctx)
		before := leader.group().replica.raft.LastIndex()
		life.running.Go(func() { a.run(life.ctx) })
		sleep(ctx, 10*time.Minute)
		life.end()
		life.running.Wait()
		if n := leader.group().replica.raft.LastIndex() - before; n < 5 || n > 40 {
			t.Errorf("%d entries in ten minutes", n)
		}
	})
}

// TestFenceOfALeaderThatIsCutOff: a leader that nobody hears any more does not know
// it for a while, and must not answer a read out of what it has. On a quiet cluster
// a fence is an entry of its own: nothing that was under way before can stand for a
// majority (raft.md 0.2).
func TestFenceOfALeaderThatIsCutOff(t *testing.T) {
	inWorld(t, 84, func(ctx context.Context, t *testing.T, w *world, leader *simNode) {
		before := leader.group().replica.raft.LastIndex()
		index, err := leader.group().Fence(ctx)
		if err != nil || index <= before {
			t.Fatalf("a fence at index %d, %v, want one behind %d", index, err, before)
		}
		w.net.Isolate(leader.name)
		soon, cancel := context.WithTimeout(ctx, LANTiming.Lease/2)
		defer cancel()
		if index, err := leader.group().Fence(soon); err == nil {
			t.Errorf("a leader that is cut off answered a fence at %d", index)
		}
		if !leader.group().replica.leads() {
			t.Error("void: it knew already")
		}
		w.net.Heal()
		w.settle(ctx)
	})
}

// TestCopyIsTheCallers: what is applied to a copy reaches nobody.
func TestCopyIsTheCallers(t *testing.T) {
	inWorld(t, 43, func(ctx context.Context, t *testing.T, w *world, leader *simNode) {
		w.mustOn(ctx, leader, open("c1"))
		scratch := Copy(leader.group())
		it := itemOf(open("c2"), "try")
		it.NotAfterMs = scratch.NowMs + fsm.MintedKeyLifeMs
		out, err := scratch.Apply(scratch.Index+1, fsm.Entry{MinSemantics: 1, TimeMs: scratch.NowMs, Items: []fsm.Item{it}})
		if err != nil || out[0].Rejection != nil {
			t.Fatalf("%+v, %v", out, err)
		}
		if _, tried := scratch.Conversations.ByID("c2"); !tried {
			t.Error("the copy did not take the command")
		}
		if _, ok := Copy(leader.group()).Conversations.ByID("c2"); ok {
			t.Error("what was tried on a copy has reached the group")
		}
		if _, ok := leader.group().Latest().Conversations.ByID("c1"); !ok {
			t.Error("what was there is gone")
		}
	})
}
