package main

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// patience bounds every wait for something that takes a moment on an idle
// machine; this one may be busy, and the race detector is slow.
const patience = 90 * time.Second

// clusterSlots bounds how many clusters run at once.
var clusterSlots = make(chan struct{}, 2)

// takeSlot waits for a place for a cluster; the test has it until it ends.
func takeSlot(t *testing.T) {
	t.Helper()
	clusterSlots <- struct{}{}
	t.Cleanup(func() { <-clusterSlots })
}

// A process is one that a test has started.
type process struct {
	name   string
	cmd    *exec.Cmd
	stdout *output
	stderr *output
	ended  chan struct{}
	how    error // after ended
}

func ownGroup() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

// start starts a command without our RONDO_* variables and with more of its own.
// It does not outlive the test.
func start(t *testing.T, name string, env []string, command string, args ...string) *process {
	t.Helper()
	p := &process{name: name, stdout: newOutput(), stderr: newOutput(), ended: make(chan struct{})}
	p.cmd = exec.Command(command, args...)
	p.cmd.Env = append(cleanEnv(), env...)
	p.cmd.Stdout, p.cmd.Stderr = p.stdout, p.stderr
	p.cmd.SysProcAttr = ownGroup()
	p.cmd.WaitDelay = 10 * time.Second // should a grandchild keep our pipes
	if err := p.cmd.Start(); err != nil {
		t.Fatalf("start %s: %v", name, err)
	}
	fmt.Fprintf(watch, "started %d\n", p.pid())
	go func() {
		p.how = p.cmd.Wait()
		fmt.Fprintf(watch, "ended %d\n", p.pid())
		close(p.ended)
	}()
	t.Cleanup(func() { p.end(t) })
	return p
}

func cleanEnv() []string {
	var env []string
	for _, pair := range os.Environ() {
		if !strings.HasPrefix(pair, "RONDO_") {
			env = append(env, pair)
		}
	}
	return env
}

func (p *process) pid() int { return p.cmd.Process.Pid }

func (p *process) signal(t *testing.T, s syscall.Signal) {
	t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil && !errors.Is(err, os.ErrProcessDone) {
		t.Errorf("send %v to %s: %v", s, p.name, err)
	}
}

// wait waits for the end and returns the exit code, -1 if a signal ended it.
func (p *process) wait(t *testing.T, limit time.Duration) int {
	t.Helper()
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-p.ended:
		return p.cmd.ProcessState.ExitCode()
	case <-timer.C:
		t.Fatalf("%s has not ended after %v\nstdout:\n%s\nstderr:\n%s", p.name, limit, p.stdout.last(50), p.stderr.last(50))
		return 0
	}
}

// end is the last resort of a test that has failed on the way.
func (p *process) end(t *testing.T) {
	for _, s := range []syscall.Signal{syscall.SIGINT, syscall.SIGKILL} {
		select {
		case <-p.ended:
			return
		default:
		}
		p.signal(t, s)
		timer := time.NewTimer(patience / 2)
		select {
		case <-p.ended:
		case <-timer.C:
			t.Errorf("%s goes on after %v", p.name, s)
		}
		timer.Stop()
	}
}

// An output is what a process has written so far.
type output struct {
	mu    sync.Mutex
	data  []byte
	grown chan struct{} // closed when data has grown
}

func newOutput() *output { return &output{grown: make(chan struct{})} }

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.data = append(o.data, p...)
	close(o.grown)
	o.grown = make(chan struct{})
	return len(p), nil
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return string(o.data)
}

func (o *output) last(lines int) string { return lastLines([]byte(o.String()), lines) }

// await waits until the output matches and returns the first match.
func (o *output) await(t *testing.T, p *process, pattern string) []string {
	t.Helper()
	re := regexp.MustCompile("(?m)" + pattern)
	timer := time.NewTimer(patience)
	defer timer.Stop()
	for {
		o.mu.Lock()
		found, grown := re.FindStringSubmatch(string(o.data)), o.grown
		o.mu.Unlock()
		if found != nil {
			return found
		}
		select {
		case <-grown:
			continue
		case <-p.ended:
			if found := re.FindStringSubmatch(o.String()); found != nil {
				return found
			}
			t.Fatalf("%s ended (%v) without writing %q\nstdout:\n%s\nstderr:\n%s", p.name, p.how, pattern, p.stdout.last(50), p.stderr.last(50))
		case <-timer.C:
			t.Fatalf("%s has not written %q after %v\nstdout:\n%s\nstderr:\n%s", p.name, pattern, patience, p.stdout.last(50), p.stderr.last(50))
		}
	}
}

