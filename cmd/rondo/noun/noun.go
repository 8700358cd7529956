// Package noun describes the things a Rondo cluster is configured with, as data:
// which fields a caller may write, of which kind, with which default, under which
// flag, and which columns a list of them has.
//
// The command line (nouncmd), files (manifest) and presets all read this one
// description; none keeps a copy of its own. It speaks to no cluster: the cluster
// judges values, this package only finds slips before anything is sent.
//
// Read noun.go first, then table.go, rule.go and schedule.go (the descriptions), check.go (slips), value.go
// (what a flag's text means) and columns.go.
package noun

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/rondohq/rondo/cmd/rondo/cli"
)

// A Kind is what a field holds.
type Kind uint8

// The kinds of fields.
const (
	Text    Kind = iota // a string, or null
	Choice              // one of Choices
	Bool                // true or false
	Number              // a whole number, not negative
	List                // of strings
	Mapping             // strings by names of the caller's choice
	Roster              // of {agent: a} and {group: g}
	Agents              // of {agent: a}
	Chain               // a step of a fallback: to, agent, team, after_seconds, then
	Time                // RFC 3339; a flag may also say 2h (from now) or 17:30 (the next)
	Tree                // objects in objects, as rules have them; the cluster alone judges them
	Filter              // which conversations, in the filter language; see ParseFilter
	Weekly              // hours of the week, as schedules have them; so are Dated and Shifts
	Dated
	Shifts
	Counts // whole numbers by the ids of agents

	Escalations // steps of a team: when, after_seconds, do and what it needs
)

// A Field is one thing a caller may write.
type Field struct {
	Pointer string // "/rotation/order"
	Kind    Kind
	Flag    string // of the command line; "": none
	Choices []string
	Default any // what it has when nobody wrote it, as JSON decodes it; nil is null or []
	Help    string
	Apart   bool   // it stands in files, and is no part of PUT: a call of its own brings it about
	Of      string // the noun whose ids stand here, for completion; "": none
}

// A Column is one column of a list.
type Column struct {
	Head string
	Cell func(cli.Doc) cli.Cell
}

// A Noun is a kind of thing that has a list, a page of its own, and ids.
type Noun struct {
	Name    string // "agent"
	Plural  string // "agents", the word of paths and files
	Fields  []Field
	Columns []Column
	Filters []string // query parameters of the list
	Sorts   []string
}

// Configured says whether callers write it with PUT, as opposed to what only
// happens, such as decisions.
func (n *Noun) Configured() bool { return len(n.Fields) > 0 }

// Path is where things of this noun are.
func (n *Noun) Path() string { return "/v1/" + n.Plural }

// Field returns the field at a pointer.
func (n *Noun) Field(pointer string) (Field, bool) {
	i := slices.IndexFunc(n.Fields, func(f Field) bool { return f.Pointer == pointer })
	if i < 0 {
		return Field{}, false
	}
	return n.Fields[i], true
}

// Writable returns the part of an answer that may be written back with PUT.
func (n *Noun) Writable(view cli.Doc) cli.Doc {
	doc := cli.Doc{}
	for _, f := range n.Fields {
		value, ok := cli.Get(view, f.Pointer)
		if !ok || value == nil || f.Apart {
			continue
		}
		if itemFields[f.Kind] != nil {
			value = plainHours(value)
		}
		cli.Set(doc, f.Pointer, withoutNulls(value))
	}
	return doc
}

// Lean takes out of a document in the shape of PUT what says nothing but that it is as
// by default, and objects in which nothing is said: some may not be given by half.
func (n *Noun) Lean(doc cli.Doc) {
	for _, f := range n.Fields {
		at, name := doc, strings.TrimPrefix(f.Pointer, "/")
		parent, below, deep := strings.Cut(name, "/")
		if deep {
			at, _ = doc[parent].(cli.Doc)
			name = below
		}
		if value, said := at[name]; said && value == nil {
			delete(at, name)
			if deep && len(at) == 0 {
				delete(doc, parent)
			}
		}
	}
}

// withoutNulls leaves out of objects, however deep, what says nothing.
func withoutNulls(v any) any {
	switch v := v.(type) {
	case cli.Doc:
		doc := cli.Doc{}
		for name, value := range v {
			if value != nil {
				doc[name] = withoutNulls(value)
			}
		}
		return doc
	case []any:
		list := make([]any, 0, len(v))
		for _, item := range v {
			list = append(list, withoutNulls(item))
		}
		return list
	}
	return v
}

// Named returns a noun by its name or plural.
func Named(word string) (*Noun, bool) {
	for _, n := range All {
		if n.Name == word || n.Plural == word {
			return n, true
		}
	}
	return nil, false
}

// Merge puts documents over each other. Names that begin with / are pointers.
func Merge(parts ...cli.Doc) cli.Doc {
	doc := cli.Doc{}
	for _, part := range parts {
		for name, value := range part {
			if strings.HasPrefix(name, "/") {
				cli.Set(doc, name, value)
			} else {
				doc[name] = value
			}
		}
	}
	return doc
}

// RevisionOf returns the revision of an answer, 0 if it has none.
func RevisionOf(view cli.Doc) uint64 {
	text, _ := view["revision"].(json.Number)
	revision, err := strconv.ParseUint(text.String(), 10, 64)
	if err != nil {
		return 0
	}
	return revision
}
