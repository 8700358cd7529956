package conformance

import (
	"embed"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

//go:embed cases
var caseFiles embed.FS

// Verdict says how Rondo stands to a case of the catalogue.
type Verdict string

const (
	AsIs     Verdict = "as is"      // holds as the catalogue words it
	AnOption Verdict = "an option"  // holds with the setting that the case sets
	Differs  Verdict = "differs"    // Rondo does otherwise, and the case shows what
	CanNot   Verdict = "cannot be"  // cannot arise in Rondo's design; nothing to run
	NotNow   Verdict = "not now"    // Rondo does without it; nothing to run
	Later    Verdict = "later"      // belongs to what is not built yet; nothing to run
	OnlyTest Verdict = "transcript" // needs what a live cluster cannot give; a test of ours shows it
)

var notRunVerdicts = []Verdict{CanNot, NotNow, Later, OnlyTest}

var verdicts = []Verdict{AsIs, AnOption, Differs, CanNot, NotNow, Later, OnlyTest}

// A Case is one entry of the catalogue, K1 and so on, or shows a requirement that
// none of those does, and has its id, S1.10. It does not change once loaded.
type Case struct {
	ID      string // K7, S1.10
	Title   string
	Verdict Verdict
	Reason  string // of every verdict but the first two: why, or what it waits for
	Text    string // the file as written; empty for cases without a file of their own
	steps   []step
}

// Runs says whether the case has steps to run.
func (c *Case) Runs() bool { return len(c.steps) > 0 }

// A step is one line of a case, understood.
type step struct {
	line int
	text string // as written, with its first word
	rule *rule
	args []string
}

// firstLine is a case's name and title; a verdict line is "verdict differs: why".
var firstLine = regexp.MustCompile(`^(K\d+|S\d\.\d+) {2}(\S.*)$`)

// Catalogue returns all cases: K1 and so on by their numbers, then S1.10 and so on. An error names the
// file and the line that is wrong.
func Catalogue() ([]*Case, error) {
	names, err := fs.Glob(caseFiles, "cases/*.txt")
	if err != nil {
		return nil, fmt.Errorf("list the cases: %w", err)
	}
	var list []*Case
	for _, name := range names {
		text, err := caseFiles.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("read the case %s: %w", name, err)
		}
		if name == notRunFile {
			idle, err := parseNotRun(name, string(text))
			if err != nil {
				return nil, err
			}
			list = append(list, idle...)
			continue
		}
		c, err := parseCase(name, string(text))
		if err != nil {
			return nil, err
		}
		list = append(list, c)
	}
	slices.SortFunc(list, func(a, b *Case) int { return a.number() - b.number() })
	for i := range list[1:] {
		if list[i].ID == list[i+1].ID {
			return nil, fmt.Errorf("%s stands in two places of the catalogue", list[i].ID)
		}
	}
	return list, nil
}

// number is what cases are sorted by.
func (c *Case) number() int {
	const sources = 1_000_000 // beyond every K
	part := func(digits string) int {
		n, err := strconv.Atoi(digits)
		if err != nil {
			return 0 // firstLine admits digits only; what overflows sorts first
		}
		return n
	}
	if number, found := strings.CutPrefix(c.ID, "K"); found {
		return part(number)
	}
	source, row, _ := strings.Cut(c.ID[1:], ".")
	return sources*part(source) + part(row)
}

// parseCase reads one file. Its steps begin with given, when, then or and.
func parseCase(file, text string) (*Case, error) {
	c := &Case{Verdict: AsIs, Text: text}
	bad := func(line int, format string, args ...any) error {
		return fmt.Errorf("%s:%d: %s", file, line, fmt.Sprintf(format, args...))
	}
	before := ""
	for i, line := range strings.Split(strings.TrimRight(text, "\n"), "\n") {
		word, rest, _ := strings.Cut(line, " ")
		switch {
		case i == 0:
			head := firstLine.FindStringSubmatch(line)
			if head == nil {
				return nil, bad(1, `the first line must be like "K7  what it is about", with two blanks`)
			}
			c.ID, c.Title = head[1], head[2]
			if file != "cases/"+c.ID+".txt" {
				return nil, bad(1, "the file of %s must be called cases/%s.txt", c.ID, c.ID)
			}
		case strings.TrimSpace(line) == "" || strings.HasPrefix(line, "#"):
		case word == "verdict":
			if before != "" {
				return nil, bad(i+1, "the verdict stands above the steps")
			}
			if err := c.judge(rest); err != nil {
				return nil, bad(i+1, "%v", err)
			}
		case word == "given" || word == "when" || word == "then" || word == "and" && before != "":
			found, args, err := understand(rest)
			if err != nil {
				return nil, bad(i+1, "%v", err)
			}
			if word == "and" {
				word = before
			}
			if found.looks != (word == "then") {
				return nil, bad(i+1, "%q does not go with %q: given and when change something, then looks", rest, word)
			}
			before = word
			c.steps = append(c.steps, step{i + 1, line, found, args})
		default:
			return nil, bad(i+1, "a step begins with given, when, then or and (after one of those), not with %q", word)
		}
	}
	if len(c.steps) == 0 || before != "then" {
		return nil, bad(1, "a case must have steps, and end by looking at something")
	}
	return c, nil
}

func (c *Case) judge(text string) error {
	name, reason, _ := strings.Cut(text, ": ")
	if !slices.Contains(verdicts, Verdict(name)) {
		return fmt.Errorf("the verdict %q is not known; there are %q", name, verdicts)
	}
	c.Verdict, c.Reason = Verdict(name), reason
	if c.Reason == "" && c.Verdict != AsIs && c.Verdict != AnOption {
		return fmt.Errorf("the verdict %q needs its reason, after a colon", name)
	}
	return nil
}

// notRunFile lists the cases with nothing to run: "K24  cannot be: why".
const notRunFile = "cases/not_run.txt"

func parseNotRun(file, text string) ([]*Case, error) {
	var list []*Case
	for i, line := range strings.Split(strings.TrimRight(text, "\n"), "\n") {
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		head := firstLine.FindStringSubmatch(line)
		if head == nil {
			return nil, fmt.Errorf(`%s:%d: a line must be like "K24  cannot be: why", with two blanks`, file, i+1)
		}
		c := &Case{ID: head[1]}
		title, verdict, found := strings.Cut(head[2], " | ")
		if !found {
			return nil, fmt.Errorf(`%s:%d: write the title, " | ", the verdict and its reason`, file, i+1)
		}
		c.Title = title
		if err := c.judge(verdict); err != nil {
			return nil, fmt.Errorf("%s:%d: %w", file, i+1, err)
		}
		if !slices.Contains(notRunVerdicts, c.Verdict) {
			return nil, fmt.Errorf("%s:%d: a case that is %q has steps: give it a file", file, i+1, c.Verdict)
		}
		list = append(list, c)
	}
	return list, nil
}

// Pick returns the cases with these names ("K7"), in their order, or all for none.
func Pick(list []*Case, names []string) ([]*Case, error) {
	if len(names) == 0 {
		return list, nil
	}
	var picked []*Case
	for _, name := range names {
		at := slices.IndexFunc(list, func(c *Case) bool { return strings.EqualFold(c.ID, name) })
		if at < 0 {
			return nil, fmt.Errorf("there is no case %q; rondo conformance --list shows them", name)
		}
		if !slices.Contains(picked, list[at]) {
			picked = append(picked, list[at])
		}
	}
	return picked, nil
}
