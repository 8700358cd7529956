// Package lint finds what is wrong with a rule though its form is right: what it
// names is gone, nobody can take what it assigns, it is never reached, it goes round.
//
// It is a function of a state, a rule and what a node is told by its configuration
// (World). It changes nothing, knows no clock but the state's and speaks to nobody.
// It never guesses: an error is certain as far as the state goes, and a test that
// would not be certain is not made. What the form of a rule must be is judged by
// package fsm, before anything is asked here.
//
// Read this file first, then walk.go (through a rule, with pointers), and the tests
// in the order in which they are asked: references.go, people.go (who can take it),
// flow.go (jumps and loops), conditions.go with implied.go (what can hold), order.go
// (which rules hide each other), steps.go, rounds.go, cover.go (hours).
package lint

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/rondohq/rondo/fsm"
)

// MaxFindings is how many are returned of one rule, errors first; tested.
const MaxFindings = 100

// A Severity says whether a rule may be published.
type Severity string

// The severities. With an error a rule cannot do what it says; with a warning it may
// do what nobody expects.
const (
	Error   Severity = "error"
	Warning Severity = "warning"
)

// A Finding is one thing that is wrong, and what to do about it.
type Finding struct {
	Severity Severity   `json:"severity"`
	Code     Code       `json:"code"`
	Rule     fsm.RuleID `json:"rule"`
	Pointer  string     `json:"pointer"` // of the node in the rule, such as /steps/0/assign/team
	Detail   string     `json:"detail"`
}

// A World is what a node knows besides the state.
type World struct {
	// Schedule returns what a schedule says for the weeks to come. nil: no rule can
	// name any.
	Schedule func(fsm.ScheduleID) (Schedule, bool)

	// WebhookAllowed says whether the node may call a URL. nil: it may call none.
	WebhookAllowed func(url string) bool
}

// A judge is one look at one rule.
type judge struct {
	state  *fsm.State
	world  World
	id     fsm.RuleID
	handle fsm.RuleHandle // 0: it is not in the state yet
	place  uint32
	body   fsm.RuleBody
	found  []Finding
}

// Rule returns what is wrong with a rule, if body were in force under this id at the
// place that it has, or behind all others. The body has passed the check of its form.
// Any goroutine may call it with a state that nobody changes.
func Rule(s *fsm.State, id fsm.RuleID, body fsm.RuleBody, world World) []Finding {
	j := &judge{state: s, world: world, id: id, place: math.MaxUint32, body: body}
	if row, ok := s.Rules.ByID(id); ok && !row.Removed {
		j.handle, j.place = row.Handle, row.Place
	}
	for _, ask := range []func(*judge){
		references, zones, targets, agents, fallbackCycles, ruleCycles, flow, conditions, order, snoozes, rounds, webhooks, owned, cover,
	} {
		ask(j)
	}
	slices.SortStableFunc(j.found, func(a, b Finding) int { return cmp.Compare(rank(a.Severity), rank(b.Severity)) })
	return j.found[:min(len(j.found), MaxFindings)]
}

func rank(s Severity) int {
	if s == Error {
		return 0
	}
	return 1
}

// Errors counts the findings that keep a rule from being published.
func Errors(found []Finding) (n int) {
	for _, f := range found {
		if f.Severity == Error {
			n++
		}
	}
	return n
}

func (j *judge) add(severity Severity, code Code, pointer, format string, args ...any) {
	f := Finding{severity, code, j.id, pointer, fmt.Sprintf(format, args...)}
	if !slices.Contains(j.found, f) {
		j.found = append(j.found, f)
	}
}

func (j *judge) err(code Code, pointer, format string, args ...any) {
	j.add(Error, code, pointer, format, args...)
}

func (j *judge) warn(code Code, pointer, format string, args ...any) {
	j.add(Warning, code, pointer, format, args...)
}
