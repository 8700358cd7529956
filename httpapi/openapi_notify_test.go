package httpapi

import (
	"maps"
	"slices"

	"github.com/rondohq/rondo/fsm"
)

// Following and being told.
func init() {
	maps.Copy(operations, map[string]operation{
		"PUT /v1/contacts/{id}/followers/{agent}": {id: "followContact", tag: "contacts", summary: "Follow a contact",
			about: "Whoever follows is told when the customer writes, whoever has the conversation, in inboxes that she has access to. A contact has 100 followers at most, and an agent follows 10,000 contacts at most.",
			body:  of[fsm.FollowContact](), answers: okOrCreated[contactView](), refusals: []fsm.Reason{fsm.TooManyFollowers, fsm.MergedAway, fsm.ErasedContact}, call: "/v1/contacts/ben/followers/mallory"},
		"DELETE /v1/contacts/{id}/followers/{agent}": {id: "unfollowContact", tag: "contacts", summary: "Follow a contact no more",
			body: of[fsm.UnfollowContact](), answers: ok[contactView](), refusals: []fsm.Reason{fsm.MergedAway, fsm.ErasedContact}},
		"GET /v1/contacts/{id}/followers": {id: "listFollowers", tag: "contacts", summary: "Who follows a contact",
			about: "All on one page.", list: of[followerView](), call: "/v1/contacts/ben/followers"},
		"PUT /v1/conversations/{id}/followers/{agent}": {id: "followConversation", tag: "conversations", summary: "Follow the contact of a conversation",
			about: "It is the contact that is followed, in all its conversations, of now and later.",
			body:  of[fsm.FollowConversation](), answers: okOrCreated[actionView](), refusals: []fsm.Reason{fsm.TooManyFollowers}, call: "/v1/conversations/c1/followers/mallory"},
		"DELETE /v1/conversations/{id}/followers/{agent}": {id: "unfollowConversation", tag: "conversations", summary: "Follow the contact of a conversation no more",
			body: of[fsm.UnfollowConversation](), answers: ok[actionView]()},
		"GET /v1/agents/{id}/notifications": {id: "listNotifications", tag: "notifications", summary: "What an agent was told",
			about: "The newest first; `unread` counts all that she has not read. The newest 500 are kept, for 30 days. Their ids are those of the events, so what also came by the stream is shown once. " + ownText,
			list:  of[notificationView](), refusals: []fsm.Reason{fsm.NotPermitted}, call: "/v1/agents/mallory/notifications?limit=1"},
		"POST /v1/agents/{id}/notifications/read": {id: "readNotifications", tag: "notifications", summary: "Mark notifications as read",
			about: "All up to one, or those that are named. What is no longer in her list needs no mark. " + ownText,
			body:  of[fsm.ReadNotifications](), answers: ok[unreadView](), refusals: []fsm.Reason{fsm.NotPermitted},
			call: "/v1/agents/mallory/notifications/read", sent: `{"up_to":"1042.3"}`},
		"GET /v1/agents/{id}/preferences": {id: "getPreferences", tag: "notifications", summary: "What an agent wants to be told, and how",
			about: ownText, answers: ok[preferencesView](), refusals: []fsm.Reason{fsm.NotPermitted}, call: "/v1/agents/mallory/preferences"},
		"PUT /v1/agents/{id}/preferences": {id: "putPreferences", tag: "notifications", summary: "Say what an agent wants to be told, and how",
			about: "What is left out is on. What is off on every channel is not told at all. " + ownText,
			body:  of[fsm.PutPreferences](), answers: ok[preferencesView](), refusals: []fsm.Reason{fsm.NotPermitted},
			call: "/v1/agents/mallory/preferences", sent: `{"notifications":{"message_received":{"webhook":false}}}`},
	})
	streaming := operations["GET /v1/events"]
	streaming.refusals = append(slices.Clone(streaming.refusals), fsm.NotPermitted)
	operations["GET /v1/events"] = streaming
	exampleOrder = append(exampleOrder, "PUT /v1/contacts/{id}/followers/{agent}", "GET /v1/contacts/{id}/followers", "PUT /v1/conversations/{id}/followers/{agent}",
		"PUT /v1/agents/{id}/preferences", "GET /v1/agents/{id}/preferences", "GET /v1/agents/{id}/notifications", "POST /v1/agents/{id}/notifications/read")
	maps.Copy(parameters, map[string]parameter{
		"notify":                                   {"Only what this agent is to be told by the stream, as she prefers it.", ""},
		"/v1/agents/{id}/notifications unread":     {"Only what she has not read (`true`), or only what she has (`false`).", `{"type":"string","enum":["true","false"]}`},
		"/v1/agents/{id}/notifications kind":       {"Only those of this kind.", `{"type":"string","enum":["` + joined(fsm.NoticeKindNames()) + `"]}`},
		"/v1/agents/{id}/notifications page_token": {"As `next_page_token` of the page before, with the same filters.", ""},
	})
	maps.Copy(vocabulary, map[string][]string{
		"httpapi.noticeView.kind": fsm.NoticeKindNames(), "httpapi.notificationView.kind": fsm.NoticeKindNames(),
	})
	maps.Copy(always, map[string]bool{
		"httpapi.noticeView.agent": true, "httpapi.notificationView.at": true, "httpapi.followerView.agent": true, "httpapi.followerView.since": true,
	})
	maps.Copy(componentNames, map[string]string{
		"httpapi.unreadView": "UnreadCount", "httpapi.preferencesView": "Preferences", "httpapi.noticePreferences": "NoticePreferences",
		"httpapi.channelPreferences": "ChannelPreferences", "fsm.NoticePreferences": "NoticePreferencesInput", "fsm.ChannelPreferences": "ChannelPreferencesInput",
	})
	maps.Copy(abouts, notifyAbouts())
}

