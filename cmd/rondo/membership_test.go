package main

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// quickly makes nodes earn their vote within a test's patience.
const quickly = "--cluster-stable-ms=1500"

// founder starts the first server as a cluster of one.
func founder(t *testing.T, s *host) {
	t.Helper()
	s.start(t, "--cluster-bootstrap-expect=1", quickly)
	s.awaitReady(t)
}

// joins starts an empty server that knows nothing but where to gossip.
func joins(t *testing.T, s *host, flags ...string) {
	t.Helper()
	s.start(t, append([]string{"--cluster-bootstrap-expect=0", quickly}, flags...)...)
}

// awaitVoters waits until so many nodes vote, all are healthy, and there are no
// others.
func (n node) awaitVoters(t *testing.T, count int) {
	t.Helper()
	eventually(t, fmt.Sprintf("%s sees %d voters", n.id, count), func() error {
		got, err := n.ask("/v1/cluster/nodes")
		if err != nil {
			return err
		}
		voters, healthy := strings.Count(string(got.raw), `"role":"voter"`), strings.Count(string(got.raw), `"healthy":true`)
		if voters != count || healthy != count || strings.Contains(string(got.raw), `"role":"nonvoter"`) {
			return errorText(got.raw)
		}
		return nil
	})
}

// operate runs `rondo cluster` against a node and returns what it wrote.
func (n node) operate(t *testing.T, wantCode int, args ...string) string {
	t.Helper()
	p := start(t, "rondo cluster "+args[0], nil, rondo, append(append([]string{"cluster"}, args...), "--server", n.url, "--timeout", patience.String())...)
	if code := p.wait(t, 2*patience); code != wantCode {
		t.Errorf("rondo cluster %v ended with %d, want %d\n%s%s", args, code, wantCode, p.stdout, p.stderr)
	}
	return p.stdout.String() + p.stderr.String()
}

func wantSaid(t *testing.T, said, want string) {
	t.Helper()
	if !strings.Contains(said, want) {
		t.Errorf("it says %q, want %q", said, want)
	}
}

// One node becomes three and five by gossip, and three and one again by its
// operators, under a load of clients that retry: no call fails, nothing that was
// acknowledged is lost.
func TestGrowAndShrinkByHand(t *testing.T) {
	t.Parallel()
	takeSlot(t)
	all := servers(t, 5)
	founder(t, all[0])
	joins(t, all[1])
	joins(t, all[2])
	all[0].awaitVoters(t, 3)
	w := startWriter(t, nodesOf(all[:3]), "w.", writerPause)
	w.awaitMore(t, 10)
	wantSaid(t, all[1].operate(t, 0, "status", "--check"), "n3")
	joins(t, all[3])
	joins(t, all[4])
	all[1].awaitVoters(t, 5)

	// The founder leaves, and ends; the others are told to go, and know it.
	wantSaid(t, all[0].operate(t, 0, "leave"), "n1 has left")
	all[0].gone(t, 0)
	w.awaitMore(t, 10)
	for _, gone := range []int{4, 2, 3} {
		s := all[gone]
		wantSaid(t, all[1].operate(t, 0, "remove", s.id), s.id+" is removed")
		eventually(t, s.id+" knows that it is out", func() error {
			got, err := s.ask("/readyz")
			if err == nil && (got.status != http.StatusServiceUnavailable || !strings.Contains(string(got.raw), "removed")) {
				err = errorText(got.raw)
			}
			return err
		})
		w.awaitMore(t, 10)
	}
	all[1].awaitVoters(t, 1)
	wantSaid(t, all[1].operate(t, 1, "remove", "n2"), "only voter")
	for _, gone := range []int{2, 3, 4} {
		all[gone].stop(t)
	}
	w.wantKept(t, nodesOf(all[1:2]), w.finish(t), false)
	all[1].stop(t)
}

// A node dies under load and its disk is lost. Under its old id it is kept out and
// says what to do; removed, and started under a new one, it takes its place.
func TestReplaceDeadNodeByHand(t *testing.T) {
	t.Parallel()
	takeSlot(t)
	all := servers(t, 3)
	founder(t, all[0])
	joins(t, all[1])
	joins(t, all[2])
	all[0].awaitVoters(t, 3)
	w := startWriter(t, nodesOf(all[:2]), "w.", writerPause)
	w.awaitMore(t, 10)
	dead := all[2]
	dead.running.signal(t, syscall.SIGKILL)
	dead.gone(t, -1)
	wipe := func() {
		if err := os.RemoveAll(dead.data()); err != nil {
			t.Fatal(err)
		}
	}
	wipe()
	joins(t, dead)
	eventually(t, "the wiped node knows that it is out", func() error {
		got, err := dead.ask("/readyz")
		if err == nil && !strings.Contains(string(got.raw), "its disk is empty") {
			err = errorText(got.raw)
		}
		return err
	})
	wantSaid(t, all[0].operate(t, 1, "status", "--check"), "its disk is empty")
	wantSaid(t, all[0].operate(t, 1, "remove", "n2"), "only 1 of 2 voters would be healthy")
	dead.stop(t)
	wantSaid(t, all[0].operate(t, 0, "remove", dead.id), "n3 is removed")
	wipe()
	joins(t, dead, "--node-id=auto")
	all[0].awaitVoters(t, 3)
	w.awaitMore(t, 10)
	id, err := os.ReadFile(filepath.Join(dead.data(), "node-id"))
	if err != nil || !strings.HasPrefix(string(id), "node-") {
		t.Errorf("its id is %q (%v)", id, err)
	}
	wantSaid(t, all[0].operate(t, 0, "transfer", "--to", strings.TrimSpace(string(id))), "node-")
	w.awaitMore(t, 10)
	w.wantKept(t, nodesOf(all), w.finish(t), false)
	stopAll(t, all)
}

// Without gossip a node is added by its address. Whoever is not there is refused.
func TestAddByAddress(t *testing.T) {
	t.Parallel()
	takeSlot(t)
	all := servers(t, 3)
	quiet := []string{"--gossip-listen=", quickly}
	all[0].start(t, append(quiet, "--cluster-bootstrap-expect=0", "--cluster-initial-voters=n1="+all[0].cluster)...)
	all[0].awaitReady(t)
	wantSaid(t, all[0].operate(t, 1, "add", all[1].cluster), "no node answers")
	for _, s := range all[1:] {
		s.start(t, append(quiet, "--cluster-bootstrap-expect=0")...)
		wantSaid(t, all[0].operate(t, 0, "add", s.cluster, "--id", s.id), s.id+" is a member")
	}
	all[2].awaitReady(t)
	all[0].awaitVoters(t, 3)
	stopAll(t, all)
}

// SIGTERM to each node in turn, as an upgrade does: no call of a client that
// retries fails.
func TestRollingRestart(t *testing.T) {
	t.Parallel()
	c := startDev(t)
	w := startWriter(t, c.nodes, "w.", time.Millisecond)
	for _, n := range c.nodes {
		w.awaitMore(t, 20)
		pid := c.pids()[n.id]
		if err := syscall.Kill(pid, syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		c.dev.stdout.await(t, c.dev, fmt.Sprintf(`%s, pid %d: ended; it is started again(?s:.*)%s runs again`, n.id, pid, n.id))
		c.awaitReady(t)
	}
	w.awaitMore(t, 20)
	acks := w.finish(t)
	t.Logf("%d conversations acknowledged; the longest gap was %v", len(acks), longestGap(acks))
	w.wantKept(t, c.nodes, acks, false)
}
