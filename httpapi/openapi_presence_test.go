package httpapi

import (
	"maps"

	"github.com/rondohq/rondo/fsm"
	"github.com/rondohq/rondo/rotation"
)

// Presence: its operations, words and descriptions.
func init() {
	maps.Copy(operations, map[string]operation{
		"DELETE /v1/agents/{id}/presence/plan": {id: "deletePresencePlan", tag: "agents", summary: "Cancel what is planned",
			about: "The presence of now stays as it is.", body: of[fsm.DeletePlan](), answers: ok[agentView](), refusals: []fsm.Reason{fsm.NotPermitted}},
		"GET /v1/agents/{id}/presence/history": {id: "listPresence", tag: "agents", summary: "What an agent was, when, and who said so",
			about: "The newest first. `truncated` says that older ones are no longer kept.", list: of[presenceSpan](), call: "/v1/agents/mallory/presence/history"},
		"POST /v1/agents/{id}/heartbeat": {id: "heartbeat", tag: "agents", summary: "The client of an agent is there",
			about: "For agents with a lease; as often as the answer says, to whichever node. It changes nothing but an agent who was marked as unavailable since nobody had heard of her: she is available again. An agent may send her own; supervisors, admins, systems and connectors those of anybody.",
			body:  of[emptyBody](), answers: ok[heartbeatView](), refusals: []fsm.Reason{fsm.NotPermitted}, call: "/v1/agents/mallory/heartbeat"},
		"POST /v1/heartbeats": {id: "heartbeats", tag: "agents", summary: "The clients of many agents are there",
			about: "For a gateway that holds their connections: up to 1,000 agents in a call. Who does not exist is shown without a presence.",
			body:  of[heartbeatsBody](), answers: ok[heartbeatsView](), refusals: []fsm.Reason{fsm.NotPermitted}, call: "/v1/heartbeats", sent: `{"agents":["mallory"]}`},
		"GET /v1/agents/{id}/inbox-summary": {id: "getInboxSummary", tag: "agents", summary: "What did she miss?",
			about:   "For an agent who returns: what is still hers, what was taken and by whom, which of her customers wrote, and where she stands in each ring. Each part shows 50 at most, and says with `cut` where there is more than it looked at.",
			answers: ok[summaryView](), call: "/v1/agents/mallory/inbox-summary?since=2026-11-21T00:00:00Z"},
	})
	exampleOrder = append(exampleOrder, "POST /v1/agents/{id}/heartbeat", "POST /v1/heartbeats", "GET /v1/agents/{id}/presence/history", "GET /v1/agents/{id}/inbox-summary")
	maps.Copy(parameters, map[string]parameter{
		"since": {"What has happened since this time; left out: since she last left, or ever, if she never did.", `{"type":"string","format":"date-time"}`},
	})
	maps.Copy(vocabulary, map[string][]string{
		"httpapi.planView.status":        wordsOf(rotation.Status.String),
		"httpapi.presenceSpan.status":    wordsOf(rotation.Status.String),
		"httpapi.ringView.reason":        wordsOf(rotation.Verdict.String)[1:],
		"httpapi.takenView.event":        wordsOf(fsm.Event.String),
		"httpapi.absenceRules.when_away": wordsOf(fsm.WhenAway.String),
	})
	maps.Copy(always, map[string]bool{
		"httpapi.planView.from": true, "httpapi.presenceSpan.from": true, "httpapi.takenView.at": true, "httpapi.wroteView.at": true,
		"httpapi.takenView.conversation": true, "httpapi.wroteView.contact": true, "httpapi.summaryView.since": true, "httpapi.summaryView.now": true,
	})
	maps.Copy(componentNames, map[string]string{
		"httpapi.heartbeatsBody": "HeartbeatsInput", "httpapi.planView": "PresencePlan", "httpapi.summaryView": "InboxSummary",
		"httpapi.takenView": "TakenConversation", "httpapi.wroteView": "AnsweredConversation", "httpapi.ringView": "RingPlace",
	})
	maps.Copy(abouts, map[string]string{
		"fsm.PutPresence.from":          "When it is to begin, in RFC 3339: then it is her plan, in place of the one there was. Left out: now, and a plan stays.",
		"fsm.PutPresence.until":         "When it ends, in RFC 3339, at most a year ahead: she is available then, or, with a lease, from her next heartbeat on.",
		"fsm.PutPresence.lease_seconds": "From 10 to 3600: while she is available her client has to be heard of this often, or she becomes unavailable until it is. Left out: her presence depends on no client.",
		"fsm.PutTeam.when_away":         "What becomes of the open conversations of a member who goes away or becomes unavailable: `keep` (the default), back to the queue at the customer's `next_message`, or `at_once`. A break does not count.",
		"fsm.PutTeam.dwell_seconds":     "How long somebody who becomes available must have stayed so before she is picked, up to 3600; 0 is the default.",

		"httpapi.presenceView.until":         "When it ends; null: when somebody says so.",
		"httpapi.presenceView.lease_seconds": "How often her client has to be heard of; null: it need not be.",
		"httpapi.presenceView.lease_expires": "When she becomes unavailable unless her client is heard of before; null: that cannot happen now. Heartbeats move it without changing the revision.",
		"httpapi.presenceView.planned":       "What is to follow.",
		"httpapi.planView":                   "A presence that is to begin later.",
		"httpapi.planView.from":              "When it begins.",
		"httpapi.planView.until":             "When it ends.",
		"httpapi.planView.lease_seconds":     "As in a presence.",
		"httpapi.planView.by":                "Who planned it.",
		"httpapi.planView.reason":            "Why, in the words of who planned it.",

		"httpapi.presenceSpan":            "What an agent was for a time.",
		"httpapi.presenceSpan.id":         "The id of the event with which it began.",
		"httpapi.presenceSpan.from":       "When it began.",
		"httpapi.presenceSpan.to":         "When something else followed; null: it is so now.",
		"httpapi.presenceSpan.until":      "When it was to end.",
		"httpapi.presenceSpan.by":         "Who said so; `system:timer`: its time had come.",
		"httpapi.presenceSpan.planned_by": "Who planned what the timer did.",
		"httpapi.presenceSpan.reason":     "Why, in the words of who said so, or `lease_expired`, `heartbeat`, `until_passed`.",

		"httpapi.heartbeatsBody":                  "Whose clients are there.",
		"httpapi.heartbeatsBody.agents":           "The ids of the agents, 1,000 at most.",
		"httpapi.heartbeatView":                   "An agent, as her client should know her.",
		"httpapi.heartbeatView.agent":             "The id of the agent.",
		"httpapi.heartbeatView.presence":          "Null: there is no such agent.",
		"httpapi.heartbeatView.heartbeat_seconds": "How often to call; null: she has no lease, and need not.",
		"httpapi.heartbeatsView":                  "The agents, in the order of the request.",

		"httpapi.summaryView":        "What an agent missed.",
		"httpapi.summaryView.agent":  "The id of the agent.",
		"httpapi.summaryView.since":  "Since when.",
		"httpapi.summaryView.now":    "The cluster's time.",
		"httpapi.yoursSummary":       "What she has.",
		"httpapi.yoursSummary.count": "How many; more than 5,000 are not counted.",
		"httpapi.yoursSummary.cut":   "There are more than these.", "httpapi.takenSummary.cut": "There are more than these.",
		"httpapi.wroteSummary.cut": "There may be more than these.", "httpapi.ringsSummary.cut": "There are more than these.",
		"httpapi.takenSummary.count": "How many; more than 5,000 are not counted.", "httpapi.wroteSummary.count": "How many; after 5,000 messages no more are looked at.",
		"httpapi.wroteView.contact":  "The id of the contact.",
		"httpapi.takenSummary":       "What she had and has no more, the newest first.",
		"httpapi.takenView":          "A conversation that she had.",
		"httpapi.takenView.at":       "When she lost it.",
		"httpapi.takenView.by":       "Who took it.",
		"httpapi.takenView.event":    "What happened.",
		"httpapi.takenView.assignee": "Who has it now.",
		"httpapi.wroteSummary":       "Which of her customers have written.",
		"httpapi.wroteView":          "A conversation of hers whose customer has written.",
		"httpapi.wroteView.at":       "Last.",
		"httpapi.wroteView.messages": "How many.",
		"httpapi.ringsSummary":       "Where she stands in the rings of her teams.",
		"httpapi.ringView":           "Where she stands in a ring.",
		"httpapi.ringView.inbox":     "Of a team with a ring for each inbox.",
		"httpapi.ringView.reason":    whyNot,
		"httpapi.ringView.ahead":     "How many come before her, who may be picked now; null: she may not.",
		"httpapi.ringView.eligible":  "How many may be picked now.",
	})
}
