package check

import (
	"fmt"
	"slices"

	"github.com/rondohq/rondo/scripts/chaos/history"
)

// Kinds of decisions and reasons, as the API spells them.
const (
	kindRotation = "rotation"
	kindWaiting  = "waiting"
	kindClaim    = "claim"
	kindManual   = "manual"
	kindLast     = "last_assignee"
	passedShown  = 32
)

// queued are the reasons for which something waits in a team's queue.
var queued = []string{"no_one_available", "no_members", "queue_ahead"}

type say func(format string, args ...any)

// judge says what is wrong with a decision as the model stands.
func (m *model) judge(r *history.Record) []string {
	var wrong []string
	tell := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	d := m.cases[r.Conversation]
	if d == nil {
		d = &deal{}
	}
	if d.begun == (r.Type == typeOpened) {
		tell("%s, and it was opened before: %v", r.Type, d.begun)
	}
	if r.Decision.Previous != d.assignee && !d.loose {
		tell("previous_assignee is %s, and %s had it", name(r.Decision.Previous), name(d.assignee))
	}
	if (r.Decision.Kind == kindRotation) != r.Decision.Turn {
		tell("a turn was consumed: %v", r.Decision.Turn)
	}
	switch r.Decision.Kind {
	case kindRotation:
		m.judgeTurn(r, tell)
	case kindWaiting:
		m.judgeWaiting(r, tell)
	case kindClaim:
		if d.open && d.assignee != "" && !d.loose {
			tell("it was claimed by %s, and %s had it", r.Decision.Assignee, d.assignee)
		}
	case kindManual:
	case kindLast:
		if d.open && !d.loose || !m.mayKeep(r, r.Decision.Assignee) || r.Decision.Assignee != r.Decision.Previous {
			tell("it was reopened for %s, who is %s; %s had it", name(r.Decision.Assignee), m.statuses[r.Decision.Assignee], name(d.assignee))
		}
	default:
		tell("nothing in this run asks for such a decision")
	}
	if r.Type == typeReopened && r.Decision.Kind != kindLast && m.mayKeep(r, d.assignee) && !d.loose {
		tell("it was reopened, and %s could have kept it", d.assignee)
	}
	return wrong
}

// mayKeep says whether somebody who had a conversation keeps it when it is
// reopened: if she is there, and in the team that it belongs to.
func (m *model) mayKeep(r *history.Record, agent string) bool {
	t := m.teams[r.Team]
	return m.statuses[agent] == available && (t == nil || slices.Contains(t.Members, agent))
}

func (m *model) judgeTurn(r *history.Record, tell say) {
	t := m.teams[r.Team]
	if t == nil || !slices.Contains(t.Inboxes, r.Inbox) {
		tell("inbox %s of team %s has no rotation", r.Inbox, r.Team)
		return
	}
	next, passed := m.next(t, r.Inbox)
	last := t.last[t.ring(r.Inbox)]
	if r.Decision.Assignee != next {
		tell("%s got it, and after %s it was the turn of %s", name(r.Decision.Assignee), name(last), name(next))
	} else {
		comparePassed(r.Decision, passed, tell)
	}
	if r.Decision.CursorBefore != last || r.Decision.CursorAfter != r.Decision.Assignee {
		tell("the cursor goes from %s to %s, and %s took the last turn", name(r.Decision.CursorBefore), name(r.Decision.CursorAfter), name(last))
	}
	first, mine := slices.Index(t.queue, m.first(t)), slices.Index(t.queue, r.Conversation)
	if first >= 0 && (mine < 0 || mine > first) {
		tell("it overtook %s", t.queue[first])
	}
}

func (m *model) judgeWaiting(r *history.Record, tell say) {
	if r.Decision.Assignee != "" {
		tell("it waits, and %s has it", r.Decision.Assignee)
	}
	t := m.teams[r.Team]
	if !slices.Contains(queued, r.Decision.Reason) {
		if t != nil {
			tell("it waits for a person (%s), and its inbox has a rotation", r.Decision.Reason)
		}
		return
	}
	if t == nil {
		tell("it waits in team %s, which has no rotation", r.Team)
		return
	}
	next, passed := m.next(t, r.Inbox)
	if next != "" && m.first(t) == "" {
		tell("it must wait, and %s was there", next)
	}
	if last := t.last[t.ring(r.Inbox)]; r.Decision.CursorBefore != last || r.Decision.CursorAfter != last {
		tell("the cursor goes from %s to %s, and nobody took a turn after %s", name(r.Decision.CursorBefore), name(r.Decision.CursorAfter), name(last))
	}
	if next == "" {
		comparePassed(r.Decision, passed, tell)
	}
}

// first returns what waits longest for certain, or nothing.
func (m *model) first(t *table) string {
	for _, id := range t.queue {
		if !m.cases[id].loose {
			return id
		}
	}
	return ""
}

func comparePassed(d *history.Decision, passed []history.Passed, tell say) {
	if shown := passed[:min(len(passed), passedShown)]; !slices.Equal(shown, d.Passed) {
		tell("it passed over %v, and must have passed over %v", d.Passed, shown)
	}
	counts := map[string]int{}
	for _, p := range passed {
		counts[p.Reason]++
	}
	if fmt.Sprint(counts) != fmt.Sprint(d.Counts) {
		tell("it counts %v, and passed over %v", d.Counts, counts)
	}
}
