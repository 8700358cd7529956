package nouncmd

import (
	"encoding/json"
	"fmt"

	"github.com/google/uuid"

	"github.com/rondohq/rondo/cmd/rondo/cli"
	"github.com/rondohq/rondo/cmd/rondo/noun"
)

const (
	inboxHelp = `Inbox sets up where conversations come in: the channel, who has access, who of them
is picked, and one way of assigning: manual, a default assignee, or rotation.`
	inboxExamples = `  rondo inbox create sms --channel sms --address +15550100 --mode rotation --team sales
  rondo inbox preview sms --from +15550111       # who would get the next one, and why
  rondo inbox access add sms mallory`

	conversationHelp = `Conversation opens, gives and closes conversations, and says why each went where.`

	conversationExamples = `  rondo conversation message sms --from +15550111 --name Ann   # as a channel would
  rondo conversation open --inbox sms --from +15550111 --requires language=es --wait
  rondo conversation claim c1 mallory
  rondo conversation transfer c1 support --reason billing
  rondo conversation snooze c1 --until 2h
  rondo conversation note c1 --id n7                           # n7 stands where you keep your notes
  rondo conversation undo c1                                   # the newest decision
  rondo conversation explain c1
  rondo conversation list --filter 'assignee=ann status=open tag=vip' --sort -activity`

	decisionHelp     = `Decision shows what was decided, by which rule, and who was passed over and why.`
	decisionExamples = `  rondo decision list --agent mallory
  rondo decision explain 1042.0
  rondo decision refund 1042.0 --reason spam
  rondo decision undo 1042.0`
)

var (
	fromAddress = noun.Field{Pointer: "/from/address", Kind: noun.Text, Flag: "from", Help: "the sender's address"}
	fromName    = noun.Field{Pointer: "/from/name", Kind: noun.Text, Flag: "name", Help: "the sender's name"}
	tagsField   = noun.Field{Pointer: "/tags", Kind: noun.List, Flag: "tags", Help: "tags, with commas"}
	requires    = noun.Field{Pointer: "/requires", Kind: noun.Mapping, Flag: "requires", Help: "what the agent must have: language=es, region=EU, skill=vip; repeat it"}
	direction   = noun.Field{Pointer: "/direction", Kind: noun.Choice, Flag: "direction", Choices: []string{"inbound", "outbound"}, Help: "who wrote"}
	sentAt      = noun.Field{Pointer: "/sent_at", Kind: noun.Text, Flag: "sent-at", Help: "when it was written, RFC 3339; recorded only"}
	ifAssignee  = noun.Field{Pointer: "/if_assignee", Kind: noun.Text, Flag: "if-assignee", Help: "only if this agent has it", Of: "agents"}
	ifDecision  = noun.Field{Pointer: "/if_decision", Kind: noun.Text, Flag: "if-decision", Help: "only if nothing has been decided since this one"}
	contactFlag = noun.Field{Pointer: "/contact", Kind: noun.Text, Flag: "contact", Help: "the contact's id (or --from)", Of: "contacts"}
)

var inboxActions = []action{
	{use: "delete INBOX", short: "Delete an inbox without open conversations", args: []string{"inboxes"}, call: "DELETE /v1/inboxes/{0}", show: showDeleted},
	{use: "preview INBOX", short: "Who would get the next conversation, and why; nothing happens", args: []string{"inboxes"}, call: "POST /v1/inboxes/{0}/preview", fields: []noun.Field{contactFlag, fromAddress, fromName, tagsField, requires}, show: showPreview},
	{under: "access", use: "add INBOX AGENT", short: "Let one agent use it", args: []string{"inboxes", "agents"}, call: "PUT /v1/inboxes/{0}/access/{1}", show: showThing},
	{under: "access", use: "remove INBOX AGENT", short: "Take access from one agent", args: []string{"inboxes", "agents"}, call: "DELETE /v1/inboxes/{0}/access/{1}", show: showThing},
	{under: "members", use: "add INBOX AGENT", short: "Let one agent be picked", args: []string{"inboxes", "agents"}, call: "PUT /v1/inboxes/{0}/members/{1}", show: showThing},
	{under: "members", use: "remove INBOX AGENT", short: "Pick one agent no longer", args: []string{"inboxes", "agents"}, call: "DELETE /v1/inboxes/{0}/members/{1}", show: showThing},
}

