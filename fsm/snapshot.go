package fsm

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"iter"

	"github.com/fxamacker/cbor/v2"
)

// SnapshotFormat is the version of the snapshot's shape; a newer one is refused.
const SnapshotFormat = 1

// A snapshot is a sequence of CBOR values: the header, then each table as its
// name, its number of rows and the rows, then the segments of records, and the
// SHA-256 of all that at the end. Indexes are not in it: they are derived.

type snapshotHeader struct {
	Magic  string `cbor:"1,keyasint"`
	Format uint32 `cbor:"2,keyasint"`
	Meta   Meta   `cbor:"3,keyasint"`
}

const snapshotMagic = "rondo"

type snapshotTable struct {
	Name string `cbor:"1,keyasint"`
	Rows uint64 `cbor:"2,keyasint"`
}

type snapshotSegment struct {
	First RecordID `cbor:"1,keyasint"`
	Data  []byte   `cbor:"2,keyasint"`
}

// ErrSnapshot says that a snapshot is damaged, or of a version this binary does
// not know.
var ErrSnapshot = errors.New("the snapshot cannot be read")

// WriteSnapshot writes s. Equal states give equal bytes. It may run while the
// state that s was cloned from goes on.
func (s *State) WriteSnapshot(w io.Writer) error {
	sum := sha256.New()
	buffered := bufio.NewWriterSize(io.MultiWriter(w, sum), 64<<10)
	out := snapshotWriter{encoding.NewEncoder(buffered), nil}

	writeTables(&out, s)
	writeRows(&out, "records", segmentCount(&s.Records), allSegments(&s.Records))

	if out.err == nil {
		out.err = buffered.Flush()
	}
	if out.err != nil {
		return fmt.Errorf("write snapshot: %w", out.err)
	}
	if _, err := w.Write(sum.Sum(nil)); err != nil {
		return fmt.Errorf("write snapshot checksum: %w", err)
	}
	return nil
}

// writeTables writes all but the records.
func writeTables(out *snapshotWriter, s *State) {
	out.put(snapshotHeader{snapshotMagic, SnapshotFormat, s.Meta})
	writeRows(out, "agents", s.Agents.Len(), s.Agents.All())
	writeRows(out, "groups", s.Groups.Len(), s.Groups.All())
	writeRows(out, "teams", s.Teams.Len(), s.Teams.All())
	writeRows(out, "members", s.Members.Len(), s.Members.All())
	writeRows(out, "cursors", s.Cursors.Len(), s.Cursors.All())
	writeRows(out, "credits", s.Credits.Len(), s.Credits.All())
	writeRows(out, "inboxes", s.Inboxes.Len(), s.Inboxes.All())
	writeRows(out, "contacts", s.Contacts.Len(), s.Contacts.All())
	writeRows(out, "conversations", s.Conversations.Len(), s.Conversations.All())
	writeRows(out, "queues", s.Queues.Len(), s.Queues.All())
	writeRows(out, "timers", s.Timers.Len(), s.Timers.All())
	writeRows(out, "chores", s.Chores.Len(), s.Chores.All())
	writeRows(out, "keys", s.Keys.Len(), s.Keys.All())
	writeRows(out, "nodes", s.Nodes.Len(), s.Nodes.All())
	writeRows(out, "revisions", s.Revisions.Len(), s.Revisions.All())
	writeRows(out, "followers", s.Followers.Len(), s.Followers.All())
	writeRows(out, "notifications", s.Notifications.Len(), s.Notifications.All())
	writeRows(out, "views", s.Views.Len(), s.Views.All())
	writeRows(out, "schedules", s.Schedules.Len(), s.Schedules.All())
	writeRows(out, "rules", s.Rules.Len(), s.Rules.All())
	writeRows(out, "editions", s.Editions.Len(), s.Editions.All())
	writeRows(out, "runs", s.Runs.Len(), s.Runs.All())
	writeRows(out, "offers", s.Offers.Len(), s.Offers.All())
}

type snapshotWriter struct {
	encoder *cbor.Encoder
	err     error // the first
}

func (w *snapshotWriter) put(v any) {
	if w.err == nil {
		w.err = w.encoder.Encode(v)
	}
}

func writeRows[V any](w *snapshotWriter, name string, n int, rows iter.Seq[V]) {
	w.put(snapshotTable{name, uint64(n)})
	for row := range rows {
		w.put(row)
	}
}

