package tidy

import (
	"go/ast"
	"go/token"
	"go/types"
	"testing"
)

const (
	statePackage = modulePath + "/fsm"
	stateName    = "State"
	cloneName    = "Clone"
	cloneInstead = "shares the trees, and rows change behind the copy's back: keep *fsm.State and copy it by Clone"
)

// checkStateCopies finds copies of the state, or of anything that holds one by
// value, outside its method Clone: tests included, since a fixture that shares
// its trees proves nothing.
func checkStateCopies(t *tree) []finding {
	var found []finding
	for dir, files := range t.packages() {
		if !mayKnowState(dir, files) {
			continue
		}
		if p := t.check(dir); p.err != nil {
			found = append(found, finding{dir, 0, "does not type-check, so copies of the state are not seen: " + p.err.Error()})
			continue
		}
		for _, p := range t.checkWithTests(dir) {
			for _, f := range p.files {
				found = append(found, stateCopiesIn(t, p.info, f)...)
			}
		}
	}
	return found
}

// mayKnowState leaves out packages that cannot hold a state, to save time.
func mayKnowState(dir string, files []*file) bool {
	if dir == "fsm" {
		return true
	}
	for _, f := range files {
		for _, spec := range f.ast.Imports {
			if _, ours := ownDir(importOf(spec)); ours {
				return true
			}
		}
	}
	return false
}

func stateCopiesIn(t *tree, info *types.Info, f *file) []finding {
	var found []finding
	add := func(n ast.Node, what string) {
		found = append(found, t.at(f, n.Pos(), "%s %s", what, cloneInstead))
	}
	var parents []ast.Node
	ast.Inspect(f.ast, func(n ast.Node) bool {
		if n == nil {
			parents = parents[:len(parents)-1]
			return true
		}
		if isClone(info, n) {
			return false
		}
		parents = append(parents, n)
		switch n := n.(type) {
		case *ast.FuncDecl:
			if n.Recv != nil && holdsState(info.TypeOf(n.Recv.List[0].Type)) {
				add(n, "a method on the state's value")
			}
		case *ast.FuncType:
			for _, list := range []*ast.FieldList{n.Params, n.Results} {
				for _, field := range fieldsOf(list) {
					if holdsState(info.TypeOf(field.Type)) {
						add(field, "passing the state by value")
					}
				}
			}
		case *ast.ArrayType, *ast.MapType, *ast.ChanType:
			if manyStates(info.TypeOf(n.(ast.Expr))) {
				add(n, "a collection of states by value")
			}
		case *ast.RangeStmt:
			if n.Value != nil && holdsState(info.TypeOf(n.Value)) {
				add(n, "ranging over states by value")
			}
		case ast.Expr:
			if value, ok := info.Types[n]; ok && value.IsValue() && holdsState(value.Type) && isCopied(n, parents) {
				add(n, "copying the state by value")
			}
		}
		return true
	})
	return found
}

// isClone says whether n is the one method that may copy.
func isClone(info *types.Info, n ast.Node) bool {
	decl, ok := n.(*ast.FuncDecl)
	if !ok || decl.Recv == nil || decl.Name.Name != cloneName {
		return false
	}
	typ := info.TypeOf(decl.Recv.List[0].Type)
	if pointer, ok := typ.(*types.Pointer); ok {
		typ = pointer.Elem()
	}
	return isState(typ)
}

// isCopied says whether the value of e, whose ancestors end with itself, goes
// anywhere. A fresh literal is no copy; nor is reading a field or overwriting.
func isCopied(e ast.Expr, parents []ast.Node) bool {
	for {
		inner, ok := e.(*ast.ParenExpr)
		if !ok {
			break
		}
		e = inner.X
	}
	if _, fresh := e.(*ast.CompositeLit); fresh {
		return false
	}
	switch parent := parents[len(parents)-2].(type) {
	case *ast.ParenExpr, *ast.SelectorExpr: // the parenthesis itself is looked at; of a selector, the whole
		return false
	case *ast.UnaryExpr:
		return parent.Op != token.AND
	case *ast.AssignStmt:
		for _, right := range parent.Rhs {
			if right == parents[len(parents)-1] {
				return !allBlank(parent.Lhs)
			}
		}
		return false
	case *ast.IndexExpr, *ast.SliceExpr: // an array of states, of which one is taken
		return false
	case *ast.ValueSpec:
		for _, value := range parent.Values {
			if value == parents[len(parents)-1] {
				return true
			}
		}
		return false
	case *ast.RangeStmt: // the range rule speaks of it
		return false
	}
	return true
}

