package nouncmd

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/spf13/cobra"

	"github.com/rondohq/rondo/cmd/rondo/cli"
	"github.com/rondohq/rondo/cmd/rondo/noun"
)

// runColumns show runs to people, who count steps from 1 and those below a step as 2.1,
// as rondo rule show and the story of a conversation do. In JSON step is an index from
// 0, and place is what people count.
var runColumns = []noun.Column{
	noun.Plain("RUN", "/id"), noun.Plain("CONVERSATION", "/conversation"), noun.Plain("CONTACT", "/contact"),
	noun.Plain("WAITS FOR", "/waits_for"), noun.Moment("UNTIL", "/until"), noun.Plain("SCHEDULE", "/schedule"),
	noun.Plain("NEXT STEP", "/place"),
	noun.Plain("EDITION", "/rule_revision"), noun.Plain("BY", "/actor"),
}

// listRunsCommand is rondo rule runs list RULE.
func listRunsCommand(o *cli.Options) *cobra.Command {
	var flags listFlags
	cmd := &cobra.Command{Use: "list RULE", Aliases: []string{"ls"}, Short: "The runs of a rule that wait, by edition and age",
		Long: "Lists the runs of a rule that wait. NEXT STEP is its number in rondo rule show;\nin JSON that is place, and step is an index, from 0, of all steps as they are written.",
		Args: cobra.ExactArgs(1), ValidArgsFunction: completeArgs(o, "rules")}
	flags.attach(cmd, nil)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		l, err := flags.listing("/v1/rules/" + url.PathEscape(args[0]) + "/runs")
		if err != nil {
			return err
		}
		return showList(cmd, o, l, runColumns)
	}
	return cmd
}

// showRun says in words what a run is about, and what it waits for.
func showRun(p *cli.Printer, raw []byte) error {
	return showNamed(p, raw, func(doc cli.Doc) error {
		var b strings.Builder
		fmt.Fprintf(&b, "Run %s of rule %s (edition %s)", nameOf(doc), cli.Text(doc["rule"]), cli.Text(doc["rule_revision"]))
		for _, about := range []string{"conversation", "contact"} {
			if doc[about] != nil {
				fmt.Fprintf(&b, ", %s %s", about, cli.Text(doc[about]))
			}
		}
		fmt.Fprintf(&b, "\nbegan with %s by %s\nwaits for %s", cli.Text(doc["because"]), cli.Text(doc["actor"]), strings.ReplaceAll(cli.Text(doc["waits_for"]), "_", " "))
		if doc["schedule"] != nil {
			b.WriteString(": " + cli.Text(doc["schedule"]))
		}
		if doc["until"] != nil {
			b.WriteString(", until " + cli.Text(doc["until"]) + " at the latest")
		}
		if doc["tries"] != nil {
			b.WriteString(", tries " + cli.Text(doc["tries"]))
		}
		if doc["place"] == nil {
			b.WriteString("\nends then\n")
		} else {
			fmt.Fprintf(&b, "\ngoes on with step %s\n", cli.Text(doc["place"]))
		}
		if doc["left"] == true {
			b.WriteString("the conversation is left to it: anybody may claim it meanwhile\n")
		}
		return p.Text(cli.Printable(b.String()))
	})
}

func showRunEnd(p *cli.Printer, raw []byte) error {
	return showNamed(p, raw, func(doc cli.Doc) error {
		return p.Line("run %s: %s", nameOf(doc), cli.Text(doc["outcome"]))
	})
}
