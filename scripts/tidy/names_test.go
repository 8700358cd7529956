package tidy

import (
	"bytes"
	"go/ast"
	"go/format"
	"go/token"
	"path"
	"slices"
	"strings"
	"testing"
)

// bannedNames say nothing about what is inside.
var bannedNames = []string{"utils", "common", "helpers", "types", "models", "manager", "service"}

const packageCommentLines = 3

// checkNames finds packages, folders and Go files with a banned name, also as one
// word of a longer one, as in http_utils.go.
func checkNames(t *tree) []finding {
	var found []finding
	cure := func(name string) string { return "the name " + name + " says nothing: name it after what it holds" }
	banned := func(name string) string {
		for word := range strings.FieldsFuncSeq(name, func(r rune) bool { return r == '_' || r == '-' || r == '.' }) {
			if slices.Contains(bannedNames, word) {
				return word
			}
		}
		return ""
	}
	folders := map[string]bool{}
	for _, f := range t.goFiles(func(*file) bool { return true }) {
		if word := banned(strings.TrimSuffix(path.Base(f.path), ".go")); word != "" {
			found = append(found, finding{f.path, 0, cure(word)})
		}
		if folders[f.dir] {
			continue
		}
		folders[f.dir] = true
		if word := banned(path.Base(f.dir)); word != "" {
			found = append(found, finding{f.dir, 0, cure(word)})
		} else if word := banned(f.ast.Name.Name); word != "" {
			found = append(found, t.at(f, f.ast.Name.Pos(), "%s", cure(word)))
		}
	}
	return found
}

// checkPackageComments finds packages that do not say what they are for, what
// they do not do, and in which order to read them; that takes three lines.
func checkPackageComments(t *tree) []finding {
	var found []finding
	for dir, files := range t.packages() {
		most := 0
		for _, f := range files {
			if f.ast.Doc != nil && (f.production() || allTests(files)) {
				most = max(most, t.line(f.ast.Doc.End())-t.line(f.ast.Doc.Pos())+1)
			}
		}
		if most < packageCommentLines {
			found = append(found, finding{dir, 0, "the package comment has fewer than three lines: say what it is for, what it does not do, and in which order to read its files"})
		}
	}
	return found
}

func allTests(files []*file) bool {
	return !slices.ContainsFunc(files, func(f *file) bool { return f.production() })
}

// toldByInterface are methods whose contract is that of an interface everybody
// knows.
var toldByInterface = []string{
	"Error", "Unwrap", "Is", "As", "String", "Len", "Less", "Swap",
	"MarshalText", "UnmarshalText", "MarshalJSON", "UnmarshalJSON", "MarshalCBOR", "UnmarshalCBOR",
}

// checkDocComments finds exported names without their contract.
func checkDocComments(t *tree) []finding {
	var found []finding
	library := func(f *file) bool {
		return f.production() && f.ast.Name.Name != "main" && !ast.IsGenerated(f.ast)
	}
	told := documentedTypes(t)
	for _, f := range t.goFiles(library) {
		undocumented := func(name *ast.Ident) {
			found = append(found, t.at(f, name.Pos(), "%s has no comment: state its contract (who calls it, from which goroutine, units, limits, errors)", name.Name))
		}
		for _, decl := range f.ast.Decls {
			switch d := decl.(type) {
			case *ast.FuncDecl:
				public := d.Recv == nil || ast.IsExported(receiverName(d)) && !slices.Contains(toldByInterface, d.Name.Name)
				if d.Doc == nil && d.Name.IsExported() && public {
					undocumented(d.Name)
				}
			case *ast.GenDecl:
				for _, name := range undocumentedIn(d, func(typ string) bool { return told[f.dir+"."+typ] }) {
					undocumented(name)
				}
			}
		}
	}
	return found
}

// documentedTypes returns the types with a comment, as folder.Type.
func documentedTypes(t *tree) map[string]bool {
	told := map[string]bool{}
	for _, f := range t.goFiles((*file).production) {
		for _, decl := range f.ast.Decls {
			if d, ok := decl.(*ast.GenDecl); ok && d.Tok == token.TYPE {
				for _, spec := range d.Specs {
					spec := spec.(*ast.TypeSpec)
					told[f.dir+"."+spec.Name.Name] = d.Doc != nil || spec.Doc != nil || spec.Comment != nil
				}
			}
		}
	}
	return told
}

// undocumentedIn takes a comment above a group as one for all of it, and the
// comment of a type as one for its constants.
func undocumentedIn(d *ast.GenDecl, told func(typ string) bool) []*ast.Ident {
	if d.Doc != nil {
		return nil
	}
	var names []*ast.Ident
	valuesTold := false
	for _, spec := range d.Specs {
		switch spec := spec.(type) {
		case *ast.TypeSpec:
			if spec.Name.IsExported() && spec.Doc == nil && spec.Comment == nil {
				names = append(names, spec.Name)
			}
		case *ast.ValueSpec:
			if typ, ok := spec.Type.(*ast.Ident); ok {
				valuesTold = d.Tok == token.CONST && told(typ.Name)
			} else if len(spec.Values) > 0 {
				valuesTold = false // not the repetition of the constant above
			}
			if valuesTold || spec.Doc != nil || spec.Comment != nil {
				continue
			}
			for _, name := range spec.Names {
				if name.IsExported() {
					names = append(names, name)
				}
			}
		}
	}
	return names
}

