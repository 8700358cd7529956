package httpapi

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxDepth is how deep JSON may be nested. The deepest command is a rule with a
// condition of the deepest kind in a step of the deepest kind: 34.
const maxDepth = 40

// scan reads data once and judges it by s: JSON as RFC 8259 has it, in UTF-8, one
// object and nothing behind it, each field known, in its case, given once and of
// its type. It finds all faults but those behind broken syntax, and returns
// whether data is JSON that can be decoded, faults or not.
//
// encoding/json would let pass: a field in another case, a field given twice,
// text that is not UTF-8. It would name one fault, and no place.
func scan(data []byte, s *shape, faults *[]fault) bool {
	in := scanner{lexer: lexer{data: data, faults: faults}}
	return in.body(s)
}

// scanPatch judges a merge patch of a thing of shape s: a null may also stand for
// a field of the client's choice, which goes then.
func scanPatch(data []byte, s *shape, faults *[]fault) bool {
	in := scanner{lexer: lexer{data: data, faults: faults}, merging: true}
	return in.body(s)
}

// body reads all there is.
func (in *scanner) body(s *shape) bool {
	data, faults := in.data, in.faults
	if !utf8.Valid(data) {
		for in.at < len(data) {
			r, n := utf8.DecodeRune(data[in.at:])
			if r == utf8.RuneError && n == 1 {
				break
			}
			in.at += n
		}
		return in.broken("encoding", "this is not UTF-8")
	}
	in.space()
	if in.peek() != '{' && in.at < len(data) {
		before := len(*faults)
		if !in.value(nil) {
			return false
		}
		*faults = append((*faults)[:before], inBody("", "type", "the body must be an object"))
		return false
	}
	if !in.value(s) {
		return false
	}
	in.space()
	if in.at < len(data) {
		return in.broken("trailing", "nothing may follow the object")
	}
	return true
}

// A scanner stands somewhere in a JSON text and knows the way there.
type scanner struct {
	lexer
	path    []step // from the whole body to the value at hand
	merging bool   // it is a merge patch
}

// A step of a path is a field's name or an element's number.
type step struct {
	name   []byte
	index  int
	chosen bool // the name is of the client's choice
}

// pointer returns the JSON pointer (RFC 6901) of the value at hand.
func (in *scanner) pointer() string {
	var b strings.Builder
	for _, s := range in.path {
		b.WriteByte('/')
		if s.name == nil {
			b.WriteString(strconv.Itoa(s.index))
			continue
		}
		name := strings.ReplaceAll(clip(string(s.name)), "~", "~0")
		b.WriteString(strings.ReplaceAll(name, "/", "~1"))
	}
	return b.String()
}

func (in *scanner) fault(code, format string, args ...any) {
	if len(*in.faults) < maxFaults {
		*in.faults = append(*in.faults, inBody(in.pointer(), code, fmt.Sprintf(format, args...)))
	}
}

// stranger is the shape of what stands where nothing is known.
var stranger = &shape{kind: anything}

// value reads the value here and judges it by s; a nil s takes anything. It
// returns false if the syntax is broken.
func (in *scanner) value(s *shape) bool {
	if s == nil {
		s = stranger
	}
	if len(in.path) > maxDepth {
		return in.broken("too_deep", fmt.Sprintf("values are nested more than %d deep", maxDepth))
	}
	start, found, ok := in.at, "", true
	switch b := in.peek(); {
	case b == '{':
		if s.kind == mapping || s.kind == object {
			return in.object(s)
		}
		found, ok = "an object", in.object(stranger)
	case b == '[':
		if s.kind == array {
			return in.array(s)
		}
		found, ok = "an array", in.array(stranger)
	case b == '"':
		found, ok = "a string", in.str()
	case b == '-' || b >= '0' && b <= '9':
		found, ok = "a number", in.number()
	case b == 't':
		found, ok = "true", in.word("true")
	case b == 'f':
		found, ok = "false", in.word("false")
	case b == 'n':
		found, ok = "null", in.word("null")
	default:
		return in.expected("a value")
	}
	if ok {
		in.judge(s, found, in.data[start:in.at])
	}
	return ok
}

