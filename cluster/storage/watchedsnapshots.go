package storage

import (
	"io"

	"github.com/hashicorp/raft"
)

// WatchSnapshots counts what goes into and out of a snapshot store. Raft creates a
// snapshot both to write one and to receive one, and opens one both to send it and
// to load it; what is not said by IsWriting or IsLoading is the work for others. It
// is the outermost decorator, or they do not find it.
func WatchSnapshots(p *Progress, raw raft.SnapshotStore) raft.SnapshotStore {
	return &watchedSnapshots{raw, p}
}

type watchedSnapshots struct {
	raft.SnapshotStore
	progress *Progress
}

// Create implements raft.SnapshotStore.
func (s *watchedSnapshots) Create(version raft.SnapshotVersion, index, term uint64, configuration raft.Configuration, configurationIndex uint64, trans raft.Transport) (raft.SnapshotSink, error) {
	sink, err := s.SnapshotStore.Create(version, index, term, configuration, configurationIndex, trans)
	if err != nil {
		return nil, err
	}
	return &watchedSink{sink, s.progress, s.progress.begin(Receiving, 0)}, nil
}

// Open implements raft.SnapshotStore.
func (s *watchedSnapshots) Open(id string) (*raft.SnapshotMeta, io.ReadCloser, error) {
	meta, source, err := s.SnapshotStore.Open(id)
	if err != nil {
		return nil, nil, err
	}
	return meta, &watchedSource{source, id, s.progress, s.progress.begin(Sending, meta.Size)}, nil
}

type watchedSink struct {
	raft.SnapshotSink
	progress *Progress
	passage  *passage
}

// Write implements io.Writer.
func (s *watchedSink) Write(p []byte) (int, error) {
	n, err := s.SnapshotSink.Write(p)
	s.progress.add(s.passage, n)
	return n, err
}

// Close makes the snapshot durable.
func (s *watchedSink) Close() error {
	defer s.progress.end(s.passage)
	return s.SnapshotSink.Close()
}

// Cancel implements raft.SnapshotSink.
func (s *watchedSink) Cancel() error {
	defer s.progress.end(s.passage)
	return s.SnapshotSink.Cancel()
}

type watchedSource struct {
	io.ReadCloser
	id       string
	progress *Progress
	passage  *passage
}

// Read implements io.Reader.
func (s *watchedSource) Read(p []byte) (int, error) {
	n, err := s.ReadCloser.Read(p)
	s.progress.add(s.passage, n)
	return n, err
}

// Close implements io.Closer.
func (s *watchedSource) Close() error {
	defer s.progress.end(s.passage)
	return s.ReadCloser.Close()
}

// IsWriting says that a sink of a watched store is given this node's own snapshot.
// Other sinks are left alone.
func IsWriting(sink raft.SnapshotSink) {
	if s, ok := sink.(*watchedSink); ok {
		s.progress.turn(s.passage, Writing)
	}
}

// IsLoading says that what is read from a snapshot of a watched store becomes this
// node's state, and returns its id. Raft's own wrappers are looked through; other
// readers are left alone and have no id.
func IsLoading(source io.ReadCloser) (id string) {
	for {
		switch s := source.(type) {
		case *watchedSource:
			s.progress.turn(s.passage, Loading)
			return s.id
		case raft.ReadCloserWrapper:
			source = s.WrappedReadCloser()
		default:
			return ""
		}
	}
}
