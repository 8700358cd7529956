package storage

import (
	"errors"
	"fmt"

	"github.com/hashicorp/raft"
	raftboltdb "github.com/hashicorp/raft-boltdb/v2"
)

// ErrCorrupt: an entry read back from the log is not what was written.
var ErrCorrupt = errors.New("log entry is corrupt: this disk has lost data; replace it and let the node join again empty, under a new id")

// ErrNewer is what Options.Verify returns for an entry that is whole, and that this
// binary does not understand.
var ErrNewer = errors.New("log entry is not for this binary")

// Decorators hide the optional interfaces of what they wrap; these are the
// ones raft v1.7.3 asks a log for. (v1.8.0 adds CommitTrackingLogStore.)
var _ raft.MonotonicLogStore = (*guardedLogs)(nil)

type guardedLogs struct {
	guard  *Guard
	raw    raft.LogStore
	verify func(*raft.Log) error
}

// GuardLogs puts a log under a guard. Verify is called with each command that
// GetLog reads (entries of Raft's own carry no checksum); nil checks nothing.
// A missing entry (raft.ErrLogNotFound) is an answer, every other error fatal.
func GuardLogs(g *Guard, raw raft.LogStore, verify func(*raft.Log) error) raft.LogStore {
	if verify == nil {
		verify = func(*raft.Log) error { return nil }
	}
	return &guardedLogs{guard: g, raw: raw, verify: verify}
}

func (l *guardedLogs) FirstIndex() (index uint64, err error) {
	err = l.guard.read("read first log index", func() (err error) {
		index, err = l.raw.FirstIndex()
		return err
	}, never)
	return index, err
}

func (l *guardedLogs) LastIndex() (index uint64, err error) {
	err = l.guard.read("read last log index", func() (err error) {
		index, err = l.raw.LastIndex()
		return err
	}, never)
	return index, err
}

func (l *guardedLogs) GetLog(index uint64, log *raft.Log) error {
	return l.guard.read("read log entry", func() error {
		if err := l.raw.GetLog(index, log); err != nil {
			return err
		}
		if log.Index != index {
			return fmt.Errorf("%w: found entry %d at index %d", ErrCorrupt, log.Index, index)
		}
		if log.Type != raft.LogCommand {
			return nil
		}
		switch err := l.verify(log); {
		case errors.Is(err, ErrNewer):
			return fmt.Errorf("index %d: %w", index, err)
		case err != nil:
			return fmt.Errorf("%w: index %d: %w", ErrCorrupt, index, err)
		}
		return nil
	}, func(err error) bool { return errors.Is(err, raft.ErrLogNotFound) })
}

func (l *guardedLogs) StoreLog(log *raft.Log) error {
	return l.guard.write("store log entry", func() error { return l.raw.StoreLog(log) })
}

func (l *guardedLogs) StoreLogs(logs []*raft.Log) error {
	return l.guard.write("store log entries", func() error { return l.raw.StoreLogs(logs) })
}

func (l *guardedLogs) DeleteRange(first, last uint64) error {
	return l.guard.write("delete log entries", func() error { return l.raw.DeleteRange(first, last) })
}

// IsMonotonic says what the wrapped log says.
func (l *guardedLogs) IsMonotonic() bool {
	m, ok := l.raw.(raft.MonotonicLogStore)
	return ok && m.IsMonotonic()
}

type guardedStable struct {
	guard *Guard
	raw   raft.StableStore
}

// GuardStable puts the store of term and vote under a guard. A missing key is
// an answer, every other error fatal.
//
// Raft panics when it cannot save its term, and its transport may still hand it a
// heartbeat while a node is being closed; so once the guard has failed or is closed
// the term alone is taken without being written. That promises nothing: a node
// binds itself by votes and entries, and both are refused from then on, so a
// restart with the older term contradicts nothing it ever said.
func GuardStable(g *Guard, raw raft.StableStore) raft.StableStore {
	return &guardedStable{guard: g, raw: raw}
}

func (s *guardedStable) Set(key, val []byte) error {
	return s.guard.write("save "+string(key), func() error { return s.raw.Set(key, val) })
}

func (s *guardedStable) SetUint64(key []byte, val uint64) error {
	err := s.guard.write("save "+string(key), func() error { return s.raw.SetUint64(key, val) })
	if string(key) == keyCurrentTerm && (s.guard.Failure() != nil || errors.Is(err, ErrClosed)) {
		return nil
	}
	return err
}

func (s *guardedStable) Get(key []byte) (val []byte, err error) {
	err = s.guard.read("read "+string(key), func() (err error) {
		val, err = s.raw.Get(key)
		return err
	}, isNotFound)
	return val, err
}

func (s *guardedStable) GetUint64(key []byte) (val uint64, err error) {
	err = s.guard.read("read "+string(key), func() (err error) {
		val, err = s.raw.GetUint64(key)
		return err
	}, isNotFound)
	return val, err
}

func never(error) bool { return false }

// isNotFound accepts the text too: Raft itself compares the text, and its
// stores in memory have no error value of their own to compare with.
func isNotFound(err error) bool {
	return errors.Is(err, raftboltdb.ErrKeyNotFound) || err.Error() == raftboltdb.ErrKeyNotFound.Error()
}
