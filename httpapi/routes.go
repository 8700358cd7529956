package httpapi

import (
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/gorilla/mux"
)

// A routeKind says what a route shares with others.
type routeKind uint8

const (
	reads       routeKind = iota // answers from a view
	previews                     // likewise, after what its body says was done to a copy of it
	writes                       // proposes a command; has a key
	messages                     // likewise; the id of the message is its key
	operates                     // for operators, in a lane of their own: answers from what this node has
	resolves                     // reads, in the lane of operators
	probes                       // asks nobody and is always let in
	streams                      // answers for as long as the client listens; see events.go
	beats                        // heartbeats: they stay on this node, and change nothing by themselves
	administers                  // for operators, too; changes the cluster itself, and may be repeated
)

// A route is one row of the table.
type route struct {
	kind       routeKind
	method     string
	path       string
	permission string   // who may; everybody until tokens exist
	query      []string // parameters of its own, besides those of its kind
	handle     handler
}

// changes says whether the route proposes a command.
func (rt *route) changes() bool {
	return rt.kind == writes || rt.kind == messages || rt.kind == administers
}

// pattern is the path for the router: a key may hold any visible character.
func pattern(path string) string { return strings.Replace(path, "{key}", "{key:.+}", 1) }

// A handler answers a call. Its error is a *problem, or a fault of this node
// that is logged and answered with 500.
type handler func(*api, *call) (answer, error)

