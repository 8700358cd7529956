package testbed

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"
)

// restartAfter is how long a node that ended by itself stays down, as under any
// supervisor.
const restartAfter = time.Second

// killPatience bounds how long a killed process may take to be gone: one that
// waits for a hanging disk cannot go before the disk answers.
const killPatience = 30 * time.Second

// A node is one server, kept running until somebody says otherwise.
type node struct {
	id        string
	namespace string
	args      []string
	log       string
	onExit    func(node, how string)
	disk      disk

	mu   sync.Mutex
	life *life
}

// A life is the time for which a node is kept running.
type life struct {
	quit  chan struct{} // closed: no more restarts
	ended chan struct{} // closed: nothing runs any more
	mu    sync.Mutex
	cmd   *exec.Cmd
}

// start keeps the node running until condemn.
func (n *node) start() {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.life != nil {
		return
	}
	l := &life{quit: make(chan struct{}), ended: make(chan struct{})}
	n.life = l
	go func() {
		defer close(l.ended)
		for {
			how := n.once(l)
			select {
			case <-l.quit:
				return
			default:
			}
			n.onExit(n.id, how)
			select {
			case <-l.quit:
				return
			case <-time.After(restartAfter):
			}
		}
	}()
}

// once runs the server until it ends, and says how.
func (n *node) once(l *life) string {
	log, err := os.OpenFile(n.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err.Error()
	}
	defer log.Close()
	cmd := exec.Command(n.args[0], n.args[1:]...)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Env = environment()
	l.mu.Lock()
	select {
	case <-l.quit:
		l.mu.Unlock()
		return ""
	default:
	}
	err = startIn(n.namespace, cmd)
	l.cmd = cmd
	l.mu.Unlock()
	if err != nil {
		return err.Error()
	}
	if err := cmd.Wait(); err != nil {
		return err.Error()
	}
	return "exit status 0"
}

// environment is ours without what would configure a node.
func environment() []string {
	var list []string
	for _, pair := range os.Environ() {
		if !strings.HasPrefix(pair, "RONDO_") {
			list = append(list, pair)
		}
	}
	return list
}

// condemn kills the node and keeps it down. It returns the life that is ending, or
// nil.
func (n *node) condemn() *life {
	n.mu.Lock()
	l := n.life
	n.life = nil
	n.mu.Unlock()
	if l == nil {
		return nil
	}
	l.mu.Lock()
	close(l.quit)
	l.mu.Unlock()
	l.signal(syscall.SIGKILL)
	return l
}

// await returns when nothing of a condemned life runs any more.
func (l *life) await(id string) error {
	if l == nil {
		return nil
	}
	select {
	case <-l.ended:
		return nil
	case <-time.After(killPatience):
		return fmt.Errorf("%s is not gone %s after kill -9", id, killPatience)
	}
}

// signal sends a signal to the server, if it runs.
func (n *node) signal(s syscall.Signal) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.life != nil {
		n.life.signal(s)
	}
}

func (l *life) signal(s syscall.Signal) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.cmd != nil && l.cmd.Process != nil {
		_ = l.cmd.Process.Signal(s) // it may have ended
	}
}

func nodeArgs(binary, id, address, data, voters, join string) []string {
	return []string{
		binary, "server", "--node-id", id, "--data-dir", filepath.Join(data, "data"), "--insecure-listen",
		"--http-listen", address + ":4600", "--cluster-listen", address + ":4601", "--gossip-listen", address + ":4602",
		"--gossip-join", join, "--cluster-initial-voters", voters,
	}
}
