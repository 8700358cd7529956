package httpapi

import (
	"maps"
	"slices"

	"github.com/rondohq/rondo/fsm"
)

const (
	believeText = "Automation (a system, a connector, a bot) that would change what a person decided has to show that it knows: by `if_decision`, an `if_assignee` who is somebody, or If-Match. " +
		"Otherwise it is refused with `decided_by_person`."
	reasonText = "Why, in a word that follows the rules of ids. It stands in records for ever, so never put personal data into it."
)

// lostRaces are the refusals that tell what is so instead.
var lostRaces = []fsm.Reason{fsm.AssigneeChanged, fsm.DecisionChanged, fsm.DecidedByPerson, fsm.NotPermitted, fsm.NoAccess, fsm.ConversationClosed}

func init() {
	maps.Copy(operations, map[string]operation{
		"DELETE /v1/conversations/{id}/assignee": {id: "unassignConversation", tag: "conversations", summary: "Take a conversation from its agent",
			about: "It is held: nobody gets it until somebody claims it, is given it, or it is queued again. " + believeText,
			body:  of[fsm.UnassignConversation](), answers: ok[actionView](), refusals: lostRaces,
			call: "/v1/conversations/c1/assignee"},
		"POST /v1/conversations/{id}/requeue": {id: "requeueConversation", tag: "conversations", summary: "Give a conversation back to the rotation",
			about: "To that of the team which it was passed on to, or as its inbox says. " + believeText,
			body:  of[fsm.RequeueConversation](), answers: ok[actionView](), refusals: append(slices.Clone(lostRaces), fsm.AlreadyWaiting, fsm.NoRotation),
			call: "/v1/conversations/c1/requeue"},
		"PUT /v1/conversations/{id}/team": {id: "transferConversation", tag: "conversations", summary: "Pass a conversation on to a team",
			about: "Its agent keeps it if she is in that team. Otherwise whoever's turn it is there gets it, or it waits; a team without `auto_assign` leaves it to people. " +
				"From then on it is given back there. " + believeText,
			body: of[fsm.TransferConversation](), answers: ok[actionView](), refusals: append(slices.Clone(lostRaces), fsm.InAnotherTeam, fsm.UnknownReference),
			call: "/v1/conversations/c1/team", sent: `{"team":"sales","reason":"billing"}`},
		"DELETE /v1/conversations/{id}/team": {id: "removeConversationFromTeam", tag: "conversations", summary: "Take a conversation out of its team",
			about: "Who has it keeps it. What waits is left to people, until it is queued again: then its inbox says where it goes. " + believeText,
			body:  of[fsm.RemoveFromTeam](), answers: ok[actionView](), refusals: append(slices.Clone(lostRaces), fsm.InAnotherTeam),
			call: "/v1/conversations/c1/team"},
		"POST /v1/decisions/{id}/undo": {id: "undoDecision", tag: "decisions", summary: "Take a decision back",
			about: "By who supervises its team, or a system, as long as it is the newest about its conversation, and within 24 hours. Who had the conversation before has it again; " +
				"what waited is back in the queue at its old age, unless that would give it to the same agent at once: like what nobody had before, it is held then. A turn that was taken is given back.",
			body: of[fsm.UndoDecision](), answers: ok[actionView](), refusals: []fsm.Reason{fsm.NotPermitted, fsm.Superseded, fsm.UndoTooLate, fsm.NothingToUndo, fsm.ConversationClosed, fsm.TooManyRefunds}},
	})
	for name, more := range map[string][]fsm.Reason{
		"PUT /v1/conversations/{id}/assignee": lostRaces, "POST /v1/conversations/{id}/claim": {fsm.NotPermitted, fsm.DecisionChanged},
	} {
		o := operations[name]
		o.refusals = slices.Clone(o.refusals)
		for _, reason := range more {
			if !slices.Contains(o.refusals, reason) {
				o.refusals = append(o.refusals, reason)
			}
		}
		operations[name] = o
	}
	assign := operations["PUT /v1/conversations/{id}/assignee"]
	assign.about += " " + believeText
	operations["PUT /v1/conversations/{id}/assignee"] = assign
	parameters["if_assignee"] = parameter{"Refuse with `assignee_changed` unless this agent has it now; without a value: unless nobody has. The body may say it instead.", ""}
	parameters["if_decision"] = parameter{"Refuse with `decision_changed` unless this is the newest decision about the conversation. The body may say it instead.", ""}
	parameters["if_team"] = parameter{"Refuse with `team_changed` unless it is in this team now; without a value: unless in none. The body may say it instead.", ""}
	maps.Copy(abouts, handoverAbouts)
	vocabulary["httpapi.assigningView.reassign"] = wordsOf(fsm.Reassign.String)
	exampleOrder = slices.Insert(exampleOrder, slices.Index(exampleOrder, "POST /v1/conversations/{id}/close"),
		"PUT /v1/conversations/{id}/team", "DELETE /v1/conversations/{id}/team")
}

