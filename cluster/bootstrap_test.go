package cluster

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/raft"

	"github.com/rondohq/rondo/cluster/storage"
	"github.com/rondohq/rondo/cluster/wire"
	"github.com/rondohq/rondo/fsm"
	"github.com/rondohq/rondo/fsm/collation"
)

// TestBootstrapInAnyOrder: three nodes started in any order, their lists written
// in any order, form one cluster, once.
func TestBootstrapInAnyOrder(t *testing.T) {
	for _, order := range [][]int{{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}} {
		for _, pause := range []time.Duration{0, 2 * time.Second} {
			t.Run(fmt.Sprint(order, pause), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
					defer cancel()
					w := newDarkWorld(t, 3, 71)
					defer w.close()
					for _, i := range order {
						voters := w.voters()
						slices.Reverse(voters[i:])
						w.bootAs(w.nodes[i], Bootstrap{InitialVoters: voters})
						sleep(ctx, pause)
					}
					checkOneCluster(t, w, w.settle(ctx))
				})
			})
		}
	}
}

// checkOneCluster: every node has the same first configuration and the same id.
func checkOneCluster(t *testing.T, w *world, s *fsm.State) {
	t.Helper()
	var first raft.Log
	for _, n := range w.nodes {
		disk := n.group().keeper.disk
		if id := disk.ClusterID(); id == "" || id != s.ClusterID {
			t.Errorf("%s is in cluster %q, the state says %q", n.name, id, s.ClusterID)
		}
		if got := len(n.group().replica.servers()); got != len(w.nodes) {
			t.Errorf("%s knows %d servers", n.name, got)
		}
		var entry raft.Log
		if err := disk.Logs().GetLog(1, &entry); err != nil {
			t.Fatal(err)
		}
		if first.Data == nil {
			first = entry
		}
		if entry.Type != raft.LogConfiguration || string(entry.Data) != string(first.Data) || entry.Term != first.Term {
			t.Errorf("%s has another first entry", n.name)
		}
	}
}

// TestRestartDoesNotBootstrapAgain, whoever comes back first.
func TestRestartDoesNotBootstrapAgain(t *testing.T) {
	inWorld(t, 72, func(ctx context.Context, t *testing.T, w *world, _ *simNode) {
		before := w.settle(ctx)
		for round := range 3 {
			for _, n := range w.nodes {
				w.stop(n)
			}
			for i := range w.nodes {
				w.boot(w.nodes[(i+round)%3])
				sleep(ctx, time.Second)
			}
			after := w.settle(ctx)
			checkOneCluster(t, w, after)
			if after.ClusterID != before.ClusterID || after.Agents.Len() != before.Agents.Len() {
				t.Fatalf("cluster %s with %d agents became %s with %d", before.ClusterID, before.Agents.Len(), after.ClusterID, after.Agents.Len())
			}
		}
	})
}

// TestWipedNodeDoesNotBootstrap: the one that once founded the cluster has lost its
// disk. Whether it sees the others or not, it founds no second one, votes for
// nobody, and is given nothing: it learns that it is out.
func TestWipedNodeDoesNotBootstrap(t *testing.T) {
	for name, up := range map[string]int{"alone": 0, "with one of the others": 1, "with all": 2} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, 73, func(ctx context.Context, t *testing.T, w *world, _ *simNode) {
				before := w.settle(ctx)
				for _, n := range w.nodes {
					w.stop(n)
				}
				wiped := w.nodes[0]
				wiped.disk = storage.NewMemDisk(99)
				for _, n := range w.nodes[:1+up] {
					w.boot(n)
				}
				sleep(ctx, time.Minute)
				if id := wiped.group().keeper.disk.ClusterID(); id != "" && id != before.ClusterID {
					t.Fatalf("it founded cluster %s", id)
				}
				if up == 1 && w.leader() != nil {
					t.Error("it has helped somebody to lead")
				}
				for _, n := range w.nodes[1+up:] {
					w.boot(n)
				}
				w.await(ctx, "the wiped node to know", func() bool { return codeOf(wiped.group().Members.Standing()) == CodeNodeWiped })
				sleep(ctx, time.Minute)
				if last := wiped.group().replica.raft.LastIndex(); last != 0 {
					t.Errorf("it has %d entries", last)
				}
				w.nodes = w.nodes[1:]
				after := w.settle(ctx)
				w.nodes = append([]*simNode{wiped}, w.nodes...)
				if after.ClusterID != before.ClusterID || after.Agents.Len() != before.Agents.Len() {
					t.Errorf("cluster %s became %s", before.ClusterID, after.ClusterID)
				}
			})
		})
	}
}

