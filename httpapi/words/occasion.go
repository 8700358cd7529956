package words

import (
	"slices"

	"github.com/rondohq/rondo/fsm"
)

// What the trigger was about: the record of the decision names who asked, and
// another one of the same command whom it was about.

// occasion returns the record of the trigger, if there is one besides the decision.
func occasion(s story) (fsm.Record, bool) {
	for rec := range s.state.Records.From(fsm.RecordID{Index: s.rec.ID.Index}) {
		if rec.Seq > s.rec.Seq || rec.ID == s.rec.ID {
			break
		}
		if rec.Seq == s.rec.Seq && rec.Event == s.decision.Trigger && rec.Agent != 0 {
			return rec, true
		}
	}
	return fsm.Record{}, false
}

// about names the agent who was changed.
func about(s story) string {
	if rec, ok := occasion(s); ok {
		return agent(s.state, rec.Agent)
	}
	return "an agent"
}

// became says what a new status is, by its name.
var became = map[string]string{
	"available": "became available", "away": "went away", "in_break": "went on a break", "unavailable": "became unavailable",
}

// presence says who came or went, and on whose word.
func presence(s story) string {
	rec, ok := occasion(s)
	if !ok {
		if s.rec.Actor == "system:timer" {
			return "Somebody had been back for long enough to count as available."
		}
		return Actor(s.state, s.rec.Actor, true) + " changed who is available."
	}
	who := agent(s.state, rec.Agent)
	what, known := became[rec.Status.String()]
	if !known {
		what = "became " + plain(rec.Status.String())
	}
	by := Actor(s.state, s.rec.Actor, false)
	switch {
	case by == who:
		return who + " " + what + "."
	case rec.PlannedBy != "":
		return who + " " + what + ", as " + Actor(s.state, rec.PlannedBy, false) + " had planned."
	case s.rec.Actor == "system:timer":
		return who + " " + what + ", since the time for it had come."
	default:
		return who + " " + what + ", as " + by + " said."
	}
}

// had names who lost the conversation, or nobody in particular.
func had(s story) string {
	if s.decision.Before != 0 {
		return agent(s.state, s.decision.Before)
	}
	return "somebody"
}

// lastHad says what somebody had last: a conversation that is opened again, or the
// one of the contact before this.
func lastHad(s story) string {
	if s.decision.Trigger == fsm.ConversationReopened && s.decision.Before == s.decision.Assignee {
		return "it"
	}
	return "this contact"
}

// owner names for whom the conversation waits, as long as it does.
func owner(s story) string {
	row, ok := s.state.Conversations.Get(s.rec.Conversation)
	if ok && row.Assignment.For != 0 && isLatest(s, row) {
		return agent(s.state, row.Assignment.For)
	}
	return "the owner"
}

// excludedTag names the tag that keeps the conversation out of the rotation, if it
// is there still.
func excludedTag(s story) string {
	row, _ := s.state.Conversations.Get(s.rec.Conversation)
	for _, tag := range row.Tags {
		if slices.Contains(s.team.Rotation.ExcludeTags, tag) {
			return "tag " + tag
		}
	}
	return "a tag"
}

// decisionBefore returns the decision about the conversation before this one.
func decisionBefore(s story) (fsm.Record, bool) {
	for at := s.rec.Previous; at != 0; {
		earlier, ok := s.state.Records.At(at)
		if !ok {
			break // forgotten
		}
		if at = earlier.Previous; earlier.Decision != nil {
			return earlier, true
		}
	}
	return fsm.Record{}, false
}

// until says what a conversation did that was there before the trigger. named says
// that the sentence before names it.
func until(s story, named bool) string {
	earlier, ok := decisionBefore(s)
	switch {
	case ok && named && queued[earlier.Decision.Cause]:
		return "It had waited in the queue of {earlier} since " + since(earlier.TimeMs, s.rec.TimeMs) + "."
	case named && s.decision.Before != 0:
		return "{before} had it until then."
	case named:
		return "Nobody had it until then."
	case ok && queued[earlier.Decision.Cause]:
		return "{Conversation} had waited in the queue of {earlier} since " + since(earlier.TimeMs, s.rec.TimeMs) + "."
	case ok && earlier.Decision.Cause == fsm.CauseOwnerAbsent:
		return "{Conversation} in {inbox} had waited for its contact's owner since " + since(earlier.TimeMs, s.rec.TimeMs) + "."
	case s.decision.Before != 0:
		return "{before} had {conversation}, in {inbox}, until then."
	default:
		return "{Conversation} in {inbox} needed somebody."
	}
}

// earlierTeam names the team in whose queue it was.
func earlierTeam(s story) string {
	earlier, _ := decisionBefore(s)
	return teamName(story{rec: earlier, team: teamThen(s.state, earlier.Team, earlier.Seq)})
}
