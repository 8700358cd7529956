package fsm

import (
	"encoding/binary"
	"fmt"
	"iter"
	"slices"
)

// A Position is where a record stands: segment and offset. 0 is nowhere.
type Position uint64

const (
	segmentBits  = 18
	segmentBytes = 1 << segmentBits // also the largest record, far above any real one
)

// Records is the log of records: append-only segments of packed bytes. Clones
// share the bytes; a clone only ever sees what was there when it was made.
type Records struct {
	full      []segment
	tail      segment   // the one that grows
	newest    RecordID  // derived
	forgotten Forgotten // as in Meta

	// borrowed says that the bytes of the tail belong to the state this one was
	// cloned from, which goes on appending to them in place.
	borrowed bool
}

// A segment holds whole records, each with its length before it. The first that
// there ever was has the number one.
type segment struct {
	first   RecordID
	firstMs int64 // time of the first, derived
	data    []byte
}

func newRecords() Records { return Records{} }

func (r *Records) clone() Records {
	return Records{full: slices.Clip(r.full), tail: r.tail, newest: r.newest, forgotten: r.forgotten, borrowed: true}
}

// Bytes returns the size of the log.
func (r *Records) Bytes() int { return len(r.full)*segmentBytes + len(r.tail.data) }

// Newest returns the id of the newest record, or the zero id if there is none.
func (r *Records) Newest() RecordID { return r.newest }

// add appends a record and returns where it stands and its packed bytes.
func (r *Records) add(rec Record) (Position, []byte) {
	packed := encode(rec)
	framed := binary.AppendUvarint(make([]byte, 0, len(packed)+binary.MaxVarintLen32), uint64(len(packed)))
	framed = append(framed, packed...)

	switch {
	case len(r.tail.data)+len(framed) > segmentBytes:
		r.full = append(r.full, r.tail)
		r.tail, r.borrowed = segment{data: make([]byte, 0, segmentBytes)}, false
	case r.borrowed:
		r.tail.data, r.borrowed = append(make([]byte, 0, segmentBytes), r.tail.data...), false
	}
	offset := len(r.tail.data)
	if offset == 0 {
		r.tail.first, r.tail.firstMs = rec.ID, rec.TimeMs
	}
	r.tail.data = append(r.tail.data, framed...)
	r.newest = rec.ID
	number := r.forgotten.Segments + uint64(len(r.full)) + 1
	return Position(number<<segmentBits | uint64(offset)), framed
}

// kept returns the i-th segment of those that are kept, counted from zero, or an
// empty one.
func (r *Records) kept(i uint64) segment {
	switch {
	case i < uint64(len(r.full)):
		return r.full[i]
	case i == uint64(len(r.full)):
		return r.tail
	default:
		return segment{}
	}
}

// At returns the record at a position that a row or a record names; there is none
// any more if it has been forgotten.
func (r *Records) At(p Position) (Record, bool) {
	number := uint64(p >> segmentBits)
	if number <= r.forgotten.Segments {
		return Record{}, false
	}
	data := r.kept(number - r.forgotten.Segments - 1).data
	offset := int(p & (segmentBytes - 1))
	if offset >= len(data) {
		return Record{}, false
	}
	rec, _, err := unpack(data[offset:])
	return rec, err == nil && rec.ID.Compare(r.forgotten.Last) > 0
}

// ByID returns the record that clients call id.
func (r *Records) ByID(id RecordID) (Record, bool) {
	rec, ok := first(r.From(id))
	return rec, ok && rec.ID == id
}

// From yields the records in order, beginning at the first that is not before id.
func (r *Records) From(id RecordID) iter.Seq[Record] {
	if id.Compare(r.forgotten.Last) <= 0 {
		id = RecordID{Index: r.forgotten.Last.Index + 1}
	}
	return func(yield func(Record) bool) {
		i, found := slices.BinarySearchFunc(r.full, id, func(s segment, id RecordID) int { return s.first.Compare(id) })
		inTail := i == len(r.full) && len(r.tail.data) > 0 && r.tail.first.Compare(id) <= 0
		if !found && !inTail {
			i = max(i-1, 0) // it may stand in the segment before
		}
		for ; i <= len(r.full); i++ {
			data := skipTo(id, r.kept(uint64(i)).data)
			for len(data) > 0 {
				rec, n, err := unpack(data)
				if err != nil {
					return
				}
				data = data[n:]
				if rec.ID.Compare(id) >= 0 && !yield(rec) {
					return
				}
			}
		}
	}
}

