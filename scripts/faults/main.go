package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

func main() {
	listOnly := flag.Bool("list", false, "print the faults and run nothing")
	flag.Parse()
	if err := run(*listOnly, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "faults:", err)
		os.Exit(1)
	}
}

func run(listOnly bool, words []string) error {
	faults, err := parse(list)
	if err != nil {
		return err
	}
	faults = slices.DeleteFunc(faults, func(f fault) bool {
		return len(words) > 0 && !slices.ContainsFunc(words, func(w string) bool { return strings.Contains(f.name, w) })
	})
	missed := 0
	for _, f := range faults {
		if listOnly {
			fmt.Printf("%-45s %s\n", f.name, strings.Join(f.test, " "))
			continue
		}
		began := time.Now()
		how, err := f.caught()
		took := time.Since(began).Round(time.Second)
		if err != nil {
			missed++
			fmt.Printf("NOT CAUGHT  %-45s %v, after %s\n", f.name, err, took)
			continue
		}
		fmt.Printf("caught      %-45s %s, in %s\n", f.name, how, took)
	}
	switch {
	case listOnly:
		return nil
	case len(faults) == 0:
		return fmt.Errorf("no fault is called %q: see -list", words)
	case missed > 0:
		return fmt.Errorf("%d of %d faults were not caught", missed, len(faults))
	}
	fmt.Printf("all %d faults were caught\n", len(faults))
	return nil
}

// caught runs the test with the fault planted and says how it failed.
func (f fault) caught() (how string, err error) {
	root, err := os.Getwd()
	if err != nil {
		return "", err
	}
	source, err := f.planted(root)
	if err != nil {
		return "", err
	}
	dir, err := os.MkdirTemp("", "rondo-fault-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(dir)
	planted, overlay := filepath.Join(dir, "planted.go"), filepath.Join(dir, "overlay.json")
	replaced, err := json.Marshal(map[string]map[string]string{"Replace": {filepath.Join(root, f.file): planted}})
	if err != nil {
		return "", err
	}
	if err := errors.Join(os.WriteFile(planted, []byte(source), 0o600), os.WriteFile(overlay, replaced, 0o600)); err != nil {
		return "", err
	}
	args := []string{"test", "-overlay", overlay, "-vet=off", "-count=1", "-failfast", "-timeout=10m", "-run", f.test[1]}
	test := exec.Command("go", append(append(args, f.test[0]), f.test[2:]...)...)
	test.Env = append(os.Environ(), "TMPDIR="+dir) // what a failure saves goes with it
	out, err := test.CombinedOutput()
	return verdict(string(out), err)
}

// verdict tells a test that failed from one that was not run.
func verdict(out string, err error) (how string, _ error) {
	lines := strings.Split(out, "\n")
	find := func(what string) int {
		return slices.IndexFunc(lines, func(l string) bool { return strings.Contains(l, what) })
	}
	switch {
	case err == nil:
		return "", errors.New("the test passes")
	case find("[build failed]") >= 0, find("[setup failed]") >= 0:
		return "", fmt.Errorf("it does not compile: %s", strings.Join(lines[:min(3, len(lines))], "; "))
	case find("--- FAIL: ") >= 0:
		if why := reason(lines); why != "" {
			return strings.TrimSpace(strings.Split(lines[find("--- FAIL: ")], "(")[0]) + ": " + why, nil
		}
		return "", errors.New("the test says nothing but that it did too little (void)")
	case find("panic: ") >= 0:
		return lines[find("panic: ")], nil
	}
	return "", fmt.Errorf("go test: %w: %s", err, strings.Join(lines[max(0, len(lines)-3):], "; "))
}

// reason is the first thing that a test complained of, or "" if the run was merely
// void.
func reason(lines []string) string {
	for _, l := range lines {
		_, said, ok := strings.Cut(l, "_test.go:")
		_, said, _ = strings.Cut(said, ": ")
		aside := strings.HasPrefix(said, "void: ") || strings.HasPrefix(said, "saved: ") || strings.Contains(said, " leader changes, ")
		if ok && !aside {
			return said[:min(100, len(said))]
		}
	}
	return ""
}
