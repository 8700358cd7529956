package main

import (
	_ "embed"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

//go:embed faults.txt
var list string

// A fault is one thing that somebody might get wrong.
type fault struct {
	name, breaks string
	test         []string // package, pattern, arguments
	file         string   // from the root of the checkout
	search       string   // whole lines, found once
	replace      string
}

// parse reads faults.txt.
func parse(text string) (faults []fault, err error) {
	for _, part := range strings.Split("\n"+text, "\n== ")[1:] {
		name, rest, _ := strings.Cut(part, "\n")
		f := fault{name: name}
		head, texts, ok := strings.Cut(rest, "<<<<\n")
		search, texts, ok2 := strings.Cut(texts, "====\n")
		replace, _, ok3 := strings.Cut(texts, ">>>>")
		if !ok || !ok2 || !ok3 {
			return nil, fmt.Errorf("fault %q: the texts must stand between <<<<, ==== and >>>>", name)
		}
		f.search, f.replace = search, replace
		for _, line := range strings.Split(strings.TrimSpace(head), "\n") {
			key, value, _ := strings.Cut(line, ": ")
			switch key {
			case "breaks":
				f.breaks = value
			case "test":
				f.test = strings.Fields(value)
			case "file":
				f.file = value
			default:
				return nil, fmt.Errorf("fault %q: %q is none of breaks, test, file", name, key)
			}
		}
		if f.breaks == "" || f.file == "" || len(f.test) < 2 {
			return nil, fmt.Errorf("fault %q: breaks, file and test (package and pattern) are needed", name)
		}
		faults = append(faults, f)
	}
	return faults, nil
}

// planted returns the file with the fault in it.
func (f fault) planted(root string) (string, error) {
	source, err := os.ReadFile(filepath.Join(root, f.file))
	if err != nil {
		return "", fmt.Errorf("fault %q: %w", f.name, err)
	}
	if n := strings.Count(string(source), f.search); n != 1 || f.search == "" {
		return "", fmt.Errorf("fault %q: its text stands %d times in %s, want once: bring scripts/faults/faults.txt up to date", f.name, n, f.file)
	}
	return strings.Replace(string(source), f.search, f.replace, 1), nil
}