// skipTo cuts off the records at the start of data that stand before id, as far
// as that can be seen without unpacking them: a segment holds a thousand.
func skipTo(id RecordID, data []byte) []byte {
	for len(data) > 0 {
		length, n := binary.Uvarint(data)
		if n <= 0 || length > uint64(len(data)-n) {
			return data
		}
		end := n + int(length)
		if found, ok := peekID(data[n:end]); !ok || found.Compare(id) >= 0 {
			return data
		}
		data = data[end:]
	}
	return data
}

// peekID reads the id of a packed record. Deterministic CBOR puts it first: a map
// whose key 1 is a map of 1, the index, and 2, the number.
func peekID(packed []byte) (id RecordID, ok bool) {
	const mapOf, keys, longMap = 5 << 5, 1<<5 - 1, 24
	if len(packed) < 4 || packed[0]&^keys != mapOf || packed[0]&keys >= longMap ||
		packed[1] != 1 || packed[2] != mapOf|2 || packed[3] != 1 {
		return id, false
	}
	index, rest, ok := peekUint(packed[4:])
	if !ok || len(rest) == 0 || rest[0] != 2 {
		return id, false
	}
	n, _, ok := peekUint(rest[1:])
	return RecordID{index, uint32(n)}, ok
}

// peekUint reads a CBOR unsigned integer.
func peekUint(data []byte) (value uint64, rest []byte, ok bool) {
	if len(data) == 0 || data[0] > 27 {
		return 0, nil, false
	}
	if data[0] < 24 {
		return uint64(data[0]), data[1:], true
	}
	size := 1 << (data[0] - 24)
	if len(data) <= size {
		return 0, nil, false
	}
	for _, b := range data[1 : 1+size] {
		value = value<<8 | uint64(b)
	}
	return value, data[1+size:], true
}

// unpack reads the record at the start of data and says how long it is.
func unpack(data []byte) (Record, int, error) {
	length, n := binary.Uvarint(data)
	if n <= 0 || length > uint64(len(data)-n) {
		return Record{}, 0, fmt.Errorf("a record is cut off: %w", ErrCorrupt)
	}
	var rec Record
	if err := decoding.Unmarshal(data[n:n+int(length)], &rec); err != nil {
		return Record{}, 0, fmt.Errorf("decode record: %w", err)
	}
	return rec, n + int(length), nil
}

func segmentCount(r *Records) int {
	if len(r.tail.data) == 0 {
		return len(r.full)
	}
	return len(r.full) + 1
}

func allSegments(r *Records) iter.Seq[snapshotSegment] {
	return func(yield func(snapshotSegment) bool) {
		for i := range segmentCount(r) {
			s := r.kept(uint64(i))
			if !yield(snapshotSegment{s.first, s.data}) {
				return
			}
		}
	}
}

// putSegment adds a segment of a snapshot behind those there are.
func putSegment(r *Records, s snapshotSegment) {
	if len(r.tail.data) > 0 {
		r.full = append(r.full, r.tail)
	}
	oldest, _, _ := unpack(s.Data) // the snapshot's checksum is what vouches for it
	r.tail, r.borrowed = segment{s.First, oldest.TimeMs, s.Data}, true
	r.newest = lastID(s.Data)
}

// lastID returns the id of the last record of a segment.
func lastID(data []byte) (last RecordID) {
	for len(data) > 0 {
		length, n := binary.Uvarint(data)
		if n <= 0 || length > uint64(len(data)-n) {
			break
		}
		end := n + int(length)
		if len(data) == end {
			last, _ = peekID(data[n:])
		}
		data = data[end:]
	}
	return last
}