// judge compares the scalar, or the stranger, that was found with the shape.
// A field may be null: that is as good as leaving it out, and what is shown as
// null can be sent back.
func (in *scanner) judge(s *shape, found string, raw []byte) {
	last := len(in.path) - 1
	switch {
	case s.kind == anything:
	case s.kind == opaque:
		if err := s.try(raw); err != nil {
			in.fault("type", "%s", strings.TrimPrefix(err.Error(), "it "))
		}
	case found == "null" && last >= 0 && in.path[last].name != nil && (in.merging || !in.path[last].chosen):
	case s.kind == text && found == "a string", s.kind == boolean && (found == "true" || found == "false"):
	case s.kind == whole && found == "a number":
		if _, err := strconv.ParseUint(string(raw), 10, s.bits); err != nil {
			in.fault("out_of_range", "%s is not a whole number from 0 to %d", clip(string(raw)), uint64(1)<<s.bits-1)
		}
	default:
		in.fault("type", "must be %s, not %s", wanted[s.kind], found)
	}
}

// object reads an object, from its brace to its brace.
func (in *scanner) object(s *shape) bool {
	in.at++
	var seen seenFields
	for first := true; ; first = false {
		in.space()
		if first && in.peek() == '}' {
			in.at++
			return true
		}
		start := in.at
		if in.peek() != '"' {
			return in.expected(`a field's name in quotes, such as "name",`)
		}
		if !in.str() {
			return false
		}
		name := unquoted(in.data[start:in.at])
		in.space()
		if in.peek() != ':' {
			return in.expected("a colon")
		}
		in.at++
		in.space()
		in.path = append(in.path, step{name: name, chosen: s.kind == mapping})
		if !in.value(in.fieldOf(s, name, &seen)) {
			return false
		}
		in.path = in.path[:len(in.path)-1]
		in.space()
		switch in.peek() {
		case ',':
			in.at++
		case '}':
			in.at++
			return true
		default:
			return in.expected("a comma or }")
		}
	}
}

// array reads an array, from its bracket to its bracket.
func (in *scanner) array(s *shape) bool {
	in.at++
	for n := 0; ; n++ {
		in.space()
		if n == 0 && in.peek() == ']' {
			in.at++
			return true
		}
		in.path = append(in.path, step{index: n})
		if !in.value(s.of) {
			return false
		}
		in.path = in.path[:len(in.path)-1]
		in.space()
		switch in.peek() {
		case ',':
			in.at++
		case ']':
			in.at++
			return true
		default:
			return in.expected("a comma or ]")
		}
	}
}

// seenFields are the fields of one object so far.
type seenFields struct {
	numbers uint64              // of an object that we know
	names   map[string]struct{} // of a mapping
}

// fieldOf returns the shape of a field, and finds fault with one that is unknown
// or given twice.
func (in *scanner) fieldOf(s *shape, name []byte, seen *seenFields) *shape {
	twice, next := false, s.of
	switch s.kind {
	case mapping:
		if seen.names == nil {
			seen.names = map[string]struct{}{}
		}
		_, twice = seen.names[string(name)]
		seen.names[string(name)] = struct{}{}
	case object:
		f, known := s.fields[string(name)]
		if !known {
			in.unknown(s, string(name))
			return nil
		}
		bit := uint64(1) << f.number
		twice, next = seen.numbers&bit != 0, f.shape
		seen.numbers |= bit
	}
	if twice {
		in.fault("duplicate_field", "this field is given twice")
	}
	return next
}

func (in *scanner) unknown(s *shape, name string) {
	if len(*in.faults) >= maxFaults {
		return // looking for what was meant costs time
	}
	if near := s.nearest(name); near != "" {
		in.fault("unknown_field", "there is no such field; did you mean %q?", near)
		return
	}
	in.fault("unknown_field", "there is no such field; known are %s", strings.Join(s.known(), ", "))
}

// unquoted returns the text of a quoted name.
func unquoted(quoted []byte) []byte {
	inner := quoted[1 : len(quoted)-1]
	if bytes.IndexByte(inner, '\\') < 0 {
		return inner
	}
	var s string
	if json.Unmarshal(quoted, &s) != nil {
		return inner
	}
	return []byte(s)
}
