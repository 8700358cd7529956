package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// An event is one line of go test -json (go doc test2json).
type event struct {
	Action      string
	Package     string
	ImportPath  string // of build-output and build-fail
	Test        string
	Output      string
	Elapsed     float64 // seconds
	FailedBuild string
}

type result int

const (
	resultNone result = iota // still running
	resultPassed
	resultFailed
	resultSkipped
)

// A test is a test, a subtest or a step of the caller.
type test struct {
	name   string
	result result
	output []string // dropped when it has passed
	notes  []string // its lines that begin with SKIPPED:
}

// A pkg is what is known of a package under test.
type pkg struct {
	name   string
	tests  map[string]*test
	order  []*test
	output []string // outside of any test
	result result
}

// detectorDied is what the race detector prints when an assertion of its own run
// time has failed: it ends the program, and says nothing about the tests in it. A
// race that it finds reads "WARNING: DATA RACE" instead.
const detectorDied = "ThreadSanitizer: CHECK failed"

// A report collects the events of a run.
type report struct {
	packages map[string]*pkg
	steps    []*test
	builds   map[string][]string // compiler output by import path
	counts   [resultSkipped + 1]int
	skipped  []string // "package test: reason"
	void     []*pkg   // ended by detectorDied, and not run again so far
	ran      bool     // a package was seen
}

func newReport() *report {
	return &report{packages: map[string]*pkg{}, builds: map[string][]string{}}
}

func (r *report) addStep(name string, result result) {
	r.steps = append(r.steps, &test{name: name, result: result})
	r.counts[result]++
	if result == resultSkipped {
		r.skipped = append(r.skipped, name)
	}
}

// read takes events up to the end of in and prints each package as it ends. A
// line that is no event is passed through: it is go's own word.
func (r *report) read(in io.Reader, out io.Writer) error {
	for lines := bufio.NewReader(in); ; {
		line, err := lines.ReadString('\n')
		if line != "" {
			var e event
			if json.Unmarshal([]byte(line), &e) != nil || e.Action == "" {
				fmt.Fprintln(out, strings.TrimSuffix(line, "\n"))
			} else {
				r.take(e, out)
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func (r *report) take(e event, out io.Writer) {
	if e.Action == "build-output" {
		r.builds[e.ImportPath] = append(r.builds[e.ImportPath], e.Output)
		return
	}
	if e.Package == "" {
		return
	}
	r.ran = true
	p := r.pkg(e.Package)
	if e.Test == "" {
		r.takeOfPackage(p, e, out)
		return
	}
	t := p.test(e.Test)
	switch e.Action {
	case "output":
		t.output = append(t.output, e.Output)
		if note := strings.TrimSpace(e.Output); strings.HasPrefix(note, "SKIPPED:") {
			t.notes = append(t.notes, note)
		}
	case "pass":
		t.result = resultPassed
		t.output = nil
	case "fail":
		t.result = resultFailed
	case "skip":
		t.result = resultSkipped
	}
}

func (r *report) takeOfPackage(p *pkg, e event, out io.Writer) {
	switch e.Action {
	case "output":
		p.output = append(p.output, e.Output)
		return
	case "pass":
		p.result = resultPassed
	case "fail":
		p.result = resultFailed
	case "skip":
		p.result = resultSkipped // it has no tests
	default:
		return
	}
	delete(r.packages, p.name)
	r.void = slices.DeleteFunc(r.void, func(v *pkg) bool { return v.name == p.name })
	if p.isVoid() {
		r.void = append(r.void, p)
		fmt.Fprintf(out, "VOID %s %.1fs: the race detector itself died, and the package counts as it runs again\n", p.name, e.Elapsed)
		return
	}
	r.end(p, e.Elapsed, r.builds[e.FailedBuild], out)
}

// isVoid says whether the race detector, and no test, has ended p. A test that had
// failed before makes it a failure like any other.
func (p *pkg) isVoid() bool {
	said := func(lines []string) bool {
		return slices.ContainsFunc(lines, func(line string) bool { return strings.HasPrefix(line, detectorDied) })
	}
	died := said(p.output)
	for _, t := range p.order {
		if t.result == resultFailed {
			return false
		}
		died = died || said(t.output)
	}
	return p.result == resultFailed && died
}

func (r *report) pkg(name string) *pkg {
	if r.packages[name] == nil {
		r.packages[name] = &pkg{name: name, tests: map[string]*test{}}
	}
	return r.packages[name]
}

func (p *pkg) test(name string) *test {
	if p.tests[name] == nil {
		p.tests[name] = &test{name: name}
		p.order = append(p.order, p.tests[name])
	}
	return p.tests[name]
}

// count adds the tests of p to the report. A test that never ended has failed,
// and so has a package that fails without a failing test: it did not build, or
// ended early. A test that passed but printed SKIPPED: has left something out,
// which counts as one skipped besides.
func (r *report) count(p *pkg) (counts [resultSkipped + 1]int) {
	for _, t := range p.order {
		if t.result == resultNone {
			t.result = resultFailed
			t.output = append(t.output, "did not end\n")
		}
		counts[t.result]++
		switch {
		case t.result == resultSkipped:
			r.skipped = append(r.skipped, p.name+" "+t.name+": "+reasonOf(t.output))
		case len(t.notes) > 0:
			counts[resultSkipped] += len(t.notes)
			for _, note := range t.notes {
				r.skipped = append(r.skipped, p.name+" "+t.name+": "+strings.TrimSpace(strings.TrimPrefix(note, "SKIPPED:")))
			}
		}
	}
	// What TestMain prints belongs to no test.
	for _, line := range p.output {
		if note, ok := strings.CutPrefix(strings.TrimSpace(line), "SKIPPED:"); ok {
			counts[resultSkipped]++
			r.skipped = append(r.skipped, p.name+": "+strings.TrimSpace(note))
		}
	}
	if p.result == resultFailed && counts[resultFailed] == 0 {
		counts[resultFailed] = 1
	}
	for result, n := range counts {
		r.counts[result] += n
	}
	return counts
}

// reasonOf finds the words of t.Skip in what the test has printed.
func reasonOf(output []string) string {
	var words []string
	for _, line := range output {
		line = strings.TrimSpace(line)
		switch {
		case line == "", strings.HasPrefix(line, "=== "), strings.HasPrefix(line, "--- SKIP"):
		default:
			words = append(words, line)
		}
	}
	if len(words) == 0 {
		return "no reason given"
	}
	return strings.Join(words, " ")
}
