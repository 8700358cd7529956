package replay

import (
	"fmt"
	"slices"
)

// The names of the checks that a course adds. They do not change.
const (
	TurnOrder = "turn_order"
	QueueKept = "queue_kept"
	Capacity  = "capacity_kept"
)

// Reasons for passing somebody over, as the API writes them.
const (
	reasonFull   = "at_capacity"
	reasonBusier = "busier"
)

// A desk is the checker's own idea of a team whose agents have places: who is
// there, who has how many, who waits.
type desk struct {
	course    Course
	at        map[string]int // of each agent in the ring
	available []bool
	open      []int
	holder    map[string]int // of each open ticket that somebody has
	queue     []string       // oldest first
	lap       *lap
}

func newDesk(c Course) *desk {
	d := &desk{course: c, at: map[string]int{}, available: make([]bool, len(c.Ring)), open: make([]int, len(c.Ring)),
		holder: map[string]int{}, lap: newLap(c)}
	for i, agent := range c.Ring {
		d.at[agent] = i
	}
	return d
}

// objection says why an agent may not be picked, "" if she may.
func (d *desk) objection(agent int) string {
	switch {
	case !d.available[agent]:
		return reasonNotThere
	case d.course.Capacity > 0 && d.open[agent] >= d.course.Capacity:
		return reasonFull
	default:
		return ""
	}
}

func (d *desk) next() (agent string, passed []passing) {
	slot, passed := d.lap.next(d.objection, d.open)
	if slot < 0 {
		return "", passed
	}
	return d.course.Ring[d.lap.slots[slot]], passed
}

// play does what a step asks for.
func (d *desk) play(step Played) {
	switch step.Kind {
	case Available, Unavailable:
		if agent, ok := d.at[step.Of]; ok {
			d.available[agent] = step.Kind == Available
		}
	case Arrive:
		d.queue = append(d.queue, step.Of)
	case Close:
		d.leave(step.Of)
		if agent, ok := d.holder[step.Of]; ok {
			d.open[agent]--
			delete(d.holder, step.Of)
		}
	}
}

func (d *desk) leave(ticket string) {
	d.queue = slices.DeleteFunc(d.queue, func(t string) bool { return t == ticket })
}

// take gives a ticket to who was chosen, rightly or wrongly, so that one mistake is
// reported once.
func (d *desk) take(ticket string, agent int) {
	if before, ok := d.holder[ticket]; ok {
		d.open[before]--
	}
	d.leave(ticket)
	d.holder[ticket] = agent
	d.open[agent]++
	d.lap.take(agent)
}

// A deskWalk goes through a course.
type deskWalk struct {
	*desk
	turns, queued *Check
	moments       []moment
	eligible      []bool
	idle          map[string]bool // tickets that were reported to wait without need
}

// checkDesk plays a course on a desk of its own. It returns whether every turn went
// where the strategy says, whether the queue was kept (nothing overtaken, nothing
// left lying while somebody could take it), and the moments for fairness.
func checkDesk(c Course, list []caused) (turns, queued *Check, moments []moment) {
	w := &deskWalk{desk: newDesk(c), eligible: make([]bool, len(c.Ring)), idle: map[string]bool{},
		turns:  newCheck(TurnOrder, "turns as the strategy says"),
		queued: newCheck(QueueKept, "nothing overtaken, no place idle")}
	longest := 0
	for k, step := range c.Steps {
		w.play(step)
		w.noteEligible()
		for len(list) > 0 && list[0].step == k {
			w.decided(step, list[0].placed)
			list = list[1:]
		}
		w.leftLying()
		longest = max(longest, len(w.queue))
	}
	for _, late := range list {
		w.queued.violate(late.ID, late.Conversation, "it was decided after the answer to the last step, and nothing asked for it")
	}
	w.turns.Examined = fmt.Sprintf("%s, %s", count(len(c.Decisions), "decision"), count(len(c.Steps), "step"))
	w.queued.Examined = fmt.Sprintf("at most %d in the queue", longest)
	return w.turns, w.queued, w.moments
}

// noteEligible adds a moment for everybody who may be picked now and could not
// before, or the other way.
func (w *deskWalk) noteEligible() {
	for agent, was := range w.eligible {
		if is := w.objection(agent) == ""; is != was {
			w.eligible[agent] = is
			w.moments = append(w.moments, moment{agent: agent, available: is})
		}
	}
}

