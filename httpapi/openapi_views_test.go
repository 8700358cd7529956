package httpapi

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// A source is what the comments of the code say about its types: the descriptions
// of the document are these.
type source map[string]typeComment

type typeComment struct {
	text   string
	fields map[string]fieldComment // by name in JSON
	embeds []string                // types whose fields are its own
}

type fieldComment struct {
	text string
	typ  string // of its own package, as fsm.Sender
}

func (s source) of(typ string) (string, map[string]fieldComment) {
	fields := maps.Clone(s[typ].fields)
	for _, inner := range s[typ].embeds {
		_, more := s.of(inner)
		maps.Copy(fields, more)
	}
	if base, ok := defined[typ]; ok {
		fields = s[base].fields
	}
	return s[typ].text, fields
}

// readSource reads the comments of the packages whose types the API shows.
func readSource(t *testing.T) source {
	t.Helper()
	s := source{}
	for pkg, dir := range map[string]string{"httpapi": ".", "fsm": "../fsm"} {
		paths, err := filepath.Glob(filepath.Join(dir, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range paths {
			if strings.HasSuffix(path, "_test.go") {
				continue
			}
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(file, func(n ast.Node) bool {
				if decl, ok := n.(*ast.GenDecl); ok && decl.Tok == token.TYPE {
					s.read(pkg, decl)
				}
				return true
			})
		}
	}
	return s
}

func (s source) read(pkg string, decl *ast.GenDecl) {
	for _, spec := range decl.Specs {
		typ := spec.(*ast.TypeSpec)
		doc := typ.Doc
		if doc == nil {
			doc = decl.Doc
		}
		c := typeComment{text: aboutType(typ.Name.Name, doc.Text()), fields: map[string]fieldComment{}}
		if structure, ok := typ.Type.(*ast.StructType); ok {
			for _, f := range structure.Fields.List {
				if len(f.Names) == 0 && pkg == "fsm" {
					c.embeds = append(c.embeds, typeName(pkg, f.Type))
				}
				if f.Tag == nil || len(f.Names) == 0 {
					continue
				}
				tag := reflect.StructTag(strings.Trim(f.Tag.Value, "`")).Get("json")
				name, _, _ := strings.Cut(tag, ",")
				text := f.Comment.Text()
				if text == "" {
					text = f.Doc.Text()
				}
				c.fields[name] = fieldComment{sentence(withoutSources(text)), typeName(pkg, f.Type)}
			}
		}
		s[pkg+"."+typ.Name.Name] = c
	}
}

func typeName(pkg string, e ast.Expr) string {
	switch e := e.(type) {
	case *ast.StarExpr:
		return typeName(pkg, e.X)
	case *ast.ArrayType:
		return typeName(pkg, e.Elt)
	case *ast.Ident:
		return pkg + "." + e.Name
	case *ast.SelectorExpr:
		return e.X.(*ast.Ident).Name + "." + e.Sel.Name
	}
	return ""
}

// sources are where the rules come from; the readers of the API do not have them.
var sources = regexp.MustCompile(`\s*\((?:[SK]\d|raft\.md|requirements|decision)[^)]*\)`)

func withoutSources(text string) string { return sources.ReplaceAllString(text, "") }

// aboutType turns "A Channel is where customers write to." into a description.
func aboutType(name, doc string) string {
	doc, _, _ = strings.Cut(doc, "\n\n")
	doc = strings.Join(strings.Fields(withoutSources(doc)), " ")
	for _, opening := range []string{"A " + name + " is ", "An " + name + " is ", name + " is ", "A " + name + " ", "An " + name + " ", name + " "} {
		if rest, ok := strings.CutPrefix(doc, opening); ok {
			return sentence(rest)
		}
	}
	return sentence(doc)
}

// view describes what an answer shows of a type: every field is there, and null
// where there is nothing.
func (g *generator) view(t reflect.Type) *yaml.Node {
	switch {
	case t == reflect.TypeFor[moment]():
		return nullable(obj("type", "string", "format", "date-time"))
	case t.Implements(reflect.TypeFor[json.Marshaler]()):
		g.t.Fatalf("no schema for %s, which shows itself", t)
	}
	switch t.Kind() {
	case reflect.Pointer:
		return nullable(g.view(t.Elem()))
	case reflect.Struct:
		if sentAndShown[t.String()] {
			return ref("schemas", g.inputName(t.String()))
		}
		return g.structure(t)
	case reflect.Interface:
		return obj("nullable", true) // any value
	case reflect.Slice:
		return obj("type", "array", "items", g.view(t.Elem()))
	case reflect.Map:
		return obj("type", "object", "additionalProperties", g.view(t.Elem()))
	case reflect.String:
		return obj("type", "string")
	case reflect.Bool:
		return obj("type", "boolean")
	case reflect.Uint64:
		return obj("type", "integer", "format", "int64", "minimum", 0)
	case reflect.Uint8, reflect.Uint16, reflect.Uint32:
		return obj("type", "integer", "minimum", 0, "maximum", 1<<t.Bits()-1)
	case reflect.Int, reflect.Int64:
		return obj("type", "integer", "format", "int64")
	}
	g.t.Fatalf("no schema for %s", t)
	return nil
}

func (g *generator) structure(t reflect.Type) *yaml.Node {
	name := g.viewName(t)
	if get(g.schemas, name) != nil {
		return ref("schemas", name)
	}
	if g.begun[name] { // it contains itself
		return ref("schemas", name)
	}
	g.begun[name] = true
	properties := obj()
	required := g.fields(t, properties, nil, false)
	text, _ := g.comments.of(t.String())
	return g.component(name, obj("type", "object", "description", g.about(t.String(), "", text), "required", required, "properties", properties))
}

// fields adds the fields of a struct and of what it embeds to properties. What is
// embedded by pointer may be missing as a whole.
func (g *generator) fields(t reflect.Type, properties *yaml.Node, required []string, optional bool) []string {
	_, comments := g.comments.of(t.String())
	for i := range t.NumField() {
		f := t.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if f.Anonymous && name == "" {
			inner, pointer := f.Type, f.Type.Kind() == reflect.Pointer
			if pointer {
				inner = inner.Elem()
			}
			required = g.fields(inner, properties, required, optional || pointer)
			continue
		}
		if name == "" || name == "-" {
			continue
		}
		place := t.String() + "." + name
		schema := g.view(f.Type)
		if always[place] {
			schema = notNull(schema)
		}
		if words := vocabulary[place]; words != nil {
			inner := schema
			if element := get(schema, "items"); element != nil {
				inner = element
			}
			inner.Content = append(inner.Content, node("enum"), node(words))
			if isNull := get(inner, "nullable"); isNull != nil {
				n := get(inner, "enum")
				n.Content = append(n.Content, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null", Value: "null"})
			}
		}
		describe(schema, g.about(t.String(), name, comments[name].text))
		set(properties, name, schema)
		if strings.Contains(options, "omitempty") {
			notNullable(schema)
		} else if !optional {
			required = append(required, name)
		}
	}
	return required
}

// notNull undoes nullable, and that of the elements of a list.
func notNull(schema *yaml.Node) *yaml.Node {
	notNullable(schema)
	if items := get(schema, "items"); items != nil {
		notNullable(items)
	}
	return schema
}

func notNullable(schema *yaml.Node) { drop(schema, "nullable") }

// wordsOf returns the names of an enumeration, in the order of its numbers.
func wordsOf[E ~uint8](name func(E) string) []string {
	var list []string
	for e := E(0); name(e) != "unknown"; e++ {
		if word := name(e); word != "" {
			list = append(list, word)
		}
	}
	return list
}