// lastLines leaves out the complaints of a leader about a dead follower, five each
// second, which would hide all else.
func lastLines(data []byte, n int) string {
	lines := slices.DeleteFunc(bytes.Split(bytes.TrimRight(data, "\n"), []byte("\n")), func(line []byte) bool {
		return bytes.Contains(line, []byte("raft: failed to heartbeat to:"))
	})
	return string(bytes.Join(lines[max(0, len(lines)-n):], []byte("\n")))
}

// eventually looks again and again until try finds nothing to complain about.
func eventually(t *testing.T, what string, try func() error) {
	t.Helper()
	const pause = 50 * time.Millisecond
	ticker := time.NewTicker(pause)
	defer ticker.Stop()
	began := time.Now()
	for {
		err := try()
		if err == nil {
			return
		}
		if time.Since(began) > patience {
			t.Fatalf("%s: not after %v: %v", what, patience, err)
		}
		<-ticker.C
	}
}

// Ports of test clusters lie below those that the kernel gives to outgoing
// connections: a killed node must find its own free when it starts again.
const (
	portFirst     = 12_000
	portLast      = 32_000
	portsPerNode  = 3
	portStep      = 10
	nodesMax      = 9
	portsOfOneRun = portStep * nodesMax
)

var (
	portsMu    sync.Mutex
	portsGiven = map[int]bool{}
)

// freePorts returns the base of a range in which a whole cluster finds its ports
// free, given to nobody else in this process.
func freePorts(t *testing.T) int {
	t.Helper()
	portsMu.Lock()
	defer portsMu.Unlock()
	var last error
	for range 200 {
		base := portFirst + portsOfOneRun*rand.IntN((portLast-portFirst)/portsOfOneRun)
		if portsGiven[base] {
			continue
		}
		if last = portsTaken(base); last == nil {
			portsGiven[base] = true
			return base
		}
	}
	t.Fatalf("no free range of ports between %d and %d: %v", portFirst, portLast, last)
	return 0
}

// portsTaken returns an error that names one of a cluster's ports that is not free.
func portsTaken(base int) error {
	for k := range nodesMax {
		for i := range portsPerNode {
			at := net.JoinHostPort("127.0.0.1", strconv.Itoa(base+portStep*k+i))
			l, err := net.Listen("tcp", at)
			if err != nil {
				return err
			}
			_ = l.Close()
			u, err := net.ListenPacket("udp", at)
			if err != nil {
				return err
			}
			_ = u.Close()
		}
	}
	return nil
}

// running returns the processes whose command line names dir, as far as the
// system shows them, by pid.
func running(dir string) map[int]string {
	found := map[int]string{}
	files, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, file := range files {
		line, err := os.ReadFile(file)
		pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(file)))
		if err == nil && bytes.Contains(line, []byte(dir)) {
			found[pid] = strings.ReplaceAll(string(line), "\x00", " ")
		}
	}
	return found
}

// wantNoneRunning checks that no process of dir is left, and leaves none.
func wantNoneRunning(t *testing.T, dir string) {
	t.Helper()
	for pid, line := range running(dir) {
		t.Errorf("still running, pid %d: %s", pid, line)
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
}

// errorText is an error that says what is still missing.
type errorText string

func (e errorText) Error() string { return string(e) }

func portText(base int) string { return strconv.Itoa(base) }

// alive says whether a process runs. One that has ended but whose parent has not
// asked how is not running, although it still has its pid.
func alive(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err == nil && bytes.Contains(stat, []byte(") Z ")) {
		return false
	}
	return syscall.Kill(pid, 0) == nil
}

// together runs f(0) to f(n-1) at once and returns when all have.
func together(n int, f func(i int)) {
	var running sync.WaitGroup
	begin := make(chan struct{})
	for i := range n {
		running.Go(func() {
			<-begin
			f(i)
		})
	}
	close(begin)
	running.Wait()
}
