package cluster

import (
	"context"
	"errors"
	"fmt"
	"io"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/raft"

	"github.com/rondohq/rondo/fsm"
)

// A stuckFSM applies nothing until it is released.
type stuckFSM struct{ entered, release chan struct{} }

func (f *stuckFSM) Apply(*raft.Log) any {
	select {
	case f.entered <- struct{}{}:
	default:
	}
	<-f.release
	return nil
}
func (*stuckFSM) Snapshot() (raft.FSMSnapshot, error) { return nil, errors.New("none") }
func (*stuckFSM) Restore(io.ReadCloser) error         { return errors.New("none") }

// bareRaft is one server that leads itself, without anything of ours.
func bareRaft(t *testing.T, m raft.FSM) *raft.Raft {
	t.Helper()
	store := raft.NewInmemStore()
	address, transport := raft.NewInmemTransport("")
	c := raft.DefaultConfig()
	c.LocalID, c.Logger = "a", hclog.NewNullLogger()
	c.HeartbeatTimeout, c.ElectionTimeout, c.LeaderLeaseTimeout = 50*time.Millisecond, 50*time.Millisecond, 50*time.Millisecond
	led := make(chan bool, 8)
	c.NotifyCh = led
	snapshots := raft.NewInmemSnapshotStore()
	first := raft.Configuration{Servers: []raft.Server{{ID: "a", Address: address}}}
	if err := raft.BootstrapCluster(c, store, store, snapshots, transport, first); err != nil {
		t.Fatal(err)
	}
	r, err := raft.NewRaft(c, m, store, store, snapshots, transport)
	if err != nil {
		t.Fatal(err)
	}
	select {
	case <-led:
	case <-time.After(10 * time.Second):
		t.Fatal("no leader")
	}
	return r
}

// TestFuturesOfRaftMayHang shows the trap (hashicorp/raft#498): entries that were
// committed and not yet applied are never answered after a shutdown.
func TestFuturesOfRaftMayHang(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	f := &stuckFSM{entered: make(chan struct{}, 1), release: make(chan struct{})}
	r := bareRaft(t, f)
	answers := make(chan error, 50)
	for i := range cap(answers) {
		future := r.Apply([]byte("x"), time.Second)
		go func() { answers <- future.Error() }()
		if i == 0 {
			<-f.entered // the others are handed over behind it, one by one
		}
	}
	for r.AppliedIndex() < uint64(cap(answers)) && ctx.Err() == nil {
		sleep(ctx, time.Millisecond) // until Raft has handed them all to the FSM
	}
	down := r.Shutdown()
	close(f.release)
	if err := down.Error(); err != nil {
		t.Fatal(err)
	}
	// Nothing of Raft runs any more: who has no answer now never gets one. Those
	// that have it need a moment to say so.
	hanging := cap(answers)
	for said := true; said && hanging > 0; {
		select {
		case <-answers:
			hanging--
		case <-time.After(300 * time.Millisecond):
			said = false
		}
	}
	if hanging == 0 {
		t.Error("all futures were answered: the library may have been mended, and the ledger may be simpler")
	}
	t.Logf("%d of %d futures were never answered", hanging, cap(answers))
}

// A silentFuture never answers until it is told to.
type silentFuture chan error

func (f silentFuture) Error() error { return <-f }

func TestLedgerDoesNotWaitForSilence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stopping := make(chan struct{})
		l := &ledger{stopping: stopping}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		silent := make(silentFuture)
		if err := l.await(ctx, silent); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want the deadline", err)
		}
		if l.settle(time.Second) {
			t.Error("settled though an answer is owed")
		}
		close(stopping)
		other := make(silentFuture, 1)
		if err := l.await(t.Context(), other); !errors.Is(err, raft.ErrRaftShutdown) {
			t.Errorf("got %v, want the shutdown", err)
		}
		go func() {
			silent <- nil
			sleep(t.Context(), 100*time.Millisecond)
			other <- nil
		}()
		began := time.Now()
		if !l.settle(time.Second) || time.Since(began) != 100*time.Millisecond {
			t.Errorf("settled after %s", time.Since(began))
		}
		answered := make(silentFuture, 1)
		answered <- fmt.Errorf("no: %w", raft.ErrNotLeader)
		if err := l.await(t.Context(), answered); !errors.Is(err, raft.ErrNotLeader) && !errors.Is(err, raft.ErrRaftShutdown) {
			t.Errorf("got %v", err)
		}
	})
}

