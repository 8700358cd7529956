package cluster

import (
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/hashicorp/raft"

	"github.com/rondohq/rondo/cluster/archive"
	"github.com/rondohq/rondo/cluster/storage"
	"github.com/rondohq/rondo/fsm"
)

// The defaults of SnapshotPolicy.
const (
	DefaultSnapshotCommands = 200_000
	DefaultSnapshotBytes    = 64 << 20
)

// A SnapshotPolicy says when the log is cut short. Zero values take defaults.
type SnapshotPolicy struct {
	Commands uint64 // since the last snapshot; default DefaultSnapshotCommands
	Bytes    uint64 // of entries since the last snapshot; default DefaultSnapshotBytes

	// TrailingBytes of the log are kept at least, so that a follower that was away
	// for a moment needs no snapshot. Default 64 MiB.
	TrailingBytes uint64

	// Every is how often the policy is looked at; default 1 s.
	Every time.Duration
}

func (p SnapshotPolicy) withDefaults() SnapshotPolicy {
	set := func(v *uint64, otherwise uint64) {
		if *v == 0 {
			*v = otherwise
		}
	}
	set(&p.Commands, DefaultSnapshotCommands)
	set(&p.Bytes, DefaultSnapshotBytes)
	set(&p.TrailingBytes, 64<<20)
	if p.Every == 0 {
		p.Every = time.Second
	}
	return p
}

func (p SnapshotPolicy) wants(load logLoad) bool {
	return load.commands > p.Commands || load.bytes > p.Bytes
}

// trailing turns TrailingBytes into a number of entries, by the size of those
// since the last snapshot.
func (p SnapshotPolicy) trailing(load logLoad) uint64 {
	const fewest, most = 128, 65536
	average := uint64(4 << 10)
	if load.entries > 0 {
		average = max(load.bytes/load.entries, 64)
	}
	return min(max(p.TrailingBytes/average, fewest), most)
}

// logLoad is what a snapshot would allow to be forgotten.
type logLoad struct{ entries, commands, bytes uint64 }

// A tally adds up what has been applied since the last snapshot.
type tally struct {
	mu   sync.Mutex
	load logLoad
}

func (t *tally) now() logLoad {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.load
}

func (t *tally) add(l logLoad) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.load.entries += l.entries
	t.load.commands += l.commands
	t.load.bytes += l.bytes
}

// settle takes off what a snapshot holds.
func (t *tally) settle(l logLoad) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.load.entries -= min(l.entries, t.load.entries)
	t.load.commands -= min(l.commands, t.load.commands)
	t.load.bytes -= min(l.bytes, t.load.bytes)
}

// Snapshot implements raft.FSM. Raft holds up Apply meanwhile, so it only clones;
// Persist writes while entries go on being applied.
func (m *machine) Snapshot() (raft.FSMSnapshot, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.faults.apply != nil {
		return nil, m.faults.apply
	}
	holds := m.load.now()
	return persisted{m.state.Clone(), func() { m.load.settle(holds) }}, nil
}

// A persisted state is on its way to the disk; stored is called when it is there.
type persisted struct {
	state  *fsm.State
	stored func()
}

// Persist implements raft.FSMSnapshot. Raft sends snapshots as they are, so they
// are compressed here.
func (p persisted) Persist(sink raft.SnapshotSink) error {
	storage.IsWriting(sink)
	if err := archive.Write(sink, p.state); err != nil {
		if cancelErr := sink.Cancel(); cancelErr != nil {
			return fmt.Errorf("%w (and cancel: %w)", err, cancelErr)
		}
		return err
	}
	if err := sink.Close(); err != nil {
		return fmt.Errorf("finish snapshot: %w", err)
	}
	p.stored()
	return nil
}

// Release implements raft.FSMSnapshot.
func (persisted) Release() {}

// Restore implements raft.FSM: a new state, verified to the last byte, takes the
// place of the old one, or nothing changes.
func (m *machine) Restore(r io.ReadCloser) error {
	defer r.Close()
	id := storage.IsLoading(r)
	s, err := archive.Read(r)
	// A snapshot of a cluster that nobody has led yet knows no id.
	if err == nil && s.ClusterID != "" {
		err = m.adopt(s.ClusterID)
	}
	if err != nil {
		err = fmt.Errorf("restore snapshot %s: %w", id, err)
		m.mu.Lock()
		m.faults.restore = err
		m.mu.Unlock()
		return err
	}
	m.mu.Lock()
	m.state = s
	m.tip = tip{at: time.Since(started)}
	m.view.Store(nil)
	m.mu.Unlock()
	m.load.settle(m.load.now())
	m.applied.advance(s.Index)
	m.logger.Info("snapshot restored", "index", s.Index, "conversations", s.Conversations.Len())
	return nil
}

// unreadable returns why the last snapshot that could not be restored was not, or
// nil.
func unreadable(m *machine) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.faults.restore
}
