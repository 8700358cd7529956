package cluster

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/rondohq/rondo/fsm"
)

// pauses runs f under a load of calls through every node and returns the longest
// call. Each call is patient and must succeed.
func pauses(ctx context.Context, t *testing.T, w *world, through []*simNode, f func()) time.Duration {
	t.Helper()
	load, stop := context.WithCancel(ctx)
	var calling sync.WaitGroup
	var mu sync.Mutex
	longest := time.Duration(0)
	for _, n := range through {
		calling.Go(func() {
			for i := 0; load.Err() == nil; i++ {
				began := time.Now()
				id := fsm.ConversationID(n.name + string(conversation(i)))
				if outcome, failed := propose(ctx, n, 5*time.Second, open(id), string(id)); failed != nil || outcome.Rejection != nil {
					t.Errorf("%s: %v %v", n.name, failed, outcome.Rejection)
				}
				mu.Lock()
				longest = max(longest, time.Since(began))
				mu.Unlock()
				sleep(load, 2*time.Millisecond)
			}
		})
	}
	sleep(ctx, 100*time.Millisecond)
	f()
	sleep(ctx, 2*time.Second)
	stop()
	calling.Wait()
	return longest
}

// TestTransferBeforeAStop: nobody notices a node that stops in good order, while a
// leader that dies costs an election.
func TestTransferBeforeAStop(t *testing.T) {
	inWorld(t, 61, func(ctx context.Context, t *testing.T, w *world, leader *simNode) {
		handed := pauses(ctx, t, w, w.others(leader), func() {
			if err := leader.group().Transfer(ctx); err != nil {
				t.Error(err)
			}
			w.stop(leader)
		})
		if handed >= LANTiming.Heartbeat {
			t.Errorf("a transfer kept a call waiting for %s, an election takes %s", handed, LANTiming.Heartbeat)
		}
		w.boot(leader)
		w.settle(ctx)
		sleep(ctx, time.Second)
		leader = w.awaitLeader(ctx)
		// The load through the others alone: their calls are all that must succeed.
		died := pauses(ctx, t, w, w.others(leader), func() { w.net.Isolate(leader.name) })
		if died < LANTiming.Heartbeat {
			t.Errorf("void: an election took only %s", died)
		}
		t.Logf("longest call: %s with a transfer, %s with an election", handed, died)
	})
}

// TestTransferGoesToWhoCanLead, never to a node that is dead, or far behind, which
// is what Raft itself might choose.
func TestTransferGoesToWhoCanLead(t *testing.T) {
	inWorld(t, 62, func(ctx context.Context, t *testing.T, w *world, leader *simNode) {
		dead := w.others(leader)[0]
		w.stop(dead)
		for range 6 {
			leader = w.awaitLeader(ctx)
			began := time.Now()
			if err := leader.group().Transfer(ctx); err != nil {
				t.Fatal(err)
			}
			next := w.awaitLeader(ctx, leader)
			if took := time.Since(began); took > LANTiming.Heartbeat {
				t.Errorf("from %s to %s took %s", leader.name, next.name, took)
			}
			sleep(ctx, time.Second)
		}
	})
	inWorld(t, 63, func(ctx context.Context, t *testing.T, w *world, leader *simNode) {
		behind, able := w.others(leader)[0], w.others(leader)[1]
		w.net.Cut(leader.name, behind.name)
		for i := range 2 * transferLag {
			w.mustOn(ctx, leader, open(conversation(i)))
		}
		w.net.Heal() // it answers at once and has not caught up yet
		successor, ok := leader.group().handover.successor(ctx, anybody)
		if !ok || successor.id != able.name {
			t.Errorf("the successor is %q, want %s", successor.id, able.name)
		}
	})
}

// TestCloseOfACutOffNode does not wait for calls that nobody answers.
func TestCloseOfACutOffNode(t *testing.T) {
	inWorld(t, 65, func(ctx context.Context, t *testing.T, w *world, leader *simNode) {
		for _, n := range []*simNode{leader, w.others(leader)[0]} {
			w.net.Isolate(n.name)
			sleep(ctx, 500*time.Millisecond)
			began := time.Now()
			w.stop(n)
			if took := time.Since(began); took > time.Second {
				t.Errorf("%s took %s to close", n.name, took)
			}
			w.net.Heal()
			w.boot(n)
			w.settle(ctx)
		}
	})
}

// TestTransferToNobody says so, and the node leads on if it still can.
func TestTransferToNobody(t *testing.T) {
	inWorld(t, 64, func(ctx context.Context, t *testing.T, w *world, leader *simNode) {
		if err := leader.group().handover.transfer(ctx, func(report) bool { return false }); !errors.Is(err, ErrNoSuccessor) {
			t.Errorf("got %v, want ErrNoSuccessor", err)
		}
		if w.leader() != leader {
			t.Error("it does not lead any more")
		}
		w.mustOn(ctx, leader, open("c"))
		follower := w.others(leader)[0]
		if err := follower.group().Transfer(ctx); err != nil {
			t.Errorf("a follower has nothing to hand over: %v", err)
		}
		if !slices.Contains([]*simNode{leader}, w.leader()) {
			t.Error("leadership moved")
		}
	})
}

// TestNoSecondTransferToASlowOne: Raft's goroutine for a transfer may hang for ever
// if there is another one to a node that did not take the last of the log in time.
func TestNoSecondTransferToASlowOne(t *testing.T) {
	inWorld(t, 66, func(ctx context.Context, t *testing.T, w *world, leader *simNode) {
		slow := w.others(leader)[0]
		to := func(r report) bool { return r.peer.id == slow.name }
		handover := leader.group().handover
		// It answers in time, and takes entries too late for a transfer: the connection
		// that Raft uses is the one that is slow.
		leader.disk.SetWriteDelay(0)
		slow.disk.SetWriteDelay(2 * LANTiming.Election)
		load, stop := context.WithCancel(ctx)
		var calling sync.WaitGroup
		calling.Go(func() {
			for load.Err() == nil {
				if _, err := leader.group().Fence(load); err != nil {
					return
				}
			}
		})
		first := handover.transferOnce(ctx, to)
		_, again := handover.successor(ctx, func(r report) bool {
			return to(r) && !handover.stuck.has(leader.group().replica.raft.CurrentTerm(), r.peer.id)
		})
		second := handover.transferOnce(ctx, to)
		stop()
		calling.Wait()
		if first == nil || errors.Is(first, ErrNoSuccessor) {
			t.Fatalf("void: the first transfer: %v", first)
		}
		if again || !errors.Is(second, ErrNoSuccessor) {
			t.Errorf("the second transfer: %v, want ErrNoSuccessor", second)
		}
		slow.disk.SetWriteDelay(time.Millisecond)
		w.settle(ctx)
	})
}
