package tidy

import (
	"bytes"
	"fmt"
	"go/ast"
	"path"
	"strings"
	"testing"
)

// The ceilings. The ugliness of this field is always one god object, so the
// maximum is fought, not the median.
const (
	fileLines         = "file lines"
	functionLines     = "function lines"
	typeMethods       = "type methods"
	typeFields        = "type fields"
	testFileLines     = "test file lines"
	testFunctionLines = "test function lines"
)

var ceilings = map[string]int{
	fileLines: 400, functionLines: 60, typeMethods: 12, typeFields: 10,
	testFileLines: 600, testFunctionLines: 120,
}

var ceilingCures = map[string]string{
	fileLines:         "move one idea into a file of its own",
	functionLines:     "split it into paragraphs with names: refuse, decide, change, tell",
	typeMethods:       "split the type, or make functions of methods that need little of it",
	typeFields:        "group the fields that change together into a type of their own",
	testFileLines:     "split it by what is tested",
	testFunctionLines: "move set-up and checks into functions, or make a table of it",
}

// A ceilingException lets one thing grow up to max. It fails as soon as it is no
// longer needed, so that the table never lists history.
type ceilingException struct {
	what   string // one of the names above
	where  string // a file, or folder.Function, folder.Type.Method, folder.Type
	max    int
	reason string
}

var ceilingExceptions = []ceilingException{
	{typeFields, "fsm.State", 64, "one field a table: the state is the one place that has them all"},
	{typeFields, "fsm.Meta", 16, "a row as it is written: numbered fields, flat for ever"},
	{typeFields, "fsm.Conversation", 27, "a row as it is written: numbered fields, flat for ever"},
	{typeFields, "fsm.Agent", 25, "a row as it is written: numbered fields, flat for ever"},
	{typeFields, "fsm.PutAgent", 15, "a command as it is written: numbered fields, flat for ever"},
	{typeFields, "fsm.PutTeam", 15, "a command as it is written: numbered fields, flat for ever"},
	{typeFields, "fsm.InboxAssignment", 12, "how clients write a row: numbered fields, flat for ever"},
	{typeFields, "fsm.Telling", 15, "a part of a row as it is written: numbered fields, flat for ever"},
	{typeFields, "fsm.OpenConversation", 15, "a command as it is written: numbered fields, flat for ever"},
	{typeFields, "fsm.Team", 20, "a row as it is written: numbered fields, flat for ever"},
	{typeFields, "fsm.Member", 14, "a row as it is written: numbered fields, flat for ever"},
	{typeFields, "fsm.Contact", 11, "a row as it is written: numbered fields, flat for ever"},
	{typeFields, "fsm.Run", 14, "a row as it is written: numbered fields, flat for ever"},
	{typeFields, "fsm.Step", 24, "what a rule may do: one numbered member for each"},
	{typeFields, "fsm.Assignment", 11, "a part of a row as it is written: numbered fields, flat for ever"},
	{typeFields, "fsm.Offer", 11, "a row as it is written: numbered fields, flat for ever"},
	{typeFields, "fsm.Record", 20, "a row as it is written: numbered fields, flat for ever"},
	{typeFields, "fsm.Conversations", 16, "one field an index: the table is the one place that has them all"},
	{typeFields, "fsm.Inbox", 16, "a row as it is written: numbered fields, flat for ever"},
	{typeFields, "fsm.Rotation", 16, "a row as it is written: numbered fields, flat for ever"},
	{typeFields, "fsm.RotationSettings", 16, "a command as it is written: numbered fields, flat for ever"},
	{typeFields, "httpapi.agentView", 14, "an answer as it is written: its fields are those of the API"},
	{typeFields, "httpapi.teamView", 14, "an answer as it is written: its fields are those of the API"},
	{typeFields, "httpapi.rotationConfig", 16, "an answer as it is written: its fields are those of the API"},
	{typeMethods, "cluster.Group", 16, "the one door of the package: each method hands on to the part that does it"},
	{typeFields, "httpapi.eventThings", 12, "the things that an event may be about, one member each"},
	{typeFields, "httpapi.Options", 14, "what a caller may set, each by itself"},
	{typeFields, "fsm.Decision", 22, "a row as it is written: numbered fields, flat for ever"},
}

// A measure is one thing that has a size.
type measure struct {
	what, where string
	size        int
	at          finding // without its text
}

