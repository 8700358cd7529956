package fsm

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"

	"github.com/fxamacker/cbor/v2"
)

// What stands in the log is for ever, so these numbers and field keys never
// change meaning; testdata/wire.golden holds them.
const (
	// EntryFormat is the first byte of the data of every Raft command.
	EntryFormat = 1

	// Semantics is the newest meaning of commands that this binary knows. A node
	// stops before an entry that asks for a newer one.
	Semantics = 1

	// MaxEntryBytes and MaxEntryItems bound one Raft entry; what does not fit
	// waits for the next.
	MaxEntryBytes = 256 << 10
	MaxEntryItems = 256

	entryHeader = 1 + crc32.Size
)

// ErrNewer says that a later version of this program wrote an entry.
var ErrNewer = errors.New("a newer version wrote it: upgrade this binary")

// ErrCorrupt says that the bytes of an entry are not what was written.
var ErrCorrupt = errors.New("the entry is damaged: its checksum does not match")

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// An Entry is the data of one Raft command: what was waiting when the leader
// proposed, in order. An entry without items is a tick and a read fence in one.
type Entry struct {
	Format       uint8  `cbor:"1,keyasint"`
	MinSemantics uint32 `cbor:"2,keyasint"`
	TimeMs       int64  `cbor:"3,keyasint"` // Unix time, stamped by the leader
	Reserved     uint64 `cbor:"4,keyasint,omitempty"`
	Items        []Item `cbor:"5,keyasint"`
}

// An Item is one command with who asked for it and under which key.
type Item struct {
	Kind      Kind   `cbor:"1,keyasint"`
	Workspace uint32 `cbor:"2,keyasint"` // 0: one workspace a group
	Principal string `cbor:"3,keyasint"`
	Via       string `cbor:"4,keyasint"` // "asserted": the principal is believed, not proven
	Key       []byte `cbor:"5,keyasint"` // from Key.Bytes

	// NotAfterMs is the cluster time after which the item is refused as expired,
	// so that no copy of it can be applied once its key is forgotten.
	NotAfterMs int64           `cbor:"6,keyasint"`
	Body       cbor.RawMessage `cbor:"7,keyasint"`

	// If must hold when the item is applied, or it is refused.
	If Precondition `cbor:"8,keyasint,omitzero"`

	// Amends says what Body was made from, if it was made from what was there.
	Amends *Amendment `cbor:"9,keyasint,omitempty"`
}

// NewItem packs a command. Callers fill in NotAfterMs.
func NewItem(c Command, principal, via string, key Key) Item {
	return Item{
		Kind:      kindOf(c),
		Principal: principal,
		Via:       via,
		Key:       key.Bytes(),
		Body:      encode(c),
	}
}

// EncodeEntry returns the data of a Raft command: format byte, CRC32C of the
// rest (big endian), the entry in core deterministic CBOR.
func EncodeEntry(e Entry) []byte {
	e.Format = EntryFormat
	if e.Items == nil {
		e.Items = []Item{} // an absent list and an empty one must be the same bytes
	}
	body := encode(e)
	data := make([]byte, entryHeader, entryHeader+len(body))
	data[0] = EntryFormat
	binary.BigEndian.PutUint32(data[1:], crc32.Checksum(body, castagnoli))
	return append(data, body...)
}

// VerifyEntry checks the checksum alone: cheap enough for every read of the log.
func VerifyEntry(data []byte) error {
	if len(data) < entryHeader {
		return fmt.Errorf("%d bytes: %w", len(data), ErrCorrupt)
	}
	if data[0] > EntryFormat {
		return fmt.Errorf("entry format %d is newer than this binary (%d): %w", data[0], EntryFormat, ErrNewer)
	}
	if data[0] != EntryFormat || crc32.Checksum(data[entryHeader:], castagnoli) != binary.BigEndian.Uint32(data[1:]) {
		return ErrCorrupt
	}
	return nil
}

// DecodeEntry is the inverse of EncodeEntry. It keeps no reference to data. An
// error means damage or a newer writer: whoever meets it in the log must stop.
func DecodeEntry(data []byte) (Entry, error) {
	if err := VerifyEntry(data); err != nil {
		return Entry{}, err
	}
	var e Entry
	if err := decoding.Unmarshal(data[entryHeader:], &e); err != nil {
		return Entry{}, undecodable("entry", err)
	}
	switch {
	case e.Format != EntryFormat:
		return Entry{}, fmt.Errorf("entry format %d: %w", e.Format, ErrCorrupt)
	case len(e.Items) > MaxEntryItems:
		return Entry{}, fmt.Errorf("%d items in an entry, more than %d", len(e.Items), MaxEntryItems)
	}
	return e, nil
}
