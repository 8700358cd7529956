package httpapi

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"sort"
	"strconv"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/rondohq/rondo/httpapi/filter"
)

// A prober finds out what a route takes by asking it: which fields it misses in
// an empty body, which words, characters, lengths and numbers it refuses. So the
// schemas say what the code checks, wherever it checks it.
type prober struct {
	t       *testing.T
	h       http.Handler
	begun   map[string]bool // types; one may contain itself
	method  string
	path    string
	with    map[string]map[string]any // what stands beside the field at a pointer, so that it means something
	instead map[string]map[string]any // what may stand there in its place
}

// The limits of the search: further up there is no limit worth telling.
const (
	mostLetters  = 100_000
	mostElements = 4096
)

const pathSaysSo = "What the path says; leave it out."

// faults sends a body and returns what is wrong with it, by pointer.
func (p *prober) faults(body any) map[string]fault {
	p.t.Helper()
	data, err := json.Marshal(body)
	if err != nil {
		p.t.Fatal(err)
	}
	r := do(p.h, p.method, p.path, string(data), "Content-Type", "application/json")
	found := map[string]fault{}
	if r.status != http.StatusBadRequest {
		return found
	}
	var problem problemBody
	if err := json.Unmarshal([]byte(r.body), &problem); err != nil {
		p.t.Fatalf("%s %s: %v", p.method, p.path, err)
	}
	for _, f := range problem.Errors {
		if f.Pointer == nil {
			p.t.Fatalf("%s %s: %s", p.method, p.path, r.body)
		}
		if _, known := found[*f.Pointer]; !known {
			found[*f.Pointer] = f
		}
	}
	return found
}

// try returns the fault that the route finds with value at a pointer. A * in the
// pointer stands for the first element of a list, or for the name of an attribute.
func (p *prober) try(pointer string, value any) (fault, bool) {
	p.t.Helper()
	body, at := p.around(pointer, value)
	f, bad := p.faults(body)[at]
	return f, bad
}

func (p *prober) ok(pointer string, value any) bool {
	p.t.Helper()
	_, bad := p.try(pointer, value)
	return !bad
}

// around builds the body that has value at pointer, from the inside out.
func (p *prober) around(pointer string, value any) (body any, at string) {
	steps := strings.Split(pointer, "/")[1:]
	for i := len(steps) - 1; i >= 0; i-- {
		here := "/" + strings.Join(steps[:i+1], "/")
		switch steps[i] {
		case "*":
			value = []any{value}
		case "%":
			value = map[string]any{"a": value}
		default:
			m := map[string]any{steps[i]: value}
			for name, other := range p.with[here] {
				m[name] = other
			}
			value = m
		}
	}
	return value, strings.NewReplacer("/*", "/0", "/%", "/a").Replace(pointer)
}

// missing says whether a field is missed where its neighbours are not there.
func (p *prober) missing(pointer string) bool {
	cut := strings.LastIndex(pointer, "/")
	var body any = map[string]any{}
	if other := p.instead[pointer]; other != nil {
		body = other
	}
	at := pointer
	if cut > 0 {
		body, _ = p.around(pointer[:cut], map[string]any{})
		_, at = p.around(pointer, nil)
	}
	return p.faults(body)[at].Code == "required"
}

// text says which strings a field takes.
func (p *prober) text(pointer string, schema *yaml.Node) {
	if f, bad := p.try(pointer, "?"); bad && f.Code == "unknown_value" {
		if _, list, listed := strings.Cut(f.Detail, "is not one of "); listed {
			set(schema, "enum", strings.Split(list, ", "))
		}
		return
	} else if bad && f.Code == "differs" {
		set(schema, "description", pathSaysSo)
		return
	} else if bad && f.Code == "format" {
		set(schema, "format", "date-time")
		return
	} else if bad && f.Code == "date" {
		set(schema, "format", "date")
		return
	} else if bad && f.Code == "time_of_day" {
		p.timeOfDay(pointer, schema)
		return
	} else if bad && f.Code == "record_id" {
		set(schema, "pattern", `^([0-9]+\.[0-9]+)?$`)
		return
	} else if bad && f.Code == "unknown_parameter" { // a filter
		set(schema, "maxLength", filter.MaxBytes)
		return
	} else if bad && f.Code == "email" {
		if n, limited := p.most(mostLetters, func(n int) bool { return n < len("a@b") || p.ok(pointer, strings.Repeat("a", n-2)+"@b") }); limited {
			set(schema, "maxLength", n)
		}
		set(schema, "pattern", "^([^@ ]+@[^@ ]+)?$")
		return
	}
	if !p.ok(pointer, "") {
		set(schema, "minLength", 1)
	}
	n, limited := p.most(mostLetters, func(n int) bool { return p.ok(pointer, strings.Repeat("a", n)) })
	switch {
	case limited && n <= 0:
		return // which texts it takes depends on other fields
	case limited:
		set(schema, "maxLength", n)
	}
	switch {
	case p.ok(pointer, "aéa") && !p.ok(pointer, "a\x00a") && !p.ok(pointer, "a\x7fa") && !p.ok(pointer, "a\u009fa"):
		set(schema, "pattern", `^[^\x00-\x1F\x7F-\x9F]*$`)
	case !p.ok(pointer, "aéa"):
		set(schema, "pattern", "^["+p.letters(pointer)+"]*$")
	}
}

