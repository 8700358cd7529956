package storage

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"slices"

	"github.com/hashicorp/raft"
	raftboltdb "github.com/hashicorp/raft-boltdb/v2"
)

// memLogs is the log of a MemDisk. It behaves as bolt does: gaps are allowed,
// and what is read shares no memory with what was written.
type memLogs struct{ disk *MemDisk }

func (l memLogs) FirstIndex() (index uint64, err error) {
	l.disk.read(func(i *image) {
		if len(i.entries) > 0 {
			index = i.entries[0].Index
		}
	})
	return index, nil
}

func (l memLogs) LastIndex() (index uint64, err error) {
	l.disk.read(func(i *image) {
		if n := len(i.entries); n > 0 {
			index = i.entries[n-1].Index
		}
	})
	return index, nil
}

func (l memLogs) GetLog(index uint64, log *raft.Log) error {
	var found *raft.Log
	l.disk.read(func(i *image) {
		if at, ok := i.find(index); ok {
			found = i.entries[at]
		}
	})
	if found == nil {
		return raft.ErrLogNotFound
	}
	*log = *copyEntry(found)
	return nil
}

func (l memLogs) StoreLog(log *raft.Log) error { return l.StoreLogs([]*raft.Log{log}) }

func (l memLogs) StoreLogs(logs []*raft.Log) error {
	copies := make([]*raft.Log, len(logs))
	for i, log := range logs {
		copies[i] = copyEntry(log)
	}
	return l.disk.write(func(i *image) {
		for _, log := range copies {
			i.put(log)
		}
	})
}

func (l memLogs) DeleteRange(first, last uint64) error {
	return l.disk.write(func(i *image) {
		from, _ := i.find(first)
		to, found := i.find(last)
		if found {
			to++
		}
		if from < to {
			i.entries = slices.Delete(i.entries, from, to)
		}
	})
}

func (i *image) find(index uint64) (int, bool) {
	return slices.BinarySearchFunc(i.entries, index, func(l *raft.Log, index uint64) int {
		return cmp.Compare(l.Index, index)
	})
}

func (i *image) put(log *raft.Log) {
	at, found := i.find(log.Index)
	if found {
		i.entries[at] = log
		return
	}
	i.entries = slices.Insert(i.entries, at, log)
}

func copyEntry(log *raft.Log) *raft.Log {
	c := *log
	c.Data = bytes.Clone(log.Data)
	c.Extensions = bytes.Clone(log.Extensions)
	// A disk keeps no monotonic clock.
	c.AppendedAt = log.AppendedAt.Round(0)
	return &c
}

// memStable is the store of term and vote of a MemDisk.
type memStable struct{ disk *MemDisk }

func (s memStable) Set(key, val []byte) error {
	k, v := string(key), bytes.Clone(val)
	return s.disk.write(func(i *image) { i.values[k] = v })
}

func (s memStable) SetUint64(key []byte, val uint64) error {
	k := string(key)
	return s.disk.write(func(i *image) { i.numbers[k] = val })
}

func (s memStable) Get(key []byte) (val []byte, err error) {
	s.disk.read(func(i *image) {
		v, ok := i.values[string(key)]
		if !ok {
			err = raftboltdb.ErrKeyNotFound
		}
		val = bytes.Clone(v)
	})
	return val, err
}

func (s memStable) GetUint64(key []byte) (val uint64, err error) {
	s.disk.read(func(i *image) {
		v, ok := i.numbers[string(key)]
		if !ok {
			err = raftboltdb.ErrKeyNotFound
		}
		val = v
	})
	return val, err
}

// memSnapshot is a complete snapshot; it is never changed.
type memSnapshot struct {
	meta raft.SnapshotMeta
	data []byte
}

// memSnapshots is the snapshot store of a MemDisk.
type memSnapshots struct{ disk *MemDisk }

func (s memSnapshots) Create(version raft.SnapshotVersion, index, term uint64, configuration raft.Configuration, configurationIndex uint64, _ raft.Transport) (raft.SnapshotSink, error) {
	if version != 1 {
		return nil, fmt.Errorf("create snapshot: version %d is not supported", version)
	}
	return &memSink{disk: s.disk, meta: raft.SnapshotMeta{
		Version:            version,
		ID:                 fmt.Sprintf("%d-%d", term, index),
		Index:              index,
		Term:               term,
		Configuration:      configuration.Clone(),
		ConfigurationIndex: configurationIndex,
	}}, nil
}

func (s memSnapshots) List() (list []*raft.SnapshotMeta, err error) {
	s.disk.read(func(i *image) {
		for _, snapshot := range i.snapshots {
			meta := snapshot.meta
			list = append(list, &meta)
		}
	})
	return list, nil
}

func (s memSnapshots) Open(id string) (*raft.SnapshotMeta, io.ReadCloser, error) {
	var found *memSnapshot
	s.disk.read(func(i *image) {
		for _, snapshot := range i.snapshots {
			if snapshot.meta.ID == id {
				found = snapshot
			}
		}
	})
	if found == nil {
		return nil, nil, fmt.Errorf("open snapshot: there is no %q", id)
	}
	meta := found.meta
	return &meta, io.NopCloser(bytes.NewReader(found.data)), nil
}

// memSink is used by one goroutine, like every sink of Raft.
type memSink struct {
	disk *MemDisk
	meta raft.SnapshotMeta
	data bytes.Buffer
	done bool
}

func (s *memSink) ID() string { return s.meta.ID }

func (s *memSink) Write(p []byte) (int, error) { return s.data.Write(p) }

func (s *memSink) Cancel() error {
	s.done = true
	return nil
}

func (s *memSink) Close() error {
	if s.done {
		return nil
	}
	s.done = true
	s.meta.Size = int64(s.data.Len())
	snapshot := &memSnapshot{meta: s.meta, data: s.data.Bytes()}
	return s.disk.write(func(i *image) { i.keep(snapshot) })
}

func (i *image) keep(snapshot *memSnapshot) {
	kept := slices.DeleteFunc(slices.Clone(i.snapshots), func(s *memSnapshot) bool { return s.meta.ID == snapshot.meta.ID })
	kept = append(kept, snapshot)
	slices.SortFunc(kept, func(a, b *memSnapshot) int {
		return cmp.Or(cmp.Compare(b.meta.Term, a.meta.Term), cmp.Compare(b.meta.Index, a.meta.Index))
	})
	i.snapshots = kept[:min(len(kept), SnapshotsRetained)]
}