// decided judges a decision and takes it over.
func (w *deskWalk) decided(step Played, d placed) {
	if d.Kind == kindWaiting {
		w.judgeWaiting(step, d)
		return
	}
	agent, known := w.at[d.Assignee]
	if !known || !d.ConsumedTurn || d.Kind != kindOf(w.course.Strategy) {
		w.turns.violate(d.ID, d.Conversation, "kind %q for %s, a turn consumed: %v; with %s a replay knows only %q with a turn, and waiting",
			d.Kind, name(d.Assignee), d.ConsumedTurn, w.course.Strategy, kindOf(w.course.Strategy))
	} else {
		w.judgeTurn(d)
	}
	w.judgeQueue(d)
	if known {
		w.take(d.Conversation, agent)
		w.moments = append(w.moments, moment{agent: agent, turn: true})
		w.noteEligible()
	}
}

// kindOf returns how the decisions of a strategy are called.
func kindOf(strategy string) string {
	if strategy == LeastOpen {
		return LeastOpen
	}
	return kindRotation
}

func (w *deskWalk) judgeTurn(d placed) {
	cursor, say := w.cursor(), w.sayer(w.turns, d)
	next, passed := w.next()
	switch {
	case next == "":
		say("%s was chosen although nobody could take it: she was %s", d.Assignee, w.objection(w.at[d.Assignee]))
	case d.Assignee != next:
		say("%s was chosen, but after %s it was the turn of %s", d.Assignee, name(cursor), next)
	default:
		w.comparePassings(d, passed, say)
	}
	if d.Before != cursor {
		say("cursor_before is %s, but %s took the turn before", name(d.Before), name(cursor))
	}
	if d.After != d.Assignee {
		say("cursor_after is %s, but %s took this turn", name(d.After), d.Assignee)
	}
}

// judgeQueue: who is given something was the oldest that waited. All tickets of a
// replay ask for the same, so anybody can take any of them.
func (w *deskWalk) judgeQueue(d placed) {
	say := w.sayer(w.queued, d)
	switch at := slices.Index(w.queue, d.Conversation); {
	case at < 0:
		say("it was given to %s although it did not wait: it had been given away, closed or never opened", name(d.Assignee))
	case at > 0:
		say("it overtook %s, which had been waiting", w.queue[0])
	}
}

func (w *deskWalk) judgeWaiting(step Played, d placed) {
	cursor, say := w.cursor(), w.sayer(w.turns, d)
	if step.Kind != Arrive || step.Of != d.Conversation {
		w.queued.violate(d.ID, d.Conversation, "it began to wait at a step that was not its arrival")
	}
	if d.Assignee != "" || d.ConsumedTurn {
		say("it waits, and yet it names %s (a turn consumed: %v)", name(d.Assignee), d.ConsumedTurn)
	}
	if d.Before != d.After || d.Before != "" && d.Before != cursor {
		say("cursor_before is %s and cursor_after %s, but nobody took a turn after %s", name(d.Before), name(d.After), name(cursor))
	}
	next, passed := w.next()
	if next != "" {
		w.queued.violate(d.ID, d.Conversation, "it must wait although %s could take it", next)
		return
	}
	w.comparePassings(d, passed, say)
}

// leftLying: after a step nothing waits that somebody could take.
func (w *deskWalk) leftLying() {
	if len(w.queue) == 0 || w.idle[w.queue[0]] {
		return
	}
	if next, _ := w.next(); next != "" {
		w.idle[w.queue[0]] = true
		w.queued.violate("", w.queue[0], "it went on waiting although %s could take it", next)
	}
}

func (w *deskWalk) cursor() string {
	if agent := w.lap.lastAgent(); agent >= 0 {
		return w.course.Ring[agent]
	}
	return ""
}

func (w *deskWalk) sayer(check *Check, d placed) func(string, ...any) {
	return func(format string, args ...any) {
		check.violate(d.ID, d.Conversation, "%s", fmt.Sprintf(format, args...))
	}
}

// comparePassings: those passed over are exactly those whose turn came before, the
// first of them by name, all by number, each with the true reason.
func (w *deskWalk) comparePassings(d placed, passed []passing, say func(string, ...any)) {
	counts := map[string]int{}
	for i, p := range passed {
		agent := w.course.Ring[p.agent]
		counts[p.reason]++
		switch {
		case i >= passedOverShown:
		case i >= len(d.PassedOver) || d.PassedOver[i].Agent != agent:
			say("%s was passed over, but passed_over does not say so in its place", agent)
			return
		case d.PassedOver[i].Reason != p.reason:
			say("%s was passed over as %q, but she was %s", agent, d.PassedOver[i].Reason, p.reason)
			return
		}
	}
	if shown := min(len(passed), passedOverShown); len(d.PassedOver) > shown {
		say("passed_over names %s, who was not passed over", d.PassedOver[shown].Agent)
		return
	}
	for reason := range d.Counts {
		counts[reason] += 0
	}
	for reason, n := range counts {
		if d.Counts[reason] != n {
			say("passed_over_counts is %v, but %d were passed over as %s", d.Counts, n, reason)
			return
		}
	}
}