const (
	autoAssignText = "Whether the team gives what comes to it to whoever's turn it is. Without it, what comes is left to people; what waits already goes on waiting."
	heldAlertText  = "After how long `conversation.held_alert` tells that nobody has a conversation because a person said so; 0: never."
	reassignText   = "Who may take a conversation from whoever has it, and choose who gets it: `anyone`, or only `supervisors`. Others may still take what nobody has, and give back what is theirs. What a bot has is moved by supervisors, or handed off."
	ifDecisionText = "Refuse with `decision_changed` unless this is the newest decision about the conversation."
	ifAssigneeText = "Refuse with `assignee_changed` unless she has it now; null: unless nobody has."
	ifTeamText     = "Refuse with `team_changed` unless it is in this team now; null: unless in none."
)

var handoverAbouts = map[string]string{
	"fsm.PutTeam.auto_assign":              autoAssignText + " true by default.",
	"fsm.PutTeam.held_alert_seconds":       heldAlertText + " 1800 by default.",
	"fsm.InboxAssignment.reassign":         reassignText + " `anyone` is the default.",
	"fsm.AssignConversation.if_decision":   ifDecisionText,
	"fsm.AssignConversation.team":          "Pass it on to this team, too.",
	"fsm.AssignConversation.reason":        reasonText,
	"fsm.ClaimConversation.if_decision":    ifDecisionText,
	"fsm.UnassignConversation":             "What is believed of it.",
	"fsm.UnassignConversation.if_assignee": ifAssigneeText,
	"fsm.UnassignConversation.if_decision": ifDecisionText,
	"fsm.UnassignConversation.reason":      reasonText,
	"fsm.RequeueConversation":              "What is believed of it.",
	"fsm.RequeueConversation.if_assignee":  ifAssigneeText,
	"fsm.RequeueConversation.if_decision":  ifDecisionText,
	"fsm.RequeueConversation.reason":       reasonText,
	"fsm.TransferConversation":             "Where it goes.",
	"fsm.TransferConversation.team":        "The id of the team.",
	"fsm.TransferConversation.if_team":     ifTeamText,
	"fsm.TransferConversation.if_assignee": ifAssigneeText,
	"fsm.TransferConversation.if_decision": ifDecisionText,
	"fsm.TransferConversation.reason":      reasonText,
	"fsm.RemoveFromTeam":                   "What is believed of it.",
	"fsm.RemoveFromTeam.if_team":           ifTeamText,
	"fsm.RemoveFromTeam.if_assignee":       ifAssigneeText,
	"fsm.RemoveFromTeam.if_decision":       ifDecisionText,
	"fsm.RemoveFromTeam.reason":            reasonText,
	"fsm.UndoDecision":                     "Why it is taken back.",
	"fsm.UndoDecision.reason":              reasonText,

	"httpapi.handoverRules.auto_assign":        autoAssignText,
	"httpapi.handoverRules.held_alert_seconds": heldAlertText,
	"httpapi.assigningView.reassign":           reassignText,
	"httpapi.decisionSubject.said":             "The reason that who decided gave, in a word.",
	"httpapi.decisionSubject.undoes":           "The id of the decision that this one took back.",
	"httpapi.contest.since":                    "Since when it is so.",
	"httpapi.contest.decided_by":               "With `decided_by_person`: who decided.",
}