// checkCeilings finds what has grown too large, and exceptions nobody needs.
func checkCeilings(t *tree) []finding {
	return ceilingFindings(measuresOf(t), ceilingExceptions, t.packages()["fsm"] != nil)
}

func ceilingFindings(measures []measure, exceptions []ceilingException, complete bool) []finding {
	var found []finding
	used := map[int]bool{}
	for _, m := range measures {
		limit := ceilings[m.what]
		for i, e := range exceptions {
			if e.what == m.what && e.where == m.where && m.size > limit {
				used[i] = true
				limit = e.max
			}
		}
		if m.size > limit {
			m.at.text = fmt.Sprintf("%s: %s: %d, more than %d: %s (or list {%q, %q} in ceilingExceptions with its reason)",
				m.where, m.what, m.size, limit, ceilingCures[m.what], m.what, m.where)
			found = append(found, m.at)
		}
	}
	for i, e := range exceptions {
		switch {
		case e.reason == "" || ceilings[e.what] == 0 || e.max <= ceilings[e.what]:
			found = append(found, finding{"scripts/tidy/ceilings_test.go", 0, fmt.Sprintf("the exception for %q %s needs a known ceiling, a larger maximum and a reason", e.what, e.where)})
		case complete && !used[i]:
			found = append(found, finding{"scripts/tidy/ceilings_test.go", 0, fmt.Sprintf("the exception for %q %s is not needed any more: remove it", e.what, e.where)})
		}
	}
	return found
}

func measuresOf(t *tree) []measure {
	var measures []measure
	methods := map[string]*measure{}
	var order []string
	for _, f := range t.goFiles(func(f *file) bool { return !ast.IsGenerated(f.ast) }) {
		what, function := fileLines, functionLines
		if f.test {
			what, function = testFileLines, testFunctionLines
		}
		measures = append(measures, measure{what, f.path, bytes.Count(f.source, []byte("\n")), finding{path: f.path}})
		for _, decl := range f.ast.Decls {
			switch d := decl.(type) {
			case *ast.FuncDecl:
				measures = append(measures, measure{function, functionName(f, d), linesOf(t, d), t.at(f, d.Pos(), "")})
				if d.Recv == nil || f.test {
					continue
				}
				name := f.dir + "." + receiverName(d)
				if methods[name] == nil {
					methods[name] = &measure{typeMethods, name, 0, t.at(f, d.Pos(), "")}
					order = append(order, name)
				}
				methods[name].size++
			case *ast.GenDecl:
				measures = append(measures, measuresOfGroup(t, f, d, function)...)
			}
		}
	}
	for _, name := range order {
		measures = append(measures, *methods[name])
	}
	return measures
}

// measuresOfGroup looks at types, and at functions that are values of variables.
func measuresOfGroup(t *tree, f *file, d *ast.GenDecl, function string) []measure {
	var measures []measure
	for _, spec := range d.Specs {
		switch spec := spec.(type) {
		case *ast.TypeSpec:
			name := f.dir + "." + spec.Name.Name
			switch typ := spec.Type.(type) {
			case *ast.StructType:
				if !f.test {
					measures = append(measures, measure{typeFields, name, countNames(typ.Fields), t.at(f, spec.Pos(), "")})
				}
			case *ast.InterfaceType:
				if !f.test {
					measures = append(measures, measure{typeMethods, name, countNames(typ.Methods), t.at(f, spec.Pos(), "")})
				}
			}
		case *ast.ValueSpec:
			ast.Inspect(spec, func(n ast.Node) bool {
				if literal, ok := n.(*ast.FuncLit); ok {
					measures = append(measures, measure{function, f.dir + "." + spec.Names[0].Name, linesOf(t, literal), t.at(f, literal.Pos(), "")})
				}
				return true
			})
		}
	}
	return measures
}

func linesOf(t *tree, n ast.Node) int { return t.line(n.End()) - t.line(n.Pos()) + 1 }

// countNames counts an embedded type as one.
func countNames(list *ast.FieldList) int {
	n := 0
	for _, field := range list.List {
		n += max(1, len(field.Names))
	}
	return n
}

func functionName(f *file, d *ast.FuncDecl) string {
	if d.Recv == nil {
		return f.dir + "." + d.Name.Name
	}
	return f.dir + "." + receiverName(d) + "." + d.Name.Name
}

