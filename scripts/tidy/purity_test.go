package tidy

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"
	"testing"
)

// The pure rooms compute the same bytes on every node and on every replay, so
// they know no clock, no chance, no other goroutine, no float and no map order.

// impure are folders inside a pure room that the nodes do not replay.
var impure = map[string]string{
	"fsm/collation": "asked at the edge, its answers travel in commands",
}

// pureImports is all that a pure package may import from outside.
var pureImports = []string{
	"bufio", "bytes", "cmp", "crypto/sha256", "encoding/binary", "encoding/hex", "errors", "fmt", "hash", "hash/crc32", "io", "iter",
	"math", "math/bits", "slices", "sort", "strconv", "strings", "time", "unicode", "unicode/utf8",
	"github.com/fxamacker/cbor/v2", "github.com/tidwall/btree",
}

// registryFile is the one place that may look at types at run time: it makes an
// empty command of a registered kind.
const registryFile = "fsm/command.go"

// impureTime is what package time offers beyond constants and formatting.
var impureTime = []string{
	"Now", "Since", "Until", "After", "AfterFunc", "Tick", "NewTimer", "NewTicker", "Sleep",
	"LoadLocation", "Local",
}

func pureFiles(t *tree) []*file {
	return t.goFiles(func(f *file) bool { return f.production() && isPure(f.dir) })
}

func isPure(dir string) bool {
	room, _, _ := strings.Cut(dir, "/")
	return (room == "rotation" || room == "fsm") && impure[dir] == ""
}

// pureTyped returns the pure packages, type-checked, and says of which that was
// not possible, since no rule below would see them.
func pureTyped(t *tree) (checked []*typed, found []finding) {
	dirs := map[string]bool{}
	for _, f := range pureFiles(t) {
		if dirs[f.dir] {
			continue
		}
		dirs[f.dir] = true
		p := t.check(f.dir)
		if p.err != nil {
			found = append(found, finding{f.dir, 0, "does not type-check, so its purity is unknown: " + p.err.Error()})
			continue
		}
		checked = append(checked, p)
	}
	return checked, found
}

// checkPureImports finds imports beyond the list.
func checkPureImports(t *tree) []finding {
	var found []finding
	for _, f := range pureFiles(t) {
		for _, spec := range f.ast.Imports {
			name := importOf(spec)
			_, ours := ownDir(name)
			switch {
			case ours || slices.Contains(pureImports, name):
			case name == "reflect" && f.path == registryFile:
			case name == "reflect":
				found = append(found, t.at(f, spec.Pos(), "reflect is for the registry (%s) only: write the types out, or use a type parameter", registryFile))
			case name == "maps" && t.excused(f, spec.Pos(), "ordered"):
			case name == "maps":
				found = append(found, t.at(f, spec.Pos(), "maps come in another order on every node: keep sorted slices or a btree, or end the line with //tidy:ordered reason"))
			case name == "sync" || name == "sync/atomic" || name == "context":
				found = append(found, t.at(f, spec.Pos(), "%s is pure and runs on one goroutine: keep %s in cluster", f.room(), name))
			default:
				found = append(found, t.at(f, spec.Pos(), "%s is pure and may not import %s: compute the value in cluster or httpapi and send it in the command", f.room(), name))
			}
		}
	}
	return found
}

// checkPureCalls finds ways to ask for a clock or this machine's time zone.
func checkPureCalls(t *tree) []finding {
	var found []finding
	for _, f := range pureFiles(t) {
		utc := map[ast.Expr]bool{} // calls whose answer goes straight to UTC
		ast.Inspect(f.ast, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.SelectorExpr:
				pkg, name := f.selected(n)
				switch {
				case pkg == "time" && slices.Contains(impureTime, name):
					found = append(found, t.at(f, n.Pos(), "%s is pure and may not use time.%s: the leader stamps entries, ask the state for its now (milliseconds)", f.room(), name))
				case pkg == "" && n.Sel.Name == "Local":
					found = append(found, t.at(f, n.Pos(), "%s is pure and may not use the machine's time zone: use UTC()", f.room()))
				}
				if n.Sel.Name == "UTC" {
					utc[n.X] = true
				}
			case *ast.CallExpr:
				selector, ok := n.Fun.(*ast.SelectorExpr)
				if !ok {
					return true
				}
				pkg, name := f.selected(selector)
				if pkg == "time" && strings.HasPrefix(name, "Unix") && !utc[n] {
					found = append(found, t.at(f, n.Pos(), "time.%s is in the machine's time zone: write time.%s(...).UTC()", name, name))
				}
			}
			return true
		})
	}
	return found
}

