package storage

import (
	"errors"
	"fmt"
	"sync"
	"time"
)

var (
	// ErrStopped: an earlier operation failed, so this disk refuses to write
	// until the process has been restarted.
	ErrStopped = errors.New("disk has failed, the node must be restarted")
	// ErrClosed: the disk was closed by its owner.
	ErrClosed = errors.New("disk is closed")
)

// Guard makes a disk fail-stop (raft.md 1.4, 1.6). The first operation that
// fails, or that takes longer than the limit, is reported once; from then on
// every write is refused. A failed fsync is never tried again: the kernel may
// have dropped the pages, and the second call would say that all is well.
//
// One guard watches all stores of one disk. It may be used from any goroutine
// and holds no lock while an operation runs.
type Guard struct {
	limit time.Duration
	fatal func(error)

	mu     sync.Mutex
	failed error
	closed bool
}

// NewGuard makes a guard. A limit of 0 means DefaultOpLimit. Fatal is called
// at most once, with the first failure; see Options.Fatal.
func NewGuard(limit time.Duration, fatal func(error)) *Guard {
	if limit <= 0 {
		limit = DefaultOpLimit
	}
	if fatal == nil {
		fatal = func(error) {}
	}
	return &Guard{limit: limit, fatal: fatal}
}

// Failure is the first failure, nil while the disk is well.
func (g *Guard) Failure() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.failed
}

// Close ends the watch: later operations are refused with ErrClosed, and
// errors of those under way are not reported any more.
func (g *Guard) Close() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.closed = true
}

// write runs one operation that changes the disk.
func (g *Guard) write(op string, f func() error) error {
	if err := g.refusal(); err != nil {
		return fmt.Errorf("%s: %w", op, err)
	}
	err := g.watched(op, f)
	if err != nil {
		err = fmt.Errorf("%s: %w", op, err)
		g.fail(err)
		return err
	}
	// Whoever was told that the disk is dead must not see it acknowledge.
	if failure := g.Failure(); failure != nil {
		return fmt.Errorf("%s: %w (%w)", op, ErrStopped, failure)
	}
	return nil
}

// read runs one operation that only reads; fine tells which errors are
// answers and not failures. Reads go on after a failure: they change nothing,
// and Raft panics when it cannot read an entry that it knows is there.
func (g *Guard) read(op string, f func() error, fine func(error) bool) error {
	g.mu.Lock()
	closed := g.closed
	g.mu.Unlock()
	if closed {
		return fmt.Errorf("%s: %w", op, ErrClosed)
	}
	err := g.watched(op, f)
	if err == nil || fine(err) {
		return err
	}
	err = fmt.Errorf("%s: %w", op, err)
	g.fail(err)
	return err
}

func (g *Guard) watched(op string, f func() error) error {
	timer := time.AfterFunc(g.limit, func() {
		g.fail(fmt.Errorf("%s has not come back for %s: the disk hangs, and a leader that cannot write must not keep its followers waiting (hashicorp/raft#503); check the disk, then start the node again", op, g.limit))
	})
	defer timer.Stop()
	began := time.Now()
	defer func() { measure(op, time.Since(began)) }()
	return f()
}

func (g *Guard) refusal() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case g.closed:
		return ErrClosed
	case g.failed != nil:
		return fmt.Errorf("%w (%w)", ErrStopped, g.failed)
	}
	return nil
}

func (g *Guard) fail(err error) {
	g.mu.Lock()
	first := g.failed == nil && !g.closed
	if first {
		g.failed = err
	}
	g.mu.Unlock()
	if first {
		g.fatal(err)
	}
}
