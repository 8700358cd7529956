package replay

import (
	"fmt"
	"slices"
)

// A moment is one thing that happened, in the order in which it must have: a
// change of presence, or a turn. Fairness is counted over moments.
type moment struct {
	agent     int  // index in the ring
	turn      bool // she took a turn; otherwise her presence changed
	available bool
}

// A ring is the checker's own idea of a team: who stands where, who may be picked,
// who took the last turn, who waits.
type ring struct {
	order    []string
	at       map[string]int
	eligible []bool
	count    int // of the eligible
	cursor   int // index of who took the last turn; -1 at the top
	queue    []string
	waiting  map[string]bool
	closed   map[string]Span // of tickets that are closed at some time
}

func newRing(h History) *ring {
	r := &ring{order: h.Ring, at: map[string]int{}, eligible: make([]bool, len(h.Ring)), cursor: -1,
		waiting: map[string]bool{}, closed: map[string]Span{}}
	for i, agent := range h.Ring {
		r.at[agent] = i
	}
	for _, t := range h.Tickets {
		if t.Closed != nil {
			r.closed[t.ID] = *t.Closed
		}
	}
	return r
}

// checkRing plays the decisions on a ring of its own. It returns what happened in
// the order found, and the check: every turn went to the first eligible agent after
// the cursor, nobody waited without need, nothing was overtaken.
func checkRing(h History) ([]moment, *Check) {
	w := walk{ring: newRing(h), check: newCheck(RingOrder, "ring order obeyed at every step"), changes: h.Presence}
	decisions := ordered(h.Decisions)
	for _, d := range decisions {
		wrong := w.catchUp(d)
		for _, detail := range wrong {
			w.check.violate(d.ID, d.Conversation, "%s", detail)
		}
		w.take(d)
	}
	for len(w.changes) > 0 {
		w.change()
	}
	w.stretchEnds()
	w.check.Examined = fmt.Sprintf("%s, %s of presence", count(len(decisions), "step"), count(len(h.Presence), "change"))
	return w.moments, w.check
}

// A walk goes through a history.
type walk struct {
	ring    *ring
	check   *Check
	changes []PresenceChange // still to come
	moments []moment
	idle    string // a ticket that waited when somebody became eligible, none being drained since
}

// catchUp makes the changes of presence that came before d, and returns what is
// wrong with d then. Where the answers leave it open which came first, the order
// that explains d is taken: as late as possible, which never rules out an order
// that explains what follows.
func (w *walk) catchUp(d placed) []string {
	for len(w.changes) > 0 && w.changes[0].surely(d.index) {
		w.change()
	}
	wrong := w.ring.judge(d)
	for len(wrong) > 0 && len(w.changes) > 0 && w.changes[0].maybe(d.index) {
		w.change()
		wrong = w.ring.judge(d)
	}
	return wrong
}

// change makes the next change of presence.
func (w *walk) change() {
	c, r := w.changes[0], w.ring
	w.changes = w.changes[1:]
	at, ok := r.at[c.Agent]
	if !ok || r.eligible[at] == c.Available {
		return
	}
	if r.eligible[at] = c.Available; c.Available {
		r.count++
	} else if r.count--; r.count == 0 {
		w.stretchEnds()
	}
	if c.Available && r.count == 1 {
		w.idle = r.ahead(c.By)
	}
	w.moments = append(w.moments, moment{agent: at, available: c.Available})
}

// stretchEnds is called when nobody is eligible any more, and at the end.
func (w *walk) stretchEnds() {
	if w.idle != "" {
		w.check.violate("", w.idle, "the ticket went on waiting although somebody had become eligible")
	}
	w.idle = ""
}

// take moves the ring as the decision says, right or wrong, so that one mistake is
// reported once.
func (w *walk) take(d placed) {
	r := w.ring
	if d.Kind == kindWaiting && !r.waiting[d.Conversation] {
		r.queue = append(r.queue, d.Conversation)
		r.waiting[d.Conversation] = true
	}
	if d.Assignee != "" {
		delete(r.waiting, d.Conversation)
	}
	r.trim(d.index)
	at, ok := r.at[d.Assignee]
	if !ok || !d.ConsumedTurn {
		return
	}
	r.cursor = at
	w.idle = ""
	w.moments = append(w.moments, moment{agent: at, turn: true})
}

// trim drops what cannot be waiting any more from the front of the queue.
func (r *ring) trim(index uint64) {
	for len(r.queue) > 0 {
		ticket := r.queue[0]
		if span, closes := r.closed[ticket]; r.waiting[ticket] && (!closes || !span.surely(index)) {
			return
		}
		delete(r.waiting, ticket)
		r.queue = r.queue[1:]
	}
}

