package noun

import (
	"encoding/json"

	"github.com/rondohq/rondo/httpapi/filter"
)

// number is a default as an answer holds it.
func number(n string) json.Number { return json.Number(n) }

// Agent, Group, Team, Inbox, Contact and View are configured by people.
var (
	Agent = &Noun{
		Name: "agent", Plural: "agents",
		Fields: []Field{
			{Pointer: "/name", Kind: Text, Flag: "name", Help: "as people read it; rings are sorted by it"},
			{Pointer: "/kind", Kind: Choice, Flag: "kind", Choices: []string{"person", "shared", "bot"}, Default: "person", Help: "what kind of account"},
			{Pointer: "/email", Kind: Text, Flag: "email", Help: "e-mail address"},
			{Pointer: "/role", Kind: Choice, Flag: "role", Choices: []string{"agent", "supervisor", "admin"}, Default: "agent", Help: "what the agent may change"},
			{Pointer: "/onboarded", Kind: Bool, Flag: "onboarded", Default: true, Help: "false: not eligible until it is true"},
			{Pointer: "/limits/open", Kind: Number, Flag: "max-open", Help: "open conversations the agent has at most"},
			{Pointer: "/languages", Kind: List, Flag: "languages", Help: "languages spoken, with commas"},
			{Pointer: "/regions", Kind: List, Flag: "regions", Help: "regions looked after, with commas"},
			{Pointer: "/skills", Kind: List, Flag: "skills", Help: "skills, with commas"},
			{Pointer: "/fields", Kind: Mapping, Flag: "field", Help: "free field NAME=VALUE; repeat it"},
		},
		Columns: agentColumns, Filters: []string{"q"}, Sorts: []string{"id", "-id", "name", "-name"},
	}
	Group = &Noun{
		Name: "group", Plural: "groups",
		Fields: []Field{
			{Pointer: "/name", Kind: Text, Flag: "name", Help: "as people read it"},
			{Pointer: "/members", Kind: Agents, Flag: "members", Help: "agents, with commas", Of: "agents"},
		},
		Columns: groupColumns, Sorts: byID,
	}
	Team  = &Noun{Name: "team", Plural: "teams", Fields: teamFields, Columns: teamColumns, Sorts: byID}
	Inbox = &Noun{
		Name: "inbox", Plural: "inboxes", Fields: inboxFields, Columns: inboxColumns, Sorts: byID,
		Filters: []string{"channel", "team"},
	}
	Contact = &Noun{
		Name: "contact", Plural: "contacts",
		Fields: []Field{
			{Pointer: "/name", Kind: Text, Flag: "name", Help: "as people read it"},
			{Pointer: "/addresses", Kind: List, Flag: "addresses", Help: "addresses it writes from, with commas"},
			{Pointer: "/owner", Kind: Text, Flag: "owner", Help: "the agent who gets its conversations", Of: "agents"},
			{Pointer: "/tags", Kind: List, Flag: "tags", Help: "tags, with commas"},
			{Pointer: "/fields", Kind: Mapping, Flag: "field", Help: "free field NAME=VALUE; repeat it"},
			{Pointer: "/language", Kind: Text, Flag: "language", Help: "the language it is answered in"},
			{Pointer: "/region", Kind: Text, Flag: "region", Help: "where it is"},
			{Pointer: "/blocked", Kind: Bool, Flag: "blocked", Default: false, Help: "what it writes opens nothing and takes no turn"},
		},
		Columns: contactColumns, Sorts: byID,
		Filters: []string{"address", "owner", "tag", "known", "blocked", "language", "region", "q"},
	}
	View = &Noun{
		Name: "view", Plural: "views",
		Fields: []Field{
			{Pointer: "/name", Kind: Text, Flag: "name", Help: "as people read it"},
			{Pointer: "/owner", Kind: Text, Flag: "owner", Help: "the agent who alone sees it; nobody: it is shared", Of: "agents"},
			{Pointer: "/team", Kind: Text, Flag: "team", Help: "the team it is for", Of: "teams"},
			{Pointer: "/filter", Kind: Filter, Flag: "filter", Help: "what it shows: assignee=ann,bob&status=open"},
			{Pointer: "/sort", Kind: Text, Flag: "sort", Help: "in which order: -activity, opened_at, ..."},
		},
		Columns: viewColumns, Sorts: byID,
	}
)

