package dev

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"time"
)

// A child is one server process, through all its lives.
type child struct {
	name   string
	dir    string
	binary string
	exits  chan<- exit

	mu      sync.Mutex
	process *os.Process
	alive   *os.File // the child stops when this is closed, by us or by our death
	done    chan struct{}
	how     error // the process ended, after done
}

// An exit is the end of a process.
type exit struct {
	child *child
	pid   int
	how   error
}

func (e exit) ending() string {
	if e.how == nil {
		return "ended"
	}
	return e.how.Error()
}

const (
	readyPatience = 20 * time.Second
	stopPatience  = 20 * time.Second
)

func (c *child) configure(toml string) error {
	if err := os.MkdirAll(c.dir, 0o700); err != nil {
		return fmt.Errorf("make the directory of %s: %w", c.name, err)
	}
	if err := os.WriteFile(c.configFile(), []byte(toml), 0o600); err != nil {
		return fmt.Errorf("write the configuration of %s: %w", c.name, err)
	}
	return nil
}

func (c *child) configFile() string { return filepath.Join(c.dir, "rondo.toml") }
func (c *child) logFile() string    { return filepath.Join(c.dir, "rondo.log") }

// start runs the process and returns once it serves HTTP.
func (c *child) start() error {
	log, err := os.OpenFile(c.logFile(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("open the log of %s: %w", c.name, err)
	}
	defer log.Close()
	readyRead, readyWrite, err := os.Pipe()
	if err != nil {
		return fmt.Errorf("start %s: %w", c.name, err)
	}
	defer readyRead.Close()
	aliveRead, aliveWrite, err := os.Pipe()
	if err != nil {
		return errors.Join(fmt.Errorf("start %s: %w", c.name, err), readyWrite.Close())
	}

	cmd := exec.Command(c.binary, "server", "--config", c.configFile(), "--supervised")
	cmd.Stdout, cmd.Stderr = log, log
	cmd.ExtraFiles = []*os.File{readyWrite, aliveRead}
	// A process group of its own: Ctrl-C in the terminal reaches only us, and we
	// stop the children in order.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	err = cmd.Start()
	// The child has its own copies now; ours would keep the pipes from ending.
	_, _ = readyWrite.Close(), aliveRead.Close()
	if err != nil {
		return errors.Join(fmt.Errorf("start %s: %w", c.name, err), aliveWrite.Close())
	}
	c.adopt(cmd, aliveWrite)
	return c.awaitReady(readyRead)
}

func (c *child) adopt(cmd *exec.Cmd, alive *os.File) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.process, c.alive, c.done = cmd.Process, alive, make(chan struct{})
	done := c.done
	go func() {
		how := cmd.Wait()
		_ = alive.Close()
		c.ended(done, how)
		c.exits <- exit{c, cmd.Process.Pid, how}
	}()
}

func (c *child) ended(done chan struct{}, how error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.how = how
	close(done)
}

func (c *child) awaitReady(pipe *os.File) error {
	if err := pipe.SetReadDeadline(time.Now().Add(readyPatience)); err != nil {
		return fmt.Errorf("wait for %s: %w", c.name, err)
	}
	if _, err := bufio.NewReader(pipe).ReadString('\n'); err != nil {
		return fmt.Errorf("%s did not start: %w\n%s", c.name, err, c.lastWords())
	}
	return nil
}

// lastWords are the last lines of the log: why a node did not start.
func (c *child) lastWords() string {
	const enough = 2000
	data, err := os.ReadFile(c.logFile())
	if err != nil {
		return err.Error()
	}
	return string(data[max(0, len(data)-enough):])
}

func (c *child) pid() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.process == nil {
		return 0
	}
	return c.process.Pid
}

// stop ends the process: by its pipe, which is how an orphan ends too, and by
// force if that takes too long.
func (c *child) stop() error {
	c.mu.Lock()
	process, alive, done := c.process, c.alive, c.done
	c.mu.Unlock()
	if process == nil {
		return nil
	}
	select {
	case <-done:
		return nil // it was reported when it ended
	default:
	}
	_ = alive.Close() // closed already if the process has just ended
	timer := time.NewTimer(stopPatience)
	defer timer.Stop()
	select {
	case <-done:
		return c.failure()
	case <-timer.C:
	}
	if err := process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("kill %s: %w", c.name, err)
	}
	<-done
	return fmt.Errorf("%s did not stop for %v and was killed; its log is %s", c.name, stopPatience, c.logFile())
}

// failure says how the process failed to stop in order. A signal from outside is
// not its own failure.
func (c *child) failure() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	var ended *exec.ExitError
	if !errors.As(c.how, &ended) || !ended.Exited() {
		return nil
	}
	return fmt.Errorf("%s did not stop in order: %w\n%s", c.name, c.how, c.lastWords())
}
