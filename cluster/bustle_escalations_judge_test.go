package cluster

import (
	"fmt"
	"strings"

	"github.com/rondohq/rondo/fsm"
)

// courtTimes are what the steps of escalations count from.
type courtTimes struct {
	teamMs    int64           // since when the team has it, a person decided, or somebody answered
	givenMs   int64           // since when somebody has it
	offeredMs int64           // first offer since
	messageMs int64           // the oldest without an answer; 0: none
	replied   bool            // ever
	seen      bool            // by who has it
	done      map[string]bool // in this episode, by team and step
}

// settled is behind how many entries a change of settings has reached everything.
const settled = 5

func stepKey(team fsm.TeamHandle, step fsm.EscalationSettings) string {
	return fmt.Sprint(team, step.When, step.AfterSeconds, step.Do)
}

// heed notes what steps count from, behind a record that gives it to a principal.
func (t *courtTalk) heed(rec fsm.Record, assignee string) {
	switch rec.Event {
	case fsm.ConversationOpened, fsm.MessageReceived, fsm.ConversationReopened:
		if t.messageMs == 0 && rec.MessageID != "" {
			t.messageMs = rec.TimeMs
		}
		if rec.Event == fsm.ConversationReopened { // no time before counts
			t.teamMs = rec.TimeMs
		}
	case fsm.MessageSent:
		t.messageMs, t.replied, t.seen, t.done, t.teamMs = 0, true, true, nil, rec.TimeMs
		if t.offeredMs != 0 {
			t.offeredMs = rec.TimeMs
		}
	case fsm.ConversationRead:
		t.seen = true
	case fsm.ConversationIsClosed:
		t.done, t.offeredMs, t.givenMs, t.seen = nil, 0, 0, false
		return
	case fsm.OfferMade:
		if t.offeredMs == 0 {
			t.offeredMs = rec.TimeMs
		}
		return
	}
	d := rec.Decision
	if d == nil {
		return
	}
	if d.Kind == fsm.DecidedClaim || d.Kind == fsm.DecidedManual || rec.Event == d.Trigger && strings.HasPrefix(rec.Actor, "agent:") {
		t.done, t.teamMs, t.offeredMs = nil, rec.TimeMs, 0
	}
	if d.Assignee != 0 {
		t.offeredMs = 0
		if d.Assignee != d.Before || t.givenMs == 0 {
			t.givenMs = rec.TimeMs
			t.seen = d.Kind == fsm.DecidedClaim || d.Kind == fsm.DecidedOffer || rec.Event == d.Trigger && rec.Actor == assignee
		}
	} else {
		t.givenMs = 0
	}
}

// since returns when what a step waits for began; false: it is not so.
func (t *courtTalk) since(step fsm.EscalationSettings) (int64, bool) {
	assigned := t.givenMs != 0 && t.holder != 0
	from := max(t.teamMs, t.givenMs)
	switch step.When {
	case "waiting":
		return t.teamMs, t.waitMs != 0
	case "no_acceptance":
		if t.offeredMs != 0 {
			return t.offeredMs, t.offer != 0 || t.waitMs != 0
		}
		return from, assigned && !t.seen
	case "no_first_reply":
		return from, assigned && !t.replied
	default:
		return max(from, t.messageMs), assigned && t.messageMs != 0
	}
}

// escalated judges a step: once an episode, and not before its time.
func (k *courtship) escalated(rec fsm.Record, talk *courtTalk) {
	team := k.teams[rec.Team]
	if team == nil || int(rec.Escalation) > len(team.Escalations) || rec.Escalation == 0 {
		k.accuse("record %s does step %d of team %d, which has no such", rec.ID, rec.Escalation, rec.Team)
		return
	}
	step := team.Escalations[rec.Escalation-1]
	k.counts["escalations"]++
	k.counts["escalations: "+step.When+" "+step.Do]++
	key := stepKey(rec.Team, step)
	if talk.done[key] {
		k.accuse("record %s does %s %s of conversation %d a second time in an episode", rec.ID, step.When, step.Do, rec.Conversation)
	}
	if talk.done == nil {
		talk.done = map[string]bool{}
	}
	talk.done[key] = true
	if since, counts := talk.since(step); !counts || rec.TimeMs < since+int64(step.AfterSeconds)*1000 {
		k.accuse("record %s does %s %s of conversation %d at %d, less than %d s after %d, or it is not so", rec.ID, step.When, step.Do, rec.Conversation, rec.TimeMs, step.AfterSeconds, since)
	}
}

// overdue: no step is left undone whose time has come.
func (k *courtship) overdue(at courseEntry, handle fsm.ConversationHandle, talk *courtTalk) {
	team := k.teams[talk.team]
	if team == nil || k.entry < team.changed+settled || k.entry < talk.touched+2 {
		return // what is due at once is done in the next entry
	}
	for _, step := range team.Escalations {
		since, counts := talk.since(step)
		if !counts || at.nowMs < since+int64(step.AfterSeconds)*1000 || talk.done[stepKey(talk.team, step)] {
			continue
		}
		k.accuse("after entry %d, at %d, %s %s was not done for conversation %d, which is so since %d", at.index, at.nowMs, step.When, step.Do, handle, since)
		talk.touched = k.entry + 1<<20 // once is enough
	}
}
