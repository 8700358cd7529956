package main

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

var curlLine = regexp.MustCompile(`(?m)^  curl -s (?:-X (\w+) )?(?:--json '([^']*)' )?http://127\.0\.0\.1:\d+(/\S+)$`)

// What dev prints is what a newcomer does first, so it must work as it stands.
func TestDevGreeting(t *testing.T) {
	t.Parallel()
	c := startDev(t)
	out := c.dev.stdout.String()
	if len(c.nodes) != 3 || strings.Count(out, "leads") != 1 || !strings.Contains(out, "removed at exit") {
		t.Errorf("want three nodes, one of which leads, and what becomes of the data:\n%s", out)
	}
	lines := curlLine.FindAllStringSubmatch(out, -1)
	if len(lines) != 2 {
		t.Fatalf("want two curl lines to try:\n%s", out)
	}
	put, get := lines[0], lines[1]
	c.at(0).do(t, put[1], put[3], put[2]).want(t, http.StatusCreated, `{"id":"chris","name":"Chris Brisson"}`)
	c.at(2).do(t, "GET", get[3], "").want(t, http.StatusOK, `{"id":"chris","name":"Chris Brisson"}`)
}

// --data keeps the state from one run to the next, and --demo may be given again.
func TestDevKeepsData(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	cluster := ""
	for run, name := range []string{"first run", "second run"} {
		t.Run(name, func(t *testing.T) {
			c := startDev(t, "--nodes", "1", "--demo", "--data", dir)
			if c.dir != dir || len(c.nodes) != 1 {
				t.Errorf("%d nodes in %s, want one in %s", len(c.nodes), c.dir, dir)
			}
			lines := curlLine.FindAllStringSubmatch(c.dev.stdout.String(), -1)
			if len(lines) != 2 {
				t.Fatalf("want two curl lines to try:\n%s", c.dev.stdout)
			}
			message, rotation := lines[0], lines[1]
			c.at(0).do(t, "POST", message[3], message[2]).want(t, http.StatusCreated,
				`{"opened":true,"conversation":{"assignee":"chris"},"decision":{"kind":"rotation"}}`)
			// The same message again in the second run is the same message.
			c.at(0).get(t, rotation[3]).want(t, http.StatusOK, `{"team":"sales","cursors":[{"agent":"chris"}]}`)
			id := c.at(0).get(t, "/v1/cluster").text(t, "cluster_id")
			if run > 0 && id != cluster {
				t.Errorf("the cluster is %s now, was %s", id, cluster)
			}
			cluster = id
		})
	}
	if files, err := filepath.Glob(filepath.Join(dir, "n1", "data", "groups", "0", "raft.db")); err != nil || len(files) != 1 {
		t.Errorf("--data keeps %v (%v), want the log of n1", files, err)
	}
}

func TestDevFiveNodes(t *testing.T) {
	t.Parallel()
	c := startDev(t, "--nodes", "5")
	members, err := c.at(4).members()
	if err != nil || len(members) != 5 || len(c.nodes) != 5 {
		t.Errorf("members %v (%v), want five", members, err)
	}
	// A node that nobody calls tells the operator how far it is now.
	wrote := c.at(0).do(t, "PUT", "/v1/agents/a", `{"name":"A"}`).want(t, http.StatusCreated, `{"id":"a"}`).index(t)
	for _, n := range c.nodes {
		eventually(t, n.id+" tells of the newest entry", func() error {
			if at := n.get(t, "/v1/cluster").index(t); at < wrote {
				return fmt.Errorf("it tells of %d, %d is written", at, wrote)
			}
			return nil
		})
	}
}

// A dead node is reported, and with 0 stays down; the others go on.
func TestDevLeavesTheDead(t *testing.T) {
	t.Parallel()
	c := startDev(t, "--restart-after", "0")
	dead := c.leader(t)
	if err := syscall.Kill(c.pids()[dead.id], syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	c.dev.stdout.await(t, c.dev, dead.id+`, pid \d+: signal: killed; it stays down`)
	c.dev.stdout.await(t, c.dev, `n\d leads now, pid \d+`)
	for _, n := range c.nodes {
		if n.id == dead.id {
			if _, err := n.ask("/livez"); err == nil {
				t.Errorf("%s answers, but was killed and must stay down", n.id)
			}
			continue
		}
		n.do(t, "PUT", "/v1/agents/"+n.id, `{"name":"A"}`).want(t, http.StatusCreated, `{"kind":"person"}`)
	}
	if strings.Contains(c.dev.stdout.String(), "runs again") {
		t.Errorf("--restart-after 0 started a node again:\n%s", c.dev.stdout)
	}
}

// Servers never outlive dev, however it dies.
func TestDevKilled(t *testing.T) {
	t.Parallel()
	takeSlot(t)
	c := &cluster{base: freePorts(t), temp: t.TempDir(), races: filepath.Join(t.TempDir(), "race")}
	t.Cleanup(func() { wantNoneRunning(t, c.temp) })
	c.dev = start(t, "rondo dev", []string{"TMPDIR=" + c.temp, "GORACE=log_path=" + c.races}, rondo, "dev", "--port-base", portText(c.base))
	c.dir = c.dev.stdout.await(t, c.dev, `data and logs in (\S+)`)[1]
	c.dev.stdout.await(t, c.dev, `^Ctrl-C stops all nodes`)
	pids := c.pids()
	if len(pids) != 3 {
		t.Fatalf("pids %v, want three", pids)
	}
	c.dev.signal(t, syscall.SIGKILL)
	c.dev.wait(t, patience)
	eventually(t, "the servers end with dev", func() error {
		if left := running(c.dir); len(left) > 0 {
			return fmt.Errorf("still running: %v", left)
		}
		return nil
	})
	c.checkGone(t, pids)
	for _, file := range c.logs() {
		data, err := os.ReadFile(file)
		if err != nil || !strings.Contains(string(data), "the supervisor is gone") {
			t.Errorf("%s (%v) does not say why its node stopped:\n%s", file, err, lastLines(data, 10))
		}
	}
}

// An interrupt while the nodes are still starting is no failure, either.
func TestDevInterruptedEarly(t *testing.T) {
	t.Parallel()
	takeSlot(t)
	base, temp := freePorts(t), t.TempDir()
	dev := start(t, "rondo dev", []string{"TMPDIR=" + temp}, rondo, "dev", "--port-base", portText(base))
	began := time.Now()
	eventually(t, "the first node starts", func() error {
		if len(running(temp)) == 0 && time.Since(began) < patience/2 {
			return errorText("no child yet")
		}
		return nil
	})
	dev.signal(t, syscall.SIGINT)
	if code := dev.wait(t, patience); code != 0 {
		t.Errorf("exit code %d, want 0\n%s", code, dev.stderr)
	}
	wantNoneRunning(t, temp)
	if left, err := os.ReadDir(temp); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v (%v)", left, err)
	}
}