var conversationActions = []action{
	{use: "open", short: "Open a conversation", call: "POST /v1/conversations", fields: []noun.Field{
		{Pointer: "/inbox", Kind: noun.Text, Flag: "inbox", Help: "where", Of: "inboxes"},
		{Pointer: "/id", Kind: noun.Text, Flag: "id", Help: "its id; default: a new one"},
		contactFlag, fromAddress, fromName, direction, tagsField, requires,
		{Pointer: "/status", Kind: noun.Choice, Flag: "status", Choices: []string{"open", "pending"}, Help: "pending: nobody gets it before it is handed off"},
		{Pointer: "/priority", Kind: noun.Number, Flag: "priority", Help: "0 to 9, the highest is served first; default 0"},
		{Pointer: "/attributes", Kind: noun.Mapping, Flag: "attribute", Help: "NAME=VALUE; repeat it"},
		{Pointer: "/replies_to/team", Kind: noun.Text, Flag: "replies-to-team", Help: "of an outbound one: the team that gets the reply", Of: "teams"},
		{Pointer: "/replies_to/inbox", Kind: noun.Text, Flag: "replies-to-inbox", Help: "likewise, the inbox", Of: "inboxes"},
	}, show: showAction, waits: true},
	{use: "claim CONVERSATION AGENT", short: "Take it, unless somebody has it", args: []string{"conversations", "agents"}, call: "POST /v1/conversations/{0}/claim", fields: []noun.Field{fromArg(1, "/agent")}, show: showAction},
	{use: "assign CONVERSATION AGENT", short: "Give it to somebody, whoever has it", args: []string{"conversations", "agents"}, call: "PUT /v1/conversations/{0}/assignee", fields: []noun.Field{fromArg(1, "/agent"),
		{Pointer: "/team", Kind: noun.Text, Flag: "team", Help: "pass it on to this team, too", Of: "teams"}, reasonField, ifAssignee, ifDecision}, show: showAction},
	{use: "transfer CONVERSATION TEAM", short: "Pass it on to a team: it stays with who is in it, or goes to whose turn it is", args: []string{"conversations", "teams"}, call: "PUT /v1/conversations/{0}/team",
		fields: []noun.Field{fromArg(1, "/team"), {Pointer: "/if_team", Kind: noun.Text, Flag: "if-team", Help: "only if it is in this team", Of: "teams"}, reasonField, ifAssignee, ifDecision}, show: showAction, waits: true},
	{under: "team", use: "clear CONVERSATION", short: "Take it out of its team", args: []string{"conversations"}, call: "DELETE /v1/conversations/{0}/team", show: showAction},
	{use: "handoff CONVERSATION", short: "Hand over to people what is pending", args: []string{"conversations"}, call: "POST /v1/conversations/{0}/handoff", show: showAction, waits: true},
	{use: "snooze CONVERSATION", short: "Put it off until a time, or a message", args: []string{"conversations"}, call: "POST /v1/conversations/{0}/snooze", fields: []noun.Field{
		{Pointer: "/until", Kind: noun.Time, Flag: "until", Help: "until when: a time, 17:30, or 2h"}}, show: showAction},
	{use: "priority CONVERSATION NUMBER", short: "Serve it before others: 0 (like all) to 9", args: []string{"conversations", ""}, call: "PUT /v1/conversations/{0}/priority", fields: []noun.Field{numberArg(1, "/priority")}, show: showAction},
	noteAction,
	{use: "read CONVERSATION", short: "Nothing in it is unread any more", args: []string{"conversations"}, call: "POST /v1/conversations/{0}/read", show: showAction},
	{use: "follow CONVERSATION AGENT", short: "Tell an agent of what its contact writes", args: []string{"conversations", "agents"}, call: "PUT /v1/conversations/{0}/followers/{1}", show: showThing},
	{use: "unfollow CONVERSATION AGENT", short: "Tell an agent no more", args: []string{"conversations", "agents"}, call: "DELETE /v1/conversations/{0}/followers/{1}", show: showThing},
	sendAction,
	{use: "unassign CONVERSATION", short: "Take it from its assignee and hold it", args: []string{"conversations"}, call: "DELETE /v1/conversations/{0}/assignee", show: showAction},
	{use: "requeue CONVERSATION", short: "Put it back into its team's queue", args: []string{"conversations"}, call: "POST /v1/conversations/{0}/requeue", show: showAction, waits: true},
	{use: "close CONVERSATION", short: "Close it", args: []string{"conversations"}, call: "POST /v1/conversations/{0}/close", show: showAction},
	{use: "reopen CONVERSATION", short: "Open it again", args: []string{"conversations"}, call: "POST /v1/conversations/{0}/reopen", show: showAction, waits: true},
	{use: "tag CONVERSATION TAG", short: "Put a tag on it (tag remove: take one off)", args: []string{"conversations", ""}, call: "PUT /v1/conversations/{0}/tags/{1}", show: showAction},
	{use: "untag CONVERSATION TAG", short: "Take a tag off it", args: []string{"conversations", ""}, call: "DELETE /v1/conversations/{0}/tags/{1}", show: showAction},
	{under: "tag", use: "add CONVERSATION TAG", short: "Put a tag on it", args: []string{"conversations", ""}, call: "PUT /v1/conversations/{0}/tags/{1}", show: showAction},
	{under: "tag", use: "remove CONVERSATION TAG", short: "Take a tag off it", args: []string{"conversations", ""}, call: "DELETE /v1/conversations/{0}/tags/{1}", show: showAction},
	{use: "decisions CONVERSATION", short: "All decisions about it, newest last", args: []string{"conversations"}, call: "GET /v1/conversations/{0}/decisions?limit=200", show: showItems(noun.Decision.Columns)},
	{use: "explain CONVERSATION", short: "Why it is where it is, in words", args: []string{"conversations"}, call: "GET /v1/conversations/{0}/decisions?explain=text&limit=200", show: showExplained},
	messageAction,
}

