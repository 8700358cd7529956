package storage

import (
	"fmt"

	"github.com/hashicorp/raft"
)

// snapshotSlack is how many times as long the end of a snapshot may take as any
// other operation: it syncs hundreds of megabytes at once. A disk that hangs
// meanwhile is noticed sooner, by the canary and by the log.
const snapshotSlack = 6

// GuardSnapshots puts the writing of snapshots under a guard: a disk that fails
// or hangs there fails everywhere. Reading is not: Raft tries an older snapshot
// when one cannot be read.
func GuardSnapshots(g *Guard, raw raft.SnapshotStore) raft.SnapshotStore {
	return &guardedSnapshots{raw, g}
}

type guardedSnapshots struct {
	raft.SnapshotStore
	guard *Guard
}

// Create implements raft.SnapshotStore.
func (s *guardedSnapshots) Create(version raft.SnapshotVersion, index, term uint64, configuration raft.Configuration, configurationIndex uint64, trans raft.Transport) (sink raft.SnapshotSink, err error) {
	err = s.guard.write("begin snapshot", func() (err error) {
		sink, err = s.SnapshotStore.Create(version, index, term, configuration, configurationIndex, trans)
		return err
	})
	if err != nil {
		return nil, err
	}
	return &guardedSink{sink, s.guard}, nil
}

type guardedSink struct {
	raft.SnapshotSink
	guard *Guard
}

// Write implements io.Writer.
func (s *guardedSink) Write(p []byte) (n int, err error) {
	err = s.guard.write("write snapshot", func() (err error) {
		n, err = s.SnapshotSink.Write(p)
		return err
	})
	return n, err
}

// Close makes the snapshot durable.
func (s *guardedSink) Close() error {
	slow := &Guard{limit: snapshotSlack * s.guard.limit, fatal: s.guard.fail}
	if err := s.guard.refusal(); err != nil {
		return fmt.Errorf("sync snapshot: %w", err)
	}
	return slow.write("sync snapshot", s.SnapshotSink.Close)
}

// guardFiles puts the small files that say whose a disk is under a guard.
func guardFiles(g *Guard, raw files) files { return guardedFiles{raw, g} }

type guardedFiles struct {
	files
	guard *Guard
}

func (f guardedFiles) write(name, content string) error {
	return f.guard.write("write "+name, func() error { return f.files.write(name, content) })
}
