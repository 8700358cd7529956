// Command testreport reads what "go test -json" writes and prints it for people:
// a line for each package, failures in full, skipped tests with their reasons,
// and the closing line "N passed, N failed, N skipped". It does not run tests;
// scripts/test does, and pipes into it.
//
// Read main.go for the command, then report.go (what is counted), then print.go.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
)

func main() {
	ok, err := run(os.Args[1:], os.Stdin, os.Stdout)
	if err != nil {
		fmt.Fprintln(os.Stderr, "testreport:", err)
		os.Exit(2)
	}
	if !ok {
		os.Exit(1)
	}
}

// listFlag is a flag that may be given many times.
type listFlag []string

func (l *listFlag) String() string { return strings.Join(*l, ", ") }

func (l *listFlag) Set(value string) error {
	*l = append(*l, value)
	return nil
}

// run says whether all is well: nothing failed, something ran and, if strict,
// nothing was skipped.
func run(args []string, in io.Reader, out io.Writer) (ok bool, err error) {
	flags := flag.NewFlagSet("testreport", flag.ContinueOnError)
	flags.SetOutput(out)
	strict := flags.Bool("strict", false, "a skipped test is a failure")
	var passed, failed, skipped listFlag
	flags.Var(&passed, "passed", "count `step` of the caller as passed")
	flags.Var(&failed, "failed", "count `step` of the caller as failed")
	flags.Var(&skipped, "skipped", "count `step: reason` of the caller as skipped")
	if err := flags.Parse(args); err != nil {
		return false, err
	}
	if flags.NArg() > 0 {
		return false, errors.New("takes no arguments: go test -json ... | testreport")
	}

	r := newReport()
	for _, step := range passed {
		r.addStep(step, resultPassed)
	}
	for _, step := range failed {
		r.addStep(step, resultFailed)
	}
	for _, step := range skipped {
		r.addStep(step, resultSkipped)
	}
	if err := r.read(in, out); err != nil {
		return false, fmt.Errorf("read test events: %w", err)
	}
	return r.close(out, *strict), nil
}
