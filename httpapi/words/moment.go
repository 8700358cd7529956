package words

import (
	"fmt"
	"strings"

	"github.com/rondohq/rondo/fsm"
)

// Moment says what a record about a conversation tells, without its time: a decision
// in full, anything else in a sentence. Names are those of now, in state.
func Moment(state *fsm.State, rec fsm.Record) string {
	if rec.Decision != nil {
		s := newStory(state, rec)
		s.whole = true
		return s.tell()
	}
	word := rec.Event.String()
	s := newStory(state, rec)
	s.decision = &fsm.Decision{Trigger: rec.Event}
	if how, known := moments[word]; known {
		return how(s)
	}
	if said, known := triggers[word]; known && said != "" {
		return s.fill(said)
	}
	return capital(plain(strings.ReplaceAll(word, ".", " "))) + "."
}

// moments say more of an event than there is to say of it as a trigger.
var moments = map[string]func(story) string{
	"conversation.tagged": func(s story) string {
		return s.fill("{Actor} tagged {conversation} with") + " " + list(s.rec.Tags) + "."
	},
	"conversation.untagged": func(s story) string { return s.fill("{Actor} took from {conversation}") + " " + tags(s.rec.Tags) + "." },
	"conversation.priority_changed": func(s story) string {
		return s.fill(fmt.Sprintf("{Actor} gave {conversation} priority %d.", s.rec.Priority))
	},
	"conversation.snoozed": func(s story) string {
		if s.rec.UntilMs == 0 {
			return s.fill("{Actor} put {conversation} off until the customer writes.")
		}
		return s.fill("{Actor} put {conversation} off until " + moment(s.rec.UntilMs) + ".")
	},
	"assignment.message_due": func(s story) string {
		return "The customer was to be told that " + agent(s.state, s.rec.Agent) + " has it."
	},
	"conversation.noted": func(s story) string { return s.fill("{Actor} left a note on {conversation}:") + " " + s.rec.Note + "." },
	"offer.accepted":     answerOf, "offer.declined": answerOf, "offer.timed_out": answerOf, "offer.withdrawn": answerOf,
	"rule.waits": func(s story) string {
		if s.rec.UntilMs == 0 {
			return capital(ranRule(s)) + " waits, and then " + goesOnWith(s) + "."
		}
		return capital(ranRule(s)) + " waits until " + moment(s.rec.UntilMs) + " at the latest, and then " + goesOnWith(s) + "."
	},
	"rule.ran": func(s story) string {
		if said, known := outcomes[s.rec.Outcome]; known {
			return capital(ranRule(s)) + " " + said + "."
		}
		place, _ := stepPlace(s)
		return fmt.Sprintf("%s ended at %s: %s.", capital(ranRule(s)), place, plain(s.rec.Outcome))
	},
	"conversation.escalated": escalated,
	"rule.notified": func(s story) string {
		return capital(ranRule(s)) + " had somebody told."
	},
}

// stepPlace names the step of a record by its place in the rule, as people count, or by
// its number among all steps where the edition is not kept. end: it is behind the last.
func stepPlace(s story) (name string, end bool) {
	place, kept := fsm.StepPlace(s.state, s.rec.Rule, s.rec.Edition, s.rec.Step)
	switch {
	case !kept:
		return fmt.Sprintf("step %d of all", s.rec.Step+1), false
	case place == "":
		return "its end", true
	default:
		return "step " + place, false
	}
}

// goesOnWith says with which step a run goes on.
func goesOnWith(s story) string {
	name, end := stepPlace(s)
	if end {
		return "ends"
	}
	return "goes on with " + name
}

// outcomes say how a run ended, behind the name of its rule.
var outcomes = map[string]string{
	"done":              "has run to its end",
	"decided_by_person": "ended, since a person had decided about the conversation",
	"failed":            "has run to its end, and passed over what could not be done",
	"already_running":   "did not begin again, since it waits for this conversation already",
}

func tags(names []string) string {
	if len(names) == 1 {
		return "the tag " + names[0]
	}
	return "the tags " + list(names)
}

// ranRule names the rule of a run, with its edition.
func ranRule(s story) string {
	row, _ := s.state.Rules.Get(s.rec.Rule)
	return fmt.Sprintf("%s (edition %d)", ruleName(s.state, row.ID), s.rec.Edition)
}
