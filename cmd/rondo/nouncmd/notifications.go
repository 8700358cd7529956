package nouncmd

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/spf13/cobra"

	"github.com/rondohq/rondo/cmd/rondo/cli"
	"github.com/rondohq/rondo/cmd/rondo/client"
	"github.com/rondohq/rondo/cmd/rondo/events"
	"github.com/rondohq/rondo/cmd/rondo/noun"
)

const (
	notificationHelp = `Notification shows what an agent was told, marks it as read, follows it live, and
chooses of what she is told: each kind goes to her list, to the stream and to
webhooks, and each of these may be turned off.`
	notificationExamples = `  rondo notification list mallory --unread
  rondo notification read mallory --all
  rondo notification watch mallory
  rondo notification preferences mallory --off followed_message --off waiting:webhook`
)

// noticeKinds are what people are told of; noticeChannels how.
var (
	noticeKinds    = []string{"assigned", "reassigned", "unassigned", "message_received", "followed_message", "waiting", "held", "offered", "escalated"}
	noticeChannels = []string{"list", "stream", "webhook"}
)

var noticeColumns = []noun.Column{
	noun.Plain("ID", "/id"), noun.Moment("AT", "/at"), noun.Plain("KIND", "/kind"), noun.Plain("CONVERSATION", "/conversation"), noun.Plain("READ", "/read"),
}

func noticesPath(agent string) string {
	return "/v1/agents/" + url.PathEscape(agent) + "/notifications"
}

func notificationCommand(defaults []string) *cobra.Command {
	o := cli.New(defaults)
	cmd := &cobra.Command{
		Use: "notification", Aliases: []string{"notifications"}, Short: "Notifications: what an agent was told, and of what she wants to be told",
		Long: notificationHelp + "\n\n" + cli.ExitHelp, Example: notificationExamples,
	}
	o.Attach(cmd)
	cmd.AddCommand(listNoticesCommand(o), readNoticesCommand(o), watchNoticesCommand(o), preferencesCommand(o))
	return cmd
}

func listNoticesCommand(o *cli.Options) *cobra.Command {
	var flags listFlags
	unread, kind := false, ""
	cmd := &cobra.Command{Use: "list AGENT", Aliases: []string{"ls"}, Short: "What an agent was told, newest first", Args: cobra.ExactArgs(1), ValidArgsFunction: completeArgs(o, "agents")}
	flags.attach(cmd, nil)
	cmd.Flags().BoolVar(&unread, "unread", false, "only what is unread")
	cmd.Flags().StringVar(&kind, "kind", "", "only of this kind: "+strings.Join(noticeKinds, ", "))
	_ = cmd.RegisterFlagCompletionFunc("kind", cobra.FixedCompletions(noticeKinds, cobra.ShellCompDirectiveNoFileComp))
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		l, err := flags.listing(noticesPath(args[0]))
		if err != nil {
			return err
		}
		if unread {
			l.query.Set("unread", "true")
		}
		if kind != "" {
			l.query.Set("kind", kind)
		}
		return showList(cmd, o, l, noticeColumns)
	}
	return cmd
}

func readNoticesCommand(o *cli.Options) *cobra.Command {
	upTo, all := "", false
	cmd := &cobra.Command{
		Use: "read AGENT [ID...]", Short: "Mark notifications as read: these, all up to one, or all", Args: cobra.MinimumNArgs(1),
		ValidArgsFunction: completeArgs(o, "agents"),
	}
	cmd.Flags().StringVar(&upTo, "up-to", "", "all up to this id")
	cmd.Flags().BoolVar(&all, "all", false, "all there are now")
	o.AttachChanges(cmd, "every node has it")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		said := 0
		for _, one := range []bool{len(args) > 1, upTo != "", all} {
			if one {
				said++
			}
		}
		if said != 1 {
			return cli.Usage("say which: ids, --up-to ID, or --all")
		}
		return change(cmd, o, showRead, func(ctx context.Context, c *client.Client, raw *[]byte) (*client.Meta, error) {
			body := cli.Doc{"ids": args[1:]}
			if len(args) == 1 {
				newest, err := newestNotice(ctx, c, args[0], upTo)
				if err != nil || newest == "" {
					return &client.Meta{}, err
				}
				body = cli.Doc{"up_to": newest}
			}
			return c.Do(ctx, http.MethodPost, noticesPath(args[0])+"/read", body, raw, o.Keyed()...)
		})
	}
	return cmd
}

