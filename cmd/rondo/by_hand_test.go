package main

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// stopLimit is how long a server may take from SIGTERM to its end.
const stopLimit = 30 * time.Second

// A host is one `rondo server`, through all its lives.
type host struct {
	node
	cluster string // address of its cluster port
	dir     string // of rondo.toml and data
	races   string
	running *process
	logs    []string // of earlier lives
	env     []string // besides ours
}

// servers writes configurations for a cluster of so many that find each other by
// gossip. Nothing is started yet.
func servers(t *testing.T, count int) []*host {
	t.Helper()
	base := freePorts(t)
	var all []*host
	for k := range count {
		id := fmt.Sprintf("n%d", k+1)
		s := &host{node: node{id, "http://" + portAt(base, k, 0)}, cluster: portAt(base, k, 1), dir: t.TempDir()}
		s.races = filepath.Join(s.dir, "race")
		var join []string
		for other := range count {
			if other != k {
				join = append(join, fmt.Sprintf("%q", portAt(base, other, 2)))
			}
		}
		s.configure(t, fmt.Sprintf(`node_id = %q
data_dir = %q

[http]
listen = %q

[cluster]
listen = %q
bootstrap_expect = %d

[gossip]
listen = %q
join = [%s]
`, id, s.data(), portAt(base, k, 0), s.cluster, count, portAt(base, k, 2), strings.Join(join, ", ")))
		all = append(all, s)
	}
	t.Cleanup(func() {
		if t.Failed() {
			for _, s := range all {
				t.Logf("%s wrote\n%s", s.id, lastLines([]byte(s.log()), 50))
			}
		}
	})
	return all
}

func portAt(base, k, i int) string { return fmt.Sprintf("127.0.0.1:%d", base+portStep*k+i) }

func (s *host) data() string { return filepath.Join(s.dir, "data") }

func (s *host) configure(t *testing.T, toml string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(s.dir, "rondo.toml"), []byte(toml), 0o600); err != nil {
		t.Fatal(err)
	}
}

// start starts the server with further flags and returns once its API listens.
func (s *host) start(t *testing.T, flags ...string) {
	t.Helper()
	args := append([]string{"server", "--config", filepath.Join(s.dir, "rondo.toml")}, flags...)
	s.running = start(t, s.id, append([]string{"GORACE=log_path=" + s.races}, s.env...), rondo, args...)
	s.running.stderr.await(t, s.running, `: serving: `)
}

// stop ends the server in order.
func (s *host) stop(t *testing.T) {
	t.Helper()
	s.running.signal(t, syscall.SIGTERM)
	s.gone(t, 0)
}

func (s *host) gone(t *testing.T, want int) {
	t.Helper()
	if code := s.running.wait(t, stopLimit); code != want {
		t.Errorf("%s ended with %d, want %d\n%s", s.id, code, want, s.running.stderr.last(50))
	}
	s.logs = append(s.logs, s.running.stderr.String())
	s.running = nil
	checkRaces(t, s.races)
}

// log is what the server has written in all its lives.
func (s *host) log() string {
	all := strings.Join(s.logs, "")
	if s.running != nil {
		all += s.running.stderr.String()
	}
	return all
}

func (s *host) clusterID(t *testing.T) string {
	t.Helper()
	return s.get(t, "/v1/cluster").text(t, "cluster_id")
}

func startAll(t *testing.T, all []*host, order ...int) {
	t.Helper()
	for _, k := range order {
		all[k].start(t)
	}
	for _, s := range all {
		s.awaitReady(t)
		s.awaitMembers(t, len(all))
	}
}

// stopAll stops all in order, one while the others still run.
func stopAll(t *testing.T, all []*host) {
	t.Helper()
	for _, s := range all {
		s.stop(t)
	}
}

// wantOneCluster checks that all are in one cluster, which was founded once in
// their lives, and returns its id.
func wantOneCluster(t *testing.T, all []*host) string {
	t.Helper()
	id, founded := all[0].clusterID(t), 0
	for _, s := range all {
		if got := s.clusterID(t); got != id || id == "" {
			t.Errorf("%s is in cluster %q, %s in %q", s.id, got, all[0].id, id)
		}
		founded += strings.Count(s.log(), "bootstrapped a new cluster")
	}
	if founded != 1 {
		t.Errorf("a cluster was founded %d times, want once", founded)
	}
	return id
}

func nodesOf(all []*host) []node {
	var list []node
	for _, s := range all {
		list = append(list, s.node)
	}
	return list
}

// Three servers started by hand, in whatever order, become one cluster, once: now
// and whenever they are started again.
func TestByHand(t *testing.T) {
	t.Parallel()
	for _, order := range [][]int{{0, 1, 2}, {2, 1, 0}, {1, 2, 0}} {
		t.Run(fmt.Sprint(order), func(t *testing.T) {
			t.Parallel()
			takeSlot(t)
			all := servers(t, 3)
			startAll(t, all, order...)
			id := wantOneCluster(t, all)
			w := startWriter(t, nodesOf(all), "w.", writerPause)
			w.awaitMore(t, 10)
			acks := w.finish(t)

			stopAll(t, all)
			slices.Reverse(order)
			startAll(t, all, order...)
			if again := wantOneCluster(t, all); again != id {
				t.Errorf("the cluster is %s now, was %s", again, id)
			}
			w.wantKept(t, nodesOf(all), acks, false)
			all[0].do(t, "PUT", "/v1/agents/late", `{"name":"Late"}`).want(t, http.StatusCreated, `{"id":"late"}`)
			stopAll(t, all)
		})
	}
}