// ReadSnapshot reads what WriteSnapshot wrote into a new state, and verifies it
// to the last byte before it returns it. It never returns a partial state.
func ReadSnapshot(r io.Reader) (*State, error) {
	in := newSnapshotReader(r)
	header, err := in.header()
	if err != nil {
		return nil, err
	}
	s := NewState()
	s.Meta = header.Meta
	s.Records.forgotten = header.Meta.Forgotten
	readRows(in, "agents", s.Agents.Put)
	readRows(in, "groups", s.Groups.Put)
	readRows(in, "teams", s.Teams.Put)
	readRows(in, "members", s.Members.Put)
	readRows(in, "cursors", s.Cursors.Put)
	readRows(in, "credits", s.Credits.Put)
	readRows(in, "inboxes", s.Inboxes.Put)
	readRows(in, "contacts", s.Contacts.Put)
	readRows(in, "conversations", s.Conversations.Put)
	readRows(in, "queues", s.Queues.Put)
	readRows(in, "timers", s.Timers.Put)
	readRows(in, "chores", s.Chores.Put)
	readRows(in, "keys", s.Keys.Put)
	readRows(in, "nodes", s.Nodes.Put)
	readRows(in, "revisions", s.Revisions.restore)
	readRows(in, "followers", s.Followers.Put)
	readRows(in, "notifications", s.Notifications.Put)
	readRows(in, "views", s.Views.Put)
	readRows(in, "schedules", s.Schedules.Put)
	readRows(in, "rules", s.Rules.Put)
	readRows(in, "editions", s.Editions.Put)
	readRows(in, "runs", s.Runs.Put)
	readRows(in, "offers", s.Offers.Put)
	readRows(in, "records", func(seg snapshotSegment) { putSegment(&s.Records, seg) })
	if in.err != nil {
		return nil, in.failed(in.table)
	}
	if err := in.verify(); err != nil {
		return nil, err
	}
	return s, nil
}

// A snapshotReader hashes exactly the bytes of the values it has read, however
// far its decoder reads ahead.
type snapshotReader struct {
	decoder *cbor.Decoder
	source  *bufio.Reader
	sum     hash.Hash
	pending bytes.Buffer // read by the decoder, not yet hashed
	hashed  int
	table   string
	ahead   *snapshotTable // read, but not yet asked for: the tables before it are not in this snapshot
	err     error
}

func newSnapshotReader(r io.Reader) *snapshotReader {
	in := &snapshotReader{source: bufio.NewReaderSize(r, 64<<10), sum: sha256.New()}
	in.decoder = decoding.NewDecoder(io.TeeReader(in.source, &in.pending))
	return in
}

func (in *snapshotReader) get(v any) {
	if in.err != nil {
		return
	}
	in.err = in.decoder.Decode(v)
	n := in.decoder.NumBytesRead()
	in.sum.Write(in.pending.Next(n - in.hashed))
	in.hashed = n
}

// header reads it and refuses what this binary does not know.
func (in *snapshotReader) header() (snapshotHeader, error) {
	var header snapshotHeader
	in.get(&header)
	switch {
	case in.err != nil:
		return header, in.failed("header")
	case header.Magic != snapshotMagic:
		return header, fmt.Errorf("it is not a rondo snapshot: %w", ErrSnapshot)
	case header.Format > SnapshotFormat:
		return header, fmt.Errorf("its format is %d and this binary knows %d, upgrade it: %w", header.Format, SnapshotFormat, ErrSnapshot)
	case header.Meta.Semantics > Semantics:
		return header, fmt.Errorf("it needs semantics %d and this binary knows %d, upgrade it: %w", header.Meta.Semantics, Semantics, ErrSnapshot)
	}
	return header, nil
}

func (in *snapshotReader) failed(part string) error {
	var newer *cbor.UnknownFieldError
	if errors.As(in.err, &newer) {
		return fmt.Errorf("its %s: %w: a newer version wrote it, upgrade this binary: %w", part, in.err, ErrSnapshot)
	}
	return fmt.Errorf("its %s: %w: %w", part, in.err, ErrSnapshot)
}

// verify compares the checksum at the end, behind which nothing may follow.
func (in *snapshotReader) verify() error {
	rest, err := io.ReadAll(io.LimitReader(io.MultiReader(&in.pending, in.source), sha256.Size+1))
	switch {
	case err != nil:
		return fmt.Errorf("its checksum: %w: %w", err, ErrSnapshot)
	case !bytes.Equal(rest, in.sum.Sum(nil)):
		return fmt.Errorf("its checksum does not match: %w", ErrSnapshot)
	}
	return nil
}

// readRows reads a table. One that an older version did not know is empty; one
// that this version does not know is found at the end, where the records belong.
func readRows[V any](in *snapshotReader, name string, put func(V)) {
	if in.ahead == nil {
		in.ahead = new(snapshotTable)
		in.get(in.ahead)
	}
	if in.err != nil {
		return
	}
	in.table = name
	t := *in.ahead
	if t.Name != name {
		if name == lastTable {
			in.err = fmt.Errorf("table %q where %q belongs", t.Name, name)
		}
		return
	}
	in.ahead = nil
	for range t.Rows {
		var row V
		if in.get(&row); in.err != nil {
			return
		}
		put(row)
	}
}
