package httpapi

import (
	"reflect"

	"github.com/rondohq/rondo/fsm"
)

// An operation is what the table of routes does not say about a route: what it is
// for, in words, and the types on both sides. Everything else is found out.
type operation struct {
	id, tag, summary, about string

	body     reflect.Type // what is sent; nil: nothing
	list     reflect.Type // what a list is of; then answers is empty
	answers  map[int]reflect.Type
	refusals []fsm.Reason // besides those of every operation of its kind; of the cluster's membership, its codes

	// The example: a body, or, of a read, the path with its parameters. It is sent
	// in the order of the table, and the answer is shown.
	call, sent string
}

func of[T any]() reflect.Type { return reflect.TypeFor[T]() }

func ok[T any]() map[int]reflect.Type { return map[int]reflect.Type{200: of[T]()} }

func okOrCreated[T any]() map[int]reflect.Type {
	return map[int]reflect.Type{200: of[T](), 201: of[T]()}
}

type plainText struct{}

// operations are told in the order of the document, by method and path.
var operations = map[string]operation{
	"PUT /v1/agents/{id}": {id: "putAgent", tag: "agents", summary: "Create or replace an agent",
		about: "A new agent is unavailable until somebody puts her presence.",
		body:  of[fsm.PutAgent](), answers: okOrCreated[agentView](), refusals: []fsm.Reason{fsm.CollationVersion},
		call: "/v1/agents/mallory", sent: `{"name":"Mallory P"}`},
	"PUT /v1/agents/{id}/presence": {id: "putPresence", tag: "agents", summary: "Say whether an agent takes conversations",
		about: "By herself or by somebody for her: the header Rondo-Actor says who. It counts in every team at once. Coming back, she moves nobody's turn, and takes what waits in portions.",
		body:  of[fsm.PutPresence](), answers: ok[agentView](),
		call: "/v1/agents/mallory/presence", sent: `{"status":"available"}`},
	"GET /v1/agents/{id}": {id: "getAgent", tag: "agents", summary: "Look at an agent",
		answers: ok[agentView](), call: "/v1/agents/mallory"},
	"GET /v1/agents": {id: "listAgents", tag: "agents", summary: "List agents",
		about: "In the order of their ids, or of their names. `q` is for search while you type: it finds names that begin so, in their order.", list: of[agentView](), call: "/v1/agents?limit=2"},

	"PUT /v1/teams/{id}": {id: "putTeam", tag: "teams", summary: "Create or replace a team and its rotation",
		about: "Who stays keeps her place in the ring, and who comes waits for her turn, however the list is changed.",
		body:  of[fsm.PutTeam](), answers: okOrCreated[teamView](), refusals: []fsm.Reason{fsm.UnknownReference, fsm.TooManyTeams, fsm.FallbackCycle},
		call: "/v1/teams/sales", sent: `{"name":"Sales","members":[{"agent":"mallory"}],"rotation":{"fallback":{"to":"wait"}}}`},
	"GET /v1/teams/{id}":          {id: "getTeam", tag: "teams", summary: "Look at a team", answers: ok[teamView](), call: "/v1/teams/sales"},
	"GET /v1/teams":               {id: "listTeams", tag: "teams", summary: "List teams", about: "In the order of their ids.", list: of[teamView](), call: "/v1/teams"},
	"GET /v1/teams/{id}/rotation": {id: "getRotation", tag: "teams", summary: "Whose turn is it, and why not the others'?", about: "The ring, who took the last turn, the one reason why each member may not be picked now, and the next turns.", answers: ok[rotationView](), call: "/v1/teams/sales/rotation"},
	"PUT /v1/teams/{id}/members/{agent}": {id: "putMember", tag: "teams", summary: "Add a member to a team",
		about: "So that two people never overwrite each other's list. In a ring by list she goes to its end.",
		body:  of[fsm.PutMember](), answers: okOrCreated[teamView](), refusals: []fsm.Reason{fsm.TeamFull, fsm.TooManyTeams},
		call: "/v1/teams/sales/members/mallory"},
	"POST /v1/teams/{id}/rotation/resort": {id: "resortRotation", tag: "teams", summary: "Sort a ring by the names as they are now",
		about: "A rename alone moves nobody; `order_stale` says that one has happened. Whoever was next stays next. Rings that are not sorted by name stay as they are.",
		body:  of[fsm.ResortRotation](), answers: ok[teamView](), call: "/v1/teams/sales/rotation/resort"},
	"GET /v1/teams/{id}/members/{agent}": {id: "getMember", tag: "teams", summary: "Look at a member of a team", answers: ok[seatView](), call: "/v1/teams/sales/members/mallory"},
	"DELETE /v1/teams/{id}/members/{agent}": {id: "deleteMember", tag: "teams", summary: "Take a member out of a team",
		about: "What she has stays hers; nobody's turn moves.", body: of[fsm.DeleteMember](), answers: ok[teamView](), refusals: []fsm.Reason{fsm.ThroughGroup}},

	"PUT /v1/inboxes/{id}": {id: "putInbox", tag: "inboxes", summary: "Create or replace an inbox",
		about: "It has one mode: setting one turns the others off, and a warning says so.",
		body:  of[fsm.PutInbox](), answers: okOrCreated[inboxView](), refusals: []fsm.Reason{fsm.UnknownReference, fsm.AddressTaken},
		call: "/v1/inboxes/sms", sent: `{"name":"SMS","channel":{"kind":"sms","address":"+15550100"},"assignment":{"mode":"rotation","team":"sales"}}`},
	"GET /v1/inboxes/{id}": {id: "getInbox", tag: "inboxes", summary: "Look at an inbox", answers: ok[inboxView](), call: "/v1/inboxes/sms"},
	"GET /v1/inboxes":      {id: "listInboxes", tag: "inboxes", summary: "List inboxes", about: "In the order of their ids. " + boundedText, list: of[inboxView](), call: "/v1/inboxes?channel=sms&team=sales"},
	"DELETE /v1/inboxes/{id}": {id: "deleteInbox", tag: "inboxes", summary: "Remove an inbox",
		about: "Refused while conversations are open in it. Its channel address is free then, and what is closed in it stays. Put again, it is the same inbox.",
		body:  of[fsm.DeleteInbox](), answers: ok[inboxView](), refusals: []fsm.Reason{fsm.InUse}},
	"PUT /v1/inboxes/{id}/access/{agent}": {id: "putInboxAccess", tag: "inboxes", summary: "Give an agent access to an inbox",
		about: "So that two people never overwrite each other's list. What waits may be hers at once.",
		body:  of[fsm.PutInboxAccess](), answers: okOrCreated[inboxView](), refusals: []fsm.Reason{fsm.ListFull},
		call: "/v1/inboxes/sms/access/mallory"},
	"DELETE /v1/inboxes/{id}/access/{agent}": {id: "deleteInboxAccess", tag: "inboxes", summary: "Take an agent's access to an inbox",
		about: "The rotation picks her no more for it; what she has stays hers. The last entry cannot be taken out, since an empty list lets everybody in.",
		body:  of[fsm.DeleteInboxAccess](), answers: ok[inboxView](), refusals: []fsm.Reason{fsm.LastEntry}},
	"PUT /v1/inboxes/{id}/members/{agent}": {id: "putInboxMember", tag: "inboxes", summary: "Add an agent to those whom the rotation picks for an inbox",
		body: of[fsm.PutInboxMember](), answers: okOrCreated[inboxView](), refusals: []fsm.Reason{fsm.ListFull},
		call: "/v1/inboxes/sms/members/mallory"},
	"DELETE /v1/inboxes/{id}/members/{agent}": {id: "deleteInboxMember", tag: "inboxes", summary: "Take an agent out of those whom the rotation picks for an inbox",
		about: "The last entry cannot be taken out, since an empty list means everybody with access.",
		body:  of[fsm.DeleteInboxMember](), answers: ok[inboxView](), refusals: []fsm.Reason{fsm.LastEntry}},
	"POST /v1/inboxes/{id}/messages": {id: "receiveMessage", tag: "inboxes", summary: "A message arrives",
		about: "What a channel calls when a customer has written. It is added to the contact's open conversation in this inbox; one that was closed less than a week ago is opened again; otherwise a new one is opened and given to whoever's turn it is. " +
			"The message's id makes a second delivery harmless: it gets the answer of the first, with Idempotency-Replayed. An Idempotency-Key is refused here.",
		body: of[fsm.ReceiveMessage](), answers: okOrCreated[receivedView](),
		call: "/v1/inboxes/sms/messages", sent: `{"id":"SM81","direction":"inbound","from":{"address":"+15550111","name":"Ann"},"sent_at":"2026-11-21T08:59:58Z"}`},

	"POST /v1/inboxes/{id}/preview": {id: "previewInbox", tag: "inboxes", summary: "Who would get the next one, and why?",
		about: "Opening a conversation is tried on a copy of the state, by the code that opens one: nothing happens, and it is true for that state only. The contact may be one that is known, or a new sender. " +
			"What has no id yet is called `preview`. A message from a contact who has a conversation here opens none; the warning would_append says so.",
		body: of[previewBody](), answers: ok[previewView](), refusals: []fsm.Reason{fsm.UnknownReference},
		call: "/v1/inboxes/sms/preview", sent: `{"from":{"address":"+15550119"}}`},

	"PUT /v1/contacts/{id}": {id: "putContact", tag: "contacts", summary: "Create or replace a contact",
		body: of[fsm.PutContact](), answers: okOrCreated[contactView](), refusals: []fsm.Reason{fsm.UnknownReference, fsm.AddressTaken},
		call: "/v1/contacts/ben", sent: `{"name":"Ben","addresses":["+15550112"]}`},
	"GET /v1/contacts/{id}": {id: "getContact", tag: "contacts", summary: "Look at a contact", answers: ok[contactView](), call: "/v1/contacts/ben"},
	"PUT /v1/contacts/{id}/owner": {id: "putContactOwner", tag: "contacts", summary: "Make an agent the owner of a contact",
		about: "What the contact writes from then on goes to the owner, without a turn. What the contact has written before stays where it is, unless it waits for the owner that was.",
		body:  of[fsm.PutContactOwner](), answers: okOrCreated[contactView](), refusals: []fsm.Reason{fsm.UnknownReference},
		call: "/v1/contacts/ben/owner", sent: `{"agent":"mallory"}`},
	"DELETE /v1/contacts/{id}/owner": {id: "deleteContactOwner", tag: "contacts", summary: "Leave a contact without an owner",
		body: of[fsm.DeleteContactOwner](), answers: ok[contactView](), call: "/v1/contacts/ben/owner"},
	"GET /v1/contacts": {id: "listContacts", tag: "contacts", summary: "List contacts", about: "In the order of their ids.", list: of[contactView](), call: "/v1/contacts?address=%2B15550112"},

	"POST /v1/conversations": {id: "openConversation", tag: "conversations", summary: "Open a conversation",
		about: "It goes to whoever's turn it is, at once, and the decision says why. If nobody may be picked it waits, or goes where the team's fallback says.",
		body:  of[fsm.OpenConversation](), answers: okOrCreated[actionView](), refusals: []fsm.Reason{fsm.UnknownReference, fsm.IDTaken},
		call: "/v1/conversations", sent: `{"id":"c1","inbox":"sms","contact":"ben","attributes":{"campaign":"autumn"}}`},
	"GET /v1/conversations/{id}": {id: "getConversation", tag: "conversations", summary: "Look at a conversation", answers: ok[conversationView](), call: "/v1/conversations/c1"},
	"POST /v1/conversations/{id}/claim": {id: "claimConversation", tag: "conversations", summary: "Take a conversation that nobody has",
		about: "Of several who claim at once exactly one gets it; the others are told who.",
		body:  of[fsm.ClaimConversation](), answers: ok[actionView](), refusals: []fsm.Reason{fsm.UnknownReference, fsm.AlreadyAssigned, fsm.ConversationClosed, fsm.NoAccess}},
	"PUT /v1/conversations/{id}/assignee": {id: "assignConversation", tag: "conversations", summary: "Give a conversation to an agent",
		about: "Because a person says so: whoever had it loses it, and no turn is taken.",
		body:  of[fsm.AssignConversation](), answers: ok[actionView](), refusals: []fsm.Reason{fsm.UnknownReference, fsm.AssigneeChanged, fsm.ConversationClosed},
		call: "/v1/conversations/c1/assignee", sent: `{"agent":"mallory"}`},
	"DELETE /v1/conversations/{id}/assignee": {id: "unassignConversation", tag: "conversations", summary: "Take a conversation from its agent",
		about: "It is held: nobody gets it until somebody claims it, is given it, or it is queued again.",
		body:  of[fsm.CloseConversation](), answers: ok[actionView](), refusals: []fsm.Reason{fsm.ConversationClosed},
		call: "/v1/conversations/c1/assignee"},
	"POST /v1/conversations/{id}/requeue": {id: "requeueConversation", tag: "conversations", summary: "Give a conversation back to the rotation",
		body: of[fsm.CloseConversation](), answers: ok[actionView](), refusals: []fsm.Reason{fsm.ConversationClosed, fsm.AlreadyWaiting, fsm.NoRotation},
		call: "/v1/conversations/c1/requeue"},
	"POST /v1/conversations/{id}/close": {id: "closeConversation", tag: "conversations", summary: "Close a conversation",
		about: "It is remembered who had it, in case it is opened again.",
		body:  of[fsm.CloseConversation](), answers: ok[actionView](), refusals: []fsm.Reason{fsm.AlreadyClosed},
		call: "/v1/conversations/c1/close"},
	"POST /v1/conversations/{id}/reopen": {id: "reopenConversation", tag: "conversations", summary: "Open a closed conversation again",
		body: of[fsm.CloseConversation](), answers: ok[actionView](), refusals: []fsm.Reason{fsm.AlreadyOpen, fsm.InboxRemoved},
		call: "/v1/conversations/c1/reopen"},
	"PUT /v1/conversations/{id}/tags/{tag}": {id: "putTag", tag: "conversations", summary: "Tag a conversation",
		about: "One that waits and is tagged with what the rotation of its team excludes leaves the queue: a person must claim it.",
		body:  of[fsm.PutTag](), answers: okOrCreated[actionView](), refusals: []fsm.Reason{fsm.TooManyTags}, call: "/v1/conversations/c1/tags/vip"},
	"DELETE /v1/conversations/{id}/tags/{tag}": {id: "deleteTag", tag: "conversations", summary: "Take a tag away",
		about: "If it was the last that kept the conversation out of the rotation, it enters the queue with the age it has.",
		body:  of[fsm.DeleteTag](), answers: ok[actionView](), call: "/v1/conversations/c1/tags/vip"},
	"GET /v1/conversations/{id}/decisions": {id: "listDecisionsOfConversation", tag: "decisions", summary: "The decisions about a conversation",
		about: "The oldest first.", list: of[decisionView](), call: "/v1/conversations/c1/decisions?limit=1"},

	"GET /v1/decisions": {id: "listDecisions", tag: "decisions", summary: "List decisions",
		about: "In the one strict order in which they were made, or the newest first with `sort=-id`. " + boundedText, list: of[decisionView](), call: "/v1/decisions?sort=-id&limit=1"},
	"GET /v1/decisions/{id}": {id: "getDecision", tag: "decisions", summary: "Who got it, and why", answers: ok[decisionView](), call: "/v1/decisions/9.0"},

	"GET /v1/agents/{id}/revisions":                   {id: "listAgentRevisions", tag: "agents", summary: "The revisions of an agent", about: revisionsText, list: of[revisionView](), call: "/v1/agents/mallory/revisions"},
	"GET /v1/agents/{id}/revisions/{revision}":        {id: "getAgentRevision", tag: "agents", summary: "Look at a revision of an agent", answers: ok[revisionDetail]()},
	"GET /v1/agents/{id}/revisions/{revision}/diff":   {id: "diffAgentRevisions", tag: "agents", summary: "What a revision of an agent changed", about: diffText, answers: ok[diffView]()},
	"GET /v1/teams/{id}/revisions":                    {id: "listTeamRevisions", tag: "teams", summary: "The revisions of a team", about: revisionsText, list: of[revisionView](), call: "/v1/teams/sales/revisions"},
	"GET /v1/teams/{id}/revisions/{revision}":         {id: "getTeamRevision", tag: "teams", summary: "Look at a revision of a team", answers: ok[revisionDetail]()},
	"GET /v1/teams/{id}/revisions/{revision}/diff":    {id: "diffTeamRevisions", tag: "teams", summary: "What a revision of a team changed", about: diffText, answers: ok[diffView]()},
	"GET /v1/inboxes/{id}/revisions":                  {id: "listInboxRevisions", tag: "inboxes", summary: "The revisions of an inbox", about: revisionsText, list: of[revisionView](), call: "/v1/inboxes/sms/revisions"},
	"GET /v1/inboxes/{id}/revisions/{revision}":       {id: "getInboxRevision", tag: "inboxes", summary: "Look at a revision of an inbox", answers: ok[revisionDetail]()},
	"GET /v1/inboxes/{id}/revisions/{revision}/diff":  {id: "diffInboxRevisions", tag: "inboxes", summary: "What a revision of an inbox changed", about: diffText, answers: ok[diffView]()},
	"GET /v1/contacts/{id}/revisions":                 {id: "listContactRevisions", tag: "contacts", summary: "The revisions of a contact", about: revisionsText, list: of[revisionView](), call: "/v1/contacts/ben/revisions"},
	"GET /v1/contacts/{id}/revisions/{revision}":      {id: "getContactRevision", tag: "contacts", summary: "Look at a revision of a contact", answers: ok[revisionDetail]()},
	"GET /v1/contacts/{id}/revisions/{revision}/diff": {id: "diffContactRevisions", tag: "contacts", summary: "What a revision of a contact changed", about: diffText, answers: ok[diffView]()},

	"POST /v1/decisions/{id}/refund": {id: "refundDecision", tag: "decisions", summary: "Give a turn back",
		about: "For spam and mistakes: whoever took the turn goes first at the next pick she may take, once, within 24 hours. The conversation stays as it is, and nobody else's turn moves. Once a decision, and within 24 hours of it.",
		body:  of[fsm.RefundDecision](), answers: ok[actionView](),
		refusals: []fsm.Reason{fsm.NoTurn, fsm.AlreadyRefunded, fsm.RefundTooLate, fsm.NotAMember, fsm.TooManyRefunds}},
	"GET /v1/operations/{key}": {id: "getOperation", tag: "operations", summary: "What became of a call?",
		about: "For a call whose answer was lost, or was a 503 with the outcome unknown: any node says what became of it, by its Idempotency-Key, the key that the answer named, or, with `inbox`, the id of the message. " +
			"A key is looked up for who asks, as the header Rondo-Actor says. It changes nothing. 404 does not mean that it never happened: it may still arrive. Sending the call again with the same key settles it, too.",
		answers: ok[operationView](), call: "/v1/operations/SM81?inbox=sms"},
	"GET /v1/events": {id: "streamEvents", tag: "events", summary: "What happens, while it happens",
		about: "Server-sent events, or, with `Accept: application/x-ndjson`, a line of JSON each. Only what is committed is shown, in the one order and under the same ids on every node. Without a place to go on from it begins now; " +
			"with `after` or the header Last-Event-ID, behind that event, on whichever node. Filters may be combined. Heartbeats come as comments. `reset` says that events are missing for good: read again what you show.",
		answers: map[int]reflect.Type{200: of[eventView]()}, refusals: []fsm.Reason{fsm.UnknownReference}},

	"GET /v1/cluster":       {id: "getCluster", tag: "cluster", summary: "The cluster as this node knows it", about: "Answered from what the node has, also when it cannot reach the others.", answers: ok[clusterView](), call: "/v1/cluster"},
	"GET /v1/cluster/nodes": {id: "listNodes", tag: "cluster", summary: "The machines of the cluster", about: "Asks each, and waits half a second for those that do not answer. All on one page.", list: of[NodeStatus](), call: "/v1/cluster/nodes"},
	"GET /v1/cluster/snapshot": {id: "getSnapshot", tag: "cluster", summary: "Download a snapshot",
		about:   "All that was acknowledged before the call, to be kept as a backup and restored with `rondo snapshot restore`. With `consistency=stale` it is what this node has: all there is when no majority is left. One at a time from each node.",
		answers: ok[download]()},
	"POST /v1/cluster/nodes": {id: "addNode", tag: "cluster", summary: "Add a node",
		about: "The node must run, with an empty data directory. It gets a vote when it has been healthy for a while. " + repeatText,
		body:  of[addNodeBody](), answers: ok[nodeChangeView](),
		refusals: codes("address_taken", "id_taken", "membership_moved", "node_has_state", "node_removed", "node_unreachable", "node_wiped", "not_member", "other_cluster", "too_many_nodes"),
		call:     "/v1/cluster/nodes", sent: `{"address":"10.0.0.4:4601","id":"n4"}`},
	"DELETE /v1/cluster/nodes/{id}": {id: "removeNode", tag: "cluster", summary: "Remove a node for good",
		about: "Its id never comes back. Refused if too few healthy voters would remain. " + repeatText,
		body:  of[emptyBody](), answers: ok[nodeChangeView](), refusals: codes("last_voter", "membership_moved", "no_quorum", "no_successor", "not_member"),
		call: "/v1/cluster/nodes/n4"},
	"POST /v1/cluster/leave": {id: "leaveCluster", tag: "cluster", summary: "This node leaves for good",
		about: "The node that is asked hands over, is removed, answers, and stops. " + repeatText,
		body:  of[emptyBody](), answers: ok[nodeChangeView](), refusals: codes("last_voter", "membership_moved", "no_quorum", "no_successor", "not_found", "not_member"),
		call: "/v1/cluster/leave"},
	"POST /v1/cluster/transfer": {id: "transferLeadership", tag: "cluster", summary: "Hand the leadership over",
		about: "To the node that is named, or to the best. It answers when that one leads.",
		body:  of[transferBody](), answers: ok[transferView](), refusals: codes("membership_moved", "no_successor", "not_found", "not_member"),
		call: "/v1/cluster/transfer", sent: `{"to":"n2"}`},
	"GET /metrics":      {id: "getMetrics", tag: "cluster", summary: "Metrics for Prometheus", answers: ok[plainText]()},
	"GET /livez":        {id: "getLivez", tag: "cluster", summary: "Should this process go on?", answers: map[int]reflect.Type{200: of[plainText](), 503: of[plainText]()}},
	"GET /readyz":       {id: "getReadyz", tag: "cluster", summary: "Should clients be sent to this node?", about: "Lists what is wrong, and with `?verbose` every check.", answers: map[int]reflect.Type{200: of[plainText](), 503: of[plainText]()}},
	"GET /openapi.yaml": {id: "getOpenAPI", tag: "cluster", summary: "This document", answers: ok[document]()},
}

