package gossip

import (
	"errors"
	"fmt"

	"github.com/fxamacker/cbor/v2"
	"github.com/hashicorp/memberlist"
)

// MaxMetaBytes bounds an encoded Meta: it travels in every packet.
const MaxMetaBytes = memberlist.MetaMaxSize

// ErrMetaTooLarge: ids or addresses are too long to be gossiped.
var ErrMetaTooLarge = errors.New("gossip meta is too large")

// Meta is what a node tells about itself. It is a suggestion: the truth is
// Raft's configuration and the replicated node table.
type Meta struct {
	ID string `cbor:"1,keyasint,omitempty"`
	// ClusterAddr and HTTPAddr are where other nodes reach this one.
	ClusterAddr string `cbor:"2,keyasint,omitempty"`
	HTTPAddr    string `cbor:"3,keyasint,omitempty"`
	// Expect is the node's bootstrap_expect, 0 if it waits to be contacted.
	Expect int `cbor:"4,keyasint,omitempty"`
	// HasState: Raft has written to the node's disk.
	HasState  bool   `cbor:"5,keyasint,omitempty"`
	ClusterID string `cbor:"6,keyasint,omitempty"`
	// SeenHash is of the list of servers the node stands for; set by Gossip.
	SeenHash []byte `cbor:"7,keyasint,omitempty"`
}

var (
	encMode, encErr = cbor.CoreDetEncOptions().EncMode()
	decMode, decErr = cbor.DecOptions{
		DupMapKey:        cbor.DupMapKeyEnforcedAPF,
		IndefLength:      cbor.IndefLengthForbidden,
		TagsMd:           cbor.TagsForbidden,
		MaxNestedLevels:  4,
		MaxArrayElements: 16,
		MaxMapPairs:      16,
	}.DecMode()
)

func (m Meta) encode() ([]byte, error) {
	raw, err := encMode.Marshal(m)
	if err != nil {
		return nil, fmt.Errorf("encode gossip meta: %w", err)
	}
	if len(raw) > MaxMetaBytes {
		return nil, fmt.Errorf("%w: %d bytes, at most %d; use a shorter node id or shorter addresses", ErrMetaTooLarge, len(raw), MaxMetaBytes)
	}
	return raw, nil
}

func decodeMeta(raw []byte) (Meta, error) {
	if len(raw) > MaxMetaBytes {
		return Meta{}, fmt.Errorf("%w: %d bytes", ErrMetaTooLarge, len(raw))
	}
	var m Meta
	if err := decMode.Unmarshal(raw, &m); err != nil {
		return Meta{}, fmt.Errorf("decode gossip meta: %w", err)
	}
	return m, nil
}
