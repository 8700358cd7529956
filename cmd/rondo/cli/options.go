package cli

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/mattn/go-isatty"
	"github.com/spf13/cobra"

	"github.com/rondohq/rondo/cmd/rondo/client"
)

// ServersEnv names the nodes when --server does not; OldServersEnv, the name that
// `rondo cluster` reads, is its second.
const (
	ServersEnv    = "RONDO_SERVERS"
	OldServersEnv = "RONDO_SERVER"
)

// ActorEnv names who acts when --actor does not.
const ActorEnv = "RONDO_ACTOR"

// Options are the flags that all client commands share. They are read after the
// flags are parsed, by one goroutine.
type Options struct {
	Servers []string
	Actor   string
	Timeout time.Duration // of the whole command but --wait's own waiting
	Key     string        // Idempotency-Key of the one change it makes; "": minted
	Wait    bool
	Output  string // table, json, yaml, name
	Color   string // auto, always, never

	defaults []string
}

// New returns options that fall back on these servers.
func New(defaults []string) *Options { return &Options{defaults: defaults} }

// Attach puts the shared flags on a command and all below it.
func (o *Options) Attach(cmd *cobra.Command) {
	f := cmd.PersistentFlags()
	f.StringArrayVar(&o.Servers, "server", nil, "a node's HTTP address; repeat it for each node ("+ServersEnv+", with commas; default: the nodes of rondo dev)")
	f.StringVar(&o.Actor, "actor", "", "in whose name: agent:mallory, system:crm ("+ActorEnv+")")
	f.DurationVar(&o.Timeout, "timeout", 30*time.Second, "how long calls are tried again, and --wait waits, before they are given up")
	f.StringVarP(&o.Output, "output", "o", FormTable, "table, json, yaml or name")
	f.StringVar(&o.Color, "color", "auto", "auto (on a terminal, without NO_COLOR), always or never")
	complete(cmd, "output", FormTable, FormJSON, FormYAML, FormName)
	complete(cmd, "color", "auto", "always", "never")
}

// Patient makes the default of --timeout longer, for commands of many calls. It is
// called after Attach, before flags are parsed.
func (o *Options) Patient(cmd *cobra.Command, patience time.Duration) {
	o.Timeout = patience
	cmd.PersistentFlags().Lookup("timeout").DefValue = patience.String()
}

// AttachChanges puts the flags of changing commands on one command. what says for
// what --wait waits.
func (o *Options) AttachChanges(cmd *cobra.Command, what string) {
	f := cmd.Flags()
	f.StringVar(&o.Key, "key", "", "Idempotency-Key, to repeat a call whose answer was lost")
	f.BoolVar(&o.Wait, "wait", false, "wait until "+what)
}

func complete(cmd *cobra.Command, flag string, words ...string) {
	// It fails only for a flag that does not exist or has one already: then there
	// are no completions, which harms nobody.
	_ = cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp))
}

// Check judges the flags by themselves.
func (o *Options) Check() error {
	switch o.Output {
	case FormTable, FormJSON, FormYAML, FormName:
	default:
		return Usage("--output is %q: use table, json, yaml or name", o.Output)
	}
	switch o.Color {
	case "auto", "always", "never":
	default:
		return Usage("--color is %q: use auto, always or never", o.Color)
	}
	if o.Timeout <= 0 {
		return Usage("--timeout is %s: use a duration such as 30s", o.Timeout)
	}
	return nil
}

// Addresses returns the nodes to speak to.
func (o *Options) Addresses() []string { return Addresses(o.Servers, o.defaults) }

// Addresses returns the nodes that a command line names, or else the environment,
// or else defaults.
func Addresses(named, defaults []string) []string {
	if len(named) > 0 {
		return named
	}
	for _, name := range []string{ServersEnv, OldServersEnv} {
		if list := strings.FieldsFunc(os.Getenv(name), func(r rune) bool { return r == ',' || r == ' ' }); len(list) > 0 {
			return list
		}
	}
	return defaults
}

// Call runs f with a client, within --timeout.
func (o *Options) Call(ctx context.Context, f func(context.Context, *client.Client) error) error {
	if err := o.Check(); err != nil {
		return err
	}
	c, err := o.client()
	if err != nil {
		return err
	}
	defer c.Close()
	ctx, cancel := context.WithTimeout(ctx, o.Timeout)
	defer cancel()
	defer o.reassure(os.Stderr)()
	return f(ctx, c)
}

// silence is how long a person looks at nothing before being told why.
const silence = 3 * time.Second

// reassure tells a person at a terminal what a command is waiting for, should it
// take long, until stop is called.
func (o *Options) reassure(terminal *os.File) (stop func()) {
	if !isatty.IsTerminal(terminal.Fd()) {
		return func() {}
	}
	says := "no final answer yet, trying for up to %s; Ctrl-C ends it\n"
	if o.Wait {
		says = "still waiting, for up to %s; Ctrl-C ends it\n"
	}
	timer := time.AfterFunc(silence, func() { fmt.Fprintf(terminal, says, o.Timeout) })
	return func() { timer.Stop() }
}

// Client returns a client for a command that makes calls as long as it runs. The
// caller closes it.
func (o *Options) Client() (*client.Client, error) {
	if err := o.Check(); err != nil {
		return nil, err
	}
	return o.client()
}

func (o *Options) client() (*client.Client, error) {
	actor := o.Actor
	if actor == "" {
		actor = os.Getenv(ActorEnv)
	}
	c, err := client.New(client.Options{Servers: o.Addresses(), Actor: actor})
	if err != nil {
		return nil, &UsageError{err}
	}
	return c, nil
}

// Keyed returns the call options for the one change of a command.
func (o *Options) Keyed() []client.CallOption {
	if o.Key == "" {
		return nil
	}
	return []client.CallOption{client.Key(o.Key)}
}