// letters returns the ASCII characters that a field takes, as a class of a
// regular expression.
func (p *prober) letters(pointer string) string {
	class, rest := "", ""
	taken := func(from, to rune) (all bool, list string) {
		for r := from; r <= to; r++ {
			if p.ok(pointer, "a"+string(r)+"a") {
				list += string(r)
			}
		}
		return len(list) == int(to-from)+1, list
	}
	for _, block := range [][2]rune{{'A', 'Z'}, {'a', 'z'}, {'0', '9'}, {' ', '/'}, {':', '@'}, {'[', '`'}, {'{', '~'}} {
		all, list := taken(block[0], block[1])
		if all {
			class += fmt.Sprintf("%c-%c", block[0], block[1])
			continue
		}
		rest += list
	}
	if strings.ContainsAny(rest, `\]^[`) {
		p.t.Errorf("%s: %q needs escapes in a pattern", pointer, rest)
	}
	if before, after, found := strings.Cut(rest, "-"); found {
		rest = before + after + "-"
	}
	return class + rest
}

// most returns the largest n up to limit that is taken, and whether more is not.
func (p *prober) most(limit int, taken func(int) bool) (int, bool) {
	if taken(limit) {
		return limit, false
	}
	return sort.Search(limit, func(n int) bool { return n > 0 && !taken(n) }) - 1, true
}

// number says which whole numbers a field takes.
func (p *prober) number(pointer string, bits int, schema *yaml.Node) {
	if f, bad := p.try(pointer, 7); bad && f.Code == "differs" {
		set(schema, "description", pathSaysSo)
		return
	}
	least := 0
	for least < 1000 && !p.ok(pointer, least) { // what is allowed may end soon behind it
		least++
	}
	set(schema, "minimum", least)
	if bits >= strconv.IntSize {
		return // the highest there is
	}
	highest := 1<<bits - 1
	set(schema, "maximum", sort.Search(highest, func(n int) bool { return n > least && !p.ok(pointer, n) })-1)
}

// list says how many elements a field takes, and whether one may come twice.
func (p *prober) list(pointer string, element func(i int) any, schema *yaml.Node) {
	elements := func(n int) []any {
		list := make([]any, n)
		for i := range list {
			list[i] = element(i)
		}
		return list
	}
	if n, limited := p.most(mostElements, func(n int) bool { return p.ok(pointer, elements(n)) }); limited {
		set(schema, "maxItems", n)
	}
	body, _ := p.around(pointer, []any{element(1), element(1)})
	for at, f := range p.faults(body) {
		if strings.HasPrefix(at, pointer+"/1") && f.Code == "duplicate" {
			set(schema, "uniqueItems", true)
		}
	}
}

// mapping says how many names an object of the client's own takes.
func (p *prober) mapping(pointer string, schema *yaml.Node) {
	members := func(n int) map[string]any {
		m := map[string]any{}
		for i := range n {
			m[fmt.Sprintf("a%d", i)] = "x"
		}
		return m
	}
	if n, limited := p.most(mostElements, func(n int) bool { return p.ok(pointer, members(n)) }); limited {
		set(schema, "maxProperties", n)
	}
}

// schema describes what the route takes at a pointer. Objects become components.
func (p *prober) schema(g *generator, pointer string, s *shape, typ string) *yaml.Node {
	schema := obj()
	switch s.kind {
	case object:
		return p.object(g, pointer, s, typ)
	case mapping:
		set(schema, "type", "object")
		p.mapping(pointer, schema)
		set(schema, "additionalProperties", p.schema(g, pointer+"/%", s.of, ""))
	case array:
		set(schema, "type", "array")
		p.list(pointer, func(i int) any {
			if s.of.kind == object {
				return map[string]any{s.of.known()[0]: fmt.Sprintf("a%d", i)}
			}
			return fmt.Sprintf("a%d", i)
		}, schema)
		set(schema, "items", p.schema(g, pointer+"/*", s.of, typ))
	case text, opaque:
		set(schema, "type", "string")
		p.text(pointer, schema)
	case whole:
		set(schema, "type", "integer")
		p.number(pointer, s.bits, schema)
	case boolean:
		set(schema, "type", "boolean")
	default:
		p.t.Fatalf("%s %s: no schema for %s", p.method, p.path, pointer)
	}
	return schema
}

func (p *prober) object(g *generator, pointer string, s *shape, typ string) *yaml.Node {
	if p.begun[typ] { // it contains itself
		return ref("schemas", g.inputName(typ))
	}
	p.begun[typ] = true
	about, fields := g.comments.of(typ)
	properties := obj()
	var required []string
	order := s.known()
	slices.SortFunc(order, func(a, b string) int { return s.fields[a].number - s.fields[b].number })
	for _, name := range order {
		at := pointer + "/" + name
		schema := p.schema(g, at, s.fields[name].shape, fields[name].typ)
		if p.missing(at) {
			required = append(required, name)
		} else {
			schema = nullable(schema)
		}
		if get(schema, "description") == nil {
			describe(schema, g.about(typ, name, fields[name].text))
		}
		set(properties, name, schema)
	}
	schema := obj("type", "object", "description", g.about(typ, "", about), "additionalProperties", false, "required", required, "properties", properties)
	return g.component(g.inputName(typ), schema)
}

// nullable says that a field may be null: that is as good as leaving it out.
func nullable(schema *yaml.Node) *yaml.Node {
	if get(schema, "$ref") != nil {
		return obj("type", "object", "allOf", []*yaml.Node{schema}, "nullable", true)
	}
	set(schema, "nullable", true)
	if words := get(schema, "enum"); words != nil {
		words.Content = append(words.Content, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null", Value: "null"})
	}
	return schema
}

// describe adds a description; beside a bare reference it would not be seen.
func describe(schema *yaml.Node, about string) {
	if get(schema, "$ref") == nil {
		set(schema, "description", about)
	}
}