const boundedText = "A page looks at no more than 10,000 rows, so it may be short, or empty, and the next one goes on: the list ends where next_page_token is null."

const (
	revisionsText = "The newest first, at most 50, all on one page: who changed it, and when."
	diffText      = "Against the revision before, or the one that `against` names. Of lists it says which elements came and went."
)

const repeatText = "It may be repeated: what is done already succeeds."

// codes are reasons that package fsm does not know: those of the membership.
func codes(list ...fsm.Reason) []fsm.Reason { return list }

// exampleOrder is in which order the examples are called: each stands on those
// before it. The others have none.
var exampleOrder = []string{
	"PUT /v1/agents/{id}", "PUT /v1/agents/{id}/presence", "PUT /v1/teams/{id}", "PUT /v1/teams/{id}/members/{agent}",
	"PUT /v1/inboxes/{id}", "PUT /v1/contacts/{id}", "POST /v1/conversations", "PUT /v1/conversations/{id}/assignee",
	"DELETE /v1/conversations/{id}/assignee", "POST /v1/conversations/{id}/requeue", "POST /v1/conversations/{id}/close",
	"POST /v1/conversations/{id}/reopen", "GET /v1/agents/{id}", "GET /v1/agents", "GET /v1/teams/{id}", "GET /v1/teams",
	"GET /v1/teams/{id}/rotation", "GET /v1/teams/{id}/members/{agent}", "GET /v1/inboxes/{id}", "GET /v1/inboxes",
	"GET /v1/contacts/{id}", "GET /v1/contacts", "GET /v1/conversations/{id}", "GET /v1/conversations",
	"GET /v1/conversations/{id}/decisions", "GET /v1/decisions", "GET /v1/decisions/{id}", "GET /v1/cluster",
	"GET /v1/cluster/nodes", "POST /v1/inboxes/{id}/messages", "GET /v1/operations/{key}", "POST /v1/inboxes/{id}/preview",
	"GET /v1/agents/{id}/revisions", "GET /v1/teams/{id}/revisions", "GET /v1/inboxes/{id}/revisions", "GET /v1/contacts/{id}/revisions",
	"PUT /v1/contacts/{id}/owner", "DELETE /v1/contacts/{id}/owner", "PUT /v1/inboxes/{id}/access/{agent}", "PUT /v1/inboxes/{id}/members/{agent}",
	"POST /v1/teams/{id}/rotation/resort",
	"PUT /v1/conversations/{id}/tags/{tag}", "DELETE /v1/conversations/{id}/tags/{tag}",
	"POST /v1/cluster/nodes", "POST /v1/cluster/transfer", "DELETE /v1/cluster/nodes/{id}", "POST /v1/cluster/leave",
}