func allBlank(list []ast.Expr) bool {
	for _, e := range list {
		if name, ok := e.(*ast.Ident); !ok || name.Name != "_" {
			return false
		}
	}
	return true
}

func fieldsOf(list *ast.FieldList) []*ast.Field {
	if list == nil {
		return nil
	}
	return list.List
}

func isState(typ types.Type) bool {
	named, ok := types.Unalias(typ).(*types.Named)
	return ok && named.Obj().Name() == stateName && named.Obj().Pkg() != nil && named.Obj().Pkg().Path() == statePackage
}

// holdsState says whether a copy of typ would copy a state.
func holdsState(typ types.Type) bool { return holdsStateWithin(typ, nestingMax) }

// nestingMax ends the walk through a type that holds itself, which a source that
// does not compile may declare.
const nestingMax = 32

func holdsStateWithin(typ types.Type, depth int) bool {
	if typ == nil || depth == 0 {
		return false
	}
	if isState(typ) {
		return true
	}
	if _, param := types.Unalias(typ).(*types.TypeParam); param {
		return false
	}
	switch under := typ.Underlying().(type) {
	case *types.Struct:
		for field := range under.Fields() {
			if holdsStateWithin(field.Type(), depth-1) {
				return true
			}
		}
	case *types.Array:
		return holdsStateWithin(under.Elem(), depth-1)
	}
	return false
}

func manyStates(typ types.Type) bool {
	if typ == nil {
		return false
	}
	switch under := typ.Underlying().(type) {
	case *types.Slice:
		return holdsState(under.Elem())
	case *types.Map:
		return holdsState(under.Elem())
	case *types.Chan:
		return holdsState(under.Elem())
	}
	return false
}

func TestStateCopiesBreaks(t *testing.T) {
	state := "package fsm\n\ntype State struct{ N int }\n\nfunc (s *State) Clone() *State {\n\tc := *s\n\treturn &c\n}\n"
	source := func(statements string) map[string]string {
		return map[string]string{
			"fsm/state.go": state,
			"cluster/a.go": "package cluster\n\nimport \"" + statePackage + "\"\n\ntype box struct{ state fsm.State }\n\nfunc take(...any) {}\n\nfunc use(s *fsm.State, b *box) {\n\t" + statements + "\n}\n",
		}
	}
	breaks(t, checkStateCopies, []sample{
		{"assignment", source("c := *s\n\ttake(&c)"), "cluster/a.go:10: copying the state by value shares the trees"},
		{"declaration", source("var c fsm.State = *s\n\ttake(&c)"), "copying the state by value"},
		{"argument", source("take((*s))"), "copying the state by value"},
		{"overwriting with another", source("*s = b.state"), "copying the state by value"},
		{"composite", source("take(&box{state: *s})"), "copying the state by value"},
		{"holder", source("c := *b\n\ttake(&c)"), "copying the state by value"},
		{"conversion", source("type other fsm.State\n\tc := other(*s)\n\ttake(&c)"), "copying the state by value"},
		{"parameter", source("take(func(fsm.State) {})"), "passing the state by value"},
		{"collection", source("take(map[string]fsm.State{})"), "a collection of states"},
		{"broken source", source("nothing()"), "does not type-check"},
		{"in a test", map[string]string{"fsm/state.go": state, "fsm/a_test.go": "package fsm\n\nfunc f(s *State) any { return *s }\n"}, "fsm/a_test.go:3: copying"},
		{"in an external test", map[string]string{"fsm/state.go": state,
			"fsm/a_test.go": "package fsm_test\n\nimport \"" + statePackage + "\"\n\nfunc f(s *fsm.State) any { return *s }\n"}, "fsm/a_test.go:5: copying"},
		{"value receiver", one("fsm/state.go", state+"\nfunc (s State) Size() int { return s.N }\n"), "a method on the state's value"},
		{"another Clone", one("fsm/state.go", state+"\ntype T struct{ s *State }\n\nfunc (t *T) Clone() { c := *t.s; _ = &c }\n"), "copying the state by value"},

		{"the right ways", source("c := s.Clone()\n\tc.N = (*s).N + b.state.N\n\t*s = fsm.State{}\n\ttake(c, &b.state, &box{}, []*fsm.State{s})"), ""},
		{"no fsm yet", one("cluster/a.go", "package cluster\n"), ""},
	})
}
