package archive

import (
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/fxamacker/cbor/v2"

	"github.com/rondohq/rondo/fsm"
)

const (
	// Format is the version of the stream's shape. A newer one is refused; every
	// older one is read for ever.
	Format = 1

	// magic are the first bytes of a stream. Snapshots older than this package, a
	// zstd frame or the bare state, begin otherwise.
	magic = "RONDOSNP"

	maxHeaderBytes = 4 << 10
)

var (
	// ErrDamaged: the bytes are not those that were written.
	ErrDamaged = errors.New("the snapshot is damaged")
	// ErrNewer: a later version of this program wrote it.
	ErrNewer = errors.New("a newer version wrote the snapshot: upgrade this binary")
)

// A Header says what a stream holds. Field numbers are for ever.
type Header struct {
	Format        uint32   `cbor:"1,keyasint"`
	ClusterID     string   `cbor:"2,keyasint"`
	Index         uint64   `cbor:"3,keyasint"` // of the last Raft entry it holds
	Term          uint64   `cbor:"4,keyasint"` // of the last term.begin it holds
	Seq           uint64   `cbor:"5,keyasint"`
	TimeMs        int64    `cbor:"6,keyasint"` // the cluster's time at Index; Unix
	Semantics     uint32   `cbor:"7,keyasint"` // meaning of commands in force
	Chain         [32]byte `cbor:"8,keyasint"` // over all records up to Index
	StateFormat   uint32   `cbor:"9,keyasint"` // fsm.SnapshotFormat of the writer
	Conversations uint64   `cbor:"10,keyasint"`
}

// HeaderOf describes s.
func HeaderOf(s *fsm.State) Header {
	return Header{
		Format: Format, ClusterID: s.ClusterID, Index: s.Index, Term: s.Term, Seq: s.Seq, TimeMs: s.NowMs,
		Semantics: s.Semantics, Chain: s.Chain, StateFormat: fsm.SnapshotFormat, Conversations: uint64(s.Conversations.Len()),
	}
}

// ChainText is the chain as people compare it.
func (h Header) ChainText() string { return hex.EncodeToString(h.Chain[:]) }

// check refuses what this binary cannot restore, before it reads a gigabyte.
func (h Header) check() error {
	switch {
	case h.Format > Format:
		return fmt.Errorf("its format is %d and this binary knows %d: %w", h.Format, Format, ErrNewer)
	case h.StateFormat > fsm.SnapshotFormat:
		return fmt.Errorf("its state has format %d and this binary knows %d: %w", h.StateFormat, fsm.SnapshotFormat, ErrNewer)
	case h.Semantics > fsm.Semantics:
		return fmt.Errorf("it needs semantics %d and this binary knows %d: %w", h.Semantics, fsm.Semantics, ErrNewer)
	case h.Format == 0:
		return fmt.Errorf("its header names no format: %w", ErrDamaged)
	}
	return nil
}

var (
	encoding, errEncoding = cbor.CoreDetEncOptions().EncMode()
	// Fields of a later version are ignored: Format says whether they matter.
	decoding, errDecoding = cbor.DecOptions{
		DupMapKey: cbor.DupMapKeyEnforcedAPF, IndefLength: cbor.IndefLengthForbidden, TagsMd: cbor.TagsForbidden,
		MaxNestedLevels: 4, MaxArrayElements: 64, MaxMapPairs: 64,
	}.DecMode()
)

// codecReady reports options that this version of the codec does not take.
func codecReady() error {
	if err := errors.Join(errEncoding, errDecoding); err != nil {
		return fmt.Errorf("set up the codec of snapshots: %w", err)
	}
	return nil
}
