package conformance

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A rule is one kind of line: a pattern, and what it does.
type rule struct {
	pattern string
	looks   bool // whether it only looks ("then"); such a line may wait until it holds
	run     func(context.Context, *world, []string) error

	compiled *regexp.Regexp
}

// words are what patterns may hold in braces.
var words = map[string]string{
	"list":   `(.+?)`,     // names, with commas or "and" between
	"name":   `([^,]+?)`,  // one name, which may have blanks
	"word":   `(\S+)`,     // no blank
	"n":      `(\d+|an?)`, // a number; "a" is one
	"status": `(available|away|in break|unavailable)`,
	"conv":   `(it|conversation \d+)`,                    // "it" is the newest
	"convs":  `(nothing|\d+(?:(?:, | and |, and )\d+)*)`, // numbers of conversations
}

// rules is the whole grammar.
var rules = compile(slices.Concat(givenRules, capacityRules, offerRules, whenRules, contactRules, talkRules, thenRules, queueRules, toldRules, ruleRules))

func compile(list []rule) []*rule {
	var all []*rule
	for _, r := range list {
		pattern := r.pattern
		for word, expression := range words {
			pattern = strings.ReplaceAll(pattern, "{"+word+"}", expression)
		}
		r.compiled = regexp.MustCompile("^" + pattern + "$")
		all = append(all, &r)
	}
	return all
}

// waits is the beginning of a line that may need a moment to become true.
var waits = regexp.MustCompile(`^within (\d+) seconds (.+)$`)

// understand finds the one rule for a line, without its first word.
func understand(text string) (*rule, []string, error) {
	if m := waits.FindStringSubmatch(text); m != nil {
		inner, args, err := understand(m[2])
		if err != nil {
			return nil, nil, err
		}
		seconds, err := strconv.Atoi(m[1])
		if err != nil || !inner.looks {
			return nil, nil, fmt.Errorf(`"within %s seconds" goes with what looks only`, m[1])
		}
		return &rule{pattern: inner.pattern, looks: true, run: patiently(inner.run, time.Duration(seconds)*time.Second)}, args, nil
	}
	var found *rule
	var args []string
	for _, r := range rules {
		m := r.compiled.FindStringSubmatch(text)
		switch {
		case m == nil:
		case found != nil:
			return nil, nil, fmt.Errorf("%q can be read in two ways: %q and %q", text, found.pattern, r.pattern)
		default:
			found, args = r, m[1:]
		}
	}
	if found == nil {
		return nil, nil, fmt.Errorf("no step is written %q", text)
	}
	return found, args, nil
}

// lookAgainAfter is the pause of a step that waits for something to become true.
const lookAgainAfter = 100 * time.Millisecond

// patiently looks until it is so, and returns what was wrong at the last look.
func patiently(look func(context.Context, *world, []string) error, limit time.Duration) func(context.Context, *world, []string) error {
	return func(ctx context.Context, w *world, args []string) error {
		deadline := time.Now().Add(limit)
		for {
			err := look(ctx, w, args)
			if err == nil || time.Now().After(deadline) {
				return err
			}
			timer := time.NewTimer(lookAgainAfter)
			select {
			case <-ctx.Done():
				timer.Stop()
				return err
			case <-timer.C:
			}
		}
	}
}

var between = regexp.MustCompile(`, and |, | and `)

// names splits "A, B and C". "nobody" and "nothing" are none.
func names(list string) []string {
	if list == "nobody" || list == "nothing" {
		return nil
	}
	return between.Split(list, -1)
}

// number reads what {n} matches.
func number(text string) int {
	n, err := strconv.Atoi(text)
	if err != nil {
		return 1 // "a" or "an"
	}
	return n
}
