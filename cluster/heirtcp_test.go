package cluster

import (
	"cmp"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/rondohq/rondo/fsm"
	"github.com/rondohq/rondo/fsm/collation"
)

const (
	realPatience = 2 * time.Minute // a fifth of what slowTiming takes to miss a leader

	// heirChild tells a copy of this test binary to be a node: its directory, and the
	// ports of all.
	heirChild = "RONDO_TEST_HEIR_CHILD"
)

// openSlowNode opens a node on TCP that would miss a dead leader after ten minutes.
func openSlowNode(t *testing.T, i int, ports []string, dir string, host Host, logger hclog.Logger) *Node {
	t.Helper()
	var voters []Voter
	for j, p := range ports {
		voters = append(voters, Voter{string(rune('a' + j)), p})
	}
	n, err := OpenNode(NodeOptions{
		Self: Identity{AnnounceNode: fsm.AnnounceNode{ID: fsm.NodeID(voters[i].ID), HTTP: "127.0.0.1:1", Cluster: ports[i],
			Version: "test", Semantics: fsm.Semantics}, Collation: collation.Version},
		DataDir: dir, Bind: ports[i], Bootstrap: Bootstrap{InitialVoters: voters}, Timing: slowTiming, Host: host, Logger: logger,
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// closeSlowNodes closes the leader first: without a majority it would wait for the
// end of its lease, to answer what it owes.
func closeSlowNodes(t *testing.T, nodes ...*Node) {
	t.Helper()
	slices.SortStableFunc(nodes, func(a, b *Node) int {
		return cmp.Compare(b.group.replica.raft.State(), a.group.replica.raft.State()) // Leader is the highest but Shutdown
	})
	for _, n := range nodes {
		if err := n.Close(); err != nil {
			t.Errorf("close %s: %v", n.options.Self.ID, err)
		}
	}
}

// leadFirst makes a founder the first leader; its own heartbeat would take minutes.
func leadFirst(ctx context.Context, t *testing.T, founder *Node) {
	t.Helper()
	for len(founder.group.replica.servers()) == 0 && ctx.Err() == nil {
		sleep(ctx, 5*time.Millisecond)
	}
	if err := founder.group.heir.links.Stand(ctx); err != nil {
		t.Fatal(err)
	}
}

// allHave waits until the nodes have all that has been acknowledged.
func allHave(ctx context.Context, t *testing.T, nodes ...*Node) {
	t.Helper()
	for _, n := range nodes {
		if _, err := n.group.Fence(ctx); err != nil {
			t.Fatalf("%s: %v", n.options.Self.ID, err)
		}
	}
}

// TestKilledLeaderIsReplacedAtOnce: a real process, killed; the others are told of it
// by its kernel only.
func TestKilledLeaderIsReplacedAtOnce(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), realPatience)
	defer cancel()
	if told := os.Getenv(heirChild); told != "" {
		dir, ports, _ := strings.Cut(told, ",")
		leadFirst(ctx, t, openSlowNode(t, 0, strings.Split(ports, ","), dir, Host{}, hclog.NewNullLogger()))
		_, err := io.Copy(io.Discard, os.Stdin) // until our parent is gone
		t.Fatalf("nobody killed this process: %v", err)
	}
	ports := freePorts(t, 3)
	heirs := []*Node{openSlowNode(t, 1, ports, t.TempDir(), Host{}, hclog.NewNullLogger()), openSlowNode(t, 2, ports, t.TempDir(), Host{}, hclog.NewNullLogger())}
	defer closeSlowNodes(t, heirs...)
	child := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$")
	child.Env = append(os.Environ(), heirChild+"="+t.TempDir()+","+strings.Join(ports, ","))
	stdin, err := child.StdinPipe()
	if err == nil {
		err = child.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	defer stdin.Close()
	allHave(ctx, t, heirs...)
	if _, leader := heirs[0].group.replica.raft.LeaderWithID(); leader != "a" {
		t.Fatalf("void: %q leads", leader)
	}
	before := heirs[0].group.replica.raft.CurrentTerm()

	if err := child.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	var exit *exec.ExitError
	if err := child.Wait(); !errors.As(err, &exit) {
		t.Fatal(err)
	}
	allHave(ctx, t, heirs...)
	t.Logf("served again after %s, in term %d after %d", time.Since(began), heirs[0].group.replica.raft.CurrentTerm(), before)
}

// TestLeaderThatEndsAConnectionStays: its process lives, and its port is open.
func TestLeaderThatEndsAConnectionStays(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), realPatience)
	defer cancel()
	ports := freePorts(t, 3)
	dials, log := &keptDials{}, &lineWatch{found: make(chan struct{}, 64), line: "which is no death"}
	logger := hclog.New(&hclog.LoggerOptions{Output: log})
	heirs := []*Node{openSlowNode(t, 1, ports, t.TempDir(), Host{}, logger), openSlowNode(t, 2, ports, t.TempDir(), Host{}, logger)}
	leader := openSlowNode(t, 0, ports, t.TempDir(), Host{Dial: dials.dial}, hclog.NewNullLogger())
	defer closeSlowNodes(t, append(heirs, leader)...)
	leadFirst(ctx, t, leader)
	allHave(ctx, t, heirs...)
	before := leader.group.replica.raft.CurrentTerm()

	dials.closeAll()
	for range heirs {
		select {
		case <-log.found:
		case <-ctx.Done():
			t.Fatal("the heirs did not look whether the leader is dead")
		}
	}
	allHave(ctx, t, append(heirs, leader)...)
	if now := leader.group.replica.raft.CurrentTerm(); now != before || !leader.group.replica.leads() {
		t.Errorf("term %d became %d since a connection was closed", before, now)
	}
}

// keptDials keeps the connections that it made.
type keptDials struct {
	mu    sync.Mutex
	conns []net.Conn
}

func (k *keptDials) dial(ctx context.Context, address string) (net.Conn, error) {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.conns = append(k.conns, conn)
	return conn, nil
}

// closeAll leaves to Raft what was closed already.
func (k *keptDials) closeAll() {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, c := range k.conns {
		_ = c.Close()
	}
}

// A lineWatch tells of every line of a log with something in it.
type lineWatch struct {
	line  string
	found chan struct{}
}

func (l *lineWatch) Write(p []byte) (int, error) {
	if strings.Contains(string(p), l.line) {
		l.found <- struct{}{}
	}
	return len(p), nil
}
