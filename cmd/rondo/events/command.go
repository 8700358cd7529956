package events

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/rondohq/rondo/cmd/rondo/cli"
)

const commandHelp = `Events shows what happens in a cluster while it happens: a line for each event,
in the one strict order in which everything was decided. It goes on through another
node when the one it listens to dies or stops, without repeating or leaving out
anything.

With -o json each line is the event as a CloudEvent (its "id" is what --after takes
later), or {"type":"reset",...} where events were asked for that are no longer kept.`

const commandExamples = `  rondo events                                       # from now on, rondo dev's nodes
  rondo events --after 0 --conversation c1           # all that is kept of one conversation
  rondo events --server http://10.0.0.1:4600 --server http://10.0.0.2:4600 \
    --types conversation.opened,conversation.assigned --team sales -o json`

// errEnough ends a command that has shown as many events as it was asked for.
var errEnough = errors.New("enough")

// Command returns `rondo events`. defaults are the servers when none is named.
func Command(defaults []string) *cobra.Command {
	o := Options{Filter: url.Values{}}
	form, most := "text", 0
	filters := map[string]*string{}
	cmd := &cobra.Command{
		Use:           "events",
		Short:         "Follow what happens, through any node",
		Long:          commandHelp,
		Example:       commandExamples,
		Args:          cobra.NoArgs,
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	f := cmd.Flags()
	f.StringArrayVar(&o.Servers, "server", defaults, "a node's HTTP address; repeat it for each node ("+cli.ServersEnv+", with commas)")
	f.StringVar(&o.After, "after", "", `go on behind this event ("1042.0"), or from the oldest kept ("0"); default from now`)
	f.StringVarP(&form, "output", "o", form, "text or json")
	f.IntVar(&most, "count", 0, "end after so many events; 0: never")
	for name, usage := range map[string]string{
		"types": "only these types, with commas", "team": "only of this team", "inbox": "only of this inbox",
		"conversation": "only of this conversation", "agent": "only about this agent, or what she gets or had",
	} {
		filters[name] = f.String(name, "", usage)
	}
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if !cmd.Flags().Changed("server") {
			o.Servers = cli.Addresses(nil, defaults)
		}
		if form != "text" && form != "json" {
			return fmt.Errorf(`--output is %q: use text or json`, form)
		}
		for name, value := range filters {
			if *value != "" {
				o.Filter.Set(name, *value)
			}
		}
		o.Trouble = func(err error) {
			fmt.Fprintf(cmd.ErrOrStderr(), "%v; going on through the next node\n", err) //nolint:errcheck // nobody is left to tell
		}
		shown := 0
		err := Follow(cmd.Context(), o, func(e Event) error {
			if err := write(cmd.OutOrStdout(), form, e); err != nil {
				return fmt.Errorf("write an event: %w", err)
			}
			if shown++; shown == most {
				return errEnough
			}
			return nil
		})
		if errors.Is(err, errEnough) {
			return nil
		}
		return err
	}
	return cmd
}

func write(out io.Writer, form string, e Event) error {
	line := string(e.Data)
	switch {
	case form == "text":
		line = inWords(e)
	case e.Type == "reset":
		line = fmt.Sprintf(`{"type":"reset","id":%q,"data":%s}`, e.ID, e.Data)
	}
	_, err := fmt.Fprintln(out, line)
	return err
}

// inWords shows an event as a person wants to read it.
func inWords(e Event) string {
	var shown struct {
		Time    time.Time
		Subject string
		Detail  string // of a reset
		Data    struct {
			Actor, Status string
			Agent, Team   string
			Refunds       string
			Tags          []string
			From, Until   time.Time
			Decision      *struct{ Kind, Reason, Assignee string }
		}
	}
	if err := json.Unmarshal(e.Data, &shown); err != nil {
		return e.ID + " " + e.Type + " " + string(e.Data)
	}
	if e.Type == "reset" {
		return "reset: " + shown.Detail
	}
	words := []string{shown.Time.Local().Format(time.DateTime), fmt.Sprintf("%-10s", e.ID), fmt.Sprintf("%-24s", e.Type), shown.Subject}
	if shown.Data.Status != "" {
		words = append(words, shown.Data.Status)
	}
	words = append(words, shown.Data.Tags...)
	if shown.Data.Refunds != "" {
		words = append(words, "of "+or(shown.Data.Agent, "nobody")+", decision "+shown.Data.Refunds)
	}
	if e.Type == "team.member_removed" {
		words = append(words, "from "+shown.Data.Team)
	}
	for _, at := range []struct {
		said string
		time time.Time
	}{{"from", shown.Data.From}, {"until", shown.Data.Until}} {
		if !at.time.IsZero() {
			words = append(words, at.said, at.time.Local().Format(time.DateTime))
		}
	}
	if d := shown.Data.Decision; d != nil {
		what := d.Kind
		if d.Reason != "" {
			what += ", " + d.Reason
		}
		words = append(words, "-> "+or(d.Assignee, "nobody")+" ("+what+")")
	}
	return strings.Join(append(words, "by "+shown.Data.Actor), " ")
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}
