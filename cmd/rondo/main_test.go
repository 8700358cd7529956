package main

// The tests of this package run the real binary, as real processes that speak
// over real ports, and kill them. Read process_test.go (how processes are started
// and watched), api_test.go (how a node is called), cluster_test.go (a cluster
// under rondo dev), then any of the others.

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// rondo is the path of the binary under test.
var rondo string

func TestMain(m *testing.M) {
	code, err := runAll(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func runAll(m *testing.M) (code int, err error) {
	dir, err := os.MkdirTemp("", "rondo-test-")
	if err != nil {
		return 1, fmt.Errorf("make a directory for the binary: %w", err)
	}
	defer os.RemoveAll(dir)
	rondo = filepath.Join(dir, "rondo")
	args := []string{"build", "-buildvcs=false", "-o", rondo}
	if raceDetector {
		args = append(args, "-race")
	}
	build := exec.Command("go", append(args, ".")...)
	if out, err := build.CombinedOutput(); err != nil {
		return 1, fmt.Errorf("build the binary under test: %w\n%s", err, out)
	}
	stop, err := keepWatch()
	if err != nil {
		return 1, fmt.Errorf("start the watch over our processes: %w", err)
	}
	defer stop()
	return m.Run(), nil
}

// watch tells a process of its own what we start and what has ended. Should we
// end without cleaning up, by a test's panic or its time limit, it interrupts
// what is left.
var watch io.Writer

const watchScript = `pids=
while read -r event pid; do
	case $event in
	started) pids="$pids $pid" ;;
	ended)
		left=
		for p in $pids; do [ "$p" = "$pid" ] || left="$left $p"; done
		pids=$left
		;;
	esac
done
for p in $pids; do kill -INT "$p"; done`

func keepWatch() (stop func(), err error) {
	cmd := exec.Command("sh", "-c", watchScript)
	cmd.SysProcAttr = ownGroup() // an interrupt for us is not one for the watch
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	watch = in
	return func() {
		_ = in.Close() // the watch ends with it
		_ = cmd.Wait()
	}, nil
}
