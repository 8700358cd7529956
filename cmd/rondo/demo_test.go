package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

const (
	realLog   = "../../../shared/data/helpdesk.csv" // beside the checkout
	demoLimit = 12 * time.Minute                    // far more than it takes
)

// scripts/demo.sh is the proof on the real log, so it must itself hold.
func TestDemo(t *testing.T) {
	if testing.Short() {
		skip(t, "the demo takes more than a minute")
	}
	log, err := filepath.Abs(realLog)
	if err == nil {
		_, err = os.Stat(log)
	}
	if err != nil {
		missing(t, "the demo needs the event log beside the checkout: "+err.Error())
	}
	for _, tool := range []string{"bash", "curl"} {
		if _, err := exec.LookPath(tool); err != nil {
			missing(t, "the demo needs "+tool+", which is not installed")
		}
	}
	t.Parallel()
	takeSlot(t)
	base, temp := freePorts(t), t.TempDir()
	demo := start(t, "demo.sh", []string{"TMPDIR=" + temp, "DEMO_PORT_BASE=" + portText(base)}, "bash", "../../scripts/demo.sh", log)
	code := demo.wait(t, demoLimit)
	out := demo.stdout.String()
	if code != 0 {
		t.Errorf("exit code %d, want 0\n%s\n%s", code, out, demo.stderr)
	}
	for _, check := range []string{"every ticket decided exactly once", "strictly increasing order", "ring order obeyed at every step", "windowed fairness"} {
		if !strings.Contains(out, "✓ "+check) {
			t.Errorf("the check %q does not hold:\n%s", check, out)
		}
	}
	if kills := strings.Count(out, ": signal: killed; it is started again"); kills != 3 {
		t.Errorf("%d nodes were killed, want the leader three times:\n%s", kills, out)
	}
	wantNoneRunning(t, temp)
	if left, err := os.ReadDir(temp); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v (%v)", left, err)
	}
	eventually(t, "all ports are free", func() error { return portsTaken(base) })
}

// A demo that is interrupted cleans up, too, and says that it is no proof.
func TestDemoInterrupted(t *testing.T) {
	if _, err := exec.LookPath("curl"); err != nil {
		missing(t, "the demo needs curl, which is not installed")
	}
	t.Parallel()
	takeSlot(t)
	desk := syntheticLog(t)
	base, temp := freePorts(t), t.TempDir()
	demo := start(t, "demo.sh", []string{"TMPDIR=" + temp, "DEMO_PORT_BASE=" + portText(base)}, "bash", "../../scripts/demo.sh", desk.path)
	demo.stdout.await(t, demo, `^demo    kill -9 \d+`)
	demo.signal(t, syscall.SIGTERM)
	if code := demo.wait(t, patience); code == 0 {
		t.Errorf("exit code 0 after an interrupt\n%s", demo.stdout)
	}
	wantNoneRunning(t, temp)
	if left, err := os.ReadDir(temp); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v (%v)", left, err)
	}
	eventually(t, "all ports are free", func() error { return portsTaken(base) })
}

// missing skips a test for want of something on this machine, aloud; where every
// skip is a failure, it fails and says what is missing.
func missing(t *testing.T, why string) {
	t.Helper()
	if os.Getenv("RONDO_TEST_STRICT") == "1" {
		t.Fatal(why)
	}
	skip(t, why)
}

func skip(t *testing.T, why string) {
	t.Helper()
	fmt.Println("SKIPPED: " + t.Name() + ": " + why)
	t.Skip(why)
}
