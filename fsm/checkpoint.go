package fsm

import (
	"bufio"
	"cmp"
	"crypto/sha256"
	"slices"
)

var (
	_ = register[BeginCheckpoint](30, "checkpoint.begin")
	_ = register[ReportCheckpoint](31, "checkpoint.report")
)

// A Checkpoint is where the nodes compare what they have: each hashes its state as
// it is behind the entry at Index, and reports. Whoever differs from the majority
// has drifted, by a fault of its memory, of its disk or of this program; package
// cluster stops it.
type Checkpoint struct {
	Index   uint64             `cbor:"1,keyasint"`
	BegunMs int64              `cbor:"2,keyasint"`
	Reports []CheckpointReport `cbor:"3,keyasint,omitempty"` // sorted by node; replaced, never changed
}

// A CheckpointReport is the hash of one node; see Digest.
type CheckpointReport struct {
	Node NodeID   `cbor:"1,keyasint"`
	Hash [32]byte `cbor:"2,keyasint"`
}

// maxCheckpointReports bounds the reports: more than any cluster has nodes.
const maxCheckpointReports = 64

// BeginCheckpoint begins a checkpoint at its entry, and ends the one before. The
// leader does so every few minutes.
type BeginCheckpoint struct{}

// Check implements Command.
func (BeginCheckpoint) Check() error { return nil }

func (BeginCheckpoint) apply(tx *Tx) (Result, error) {
	tx.Checkpoint = Checkpoint{Index: tx.Index, BegunMs: tx.NowMs}
	return Result{Created: true, Subject: Subject{Noun: NounNode}}, nil
}

// ReportCheckpoint says what a node's hash is. One that comes after the next
// checkpoint has begun changes nothing.
type ReportCheckpoint struct {
	Node  NodeID   `json:"node" cbor:"1,keyasint"`
	Index uint64   `json:"index" cbor:"2,keyasint"`
	Hash  [32]byte `json:"hash" cbor:"3,keyasint"`
}

// Check implements Command.
func (c ReportCheckpoint) Check() error {
	var check checker
	check.id("/node", string(c.Node))
	return check.err()
}

func (c ReportCheckpoint) apply(tx *Tx) (Result, error) {
	result := Result{Subject: Subject{Noun: NounNode}}
	if c.Index != tx.Checkpoint.Index {
		return result, nil
	}
	list := tx.Checkpoint.Reports
	at, known := slices.BinarySearchFunc(list, c.Node, func(r CheckpointReport, id NodeID) int { return cmp.Compare(r.Node, id) })
	if !known && len(list) >= maxCheckpointReports {
		return Result{}, reject(Invalid, "%d nodes have reported to this checkpoint, more than any cluster has", len(list))
	}
	list = slices.Clone(list) // clones of the state share it
	if known {
		list[at].Hash = c.Hash
	} else {
		list = slices.Insert(list, at, CheckpointReport{c.Node, c.Hash})
	}
	tx.Checkpoint.Reports = list
	result.Created = !known
	return result, nil
}

// Digest returns the SHA-256 of the tables of s and of what it knows of itself,
// in the form of a snapshot. Records are in it by their chain. It takes about as
// long as to write a snapshot, and may run while the state that s was cloned from
// goes on.
func Digest(s *State) (hash [32]byte) {
	sum := sha256.New()
	buffered := bufio.NewWriterSize(sum, 64<<10)
	out := snapshotWriter{encoding.NewEncoder(buffered), nil}
	writeTables(&out, s)
	_ = buffered.Flush() // a hash takes everything
	sum.Sum(hash[:0])
	return hash
}
