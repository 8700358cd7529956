package check

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/rondohq/rondo/scripts/chaos/history"
)

// checkLost: whatever was acknowledged is there at the end.
func checkLost(e *evidence) *Check {
	check := &Check{Name: "lost"}
	if len(e.Nodes) == 0 {
		check.Off = "no node could be read" // which is a violation of its own
		return check
	}
	known := map[string]*history.Record{}
	reopened := map[string]bool{}
	for i := range e.records {
		r := &e.records[i]
		known[r.ID] = r
		if r.Type == typeReopened {
			reopened[r.Conversation] = true
		}
	}
	acked := 0
	for i := range e.Ops {
		op := &e.Ops[i]
		if op.Outcome != history.OK || !op.Writes() {
			continue
		}
		acked++
		if id := op.Answer.Decision; id != "" {
			r := known[id]
			if r == nil || r.Conversation != op.Answer.Conversation {
				check.violate("%s %s was answered with decision %s about %s, which is gone", op.Kind, op.Actor, id, op.Answer.Conversation)
			}
		}
		if id := op.Answer.Conversation; id != "" && e.rows[id].ID == "" {
			check.violate("%s %s was acknowledged, and there is no conversation %s", op.Kind, op.Actor, id)
		}
		if id := op.Answer.Conversation; op.Kind == history.Close && !e.exact && e.rows[id].Status != "closed" && !reopened[id] {
			check.violate("close %s was acknowledged, and %s is %s", op.Actor, id, e.rows[id].Status)
		}
		if e.exact && (op.Kind == history.Close || op.Kind == history.Presence || op.Kind == history.Message) && op.Tries.Again == 0 && len(e.about(op)) == 0 {
			check.violate("%s %s was acknowledged and left no record", op.Kind, op.Actor)
		}
	}
	lastPresence(e, check)
	check.Examined = fmt.Sprintf("%d acknowledged writes", acked)
	return check
}

// lastPresence: an agent is what she was last told to be. One client at a time
// tells her.
func lastPresence(e *evidence, check *Check) {
	last := map[string]*history.Op{}
	for i := range e.Ops {
		op := &e.Ops[i]
		if op.Kind != history.Presence {
			continue
		}
		if now := last[op.Subject.Agent]; now == nil || now.BeginUs < op.BeginUs {
			last[op.Subject.Agent] = op
		}
	}
	for id, op := range last {
		if op.Outcome == history.OK && e.agents[id] != op.Subject.Status {
			check.violate("%s was told to be %s and is %s", id, op.Subject.Status, e.agents[id])
		}
	}
}

// checkRepeated: nothing happened twice, and nothing that was refused.
func checkRepeated(e *evidence) *Check {
	check := &Check{Name: "repeated"}
	first := map[int]*history.Op{}
	retried, again := 0, 0
	for i := range e.Ops {
		op := &e.Ops[i]
		if op.Tries.Again != 0 || !op.Writes() {
			continue
		}
		first[op.N] = op
		if op.Tries.Unknown > 0 {
			retried++
		}
		records := e.about(op)
		if len(records) > 1 {
			check.violate("%s %s happened %d times: %s and %s", op.Kind, op.Actor, len(records), records[0].ID, records[1].ID)
		}
		if (op.Outcome == history.Refused || op.Outcome == history.Unsent) && len(records) > 0 {
			check.violate("%s %s was told that it had not happened (%s, %s), and it did: %s", op.Kind, op.Actor, op.Outcome, op.Answer.Code, records[0].ID)
		}
		if became := op.Tries.Resolved; became == http.StatusOK && op.Outcome == history.Refused || became == http.StatusConflict && op.Outcome == history.OK {
			check.violate("%s %s: its key said %d, its answer %s", op.Kind, op.Actor, became, op.Outcome)
		}
	}
	for i := range e.Ops {
		op := &e.Ops[i]
		if op.Tries.Again == 0 || op.Outcome == history.Unknown || op.Outcome == history.Unsent {
			continue
		}
		again++
		was := first[op.Tries.Again]
		switch {
		case was == nil:
			check.violate("%s %s was repeated, and the first time is not written down", op.Kind, op.Actor)
		case op.Outcome != was.Outcome || op.Answer.Decision != was.Answer.Decision || op.Answer.Conversation != was.Answer.Conversation:
			check.violate("%s %s was sent again and answered %s with decision %q about %s, the first time %s with %q about %s", op.Kind, op.Actor,
				op.Outcome, op.Answer.Decision, op.Answer.Conversation, was.Outcome, was.Answer.Decision, was.Answer.Conversation)
		case !op.Tries.Replayed:
			check.violate("%s %s was sent again, and the answer does not say so", op.Kind, op.Actor)
		}
	}
	for actor, records := range e.by {
		if e.ops[actor] == nil && strings.HasPrefix(actor, "system:op-") {
			check.violate("%s is by %s, whom nobody has sent", records[0].ID, actor)
		}
	}
	check.Examined = fmt.Sprintf("%d writes retried, %d sent again on purpose", retried, again)
	return check
}