// Conversation and Decision are what happens.
var (
	Conversation = &Noun{
		Name: "conversation", Plural: "conversations", Columns: conversationColumns,
		Filters: ConversationFilters,
		Sorts:   []string{"opened_at", "-opened_at", "queue", "activity", "-activity", "-priority"},
	}
	Decision = &Noun{
		Name: "decision", Plural: "decisions", Columns: decisionColumns,
		Filters: []string{"conversation", "team", "agent"}, Sorts: byID,
	}
)

// ConversationFilters are the words of the filter language, in lists of
// conversations and in stored views. Several values stand with commas; "me" is who
// asks, or whom "as", the last, names.
var ConversationFilters = append(filter.Fields(), "as")

// All nouns, those that others refer to first: a file is applied in this order.
var All = []*Noun{Agent, Group, Team, Schedule, Inbox, Contact, View, Rule, Conversation, Decision, Offer}

// Files are the nouns that stand in files, in the order of All.
var Files = []*Noun{Agent, Group, Team, Schedule, Inbox, Contact, View, Rule}

var byID = []string{"id", "-id"}

var teamFields = []Field{
	{Pointer: "/name", Kind: Text, Flag: "name", Help: "as people read it"},
	{Pointer: "/members", Kind: Roster, Flag: "members", Help: "agents and groups, with commas, and weights behind =: a,b=3,group:g", Of: "agents"},
	{Pointer: "/supervisors", Kind: Agents, Flag: "supervisors", Help: "agents who look after the team, with commas", Of: "agents"},
	{Pointer: "/self_join", Kind: Bool, Flag: "self-join", Default: false, Help: "agents may join and leave by themselves"},
	{Pointer: "/when_away", Kind: Choice, Flag: "when-away", Choices: []string{"keep", "next_message", "at_once"}, Default: "keep", Help: "what happens to open conversations when somebody goes away"},
	{Pointer: "/dwell_seconds", Kind: Number, Flag: "dwell", Default: number("0"), Help: "seconds somebody must be available before being picked"},
	{Pointer: "/unassign_on_close", Kind: Bool, Flag: "unassign-on-close", Default: false, Help: "nobody has a conversation any more once it is closed"},
	{Pointer: "/auto_assign", Kind: Bool, Flag: "auto-assign", Default: true, Help: "false: what is passed on to the team waits for somebody to claim it"},
	{Pointer: "/held_alert_seconds", Kind: Number, Flag: "held-alert", Default: number("1800"), Help: "seconds after which supervisors are told of what is held; 0: never"},
	{Pointer: "/assignment_message", Kind: Text, Flag: "assignment-message", Help: "what the customer is told on assignment: Hello {{contact.name}}, {{agent.name}} is here"},
	{Pointer: "/rotation/strategy", Kind: Choice, Flag: "strategy", Choices: []string{"round_robin", "least_open", "weighted"}, Default: "round_robin", Help: "who is picked"},
	{Pointer: "/rotation/least_open_by", Kind: Choice, Flag: "least-open-by", Choices: []string{"overall", "team", "inbox"}, Default: "overall", Help: "which open conversations count for least_open"},
	{Pointer: "/rotation/respect_capacity", Kind: Bool, Flag: "respect-capacity", Default: true, Help: "false: give to members whatever number they have open"},
	{Pointer: "/capacity/open", Kind: Number, Flag: "max-open", Help: "open conversations of the team that one member has at most"},
	{Pointer: "/capacity/agents", Kind: Counts, Flag: "member-max-open", Help: "another number for single members: ana=3,bob=5", Of: "agents"},
	{Pointer: "/rate/limit", Kind: Number, Flag: "rate-limit", Help: "conversations that one member is given at most within the rate window"},
	{Pointer: "/rate/window_seconds", Kind: Number, Flag: "rate-window", Help: "seconds of the rate window"},
	{Pointer: "/rotation/order", Kind: Choice, Flag: "order", Choices: []string{"name", "list", "least_recently_assigned"}, Default: "name", Help: "the order of turns"},
	{Pointer: "/rotation/assign_to", Kind: Choice, Flag: "assign-to", Choices: []string{"available", "not_away", "anyone"}, Default: "available", Help: "whose presence lets them be picked"},
	{Pointer: "/rotation/per", Kind: Choice, Flag: "per", Choices: []string{"team", "inbox"}, Default: "team", Help: "one ring for the team, or one for each inbox"},
	{Pointer: "/rotation/on_return", Kind: Choice, Flag: "on-return", Choices: []string{"wait_turn", "next"}, Default: "wait_turn", Help: "when somebody who comes back is picked"},
	{Pointer: "/rotation/exclude_tags", Kind: List, Flag: "exclude-tags", Help: "conversations with one of these tags are never assigned automatically"},
	{Pointer: "/rotation/fallback", Kind: Chain, Flag: "fallback", Help: "when nobody can be picked: wait, team_inbox, agent:ID or team:ID, a chain with >: agent:boss>wait"},
	{Pointer: "/escalations", Kind: Escalations, Flag: "escalate", Help: "what is done when something takes too long: \"no_reply 300 next\", \"waiting 60 team:night\"; repeat it, --escalate= is none"},
	{Pointer: "/rotation/drain_burst", Kind: Number, Flag: "drain-burst", Default: number("3"), Help: "waiting conversations somebody takes at once when coming; 0: no limit"},
	{Pointer: "/rotation/drain_interval_seconds", Kind: Number, Flag: "drain-interval", Default: number("60"), Help: "seconds to the next waiting one after that"},
	{Pointer: "/rotation/offer_seconds", Kind: Number, Flag: "offer-seconds", Default: number("0"), Help: "ask whoever's turn it is, who has so many seconds to accept (5 to 3600); 0: assign"},
	{Pointer: "/rotation/offer_pause_seconds", Kind: Number, Flag: "offer-pause-seconds", Default: number("60"), Help: "seconds after which those who did not accept are asked again"},
	{Pointer: "/rotation/alert_after_seconds", Kind: Number, Flag: "alert-after", Default: number("300"), Help: "seconds of waiting after which supervisors are told"},
}

