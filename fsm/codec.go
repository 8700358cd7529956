package fsm

import (
	"bytes"
	"fmt"

	"github.com/fxamacker/cbor/v2"
)

// Limits of the codec. An entry is at most 256 KiB, so these only stop a hostile
// length prefix from being believed.
const (
	maxDecodedElements = 4096 // more than the 2,000 members of the largest team
	maxDecodedNesting  = 48   // the deepest rule, in an entry, has 37
)

var (
	encoding = must(cbor.CoreDetEncOptions().EncMode())
	decoding = must(cbor.DecOptions{
		DupMapKey:         cbor.DupMapKeyEnforcedAPF,
		IndefLength:       cbor.IndefLengthForbidden,
		TagsMd:            cbor.TagsForbidden,
		ExtraReturnErrors: cbor.ExtraDecErrorUnknownField,
		MaxArrayElements:  maxDecodedElements,
		MaxMapPairs:       maxDecodedElements,
		MaxNestedLevels:   maxDecodedNesting,
	}.DecMode())
)

// must is for values fixed at compile time: it fails at start or never.
func must[T any](value T, err error) T {
	if err != nil {
		panic(fmt.Sprintf("fsm: %v", err))
	}
	return value
}

// undecodable is about bytes whose checksum is right and that still cannot be
// read: what was written was whole, so this binary does not know it.
func undecodable(what string, err error) error {
	return fmt.Errorf("decode %s: %w: a newer version wrote it, upgrade this binary", what, err)
}

// encode cannot fail: every type that is given to it is one of ours, without
// channels, functions or cycles.
func encode(v any) []byte { return must(encoding.Marshal(v)) }

// same says whether two rows are equal, lists and all.
func same[V any](a, b V) bool { return bytes.Equal(encode(a), encode(b)) }
