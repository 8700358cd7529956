package httpapi

import (
	"maps"
	"strings"

	"github.com/rondohq/rondo/fsm"
)

const idsText = `{"type":"string","pattern":"^[A-Za-z0-9+.:@_-]{1,128}(,[A-Za-z0-9+.:@_-]{1,128})*$"}`

const seenText = "Who acts as an agent sees what comes to the inboxes she has access to, and, with `assignee=me`, all that is hers. "

const hiddenText = "What who acts as an agent may not see is not there for her: only what comes to the inboxes she has access to, and what is hers, is."

// The filters of conversations, and views.
func init() {
	several := "; several with commas between them: any of them"
	maps.Copy(parameters, map[string]parameter{
		"assignee":      {"Only those of this agent" + several + ". `me` is who acts, or whom `as` names; `none`: those that nobody has.", idsText},
		"follower":      {"Only those of contacts whom this agent follows" + several + ". `me` as above.", idsText},
		"team":          {"Only those of this team" + several + ".", idsText},
		"contact":       {"Only those of this contact" + several + ".", idsText},
		"owner":         {"Only those of contacts of this owner" + several + ". `me` and `none` as above.", idsText},
		"source":        {"Only those of inboxes of this kind of channel" + several + ".", idsText},
		"status":        {"Only those with this status" + several + ".", ""},
		"state":         {"Only those whose assignment is in this state" + several + ".", ""},
		"direction":     {"Only those that the customer began, or the company.", ""},
		"kind":          {"Only conversations, or only leads, which have no messages.", ""},
		"tag":           {"Only those with this tag of their own" + several + "; tags of the contact do not count.", idsText},
		"priority":      {"Only those of this priority, 0 to 9" + several + ".", `{"type":"string","pattern":"^[0-9](,[0-9])*$"}`},
		"unread":        {"Only those with messages that nobody has read, or without.", ""},
		"opened_after":  {"Only those opened after this time, or later than an age (30s, 5m, 2h, 7d) ago.", `{"type":"string","pattern":"^([0-9]{1,10}[smhd]|[0-9]{4}-.*)$"}`},
		"opened_before": {"Only those opened before this time, or before an age ago.", `{"type":"string","pattern":"^([0-9]{1,10}[smhd]|[0-9]{4}-.*)$"}`},
		"as":            {"Whom `me` stands for, instead of who acts. It shows nothing that who acts may not see.", ""},
		"ids":           {"The ids of 1 to 20 views, built in or saved, with commas between them.", `{"type":"string","minLength":1}`},

		"/v1/decisions team":            {"Only those of this team.", ""},
		"/v1/teams/{id}/rotation inbox": {"The ring that serves this inbox.", ""},
		"inbox":                         {"Only those of this inbox" + several + ".", idsText},
	})
	for path, about := range map[string]string{
		"GET /v1/conversations/{id}":           hiddenText,
		"GET /v1/conversations/{id}/decisions": hiddenText,
		"GET /v1/decisions":                    hiddenText,
		"GET /v1/decisions/{id}":               hiddenText,
		"POST /v1/conversations":               "No conversation may be called `count`.",
	} {
		o := operations[path]
		o.about = strings.TrimSpace(o.about + " " + about)
		operations[path] = o
	}
	const filtersText = "Filters may be combined: what is asked for must meet all of them. "
	const ordersText = "The oldest first, unless `sort` says otherwise: `activity` is when it was opened, when somebody last wrote, when its assignment changed or when it was closed, whichever is latest; `-priority` puts the most urgent first, and of these the oldest; `queue` is for what waits in one team, and its default. "
	const pagesText = "A page looks at a limited number of rows, so it may be short or even empty and still have a next one. "
	maps.Copy(operations, map[string]operation{
		"GET /v1/conversations": {id: "listConversations", tag: "conversations", summary: "List conversations",
			about: ordersText + filtersText + seenText + pagesText, list: of[conversationView](), call: "/v1/conversations?team=sales&status=open,closed&sort=-activity&limit=1"},
		"GET /v1/conversations/count": {id: "countConversations", tag: "conversations", summary: "Count conversations",
			about: filtersText + "The count is exact up to 10,000, unless too many rows had to be looked at. " + seenText, answers: ok[countView](), call: "/v1/conversations/count?status=open"},
		"PUT /v1/views/{id}": {id: "putView", tag: "views", summary: "Create or replace a view",
			about: "A filter under a name: of one agent, of a team, or of all. Her own an agent changes herself; what is shared, supervisors. `mine`, `team`, `unassigned`, `outbound`, `following`, `waiting`, `held` and `all` are built in.",
			body:  of[fsm.PutView](), answers: okOrCreated[viewView](), refusals: []fsm.Reason{fsm.UnknownReference, fsm.TooManyViews, fsm.NotPermitted},
			call: "/v1/views/seniors", sent: `{"name":"The seniors","filter":"assignee=mallory&status=open","sort":"-activity"}`},
		"PATCH /v1/views/{id}": {id: "patchView", tag: "views", summary: "Change single fields of a view", about: patchText,
			body: of[fsm.PutView](), answers: ok[viewView](), refusals: []fsm.Reason{fsm.UnknownReference, fsm.TooManyViews, fsm.Outdated, fsm.NotPermitted},
			call: "/v1/views/seniors", sent: `{"name":"Seniors"}`},
		"GET /v1/views/{id}": {id: "getView", tag: "views", summary: "Look at a view", answers: ok[viewView](), call: "/v1/views/mine"},
		"DELETE /v1/views/{id}": {id: "deleteView", tag: "views", summary: "Remove a view", about: "What it lists stays. The answer shows it once more.",
			body: of[fsm.DeleteView](), answers: ok[viewView](), refusals: []fsm.Reason{fsm.NotPermitted}},
		"GET /v1/views": {id: "listViews", tag: "views", summary: "List saved views", about: "Those that who acts may use, in the order of their ids. ", list: of[viewView](), call: "/v1/views"},
		"GET /v1/views/{id}/conversations": {id: "listViewConversations", tag: "views", summary: "List what is in a view",
			about: "By the view's own order, unless `sort` says otherwise. Filters narrow it. In the view `team`, `team` says which; otherwise it is of all teams of `me`. " + seenText + pagesText, list: of[conversationView](), call: "/v1/views/seniors/conversations?limit=1"},
		"GET /v1/views/{id}/count": {id: "countView", tag: "views", summary: "Count what is in a view", about: "As of GET /v1/conversations/count.", answers: ok[countView](), call: "/v1/views/seniors/count"},
		"GET /v1/views/counts":     {id: "countViews", tag: "views", summary: "Count what is in several views", about: "For badges, in one call.", answers: ok[badgesView](), call: "/v1/views/counts?ids=seniors,all"},

		"GET /v1/views/{id}/revisions":                 {id: "listViewRevisions", tag: "views", summary: "The revisions of a view", about: revisionsText, list: of[revisionView](), call: "/v1/views/seniors/revisions"},
		"GET /v1/views/{id}/revisions/{revision}":      {id: "getViewRevision", tag: "views", summary: "Look at a revision of a view", answers: ok[revisionDetail]()},
		"GET /v1/views/{id}/revisions/{revision}/diff": {id: "diffViewRevisions", tag: "views", summary: "What a revision of a view changed", about: diffText, answers: ok[diffView]()},
	})
	exampleOrder = append(exampleOrder, "PUT /v1/views/{id}", "PATCH /v1/views/{id}", "GET /v1/views/{id}", "GET /v1/views", "GET /v1/views/{id}/conversations",
		"GET /v1/views/{id}/count", "GET /v1/views/counts", "GET /v1/views/{id}/revisions", "GET /v1/conversations/count")
	maps.Copy(abouts, map[string]string{
		"fsm.PutView":               "A view as it should be.",
		"fsm.PutView.owner":         "Whose it is alone; left out: it is shared.",
		"fsm.PutView.team":          "With whom it is shared; left out: with all.",
		"fsm.PutView.filter":        "What is in it, as the query of GET /v1/conversations would say it: assignee=ann,bob&status=open. It is kept with its fields and values in order.",
		"fsm.PutView.sort":          "The order of what is in it, as `sort` of GET /v1/conversations.",
		"fsm.DeleteView":            "Which to remove.",
		"httpapi.viewView":          "A filter under a name.",
		"httpapi.viewView.owner":    "Whose it is alone; null: it is shared.",
		"httpapi.viewView.team":     "With whom it is shared; null: with all.",
		"httpapi.viewView.filter":   "What is in it.",
		"httpapi.viewView.sort":     "The order of what is in it; null: the oldest first.",
		"httpapi.viewView.built_in": "It is part of Rondo and cannot be changed.",
		"httpapi.viewView.revision": revisionText,
		"httpapi.countView":         "How many there are.",
		"httpapi.countView.count":   "At most 10,000.",
		"httpapi.countView.exact":   "false: there are at least so many.",
		"httpapi.badgesView":        "How many there are in several views, as they were asked for.",
		"httpapi.badgesView.items":  "One for each.",
		"httpapi.badgeView":         "How many there are in a view.",
		"httpapi.badgeView.id":      "The id of the view.",
		"httpapi.badgeView.count":   "At most 10,000; null: there is no such view for who acts.",
		"httpapi.badgeView.exact":   "false: there are at least so many.",
		"httpapi.eventThings.view":  "The view.",
	})
}
