package nouncmd

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/rondohq/rondo/cmd/rondo/cli"
	"github.com/rondohq/rondo/cmd/rondo/client"
	"github.com/rondohq/rondo/cmd/rondo/noun"
)

// pageLimit is how many items a node gives at once.
const pageLimit = 200

// A page of a list as it travels.
type page struct {
	Items         []json.RawMessage `json:"items"`
	NextPageToken *string           `json:"next_page_token"`
	Unread        *int              `json:"unread,omitempty"` // of a list of notifications
}

// A listing is what a list is asked for.
type listing struct {
	path  string
	query url.Values
	limit int  // 0: all
	whole bool // it is one page and takes no limit
}

// listFlags are the flags that all lists share.
type listFlags struct {
	limit int
	all   bool
	sort  string
}

func (f *listFlags) attach(cmd *cobra.Command, sorts []string) {
	cmd.Flags().IntVar(&f.limit, "limit", 50, "how many are shown at most")
	cmd.Flags().BoolVar(&f.all, "all", false, "show all there are")
	if len(sorts) > 0 {
		cmd.Flags().StringVar(&f.sort, "sort", "", strings.Join(sorts, ", "))
		_ = cmd.RegisterFlagCompletionFunc("sort", cobra.FixedCompletions(sorts, cobra.ShellCompDirectiveNoFileComp))
	}
}

func (f *listFlags) listing(path string) (listing, error) {
	l := listing{path: path, query: url.Values{}, limit: f.limit}
	if f.limit < 1 {
		return l, cli.Usage("--limit is %d: use 1 or more, or --all", f.limit)
	}
	if f.all {
		l.limit = 0
	}
	if f.sort != "" {
		l.query.Set("sort", f.sort)
	}
	return l, nil
}

func listCommand(o *cli.Options, n *noun.Noun) *cobra.Command {
	var flags listFlags
	var filters filterFlags
	cmd := &cobra.Command{Use: "list", Aliases: []string{"ls"}, Short: "List " + n.Plural, Args: cobra.NoArgs}
	flags.attach(cmd, n.Sorts)
	filters.attach(cmd, o, n)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		l, err := flags.listing(n.Path())
		if err != nil {
			return err
		}
		query, err := filters.query()
		if err != nil {
			return err
		}
		maps.Copy(l.query, query)
		return showList(cmd, o, l, n.Columns)
	}
	return cmd
}

func filterHelp(name string) string {
	switch name {
	case "q":
		return "only whose name or id begins like this"
	case "status":
		return "only open, pending, snoozed or closed ones"
	case "assignee":
		return "only of these, with commas; me: of who asks, none: nobody's"
	case "follower":
		return "only what this agent follows"
	case "owner":
		return "only of contacts that this agent owns"
	case "opened_before", "opened_after":
		return "only those " + strings.ReplaceAll(name, "_", " ") + " a time, or an age such as 2h"
	case "as":
		return "who is meant by me"
	case "source":
		return "only through channels of this kind, such as sms"
	case "unread", "known", "blocked":
		return "only those that are " + name + ", or, with =false, the others"
	case "state":
		return "only assigned, waiting, offered, held, manual or outbound ones"
	default:
		return "only of this " + name
	}
}

// fetch reads pages until there are enough.
func fetch(ctx context.Context, c *client.Client, l listing) (page, error) {
	all := page{Items: []json.RawMessage{}}
	for {
		size := pageLimit
		if l.limit > 0 {
			size = min(size, l.limit-len(all.Items))
		}
		if !l.whole {
			l.query.Set("limit", strconv.Itoa(size))
		}
		var next page
		if _, err := c.Do(ctx, http.MethodGet, strings.TrimSuffix(l.path+"?"+l.query.Encode(), "?"), nil, &next); err != nil {
			return all, err
		}
		all.Items, all.Unread = append(all.Items, next.Items...), next.Unread
		if all.NextPageToken = next.NextPageToken; next.NextPageToken == nil || l.limit > 0 && len(all.Items) >= l.limit {
			return all, nil
		}
		l.query.Set("page_token", *next.NextPageToken)
	}
}

// showList fetches a list and shows it.
func showList(cmd *cobra.Command, o *cli.Options, l listing, columns []noun.Column) error {
	var got page
	if err := o.Call(cmd.Context(), func(ctx context.Context, c *client.Client) (err error) {
		got, err = fetch(ctx, c, l)
		return err
	}); err != nil {
		return err
	}
	p := o.Printer(cmd)
	raw, err := json.Marshal(got)
	if err != nil {
		return fmt.Errorf("put the pages together: %w", err)
	}
	if done, err := p.Raw(raw); done {
		return err
	}
	docs := make([]cli.Doc, 0, len(got.Items))
	for _, item := range got.Items {
		doc, err := cli.DecodeDoc(item)
		if err != nil {
			return err
		}
		docs = append(docs, doc)
	}
	if p.Form == cli.FormName {
		return names(p, docs)
	}
	if err := table(p, columns, docs); err != nil {
		return err
	}
	if got.Unread != nil {
		if err := p.Line("%d unread", *got.Unread); err != nil {
			return err
		}
	}
	if got.NextPageToken != nil {
		fmt.Fprintf(p.Err, "There are more: --all, or a larger --limit.\n")
	}
	return nil
}

func names(p *cli.Printer, docs []cli.Doc) error {
	for _, doc := range docs {
		if err := p.Line("%s", nameOf(doc)); err != nil {
			return err
		}
	}
	return nil
}

