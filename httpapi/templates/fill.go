package templates

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/rondohq/rondo/fsm"
)

// Limits of what is filled in; each is tested.
const (
	MaxValueBytes = 2000
	MaxPairs      = 20 // of a parameter of kind teams
	MaxNumber     = 10_000
)

// A Fault says what is wrong with one parameter.
type Fault struct {
	Parameter, Code, Detail string
}

// A Filled is a rule as it is put.
type Filled struct {
	Document map[string]any // as JSON has it
	fsm.RuleBody
}

// Fill puts values into a template. Values that are "" are left out. The faults are
// those of the values; what they name need not be there. An error is a fault of this
// binary.
func (t Template) Fill(values map[string]string) (Filled, []Fault, error) {
	given, faults := t.given(values)
	if len(faults) > 0 {
		return Filled{}, faults, nil
	}
	var pattern any
	if err := t.Rule.Decode(&pattern); err != nil {
		return Filled{}, nil, fmt.Errorf("read template %s: %w", t.Name, err)
	}
	document, ok := given.fill(pattern).(map[string]any)
	if !ok {
		return Filled{}, nil, fmt.Errorf("read template %s: its rule is no object", t.Name)
	}
	f := Filled{Document: document}
	if err := f.read(); err != nil {
		return Filled{}, nil, fmt.Errorf("read template %s: %w", t.Name, err)
	}
	f.Document["name"] = t.Title
	return f, nil, nil
}

// read reads the document as a rule, strictly.
func (f *Filled) read() error {
	data, err := json.Marshal(f.Document)
	if err != nil {
		return fmt.Errorf("write the rule: %w", err)
	}
	d := json.NewDecoder(strings.NewReader(string(data)))
	d.DisallowUnknownFields()
	if err := d.Decode(&f.RuleBody); err != nil {
		return fmt.Errorf("read the rule: %w", err)
	}
	return nil
}

// A pair is one of a parameter of kind teams.
type pair struct{ key, value string }

// given are the values of the parameters, by what stands for them; what is left out
// is there and nil.
type given map[string]any

func (t Template) given(values map[string]string) (given, []Fault) {
	g, faults := given{}, []Fault{}
	for _, p := range t.Parameters {
		text := cmp.Or(strings.TrimSpace(values[p.Name]), p.Default)
		v, code, detail := p.parse(text)
		switch {
		case text == "" && p.Required():
			faults = append(faults, Fault{p.Name, "required", "give it: " + p.About})
		case text != "" && code != "":
			faults = append(faults, Fault{p.Name, code, detail})
		case text == "":
			v = nil
		}
		g["$"+p.Name] = v
		if pairs, ok := v.([]pair); ok {
			keys := []any{}
			for _, p := range pairs {
				keys = append(keys, p.key)
			}
			g["$keys."+p.Name] = keys
		}
	}
	for name := range values {
		if !slices.ContainsFunc(t.Parameters, func(p Parameter) bool { return p.Name == name }) {
			faults = append(faults, Fault{name, "unknown_parameter", fmt.Sprintf("template %s has no such parameter; it has %s", t.Name, t.parameterNames())})
		}
	}
	slices.SortFunc(faults, func(a, b Fault) int { return cmp.Compare(a.Parameter, b.Parameter) })
	return g, faults
}

func (t Template) parameterNames() string {
	var names []string
	for _, p := range t.Parameters {
		names = append(names, p.Name)
	}
	return strings.Join(names, ", ")
}

// parse reads the text of a value. A code says what is wrong with it.
func (p Parameter) parse(text string) (value any, code, detail string) {
	if len(text) > MaxValueBytes {
		return nil, "too_long", fmt.Sprintf("%d bytes, at most %d are allowed", len(text), MaxValueBytes)
	}
	switch p.Kind {
	case KindText, KindShift:
		return text, "", ""
	case KindSeconds:
		return number(text, 1, fsm.MaxSeconds)
	case KindPriority:
		return number(text, 0, fsm.MaxPriority)
	case KindNumber:
		return number(text, 0, MaxNumber)
	case KindTeams:
		return pairsOf(text)
	default:
		return text, badID(text), fmt.Sprintf("%q is not an id: at most %d letters, digits and . _ : @ + -", clip(text), fsm.MaxIDBytes)
	}
}

func number(text string, least, most uint64) (value any, code, detail string) {
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil || n < least || n > most {
		return nil, "out_of_range", fmt.Sprintf("%q is not a whole number from %d to %d", clip(text), least, most)
	}
	return n, "", ""
}

func pairsOf(text string) (value any, code, detail string) {
	var pairs []pair
	for word := range strings.SplitSeq(text, ",") {
		at := strings.LastIndex(word, "=")
		if at < 0 {
			return nil, "format", fmt.Sprintf("%q is not a pair: write it as de=support-de, with commas between", clip(word))
		}
		p := pair{strings.TrimSpace(word[:at]), strings.TrimSpace(word[at+1:])}
		switch {
		case p.key == "" || badID(p.value) != "":
			return nil, "format", fmt.Sprintf("%q is not a pair of a value and the id of a team: write it as de=support-de", clip(word))
		case slices.ContainsFunc(pairs, func(q pair) bool { return q.key == p.key }):
			return nil, "duplicate", fmt.Sprintf("%q is there twice", clip(p.key))
		}
		pairs = append(pairs, p)
	}
	if len(pairs) > MaxPairs {
		return nil, "too_many", fmt.Sprintf("%d pairs, at most %d are allowed", len(pairs), MaxPairs)
	}
	return pairs, "", ""
}

// badID returns the code of what is wrong with an id; "": nothing.
func badID(id string) string {
	if id == "" || len(id) > fsm.MaxIDBytes || strings.ContainsFunc(id, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune("._:@+-", r)
	}) {
		return "characters"
	}
	return ""
}

func clip(s string) string {
	const enough = 40
	if len(s) <= enough {
		return s
	}
	return strings.ToValidUTF8(s[:enough], "") + "..."
}

const (
	eachWord = "$each"
	withWord = "$with"
)

// fill returns a copy of a value with its places filled in; nil is left out.
func (g given) fill(v any) any {
	switch v := v.(type) {
	case map[string]any:
		filled := map[string]any{}
		for name, below := range v {
			if value := g.fill(below); value != nil {
				filled[name] = value
			}
		}
		return filled
	case []any:
		filled := []any{}
		for _, item := range v {
			filled = append(filled, g.items(item)...)
		}
		return filled
	case string:
		if value, known := g[v]; known {
			return value
		}
	}
	return v
}

// items returns what an item of a list becomes: one, one for each pair, or none where
// what it is about is left out.
func (g given) items(item any) (list []any) {
	object, _ := item.(map[string]any)
	if name, depends := object[withWord].(string); depends {
		if g["$"+name] == nil {
			return nil
		}
		return []any{g.fill(but(object, withWord))}
	}
	name, repeats := object[eachWord].(string)
	if !repeats {
		if value := g.fill(item); value != nil {
			return []any{value}
		}
		return nil
	}
	pairs, _ := g["$"+name].([]pair)
	for _, p := range pairs {
		with := given{"$key": p.key, "$value": p.value}
		for place, value := range g {
			with[place] = value
		}
		list = append(list, with.fill(but(object, eachWord)))
	}
	return list
}

// but returns an object without one of its members.
func but(object map[string]any, member string) map[string]any {
	rest := maps.Clone(object)
	delete(rest, member)
	return rest
}