// TestMinorityDoesNotBootstrap: the first configuration waits for a majority.
func TestMinorityDoesNotBootstrap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
		defer cancel()
		w := newDarkWorld(t, 3, 74)
		defer w.close()
		w.boot(w.nodes[0])
		sleep(ctx, time.Minute)
		if last := w.nodes[0].group().replica.raft.LastIndex(); last != 0 {
			t.Errorf("a node alone wrote %d entries", last)
		}
		w.boot(w.nodes[2])
		w.await(ctx, "a leader", func() bool { return w.nodes[0].group().Latest().ClusterID != "" })
		w.boot(w.nodes[1])
		checkOneCluster(t, w, w.settle(ctx))
	})
}

// TestNodeOfAnotherClusterIsRefused by frames and by Raft, in both directions.
func TestNodeOfAnotherClusterIsRefused(t *testing.T) {
	inWorld(t, 75, func(ctx context.Context, t *testing.T, w *world, leader *simNode) {
		other := newDarkWorld(t, 1, 76)
		other.net = w.net
		stranger := other.nodes[0]
		stranger.name = "n9"
		other.boot(stranger)
		defer other.close()
		theirs := other.settle(ctx).ClusterID
		if ours := w.settle(ctx).ClusterID; theirs == ours || theirs == "" {
			t.Fatalf("clusters %q and %q", ours, theirs)
		}
		before := stranger.group().replica.raft.LastIndex()

		_, err := stranger.life.Load().pool.Call(ctx, leader.name, wire.Frame{Kind: wire.Stats})
		if !errors.Is(err, wire.ErrOtherCluster) {
			t.Errorf("the stranger asks us: %v", err)
		}
		_, err = leader.life.Load().pool.Call(ctx, stranger.name, wire.Frame{Kind: wire.Stats})
		if !errors.Is(err, wire.ErrOtherCluster) {
			t.Errorf("we ask the stranger: %v", err)
		}
		// Somebody adds it by mistake: it gets nothing, and stays what it is.
		if err := leader.group().replica.raft.AddNonvoter("n9", "n9", 0, 0).Error(); err != nil {
			t.Fatal(err)
		}
		w.mustOn(ctx, leader, open("c"))
		sleep(ctx, 30*time.Second)
		if last := stranger.group().replica.raft.LastIndex(); last != before {
			t.Errorf("the stranger's log grew from %d to %d", before, last)
		}
		if got := other.settle(ctx); got.ClusterID != theirs || got.Conversations.Len() != 0 {
			t.Errorf("the stranger became %s", got.ClusterID)
		}
		w.mustOn(ctx, leader, open("d"))
	})
}

// TestBootstrapExpect: three real processes' worth of nodes, on real ports, with
// real gossip and real disks, in any order. It runs in real time.
func TestBootstrapExpect(t *testing.T) {
	for _, order := range [][]int{{0, 1, 2}, {2, 1, 0}} {
		t.Run(fmt.Sprint(order), func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			ports := freePorts(t, 6)
			nodes := make([]*Node, 3)
			for _, i := range order {
				nodes[i] = openGossipNode(t, i, ports)
			}
			ids := map[string]bool{}
			for i, n := range nodes {
				index, err := n.group.Fence(ctx)
				if err != nil {
					t.Fatalf("n%d: %v", i+1, err)
				}
				ids[n.group.View(index).ClusterID] = true
				if got := len(n.group.replica.servers()); got != 3 {
					t.Errorf("n%d knows %d servers", i+1, got)
				}
			}
			if len(ids) != 1 || ids[""] {
				t.Errorf("clusters %v, want one", ids)
			}
		})
	}
}

// freePorts finds ports that are free for TCP and, since gossip uses both, UDP.
func freePorts(t testing.TB, n int) []string {
	t.Helper()
	var list []string
	for tries := 0; len(list) < n && tries < 10*n; tries++ {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		u, err := net.ListenPacket("udp", l.Addr().String())
		if err != nil {
			continue
		}
		defer u.Close()
		list = append(list, l.Addr().String())
	}
	if len(list) < n {
		t.Fatalf("only %d free ports", len(list))
	}
	return list
}

func openGossipNode(t *testing.T, i int, ports []string) *Node {
	t.Helper()
	name := fmt.Sprintf("n%d", i+1)
	n, err := OpenNode(NodeOptions{
		Self: Identity{AnnounceNode: fsm.AnnounceNode{ID: fsm.NodeID(name), HTTP: "127.0.0.1:1", Cluster: ports[i],
			Version: "test", Semantics: fsm.Semantics}, Collation: collation.Version},
		DataDir:   t.TempDir(),
		Bind:      ports[i],
		Bootstrap: Bootstrap{Expect: 3},
		Gossip:    &GossipOptions{Bind: ports[3+i], Join: ports[3:], Label: strings.ReplaceAll(t.Name(), "/", "-"), SecretKey: []byte("0123456789abcdef")},
		Timing:    LANTiming,
		Logger:    hclog.NewNullLogger(),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := n.Close(); err != nil {
			t.Errorf("close %s: %v", name, err)
		}
	})
	return n
}
