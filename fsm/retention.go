package fsm

import (
	"crypto/sha256"
	"encoding/binary"
	"hash"
	"iter"
)

// The records are bounded by bytes. Whole segments are forgotten, the oldest
// first, by Apply: so every node keeps the same, and says so in its snapshots.
//
// Beyond Settings.RecordBytes goes what is older than the longest-lived key, since
// a repeated request is answered with its decision. That alone would be no bound:
// a day of a busy cluster may hold any number of records. So beyond twice as many
// bytes the oldest go however young they are; Forgotten.Early says that it has
// happened, and a repeated request then gets its outcome without the decision.

// DefaultRecordBytes bounds the records; see Settings.RecordBytes. They are held
// in memory and stand in every snapshot. A decision takes about 200 bytes, so this
// is room for five million.
const DefaultRecordBytes = 1 << 30

// SegmentBytes is how much is forgotten at once.
const SegmentBytes = segmentBytes

// forgottenAtOnce bounds the segments that one entry forgets: the records of each
// are hashed, which takes a millisecond or less.
const forgottenAtOnce = 4

// Forgotten says what of the records is no longer kept. What is kept begins with
// a whole entry.
type Forgotten struct {
	Segments uint64   `cbor:"1,keyasint"`           // so many; positions are numbered on
	Last     RecordID `cbor:"2,keyasint"`           // newest record that is gone
	Chain    [32]byte `cbor:"3,keyasint"`           // H of its entry: where the chain of the rest begins
	Early    uint64   `cbor:"4,keyasint,omitempty"` // of Segments, younger than the keys' life
}

// Misses says whether there were records behind id that have been forgotten.
func (f Forgotten) Misses(id RecordID) bool { return id.Compare(f.Last) < 0 }

// Oldest returns the id of the oldest record that is kept, or the zero id.
func (r *Records) Oldest() RecordID {
	rec, _ := first(r.From(RecordID{}))
	return rec.ID
}

// Truncated says whether the opening of a conversation has been forgotten, and
// perhaps more.
func Truncated(s *State, row Conversation) bool {
	rec, ok := s.Records.At(row.Opening)
	for ok && rec.Previous != 0 { // it was left to a rule before
		rec, ok = s.Records.At(rec.Previous)
	}
	return !ok
}

// forgetRecords is called before an entry writes records of its own, while the
// chain speaks of all there are.
func (tx *Tx) forgetRecords() {
	for range forgottenAtOnce {
		due, early, ok := surplus(tx.State)
		if !ok || !early && due > tx.NowMs || !tx.step() {
			return
		}
		forgetOldest(&tx.Records, due > tx.NowMs)
		tx.Forgotten = tx.Records.forgotten
	}
}

// surplus says whether the oldest segment is too much, when it will be older than
// any key, and whether it must not stay so long.
func surplus(s *State) (dueMs int64, early, ok bool) {
	limit := s.Settings.RecordBytes
	if limit == 0 {
		limit = DefaultRecordBytes
	}
	size := uint64(s.Records.Bytes())
	if size <= limit || len(s.Records.full) == 0 {
		return 0, false, false
	}
	// No record of a segment is younger than the first of the next.
	return s.Records.kept(1).firstMs + KeyLifeMs + 1, size/2 > limit, true
}

// recordsDue is the part of NextDue that is about the records.
func recordsDue(s *State) (ms int64, ok bool) {
	due, early, ok := surplus(s)
	if early {
		return 0, true
	}
	return due, ok
}

// forgetOldest lets the oldest segment go. Where its last entry goes on in the
// next, that rest is skipped from now on, too: half an entry cannot be verified.
func forgetOldest(r *Records, early bool) {
	f := r.forgotten
	var link hash.Hash
	seal := func() {
		if link != nil {
			link.Sum(f.Chain[:0])
		}
	}
	open := f.Last.Index
	for place, rec := range packed(r) {
		if rec.id.Compare(r.forgotten.Last) <= 0 {
			continue
		}
		if rec.id.Index != open {
			if place > 0 {
				break
			}
			seal()
			open, link = rec.id.Index, sha256.New()
			link.Write(f.Chain[:])
		}
		link.Write(rec.framed)
		f.Last = rec.id
	}
	seal()
	f.Segments++
	if early {
		f.Early++
	}
	r.forgotten = f
	r.full = append(make([]segment, 0, len(r.full)), r.full[1:]...) // the old list would keep the bytes
}

// A packedRecord is a record as it is hashed: its length and its bytes.
type packedRecord struct {
	id     RecordID
	framed []byte
}

// packed yields all records there are, each with the place of its segment.
func packed(r *Records) iter.Seq2[int, packedRecord] {
	return func(yield func(int, packedRecord) bool) {
		for i := range segmentCount(r) {
			for data := r.kept(uint64(i)).data; len(data) > 0; {
				length, n := binary.Uvarint(data)
				if n <= 0 || length > uint64(len(data)-n) {
					return
				}
				end := n + int(length)
				id, ok := peekID(data[n:end])
				if !ok || !yield(i, packedRecord{id, data[:end]}) {
					return
				}
				data = data[end:]
			}
		}
	}
}
