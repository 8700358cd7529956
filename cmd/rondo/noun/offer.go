package noun

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/rondohq/rondo/cmd/rondo/cli"
)

// Offer asks one agent whether she takes a conversation. Nobody writes offers: teams
// make them.
var Offer = &Noun{Name: "offer", Plural: "offers", Columns: offerColumns, Filters: []string{"agent", "team", "conversation"}}

var offerColumns = []Column{
	Plain("ID", "/id"), Plain("CONVERSATION", "/conversation"), Plain("AGENT", "/agent"), Plain("TEAM", "/team"),
	word("STATE", "/state", map[string]cli.Colour{"open": cli.Green}), Moment("MADE", "/made_at"), Left("SECONDS LEFT", "/seconds_left", time.Time{}),
}

// Left is a column that shows how many seconds are left. Zero, at is never; otherwise
// it is when the answer came, by the clock of the reader, and what has passed since is
// gone: the clocks of the cluster need not agree with it.
func Left(head, pointer string, at time.Time) Column {
	return Column{head, func(d cli.Doc) cli.Cell {
		v, _ := cli.Get(d, pointer)
		number, ok := v.(json.Number)
		if !ok {
			return cli.Cell{Text: cli.Text(v)}
		}
		seconds, err := number.Int64()
		if err != nil {
			return cli.Cell{Text: cli.Text(v)}
		}
		if !at.IsZero() {
			seconds = max(0, seconds-int64(time.Since(at)/time.Second))
		}
		return cli.Cell{Text: fmt.Sprint(seconds), Colour: urgency(seconds)}
	}}
}

// hurry is how many seconds are few.
const hurry = 10

func urgency(seconds int64) cli.Colour {
	if seconds <= hurry {
		return cli.Red
	}
	return cli.Yellow
}
