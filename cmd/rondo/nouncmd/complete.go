package nouncmd

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/rondohq/rondo/cmd/rondo/cli"
	"github.com/rondohq/rondo/cmd/rondo/client"
	"github.com/rondohq/rondo/cmd/rondo/noun"
)

// completionPatience is how long a shell waits for names before it shows none.
const completionPatience = 1500 * time.Millisecond

type completion = func(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective)

// completeArgs completes the arguments of a command with the ids of these nouns,
// one for each argument; "" has none.
func completeArgs(o *cli.Options, plurals ...string) completion {
	return func(cmd *cobra.Command, args []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
		if len(args) >= len(plurals) || plurals[len(args)] == "" {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return idsOf(cmd.Context(), o, plurals[len(args)], begun), cobra.ShellCompDirectiveNoFileComp
	}
}

// completeFlag completes a flag that is named like a noun with its ids.
func completeFlag(cmd *cobra.Command, o *cli.Options, flag string) {
	if words := filterWords(flag); words != nil {
		_ = cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp))
	} else if n, ok := filterOf(flag); ok {
		completeIDs(cmd, o, flag, n.Plural)
	}
}

func completeIDs(cmd *cobra.Command, o *cli.Options, flag, plural string) {
	// It fails only for a flag that has completions already.
	_ = cmd.RegisterFlagCompletionFunc(flag, func(cmd *cobra.Command, _ []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
		before := begun[:strings.LastIndex(begun, ",")+1] // of a list with commas
		ids := idsOf(cmd.Context(), o, plural, begun[len(before):])
		for i := range ids {
			ids[i] = before + ids[i]
		}
		return ids, cobra.ShellCompDirectiveNoFileComp
	})
}

// completeField completes the flag of a field.
func completeField(cmd *cobra.Command, o *cli.Options, f noun.Field) {
	switch {
	case f.Choices != nil:
		_ = cmd.RegisterFlagCompletionFunc(f.Flag, cobra.FixedCompletions(f.Choices, cobra.ShellCompDirectiveNoFileComp))
	case f.Of != "":
		completeIDs(cmd, o, f.Flag, f.Of)
	}
}

// idsOf asks the cluster for ids. Whatever goes wrong, there are none: a shell is
// no place for errors.
func idsOf(ctx context.Context, o *cli.Options, plural, begun string) []cobra.Completion {
	if ctx == nil {
		ctx = context.Background()
	}
	hasty := *o
	hasty.Timeout = completionPatience
	n, ok := noun.Named(plural)
	if !ok || hasty.Check() != nil {
		return nil
	}
	var found []cobra.Completion
	_ = hasty.Call(ctx, func(ctx context.Context, c *client.Client) error {
		query := url.Values{"limit": {"200"}, "consistency": {"stale"}}
		if n == noun.Conversation {
			query.Set("sort", "-opened_at")
		}
		var list struct {
			Items []struct {
				ID   string
				Name string
			}
		}
		if _, err := c.Do(ctx, http.MethodGet, n.Path()+"?"+query.Encode(), nil, &list); err != nil {
			return err
		}
		for _, item := range list.Items {
			if strings.HasPrefix(item.ID, begun) {
				found = append(found, cobra.CompletionWithDesc(item.ID, item.Name))
			}
		}
		return nil
	})
	return found
}
