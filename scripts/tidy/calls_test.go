package tidy

import (
	"go/ast"
	"path"
	"slices"
	"strings"
	"testing"
)

// mainFile is the product's only way out.
const mainFile = "cmd/rondo/main.go"

// checkPanics finds panics where bytes from the network may lead.
func checkPanics(t *tree) []finding {
	var found []finding
	shell := func(f *file) bool {
		return f.production() && slices.Contains([]string{"httpapi", "cluster", "cmd"}, f.room())
	}
	for _, f := range t.goFiles(shell) {
		ast.Inspect(f.ast, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			name, ok := call.Fun.(*ast.Ident)
			if ok && name.Name == "panic" && !t.excused(f, n.Pos(), "panic") {
				found = append(found, t.at(f, n.Pos(), "%s may not panic: return an error that says what to do (a node that must die reports on Fatal), or end the line with //tidy:panic reason", f.room()))
			}
			return true
		})
	}
	return found
}

// checkExits finds ways to end the process that skip everybody's clean-up. Scripts
// may end in their own func main, tests in TestMain.
func checkExits(t *tree) []finding {
	var found []finding
	for _, f := range t.goFiles(func(f *file) bool { return f.path != mainFile }) {
		for _, decl := range f.ast.Decls {
			if function, ok := decl.(*ast.FuncDecl); ok && mayExit(f, function) {
				continue
			}
			ast.Inspect(decl, func(n ast.Node) bool {
				selector, ok := n.(*ast.SelectorExpr)
				if !ok {
					return true
				}
				pkg, name := f.selected(selector)
				if pkg == "os" && name == "Exit" || pkg == "log" && strings.HasPrefix(name, "Fatal") {
					found = append(found, t.at(f, n.Pos(), "%s.%s is for %s only: return an error, and main turns it into an exit code", pkg, name, mainFile))
				}
				return true
			})
		}
	}
	return found
}

func mayExit(f *file, function *ast.FuncDecl) bool {
	if function.Recv != nil {
		return false
	}
	if f.test {
		return function.Name.Name == "TestMain"
	}
	return f.room() == "scripts" && f.ast.Name.Name == "main" && path.Base(f.path) == "main.go" && function.Name.Name == "main"
}

// checkSleeps finds waiting by the clock: in tests it is slow when right and wrong
// when the machine is slow. Only cmd, which talks to people, may sleep.
func checkSleeps(t *tree) []finding {
	var found []finding
	for _, f := range t.goFiles(func(f *file) bool { return f.test || f.room() != "cmd" }) {
		ast.Inspect(f.ast, func(n ast.Node) bool {
			selector, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			pkg, name := f.selected(selector)
			if pkg == "time" && name == "Sleep" && !t.excused(f, n.Pos(), "sleep") {
				found = append(found, t.at(f, n.Pos(), "time.Sleep waits for nothing: wait for the index, event or channel with a deadline, or end the line with //tidy:sleep reason"))
			}
			return true
		})
	}
	return found
}

func TestPanicsBreaks(t *testing.T) {
	source := func(dir, excuse string) map[string]string {
		return one(dir+"/a.go", "package a\n\nfunc f() {\n\tpanic(1)"+excuse+"\n}\n")
	}
	breaks(t, checkPanics, []sample{
		{"httpapi", source("httpapi", ""), "httpapi/a.go:4: httpapi may not panic"},
		{"cluster", source("cluster/wire", ""), "cluster may not panic"},
		{"cmd", source("cmd/rondo", ""), "cmd may not panic"},
		{"an excuse without a reason", source("cmd/rondo", " //tidy:panic"), "cmd may not panic"},
		{"an excuse", source("cmd/rondo", " //tidy:panic the table is a constant"), ""},
		{"a test", one("httpapi/a_test.go", "package httpapi\n\nfunc f() { panic(1) }\n"), ""},
	})
}

func TestExitsBreaks(t *testing.T) {
	source := func(name, call string) map[string]string {
		return one(name, "package main\n\nimport (\n\t\"log\"\n\t\"os\"\n)\n\nfunc main() { "+call+" }\n")
	}
	breaks(t, checkExits, []sample{
		{"os.Exit", source("cmd/rondo/server.go", "os.Exit(1)"), "cmd/rondo/server.go:8: os.Exit is for cmd/rondo/main.go only"},
		{"log.Fatalf", source("cluster/node.go", "log.Fatalf(``)"), "log.Fatalf is for"},
		{"a test", source("cluster/node_test.go", "os.Exit(1)"), "os.Exit is for"},
		{"another function of a script", one("scripts/bench/main.go", "package main\n\nimport \"os\"\n\nfunc f() { os.Exit(1) }\n"), "os.Exit is for"},
		{"main", source(mainFile, "os.Exit(1)"), ""},
		{"a script's main", source("scripts/bench/main.go", "os.Exit(1)"), ""},
		{"TestMain", one("cmd/rondo/a_test.go", "package main\n\nimport \"os\"\n\nfunc TestMain() { os.Exit(1) }\n"), ""},
	})
}

func TestSleepsBreaks(t *testing.T) {
	source := func(name, excuse string) map[string]string {
		return one(name, "package a\n\nimport \"time\"\n\nfunc f() {\n\ttime.Sleep(1)"+excuse+"\n}\n")
	}
	breaks(t, checkSleeps, []sample{
		{"code", source("cluster/a.go", ""), "cluster/a.go:6: time.Sleep"},
		{"a test", source("httpapi/a_test.go", ""), "time.Sleep"},
		{"a test in cmd", source("cmd/rondo/a_test.go", ""), "time.Sleep"},
		{"an excuse without a reason", source("cluster/a_test.go", " //tidy:sleep"), "time.Sleep"},
		{"an excuse", source("cluster/a_test.go", " //tidy:sleep virtual time"), ""},
		{"cmd", source("cmd/rondo/a.go", ""), ""},
	})
}

func TestExcusesBreaks(t *testing.T) {
	source := func(excuse string) map[string]string {
		return one("fsm/a.go", "package fsm\n\nvar a int "+excuse+"\n")
	}
	breaks(t, checkExcuses, []sample{
		{"stale", source("//tidy:panic not any more"), "fsm/a.go:3: //tidy:panic excuses nothing here"},
		{"unknown", source("//tidy:please let me"), "unknown excuse //tidy:please"},
		{"no reason", source("//tidy:sleep"), "needs its reason"},
		{"none", source("// tidy is a word"), ""},
	})
}