// TestCloseWithAStuckMachine: while the log is committed and nothing is applied,
// callers are answered as soon as the node is closed, and the node does close.
// This runs in real time: a lock that is held stops virtual time.
func TestCloseWithAStuckMachine(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	w := newWorld(t, 1, 3)
	n := w.awaitLeader(ctx)
	w.must(ctx, anyCommand(w, ctx))
	g := n.group()

	last := g.replica.raft.LastIndex()
	g.replica.machine.mu.Lock()
	answers := make(chan error, 20)
	for i := range cap(answers) {
		it := itemOf(presence(0, "away"), fmt.Sprint(i))
		it.NotAfterMs = 1 << 50 // propose would ask the machine
		go func() { answers <- g.desk.submit(context.Background(), &it).asError() }()
	}
	for g.replica.raft.LastIndex() == last && ctx.Err() == nil {
		sleep(ctx, time.Millisecond)
	}
	closed := make(chan error, 1)
	go func() { closed <- n.life.Load().Close() }()
	for range cap(answers) {
		select {
		case err := <-answers:
			var failed *Error
			if !errors.As(err, &failed) || failed.Code() != CodeShuttingDown {
				t.Errorf("got %v, want shutting_down", err)
			}
		case <-ctx.Done():
			t.Fatal("a call was not answered")
		}
	}
	for g.replica.raft.State() != raft.Shutdown && ctx.Err() == nil {
		sleep(ctx, time.Millisecond)
	}
	g.replica.machine.mu.Unlock()
	select {
	case err := <-closed:
		if err != nil {
			t.Error(err)
		}
	case <-ctx.Done():
		t.Fatal("the node did not close")
	}
	if _, _, err := g.Propose(ctx, itemOf(presence(0, "away"), "late")); err == nil || err.(*Error).Code() != CodeShuttingDown || err.(*Error).Outcome() != Rejected {
		t.Errorf("a call after the end: %v", err)
	}
	if _, err := g.Fence(ctx); err == nil {
		t.Error("a fence after the end succeeded")
	}
}

func (r result) asError() error {
	if r.err == nil {
		return nil
	}
	return r.err
}

// TestMachineStopsAtWhatItCannotApply: skipping an entry would make this node
// drift from the others.
func TestMachineStopsAtWhatItCannotApply(t *testing.T) {
	var fatal []error
	m := newMachine(hclog.NewNullLogger(), func(err error) { fatal = append(fatal, err) }, func(string) error { return nil })
	entry := func(index uint64, data []byte) *raft.Log {
		return &raft.Log{Index: index, Term: 1, Type: raft.LogCommand, Data: data}
	}
	good := fsm.EncodeEntry(fsm.Entry{MinSemantics: fsm.Semantics, TimeMs: 1000})
	bad := append([]byte(nil), good...)
	bad[len(bad)-1]++
	newer := fsm.EncodeEntry(fsm.Entry{MinSemantics: fsm.Semantics + 1, TimeMs: 2000})
	for _, wrong := range [][]byte{bad, newer} {
		m.state, m.faults, fatal = fsm.NewState(), faults{}, nil
		answers := m.ApplyBatch([]*raft.Log{entry(2, good), entry(3, wrong), entry(4, good)})
		if _, ok := answers[0].([]fsm.Outcome); !ok {
			t.Errorf("the first got %v", answers[0])
		}
		for i, a := range append(answers[1:], m.Apply(entry(5, good))) {
			if _, ok := a.(error); !ok {
				t.Errorf("entry %d got %v, want an error", i+3, a)
			}
		}
		if m.state.Index != 2 || len(fatal) != 1 {
			t.Errorf("the state is at %d, %d reasons to stop: %v", m.state.Index, len(fatal), fatal)
		}
		if _, err := m.Snapshot(); err == nil {
			t.Error("a machine that had to stop gives a snapshot")
		}
	}
}