// checkFormat finds files that gofmt would change.
func checkFormat(t *tree) []finding {
	var found []finding
	for _, f := range t.goFiles(func(*file) bool { return true }) {
		formatted, err := format.Source(f.source)
		switch {
		case err != nil:
			found = append(found, finding{f.path, 0, "gofmt: " + err.Error()})
		case !bytes.Equal(formatted, f.source):
			found = append(found, finding{f.path, firstDifference(f.source, formatted), "not formatted: run gofmt -w " + f.path})
		}
	}
	return found
}

func firstDifference(a, b []byte) int {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return 1 + bytes.Count(a[:i], []byte("\n"))
		}
	}
	return 1 + bytes.Count(a[:min(len(a), len(b))], []byte("\n"))
}

func TestNamesBreaks(t *testing.T) {
	cases := []sample{
		{"part of a file's name", one("httpapi/http_utils.go", "package httpapi\n"), "httpapi/http_utils.go: the name utils says nothing"},
		{"a test file", one("httpapi/helpers_test.go", "package httpapi\n"), "the name helpers"},
		{"a package in another folder", one("httpapi/a.go", "package models\n"), "httpapi/a.go:1: the name models"},
		{"a word with one inside", one("fsm/conversation_typeset.go", "package fsm\n"), ""},
	}
	for _, name := range bannedNames {
		cases = append(cases,
			sample{"file " + name, one("fsm/"+name+".go", "package fsm\n"), "the name " + name},
			sample{"folder " + name, one("fsm/"+name+"/a.go", "package "+name+"\n"), "fsm/" + name + ": the name " + name})
	}
	breaks(t, checkNames, cases)
}

func TestPackageCommentsBreaks(t *testing.T) {
	breaks(t, checkPackageComments, []sample{
		{"none", one("fsm/a.go", "package fsm\n"), "fsm: the package comment has fewer than three lines"},
		{"two lines", one("fsm/a.go", "// Package fsm is\n// short.\npackage fsm\n"), "fewer than three lines"},
		{"in a test", map[string]string{"fsm/a.go": "package fsm\n", "fsm/a_test.go": "// 1\n// 2\n// 3\npackage fsm\n"}, "fewer than three lines"},
		{"three lines", map[string]string{"fsm/a.go": "package fsm\n", "fsm/doc.go": "// 1\n// 2\n// 3\npackage fsm\n"}, ""},
		{"only tests", one("scripts/e2e/a_test.go", "// 1\n// 2\n// 3\npackage e2e\n"), ""},
	})
}

func TestDocCommentsBreaks(t *testing.T) {
	source := func(text string) map[string]string { return one("fsm/a.go", "package fsm\n\n"+text+"\n") }
	breaks(t, checkDocComments, []sample{
		{"function", source("func F() {}"), "fsm/a.go:3: F has no comment"},
		{"method", source("// T is.\ntype T int\n\nfunc (t T) M() {}"), "fsm/a.go:6: M has no comment"},
		{"type", source("type T int"), "T has no comment"},
		{"type in a group", source("type (\n\tT int\n\t// U is.\n\tU int\n)"), "T has no comment"},
		{"constant of a bare type", source("type t int\n\nconst C t = 1"), "C has no comment"},
		{"untyped after typed", source("// T is.\ntype T int\n\nconst (\n\tA T = iota\n\tB\n\tC = 5\n)"), "C has no comment"},
		{"constant", source("const C = 1"), "C has no comment"},
		{"one of two", source("var (\n\t// A is.\n\tA int\n\tB int\n)"), "B has no comment"},

		{"all told", source("// F does.\nfunc F() {}\n\n// Limits.\nconst (\n\tA = 1\n\tB = 2\n)\n\nvar V int // is\n\ntype t int\n\nfunc (t) Size() int { return 0 }\n\n// T is.\ntype T int\n\nfunc (T) String() string { return `` }\n\nconst (\n\tC T = iota\n\tD\n)"), ""},
		{"a command", one("cmd/rondo/a.go", "package main\n\nfunc F() {}\n"), ""},
		{"a test", one("fsm/a_test.go", "package fsm\n\nfunc F() {}\n"), ""},
	})
}

func TestFormatBreaks(t *testing.T) {
	breaks(t, checkFormat, []sample{
		{"spaces", one("fsm/a.go", "package fsm\n\nvar a  int\n"), "fsm/a.go:3: not formatted: run gofmt -w fsm/a.go"},
		{"no last newline", one("fsm/a.go", "package fsm"), "fsm/a.go:1: not formatted"},
		{"right", one("fsm/a.go", "package fsm\n\nvar a int\n"), ""},
	})
}
