package httpapi

import (
	"maps"

	"github.com/rondohq/rondo/fsm"
)

// What the document says of escalations.
func init() {
	const (
		list = "What is done when something takes too long, at most 10 steps. They do not wait for one another; what is due at the same time is done in this order, and each once before somebody answers or a person decides."
		when = "What takes too long: `waiting`, that it waits in the queue; `no_acceptance`, that nobody accepts its offer, or who has it neither reads nor answers; " +
			"`no_first_reply`, that somebody has it and the customer never had an answer; `no_reply`, that somebody has it and the customer waits for an answer."
		after = "For how long, from 5 seconds on. No time counts before the team got it, who has it got it, or a person decided about it."
		do    = "What is done: it goes to the `next` by the rotation, who has not let it lie in this lap (it stays where nobody else can take it); to another `team`'s queue with its age; " +
			"the `supervisors` are told; its `priority` is raised; it goes to one `agent`, unless she has as much as she can take."
		team     = "The id of another team, for `do` team."
		agent    = "The id of an agent, for `do` agent."
		priority = "To which it is raised, from 1 to 9, for `do` priority. It is never lowered."
		first    = "Only for the first assignment since it was opened: who got it later is left to answer."
		step     = "The number of the step in its team's list, from 1."
		outcome  = "What came of it: `done`, `nobody_else` could take it, her who was to get it was `at_capacity`, or it was `unnecessary`."
	)
	outcomes := wordsOf(fsm.EscalationOutcome.String)
	maps.Copy(vocabulary, map[string][]string{
		"httpapi.escalationView.when": wordsOf(fsm.EscalationWhen.String), "httpapi.escalationView.do": wordsOf(fsm.EscalationDo.String),
		"httpapi.doneEscalationView.when": wordsOf(fsm.EscalationWhen.String), "httpapi.doneEscalationView.do": wordsOf(fsm.EscalationDo.String),
		"httpapi.nextEscalationView.when": wordsOf(fsm.EscalationWhen.String), "httpapi.nextEscalationView.do": wordsOf(fsm.EscalationDo.String),
		"httpapi.doneEscalationView.outcome": outcomes, "httpapi.eventEscalation.outcome": outcomes,
	})
	maps.Copy(always, map[string]bool{"httpapi.doneEscalationView.at": true, "httpapi.nextEscalationView.at": true})
	maps.Copy(componentNames, map[string]string{
		"fsm.EscalationSettings": "EscalationInput", "httpapi.escalationView": "Escalation", "httpapi.escalatedView": "Escalated",
		"httpapi.doneEscalationView": "DoneEscalation", "httpapi.nextEscalationView": "NextEscalation", "httpapi.eventEscalation": "EventEscalation",
	})
	about := map[string]string{
		"fsm.PutTeam.escalations": list, "httpapi.teamRules.escalations": list,
		"httpapi.conversationProgress.escalated": "How far it has come in the escalations of its team; null: nothing was done, and nothing is due.",
		"httpapi.escalatedView":                  "How far a conversation has come in the escalations of its team.",
		"httpapi.escalatedView.done":             "What was done since somebody answered, or a person decided, by all teams that had it; the first of it first.",
		"httpapi.escalatedView.next":             "What is done next if nothing happens before; null: nothing.",
		"httpapi.doneEscalationView":             "A step that was done.", "httpapi.doneEscalationView.team": "Whose step it was.",
		"httpapi.doneEscalationView.step": "The number of the step in its team's list of then, from 1.", "httpapi.doneEscalationView.at": "When.",
		"httpapi.doneEscalationView.outcome": outcome,
		"httpapi.nextEscalationView":         "A step that is due.", "httpapi.nextEscalationView.step": step, "httpapi.nextEscalationView.at": "When.",
		"httpapi.eventEscalation": "A step of a team's escalations.", "httpapi.eventEscalation.step": step, "httpapi.eventEscalation.outcome": outcome,
		"httpapi.eventRun.escalation": "Of conversation.escalated: which step of its team's list.",
	}
	for _, of := range []string{"fsm.EscalationSettings", "httpapi.escalationView"} {
		maps.Copy(about, map[string]string{of: "A step that a team takes when something takes too long.", of + ".when": when, of + ".after_seconds": after,
			of + ".do": do, of + ".team": team, of + ".agent": agent, of + ".priority": priority, of + ".only_first": first})
	}
	for _, of := range []string{"httpapi.doneEscalationView", "httpapi.nextEscalationView"} {
		about[of+".when"], about[of+".do"] = "What took too long.", "What was done, or will be."
	}
	maps.Copy(abouts, about)
}