var inboxFields = []Field{
	{Pointer: "/name", Kind: Text, Flag: "name", Help: "as people read it"},
	{Pointer: "/channel/kind", Kind: Text, Flag: "channel", Help: "sms, whatsapp, email, ..."},
	{Pointer: "/channel/address", Kind: Text, Flag: "address", Help: "the channel's address, such as +15550100"},
	{Pointer: "/capacity/open", Kind: Number, Flag: "max-open", Help: "open conversations of the inbox that one agent has at most"},
	{Pointer: "/capacity/agents", Kind: Counts, Flag: "agent-max-open", Help: "another number for single agents: ana=3,bob=5", Of: "agents"},
	{Pointer: "/access", Kind: Roster, Flag: "access", Help: "who may use it: a,b,group:g; nobody named: everybody", Of: "agents"},
	{Pointer: "/members", Kind: Roster, Flag: "members", Help: "who of them is picked: a,b,group:g; nobody named: all with access", Of: "agents"},
	{Pointer: "/assignment/mode", Kind: Choice, Flag: "mode", Choices: []string{"manual", "default_assignee", "rotation"}, Default: "manual", Help: "how new conversations are assigned"},
	{Pointer: "/assignment/team", Kind: Text, Flag: "team", Help: "the team of mode rotation", Of: "teams"},
	{Pointer: "/assignment/agent", Kind: Text, Flag: "agent", Help: "the agent of mode default_assignee", Of: "agents"},
	{Pointer: "/assignment/assign_unknown", Kind: Bool, Flag: "assign-unknown", Default: true, Help: "false: unknown senders go to the team inbox"},
	{Pointer: "/assignment/known_without_owner", Kind: Choice, Flag: "known-without-owner", Choices: []string{"rotation", "team_inbox"}, Default: "rotation", Help: "where known contacts without an owner go"},
	{Pointer: "/assignment/when_owner_absent", Kind: Choice, Flag: "when-owner-absent", Choices: []string{"reassign", "keep", "wait"}, Default: "reassign", Help: "what happens when the contact's owner is absent"},
	{Pointer: "/assignment/bot", Kind: Text, Flag: "bot", Help: "the agent of kind bot who has new conversations first", Of: "agents"},
	{Pointer: "/assignment/set_owner", Kind: Choice, Flag: "set-owner", Choices: []string{"never", "first_assignee"}, Default: "never", Help: "who becomes the contact's owner"},
	{Pointer: "/assignment/reassign", Kind: Choice, Flag: "reassign", Choices: []string{"anyone", "supervisors"}, Default: "anyone", Help: "who may give what somebody has to somebody else"},
	{Pointer: "/assignment/hours", Kind: Text, Flag: "hours", Help: "the schedule it goes by; none: it assigns at any time", Of: "schedules"},
	{Pointer: "/assignment/outside_hours", Kind: Choice, Flag: "outside-hours", Choices: []string{"assign", "team_inbox", "wait"}, Default: "assign", Help: "what becomes of what comes while that is closed"},
	{Pointer: "/assignment/last_assignee", Kind: Bool, Flag: "last-assignee", Default: false, Help: "prefer who had the contact last"},
}
