package noun

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/rondohq/rondo/cmd/rondo/cli"
)

// MaxFallbackSteps is how long a chain of fallbacks may be.
const MaxFallbackSteps = 8

// A Slip is one thing wrong with a document, at a JSON pointer.
type Slip struct {
	Pointer string
	Says    string
}

// Check finds what cannot be right in a document in the shape of PUT: fields that
// nobody knows, and values of the wrong kind. Whether names exist, and how long
// things may be, is for the cluster to judge.
func (n *Noun) Check(doc cli.Doc) []Slip {
	var slips []Slip
	n.walk(doc, "", &slips)
	return slips
}

func (n *Noun) walk(doc cli.Doc, at string, slips *[]Slip) {
	for _, name := range Names(doc) {
		pointer := at + "/" + name
		value := doc[name]
		if f, ok := n.Field(pointer); ok {
			f.check(pointer, value, slips)
			continue
		}
		below, object := value.(cli.Doc)
		switch {
		case !n.hasBelow(pointer):
			*slips = append(*slips, Slip{pointer, "there is no such field" + n.meant(at, name)})
		case object:
			n.walk(below, pointer, slips)
		case value != nil:
			*slips = append(*slips, Slip{pointer, "must be an object"})
		}
	}
}

func (n *Noun) hasBelow(pointer string) bool {
	return slices.ContainsFunc(n.Fields, func(f Field) bool { return strings.HasPrefix(f.Pointer, pointer+"/") })
}

// meant names what a slip may have meant, or what there is.
func (n *Noun) meant(at, name string) string {
	var known []string
	for _, f := range n.Fields {
		rest, ok := strings.CutPrefix(f.Pointer, at+"/")
		if !ok {
			continue
		}
		first, _, _ := strings.Cut(rest, "/")
		if !slices.Contains(known, first) {
			known = append(known, first)
		}
	}
	for _, k := range known {
		if near(strings.ToLower(name), k) {
			return fmt.Sprintf("; did you mean %s?", k)
		}
	}
	return "; there are " + strings.Join(known, ", ")
}

// near says whether one letter more, less or else makes b of a, or a beginning.
func near(a, b string) bool {
	if len(a) >= 3 && (strings.HasPrefix(b, a) || strings.HasPrefix(a, b)) {
		return true
	}
	i := 0
	for i < len(a) && i < len(b) && a[i] == b[i] {
		i++
	}
	ra, rb := a[i:], b[i:]
	for len(ra) > 0 && len(rb) > 0 && ra[len(ra)-1] == rb[len(rb)-1] {
		ra, rb = ra[:len(ra)-1], rb[:len(rb)-1]
	}
	return len(ra) <= 1 && len(rb) <= 1 || len(ra) == 2 && len(rb) == 2 && ra[0] == rb[1] && ra[1] == rb[0]
}

func (f Field) check(pointer string, value any, slips *[]Slip) {
	if value == nil {
		return // the default
	}
	wrong := func(at, says string) { *slips = append(*slips, Slip{at, says}) }
	switch f.Kind {
	case Text:
		if _, ok := value.(string); !ok {
			wrong(pointer, "must be text (in quotes, should it look like a number)")
		}
	case Filter:
		checkFilter(pointer, value, wrong)
	case Choice:
		if word, ok := value.(string); !ok || !slices.Contains(f.Choices, word) {
			wrong(pointer, fmt.Sprintf("is %s: use %s", cli.Text(value), strings.Join(f.Choices, ", ")))
		}
	case Bool:
		if _, ok := value.(bool); !ok {
			wrong(pointer, "must be true or false")
		}
	case Number:
		if !whole(value) {
			wrong(pointer, "must be a whole number, 0 or more")
		}
	case Mapping:
		checkMapping(pointer, value, wrong)
	case Counts:
		checkCounts(pointer, value, wrong)
	case List, Roster, Agents:
		list, ok := value.([]any)
		if !ok {
			wrong(pointer, "must be a list")
		}
		for i, item := range list {
			f.checkItem(pointer+"/"+strconv.Itoa(i), item, wrong)
		}
	case Escalations:
		checkEscalations(pointer, value, wrong)
	case Chain:
		checkChain(pointer, value, 1, wrong)
	case Weekly, Dated, Shifts:
		f.checkHours(pointer, value, wrong)
	}
}

