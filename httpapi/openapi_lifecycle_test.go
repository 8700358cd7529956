package httpapi

import (
	"maps"
	"slices"

	"github.com/rondohq/rondo/fsm"
)

// The operations about a conversation between its opening and its end.
var lifecycleOperations = map[string]operation{
	"POST /v1/conversations/{id}/handoff": {id: "handOffConversation", tag: "conversations", summary: "Hand a pending conversation over to people",
		about: "By the bot that has it, or for it. It goes where a new one would go without the bot, and takes the turn now.",
		body:  of[fsm.CloseConversation](), answers: ok[actionView](), refusals: []fsm.Reason{fsm.NotPending, fsm.ConversationClosed}},
	"POST /v1/conversations/{id}/snooze": {id: "snoozeConversation", tag: "conversations", summary: "Put a conversation off until later",
		about: "It is opened again at the time, or as soon as the customer writes. Who has it keeps it, unless she is absent then; meanwhile it does not count as open.",
		body:  of[fsm.SnoozeConversation](), answers: ok[actionView](), refusals: []fsm.Reason{fsm.ConversationClosed, fsm.ConversationPending, fsm.NotForLeads},
		call: "/v1/conversations/c1/snooze", sent: `{"until":"2026-11-28T09:00:00Z"}`},
	"PUT /v1/conversations/{id}/priority": {id: "putPriority", tag: "conversations", summary: "Make a conversation more or less urgent",
		about: "Of what waits in a team the highest is served first, and between equals the oldest.",
		body:  of[fsm.PutPriority](), answers: ok[actionView](), refusals: []fsm.Reason{fsm.ConversationClosed},
		call: "/v1/conversations/c1/priority", sent: `{"priority":5}`},
	"POST /v1/conversations/{id}/read": {id: "readConversation", tag: "conversations", summary: "Say that somebody has read what the customer wrote",
		about: "`unread` is 0 then. It tells an event only if it was not 0 before.",
		body:  of[fsm.CloseConversation](), answers: ok[actionView](), call: "/v1/conversations/c1/read"},
	"POST /v1/conversations/{id}/messages": {id: "addMessage", tag: "conversations", summary: "A message of which the conversation is known",
		about: "As a message that arrives in its inbox, or one that the actor wrote to the customer. What the customer writes in one that was closed long ago opens a new one. " +
			"The message's id makes a second delivery harmless, in this conversation. An Idempotency-Key is refused here.",
		body: of[fsm.AddMessage](), answers: okOrCreated[receivedView](), refusals: []fsm.Reason{fsm.InboxRemoved, fsm.NotForLeads},
		call: "/v1/conversations/c1/messages", sent: `{"id":"SM82","direction":"outbound","sent_at":"2026-11-21T09:10:00Z"}`},
}

var lifecycleAbouts = map[string]string{
	"fsm.OpenConversation.status":   "`open`: to people at once. `pending`: to nobody before it is handed off. Left out: to the inbox's bot, if it has one, or to people.",
	"fsm.OpenConversation.priority": "0 is normal; higher is served first.",
	"fsm.ReceiveMessage.to":         "Of an `outbound` message, in place of `from`: to whom the actor wrote. Where nothing is open, it begins an outbound conversation.",
	"fsm.InboxAssignment.bot":       "An agent of kind bot. It has every new conversation first, pending and without a turn, until it is handed off. A bot that has had a presence is passed by while it is not available.",
	"fsm.PutTeam.unassign_on_close": "Who has a conversation is let go when it is closed; opened again, it goes the way of a new one.",
	"fsm.SnoozeConversation":        "Until when it is put off.",
	"fsm.SnoozeConversation.until":  "Ahead, by 366 days at most.",
	"fsm.PutPriority":               "How urgent it is.",
	"fsm.PutPriority.priority":      "0 is normal; higher is served first.",
	"fsm.AddMessage":                "A message, without its text.",
	"fsm.AddMessage.id":             "The channel's id of the message.",
	"fsm.AddMessage.sent_at":        "When it was written; recorded, never decided on.",

	"httpapi.inboxBesides.bot":                  "Who has every new conversation before people, until it is handed off.",
	"httpapi.absenceRules.unassign_on_close":    "Who has a conversation is let go when it is closed.",
	"httpapi.conversationContent.priority":      "0 is normal; higher is served first.",
	"httpapi.conversationLife.kind":             "A lead has no messages: it asks for an owner of its contact.",
	"httpapi.conversationLife.snoozed_until":    "When it is opened again by itself.",
	"httpapi.conversationLife.unread":           "How many messages the customer wrote since somebody read or answered.",
	"httpapi.conversationLife.last_inbound_at":  "When the customer wrote last.",
	"httpapi.conversationLife.last_outbound_at": "When somebody wrote to the customer last.",
	"httpapi.conversationLife.first_reply_at":   "When somebody first wrote after the customer had.",
	"httpapi.eventTelling.priority":             "The priority it has now, where that was changed.",
}

func init() {
	maps.Copy(operations, lifecycleOperations)
	maps.Copy(abouts, lifecycleAbouts)
	vocabulary["httpapi.conversationLife.kind"] = []string{kindConversation, kindLead}
	for name, more := range map[string][]fsm.Reason{
		"POST /v1/conversations/{id}/claim":   {fsm.ConversationPending},
		"POST /v1/conversations/{id}/requeue": {fsm.ConversationPending},
		"POST /v1/conversations/{id}/reopen":  {fsm.NotForLeads},
	} {
		o := operations[name]
		o.refusals = append(slices.Clone(o.refusals), more...)
		operations[name] = o
	}
	message := operations["POST /v1/inboxes/{id}/messages"]
	message.about = "What a channel calls when a customer has written. It is added to the contact's conversation in this inbox that is open or pending; one that is snoozed, or was closed less than a week ago, is opened again; otherwise a new one is opened and given to whoever's turn it is. " +
		"With `direction` outbound it was written to the customer by the actor: it changes nobody's assignment, and begins an outbound conversation where none is there. " +
		"The message's id makes a second delivery harmless: it gets the answer of the first, with Idempotency-Replayed. An Idempotency-Key is refused here."
	operations["POST /v1/inboxes/{id}/messages"] = message
	exampleOrder = slices.Insert(exampleOrder, slices.Index(exampleOrder, "PUT /v1/conversations/{id}/tags/{tag}"), "POST /v1/conversations/{id}/messages",
		"POST /v1/conversations/{id}/read", "PUT /v1/conversations/{id}/priority", "POST /v1/conversations/{id}/snooze")
}
