package conformance

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"

	"github.com/mattn/go-isatty"
)

// line is a result as people read it: a line, and more below a failure.
func (r Result) line() string {
	var b strings.Builder
	if r.Outcome == NotRun {
		why := r.Case.why()
		if r.Case.Runs() {
			why = "interrupted"
		}
		fmt.Fprintf(&b, "%-5s -           - %s (%s)\n", r.Case.ID, r.Case.Title, why)
	} else {
		fmt.Fprintf(&b, "%-5s %s %8.2fs %s\n", r.Case.ID, r.Outcome, r.Took.Seconds(), r.Case.Title)
	}
	if f := r.Failure; f != nil && r.Outcome == Failed {
		fmt.Fprintf(&b, "      %s: %s\n", f.At, f.Step)
		if f.Expected != "" {
			fmt.Fprintf(&b, "        expected  %s\n", f.Expected)
		}
		fmt.Fprintf(&b, "        got       %s\n", indented(f.Got))
		for _, d := range f.Decisions {
			fmt.Fprintf(&b, "        %s\n", d)
		}
		fmt.Fprintf(&b, "        its ids begin with %s\n", r.Prefix)
	}
	for _, left := range r.Left {
		fmt.Fprintf(&b, "      left behind: %s\n", indented(left))
	}
	return b.String()
}

func indented(text string) string { return strings.ReplaceAll(text, "\n", "\n                  ") }

// why says what a case is, beside its title: its verdict and the reason.
func (c *Case) why() string {
	if c.Reason == "" {
		return string(c.Verdict)
	}
	return string(c.Verdict) + ": " + c.Reason
}

// countLine is the last line.
func countLine(results []Result) string {
	counts := count(results)
	return fmt.Sprintf("%d passed, %d failed, %d not run\n", counts[Passed], counts[Failed], counts[NotRun])
}

func count(results []Result) map[Outcome]int {
	counts := map[Outcome]int{}
	for _, r := range results {
		counts[r.Outcome]++
	}
	return counts
}

// A resultView is a result as programs read it.
type resultView struct {
	ID      string   `json:"id"`
	Title   string   `json:"title"`
	Verdict Verdict  `json:"verdict"`
	Reason  *string  `json:"reason"`
	Outcome Outcome  `json:"outcome"`
	Seconds float64  `json:"seconds"`
	Prefix  *string  `json:"prefix"`
	Failure *Failure `json:"failure"`
	Left    []string `json:"left_behind"`
}

func writeJSON(out io.Writer, results []Result) error {
	shown := struct {
		Passed int          `json:"passed"`
		Failed int          `json:"failed"`
		NotRun int          `json:"not_run"`
		Cases  []resultView `json:"cases"`
	}{Cases: []resultView{}}
	counts := count(results)
	shown.Passed, shown.Failed, shown.NotRun = counts[Passed], counts[Failed], counts[NotRun]
	for _, r := range results {
		shown.Cases = append(shown.Cases, resultView{
			ID: r.Case.ID, Title: r.Case.Title, Verdict: r.Case.Verdict, Reason: orNull(r.Case.Reason), Outcome: r.Outcome,
			Seconds: r.Took.Seconds(), Prefix: orNull(r.Prefix), Failure: r.Failure, Left: append([]string{}, r.Left...),
		})
	}
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(shown)
}

func orNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// A progress says on a terminal which case runs; elsewhere it says nothing, since
// the lines of the cases do.
type progress struct {
	mu    sync.Mutex
	out   io.Writer // nil: no terminal
	total int
	begun int
}

func newProgress(w io.Writer, total int) *progress {
	p := &progress{total: total}
	if file, ok := w.(*os.File); ok && isatty.IsTerminal(file.Fd()) {
		p.out = w
	}
	return p
}

// clear is how a terminal forgets the line it is on.
const clear = "\r\x1b[K"

func (p *progress) show(c *Case) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.begun++
	if p.out != nil {
		fmt.Fprintf(p.out, "%s%d of %d: %s %s", clear, p.begun, p.total, c.ID, c.Title) //nolint:errcheck // nobody is left to tell
	}
}

func (p *progress) hide() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.out != nil {
		fmt.Fprint(p.out, clear) //nolint:errcheck // nobody is left to tell
	}
}
