package cluster

import (
	"fmt"
	"io"
	"time"

	"github.com/hashicorp/raft"
	"github.com/klauspost/compress/zstd"

	"github.com/rondohq/rondo/fsm"
)

// A SnapshotPolicy says when the log is cut short. Zero values take defaults.
type SnapshotPolicy struct {
	Commands uint64 // since the last snapshot; default 200,000
	Bytes    uint64 // of entries since the last snapshot; default 64 MiB

	// TrailingBytes of the log are kept behind a snapshot, so that a follower
	// that was away for a moment needs none. Default 64 MiB.
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
	set(&p.Commands, 200_000)
	set(&p.Bytes, 64<<20)
	set(&p.TrailingBytes, 64<<20)
	if p.Every == 0 {
		p.Every = time.Second
	}
	return p
}

func (p SnapshotPolicy) wants(load logLoad) bool {
	return load.commands > p.Commands || load.bytes > p.Bytes
}

// trailing turns TrailingBytes into a number of entries, which is all that Raft
// knows: by the size of the entries since the last snapshot.
func (p SnapshotPolicy) trailing(load logLoad) uint64 {
	const fewest, most = 128, 10240
	average := uint64(8 << 10)
	if load.commands > 0 {
		average = max(load.bytes/load.commands, 64)
	}
	return min(max(p.TrailingBytes/average, fewest), most)
}

// keepSnapshots takes one whenever the policy wants it.
func (g *Group) keepSnapshots() {
	ticker := time.NewTicker(g.options.Snapshots.Every)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
		case <-g.ctx.Done():
			return
		}
		load := *g.machine.load.Load()
		if !g.options.Snapshots.wants(load) {
			continue
		}
		if err := g.Snapshot(); err != nil {
			// A transfer of leadership or an unfinished membership change is in
			// the way; the next look tries again.
			g.options.Logger.Warn("no snapshot yet", "error", err)
		}
	}
}

// Snapshot writes a snapshot of what has been applied, and cuts the log.
func (g *Group) Snapshot() error {
	load := *g.machine.load.Load()
	settings := g.raft.ReloadableConfig()
	settings.TrailingLogs = g.options.Snapshots.trailing(load)
	if err := g.raft.ReloadConfig(settings); err != nil {
		return fmt.Errorf("set trailing logs: %w", err)
	}
	started := time.Now()
	if err := g.await(g.ctx, g.raft.Snapshot()); err != nil {
		return fmt.Errorf("take snapshot: %w", err)
	}
	g.options.Logger.Info("snapshot taken", "commands", load.commands, "bytes", load.bytes, "took", time.Since(started).Round(time.Millisecond))
	return nil
}

// Snapshot implements raft.FSM. Raft holds up Apply meanwhile, so it only clones;
// Persist writes while entries go on being applied.
func (m *machine) Snapshot() (raft.FSMSnapshot, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.load.Store(&logLoad{})
	return persisted{m.state.Clone()}, nil
}

type persisted struct{ state *fsm.State }

// Persist implements raft.FSMSnapshot. Raft sends snapshots as they are, so they
// are compressed here.
func (p persisted) Persist(sink raft.SnapshotSink) error {
	if err := writeCompressed(sink, p.state); err != nil {
		if cancelErr := sink.Cancel(); cancelErr != nil {
			return fmt.Errorf("%w (and cancel: %w)", err, cancelErr)
		}
		return err
	}
	if err := sink.Close(); err != nil {
		return fmt.Errorf("finish snapshot: %w", err)
	}
	return nil
}

// Release implements raft.FSMSnapshot.
func (persisted) Release() {}

func writeCompressed(w io.Writer, s *fsm.State) error {
	z, err := zstd.NewWriter(w, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1))
	if err != nil {
		return fmt.Errorf("compress snapshot: %w", err)
	}
	if err := s.WriteSnapshot(z); err != nil {
		return err
	}
	if err := z.Close(); err != nil {
		return fmt.Errorf("compress snapshot: %w", err)
	}
	return nil
}

// Restore implements raft.FSM: a new state, verified to the last byte, takes the
// place of the old one, or nothing changes.
func (m *machine) Restore(r io.ReadCloser) error {
	defer r.Close()
	z, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1))
	if err != nil {
		return fmt.Errorf("decompress snapshot: %w", err)
	}
	defer z.Close()
	s, err := fsm.ReadSnapshot(z)
	if err != nil {
		return fmt.Errorf("restore snapshot: %w", err)
	}
	if err := m.adopt(s.ClusterID); err != nil {
		return fmt.Errorf("restore snapshot: %w", err)
	}

	m.mu.Lock()
	m.state = s
	m.view.Store(nil)
	m.load.Store(&logLoad{})
	m.mu.Unlock()
	m.lastAt.Store(int64(time.Since(started)))
	m.applied.advance(s.Index)
	m.logger.Info("snapshot restored", "index", s.Index, "conversations", s.Conversations.Len())
	return nil
}
