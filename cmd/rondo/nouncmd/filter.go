package nouncmd

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/rondohq/rondo/cmd/rondo/cli"
	"github.com/rondohq/rondo/cmd/rondo/client"
	"github.com/rondohq/rondo/cmd/rondo/noun"
	"github.com/rondohq/rondo/httpapi/filter"
)

// filterFlags are the filters of a list: a flag for each, and --filter for all of
// them in one text.
type filterFlags struct {
	noun   *noun.Noun
	text   string
	values map[string]*string // by filter
}

// attach puts the flags on a command, but for those filters that it has flags of
// its own for.
func (f *filterFlags) attach(cmd *cobra.Command, o *cli.Options, n *noun.Noun, but ...string) {
	f.noun, f.values = n, map[string]*string{}
	for _, name := range n.Filters {
		if slices.Contains(but, name) {
			continue
		}
		flag := strings.ReplaceAll(name, "_", "-")
		f.values[name] = cmd.Flags().String(flag, "", filterHelp(name))
		if slices.Contains(flagFilters, name) {
			cmd.Flags().Lookup(flag).NoOptDefVal = "true"
		}
		completeFlag(cmd, o, flag)
	}
	if len(n.Filters) > 1 {
		cmd.Flags().StringVar(&f.text, "filter", "", "several at once: '"+n.Filters[0]+"=... "+n.Filters[1]+"=...'")
		_ = cmd.RegisterFlagCompletionFunc("filter", completeFilter(o, n))
	}
}

// flagFilters are those that may stand without a value.
var flagFilters = []string{"unread", "known", "blocked"}

// query returns what the flags say, --filter first.
func (f *filterFlags) query() (url.Values, error) {
	query, err := noun.ParseFilter(f.text, f.noun.Filters)
	if err != nil {
		return nil, cli.Usage("--filter: %w", err)
	}
	for name, value := range f.values {
		if *value != "" {
			query.Set(name, *value)
		}
	}
	for _, name := range []string{"opened_before", "opened_after"} {
		if at := query.Get(name); at != "" {
			query.Set(name, noun.AgoOr(at, time.Now()))
		}
	}
	return query, nil
}

// filterWords returns the values of a filter that has but a few, or nil.
func filterWords(name string) []string {
	if name == "known" || name == "blocked" { // of contacts
		return []string{"true", "false"}
	}
	return filter.Values(name)
}

// filterOf is the noun whose ids a filter takes.
func filterOf(name string) (*noun.Noun, bool) {
	switch name {
	case "assignee", "follower", "owner", "as":
		return noun.Agent, true
	}
	return noun.Named(name)
}

// completeFilter completes the last word of a filter: its name, or its value.
func completeFilter(o *cli.Options, n *noun.Noun) completion {
	return func(cmd *cobra.Command, _ []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
		const more = cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
		start := strings.LastIndexAny(begun, " &") + 1
		before, word := begun[:start], begun[start:]
		name, value, named := strings.Cut(word, "=")
		var found []cobra.Completion
		switch of, ofNoun := filterOf(name); {
		case !named:
			for _, f := range n.Filters {
				if strings.HasPrefix(f, word) {
					found = append(found, before+f+"=")
				}
			}
			return found, more
		case filterWords(name) != nil:
			found = startingWith(filterWords(name), value)
		case ofNoun:
			last := strings.LastIndex(value, ",") + 1
			before += value[:last]
			for _, id := range idsOf(cmd.Context(), o, of.Plural, value[last:]) {
				found = append(found, before[:start]+name+"="+before[start:]+id)
			}
			return found, more
		}
		for i := range found {
			found[i] = before + name + "=" + found[i]
		}
		return found, more
	}
}

func startingWith(words []string, begun string) []cobra.Completion {
	var found []cobra.Completion
	for _, word := range words {
		if strings.HasPrefix(word, begun) {
			found = append(found, word)
		}
	}
	return found
}

// countCommand counts what a list would show.
func countCommand(o *cli.Options, n *noun.Noun) *cobra.Command {
	var filters filterFlags
	cmd := &cobra.Command{Use: "count", Short: "How many a list would show", Args: cobra.NoArgs}
	filters.attach(cmd, o, n)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		query, err := filters.query()
		if err != nil {
			return err
		}
		raw, err := get(cmd, o, strings.TrimSuffix(n.Path()+"/count?"+query.Encode(), "?"))
		if err != nil {
			return err
		}
		return showCount(o.Printer(cmd), raw)
	}
	return cmd
}

// showCount shows one number, and whether there are more than are counted.
func showCount(p *cli.Printer, raw []byte) error {
	return showDoc(p, raw, func(doc cli.Doc) error { return p.Line("%s", counted(doc)) })
}

// counted is a count as people read it.
func counted(doc cli.Doc) string {
	says := cli.Text(doc["count"])
	if doc["exact"] == false {
		says += " or more"
	}
	return says
}

// getDoc reads one object.
func getDoc(ctx context.Context, c *client.Client, path string) (cli.Doc, error) {
	var raw []byte
	if _, err := c.Do(ctx, http.MethodGet, path, nil, &raw); err != nil {
		return nil, err
	}
	return cli.DecodeDoc(raw)
}
