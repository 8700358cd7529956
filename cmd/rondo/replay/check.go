package replay

import (
	"cmp"
	"fmt"
	"slices"
)

// ViolationsShown is how many violations of one check are kept in full; the others
// are counted.
const ViolationsShown = 10

// The names of the checks, for machines. They do not change.
const (
	DecidedOnce    = "decided_once"
	StrictOrder    = "strict_order"
	RingOrder      = "ring_order"
	WindowFairness = "windowed_fairness"
)

// Words of the API that the checks look for.
const (
	kindRotation    = "rotation"
	kindWaiting     = "waiting"
	stateWaiting    = "waiting"
	statusClosed    = "closed"
	reasonNotThere  = "unavailable"
	passedOverShown = 32
)

// A Violation is one place where a promise was broken.
type Violation struct {
	Decision string `json:"decision,omitempty"`
	Ticket   string `json:"ticket,omitempty"`
	Detail   string `json:"detail"`
}

// A Check is one promise and whether it was kept.
type Check struct {
	Name       string      `json:"name"`
	Promise    string      `json:"promise"`
	OK         bool        `json:"ok"`
	Examined   string      `json:"examined"` // what was looked at, for people
	Violations int         `json:"violations"`
	First      []Violation `json:"first"` // the first ViolationsShown
}

func newCheck(name, promise string) *Check {
	return &Check{Name: name, Promise: promise, OK: true, First: []Violation{}}
}

func (c *Check) violate(decision, ticket, format string, args ...any) {
	c.OK = false
	c.Violations++
	if len(c.First) < ViolationsShown {
		c.First = append(c.First, Violation{decision, ticket, fmt.Sprintf(format, args...)})
	}
}

// Findings are what a history comes to.
type Findings struct {
	Checks        []*Check
	Assigned      map[string]int     // turns by agent
	FairShare     map[string]float64 // of each turn taken while she was eligible: 1 / all who were
	Waiting       []string           // tickets that still wait
	ClosedWaiting []string           // tickets that were closed before anybody could take them
}

// OK says whether all promises were kept.
func (f *Findings) OK() bool {
	return !slices.ContainsFunc(f.Checks, func(c *Check) bool { return !c.OK })
}

// Examine checks a history. It is pure and asks nobody: the only things it takes
// from the cluster are the records themselves.
func Examine(h History) *Findings {
	f := &Findings{Assigned: map[string]int{}, FairShare: map[string]float64{}, Waiting: []string{}, ClosedWaiting: []string{}}
	moments, ring := checkRing(h)
	f.Checks = []*Check{checkDecided(h, f), checkOrder(h), ring, checkFairness(h, moments, f)}
	return f
}

// checkDecided: every ticket decided exactly once, none lost, none repeated, and
// the one who has it is the one who was chosen.
func checkDecided(h History, f *Findings) *Check {
	check := newCheck(DecidedOnce, "every ticket decided exactly once")
	known := make(map[string]bool, len(h.Tickets))
	for _, t := range h.Tickets {
		if known[t.ID] {
			check.violate("", t.ID, "the ticket stands twice in the history")
		}
		known[t.ID] = true
	}
	of := make(map[string][]Decision, len(h.Tickets))
	for _, d := range h.Decisions {
		if !known[d.Conversation] {
			check.violate(d.ID, d.Conversation, "a decision about a ticket that the replay did not open")
		}
		of[d.Conversation] = append(of[d.Conversation], d)
	}
	for _, t := range h.Tickets {
		checkTicket(check, t, of[t.ID], f)
	}
	check.Examined = fmt.Sprintf("%s, %d still waiting, %d closed while waiting", count(len(h.Tickets), "ticket"), len(f.Waiting), len(f.ClosedWaiting))
	return check
}