// routes is the API. The busiest paths come first, since they are tried in this
// order. A HEAD is a GET without its body.
var routes = []route{
	{writes, "POST", "/v1/conversations", "conversations.open", nil, openConversation},
	{messages, "POST", "/v1/inboxes/{id}/messages", "messages.receive", nil, receiveMessage},
	{writes, "POST", "/v1/conversations/{id}/close", "conversations.close", nil, closeConversation},
	{writes, "PUT", "/v1/agents/{id}/presence", "agents.presence", nil, putPresence},
	{reads, "GET", "/v1/conversations/count", "conversations.read", conversationParameters(), countConversations}, // before {id}
	{reads, "GET", "/v1/conversations/{id}", "conversations.read", nil, getConversation},
	{writes, "POST", "/v1/conversations/{id}/claim", "conversations.claim", nil, claimConversation},
	{writes, "PUT", "/v1/conversations/{id}/assignee", "conversations.assign", nil, assignConversation},
	{writes, "DELETE", "/v1/conversations/{id}/assignee", "conversations.assign", []string{"if_assignee", "if_decision"}, unassignConversation},
	{writes, "PUT", "/v1/conversations/{id}/team", "conversations.assign", nil, transferConversation},
	{writes, "DELETE", "/v1/conversations/{id}/team", "conversations.assign", []string{"if_team", "if_decision"}, removeFromTeam},
	{writes, "POST", "/v1/decisions/{id}/undo", "decisions.undo", nil, undoDecision},
	{writes, "POST", "/v1/conversations/{id}/requeue", "conversations.assign", nil, requeueConversation},
	{writes, "POST", "/v1/conversations/{id}/reopen", "conversations.close", nil, reopenConversation},
	{writes, "PUT", "/v1/conversations/{id}/tags/{tag}", "conversations.tag", nil, putTag},
	{writes, "DELETE", "/v1/conversations/{id}/tags/{tag}", "conversations.tag", nil, deleteTag},
	{writes, "POST", "/v1/conversations/{id}/handoff", "conversations.assign", nil, handOffConversation},
	{writes, "POST", "/v1/conversations/{id}/snooze", "conversations.close", nil, snoozeConversation},
	{writes, "PUT", "/v1/conversations/{id}/priority", "conversations.assign", nil, putPriority},
	{writes, "POST", "/v1/conversations/{id}/read", "conversations.read", nil, readConversation},
	{messages, "POST", "/v1/conversations/{id}/messages", "messages.receive", nil, addMessage},
	{writes, "POST", "/v1/conversations/{id}/notes", "conversations.note", nil, noteConversation},
	{reads, "GET", "/v1/conversations/{id}/decisions", "decisions.read", listing("explain"), listDecisionsOf},
	{reads, "GET", "/v1/conversations/{id}/story", "decisions.read", []string{"text"}, getStory},
	{reads, "GET", "/v1/conversations", "conversations.read", listing(conversationParameters()...), listConversations},

	{reads, "GET", "/v1/views/counts", "views.read", append(conversationParameters(), "ids"), countViews}, // before {id}
	{writes, "PUT", "/v1/views/{id}", "views.write", nil, putView},
	{writes, "PATCH", "/v1/views/{id}", "views.write", nil, viewPatch.patch},
	{reads, "GET", "/v1/views/{id}", "views.read", nil, getView},
	{writes, "DELETE", "/v1/views/{id}", "views.write", nil, deleteView},
	{reads, "GET", "/v1/views", "views.read", listing(), listViews},
	{reads, "GET", "/v1/views/{id}/conversations", "conversations.read", listing(conversationParameters()...), listViewed},
	{reads, "GET", "/v1/views/{id}/count", "conversations.read", conversationParameters(), countViewed},
	{reads, "GET", "/v1/views/{id}/revisions", "views.read", nil, ofUsable(viewRevisions.listRevisions)},
	{reads, "GET", "/v1/views/{id}/revisions/{revision}", "views.read", nil, ofUsable(viewRevisions.getRevision)},
	{reads, "GET", "/v1/views/{id}/revisions/{revision}/diff", "views.read", []string{"against", "explain"}, ofUsable(viewRevisions.getDiff)},

	{reads, "GET", "/v1/rules/templates", "rules.read", nil, listTemplates}, // before {id}
	{reads, "GET", "/v1/rules/templates/{name}", "rules.read", templateParameters(), getTemplate},
	{reads, "GET", "/v1/rules/{id}/lint", "rules.read", []string{"of"}, lintRule},
	{reads, "GET", "/v1/rules/fields", "rules.read", nil, listRuleFields}, // before {id}
	{previews, "POST", "/v1/rules/{id}/test", "rules.read", nil, tryRule},
	{writes, "PUT", "/v1/rules/order", "rules.write", nil, orderRules},
	{writes, "PUT", "/v1/rules/{id}", "rules.write", nil, putRule},
	{writes, "PATCH", "/v1/rules/{id}", "rules.write", nil, rulePatch.patch},
	{reads, "GET", "/v1/rules/{id}", "rules.read", nil, getRule},
	{writes, "DELETE", "/v1/rules/{id}", "rules.write", nil, deleteRule},
	{reads, "GET", "/v1/rules", "rules.read", listing("state", "on"), listRules},
	{writes, "POST", "/v1/rules/{id}/publish", "rules.write", nil, publishRule},
	{writes, "POST", "/v1/rules/{id}/pause", "rules.write", nil, pauseRule},
	{writes, "POST", "/v1/rules/{id}/resume", "rules.write", nil, resumeRule},
	{writes, "POST", "/v1/rules/{id}/rollback", "rules.write", nil, rollBackRule},
	{reads, "GET", "/v1/rules/{id}/diff", "rules.read", []string{"explain"}, diffRule},
	{reads, "GET", "/v1/rules/{id}/revisions", "rules.read", nil, ruleRevisions.listRevisions},
	{reads, "GET", "/v1/rules/{id}/revisions/{revision}", "rules.read", nil, ruleRevisions.getRevision},
	{reads, "GET", "/v1/rules/{id}/revisions/{revision}/diff", "rules.read", []string{"against", "explain"}, ruleRevisions.getDiff},
	{reads, "GET", "/v1/rules/{id}/runs", "rules.read", []string{"limit", "page_token"}, listRuns},
	{reads, "GET", "/v1/runs/{id}", "rules.read", nil, getRun},
	{writes, "DELETE", "/v1/runs/{id}", "rules.write", nil, deleteRun},
	{writes, "POST", "/v1/offers/{id}/accept", "conversations.claim", nil, acceptOffer},
	{writes, "POST", "/v1/offers/{id}/decline", "conversations.claim", nil, declineOffer},
	{reads, "GET", "/v1/offers/{id}", "conversations.read", nil, getOffer},
	{reads, "GET", "/v1/offers", "conversations.read", []string{"agent", "conversation", "limit", "page_token", "team"}, listOffers},
	{reads, "GET", "/v1/criteria", "rules.read", nil, getCriteria},
	{writes, "PUT", "/v1/criteria", "rules.write", nil, putCriteria},

	{reads, "GET", "/v1/decisions", "decisions.read", listing("conversation", "team", "agent", "explain"), listDecisions},
	{reads, "GET", "/v1/decisions/{id}", "decisions.read", []string{"explain"}, getDecision},
	{writes, "POST", "/v1/decisions/{id}/refund", "decisions.refund", nil, refundDecision},

	{beats, "POST", "/v1/agents/{id}/heartbeat", "agents.presence", nil, beat},
	{beats, "POST", "/v1/heartbeats", "agents.presence", nil, beatAll},
	{writes, "DELETE", "/v1/agents/{id}/presence/plan", "agents.presence", nil, deletePlan},
	{reads, "GET", "/v1/agents/{id}/presence/history", "agents.read", []string{"limit", "page_token"}, listPresence},
	{reads, "GET", "/v1/agents/{id}/inbox-summary", "agents.read", []string{"since"}, getSummary},
	{reads, "GET", "/v1/agents/{id}/passed-over", "agents.read", []string{"since", "until", "page_token"}, getPassedOver},

	{writes, "PUT", "/v1/agents/{id}", "agents.write", nil, putAgent},
	{writes, "PATCH", "/v1/agents/{id}", "agents.write", nil, agentPatch.patch},
	{reads, "GET", "/v1/agents/{id}", "agents.read", nil, getAgent},
	{reads, "GET", "/v1/agents", "agents.read", listing("q"), listAgents},
	{reads, "GET", "/v1/agents/{id}/revisions", "agents.read", nil, agentRevisions.listRevisions},
	{reads, "GET", "/v1/agents/{id}/revisions/{revision}", "agents.read", nil, agentRevisions.getRevision},
	{reads, "GET", "/v1/agents/{id}/revisions/{revision}/diff", "agents.read", []string{"against", "explain"}, agentRevisions.getDiff},

	{writes, "PUT", "/v1/teams/{id}", "teams.write", nil, putTeam},
	{writes, "PATCH", "/v1/teams/{id}", "teams.write", nil, teamPatch.patch},
	{reads, "GET", "/v1/teams/{id}", "teams.read", nil, getTeam},
	{reads, "GET", "/v1/teams", "teams.read", listing(), listTeams},
	{reads, "GET", "/v1/teams/{id}/revisions", "teams.read", nil, teamRevisions.listRevisions},
	{reads, "GET", "/v1/teams/{id}/revisions/{revision}", "teams.read", nil, teamRevisions.getRevision},
	{reads, "GET", "/v1/teams/{id}/revisions/{revision}/diff", "teams.read", []string{"against", "explain"}, teamRevisions.getDiff},
	{reads, "GET", "/v1/teams/{id}/rotation", "teams.read", []string{"inbox"}, getRotation},
	{writes, "POST", "/v1/teams/{id}/rotation/resort", "teams.write", nil, resortRotation},
	{reads, "GET", "/v1/teams/{id}/members/{agent}", "teams.read", nil, getMember},
	{writes, "PUT", "/v1/teams/{id}/members/{agent}", "teams.write", nil, putMember},
	{writes, "DELETE", "/v1/teams/{id}/members/{agent}", "teams.write", []string{"conversations"}, deleteMember},
	{writes, "DELETE", "/v1/teams/{id}", "teams.write", nil, deleteTeam},
	{writes, "DELETE", "/v1/agents/{id}", "agents.write", []string{"conversations"}, deleteAgent},
	{writes, "POST", "/v1/agents/{id}/release", "agents.presence", nil, releaseAgent},
	{writes, "DELETE", "/v1/groups/{id}", "groups.write", nil, deleteGroup},

	{writes, "PUT", "/v1/groups/{id}", "groups.write", nil, putGroup},
	{writes, "PATCH", "/v1/groups/{id}", "groups.write", nil, groupPatch.patch},
	{reads, "GET", "/v1/groups/{id}", "groups.read", nil, getGroup},
	{reads, "GET", "/v1/groups", "groups.read", listing(), listGroups},
	{reads, "GET", "/v1/groups/{id}/revisions", "groups.read", nil, groupRevisions.listRevisions},
	{reads, "GET", "/v1/groups/{id}/revisions/{revision}", "groups.read", nil, groupRevisions.getRevision},
	{reads, "GET", "/v1/groups/{id}/revisions/{revision}/diff", "groups.read", []string{"against", "explain"}, groupRevisions.getDiff},
	{writes, "PUT", "/v1/groups/{id}/members/{agent}", "groups.write", nil, putGroupMember},
	{writes, "DELETE", "/v1/groups/{id}/members/{agent}", "groups.write", nil, deleteGroupMember},

	{writes, "PUT", "/v1/inboxes/{id}", "inboxes.write", nil, putInbox},
	{writes, "PATCH", "/v1/inboxes/{id}", "inboxes.write", nil, inboxPatch.patch},
	{reads, "GET", "/v1/inboxes/{id}", "inboxes.read", nil, getInbox},
	{previews, "POST", "/v1/inboxes/{id}/preview", "inboxes.read", snapshotParameters, previewInbox},
	{messages, "POST", "/v1/inboxes/{id}/forms", "messages.receive", nil, submitForm},
	{reads, "GET", "/v1/inboxes", "inboxes.read", listing("channel", "address", "team"), listInboxes},
	{reads, "GET", "/v1/inboxes/{id}/revisions", "inboxes.read", nil, inboxRevisions.listRevisions},
	{reads, "GET", "/v1/inboxes/{id}/revisions/{revision}", "inboxes.read", nil, inboxRevisions.getRevision},
	{reads, "GET", "/v1/inboxes/{id}/revisions/{revision}/diff", "inboxes.read", []string{"against", "explain"}, inboxRevisions.getDiff},
	{writes, "DELETE", "/v1/inboxes/{id}", "inboxes.write", nil, deleteInbox},
	{writes, "PUT", "/v1/inboxes/{id}/access/{agent}", "inboxes.write", nil, putInboxAccess},
	{writes, "DELETE", "/v1/inboxes/{id}/access/{agent}", "inboxes.write", nil, deleteInboxAccess},
	{writes, "PUT", "/v1/inboxes/{id}/members/{agent}", "inboxes.write", nil, putInboxMember},
	{writes, "DELETE", "/v1/inboxes/{id}/members/{agent}", "inboxes.write", nil, deleteInboxMember},

	{writes, "PUT", "/v1/contacts/{id}", "contacts.write", []string{"conversations"}, putContact},
	{writes, "PATCH", "/v1/contacts/{id}", "contacts.write", []string{"conversations"}, contactPatch.patch},
	{reads, "GET", "/v1/contacts/{id}", "contacts.read", nil, getContact},
	{reads, "GET", "/v1/contacts", "contacts.read", listing("address", "owner", "tag", "known", "blocked", "language", "region"), listContacts},
	{reads, "GET", "/v1/contacts/{id}/revisions", "contacts.read", nil, contactRevisions.listRevisions},
	{reads, "GET", "/v1/contacts/{id}/revisions/{revision}", "contacts.read", nil, contactRevisions.getRevision},
	{reads, "GET", "/v1/contacts/{id}/revisions/{revision}/diff", "contacts.read", []string{"against", "explain"}, contactRevisions.getDiff},
	{writes, "PUT", "/v1/contacts/{id}/owner", "contacts.write", []string{"conversations"}, putContactOwner},
	{writes, "DELETE", "/v1/contacts/{id}/owner", "contacts.write", []string{"conversations"}, deleteContactOwner},
	{writes, "PUT", "/v1/contacts/{id}/tags/{tag}", "contacts.write", nil, putContactTag},
	{writes, "DELETE", "/v1/contacts/{id}/tags/{tag}", "contacts.write", nil, deleteContactTag},
	{writes, "POST", "/v1/contacts/{id}/assign", "contacts.write", nil, assignContact},
	{writes, "POST", "/v1/contacts/{id}/qualify", "contacts.write", nil, qualifyContact},
	{writes, "POST", "/v1/contacts/{id}/merge", "contacts.erase", nil, mergeContacts},
	{writes, "POST", "/v1/contacts/{id}/erase", "contacts.erase", nil, eraseContact},

	{writes, "PUT", "/v1/schedules/{id}", "schedules.write", nil, putSchedule},
	{writes, "PATCH", "/v1/schedules/{id}", "schedules.write", nil, schedulePatch.patch},
	{writes, "DELETE", "/v1/schedules/{id}", "schedules.write", nil, deleteSchedule},
	{reads, "GET", "/v1/schedules/{id}", "schedules.read", nil, getSchedule},
	{reads, "GET", "/v1/schedules", "schedules.read", listing(), listSchedules},
	{reads, "GET", "/v1/schedules/{id}/state", "schedules.read", []string{"at"}, getScheduleState},
	{writes, "POST", "/v1/schedules/{id}/holidays", "schedules.write", nil, importHolidays},
	{reads, "GET", "/v1/schedules/{id}/revisions", "schedules.read", nil, scheduleRevisions.listRevisions},
	{reads, "GET", "/v1/schedules/{id}/revisions/{revision}", "schedules.read", nil, scheduleRevisions.getRevision},
	{reads, "GET", "/v1/schedules/{id}/revisions/{revision}/diff", "schedules.read", []string{"against", "explain"}, scheduleRevisions.getDiff},

	{writes, "PUT", "/v1/contacts/{id}/followers/{agent}", "contacts.follow", nil, followContact},
	{writes, "DELETE", "/v1/contacts/{id}/followers/{agent}", "contacts.follow", nil, unfollowContact},
	{reads, "GET", "/v1/contacts/{id}/followers", "contacts.read", nil, listFollowers},
	{writes, "PUT", "/v1/conversations/{id}/followers/{agent}", "contacts.follow", nil, followConversation},
	{writes, "DELETE", "/v1/conversations/{id}/followers/{agent}", "contacts.follow", nil, unfollowConversation},
	{reads, "GET", "/v1/agents/{id}/notifications", "notifications.read", []string{"unread", "kind", "limit", "page_token"}, listNotifications},
	{writes, "POST", "/v1/agents/{id}/notifications/read", "notifications.read", nil, readNotifications},
	{reads, "GET", "/v1/agents/{id}/preferences", "notifications.read", nil, getPreferences},
	{writes, "PUT", "/v1/agents/{id}/preferences", "notifications.write", nil, putPreferences},

	{resolves, "GET", "/v1/operations/{key}", "operations.read", []string{"inbox", "conversation", "form_inbox"}, getOperation},
	{streams, "GET", "/v1/events", "events.read", eventParameters, nil}, // events.go

	{operates, "GET", "/v1/cluster", "cluster.read", nil, getCluster},
	{operates, "GET", "/v1/cluster/nodes", "cluster.read", nil, listNodes},
	{operates, "GET", "/v1/cluster/snapshot", "cluster.snapshot", snapshotParameters, getSnapshot},
	{administers, "POST", "/v1/cluster/nodes", "cluster.write", nil, addNode},
	{administers, "DELETE", "/v1/cluster/nodes/{id}", "cluster.write", nil, removeNode},
	{administers, "POST", "/v1/cluster/leave", "cluster.write", nil, leaveCluster},
	{administers, "POST", "/v1/cluster/transfer", "cluster.write", nil, transferLeadership},
	{operates, "GET", "/metrics", "metrics.read", anyParameter, nil}, // Options.MetricsHandler
	{probes, "GET", "/openapi.yaml", "contract.read", anyParameter, getOpenAPI},
	{probes, "GET", "/livez", "health.read", anyParameter, getLivez},
	{probes, "GET", "/readyz", "health.read", anyParameter, getReadyz},
}

