package httpapi

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/rondohq/rondo/fsm"
)

// A shape is what a JSON value must look like to be decoded into a Go type. It is
// made once for each command, so that no request pays for reflection.
type shape struct {
	kind   shapeKind
	fields map[string]field       // of an object
	of     *shape                 // elements of an array or of a map
	bits   int                    // of a whole number
	try    func(raw []byte) error // of an opaque value
}

type shapeKind uint8

const (
	anything shapeKind = iota // below a field that nobody knows
	object
	mapping // an object with keys of the client's choice
	array
	text
	whole // a whole number, not negative
	boolean
	opaque // the type decodes itself
)

// wanted completes "must be".
var wanted = map[shapeKind]string{
	object: "an object", mapping: "an object", array: "an array", text: "a string",
	whole: "a whole number", boolean: "true or false",
}

type field struct {
	number int // among its neighbours
	shape  *shape
}

// shapeOf returns the shape of C. It fails at start or never: the types are ours.
func shapeOf[C any]() *shape { return shapeOfType(reflect.TypeFor[C]()) }

func shapeOfType(t reflect.Type) *shape { return shapes{}.of(t) }

// shapes are those of structs that have been begun: a type may contain itself.
type shapes map[reflect.Type]*shape

func (known shapes) of(t reflect.Type) *shape {
	if reflect.PointerTo(t).Implements(reflect.TypeFor[json.Unmarshaler]()) {
		return &shape{kind: opaque, try: func(raw []byte) error {
			return reflect.New(t).Interface().(json.Unmarshaler).UnmarshalJSON(raw)
		}}
	}
	switch t.Kind() {
	case reflect.Pointer:
		return known.of(t.Elem())
	case reflect.Struct:
		return known.ofStruct(t)
	case reflect.Slice:
		return &shape{kind: array, of: known.of(t.Elem())}
	case reflect.Map:
		return &shape{kind: mapping, of: known.of(t.Elem())}
	case reflect.String:
		return &shape{kind: text}
	case reflect.Bool:
		return &shape{kind: boolean}
	case reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return &shape{kind: whole, bits: t.Bits()}
	default:
		panic(fmt.Sprintf("httpapi: no JSON shape for %s", t)) //tidy:panic while the package is initialized, over types of package fsm
	}
}

func (known shapes) ofStruct(t reflect.Type) *shape {
	if s, begun := known[t]; begun {
		return s
	}
	s := &shape{kind: object, fields: map[string]field{}}
	known[t] = s
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if f.Anonymous && name == "" && f.Type.Kind() == reflect.Struct { // its fields are those of t
			inner := known.of(f.Type)
			for _, part := range slices.SortedFunc(maps.Keys(inner.fields), inner.inOrder) {
				s.fields[part] = field{len(s.fields), inner.fields[part].shape}
			}
			continue
		}
		if f.IsExported() && name != "" && name != "-" {
			s.fields[name] = field{len(s.fields), known.of(f.Type)}
		}
	}
	return s
}

// inOrder compares two fields by where they stand in the type.
func (s *shape) inOrder(a, b string) int { return cmp.Compare(s.fields[a].number, s.fields[b].number) }

// known lists the fields of an object, for a client who has named another one.
func (s *shape) known() []string { return slices.Sorted(maps.Keys(s.fields)) }

// nearest returns the known field that name may be a slip for, or "".
func (s *shape) nearest(name string) string {
	best, bestDistance := "", max(2, len(name)/3)+1
	if len(name) > 40 {
		return ""
	}
	for _, known := range s.known() {
		if d := fsm.LettersApart(strings.ToLower(name), known); d < bestDistance && d < len(known) {
			best, bestDistance = known, d
		}
	}
	return best
}
