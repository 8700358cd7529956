package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// SIGTERM to the leader under load: it hands its office over, finishes its calls
// and ends in order; no call of a client that retries fails.
func TestGracefulStop(t *testing.T) {
	t.Parallel()
	c := startDev(t)
	w := startWriter(t, c.nodes, "w.", time.Millisecond)
	w.awaitMore(t, 20)
	old := c.leader(t)
	if c.pids()[old.id] != old.pid {
		t.Fatalf("%s leads with pid %d, which is none of ours: %v", old.id, old.pid, c.pids())
	}
	if err := syscall.Kill(old.pid, syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	// "ended" is an exit code of 0; anything else is named.
	c.dev.stdout.await(t, c.dev, fmt.Sprintf(`%s, pid %d: ended; it is started again`, old.id, old.pid))
	w.awaitMore(t, 20)
	if now := c.leader(t); now.id == old.id {
		t.Errorf("%s still leads", old.id)
	}
	c.dev.stdout.await(t, c.dev, old.id+` runs again`)
	c.awaitReady(t)
	acks := w.finish(t)
	t.Logf("%d conversations acknowledged; the longest gap was %v", len(acks), longestGap(acks))
	w.wantKept(t, c.nodes, acks, false)

	log, err := os.ReadFile(filepath.Join(c.dir, old.id, "rondo.log"))
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{"stopping", "leadership handed over: to=n", "stopped"} {
		if !strings.Contains(string(log), line) {
			t.Errorf("the log of %s does not say %q:\n%s", old.id, line, lastLines(log, 50))
		}
	}
}