// messageAction is a message as a channel would deliver it. The message's id is
// what keeps it from being taken twice; without --id a new one is made.
var messageAction = action{
	use: "message INBOX", short: "Let a message arrive in an inbox", args: []string{"inboxes"}, call: "POST /v1/inboxes/{0}/messages",
	fields: []noun.Field{
		{Pointer: "/id", Kind: noun.Text, Flag: "id", Help: "the channel's id of the message; default: a new one"},
		fromAddress, fromName, direction,
		{Pointer: "/to/address", Kind: noun.Text, Flag: "to", Help: "of an outbound one: the receiver's address"},
		{Pointer: "/to/name", Kind: noun.Text, Flag: "to-name", Help: "likewise, the name"},
		sentAt, tagsField, requires,
	}, body: cli.Doc{"direction": "inbound"}, fill: mintMessage, show: showAction, waits: true,
}

// sendAction says that somebody wrote to the customer, or the customer here.
var sendAction = action{
	use: "send CONVERSATION", short: "A message was written in it, to the customer unless --direction says so", args: []string{"conversations"}, call: "POST /v1/conversations/{0}/messages",
	fields: []noun.Field{{Pointer: "/id", Kind: noun.Text, Flag: "id", Help: "the channel's id of the message; default: a new one"}, direction, sentAt},
	body:   cli.Doc{"direction": "outbound"}, fill: mintMessage, show: showAction,
}

func mintMessage(body cli.Doc) error {
	if body["id"] != nil {
		return nil
	}
	id, err := uuid.NewV7()
	if err != nil {
		return fmt.Errorf("mint an id for the message: %w", err)
	}
	body["id"] = id.String()
	return nil
}

var decisionActions = []action{
	{use: "explain DECISION", short: "Why, in words", args: []string{"decisions"}, call: "GET /v1/decisions/{0}?explain=text", show: showExplained},
	{use: "undo DECISION", short: "Take it back: who had it before has it again, and a turn is given back", args: []string{"decisions"}, call: "POST /v1/decisions/{0}/undo",
		fields: []noun.Field{reasonField}, show: showAction},
	{use: "refund DECISION", short: "Give the turn back that it took", args: []string{"decisions"}, call: "POST /v1/decisions/{0}/refund",
		fields: []noun.Field{reasonField}, show: showThing},
}

// showPreview shows the explanation of a preview, and what it is about.
func showPreview(p *cli.Printer, raw []byte) error {
	return showDoc(p, raw, func(doc cli.Doc) error {
		if p.Form == cli.FormName {
			assignee, _ := cli.Get(doc, "/conversation/assignee")
			return p.Line("%s", cli.Text(assignee))
		}
		text, ok := doc["explanation"].(string)
		if !ok {
			text = inWords(p, doc)
		}
		return p.Text(cli.Printable(text) + "\n")
	})
}

// replaceField puts another value into an object.
func replaceField(raw []byte, name string, value []byte) ([]byte, error) {
	var doc map[string]json.RawMessage
	if err := json.Unmarshal(raw, &doc); err != nil {
		return nil, fmt.Errorf("read the answer: %w", err)
	}
	doc[name] = value
	replaced, err := json.Marshal(doc)
	if err != nil {
		return nil, fmt.Errorf("put the answer together: %w", err)
	}
	return replaced, nil
}
