package noun

import (
	"fmt"
	"time"

	"github.com/rondohq/rondo/cmd/rondo/cli"
)

// Plain is a column that shows what is at a pointer.
func Plain(head, pointer string) Column {
	return Column{head, func(d cli.Doc) cli.Cell {
		v, _ := cli.Get(d, pointer)
		return cli.Cell{Text: cli.Text(v)}
	}}
}

// count is a column that shows how many are at a pointer.
func count(head, pointer string) Column {
	return Column{head, func(d cli.Doc) cli.Cell {
		v, _ := cli.Get(d, pointer)
		list, ok := v.([]any)
		if !ok {
			return cli.Cell{Text: "-"}
		}
		return cli.Cell{Text: fmt.Sprint(len(list))}
	}}
}

// Moment is a column that shows a time in the reader's zone.
func Moment(head, pointer string) Column {
	return Column{head, func(d cli.Doc) cli.Cell {
		v, _ := cli.Get(d, pointer)
		return cli.Cell{Text: Local(v)}
	}}
}

// Ago is a column that shows how long ago a time is, as somebody who watches wants
// to know it: in minutes, hours or days.
func Ago(head, pointer string) Column {
	return Column{head, func(d cli.Doc) cli.Cell {
		v, _ := cli.Get(d, pointer)
		text, _ := v.(string)
		at, err := time.Parse(time.RFC3339, text)
		if err != nil {
			return cli.Cell{Text: cli.Text(v)}
		}
		return cli.Cell{Text: age(time.Since(at))}
	}}
}

func age(d time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case d < time.Minute:
		return "now"
	case d < time.Hour:
		return fmt.Sprintf("%d min", d/time.Minute)
	case d < 2*day:
		return fmt.Sprintf("%d h", d/time.Hour)
	default:
		return fmt.Sprintf("%d days", d/day)
	}
}

// Local shows a time of an answer in the reader's zone.
func Local(v any) string {
	text, _ := v.(string)
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return cli.Text(v)
	}
	return at.Local().Format(time.DateTime)
}

// word is a column whose words have colours.
func word(head, pointer string, colours map[string]cli.Colour) Column {
	return Column{head, func(d cli.Doc) cli.Cell {
		v, _ := cli.Get(d, pointer)
		text := cli.Text(v)
		return cli.Cell{Text: text, Colour: colours[text]}
	}}
}

var presenceColours = map[string]cli.Colour{
	"available": cli.Green, "away": cli.Yellow, "in_break": cli.Yellow, "unavailable": cli.Dim,
}

var stateColours = map[string]cli.Colour{
	"assigned": cli.Green, "waiting": cli.Red, "held": cli.Yellow, "manual": cli.Yellow, "offered": cli.Yellow,
}

var agentColumns = []Column{
	Plain("ID", "/id"), Plain("NAME", "/name"), Plain("ROLE", "/role"),
	word("PRESENCE", "/presence/status", presenceColours), Moment("SINCE", "/presence/since"),
	Plain("REASON", "/presence/reason"), Plain("OPEN", "/open"), Plain("MAX OPEN", "/limits/open"), Plain("TEAMS", "/teams"),
}

var groupColumns = []Column{Plain("ID", "/id"), Plain("NAME", "/name"), count("SIZE", "/members"), Plain("MEMBERS", "/members")}

var teamColumns = []Column{
	Plain("ID", "/id"), Plain("NAME", "/name"), Plain("STRATEGY", "/rotation/strategy"), Plain("ORDER", "/rotation/order"),
	Plain("PER", "/rotation/per"), Plain("ASSIGN TO", "/rotation/assign_to"),
	{"FALLBACK", func(d cli.Doc) cli.Cell {
		v, _ := cli.Get(d, "/rotation/fallback")
		return cli.Cell{Text: ShowChain(v)}
	}},
	{"SIZE", func(d cli.Doc) cli.Cell {
		if _, ok := d["seats"]; ok { // the members, their groups expanded
			return count("", "/seats").Cell(d)
		}
		return count("", "/members").Cell(d)
	}},
	Plain("MAX OPEN", "/capacity/open"), rateColumn,
	Plain("MEMBERS", "/members"),
}

var inboxColumns = []Column{
	Plain("ID", "/id"), Plain("NAME", "/name"), Plain("CHANNEL", "/channel/kind"), Plain("ADDRESS", "/channel/address"),
	Plain("MODE", "/assignment/mode"), Plain("TEAM", "/assignment/team"), Plain("AGENT", "/assignment/agent"), Plain("MAX OPEN", "/capacity/open"),
}

var contactColumns = []Column{
	Plain("ID", "/id"), Plain("NAME", "/name"), Plain("ADDRESSES", "/addresses"), Plain("OWNER", "/owner"), Plain("KNOWN", "/known"),
	Plain("TAGS", "/tags"), word("BLOCKED", "/blocked", map[string]cli.Colour{"true": cli.Red}),
}

var viewColumns = []Column{
	Plain("ID", "/id"), Plain("NAME", "/name"), Plain("OWNER", "/owner"), Plain("TEAM", "/team"), Plain("FILTER", "/filter"), Plain("SORT", "/sort"),
}

var conversationColumns = []Column{
	Plain("ID", "/id"), Plain("INBOX", "/inbox"), Plain("CONTACT", "/contact"), Plain("STATUS", "/status"),
	word("STATE", "/assignment/state", stateColours), Plain("REASON", "/assignment/reason"),
	Plain("TEAM", "/team"), Plain("ASSIGNEE", "/assignee"), Plain("UNREAD", "/unread"), Moment("OPENED", "/opened_at"), Plain("TAGS", "/tags"),
}

var decisionColumns = []Column{
	Plain("ID", "/id"), Moment("AT", "/at"), Plain("CONVERSATION", "/conversation"), Plain("TRIGGER", "/trigger"),
	Plain("KIND", "/kind"), Plain("TEAM", "/team"), Plain("ASSIGNEE", "/assignee"), Plain("REASON", "/reason"),
	Plain("TURN", "/consumed_turn"), Plain("PASSED OVER", "/passed_over_counts"), Plain("ACTOR", "/actor"),
}
