package nouncmd

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/spf13/cobra"

	"github.com/rondohq/rondo/cmd/rondo/cli"
	"github.com/rondohq/rondo/cmd/rondo/client"
	"github.com/rondohq/rondo/cmd/rondo/noun"
)

const (
	teamHelp = `Team sets up who shares conversations, in which order, and shows whose turn it is
and why it is not the others'.`
	teamExamples = `  rondo team create sales --members ana,ben,group:night --order name
  rondo team set sales --fallback 'team:backup@60>agent:boss'
  rondo team rotation sales
  rondo team members remove sales ben --conversations requeue`
)

var teamActions = []action{
	{use: "delete TEAM", short: "Delete a team that nothing names", args: []string{"teams"}, call: "DELETE /v1/teams/{0}", show: showDeleted},
	{under: "members", use: "add TEAM AGENT", short: "Add one agent", args: []string{"teams", "agents"}, call: "PUT /v1/teams/{0}/members/{1}", show: showThing},
	{under: "members", use: "remove TEAM AGENT", short: "Remove one agent", args: []string{"teams", "agents"}, call: "DELETE /v1/teams/{0}/members/{1}",
		fields: []noun.Field{openField("?conversations")}, show: showThing},
	{use: "resort TEAM", short: "Sort the ring by the names as they are now", args: []string{"teams"}, call: "POST /v1/teams/{0}/rotation/resort", show: showThing},
}

func teamCommands(o *cli.Options) []*cobra.Command { return []*cobra.Command{rotationCommand(o)} }

func rotationCommand(o *cli.Options) *cobra.Command {
	var inbox string
	cmd := &cobra.Command{
		Use: "rotation TEAM", Aliases: []string{"ring"}, Short: "Whose turn it is, and why it is not the others'",
		Args: cobra.ExactArgs(1), ValidArgsFunction: completeArgs(o, "teams"),
	}
	cmd.Flags().StringVar(&inbox, "inbox", "", "in a team with a ring for each inbox: the ring of this one")
	completeFlag(cmd, o, "inbox")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		path := "/v1/teams/" + url.PathEscape(args[0]) + "/rotation"
		if inbox != "" {
			path += "?inbox=" + url.QueryEscape(inbox)
		}
		var raw []byte
		if err := o.Call(cmd.Context(), func(ctx context.Context, c *client.Client) error {
			_, err := c.Do(ctx, http.MethodGet, path, nil, &raw)
			return err
		}); err != nil {
			return err
		}
		return showRotation(o.Printer(cmd), raw, inbox)
	}
	return cmd
}

// showRotation draws the ring: who took the last turn, who is next, who is not in
// the running and why.
func showRotation(p *cli.Printer, raw []byte, inbox string) error {
	if done, err := p.Raw(raw); done {
		return err
	}
	doc, err := cli.DecodeDoc(raw)
	if err != nil {
		return err
	}
	r := ring{doc: doc, turns: map[string]int{}}
	for i, agent := range listOf(doc, "/next") {
		if name := cli.Text(agent); r.turns[name] == 0 {
			r.turns[name] = i + 1
			r.next = append(r.next, name)
		}
	}
	r.findLast(inbox)
	if p.Form == cli.FormName {
		for _, name := range r.next {
			if err := p.Line("%s", name); err != nil {
				return err
			}
		}
		return nil
	}
	if err := p.Text(r.heading(p)); err != nil {
		return err
	}
	if err := p.Table([]string{" ", "AGENT", "TURN", "WHY NOT", "NOTES"}, r.rows()); err != nil {
		return err
	}
	return p.Text(r.tail())
}

type ring struct {
	doc   cli.Doc
	turns map[string]int // by agent: her next turn from now, from 1
	next  []string
	last  string // who took the last turn of the ring that is shown
}

func listOf(doc cli.Doc, pointer string) []any {
	v, _ := cli.Get(doc, pointer)
	list, _ := v.([]any)
	return list
}

func (r *ring) field(pointer string) string {
	v, _ := cli.Get(r.doc, pointer)
	return cli.Text(v)
}

// findLast finds the cursor of the ring that is shown: that of the inbox, if the
// team has a ring for each, without a restriction.
func (r *ring) findLast(inbox string) {
	for _, c := range listOf(r.doc, "/cursors") {
		restriction, _ := cli.Get(c, "/restriction")
		of, _ := cli.Get(c, "/inbox")
		if restriction == nil && (of == nil || of == inbox) {
			agent, _ := cli.Get(c, "/agent")
			r.last = cli.Text(agent)
		}
	}
}

func (r *ring) heading(p *cli.Printer) string {
	says := fmt.Sprintf("%s shares by %s, in the order %s, one ring for each %s.\n", p.Paint(cli.Bold, r.field("/team")),
		r.field("/strategy"), r.field("/order"), r.field("/per"))
	if r.field("/order_stale") == "yes" {
		says += p.Paint(cli.Yellow, "Somebody was renamed since") + ": rondo team resort " + r.field("/team") + "\n"
	}
	return says
}

func (r *ring) rows() [][]cli.Cell {
	var rows [][]cli.Cell
	for _, m := range listOf(r.doc, "/members") {
		agent, _ := cli.Get(m, "/agent")
		reason, _ := cli.Get(m, "/reason")
		name := cli.Text(agent)
		row := []cli.Cell{{Text: " "}, {Text: name}, {Text: "-"}, {Text: ""}, {Text: r.notes(m, name)}}
		switch turn := r.turns[name]; {
		case turn == 1:
			row[0], row[1].Colour, row[2].Text = cli.Cell{Text: ">", Colour: cli.Green}, cli.Green, "next"
		case turn > 1:
			row[2].Text = fmt.Sprint(turn)
		}
		if reason != nil {
			row[1].Colour, row[3] = cli.Dim, cli.Cell{Text: cli.Text(reason), Colour: cli.Yellow}
		}
		rows = append(rows, row)
	}
	return rows
}

func (r *ring) notes(member any, name string) string {
	var notes []string
	if name == r.last {
		notes = append(notes, "took the last turn")
	}
	if draining, _ := cli.Get(member, "/draining"); draining == true {
		allowance, _ := cli.Get(member, "/allowance")
		notes = append(notes, "may take "+cli.Text(allowance)+" of the queue")
	}
	if credits, ok := cli.Get(member, "/credits"); ok && credits != nil && cli.Text(credits) != "0" && cli.Text(credits) != "-" {
		notes = append(notes, "goes first: "+cli.Text(credits))
	}
	return strings.Join(notes, "; ")
}

func (r *ring) tail() string {
	says := ""
	if n := r.field("/waiting/count"); n != "0" && n != "-" {
		since, _ := cli.Get(r.doc, "/waiting/oldest_since")
		says += fmt.Sprintf("%s waiting, the oldest since %s\n", n, noun.Local(since))
	}
	for _, c := range listOf(r.doc, "/cursors") {
		restriction, _ := cli.Get(c, "/restriction")
		agent, _ := cli.Get(c, "/agent")
		inbox, _ := cli.Get(c, "/inbox")
		if restriction != nil {
			says += fmt.Sprintf("for %s%s the last turn was %s's\n", cli.Text(restriction), ofInbox(inbox), cli.Text(agent))
		}
	}
	if len(r.next) == 0 && r.field("/per") == "inbox" {
		says += "Each inbox has a ring of its own: --inbox shows its turns.\n"
	}
	return cli.Printable(says)
}

func ofInbox(inbox any) string {
	if inbox == nil {
		return ""
	}
	return " in " + cli.Text(inbox)
}
