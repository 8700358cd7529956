package nouncmd

import (
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/rondohq/rondo/cmd/rondo/cli"
	"github.com/rondohq/rondo/cmd/rondo/noun"
)

const (
	viewHelp = `View keeps lists of conversations under a name: for one agent, who alone sees it, or
for all. What it shows is written in the language of rondo conversation list --filter.

Some are there from the start: mine, team (with --team), unassigned, outbound,
following, waiting, held and all.`
	viewExamples = `  rondo view set vips --name VIPs --filter 'tag=vip status=open' --sort -activity
  rondo view run vips
  rondo view run mine --as mallory
  rondo view count vips mine --as mallory`
)

var viewActions = []action{
	{use: "delete VIEW", short: "Delete a view; what it showed stays", args: []string{"views"}, call: "DELETE /v1/views/{0}", show: showDeleted},
}

// builtIn are the views that need no row.
var builtIn = []string{"mine", "team", "unassigned", "outbound", "following", "waiting", "held", "all"}

func viewCommands(o *cli.Options) []*cobra.Command {
	return []*cobra.Command{runViewCommand(o), countViewCommand(o)}
}

// completeViews completes names of views, those that are built in among them.
func completeViews(o *cli.Options, most int) completion {
	return func(cmd *cobra.Command, args []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
		if len(args) >= most {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		found := idsOf(cmd.Context(), o, noun.View.Plural, begun)
		return append(found, startingWith(builtIn, begun)...), cobra.ShellCompDirectiveNoFileComp
	}
}

func runViewCommand(o *cli.Options) *cobra.Command {
	var flags listFlags
	var filters filterFlags
	cmd := &cobra.Command{
		Use: "run VIEW", Short: "Show the conversations of a view", Args: cobra.ExactArgs(1), ValidArgsFunction: completeViews(o, 1),
		Long: "Run shows the conversations that a view is about. Filters narrow it further.",
	}
	flags.attach(cmd, noun.Conversation.Sorts)
	filters.attach(cmd, o, noun.Conversation)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		l, err := flags.listing("/v1/views/" + url.PathEscape(args[0]) + "/conversations")
		if err != nil {
			return err
		}
		query, err := filters.query()
		if err != nil {
			return err
		}
		maps.Copy(l.query, query)
		return showList(cmd, o, l, noun.Conversation.Columns)
	}
	return cmd
}

const viewsMost = 50 // counted in one call

func countViewCommand(o *cli.Options) *cobra.Command {
	as, team := "", ""
	cmd := &cobra.Command{
		Use: "count VIEW...", Short: "How many conversations a view has, or several of them", Args: cobra.RangeArgs(1, viewsMost),
		ValidArgsFunction: completeViews(o, viewsMost),
	}
	cmd.Flags().StringVar(&as, "as", "", filterHelp("as"))
	cmd.Flags().StringVar(&team, "team", "", "which team the view team is of")
	completeFlag(cmd, o, "as")
	completeFlag(cmd, o, "team")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		query := url.Values{}
		for name, value := range map[string]string{"as": as, "team": team} {
			if value != "" {
				query.Set(name, value)
			}
		}
		path := "/v1/views/" + url.PathEscape(args[0]) + "/count?"
		if len(args) > 1 {
			query.Set("ids", strings.Join(args, ","))
			path = "/v1/views/counts?"
		}
		raw, err := get(cmd, o, strings.TrimSuffix(path+query.Encode(), "?"))
		if err != nil {
			return err
		}
		p := o.Printer(cmd)
		if len(args) > 1 {
			return showCounts(p, raw, args)
		}
		return showCount(p, raw)
	}
	return cmd
}

var countColumns = []noun.Column{noun.Plain("VIEW", "/id"), {Head: "COUNT", Cell: func(d cli.Doc) cli.Cell { return cli.Cell{Text: counted(d)} }}}

// showCounts shows counts in the order in which they were asked for.
func showCounts(p *cli.Printer, raw []byte, order []string) error {
	return showDoc(p, raw, func(doc cli.Doc) error {
		items, _ := doc["items"].([]any)
		docs := make([]cli.Doc, 0, len(items))
		for _, item := range items {
			if d, ok := item.(cli.Doc); ok {
				docs = append(docs, d)
			}
		}
		slices.SortStableFunc(docs, func(a, b cli.Doc) int {
			return slices.Index(order, cli.Text(a["id"])) - slices.Index(order, cli.Text(b["id"]))
		})
		return table(p, countColumns, docs)
	})
}
