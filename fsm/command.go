package fsm

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"

	"github.com/fxamacker/cbor/v2"
)

// A Kind numbers a command in the log. Numbers are for ever, as are names.
type Kind uint16

// A Command is one change somebody may ask for. Each lives in a file of its own
// that also registers it; nothing else has to know that it exists.
type Command interface {
	// Check judges the command by itself: form, limits, enumerations. It returns
	// a Rejection that names each faulty field by its JSON pointer. It is called
	// at the edge, before the command is proposed, and again by Apply.
	Check() error

	// apply refuses first, then changes, and depends on nothing but the command
	// and tx. After a Rejection tx must be as it was.
	apply(tx *Tx) (Result, error)
}

// A Minter is a command with parts that the node mints when a client leaves them
// out. They differ between two sendings of one request, so the comparison of
// requests is made without them.
type Minter interface{ withoutMinted() Command }

// A Result says what an accepted command did.
type Result struct {
	Created  bool     `cbor:"1,keyasint,omitempty"` // the subject is new: 201 rather than 200
	Subject  Subject  `cbor:"2,keyasint"`           // what the command was about
	Decision RecordID `cbor:"3,keyasint,omitzero"`  // the decision it led to, if any
	Warnings Warnings `cbor:"8,keyasint,omitempty"` // what may surprise; 4 to 7 are of Outcome
}

type registration struct {
	kind   Kind
	name   string
	typ    reflect.Type
	decode func(cbor.RawMessage) (Command, error)
}

// registrations is sorted by kind. It is filled while the package is initialized
// and only read afterwards.
var registrations []registration

// register makes C known as kind in the log and under name in transcripts.
func register[C Command](kind Kind, name string) struct{} {
	r := registration{kind, name, reflect.TypeFor[C](), func(body cbor.RawMessage) (Command, error) {
		var c C
		if err := decoding.Unmarshal(body, &c); err != nil {
			return nil, undecodable(name, err)
		}
		return c, nil
	}}
	at, taken := searchKind(kind)
	if taken {
		panic(fmt.Sprintf("fsm: kind %d is both %s and %s", kind, registrations[at].name, name))
	}
	registrations = slices.Insert(registrations, at, r)
	return struct{}{}
}

func searchKind(kind Kind) (int, bool) {
	return slices.BinarySearchFunc(registrations, kind, func(r registration, k Kind) int { return cmp.Compare(r.kind, k) })
}

// kindOf panics for a command that is not registered: no such command can be
// built outside this package, since apply is not exported.
func kindOf(c Command) Kind {
	typ := reflect.TypeOf(c)
	for _, r := range registrations {
		if r.typ == typ {
			return r.kind
		}
	}
	panic(fmt.Sprintf("fsm: %T is not registered", c))
}

// Name returns the name of a kind, for logs and metrics.
func (k Kind) Name() string {
	if at, ok := searchKind(k); ok {
		return registrations[at].name
	}
	return fmt.Sprintf("kind_%d", k)
}

// DecodeItem returns the command of an item. An error means damage or a newer
// writer.
func DecodeItem(it Item) (Command, error) {
	at, ok := searchKind(it.Kind)
	if !ok {
		return nil, fmt.Errorf("command kind %d is unknown to this binary: upgrade it", it.Kind)
	}
	return registrations[at].decode(it.Body)
}

// ZeroCommand returns a new, empty command by its name, as a pointer that a
// decoder can fill, for transcripts and tools.
func ZeroCommand(name string) (any, bool) {
	for _, r := range registrations {
		if r.name == name {
			return reflect.New(r.typ).Interface(), true
		}
	}
	return nil, false
}
