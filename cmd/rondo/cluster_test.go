package main

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"syscall"
	"testing"
)

// A cluster is some nodes that belong together.
type cluster struct {
	nodes []node
	dev   *process // nil when started by hand
	base  int      // of its ports
	dir   string   // of data and logs
	temp  string   // where dev makes dir
	races string   // where the race detector writes, with dots and pids behind
}

var greetingLine = regexp.MustCompile(`(?m)^  (n\d) +(http://\S+) +\S+ +\S+ +(\d+) `)

// startDev starts `rondo dev` on ports of its own and returns once it has greeted.
// When the test ends, dev is interrupted, and must leave nothing behind.
func startDev(t *testing.T, args ...string) *cluster {
	t.Helper()
	takeSlot(t)
	c := &cluster{base: freePorts(t), temp: t.TempDir()}
	c.races = filepath.Join(t.TempDir(), "race")
	args = append([]string{"dev", "--port-base", strconv.Itoa(c.base), "--restart-after", "1s"}, args...)
	c.dev = start(t, "rondo dev", []string{"TMPDIR=" + c.temp, "GORACE=log_path=" + c.races}, rondo, args...)
	t.Cleanup(func() { c.stop(t) })
	c.dir = c.dev.stdout.await(t, c.dev, `data and logs in (\S+)`)[1]
	c.dev.stdout.await(t, c.dev, `^Ctrl-C stops all nodes`)
	for _, line := range greetingLine.FindAllStringSubmatch(c.dev.stdout.String(), -1) {
		c.nodes = append(c.nodes, node{line[1], line[2]})
	}
	c.awaitReady(t)
	return c
}

// stop interrupts dev and checks that it leaves nothing behind.
func (c *cluster) stop(t *testing.T) {
	if t.Failed() {
		c.printLogs(t)
	}
	pids := c.pids()
	if t.Failed() || c.dir == "" {
		c.dev.end(t)
		wantNoneRunning(t, c.temp)
		if c.dir != "" {
			wantNoneRunning(t, c.dir)
		}
		return
	}
	c.checkLogs(t)
	c.dev.signal(t, syscall.SIGINT)
	if code := c.dev.wait(t, patience); code != 0 {
		t.Errorf("rondo dev ended with %d after an interrupt, want 0\n%s", code, c.dev.stderr)
	}
	c.checkGone(t, pids)
	if left, err := os.ReadDir(c.temp); err != nil || len(left) > 0 {
		t.Errorf("rondo dev leaves %v in its temporary directory (%v), want nothing", left, err)
	}
}

// checkGone checks that no process and no port is left of a cluster.
func (c *cluster) checkGone(t *testing.T, pids map[string]int) {
	t.Helper()
	for id, pid := range pids {
		if alive(pid) {
			t.Errorf("%s, pid %d, is still there", id, pid)
		}
	}
	wantNoneRunning(t, c.dir)
	eventually(t, "all ports are free", func() error { return portsTaken(c.base) })
	checkRaces(t, c.races)
}

func checkRaces(t *testing.T, path string) {
	t.Helper()
	files, _ := filepath.Glob(path + ".*")
	for _, file := range files {
		report, err := os.ReadFile(file)
		t.Errorf("the race detector reports (%v):\n%s", err, report)
	}
}

func (c *cluster) logs() []string {
	files, _ := filepath.Glob(filepath.Join(c.dir, "n*", "rondo.log"))
	return files
}

// printLogs shows what a person needs to understand a failure.
func (c *cluster) printLogs(t *testing.T) {
	t.Logf("rondo dev wrote\n%s%s", c.dev.stdout.last(50), c.dev.stderr.last(50))
	if c.dir == "" {
		return
	}
	for _, file := range c.logs() {
		data, err := os.ReadFile(file)
		t.Logf("%s (%v):\n%s", file, err, lastLines(data, 50))
	}
}

var crash = regexp.MustCompile(`(?m)^(panic: |fatal error: ).*`)

// checkLogs finds crashes that a restart has covered.
func (c *cluster) checkLogs(t *testing.T) {
	files := c.logs()
	if len(files) != len(c.nodes) {
		t.Errorf("%d nodes have %d logs", len(c.nodes), len(files))
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if found := crash.Find(data); err != nil || found != nil {
			t.Errorf("%s (%v): %s\n%s", file, err, found, lastLines(data, 50))
		}
	}
}

