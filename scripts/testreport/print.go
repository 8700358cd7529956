package main

import (
	"fmt"
	"io"
	"strings"
)

// end prints a package that is through: one line when all is well, else all that
// its failed tests have said.
func (r *report) end(p *pkg, seconds float64, build []string, out io.Writer) {
	failed := p.result == resultFailed
	counts := r.count(p)
	if !failed && counts[resultFailed] == 0 {
		if len(p.order) == 0 && counts[resultSkipped] == 0 {
			fmt.Fprintf(out, "     %s (no tests)\n", p.name)
			return
		}
		fmt.Fprintf(out, "ok   %s %.1fs (%s)\n", p.name, seconds, countsLine(counts))
		return
	}
	fmt.Fprintf(out, "FAIL %s %.1fs (%s)\n", p.name, seconds, countsLine(counts))
	for _, line := range build {
		fmt.Fprint(out, line)
	}
	for _, t := range p.order {
		if t.result == resultFailed {
			printLines(out, t.output)
		}
	}
	printLines(out, p.output)
}

func printLines(out io.Writer, lines []string) {
	for _, line := range lines {
		said := strings.TrimSpace(line)
		if strings.HasPrefix(line, "=== ") || strings.HasPrefix(line, "FAIL\t") || said == "FAIL" || said == "PASS" {
			continue // the line above the failures says it
		}
		fmt.Fprint(out, strings.TrimSuffix(line, "\n"), "\n")
	}
}

// close prints the packages that never ended, those that are void still, what was skipped, and the closing
// line, and says whether all is well.
func (r *report) close(out io.Writer, strict bool) bool {
	for _, p := range r.packages {
		p.result = resultFailed
		p.output = append(p.output, "go test ended before the package did\n")
		r.end(p, 0, nil, out)
	}
	for _, p := range r.void {
		r.end(p, 0, nil, out)
	}
	for _, step := range r.steps {
		if step.result == resultFailed {
			fmt.Fprintf(out, "FAIL %s (see above)\n", step.name)
		}
	}
	if !r.ran {
		fmt.Fprintln(out, "FAIL go test reported no package (see above)")
		r.counts[resultFailed]++
	}
	if len(r.skipped) > 0 {
		fmt.Fprintln(out, "\nskipped:")
		for _, s := range r.skipped {
			fmt.Fprintln(out, "  "+s)
		}
	}
	ok := r.counts[resultFailed] == 0
	if strict && r.counts[resultSkipped] > 0 {
		ok = false
		fmt.Fprintln(out, "\nstrict: a skipped test is a failure here; provide what it needs and run again")
	}
	fmt.Fprintf(out, "\n%s\n", countsLine(r.counts))
	return ok
}

func countsLine(counts [resultSkipped + 1]int) string {
	return fmt.Sprintf("%d passed, %d failed, %d skipped", counts[resultPassed], counts[resultFailed], counts[resultSkipped])
}
