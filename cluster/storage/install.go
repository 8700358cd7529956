package storage

import (
	"errors"
	"fmt"

	"github.com/hashicorp/raft"
)

// RepairInstalls ends the livelock of installed snapshots (hashicorp/raft#697,
// raft.md 1.4). A follower whose log holds another leader's uncommitted entry
// at the index of the snapshot it installs says, after the install, that the
// entry before the next one does not match; the leader answers with the same
// snapshot, for ever (123,918 times in 7 s).
//
// When a snapshot is complete, the decorator overwrites such an entry with an
// empty one of the snapshot's term. The rest of the wrong tail is truncated by
// Raft's own conflict handling. Logs must be the very store that Raft uses,
// caches included, or the old entry is still served.
//
// A crash between the snapshot and the overwriting is harmless: the leader
// sends the snapshot once more.
func RepairInstalls(raw raft.SnapshotStore, logs raft.LogStore) raft.SnapshotStore {
	return &repairingSnapshots{SnapshotStore: raw, logs: logs}
}

type repairingSnapshots struct {
	raft.SnapshotStore
	logs raft.LogStore
}

func (s *repairingSnapshots) Create(version raft.SnapshotVersion, index, term uint64, configuration raft.Configuration, configurationIndex uint64, trans raft.Transport) (raft.SnapshotSink, error) {
	sink, err := s.SnapshotStore.Create(version, index, term, configuration, configurationIndex, trans)
	if err != nil {
		return nil, err
	}
	return &repairingSink{SnapshotSink: sink, logs: s.logs, index: index, term: term}, nil
}

type repairingSink struct {
	raft.SnapshotSink
	logs        raft.LogStore
	index, term uint64
	done        bool
}

func (s *repairingSink) Cancel() error {
	s.done = true
	return s.SnapshotSink.Cancel()
}

func (s *repairingSink) Close() error {
	if err := s.SnapshotSink.Close(); err != nil || s.done {
		return err
	}
	s.done = true
	var entry raft.Log
	err := s.logs.GetLog(s.index, &entry)
	switch {
	case errors.Is(err, raft.ErrLogNotFound):
		return nil
	case err != nil:
		return fmt.Errorf("compare log with snapshot %d: %w", s.index, err)
	case entry.Term == s.term:
		return nil
	}
	if err := s.logs.StoreLog(&raft.Log{Index: s.index, Term: s.term, Type: raft.LogNoop}); err != nil {
		return fmt.Errorf("overwrite entry %d of term %d that snapshot of term %d contradicts: %w", s.index, entry.Term, s.term, err)
	}
	return nil
}