func receiverName(d *ast.FuncDecl) string {
	typ := d.Recv.List[0].Type
	for {
		switch x := typ.(type) {
		case *ast.StarExpr:
			typ = x.X
		case *ast.ParenExpr:
			typ = x.X
		case *ast.IndexExpr:
			typ = x.X
		case *ast.IndexListExpr:
			typ = x.X
		case *ast.Ident:
			return x.Name
		default:
			return "?"
		}
	}
}

func TestCeilingsBreaks(t *testing.T) {
	function := func(name string, lines int) map[string]string {
		return one(name, "package a\n\nfunc f() {\n"+strings.Repeat("\tf()\n", lines-2)+"}\n")
	}
	methods := func(n int) map[string]string {
		var code, more strings.Builder
		code.WriteString("package a\n\ntype T[K any] struct{}\n")
		more.WriteString("package a\n")
		for i := range n {
			out := &code
			if i%2 == 0 {
				out = &more
			}
			fmt.Fprintf(out, "\nfunc (t *T[K]) M%d() {}\n", i)
		}
		return map[string]string{"rotation/a.go": code.String(), "rotation/b.go": more.String()}
	}
	declared := func(form, field string, n int) map[string]string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, field, i)
		}
		return one("rotation/a.go", fmt.Sprintf("package a\n\ntype T %s {\n%s}\n", form, b.String()))
	}
	long := func(name string, lines int) map[string]string {
		return one(name, "package a\n"+strings.Repeat("//\n", lines-1))
	}
	breaks(t, checkCeilings, []sample{
		{"file", long("rotation/a.go", 401), "rotation/a.go: rotation/a.go: file lines: 401, more than 400"},
		{"file at the limit", long("rotation/a.go", 400), ""},
		{"test file", long("rotation/a_test.go", 601), "test file lines: 601, more than 600"},
		{"test file at the limit", long("rotation/a_test.go", 600), ""},
		{"function", function("rotation/a.go", 61), "rotation/a.go:3: rotation.f: function lines: 61, more than 60"},
		{"function at the limit", function("rotation/a.go", 60), ""},
		{"test function", function("rotation/a_test.go", 121), "test function lines: 121, more than 120"},
		{"function value", one("rotation/a.go", "package a\n\nvar f = func() {\n"+strings.Repeat("\tf()\n", 59)+"}\n"), "rotation.f: function lines: 61"},
		{"methods", methods(13), "rotation.T: type methods: 13, more than 12"},
		{"methods at the limit", methods(12), ""},
		{"interface", declared("interface", "\tM%d()\n", 13), "rotation.T: type methods: 13, more than 12"},
		{"fields", declared("struct", "\tf%d int\n", 11), "rotation/a.go:3: rotation.T: type fields: 11, more than 10"},
		{"fields of one line", one("rotation/a.go", "package a\n\ntype T struct{ a, b, c, d, e, f, g, h, i, j, k int }\n"), "type fields: 11"},
		{"fields at the limit", declared("struct", "\tf%d int\n", 10), ""},
		{"generated", one("rotation/a.go", "// Code generated by hand. DO NOT EDIT.\n"+long("a", 500)["a"]), ""},
	})
}

func TestCeilingExceptionsBreaks(t *testing.T) {
	fields := func(n int) []measure {
		return []measure{{typeFields, "fsm.T", n, finding{path: path.Join("fsm", "t.go")}}}
	}
	exception := []ceilingException{{typeFields, "fsm.T", 15, "a row as it is on the wire"}}
	for _, c := range []struct {
		name       string
		measures   []measure
		exceptions []ceilingException
		want       string
	}{
		{"needed", fields(15), exception, ""},
		{"too large even so", fields(16), exception, "16, more than 15"},
		{"stale", fields(10), exception, "not needed any more"},
		{"of nothing", nil, exception, "not needed any more"},
		{"without a reason", nil, []ceilingException{{typeFields, "fsm.T", 15, ""}}, "and a reason"},
		{"of no known ceiling", nil, []ceilingException{{"words", "fsm.T", 15, "why"}}, "known ceiling"},
	} {
		got := ""
		for _, f := range ceilingFindings(c.measures, c.exceptions, true) {
			got += f.String()
		}
		if !strings.Contains(got, c.want) || c.want == "" && got != "" {
			t.Errorf("%s: found %q, want %q", c.name, got, c.want)
		}
	}
}