// next returns the first eligible agent after the cursor, or "", and those passed
// over on the way.
func (r *ring) next() (string, []string) {
	var passed []string
	for i := range r.order {
		at := (r.cursor + 1 + i) % len(r.order)
		if r.eligible[at] {
			return r.order[at], passed
		}
		passed = append(passed, r.order[at])
	}
	return "", passed
}

// ahead returns the oldest ticket that must still be waiting at an index, or "".
func (r *ring) ahead(index uint64) string {
	for _, ticket := range r.queue {
		if span, closes := r.closed[ticket]; r.waiting[ticket] && (!closes || !span.maybe(index)) {
			return ticket
		}
	}
	return ""
}

// judge says what is wrong with a decision as the ring stands; nothing if it is as
// it must be.
func (r *ring) judge(d placed) []string {
	var wrong []string
	say := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	cursor := ""
	if r.cursor >= 0 {
		cursor = r.order[r.cursor]
	}
	next, passed := r.next()
	switch {
	case d.Kind == kindWaiting:
		r.judgeWaiting(d, cursor, next, passed, say)
	case d.Kind != kindRotation || !d.ConsumedTurn || d.Assignee == "":
		say("kind %q for %s, a turn consumed: %v; a replay knows only rotation with a turn and waiting", d.Kind, name(d.Assignee), d.ConsumedTurn)
	default:
		r.judgeTurn(d, cursor, next, passed, say)
	}
	return wrong
}

func (r *ring) judgeTurn(d placed, cursor, next string, passed []string, say func(string, ...any)) {
	switch {
	case next == "":
		say("%s was chosen although nobody was eligible", d.Assignee)
	case d.Assignee != next:
		say("%s was chosen, but after %s it was the turn of %s", d.Assignee, name(cursor), next)
	}
	if d.Before != cursor {
		say("cursor_before is %s, but %s took the turn before", name(d.Before), name(cursor))
	}
	if d.After != d.Assignee {
		say("cursor_after is %s, but %s took this turn", name(d.After), d.Assignee)
	}
	if d.Assignee == next {
		comparePassed(d, passed, say)
	}
	if first := r.ahead(d.index); first != "" && first != d.Conversation && !r.olderThan(d.Conversation, first) {
		say("it overtook %s, which had been waiting", first)
	}
	if span, closes := r.closed[d.Conversation]; closes && span.surely(d.index) {
		say("it was given to %s after it had been closed", d.Assignee)
	}
}

// olderThan says whether a waits and came before b, which waits too.
func (r *ring) olderThan(a, b string) bool {
	return r.waiting[a] && slices.Index(r.queue, a) < slices.Index(r.queue, b)
}

func (r *ring) judgeWaiting(d placed, cursor, next string, passed []string, say func(string, ...any)) {
	if d.Assignee != "" || d.ConsumedTurn {
		say("it waits, and yet it names %s (a turn consumed: %v)", name(d.Assignee), d.ConsumedTurn)
	}
	if next != "" && r.ahead(d.index) == "" {
		say("it must wait although %s was eligible and nothing waited ahead of it", next)
	}
	if d.Before != d.After || d.Before != "" && d.Before != cursor {
		say("cursor_before is %s and cursor_after %s, but nobody took a turn after %s", name(d.Before), name(d.After), name(cursor))
	}
	if next == "" && (len(d.PassedOver) > 0 || len(d.Counts) > 0) {
		comparePassed(d, passed, say)
	}
}

// comparePassed: those passed over are exactly those between the cursor and the
// chosen one, the first of them by name, all of them by number, and the reason is
// true.
func comparePassed(d placed, passed []string, say func(string, ...any)) {
	shown := passed[:min(len(passed), passedOverShown)]
	for i := range max(len(shown), len(d.PassedOver)) {
		switch {
		case i >= len(shown):
			say("passed_over names %s, who was not passed over", d.PassedOver[i].Agent)
			return
		case i >= len(d.PassedOver) || d.PassedOver[i].Agent != shown[i]:
			say("%s was passed over, but passed_over does not say so in its place", shown[i])
			return
		case d.PassedOver[i].Reason != reasonNotThere:
			say("%s was passed over as %q, but she was %s", shown[i], d.PassedOver[i].Reason, reasonNotThere)
			return
		}
	}
	total := 0
	for _, n := range d.Counts {
		total += n
	}
	if total != len(passed) || d.Counts[reasonNotThere] != total {
		say("passed_over_counts is %v, but %d were passed over, all %s", d.Counts, len(passed), reasonNotThere)
	}
}