var startedLine = regexp.MustCompile(`(?m)(n\d) runs again, pid (\d+)`)

// pids returns the newest pid of each node that dev has told.
func (c *cluster) pids() map[string]int {
	pids := map[string]int{}
	out := c.dev.stdout.String()
	for _, line := range greetingLine.FindAllStringSubmatch(out, -1) {
		pids[line[1]], _ = strconv.Atoi(line[3])
	}
	for _, line := range startedLine.FindAllStringSubmatch(out, -1) {
		pids[line[1]], _ = strconv.Atoi(line[2])
	}
	return pids
}

func (c *cluster) awaitReady(t *testing.T) {
	t.Helper()
	for _, n := range c.nodes {
		n.awaitReady(t)
	}
}

func (n node) awaitReady(t *testing.T) {
	t.Helper()
	eventually(t, n.id+" is ready", func() error {
		got, err := n.ask("/readyz")
		if err == nil && got.status != http.StatusOK {
			err = fmt.Errorf("%d: %s", got.status, got.raw)
		}
		return err
	})
}

// at returns a node, counted round.
func (c *cluster) at(i int) node { return c.nodes[i%len(c.nodes)] }

// A member is a line of GET /v1/cluster/nodes.
type member struct {
	id     string
	pid    int
	leader bool
	there  bool // reachable
}

func (n node) members() ([]member, error) {
	got, err := n.ask("/v1/cluster/nodes")
	if err != nil {
		return nil, err
	}
	body, err := decodeJSON(got.raw)
	if err != nil || got.status != http.StatusOK {
		return nil, fmt.Errorf("%d: %s", got.status, got.raw)
	}
	var list []member
	items, _ := follow(body, "items")
	all, _ := items.([]any)
	for _, item := range all {
		pid, _ := follow(item, "pid")
		leads, _ := follow(item, "leader")
		there, _ := follow(item, "reachable")
		number, _ := strconv.Atoi(fmt.Sprint(pid))
		list = append(list, member{column([]any{item}, "id")[0], number, leads == true, there == true})
	}
	return list, nil
}

// awaitMembers waits until a node reaches so many members, one of which leads.
func (n node) awaitMembers(t *testing.T, count int) {
	t.Helper()
	eventually(t, n.id+" reaches all members and their leader", func() error {
		list, err := n.members()
		there, leaders := 0, 0
		for _, m := range list {
			if m.there {
				there++
			}
			if m.leader {
				leaders++
			}
		}
		if err == nil && (len(list) != count || there != count || leaders != 1) {
			err = fmt.Errorf("%+v", list)
		}
		return err
	})
}

// leader returns the one member that leads and answers, asking every node that
// does.
func (c *cluster) leader(t *testing.T) member {
	t.Helper()
	var found member
	eventually(t, "a leader is known", func() error {
		err := fmt.Errorf("no node answers")
		for _, n := range c.nodes {
			list, askErr := n.members()
			if askErr != nil {
				continue
			}
			err = fmt.Errorf("no leader in %v, says %s", list, n.id)
			for _, m := range list {
				if m.leader && m.there {
					found = m
					return nil
				}
			}
		}
		return err
	})
	return found
}

// killLeader kills the leader, waits until another one serves and the dead node
// is back and ready, and returns who it was.
func (c *cluster) killLeader(t *testing.T) string {
	t.Helper()
	dead := c.leader(t)
	if c.pids()[dead.id] != dead.pid {
		t.Fatalf("%s leads with pid %d, which is none of ours: %v", dead.id, dead.pid, c.pids())
	}
	if err := syscall.Kill(dead.pid, syscall.SIGKILL); err != nil {
		t.Fatalf("kill %s: %v", dead.id, err)
	}
	c.dev.stdout.await(t, c.dev, fmt.Sprintf(`%s, pid %d: signal: killed`, dead.id, dead.pid))
	for _, n := range c.nodes {
		if n.id != dead.id {
			n.get(t, "/v1/agents?limit=1") // linearizable: a leader serves
		}
	}
	c.dev.stdout.await(t, c.dev, fmt.Sprintf(`pid %d: signal: killed(?s:.*)%s runs again`, dead.pid, dead.id))
	for _, n := range c.nodes {
		if n.id == dead.id {
			n.awaitReady(t)
			n.get(t, "/v1/agents?limit=1")
		}
	}
	return dead.id
}