const ownText = "An agent may do so with her own; supervisors, admins, systems and connectors with those of anybody."

func joined(words []string) (text string) {
	for i, word := range words {
		if i > 0 {
			text += `","`
		}
		text += word
	}
	return text
}

func notifyAbouts() map[string]string {
	abouts := map[string]string{
		"fsm.FollowContact":                       "Who follows whom.",
		"fsm.FollowConversation":                  "Who follows its contact.",
		"fsm.UnfollowConversation":                "Who follows its contact no more.",
		"fsm.UnfollowContact":                     "Who follows whom no more.",
		"fsm.ReadNotifications":                   "Which were read.",
		"fsm.ReadNotifications.up_to":             "The id of the newest that was read: it and all before it. Or give `ids`.",
		"fsm.ReadNotifications.ids":               "The ids of those that were read, 500 at most. Or give `up_to`.",
		"fsm.PutPreferences":                      "What she wants to be told.",
		"fsm.PutPreferences.notifications":        "By kind.",
		"fsm.PutTeam.assignment_message":          "What a customer is to be told when somebody new has the conversation, 1,000 characters at most. Fields: `{{contact.name}}`, `{{agent.name}}`, `{{team.name}}`, `{{inbox.name}}`, `{{conversation.id}}`; behind a bar stands what is said where one is empty, `{{contact.name|there}}`. It makes an event `assignment.message_due`, once for each such assignment; whoever sends messages sends it. Left out or null: nothing.",
		"httpapi.teamRules.assignment_message":    "The template of what a customer is told when somebody new has the conversation; null: nothing.",
		"httpapi.noticeView":                      "Somebody who is told of the event.",
		"httpapi.noticeView.kind":                 "Why.",
		"httpapi.noticeView.channels":             "How she wants it: `list`, `stream`, `webhook`.",
		"httpapi.eventData.notices":               "Who is told of it: each agent once, never the actor.",
		"httpapi.eventTelling.assignment_message": "Of `assignment.message_due`: what the customer is to be told, with the names of when it is looked at. null: nothing any more.",
		"httpapi.notificationView":                "Something that an agent was told.",
		"httpapi.notificationView.kind":           "Why she was told.",
		"httpapi.notificationView.read":           "She has read it.",
		"httpapi.notificationView.actor":          "Who did it; null where the event is no longer kept.",
		"httpapi.notificationView.team":           "The team of the conversation, or whose queue waits.",
		"httpapi.unreadView.unread":               "How many she has not read, of all.",
		"httpapi.notificationView.contact":        "The contact of the conversation.",
		"httpapi.notificationView.at":             "When it happened.",
		"httpapi.unreadView":                      "How many notifications an agent has not read.",
		"httpapi.preferencesView":                 "What an agent wants to be told, and how.",
		"httpapi.preferencesView.notifications":   "By kind.",
		"httpapi.noticePreferences":               "The channels of each kind.",
		"httpapi.channelPreferences":              "How she wants to be told.",
		"httpapi.followerView":                    "An agent who follows a contact.",
		"httpapi.followerView.since":              "Since when.",
		"httpapi.conversationContent.followers":   "Who follows its contact, by id.",
		"httpapi.contactView.followers":           "Who follows it, by id.",
		"fsm.NoticePreferences":                   "The channels of each kind; what is left out is on.",
		"fsm.ChannelPreferences":                  "How she wants to be told; what is left out is on.",
	}
	for _, of := range []string{"fsm.ChannelPreferences", "httpapi.channelPreferences"} {
		abouts[of+".list"] = "In her list of notifications."
		abouts[of+".stream"] = "By the stream of events with `notify`."
		abouts[of+".webhook"] = "By what is sent to her."
	}
	kinds := map[string]string{
		"assigned": "A conversation is hers, or hers again.", "reassigned": "One was hers and is somebody else's.", "unassigned": "One was hers and is nobody's.",
		"message_received": "The customer wrote in what is hers.", "followed_message": "A customer whom she follows wrote.",
		"waiting": "To supervisors: a queue begins to fill, its oldest waits too long, or what nobody takes falls to somebody who is absent, too.", "held": "To supervisors: nobody has had it for a while, because a person said so.",
		"offered": "One is offered to her.", "escalated": "One was passed up to her.", "rule": "A rule wants her to know.",
	}
	for kind, about := range kinds {
		abouts["fsm.NoticePreferences."+kind] = about
		abouts["httpapi.noticePreferences."+kind] = about
	}
	return abouts
}