// checkPureConcurrency finds goroutines, select and channels.
func checkPureConcurrency(t *tree) []finding {
	var found []finding
	for _, f := range pureFiles(t) {
		ast.Inspect(f.ast, func(n ast.Node) bool {
			what := ""
			switch n := n.(type) {
			case *ast.GoStmt:
				what = "start goroutines"
			case *ast.SelectStmt:
				what = "select"
			case *ast.ChanType, *ast.SendStmt:
				what = "use channels"
			case *ast.UnaryExpr:
				if n.Op == token.ARROW {
					what = "use channels"
				}
			}
			if what != "" {
				found = append(found, t.at(f, n.Pos(), "%s is pure and may not %s: return a value, and let cluster do the waiting", f.room(), what))
			}
			return what == ""
		})
	}
	return found
}

// checkPureFloats finds float and complex types, literals and conversions: they
// may round differently on another architecture.
func checkPureFloats(t *tree) []finding {
	checked, found := pureTyped(t)
	for _, p := range checked {
		for _, f := range p.files {
			last := 0
			ast.Inspect(f.ast, func(n ast.Node) bool {
				e, ok := n.(ast.Expr)
				if !ok || !isFloat(p.info, e) || t.line(e.Pos()) == last {
					return true
				}
				last = t.line(e.Pos())
				found = append(found, t.at(f, e.Pos(), "%s is pure and may not use floats, which round differently elsewhere: use int64 with the unit in the name (ms, permille)", f.room()))
				return true
			})
		}
	}
	return found
}

func isFloat(info *types.Info, e ast.Expr) bool {
	if literal, ok := e.(*ast.BasicLit); ok && (literal.Kind == token.FLOAT || literal.Kind == token.IMAG) {
		return true
	}
	typ := info.TypeOf(e)
	if typ == nil {
		return false
	}
	basic, ok := typ.Underlying().(*types.Basic)
	return ok && basic.Info()&(types.IsFloat|types.IsComplex) != 0
}

// checkPureOrder finds range over a map, and reflection's ways to do the same.
func checkPureOrder(t *tree) []finding {
	checked, found := pureTyped(t)
	for _, p := range checked {
		for _, f := range p.files {
			ast.Inspect(f.ast, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.RangeStmt:
					if mayBeMap(p.info.TypeOf(n.X)) && !t.excused(f, n.Pos(), "ordered") {
						found = append(found, t.at(f, n.Pos(), "range over a map comes in another order on every node: keep sorted keys or a btree, or end the line with //tidy:ordered reason"))
					}
				case *ast.SelectorExpr:
					if s := p.info.Selections[n]; s != nil && s.Obj().Pkg() != nil && s.Obj().Pkg().Path() == "reflect" && (n.Sel.Name == "MapRange" || n.Sel.Name == "MapKeys") {
						found = append(found, t.at(f, n.Pos(), "%s comes in another order on every node: keep sorted keys or a btree", n.Sel.Name))
					}
				}
				return true
			})
		}
	}
	return found
}

// mayBeMap also looks through type parameters at what they may stand for.
func mayBeMap(typ types.Type) bool {
	if typ == nil {
		return false
	}
	if param, ok := types.Unalias(typ).(*types.TypeParam); ok {
		constraint, ok := param.Constraint().Underlying().(*types.Interface)
		return ok && termsMayBeMap(constraint)
	}
	_, ok := typ.Underlying().(*types.Map)
	return ok
}

func termsMayBeMap(constraint *types.Interface) bool {
	for embedded := range constraint.EmbeddedTypes() {
		switch e := types.Unalias(embedded).(type) {
		case *types.Union:
			for term := range e.Terms() {
				if mayBeMap(term.Type()) {
					return true
				}
			}
		default:
			if inner, ok := e.Underlying().(*types.Interface); ok && termsMayBeMap(inner) || mayBeMap(e) {
				return true
			}
		}
	}
	return false
}

