package cluster

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/raft"

	"github.com/rondohq/rondo/fsm"
)

// A machine applies the log to the state and hands out views of it. It is the
// only code that knows both Raft's log and package fsm.
//
// It implements raft.BatchingFSM, not only raft.FSM: a plain FSM cannot snapshot
// a quiet log after a change of configuration (raft.md 0.7).
type machine struct {
	logger hclog.Logger
	owner

	mu     sync.Mutex // held for an entry, a clone, a restore
	state  *fsm.State
	tip    tip
	faults faults

	view    atomic.Pointer[view]
	applied progress
	load    tally

	// marked has the state of the newest checkpoint until somebody takes it.
	marked chan *fsm.State
}

// faults are what went wrong so far.
type faults struct {
	apply   error // why no further entry may be applied, ever
	restore error // why the last snapshot that could not be restored was not
}

// An owner is told what a machine finds in the log.
type owner struct {
	fatal   func(error)           // called when the node must stop; returns
	adopt   func(id string) error // called with the cluster id that the log speaks of
	observe func(*raft.Log)       // called with each command applied, in order; nil: nobody looks
}

// A tip is what is known of the newest entry that was applied.
type tip struct {
	at   time.Duration // when, since started
	term uint64        // of Raft; 0 if it came in a snapshot
}

// A view is a clone of the state and the Raft index it stands for, which may be
// past the state's own: Raft's configuration entries change no state.
type view struct {
	state   *fsm.State
	applied uint64
}

// started is the origin of monotonic readings in this process.
var started = time.Now()

func newMachine(logger hclog.Logger, fatal func(error), adopt func(string) error) *machine {
	m := &machine{logger: logger, owner: owner{fatal: fatal, adopt: adopt}, state: fsm.NewState(), marked: make(chan *fsm.State, 1)}
	m.applied.changed = make(chan struct{})
	return m
}

// Apply implements raft.FSM; Raft calls ApplyBatch instead.
func (m *machine) Apply(entry *raft.Log) any { return m.ApplyBatch([]*raft.Log{entry})[0] }

// ApplyBatch implements raft.BatchingFSM. The answer to each command is its
// []fsm.Outcome, or an error once this node has had to stop.
func (m *machine) ApplyBatch(logs []*raft.Log) []any {
	answers := make([]any, len(logs))
	var load logLoad
	for i, entry := range logs {
		if entry.Type == raft.LogConfiguration {
			m.applied.configure(entry.Index)
		}
		if entry.Type == raft.LogCommand {
			outcomes, err := m.applyOne(entry)
			if err != nil {
				for ; i < len(logs); i++ {
					answers[i] = err
				}
				break
			}
			answers[i] = outcomes
			load.commands += uint64(len(outcomes))
		}
		load.entries++
		load.bytes += uint64(len(entry.Data))
		if i == len(logs)-1 {
			m.applied.advance(entry.Index)
		}
	}
	m.load.add(load)
	return answers
}

// applyOne refuses everything after the first entry that it could not apply:
// skipping that one would make this node drift from the others. Only a newer
// binary, or the disk of another node, cures it.
func (m *machine) applyOne(entry *raft.Log) (outcomes []fsm.Outcome, err error) {
	decoded, err := fsm.DecodeEntry(entry.Data)
	founded := ""
	if err == nil {
		outcomes, founded, err = m.change(entry, decoded)
	}
	if err == nil && founded != "" {
		err = m.adopt(founded)
	}
	if err != nil {
		return nil, m.giveUp(fmt.Errorf("apply entry %d of term %d: %w", entry.Index, entry.Term, err))
	}
	if m.observe != nil {
		m.observe(entry)
	}
	return outcomes, nil
}

// change applies an entry. It returns the id of the cluster if this is the entry
// that says it.
func (m *machine) change(entry *raft.Log, decoded fsm.Entry) (outcomes []fsm.Outcome, founded string, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.faults.apply != nil {
		return nil, "", m.faults.apply
	}
	known := m.state.ClusterID != ""
	if outcomes, err = m.state.Apply(entry.Index, decoded); err != nil {
		return nil, "", err
	}
	m.tip = tip{time.Since(started), entry.Term}
	if m.state.Checkpoint.Index == entry.Index {
		setAside(m.marked, m.state.Clone())
	}
	if !known {
		founded = m.state.ClusterID
	}
	return outcomes, founded, nil
}

// giveUp remembers and tells the first reason, and returns it.
func (m *machine) giveUp(reason error) error {
	m.mu.Lock()
	first := m.faults.apply == nil
	if first {
		m.faults.apply = reason
	}
	reason = m.faults.apply
	m.mu.Unlock()
	if first {
		m.fatal(reason)
	}
	return reason
}

// newest returns the newest entry that was applied; index 0 says that it came in
// a snapshot and its term is not known.
func (m *machine) newest() (index, term uint64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.tip.term == 0 {
		return 0, 0
	}
	return m.state.Index, m.tip.term
}

// View returns a clone that is at least as new as index, which must have been
// applied. Clones are shared: many readers of one moment cost one.
func (m *machine) View(index uint64) *fsm.State {
	if v := m.view.Load(); v != nil && v.applied >= index {
		return v.state
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	// Somebody else may have made one meanwhile.
	if v := m.view.Load(); v != nil && v.applied >= index {
		return v.state
	}
	v := &view{m.state.Clone(), max(m.applied.now(), index)}
	m.view.Store(v)
	return v.state
}

// Latest returns a view of everything that has been applied.
func (m *machine) Latest() *fsm.State { return m.View(m.applied.now()) }

// nowMs estimates the cluster's time from the newest entry and the time since,
// without asking the wall clock: it may be an hour wrong.
func (m *machine) nowMs() int64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.state.NowMs + (time.Since(started) - m.tip.at).Milliseconds()
}

// nextDue returns when the state wants an entry of its own; see fsm.NextDue.
func (m *machine) nextDue() (ms int64, ok bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.state.NextDue()
}

// progress is the index applied so far, and a way to wait for more.
type progress struct {
	mu      sync.Mutex
	index   uint64
	changed chan struct{} // closed at the next advance

	configured uint64 // index of the newest of Raft's configurations
}

func (p *progress) now() uint64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.index
}

// advance never goes back: a restored snapshot may be older than what readers
// have been promised only if the disk is, and then readers wait.
func (p *progress) advance(index uint64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if index > p.index {
		p.index = index
	}
	close(p.changed)
	p.changed = make(chan struct{})
}

// next returns a channel that is closed at the next advance.
func (p *progress) next() <-chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.changed
}

// wait returns when index has been applied here, or ctx has ended.
func (p *progress) wait(ctx context.Context, index uint64) error {
	for {
		p.mu.Lock()
		reached, changed := p.index >= index, p.changed
		p.mu.Unlock()
		if reached {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("wait until entry %d is applied: %w", index, ctx.Err())
		}
	}
}
