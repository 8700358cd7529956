package cluster

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/hashicorp/raft"

	"github.com/rondohq/rondo/cluster/storage"
)

// TestQuorumGuard: a removal that would leave too few healthy voters is refused
// with the reason; that of the dead is not; and done again it says so.
func TestQuorumGuard(t *testing.T) {
	inWorld(t, 211, func(ctx context.Context, t *testing.T, w *world, leader *simNode) {
		alive, dead := w.others(leader)[0], w.others(leader)[1]
		w.stop(dead)
		for _, through := range []*simNode{leader, alive} {
			err := through.group().Members.Remove(ctx, alive.name)
			if codeOf(err) != CodeNoQuorum {
				t.Errorf("%s removes the last healthy follower: %v", through.name, err)
			}
		}
		for range 2 {
			if err := alive.group().Members.Remove(ctx, dead.name); err != nil {
				t.Errorf("remove the dead: %v", err)
			}
		}
		if err := leader.group().Members.Remove(ctx, "n9"); codeOf(err) != CodeUnknownNode {
			t.Errorf("remove nobody: %v", err)
		}
		if err := leader.group().Members.Remove(ctx, alive.name); err != nil {
			t.Errorf("two healthy voters of two, one goes: %v", err)
		}
		if err := leader.group().Members.Leave(ctx); codeOf(err) != CodeLastVoter {
			t.Errorf("the last voter leaves: %v", err)
		}
		w.mustOn(ctx, leader, open("c"))
	})
}

// TestRemovedNodeIsQuiet: one that was away when it was removed comes back, learns
// it from the others, serves nobody, and disturbs nobody, also after a restart.
func TestRemovedNodeIsQuiet(t *testing.T) {
	inWorld(t, 212, func(ctx context.Context, t *testing.T, w *world, leader *simNode) {
		gone := w.others(leader)[0]
		w.net.Isolate(gone.name)
		sleep(ctx, 3*time.Second)
		if err := leader.group().Members.Remove(ctx, gone.name); err != nil {
			t.Fatal(err)
		}
		term := leader.group().replica.raft.CurrentTerm()
		for round := range 2 {
			w.net.Heal()
			w.await(ctx, "it to know", func() bool { return codeOf(gone.group().Members.Standing()) == CodeNotMember })
			sleep(ctx, time.Minute)
			if now := leader.group().replica.raft.CurrentTerm(); now != term || w.leader() != leader {
				t.Errorf("round %d: it has disturbed: term %d, was %d", round, now, term)
			}
			var failed *Error
			if _, _, err := gone.group().Propose(ctx, itemOf(open("c"), "c")); !errors.As(err, &failed) || failed.Code() != CodeNotMember || failed.Outcome() != Rejected {
				t.Errorf("it serves: %v", err)
			}
			if c := checkOf(gone, "membership"); c.OK || gone.group().CaughtUp() {
				t.Errorf("it is ready: %v", c)
			}
			w.stop(gone)
			w.boot(gone)
		}
		if _, err := leader.group().Members.Add(ctx, "", gone.name); codeOf(err) != CodeNodeRemoved {
			t.Errorf("add it again: %v", err)
		}
		w.stop(gone)
	})
}

// TestDuplicates: an id, an address and a node of another cluster are refused.
func TestDuplicates(t *testing.T) {
	inWorld(t, 213, func(ctx context.Context, t *testing.T, w *world, leader *simNode) {
		members := leader.group().Members
		twin := w.arrives("n9")
		w.stop(twin)
		twin.id, twin.disk = "n2", storage.NewMemDisk(5)
		w.bootAs(twin, Bootstrap{})
		if _, err := members.Add(ctx, "", "n9"); codeOf(err) != CodeNodeWiped {
			t.Errorf("a second n2, empty: %v", err)
		}
		if _, err := members.Add(ctx, "n9", "n9"); codeOf(err) != CodeIDTaken {
			t.Errorf("n9 where n2 answers: %v", err)
		}
		if _, err := members.Add(ctx, "n3", "n3"); err != nil {
			t.Errorf("a member again: %v", err)
		}
		w.stop(twin)
		twin.id, twin.disk = "", storage.NewMemDisk(6)
		w.bootAs(twin, Bootstrap{InitialVoters: []Voter{{"n9", "n9"}}})
		w.await(ctx, "n9 to found a cluster of its own", func() bool { return twin.group().Latest().ClusterID != "" })
		if _, err := members.Add(ctx, "", "n9"); codeOf(err) != CodeOtherCluster {
			t.Errorf("a node of another cluster: %v", err)
		}
	})
}

// TestMemberMoves: a node that starts at another address, with its disk, is found
// there and keeps its vote.
func TestMemberMoves(t *testing.T) {
	inWorld(t, 214, func(ctx context.Context, t *testing.T, w *world, leader *simNode) {
		mover := w.others(leader)[0]
		for _, n := range w.nodes {
			w.hears(n)
		}
		w.stop(mover)
		mover.id, mover.name = mover.name, "elsewhere"
		w.bootAs(mover, Bootstrap{})
		w.hears(mover)
		w.await(ctx, "the others to follow it", func() bool {
			row, _ := leader.group().Latest().Nodes.Known("n1")
			if mover.id != "n1" {
				row, _ = leader.group().Latest().Nodes.Known("n2")
			}
			voters, _ := roll(leader)
			return row.Cluster == "elsewhere" && slices.Contains(voters, mover.id)
		})
		w.settle(ctx)
		w.net.Isolate(w.others(leader)[1].name) // now its vote is needed
		w.mustOn(ctx, leader, open("c"))
	})
}