// nameOf is how a thing is called: its id, or what it is about.
func nameOf(doc cli.Doc) string {
	for _, pointer := range []string{"/id", "/conversation/id", "/agent", "/team", "/revision"} {
		if id, ok := cli.Get(doc, pointer); ok && id != nil {
			return cli.Text(id)
		}
	}
	return "-"
}

func table(p *cli.Printer, columns []noun.Column, docs []cli.Doc) error {
	head := make([]string, len(columns))
	for i, c := range columns {
		head[i] = c.Head
	}
	rows := make([][]cli.Cell, 0, len(docs))
	for _, doc := range docs {
		row := make([]cli.Cell, len(columns))
		for i, c := range columns {
			row[i] = c.Cell(doc)
		}
		rows = append(rows, row)
	}
	return p.Table(head, rows)
}

func showCommand(o *cli.Options, n *noun.Noun) *cobra.Command {
	return &cobra.Command{
		Use: "show ID", Aliases: []string{"get"}, Short: "Show one " + n.Name, Args: cobra.ExactArgs(1),
		ValidArgsFunction: completeArgs(o, n.Plural),
		RunE: func(cmd *cobra.Command, args []string) error {
			raw, err := get(cmd, o, n.Path()+"/"+url.PathEscape(args[0]))
			if err != nil {
				return err
			}
			return showThing(o.Printer(cmd), raw)
		},
	}
}

func get(cmd *cobra.Command, o *cli.Options, path string) (raw []byte, err error) {
	err = o.Call(cmd.Context(), func(ctx context.Context, c *client.Client) error {
		_, err := c.Do(ctx, http.MethodGet, path, nil, &raw)
		return err
	})
	return raw, err
}

// showThing shows one object.
func showThing(p *cli.Printer, raw []byte) error {
	return showNamed(p, raw, func(cli.Doc) error { return p.Fields(raw) })
}

// showNamed shows an object as the form says: as it is, by its name, or, for
// people, by show.
func showNamed(p *cli.Printer, raw []byte, show func(cli.Doc) error) error {
	return showDoc(p, raw, func(doc cli.Doc) error {
		if p.Form == cli.FormName {
			return names(p, []cli.Doc{doc})
		}
		return show(doc)
	})
}

// showDoc shows an answer as it is if the form says so, and by show otherwise, with
// its warnings.
func showDoc(p *cli.Printer, raw []byte, show func(cli.Doc) error) error {
	if done, err := p.Raw(raw); done {
		return err
	}
	doc, err := cli.DecodeDoc(raw)
	if err != nil {
		return err
	}
	p.Warn(doc)
	return show(doc)
}

var revisionColumns = []noun.Column{
	noun.Plain("REVISION", "/revision"), noun.Moment("AT", "/at"), noun.Plain("ACTOR", "/actor"),
}

func revisionsCommand(o *cli.Options, n *noun.Noun) *cobra.Command {
	cmd := &cobra.Command{
		Use: "revisions ID [REVISION]", Short: "Who changed it when, or how it was at a revision",
		Args: cobra.RangeArgs(1, 2), ValidArgsFunction: completeArgs(o, n.Plural),
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		path := n.Path() + "/" + url.PathEscape(args[0]) + "/revisions"
		if len(args) == 2 {
			raw, err := get(cmd, o, path+"/"+url.PathEscape(args[1]))
			if err != nil {
				return err
			}
			return showThing(o.Printer(cmd), raw)
		}
		return showList(cmd, o, listing{path: path, query: url.Values{}, whole: true}, revisionColumns)
	}
	return cmd
}

func diffCommand(o *cli.Options, n *noun.Noun) *cobra.Command {
	explain := false
	cmd := &cobra.Command{
		Use: "diff ID REVISION [AGAINST]", Short: "What a revision changed, against the one before or another",
		Args: cobra.RangeArgs(2, 3), ValidArgsFunction: completeArgs(o, n.Plural),
		RunE: func(cmd *cobra.Command, args []string) error {
			query := url.Values{}
			if len(args) == 3 {
				query.Set("against", args[2])
			}
			return runDiff(cmd, o, n.Path()+"/"+url.PathEscape(args[0])+"/revisions/"+url.PathEscape(args[1])+"/diff", query, explain)
		},
	}
	cmd.Flags().BoolVar(&explain, "explain", false, "in plain words")
	return cmd
}

// runDiff asks for differences, and shows them as fields or in plain words.
func runDiff(cmd *cobra.Command, o *cli.Options, path string, query url.Values, explain bool) error {
	show := showDiff
	if explain {
		show = showExplained
		query.Set("explain", "text")
	}
	raw, err := get(cmd, o, strings.TrimSuffix(path+"?"+query.Encode(), "?"))
	if err != nil {
		return err
	}
	return show(o.Printer(cmd), raw)
}

// showDiff shows a list of {pointer, before, after}.
func showDiff(p *cli.Printer, raw []byte) error {
	if done, err := p.Raw(raw); done {
		return err
	}
	doc, err := cli.DecodeDoc(raw)
	if err != nil {
		return err
	}
	changes, _ := doc["changes"].([]any)
	if changes == nil {
		changes, _ = doc["items"].([]any)
	}
	for _, change := range changes {
		at, _ := cli.Get(change, "/pointer")
		before, _ := cli.Get(change, "/before")
		after, _ := cli.Get(change, "/after")
		if err := p.Text(p.Change(cli.Text(at), cli.Text(before), cli.Text(after))); err != nil {
			return err
		}
	}
	return nil
}