// newestNotice returns up to where all are read: as named, or the newest of all, so
// that what comes meanwhile stays unread. "" is that there are none.
func newestNotice(ctx context.Context, c *client.Client, agent, named string) (string, error) {
	if named != "" {
		return named, nil
	}
	list, err := getDoc(ctx, c, noticesPath(agent)+"?limit=1")
	if err != nil {
		return "", err
	}
	if items, _ := list["items"].([]any); len(items) > 0 {
		id, _ := cli.Get(items[0], "/id")
		return cli.Text(id), nil
	}
	return "", nil
}

func showRead(p *cli.Printer, raw []byte) error {
	if len(raw) == 0 {
		return p.Line("There are none.")
	}
	return showDoc(p, raw, func(doc cli.Doc) error {
		if left, ok := doc["unread"]; ok {
			return p.Line("%s unread", cli.Text(left))
		}
		return p.Line("done")
	})
}

// A notice is one that comes by the stream of events.
type notice struct {
	ID, Kind, Type, Subject, Actor string
	At                             string
}

// noticesIn returns what an event tells one agent.
func noticesIn(e events.Event, agent string) ([]notice, error) {
	var shown struct {
		Time, Subject string
		Data          struct {
			Actor   string
			Notices []struct{ Agent, Kind string }
		}
	}
	if err := json.Unmarshal(e.Data, &shown); err != nil {
		return nil, fmt.Errorf("read the event %s: %w", e.ID, err)
	}
	var list []notice
	for _, n := range shown.Data.Notices {
		if n.Agent == agent {
			list = append(list, notice{e.ID, n.Kind, e.Type, shown.Subject, shown.Data.Actor, shown.Time})
		}
	}
	return list, nil
}

func (n notice) line() string {
	return fmt.Sprintf("%s %-10s %-16s %s (%s by %s)", noun.Local(n.At), n.ID, n.Kind, n.Subject, n.Type, n.Actor)
}

func watchNoticesCommand(o *cli.Options) *cobra.Command {
	after, most := "", 0
	cmd := &cobra.Command{
		Use: "watch AGENT", Short: "Follow live what an agent is told", Args: cobra.ExactArgs(1), ValidArgsFunction: completeArgs(o, "agents"),
		Long: "Watch shows a line for each notification, through whichever node answers, until\nCtrl-C. With -o json each line is the event as it comes.",
	}
	cmd.Flags().StringVar(&after, "after", "", `go on behind this event ("1042.0"), or from the oldest kept ("0"); default from now`)
	cmd.Flags().IntVar(&most, "count", 0, "end after so many; 0: never")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := o.Check(); err != nil {
			return err
		}
		p, shown := o.Printer(cmd), 0
		errEnough := errors.New("enough")
		err := events.Follow(cmd.Context(), events.Options{
			Servers: o.Addresses(), After: after, Filter: url.Values{"notify": {args[0]}},
			Trouble: func(err error) { fmt.Fprintf(p.Err, "%v; going on through the next node\n", err) },
		}, func(e events.Event) error {
			lines, err := noticeLines(p, e, args[0])
			if err != nil {
				return err
			}
			for _, line := range lines {
				if err := p.Text(line + "\n"); err != nil {
					return err
				}
			}
			if shown += len(lines); most > 0 && shown >= most {
				return errEnough
			}
			return nil
		})
		if errors.Is(err, errEnough) {
			return nil
		}
		return followed(err)
	}
	return cmd
}

// noticeLines shows an event as the form says.
func noticeLines(p *cli.Printer, e events.Event, agent string) ([]string, error) {
	if p.Form == cli.FormJSON {
		return []string{string(e.Data)}, nil
	}
	list, err := noticesIn(e, agent)
	var lines []string
	for _, n := range list {
		lines = append(lines, cli.Printable(n.line()))
	}
	return lines, err
}

// followed makes of a node's refusal to show events what other calls end with.
func followed(err error) error {
	var refused *events.RefusedError
	if errors.As(err, &refused) {
		return &client.Problem{Status: refused.Status, Code: fmt.Sprintf("http_%d", refused.Status), Title: "No events", Detail: refused.Detail}
	}
	return err
}
