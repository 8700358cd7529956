package main

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// run runs the binary to its end and returns its exit code and what it wrote.
func run(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	p := start(t, "rondo "+args[0], nil, rondo, args...)
	code = p.wait(t, patience)
	return code, p.stdout.String(), p.stderr.String()
}

func mustRun(t *testing.T, args ...string) string {
	t.Helper()
	code, stdout, stderr := run(t, args...)
	if code != 0 {
		t.Fatalf("rondo %s: %d\n%s%s", strings.Join(args, " "), code, stdout, stderr)
	}
	return stdout
}

func wantRefused(t *testing.T, says string, args ...string) {
	t.Helper()
	if code, _, stderr := run(t, args...); code != 1 || !strings.Contains(stderr, says) {
		t.Errorf("rondo %s: %d, want 1 and %q\n%s", strings.Join(args, " "), code, says, stderr)
	}
}

// alone returns a server that is a cluster of its own.
func alone(t *testing.T, id string) *host {
	t.Helper()
	base := freePorts(t)
	s := &host{node: node{id, "http://" + portAt(base, 0, 0)}, cluster: portAt(base, 0, 1), dir: t.TempDir()}
	s.races = filepath.Join(s.dir, "race")
	s.configure(t, fmt.Sprintf("node_id = %q\ndata_dir = %q\n[http]\nlisten = %q\n[cluster]\nlisten = %q\n[[cluster.initial_voters]]\nid = %q\naddress = %q\n",
		id, s.data(), portAt(base, 0, 0), s.cluster, id, s.cluster))
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("%s wrote\n%s", s.id, lastLines([]byte(s.log()), 50))
		}
	})
	return s
}

func (s *host) config() string { return filepath.Join(s.dir, "rondo.toml") }

// TestSnapshotSaveRestore: a snapshot saved under load founds a cluster of one in
// which everything acknowledged before is there, keys are known, the next turn is
// the next one's, and nodes of the old cluster are not let in.
func TestSnapshotSaveRestore(t *testing.T) {
	t.Parallel()
	c := startDev(t)
	w := startWriter(t, c.nodes, "w.", writerPause)
	w.awaitMore(t, 30)
	key := "Idempotency-Key: once"
	first := c.at(0).do(t, "POST", "/v1/conversations", `{"id":"kept","inbox":"w.inbox","contact":"w.contact"}`, key)
	first.want(t, http.StatusCreated, `{}`)
	w.mu.Lock()
	before := append([]ack(nil), w.acks...)
	w.mu.Unlock()
	file := filepath.Join(t.TempDir(), "s.snapshot")
	saved := mustRun(t, "snapshot", "save", file, "--server", "http://127.0.0.1:1", "--server", c.at(1).url)
	w.awaitMore(t, 5) // it goes on
	w.finish(t)
	old := c.at(0).get(t, "/v1/cluster").text(t, "cluster_id")
	if !strings.Contains(saved, "cluster        "+old) || !strings.Contains(saved, "sha256") {
		t.Errorf("save says\n%s", saved)
	}
	wantRefused(t, "--force", "snapshot", "save", file, "--server", c.at(1).url)

	described, err := decodeJSON([]byte(mustRun(t, "snapshot", "inspect", file, "--verify", "-o", "json")))
	if err != nil {
		t.Fatal(err)
	}
	if wrong := differences("", described, map[string]any{"cluster_id": old, "restored": true}); len(wrong) > 0 {
		t.Error(wrong)
	}
	if text := mustRun(t, "snapshot", "inspect", file); !strings.Contains(text, "conversations") || !strings.Contains(text, "chain") {
		t.Errorf("inspect says\n%s", text)
	}

	s := alone(t, "m1")
	said := mustRun(t, "snapshot", "restore", file, "--config", s.config())
	if !strings.Contains(said, "rondo server --config "+s.config()) {
		t.Errorf("restore does not say what to do next:\n%s", said)
	}
	wantRefused(t, "not empty", "snapshot", "restore", file, "--config", s.config())
	s.start(t)
	s.awaitReady(t)
	wantRefused(t, "running node", "snapshot", "restore", file, "--config", s.config())
	if id := s.clusterID(t); id == old || id == "" {
		t.Errorf("the new cluster is %q, the old one %q", id, old)
	}
	w.wantOnce(t, s.node, append(before, ack{conversation: "kept"}), true)
	again := s.do(t, "POST", "/v1/conversations", `{"id":"kept","inbox":"w.inbox","contact":"w.contact"}`, key)
	if again.text(t, "decision.id") != first.text(t, "decision.id") || again.header.Get("Idempotency-Replayed") != "true" {
		t.Errorf("the key is forgotten: %s", again.raw)
	}
	s.wantNextTurn(t, "w.")
	s.stop(t)

	// A node of the old cluster that finds the new one stays outside.
	data := filepath.Join(s.data(), "cluster-id")
	if err := os.WriteFile(data, []byte(old+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s.running = start(t, s.id, nil, rondo, "server", "--config", s.config())
	s.gone(t, 1)
	if !strings.Contains(s.log(), "disk belongs to another cluster") {
		t.Errorf("it does not say why it ended")
	}
}

// wantNextTurn opens conversations and checks that the turns of the writer's ring
// go on from the last one that was taken.
func (n node) wantNextTurn(t *testing.T, prefix string) {
	t.Helper()
	decisions := n.all(t, "/v1/decisions?team="+prefix+"team")
	at := strings.TrimPrefix(column(decisions[len(decisions)-1:], "assignee")[0], prefix)
	for i := range 4 {
		at = map[string]string{"a": "b", "b": "c", "c": "a"}[at]
		n.do(t, "POST", "/v1/conversations", fmt.Sprintf(`{"id":"next%d","inbox":"%sinbox","contact":"%scontact"}`, i, prefix, prefix)).
			want(t, http.StatusCreated, `{"decision":{"assignee":"`+prefix+at+`"}}`)
	}
}

// TestSnapshotRefusals: what cannot be restored is refused by name, and leaves the
// directory as it was.
func TestSnapshotRefusals(t *testing.T) {
	t.Parallel()
	takeSlot(t)
	s := alone(t, "m1")
	s.start(t)
	s.awaitReady(t)
	whole := filepath.Join(t.TempDir(), "whole")
	mustRun(t, "snapshot", "save", whole, "--server", s.url)
	s.stop(t)
	data, err := os.ReadFile(whole)
	if err != nil {
		t.Fatal(err)
	}
	bad := func(name string, change func([]byte) []byte) string {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, change(append([]byte(nil), data...)), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	empty := filepath.Join(t.TempDir(), "data")
	for says, file := range map[string]string{
		"is damaged":     bad("flipped", func(b []byte) []byte { b[len(b)/2] ^= 1; return b }),
		"end is missing": bad("cut", func(b []byte) []byte { return b[:len(b)-1] }),
		"no such file":   filepath.Join(t.TempDir(), "none"),
		"newer version":  bad("newer", func(b []byte) []byte { b[14] = 9; return b }), // the format in the header
		"cannot be read": bad("other", func([]byte) []byte { return []byte("a text that is no snapshot") }),
	} {
		wantRefused(t, says, "snapshot", "restore", file, "--config", s.config(), "--data-dir", empty)
		wantRefused(t, says, "snapshot", "inspect", file)
	}
	if left, _ := os.ReadDir(empty); len(left) > 0 {
		t.Errorf("a refused restore leaves %v", left)
	}
	wantRefused(t, "connection refused", "snapshot", "save", filepath.Join(t.TempDir(), "x"), "--server", s.url)
}