func (f Field) checkItem(at string, item any, wrong func(at, says string)) {
	if f.Kind == List {
		if _, ok := item.(string); !ok {
			wrong(at, "must be text (in quotes, should it look like a number)")
		}
		return
	}
	entry, ok := withoutNulls(item).(cli.Doc)
	if n, weighs := entry["weight"]; ok && weighs && f.Kind == Roster {
		entry = unweighed(entry)
		if weight, number := n.(json.Number); !number || strings.ContainsAny(weight.String(), "-.eE") {
			wrong(at, "weight must be a whole number")
		}
	}
	if !ok || len(entry) != 1 {
		wrong(at, entryForm(f))
		return
	}
	for name, id := range entry {
		if _, text := id.(string); !text || name != "agent" && (name != "group" || f.Kind != Roster) {
			wrong(at, entryForm(f))
		}
	}
}

func entryForm(f Field) string {
	if f.Kind == Roster {
		return "must be {agent: ID} or {group: ID}"
	}
	return "must be {agent: ID}"
}

func checkMapping(pointer string, value any, wrong func(at, says string)) {
	fields, ok := value.(cli.Doc)
	if !ok {
		wrong(pointer, "must be an object of texts")
	}
	for _, name := range Names(fields) {
		if _, ok := fields[name].(string); !ok {
			wrong(pointer+"/"+name, "must be text (in quotes, should it look like a number)")
		}
	}
}

// checkFilter wants what a view stores: words that lists know, with & between.
func checkFilter(pointer string, value any, wrong func(at, says string)) {
	text, ok := value.(string)
	if !ok {
		wrong(pointer, "must be text such as assignee=ann&status=open")
	} else if kept, err := stored(text); err != nil {
		wrong(pointer, err.Error())
	} else if strings.Contains(text, " ") {
		wrong(pointer, fmt.Sprintf("is %q: write %q", text, kept))
	}
}

// chainFields are the fields of a step of a fallback.
var chainFields = []string{"to", "agent", "team", "after_seconds", "then"}

func checkChain(pointer string, value any, step int, wrong func(at, says string)) {
	doc, ok := value.(cli.Doc)
	switch {
	case !ok:
		wrong(pointer, "must be an object such as {to: wait}")
		return
	case step > MaxFallbackSteps:
		wrong(pointer, fmt.Sprintf("a chain has at most %d steps", MaxFallbackSteps))
		return
	}
	for _, name := range Names(doc) {
		at, below := pointer+"/"+name, doc[name]
		_, text := below.(string)
		switch {
		case !slices.Contains(chainFields, name):
			wrong(at, "there is no such field; there are "+strings.Join(chainFields, ", "))
		case below == nil:
		case name == "then":
			checkChain(at, below, step+1, wrong)
		case name == "after_seconds":
			if !whole(below) {
				wrong(at, "must be a whole number, 0 or more")
			}
		case !text:
			wrong(at, "must be text")
		case name == "to" && !slices.Contains(fallbackWords, below.(string)):
			wrong(at, fmt.Sprintf("is %v: use %s", below, strings.Join(fallbackWords, ", ")))
		}
	}
}

var fallbackWords = []string{"wait", "team_inbox", "agent", "team"}

func whole(value any) bool {
	n, ok := value.(json.Number)
	if !ok {
		return false
	}
	_, err := strconv.ParseUint(n.String(), 10, 32)
	return err == nil
}

// Names returns the names of an object's fields in their order.
func Names(doc cli.Doc) []string { return slices.Sorted(maps.Keys(doc)) }
