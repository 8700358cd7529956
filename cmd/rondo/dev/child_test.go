package dev

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

const patience = 30 * time.Second

// fakeChild runs a shell script in place of a server: descriptor 3 takes the word
// that it is ready, 4 ends when it shall stop.
func fakeChild(t *testing.T, script string) (*child, chan exit) {
	t.Helper()
	dir := t.TempDir()
	binary := filepath.Join(dir, "server")
	if err := os.WriteFile(binary, []byte("#!/bin/sh\n"+script+"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	exits := make(chan exit, 1)
	c := &child{name: "n1", dir: filepath.Join(dir, "n1"), binary: binary, exits: exits}
	if err := c.configure("node_id = 'n1'\n"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.stop() })
	return c, exits
}

func awaitExit(t *testing.T, exits <-chan exit) exit {
	t.Helper()
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case e := <-exits:
		return e
	case <-timer.C:
		t.Fatalf("no exit is reported after %v", patience)
		return exit{}
	}
}

const waits = "echo ready >&3; cat <&4; "

func TestChildStops(t *testing.T) {
	c, exits := fakeChild(t, waits+"exit 0")
	if err := c.start(); err != nil {
		t.Fatal(err)
	}
	pid := c.pid()
	if err := c.stop(); err != nil {
		t.Errorf("stop: %v", err)
	}
	if e := awaitExit(t, exits); e.child != c || e.pid != pid || e.ending() != "ended" {
		t.Errorf("reported is %+v, %s; want an orderly end of %d", e, e.ending(), pid)
	}
	if err := c.stop(); err != nil {
		t.Errorf("stop once more: %v", err)
	}
}

// An end that is not in order is told, with the last words.
func TestChildStopsBadly(t *testing.T) {
	c, _ := fakeChild(t, waits+"echo the disk is on fire >&2; exit 7")
	if err := c.start(); err != nil {
		t.Fatal(err)
	}
	err := c.stop()
	if err == nil || !strings.Contains(err.Error(), "n1 did not stop in order: exit status 7") || !strings.Contains(err.Error(), "the disk is on fire") {
		t.Errorf("stop: %v", err)
	}
}

func TestChildDoesNotStart(t *testing.T) {
	c, exits := fakeChild(t, "echo the port is taken >&2; exit 1")
	err := c.start()
	if err == nil || !strings.Contains(err.Error(), "n1 did not start") || !strings.Contains(err.Error(), "the port is taken") {
		t.Errorf("start: %v", err)
	}
	if e := awaitExit(t, exits); e.ending() != "exit status 1" {
		t.Errorf("reported is %q", e.ending())
	}
}

// One that was killed is reported, may be started again, and is no failure of its
// own when all stop.
func TestChildKilled(t *testing.T) {
	c, exits := fakeChild(t, waits+"exit 0")
	for range 2 {
		if err := c.start(); err != nil {
			t.Fatal(err)
		}
		if err := syscall.Kill(c.pid(), syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		if e := awaitExit(t, exits); e.pid != c.pid() || e.ending() != "signal: killed" {
			t.Errorf("reported is %+v, %s", e, e.ending())
		}
	}
	if err := c.stop(); err != nil {
		t.Errorf("stop: %v", err)
	}
}