func checkTicket(check *Check, t Ticket, decisions []Decision, f *Findings) {
	var chosen *Decision
	turns, waits, answered := 0, 0, false
	for i, d := range decisions {
		if d.ID == t.Answer.Decision {
			answered = true
			if d.Assignee != t.Answer.Assignee {
				check.violate(d.ID, t.ID, "its opening was answered with %s, the record says %s", name(t.Answer.Assignee), name(d.Assignee))
			}
		}
		switch {
		case d.ConsumedTurn && d.Assignee != "":
			turns++
			chosen = &decisions[i]
		case d.Kind == kindWaiting:
			if waits++; waits > 1 {
				check.violate(d.ID, t.ID, "the ticket begins to wait for the second time")
			} else if turns > 0 {
				check.violate(d.ID, t.ID, "the ticket waits although it had been decided")
			}
		default:
			check.violate(d.ID, t.ID, "a decision of kind %q for %s without a turn: nothing in a replay asks for one", d.Kind, name(d.Assignee))
		}
	}
	if !answered {
		check.violate(t.Answer.Decision, t.ID, "the decision that the answer to its opening named is not among the records")
	}
	if turns > 1 {
		check.violate(chosen.ID, t.ID, "the ticket was decided %d times", turns)
	}
	if t.End == nil {
		check.violate("", t.ID, "the ticket is lost: the cluster does not know it")
		return
	}
	switch {
	case chosen != nil && t.End.Assignee != chosen.Assignee:
		check.violate(chosen.ID, t.ID, "%s was chosen, but %s has it in the end", name(chosen.Assignee), name(t.End.Assignee))
	case chosen != nil:
	case t.End.Assignee != "":
		check.violate("", t.ID, "%s has it in the end, but no decision gave it to anybody", name(t.End.Assignee))
	case waits > 0 && t.Closed == nil && t.End.State == stateWaiting:
		f.Waiting = append(f.Waiting, t.ID)
	case waits > 0 && t.Closed != nil && t.End.Status == statusClosed:
		f.ClosedWaiting = append(f.ClosedWaiting, t.ID)
	default:
		check.violate("", t.ID, "the ticket is lost: nobody was chosen and it does not wait (status %q, assignment %q)", t.End.Status, t.End.State)
	}
	if closed := t.Closed != nil; closed != (t.End.Status == statusClosed) {
		check.violate("", t.ID, "in the end its status is %q, and the replay closed it: %v", t.End.Status, closed)
	}
}

// checkOrder: one strict order, and no decision outside the time in which it can
// have been asked for.
func checkOrder(h History) *Check {
	check := newCheck(StrictOrder, "strictly increasing order")
	var last place
	for i, d := range h.Decisions {
		p, ok := parsePlace(d.ID)
		switch {
		case !ok:
			check.violate(d.ID, d.Conversation, "the id is not INDEX.N")
			continue
		case i > 0 && !last.before(p):
			check.violate(d.ID, d.Conversation, "it comes after %d.%d in the list but not in the order", last.index, last.n)
		}
		last = p
	}
	opened := make(map[string]bool, len(h.Tickets))
	spans := make(map[string]Span, len(h.Tickets))
	for _, t := range h.Tickets {
		spans[t.ID] = t.Opened
	}
	for _, d := range h.Decisions {
		span, ok := spans[d.Conversation]
		p, parsed := parsePlace(d.ID)
		if !ok || !parsed || opened[d.Conversation] {
			continue
		}
		opened[d.Conversation] = true
		if !span.maybe(p.index) {
			check.violate(d.ID, d.Conversation, "decided at index %d, but it was sent only after index %d had been answered", p.index, span.After)
		}
		if span.surely(p.index) {
			check.violate(d.ID, d.Conversation, "first decided at index %d, but its answer came from index %d", p.index, span.By)
		}
	}
	check.Examined = count(len(h.Decisions), "decision")
	return check
}

// ordered returns the decisions that have a place, in their order.
func ordered(decisions []Decision) []placed {
	list := make([]placed, 0, len(decisions))
	for _, d := range decisions {
		if p, ok := parsePlace(d.ID); ok {
			list = append(list, placed{d, p})
		}
	}
	slices.SortStableFunc(list, func(a, b placed) int {
		return cmp.Or(cmp.Compare(a.index, b.index), cmp.Compare(a.n, b.n))
	})
	return list
}

type placed struct {
	Decision
	place
}

// name writes an agent's id, or that there is none.
func name(agent string) string {
	if agent == "" {
		return "nobody"
	}
	return agent
}