// A parameter is one of a path or of a query, told by its name.
type parameter struct {
	about  string
	schema string // JSON; "": a string
}

var parameters = map[string]parameter{
	"path id":       {"The id of the thing. The id of a decision is one that an answer gave, such as 1042.0.", `{"type":"string","minLength":1}`},
	"path agent":    {"The id of the agent.", `{"type":"string","minLength":1}`},
	"path revision": {"The number of a revision, as the list of revisions or an ETag gave it.", `{"type":"string","pattern":"^[0-9]+$"}`},
	"against":       {"The number of the revision to compare with, instead of the one before.", `{"type":"string","pattern":"^[0-9]+$"}`},
	"path key":      {"The key of the call: its Idempotency-Key, or the id of the message.", `{"type":"string","minLength":1,"maxLength":128,"pattern":"^[!-~]+$"}`},
	"consistency":   {"`linearizable` (the default): as new as everything that was acknowledged anywhere before. `stale`: what this node has.", `{"type":"string","enum":["linearizable","stale"]}`},
	"min_index":     {"Answer from a state at least as new as this Rondo-Index.", `{"type":"integer","format":"int64","minimum":0}`},
	"max_stale":     {"With `consistency=stale`: how old the state may be, such as 5s, up to an hour. A node whose state may be older asks the others, as if the read were linearizable.", duration},
	"wait":          {"With `min_index`: how long to wait for something newer than that, such as 30s, up to a minute. When the time is up the answer is what there is.", duration},
	"limit":         {"How many on a page.", `{"type":"integer","minimum":1,"maximum":200,"default":50}`},
	"page_token":    {"The next_page_token of the page before, with the same filters and the same sort.", ""},
	"assignee":      {"Only those of this agent.", ""},
	"agent":         {"Only those that gave something to this agent.", ""},
	"contact":       {"Only those of this contact.", ""},
	"team":          {"Only those of this team.", ""},
	"inbox":         {"Only those of this inbox; of a rotation, the ring that serves it.", ""},
	"conversation":  {"Only those about this conversation.", ""},
	"address":       {"Only the contact who writes from this address.", `{"type":"string","minLength":1,"maxLength":200}`},
	"q":             {"What the name begins with, as people compare: case and accents do not count.", `{"type":"string","minLength":1,"maxLength":200}`},
	"status":        {"Only those that are open, or closed.", ""},
	"state":         {"Only those whose assignment is in this state.", ""},
	"sort":          {"The order; a minus turns it round.", ""},
	"explain":       {"`text`: say it in plain words, too.", `{"type":"string","enum":["text"]}`},
	"verbose":       {"Show every check.", ""},
	"after":         {"Go on behind the event with this id, such as 1042.0; 1042 is behind all of entry 1042, and 0 before everything that is kept. The header Last-Event-ID comes before it.", position},
	"channel":       {"Only those of this kind of channel, such as sms.", `{"type":"string","minLength":1,"maxLength":200}`},
	"path tag":      {"The tag.", `{"type":"string","minLength":1,"maxLength":64,"pattern":"^[A-Za-z0-9+.:@_-]+$"}`},

	"/v1/operations/{key} inbox": {"The key is the id of a message to this inbox.", `{"type":"string","minLength":1,"maxLength":64,"pattern":"^[A-Za-z0-9+.:@_-]+$"}`},
	"/v1/operations/{key} wait":  {"How long to wait until the outcome is known, such as 10s, up to a minute.", duration},
	"/v1/inboxes address":        {"Only the inboxes with this channel address.", `{"type":"string","minLength":1,"maxLength":200}`},
	"/v1/inboxes team":           {"Only those that send to this team.", ""},
	"/v1/events types":           {"Only events of these types, with commas between.", ""},
	"/v1/events agent":           {"Only those about this agent, and those about conversations that she got or had.", ""},
	"/v1/events inbox":           {"Only those of this inbox.", ""},
}

const (
	duration = `{"type":"string","pattern":"^([0-9]+(\\.[0-9]+)?(ms|s|m|h))+$"}`
	position = `{"type":"string","pattern":"^[0-9]+(\\.[0-9]+)?$"}`
)

// parameterOf describes a parameter of a route; where a name means something else
// there, its row begins with the path.
func parameterOf(rt *route, name string) (parameter, bool) {
	p, ok := parameters[rt.path+" "+name]
	if !ok {
		p, ok = parameters[name]
	}
	return p, ok
}

// parameterWords are the words that a parameter takes on a route, where they
// differ from route to route or come from the state.
func parameterWords(rt *route, name string) []string {
	switch name {
	case "sort":
		return sorts[rt.path]
	}
	return nil
}
