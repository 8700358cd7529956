package sim_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/raft"

	"github.com/rondohq/rondo/cluster/sim"
	"github.com/rondohq/rondo/cluster/storage"
	"github.com/rondohq/rondo/cluster/wire"
)

// countFSM counts entries; raft calls it from one goroutine, and the test
// reads it when everything stands still.
type countFSM struct{ applied int }

func (f *countFSM) Apply(*raft.Log) any                 { f.applied++; return f.applied }
func (f *countFSM) Snapshot() (raft.FSMSnapshot, error) { return nil, errors.New("not in this test") }
func (f *countFSM) Restore(io.ReadCloser) error         { return errors.New("not in this test") }

type node struct {
	name  string
	host  *sim.Host
	mem   *storage.MemDisk
	disk  *storage.Disk
	port  *wire.Listener
	trans *raft.NetworkTransport
	pool  *wire.Pool
	raft  *raft.Raft
	fsm   *countFSM
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func boot(t *testing.T, n *sim.Net, name string, mem *storage.MemDisk) *node {
	t.Helper()
	host := n.Host(name)
	socket, err := host.Listen()
	must(t, err)
	d, err := storage.OpenMem(mem, storage.Options{NodeID: name})
	must(t, err)
	o := wire.Options{
		NodeID:    name,
		ClusterID: d.ClusterID,
		Adopt:     d.AdoptClusterID,
		Listener:  socket,
		Dial:      func(ctx context.Context, to string) (net.Conn, error) { return host.Dial(ctx, to) },
	}
	port, err := wire.Listen("", o)
	must(t, err)
	port.Handle(func(_ context.Context, from string, f wire.Frame) wire.Frame {
		return wire.Frame{Payload: append([]byte(name+" hears "+from+": "), f.Payload...)}
	})
	pool, err := wire.NewPool(o)
	must(t, err)
	trans := wire.NewTransport(port.RaftLayer(sim.Addr(name)), wire.TransportConfig{Timeout: 2 * time.Second})
	c := raft.DefaultConfig()
	c.LocalID = raft.ServerID(name)
	c.Logger = hclog.NewNullLogger()
	fsm := &countFSM{}
	r, err := raft.NewRaft(c, fsm, d.Logs(), d.Stable(), d.Snapshots(), trans)
	must(t, err)
	return &node{name: name, host: host, mem: mem, disk: d, port: port, trans: trans, pool: pool, raft: r, fsm: fsm}
}

func (n *node) stop(t *testing.T) {
	t.Helper()
	must(t, n.raft.Shutdown().Error())
	must(t, n.trans.Close())
	must(t, n.pool.Close())
	must(t, n.port.Close())
	must(t, n.disk.Close())
}

// lead waits in virtual time for a leader among nodes.
func lead(t *testing.T, nodes map[string]*node, without string) *node {
	t.Helper()
	for begin := time.Now(); time.Since(begin) < time.Minute; <-time.After(10 * time.Millisecond) {
		for _, n := range nodes {
			if n.name != without && n.raft.State() == raft.Leader {
				return n
			}
		}
	}
	t.Fatal("no leader within a minute")
	return nil
}

func start(t *testing.T, n *sim.Net, count int) map[string]*node {
	t.Helper()
	nodes := map[string]*node{}
	var configuration raft.Configuration
	for i := range count {
		name := fmt.Sprintf("n%d", i+1)
		configuration.Servers = append(configuration.Servers, raft.Server{ID: raft.ServerID(name), Address: raft.ServerAddress(name)})
		nodes[name] = boot(t, n, name, storage.NewMemDisk(uint64(i)))
	}
	must(t, nodes["n1"].disk.AdoptClusterID("blue"))
	must(t, nodes["n1"].raft.BootstrapCluster(configuration).Error())
	return nodes
}

// TestRaftRunsOnTheSimulatedNetwork: the real transport, the real cluster port
// and the real decorators, in virtual time: a leader is cut off, another
// crashes and comes back from what its disk kept, and nothing acknowledged is
// missing anywhere.
func TestRaftRunsOnTheSimulatedNetwork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := sim.NewNet()
		nodes := start(t, n, 3)
		acknowledged := 0
		apply := func(leader *node, times int) {
			for range times {
				must(t, leader.raft.Apply([]byte("x"), time.Second).Error())
				acknowledged++
			}
		}
		first := lead(t, nodes, "")
		apply(first, 20)
		n.Isolate(first.name)
		second := lead(t, nodes, first.name)
		apply(second, 20)
		n.Heal()

		image := second.mem.Crash()
		second.host.Crash()
		reborn := boot(t, n, second.name, image)
		second.stop(t)
		nodes[second.name] = reborn
		third := lead(t, nodes, "")
		apply(third, 20)
		must(t, third.raft.Barrier(time.Second).Error())
		<-time.After(5 * time.Second)
		synctest.Wait()
		for name, node := range nodes {
			if node.fsm.applied != acknowledged {
				t.Errorf("%s applied %d of %d", name, node.fsm.applied, acknowledged)
			}
			if id := node.disk.ClusterID(); id != "blue" {
				t.Errorf("%s is of cluster %q", name, id)
			}
		}
		for _, node := range nodes {
			node.stop(t)
		}
	})
}

// TestFramesInVirtualTime: what a cut does to calls under way and to later
// ones, and that the pool notices silence and connects again.
func TestFramesInVirtualTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := sim.NewNet()
		a, b := boot(t, n, "a", storage.NewMemDisk(1)), boot(t, n, "b", storage.NewMemDisk(2))
		call := func(within time.Duration) (wire.Frame, error) {
			ctx, cancel := context.WithTimeout(context.Background(), within)
			defer cancel()
			return a.pool.Call(ctx, "b", wire.Frame{Kind: wire.Propose, Payload: []byte("hello")})
		}
		answer, err := call(time.Second)
		if err != nil || string(answer.Payload) != "b hears a: hello" {
			t.Fatalf("%q, %v", answer.Payload, err)
		}
		// Idle, and still alive after an hour.
		<-time.After(time.Hour)
		_, err = call(time.Second)
		must(t, err)

		n.Cut("a", "b")
		if _, err := call(time.Second); !errors.Is(err, wire.ErrLost) {
			t.Fatalf("sent into the void: %v", err)
		}
		begin := time.Now()
		if _, err := call(50 * time.Second); !errors.Is(err, wire.ErrLost) || time.Since(begin) > 10*time.Second {
			t.Fatalf("silence was noticed after %s: %v", time.Since(begin), err)
		}
		if _, err := call(time.Second); !errors.Is(err, wire.ErrNotSent) {
			t.Fatalf("without a connection: %v", err)
		}
		n.Heal()
		_, err = call(10 * time.Second)
		must(t, err)

		// A host that crashes with the call in hand.
		b.host.Crash()
		if _, err := call(time.Second); !errors.Is(err, wire.ErrLost) && !errors.Is(err, wire.ErrNotSent) {
			t.Fatalf("%v", err)
		}
		a.stop(t)
		b.stop(t)
	})
}
