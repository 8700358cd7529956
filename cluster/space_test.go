package cluster

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/rondohq/rondo/cluster/storage"
	"github.com/rondohq/rondo/fsm"
)

var (
	fullDisk  = storage.Space{Free: 1 << 20, Total: 100 << 30, Known: true}
	roomyDisk = storage.Space{Free: 50 << 30, Total: 100 << 30, Known: true}
)

func TestSpacePolicy(t *testing.T) {
	p := SpacePolicy{SoftBytes: 512 << 20, SoftPercent: 5, ReserveBytes: 64 << 20}
	for name, test := range map[string]struct {
		space storage.Space
		was   bool
		want  bool
	}{
		"nothing known":               {storage.Space{}, false, false},
		"large volume, bytes count":   {storage.Space{Free: 511 << 20, Total: 1 << 40, Known: true}, false, true},
		"large volume, enough":        {storage.Space{Free: 513 << 20, Total: 1 << 40, Known: true}, false, false},
		"small volume, percent count": {storage.Space{Free: 60 << 20, Total: 1 << 30, Known: true}, false, false},
		"small volume":                {storage.Space{Free: 50 << 20, Total: 1 << 30, Known: true}, false, true},
		"just above again":            {storage.Space{Free: 520 << 20, Total: 1 << 40, Known: true}, true, true},
		"room for the reserve again":  {storage.Space{Free: 700 << 20, Total: 1 << 40, Known: true}, true, false},
	} {
		if got := p.full(test.space, test.was); got != test.want {
			t.Errorf("%s: %v, want %v", name, got, test.want)
		}
	}
}

// TestFullLeaderHandsOver to a node with room, and work goes on.
func TestFullLeaderHandsOver(t *testing.T) {
	inWorld(t, 71, func(ctx context.Context, t *testing.T, w *world, leader *simNode) {
		leader.disk.SetSpace(fullDisk)
		w.await(ctx, "another leader", func() bool {
			next := w.awaitLeader(ctx)
			return next != leader
		})
		outcome, failed := propose(ctx, leader, 5*time.Second, open("through-the-full-one"), "k")
		if failed != nil || outcome.Rejection != nil {
			t.Errorf("work through the full node: %v %v", failed, outcome.Rejection)
		}
		w.await(ctx, "its fullness to be told", func() bool {
			for _, n := range w.awaitLeader(ctx).group().Nodes(ctx) {
				if n.ID == leader.name && n.DiskFull && n.DiskFree == fullDisk.Free {
					return true
				}
			}
			return false
		})
	})
}

// TestNoMajorityHasRoom: new work is refused through every node, for sure; what is
// vital and what was done before goes on; with room, all does.
func TestNoMajorityHasRoom(t *testing.T) {
	inWorld(t, 72, func(ctx context.Context, t *testing.T, w *world, leader *simNode) {
		ctx, cancel := context.WithTimeout(ctx, time.Minute)
		defer cancel()
		w.must(ctx, open("before"))
		done, failed := propose(ctx, leader, 5*time.Second, open("done"), "its key")
		if failed != nil {
			t.Fatal(failed)
		}
		for _, n := range w.nodes {
			n.disk.SetSpace(fullDisk)
		}
		for _, n := range w.nodes {
			tries := 0
			w.await(ctx, "work to be refused by "+n.name, func() bool {
				tries++ // under a key of its own each: a known one would be answered
				id := fmt.Sprintf("new-%s-%d", n.name, tries)
				_, failed := propose(ctx, n, 5*time.Second, open(fsm.ConversationID(id)), id)
				if failed == nil {
					return false
				}
				if failed.Code() != CodeDiskFull || failed.Outcome() != Rejected {
					t.Errorf("%s: %v", n.name, failed)
				}
				return true
			})
			for key, c := range map[string]fsm.Command{
				"close " + n.name: fsm.CloseConversation{Conversation: "before"},
				"away " + n.name:  fsm.PutPresence{Agent: agentCalled(0), Status: "unavailable"},
			} {
				if _, failed := propose(ctx, n, 5*time.Second, c, key); failed != nil {
					t.Errorf("%s through %s: %v", key, n.name, failed)
				}
			}
			again, failed := propose(ctx, n, 5*time.Second, open("done"), "its key")
			if failed != nil || !again.Replayed || again.Seq != done.Seq {
				t.Errorf("a retry of what was done, through %s: %+v %v", n.name, again, failed)
			}
			if _, err := n.group().Fence(ctx); err != nil {
				t.Errorf("a read through %s: %v", n.name, err)
			}
		}
		for _, n := range w.nodes {
			n.disk.SetSpace(roomyDisk)
		}
		w.await(ctx, "work to go on", func() bool {
			_, failed := propose(ctx, w.nodes[0], 5*time.Second, open("after"), "after")
			return failed == nil
		})
	})
}
