package fsm

import (
	"bytes"
	"cmp"
	"crypto/sha256"
)

// A KeySource says where a key comes from. The numbers stand in the log.
type KeySource uint8

// The sources. Two keys of different sources or scopes are never the same key.
const (
	KeyMessage KeySource = 1 // a message id; scope: the inbox
	KeyClient  KeySource = 2 // an Idempotency-Key; scope: the principal
	KeyMinted  KeySource = 3 // minted by a node for one call; no scope
)

// How long keys are remembered, in replicated time. Records are kept at least as
// long as the longest.
const (
	KeyLifeMs       = 24 * 3600 * 1000
	MintedKeyLifeMs = 60 * 1000

	// DefaultMaxKeys bounds the key table; see Settings.MaxKeys. A row takes about
	// 190 bytes of memory with its share of the trees.
	DefaultMaxKeys = 10_000_000
)

// A Key makes a command happen at most once: the second item with the key gets
// the outcome of the first.
type Key struct {
	Source KeySource
	Scope  string
	Text   string
}

// Bytes returns the key as it stands in an item: source byte, scope, a zero
// byte (which no id and no header value holds), text.
func (k Key) Bytes() []byte {
	b := make([]byte, 0, 2+len(k.Scope)+len(k.Text))
	b = append(b, byte(k.Source))
	b = append(b, k.Scope...)
	b = append(b, 0)
	return append(b, k.Text...)
}

// Hash returns what the key table calls the key.
func (k Key) Hash() KeyHash { return hashOf(k.Bytes()) }

// A KeyHash is 128 bits of SHA-256.
type KeyHash [16]byte

func hashOf(b []byte) KeyHash {
	sum := sha256.Sum256(b)
	return KeyHash(sum[:16])
}

func (h KeyHash) compare(other KeyHash) int { return bytes.Compare(h[:], other[:]) }

// A KeyRow remembers what became of an item.
type KeyRow struct {
	Hash      KeyHash    `cbor:"1,keyasint"`
	Request   KeyHash    `cbor:"2,keyasint"` // of kind, body or Amendment, and precondition, without minted parts
	ExpiresMs int64      `cbor:"3,keyasint"`
	Created   bool       `cbor:"4,keyasint,omitempty"`
	Subject   Subject    `cbor:"5,keyasint"`
	Decision  RecordID   `cbor:"6,keyasint,omitzero"`
	Rejection *Rejection `cbor:"7,keyasint,omitempty"`
	Seq       uint64     `cbor:"8,keyasint"` // of the item
	Index     uint64     `cbor:"9,keyasint"` // of its entry
	Warnings  Warnings   `cbor:"10,keyasint,omitempty"`
}

// Keys is the table of keys.
type Keys struct {
	Table[KeyHash, KeyRow]
	expiry Index[keyExpiry, KeyRow]
}

type keyExpiry struct {
	ms   int64
	hash KeyHash
}

func newKeys() Keys {
	return Keys{
		newTable[KeyHash, KeyRow](KeyHash.compare),
		newIndex(
			func(a, b keyExpiry) int { return cmp.Or(cmp.Compare(a.ms, b.ms), a.hash.compare(b.hash)) },
			func(k *KeyRow) (keyExpiry, bool) { return keyExpiry{k.ExpiresMs, k.Hash}, true }),
	}
}

func (t Keys) clone() Keys { return Keys{t.Table.clone(), t.expiry.clone()} }

// Put stores row under its hash.
func (t Keys) Put(row KeyRow) { t.expiry.move(t.set(row.Hash, &row), &row) }

// Delete forgets a key.
func (t Keys) Delete(hash KeyHash) { t.expiry.move(t.remove(hash), nil) }

// requestHash tells two requests under one key apart. Minted parts do not count:
// a retry through another node mints its own.
func requestHash(it Item, c Command) KeyHash {
	body := []byte(it.Body)
	if it.Amends != nil {
		body = it.Amends.request()
	} else if m, ok := c.(Minter); ok {
		body = encode(m.withoutMinted())
	}
	request := append([]byte{byte(it.Kind >> 8), byte(it.Kind)}, body...)
	if it.If != (Precondition{}) {
		request = append(request, encode(it.If)...)
	}
	return hashOf(request)
}

// outcome returns what the row remembers, as the answer to a repeated item.
func (k KeyRow) outcome() Outcome {
	return Outcome{
		Seq: k.Seq, Index: k.Index, Replayed: true,
		Result:    Result{Created: k.Created, Subject: k.Subject, Decision: k.Decision, Warnings: k.Warnings},
		Rejection: k.Rejection,
	}
}