// TestReplaceDeadNode: remove the dead, a new machine under a new id comes in its
// place, and the load never fails.
func TestReplaceDeadNode(t *testing.T) {
	inGrowingWorld(t, 215, func(ctx context.Context, t *testing.T, w *world) {
		w.arrives("n2")
		w.arrives("n3")
		w.awaitVoters(ctx, w.nodes[0], 3)
		load := startLoad(ctx, w)
		sleep(ctx, time.Second)
		dead := w.awaitLeader(ctx)
		w.net.Isolate(dead.name)
		left := w.others(dead)
		worldMu.Lock()
		w.nodes = left
		worldMu.Unlock()
		if err := left[0].group().Members.Remove(ctx, dead.name); err != nil {
			t.Fatal(err)
		}
		w.arrives("n4")
		w.awaitVoters(ctx, left[0], 3)
		load.stop(t)
		w.net.Isolate(dead.name)
		s := w.settle(ctx)
		load.check(t, s)
		checkNodeTable(t, s, 3, 1)
		w.stop(dead)
	})
}

// TestBlankNodeVotesForFounders and for nobody else.
func TestBlankNodeVotesForFounders(t *testing.T) {
	blank := true
	b := &ballot{blank: func() bool { return blank }}
	for _, c := range []struct {
		last          uint64
		blank, refuse bool
	}{{1, true, false}, {2, true, true}, {900, true, true}, {900, false, false}} {
		blank = c.blank
		for _, request := range []any{&raft.RequestVoteRequest{LastLogIndex: c.last, Term: 3}, &raft.RequestPreVoteRequest{LastLogIndex: c.last, Term: 3}} {
			answers := make(chan raft.RPCResponse, 1)
			if got := b.refuses(raft.RPC{Command: request, RespChan: answers}); got != c.refuse || got != (len(answers) == 1) {
				t.Errorf("%T %+v: refused %v with %d answers", request, c, got, len(answers))
			}
		}
	}
	if b.refuses(raft.RPC{Command: &raft.AppendEntriesRequest{}}) {
		t.Error("the log is kept from it")
	}
}

// TestTransferOnRequest: through any node, to the one that is named, or the best;
// never to one that cannot lead.
func TestTransferOnRequest(t *testing.T) {
	inWorld(t, 216, func(ctx context.Context, t *testing.T, w *world, leader *simNode) {
		one, other := w.others(leader)[0], w.others(leader)[1]
		for _, to := range []*simNode{one, other, other} {
			if got, err := one.group().Members.Transfer(ctx, to.name); err != nil || got != to.name {
				t.Errorf("to %s: %q %v", to.name, got, err)
			}
			w.await(ctx, to.name+" to lead", func() bool { return w.leader() == to })
		}
		if got, err := one.group().Members.Transfer(ctx, ""); err != nil || got == other.name || got == "" {
			t.Errorf("to the best: %q %v", got, err)
		}
		if _, err := one.group().Members.Transfer(ctx, "n9"); codeOf(err) != CodeUnknownNode {
			t.Errorf("to nobody: %v", err)
		}
		leader = w.awaitLeader(ctx)
		dead := w.others(leader)[0]
		w.stop(dead)
		if _, err := leader.group().Members.Transfer(ctx, dead.name); codeOf(err) != CodeNoSuccessor {
			t.Errorf("to the dead: %v", err)
		}
		w.mustOn(ctx, leader, open("c"))
	})
}

// TestChangeNamesItsConfiguration: a change that was decided on another
// configuration than the one in force is refused; the one in force is known also
// where only a snapshot speaks of it.
func TestChangeNamesItsConfiguration(t *testing.T) {
	inWorld(t, 217, func(ctx context.Context, t *testing.T, w *world, leader *simNode) {
		w.arrives("n4")
		if _, err := leader.group().Members.Add(ctx, "n4", "n4"); err != nil {
			t.Fatal(err)
		}
		w.settle(ctx)
		for _, n := range w.nodes {
			for range 2 {
				w.mustOn(ctx, leader, presence(0, "available"))
				if err := n.group().Snapshot(); err != nil {
					t.Fatal(err)
				}
			}
		}
		for _, n := range w.nodes {
			w.stop(n)
		}
		for _, n := range w.nodes {
			w.boot(n)
		}
		leader = w.awaitLeader(ctx)
		changes := leader.group().Members.clerk.members
		index, err := changes.configuredAt()
		if err != nil || index < 2 {
			t.Fatalf("the configuration in force is at %d (%v)", index, err)
		}
		err = changes.change(ctx, func(at uint64) raft.IndexFuture {
			if at != index {
				t.Errorf("it is decided on %d", at)
			}
			return leader.group().replica.raft.AddNonvoter("n9", "n9", at-1, 0)
		})
		if codeOf(err) != CodeMembershipMoved {
			t.Errorf("decided on the one before: %v", err)
		}
		if err := leader.group().Members.Remove(ctx, "n4"); err != nil {
			t.Errorf("decided on the one in force: %v", err)
		}
	})
}
