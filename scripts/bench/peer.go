package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// A peer is another product that is measured in turn with Rondo, in the same run.
type peer struct {
	in  io.WriteCloser
	out *bufio.Reader
	cmd *exec.Cmd
}

// A peerRound is what the peer's client measured.
type peerRound struct {
	PerSecond float64 `json:"per_second"`
	P50Ms     float64 `json:"p50_ms"`
	P99Ms     float64 `json:"p99_ms"`
	Errors    int     `json:"errors"`
}

// startPeer builds the client of etcd, a module of its own, and starts three
// servers with it. Without etcd on this machine the peer is nil.
func startPeer(ctx context.Context, dir string) (*peer, error) {
	if _, err := exec.LookPath("etcd"); err != nil {
		fmt.Fprintln(os.Stderr, "bench: WITHOUT A PEER: etcd is not installed (Debian: apt-get install etcd-server), so there is nothing to compare with")
		return nil, nil
	}
	binary := filepath.Join(dir, "etcd-bench")
	build := exec.CommandContext(ctx, "go", "build", "-o", binary, ".")
	build.Dir = filepath.Join("scripts", "bench", "etcd")
	if out, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("build the client of etcd (run this in the root of the repository): %w\n%s", err, out)
	}
	p := &peer{cmd: exec.Command(binary)}
	p.cmd.Stderr = os.Stderr
	out, err1 := p.cmd.StdoutPipe()
	in, err2 := p.cmd.StdinPipe()
	if err := errors.Join(err1, err2, p.cmd.Start()); err != nil {
		return nil, fmt.Errorf("start etcd: %w", err)
	}
	p.in, p.out = in, bufio.NewReader(out)
	if line, err := p.out.ReadString('\n'); err != nil || line != "ready\n" {
		p.stop()
		return nil, fmt.Errorf("etcd did not start: %q, %w", line, err)
	}
	return p, nil
}

func (p *peer) load(through string, n int, warmUp, length time.Duration) (r peerRound, err error) {
	if _, err := fmt.Fprintln(p.in, through, n, warmUp, length); err != nil {
		return r, fmt.Errorf("ask etcd's client: %w", err)
	}
	line, err := p.out.ReadBytes('\n')
	if err != nil {
		return r, fmt.Errorf("etcd's client: %w", err)
	}
	return r, json.Unmarshal(line, &r)
}

func (p *peer) stop() {
	_ = p.in.Close() // it ends with its input
	_ = p.cmd.Wait()
}