// All servers die at once under load: what was acknowledged is there when they
// come back, and they are the same cluster.
func TestAllKilled(t *testing.T) {
	t.Parallel()
	takeSlot(t)
	all := servers(t, 3)
	startAll(t, all, 0, 1, 2)
	id := wantOneCluster(t, all)
	w := startWriter(t, nodesOf(all), "w.", time.Millisecond)
	for range 2 {
		w.awaitMore(t, 100)
		for _, s := range all {
			s.running.signal(t, syscall.SIGKILL)
		}
		for _, s := range all {
			s.gone(t, -1)
		}
		startAll(t, all, 2, 0, 1)
		if again := wantOneCluster(t, all); again != id {
			t.Errorf("the cluster is %s now, was %s", again, id)
		}
	}
	w.awaitMore(t, 1)
	acks := w.finish(t)
	t.Logf("%d conversations acknowledged; the longest gap was %v", len(acks), longestGap(acks))
	w.wantKept(t, nodesOf(all), acks, false)
	stopAll(t, all)
}

// A server of another cluster that listens where one of ours used to is refused,
// and neither cluster takes harm.
func TestOtherCluster(t *testing.T) {
	t.Parallel()
	takeSlot(t)
	all := servers(t, 3)
	startAll(t, all, 0, 1, 2)
	id := wantOneCluster(t, all)
	all[1].do(t, "PUT", "/v1/agents/ours", `{"name":"Ours"}`).want(t, http.StatusCreated, `{"id":"ours"}`)

	// The fourth is a cluster of its own; then its address becomes that of n3.
	stranger := servers(t, 1)[0]
	stranger.id = "x1"
	stranger.start(t, "--node-id", "x1")
	stranger.awaitReady(t)
	theirs := stranger.clusterID(t)
	stranger.stop(t)
	all[2].stop(t)
	stranger.start(t, "--node-id", "x1", "--cluster-listen", all[2].cluster)

	stranger.running.stderr.await(t, stranger.running, `\[WARN\].*belongs to another cluster.*`+id+`.*check the addresses in the configuration`)
	for _, s := range all[:2] {
		s.do(t, "PUT", "/v1/agents/"+s.id, `{"name":"A"}`).want(t, http.StatusCreated, `{"id":"`+s.id+`"}`)
		if got := s.clusterID(t); got != id {
			t.Errorf("%s is in cluster %s now, was in %s", s.id, got, id)
		}
	}
	stranger.awaitReady(t) // it goes on as the cluster of one that it is
	if got := stranger.clusterID(t); got != theirs || got == id {
		t.Errorf("the stranger is in cluster %s now, was in %s", got, theirs)
	}
	for _, agent := range column(stranger.all(t, "/v1/agents?consistency=stale"), "id") {
		t.Errorf("the stranger has our agent %s", agent)
	}
	stranger.stop(t)

	all[2].start(t)
	all[2].awaitReady(t)
	all[2].do(t, "GET", "/v1/agents/ours", "").want(t, http.StatusOK, `{"id":"ours"}`)
	wantOneCluster(t, all)
	stopAll(t, all)
}

// What is wrong with a data directory is said, and nothing is written to it.
func TestDataDirectory(t *testing.T) {
	t.Parallel()
	s := servers(t, 1)[0]
	s.start(t)
	s.awaitReady(t)
	id := s.clusterID(t)

	base := freePorts(t)
	elsewhere := []string{"--http-listen", portAt(base, 0, 0), "--cluster-listen", portAt(base, 0, 1), "--gossip-listen", portAt(base, 0, 2)}
	fails := func(want string, flags ...string) {
		t.Helper()
		args := append([]string{"server", "--config", filepath.Join(s.dir, "rondo.toml")}, append(elsewhere, flags...)...)
		p := start(t, "a second server", nil, rondo, args...)
		if code := p.wait(t, patience); code != 1 {
			t.Errorf("exit code %d, want 1", code)
		}
		if !strings.Contains(p.stderr.String(), want) {
			t.Errorf("it says\n%s\nwant: %s", p.stderr, want)
		}
	}
	fails(fmt.Sprintf("is held by process %d", s.running.pid()))
	s.stop(t)
	fails(`disk belongs to another node: its file node-id says "n1" and this node is "n9"; use the directory of "n9", or change the node id back`, "--node-id", "n9")

	s.start(t)
	s.awaitReady(t)
	if again := s.clusterID(t); again != id {
		t.Errorf("the cluster is %s now, was %s", again, id)
	}
	s.stop(t)
}

// A server that may listen beyond loopback does so, and says it loudly.
func TestInsecureListen(t *testing.T) {
	t.Parallel()
	s := servers(t, 1)[0]
	address := strings.TrimPrefix(s.url, "http://")
	_, port, _ := strings.Cut(address, ":")
	s.start(t, "--insecure-listen", "--http-listen", "0.0.0.0:"+port, "--http-advertise", address)
	s.awaitReady(t)
	if !strings.Contains(s.log(), "[WARN]  n1: INSECURE: listening beyond loopback, with neither TLS nor tokens") {
		t.Errorf("the log does not warn:\n%s", s.log())
	}
	if ready := string(s.get(t, "/readyz?verbose").raw); !strings.Contains(ready, "[+]security ok INSECURE: no TLS and no tokens yet") {
		t.Errorf("readyz?verbose does not warn:\n%s", ready)
	}
	s.stop(t)

	// The permission alone, without its use, is nothing to warn of.
	s.start(t, "--insecure-listen")
	s.awaitReady(t)
	if ready := string(s.get(t, "/readyz?verbose").raw); strings.Contains(ready, "INSECURE") || !strings.Contains(ready, "listening on loopback only") {
		t.Errorf("readyz?verbose is wrong about a server on loopback:\n%s", ready)
	}
	s.stop(t)
}
