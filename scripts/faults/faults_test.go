package main

import (
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestFaultsFitTheCode: each fault can still be planted, in a file that is then
// still Go, and stands in the document with the test that catches it. That it is
// caught takes minutes: go run ./scripts/faults.
func TestFaultsFitTheCode(t *testing.T) {
	root := filepath.Join("..", "..")
	document, err := os.ReadFile(filepath.Join(root, "cluster", "SIMULATION.md"))
	if err != nil {
		t.Fatal(err)
	}
	faults, err := parse(list)
	if err != nil {
		t.Fatal(err)
	}
	if len(faults) < 12 {
		t.Errorf("%d faults, want at least twelve", len(faults))
	}
	for _, f := range faults {
		source, err := f.planted(root)
		if err != nil {
			t.Error(err)
			continue
		}
		if _, err := parser.ParseFile(token.NewFileSet(), f.file, source, 0); err != nil {
			t.Errorf("fault %q: %v", f.name, err)
		}
		if row := "| " + f.name + " | " + f.breaks + " | "; !strings.Contains(string(document), row) {
			t.Errorf("cluster/SIMULATION.md lacks the row %q", row)
		}
	}
}

func TestParse(t *testing.T) {
	for _, text := range []string{"== a\nbreaks: b\n", "== a\nfile: f\ntest: p r\n<<<<\nx\n====\ny\n>>>>\n", "== a\nbad: b\n<<<<\nx\n====\ny\n>>>>\n"} {
		if faults, err := parse(text); err == nil {
			t.Errorf("%q was taken: %+v", text, faults)
		}
	}
}

func TestVerdict(t *testing.T) {
	failed := os.ErrInvalid // any
	for out, caught := range map[string]bool{
		"ok  \tpackage": false,
		"--- FAIL: TestX (1s)\n    x_test.go:1: lost: c1":                                                  true,
		"--- FAIL: TestX (1s)\n    x_test.go:1: 3 leader changes, 4\n    x_test.go:2: void: too few calls": false,
		"./x.go:1: syntax\nFAIL\tp [build failed]":                                                         false,
		"panic: deadlock: all goroutines are blocked\n":                                                    true,
		"go: no such package": false,
	} {
		err := failed
		if strings.HasPrefix(out, "ok") {
			err = nil
		}
		if how, err := verdict(out, err); (err == nil) != caught {
			t.Errorf("%q: %q, %v", out, how, err)
		}
	}
}