// listing are the parameters of a list with these filters.
func listing(filters ...string) []string { return append(filters, "sort", "limit", "page_token") }

// anyParameter is for routes that probes call with what they like.
var anyParameter = []string{"*"}

// router returns the handler of the table. Methods are told apart here rather
// than by the router, so that a 405 can name those there are.
func (a *api) router() http.Handler {
	r := mux.NewRouter().SkipClean(true)
	for _, path := range paths(routes) {
		methods := map[string]*route{}
		for i := range routes {
			if routes[i].path == path {
				methods[routes[i].method] = &routes[i]
			}
		}
		if get, ok := methods[http.MethodGet]; ok {
			methods[http.MethodHead] = get
		}
		r.HandleFunc(pattern(path), func(w http.ResponseWriter, req *http.Request) {
			rt, ok := methods[req.Method]
			switch {
			case !ok:
				a.refuse(w, req, methodNotAllowed(req, slices.Sorted(maps.Keys(methods))))
			case rt.kind == streams:
				a.events.serve(w, req, rt)
			case rt.handle != nil:
				a.serve(w, req, rt)
			case a.metrics != nil:
				serveMetrics(a, w, req, rt)
			default:
				a.refuse(w, req, newProblem(http.StatusNotFound, "no_metrics", "No metrics", "this node was started without metrics"))
			}
		})
	}
	r.NotFoundHandler = http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		a.refuse(w, req, newProblem(http.StatusNotFound, "no_route", "No such path", "there is no "+clip(req.URL.Path)+" here; the paths begin with /v1/"))
	})
	return r
}

// paths returns each path once, in the order of the table.
func paths(table []route) []string {
	var list []string
	for _, rt := range table {
		if !slices.Contains(list, rt.path) {
			list = append(list, rt.path)
		}
	}
	return list
}

func methodNotAllowed(r *http.Request, allowed []string) *problem {
	allow := strings.Join(allowed, ", ")
	p := newProblem(http.StatusMethodNotAllowed, "method_not_allowed", "Not with this method",
		clip(r.Method)+" means nothing here; use "+allow)
	p.allow = allow
	return p
}

// clip shortens what a client sent to what fits into a sentence.
func clip(s string) string {
	const enough = 80
	if len(s) > enough {
		s = s[:enough] + "..."
	}
	return strings.ToValidUTF8(s, "?")
}
