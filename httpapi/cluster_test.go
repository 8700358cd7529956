package httpapi

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/rondohq/rondo/fsm"
	"github.com/rondohq/rondo/fsm/collation"
)

// A machine is a Cluster of one: the real state, and a clock that a test turns.
type machine struct {
	mu    sync.Mutex
	state *fsm.State
	nowMs int64

	lose    bool          // the next Propose is carried out and its answer lost
	fail    error         // of the next Propose or Read
	hold    chan struct{} // if not nil, Propose says so on waiting and waits for it; set while nothing runs
	waiting chan struct{}

	holdReads bool            // Read is held, too
	changed   chan struct{}   // closed at the next entry
	note      func(fsm.Entry) // is told of each, if not nil

	awaiting  chan struct{} // if not nil, Await says so before it waits
	impatient bool          // Await does not wait
	age       time.Duration

	nodes  []NodeStatus
	checks []Check
	dead   error
}

func newMachine(t testing.TB) *machine {
	t.Helper()
	m := &machine{state: fsm.NewState(), changed: make(chan struct{}), nowMs: time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC).UnixMilli()}
	begin := fsm.BeginTerm{Node: "n1", Term: 1, Semantics: fsm.Semantics, Collation: collation.Version, ClusterID: "test"}
	m.apply(fsm.NewItem(begin, "system:node", "", fsm.Key{Source: fsm.KeyMinted, Text: "begin"}))
	m.apply(fsm.NewItem(fsm.AnnounceNode{ID: "n1", HTTP: "127.0.0.1:4600", Cluster: "127.0.0.1:4601", Version: "test", Semantics: 1},
		"system:node", "", fsm.Key{Source: fsm.KeyMinted, Text: "announce"}))
	return m
}

// apply writes an entry, a hundredth of a second after the one before.
func (m *machine) apply(items ...fsm.Item) []fsm.Outcome {
	m.nowMs += 10
	return m.applyNow(items...)
}

func (m *machine) applyNow(items ...fsm.Item) []fsm.Outcome {
	for i := range items {
		items[i].NotAfterMs = m.nowMs + fsm.MintedKeyLifeMs
	}
	entry, err := fsm.DecodeEntry(fsm.EncodeEntry(fsm.Entry{MinSemantics: 1, TimeMs: m.nowMs, Items: items}))
	if err != nil {
		panic(err)
	}
	if m.note != nil {
		m.note(entry)
	}
	outcomes, err := m.state.Apply(m.state.Index+1, entry)
	if err != nil {
		panic(err)
	}
	close(m.changed)
	m.changed = make(chan struct{})
	return outcomes
}

// pass lets time go by as a leader would: an entry at each moment that is due.
func (m *machine) pass(d time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	end := m.nowMs + d.Milliseconds()
	for {
		due, ok := m.state.NextDue()
		if !ok || due > end {
			break
		}
		m.nowMs = max(m.nowMs, due)
		m.applyNow()
	}
	m.nowMs = end
}

func (m *machine) failure() error {
	err := m.fail
	m.fail = nil
	return err
}

// held waits until the test lets a call go on.
func (m *machine) held(ctx context.Context) error {
	m.waiting <- struct{}{}
	select {
	case <-m.hold:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (m *machine) Propose(ctx context.Context, it fsm.Item) (fsm.Outcome, uint64, error) {
	if m.hold != nil {
		if err := m.held(ctx); err != nil {
			return fsm.Outcome{}, 0, err
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.failure(); err != nil {
		return fsm.Outcome{}, 0, err
	}
	out := m.apply(it)[0]
	if m.lose {
		m.lose = false
		return fsm.Outcome{}, 0, trouble{"deadline", outcomeUnknown, 0}
	}
	return out, m.state.Index, nil
}

func (m *machine) Read(ctx context.Context, stale bool, minIndex uint64) (*fsm.State, error) {
	if m.holdReads {
		if err := m.held(ctx); err != nil {
			return nil, err
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if !stale {
		if err := m.failure(); err != nil {
			return nil, err
		}
		m.applyNow() // the fence
	}
	if minIndex > m.state.Index {
		return nil, trouble{"deadline", outcomeRejected, time.Second}
	}
	return m.state.Clone(), nil
}

func (m *machine) Applied() uint64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.state.Index
}

func (m *machine) Await(ctx context.Context, index uint64) error {
	for {
		m.mu.Lock()
		if m.state.Index >= index {
			m.mu.Unlock()
			return nil
		}
		changed, impatient := m.changed, m.impatient
		m.mu.Unlock()
		if impatient {
			return context.DeadlineExceeded
		}
		if m.awaiting != nil {
			m.awaiting <- struct{}{}
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (m *machine) Age() time.Duration { return m.age }

func (m *machine) View(index uint64) *fsm.State {
	m.mu.Lock()
	defer m.mu.Unlock()
	if index > m.state.Index {
		panic(fmt.Sprintf("a view of %d was asked for at %d", index, m.state.Index))
	}
	return m.state.Clone()
}

func (m *machine) Copy() *fsm.State {
	if m.hold != nil {
		m.waiting <- struct{}{}
		<-m.hold
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.state.Clone()
}

func (m *machine) Changed() <-chan struct{} {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.changed
}

func (m *machine) Nodes(context.Context) ([]NodeStatus, error) { return m.nodes, nil }
func (m *machine) Health() []Check                             { return m.checks }
func (m *machine) Alive() error                                { return m.dead }

// trouble is an Unavailable.
type trouble struct {
	code, outcome string
	retry         time.Duration
}

func (t trouble) Error() string             { return "trouble: " + t.code }
func (t trouble) Code() string              { return t.code }
func (t trouble) Outcome() string           { return t.outcome }
func (t trouble) RetryAfter() time.Duration { return t.retry }

func newHandler(t testing.TB, m *machine) http.Handler {
	t.Helper()
	h, err := New(Options{Cluster: m, Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	return h
}