func TestPureImportsBreaks(t *testing.T) {
	breaks(t, checkPureImports, []sample{
		{"os", one("fsm/a.go", importing("fsm", "os")), "fsm/a.go:3: fsm is pure and may not import os"},
		{"math/rand", one("rotation/a.go", importing("rotation", "math/rand")), "may not import math/rand"},
		{"unsafe", one("rotation/a.go", importing("rotation", "unsafe")), "may not import unsafe"},
		{"hash/maphash", one("fsm/a.go", importing("fsm", "hash/maphash")), "may not import hash/maphash"},
		{"runtime", one("fsm/a.go", importing("fsm", "runtime")), "may not import runtime"},
		{"sync", one("fsm/a.go", importing("fsm", "sync")), "keep sync in cluster"},
		{"maps", one("fsm/a.go", importing("fsm", "maps")), "//tidy:ordered"},
		{"reflect", one("fsm/other.go", importing("fsm", "reflect")), "registry"},
		{"below fsm", one("fsm/query/a.go", importing("query", "log/slog")), "may not import log/slog"},
		{"an excuse without a reason", one("fsm/a.go", "package fsm\n\nimport _ \"maps\" //tidy:ordered\n"), "//tidy:ordered"},

		{"an excuse", one("fsm/a.go", "package fsm\n\nimport _ \"maps\" //tidy:ordered keys are sorted at once\n"), ""},
		{"the registry", one(registryFile, importing("fsm", "reflect")), ""},
		{"collation", one("fsm/collation/a.go", importing("collation", "sync")), ""},
		{"a test", one("fsm/a_test.go", importing("fsm", "os")), ""},
		{"elsewhere", one("cluster/a.go", importing("cluster", "os")), ""},
	})
}

func TestPureCallsBreaks(t *testing.T) {
	source := func(expression string) map[string]string {
		return one("fsm/a.go", "package fsm\n\nimport clock \"time\"\n\nvar v = "+expression+"\n")
	}
	cases := []sample{
		{"a method", source("(clock.Time{}).Local()"), "use UTC()"},
		{"unix", source("clock.UnixMilli(1)"), "time.UnixMilli(...).UTC()"},
		{"unix in UTC", source("clock.UnixMilli(1).UTC().Format(clock.RFC3339)"), ""},
		{"a constant", source("clock.Second"), ""},
	}
	for _, name := range impureTime {
		cases = append(cases, sample{name, source("clock." + name), "fsm/a.go:5: fsm is pure and may not use time." + name + ":"})
	}
	breaks(t, checkPureCalls, cases)
}

func TestPureConcurrencyBreaks(t *testing.T) {
	body := func(statement string) map[string]string {
		return one("rotation/a.go", "package rotation\n\nfunc f() {\n\t"+statement+"\n}\n")
	}
	breaks(t, checkPureConcurrency, []sample{
		{"go", body("go f()"), "rotation/a.go:4: rotation is pure and may not start goroutines"},
		{"select", body("select {}"), "may not select"},
		{"make", body("_ = make(chan int)"), "may not use channels"},
		{"send", body("c <- 1"), "may not use channels"},
		{"receive", body("<-c"), "may not use channels"},
		{"none of it", body("f()"), ""},
	})
}

func TestPureFloatsBreaks(t *testing.T) {
	source := func(decls string) map[string]string { return one("fsm/a.go", "package fsm\n\n"+decls+"\n") }
	breaks(t, checkPureFloats, []sample{
		{"type", source("var x float64"), "fsm/a.go:3: fsm is pure and may not use floats"},
		{"field", source("type T struct{ rate float32 }"), "floats"},
		{"literal", source("const second = 1e3"), "floats"},
		{"conversion", source("func f(n int) int { return int(float64(n)) }"), "floats"},
		{"inferred", source("import \"math\"\n\nvar x = math.Sqrt(4)"), "floats"},
		{"broken source", source("var x = nothing"), "does not type-check"},
		{"integers", source("import \"math\"\n\nvar x uint64 = math.MaxUint64 / 2"), ""},
	})
}

func TestPureOrderBreaks(t *testing.T) {
	source := func(over, excuse string) map[string]string {
		return map[string]string{
			"fsm/a.go": "package fsm\n\ntype set map[string]bool\n\nfunc f[M interface{ ~map[string]int }](m M, s set, l []int) {\n\tfor range " + over + " {" + excuse + "\n\t}\n}\n",
		}
	}
	breaks(t, checkPureOrder, []sample{
		{"a named map", source("s", ""), "fsm/a.go:6: range over a map"},
		{"a type parameter", source("m", ""), "range over a map"},
		{"an excuse without a reason", source("s", " //tidy:ordered"), "range over a map"},
		{"an excuse", source("s", " //tidy:ordered only counts"), ""},
		{"a slice", source("l", ""), ""},
		{"reflection", one(registryFile, "package fsm\n\nimport \"reflect\"\n\nfunc f(v reflect.Value) { v.MapKeys() }\n"), "MapKeys"},
	})
}
