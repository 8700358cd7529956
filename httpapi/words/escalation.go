package words

import (
	"fmt"

	"github.com/rondohq/rondo/fsm"
)

// tooLong says what had taken too long, by the name of what a step waits for, in front
// of how long.
var tooLong = map[string]string{
	"waiting":        "{Conversation} had waited in the queue of {team} for",
	"no_acceptance":  "Nobody had accepted, read or answered {conversation} for",
	"no_first_reply": "The customer of {conversation} had had no answer at all for",
	"no_reply":       "The customer of {conversation} had waited for an answer for",
}

// steps say what was done about it, by the name of what a step does.
var steps = map[string]string{
	"next":        "it goes to whoever is next",
	"team":        "it goes on to another team",
	"supervisors": "the supervisors were told",
	"priority":    "it becomes more urgent",
	"agent":       "it goes to one agent",
}

// inVain say why nothing was done, by the name of the outcome.
var inVain = map[string]string{
	"nobody_else": "nobody else could take it, so it stayed where it was",
	"at_capacity": "who was to get it had as much as she can take, so it stayed where it was",
	"unnecessary": "that was so already",
}

// escalated tells of a step of a team's escalations, with the settings of then.
func escalated(s story) string {
	step, ok := escalationThen(s)
	if !ok {
		return s.fill("It had taken too long with {conversation}.")
	}
	said := fmt.Sprintf("%s %s: step %d of the escalations of team %s", s.fill(tooLong[step.When.String()]), length(step.AfterMs), s.rec.Escalation,
		teamThen(s.state, s.rec.Team, s.rec.Seq).Name)
	if why, known := inVain[s.rec.Outcome]; known {
		return said + ". But " + why + "."
	}
	return said + ", and " + steps[step.Do.String()] + "."
}

// escalationThen returns the step that a record names.
func escalationThen(s story) (fsm.EscalationStep, bool) {
	list := teamThen(s.state, s.rec.Team, s.rec.Seq).Escalations
	if i := int(s.rec.Escalation) - 1; i >= 0 && i < len(list) {
		return list[i], true
	}
	return fsm.EscalationStep{}, false
}

// escalating says who got what had taken too long: by a turn, or because a step names
// her.
func escalating(s story) string {
	if s.decision.Turn {
		return "It had taken too long with {conversation}. {Only} {Last} {Passed} {Next} and got it, which took a turn."
	}
	return "It had taken too long with {conversation}, and {assignee} got it, as the escalations of {team} say. No turn was taken."
}
