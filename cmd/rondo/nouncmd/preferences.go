package nouncmd

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/rondohq/rondo/cmd/rondo/cli"
	"github.com/rondohq/rondo/cmd/rondo/client"
)

// A choice is one of --on and --off: a kind, on one channel or on all.
type choice struct {
	kind, channel string
	on            bool
}

func preferencesCommand(o *cli.Options) *cobra.Command {
	var on, off []string
	cmd := &cobra.Command{
		Use: "preferences AGENT", Short: "Of what an agent is told, and how; with --on and --off, change it", Args: cobra.ExactArgs(1),
		ValidArgsFunction: completeArgs(o, "agents"),
	}
	what := "KIND, KIND:CHANNEL or all; kinds: " + strings.Join(noticeKinds, ", ") + "; channels: " + strings.Join(noticeChannels, ", ") + "; repeat it"
	cmd.Flags().StringSliceVar(&on, "on", nil, "tell of this: "+what)
	cmd.Flags().StringSliceVar(&off, "off", nil, "do not tell of this, like --on")
	for _, flag := range []string{"on", "off"} {
		_ = cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(append(slices.Clone(noticeKinds), "all"), cobra.ShellCompDirectiveNoFileComp))
	}
	o.AttachChanges(cmd, "every node has it")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		choices, err := choicesOf(on, off)
		if err != nil {
			return err
		}
		path := "/v1/agents/" + url.PathEscape(args[0]) + "/preferences"
		if len(choices) == 0 {
			raw, err := get(cmd, o, path)
			if err != nil {
				return err
			}
			return showPreferences(o.Printer(cmd), raw)
		}
		return change(cmd, o, showPreferences, func(ctx context.Context, c *client.Client, raw *[]byte) (*client.Meta, error) {
			now, err := getDoc(ctx, c, path)
			if err != nil {
				return &client.Meta{}, err
			}
			return c.Do(ctx, http.MethodPut, path, cli.Doc{"notifications": chosen(now, choices)}, raw, o.Keyed()...)
		})
	}
	return cmd
}

// choicesOf reads the flags; --off counts over --on.
func choicesOf(on, off []string) ([]choice, error) {
	var all []choice
	for _, flag := range []struct {
		words []string
		name  string
	}{{on, "on"}, {off, "off"}} {
		for _, word := range flag.words {
			kind, channel, one := strings.Cut(word, ":")
			switch {
			case kind != "all" && !slices.Contains(noticeKinds, kind):
				return nil, cli.Usage("--%s is %q: use all, %s", flag.name, word, strings.Join(noticeKinds, ", "))
			case one && !slices.Contains(noticeChannels, channel):
				return nil, cli.Usage("--%s is %q: behind the colon stands %s", flag.name, word, strings.Join(noticeChannels, ", "))
			}
			all = append(all, choice{kind, channel, flag.name == "on"})
		}
	}
	return all, nil
}

// chosen returns the preferences as they are, with these choices put in.
func chosen(now cli.Doc, choices []choice) cli.Doc {
	result, _ := now["notifications"].(cli.Doc)
	if result == nil {
		result = cli.Doc{}
	}
	for _, c := range choices {
		kinds := []string{c.kind}
		if c.kind == "all" {
			kinds = noticeKinds
		}
		for _, kind := range kinds {
			channels, _ := result[kind].(cli.Doc)
			if channels == nil {
				channels = cli.Doc{"list": true, "stream": true, "webhook": true}
			}
			for _, channel := range noticeChannels {
				if c.channel == "" || c.channel == channel {
					channels[channel] = c.on
				}
			}
			result[kind] = channels
		}
	}
	return result
}

func showPreferences(p *cli.Printer, raw []byte) error {
	return showDoc(p, raw, func(doc cli.Doc) error {
		var rows [][]cli.Cell
		for _, kind := range noticeKinds {
			channels, ok := cli.Get(doc, "/notifications/"+kind)
			if !ok || channels == nil {
				continue
			}
			row := []cli.Cell{{Text: kind}}
			for _, channel := range noticeChannels {
				cell := cli.Cell{Text: "yes", Colour: cli.Green}
				if on, _ := cli.Get(channels, "/"+channel); on != true {
					cell = cli.Cell{Text: "no", Colour: cli.Dim}
				}
				row = append(row, cell)
			}
			rows = append(rows, row)
		}
		return p.Table([]string{"TOLD OF", "LIST", "STREAM", "WEBHOOK"}, rows)
	})
}
