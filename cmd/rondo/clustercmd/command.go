// Package clustercmd is `rondo cluster`: what an operator does with the nodes of a
// running cluster. It speaks to them over HTTP and decides nothing.
//
// Read command.go first, then status.go.
package clustercmd

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/spf13/cobra"

	"github.com/rondohq/rondo/cmd/rondo/cli"
	"github.com/rondohq/rondo/cmd/rondo/client"
)

const defaultServer = "http://127.0.0.1:4600"

const commandHelp = `Cluster looks at the nodes of a cluster and changes who belongs to it. Any node may
be asked; the leader carries it out, and every change may be repeated.

A new node (with neither bootstrap_expect nor initial_voters) that gossips with the
cluster is found by itself; without gossip, name its cluster port with "add". Either
way it follows without a vote first, and gets one when it has been healthy for a
while, as long as the number of votes stays odd and within max_voters.`

type options struct {
	servers  []string
	actor    string
	patience time.Duration
	form     string
}

// Command returns `rondo cluster`.
func Command() *cobra.Command {
	o := &options{}
	cmd := &cobra.Command{Use: "cluster", Short: "Look at the nodes, add, remove, hand over", Long: commandHelp}
	f := cmd.PersistentFlags()
	f.StringArrayVar(&o.servers, "server", nil, "a node's HTTP address; repeat it for more ("+cli.ServersEnv+", with commas; default "+defaultServer+")")
	f.StringVar(&o.actor, "actor", "", "in whose name the call is made, such as agent:mallory")
	f.DurationVar(&o.patience, "timeout", 30*time.Second, "how long a call is tried again before it is given up")
	f.StringVarP(&o.form, "output", "o", "text", "text or json")
	cmd.AddCommand(o.status(), o.add(), o.remove(), o.transfer(), o.leave())
	return cmd
}

func (o *options) add() *cobra.Command {
	var id string
	cmd := &cobra.Command{
		Use:     "add HOST:PORT",
		Short:   "Add the empty node at a cluster port, or follow a member that has moved there",
		Example: "  rondo cluster add 10.0.0.4:4601 --id n4",
		Args:    cobra.ExactArgs(1),
	}
	cmd.Flags().StringVar(&id, "id", "", "the node_id it must have")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return o.change(cmd, http.MethodPost, "/v1/cluster/nodes", map[string]string{"id": id, "address": args[0]},
			"%s is a member; it gets a vote when it is stable: rondo cluster status\n")
	}
	return cmd
}

func (o *options) remove() *cobra.Command {
	return &cobra.Command{
		Use:   "remove ID",
		Short: "Remove a node for good; its id does not come back",
		Long: `Remove takes the vote of a node, its place and its id, for good. It is refused if too
few healthy voters would remain. The leader hands over first. To bring the machine
back, start it with an empty data directory and a new node_id.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return o.change(cmd, http.MethodDelete, "/v1/cluster/nodes/"+url.PathEscape(args[0]), nil, "%s is removed; stop its process if it runs\n")
		},
	}
}

func (o *options) leave() *cobra.Command {
	return &cobra.Command{
		Use:   "leave",
		Short: "Remove the node that is asked, for good, and stop it",
		Long: `Leave removes the very node that --server names, and stops it. To stop a node for a
while, send it SIGTERM instead: it hands over, and comes back when it is started.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if len(o.addresses()) != 1 {
				return fmt.Errorf("name the one node that leaves, with --server")
			}
			return o.change(cmd, http.MethodPost, "/v1/cluster/leave", nil, "%s has left and stops\n")
		},
	}
}

func (o *options) transfer() *cobra.Command {
	var to string
	cmd := &cobra.Command{Use: "transfer", Short: "Make another node the leader", Args: cobra.NoArgs}
	cmd.Flags().StringVar(&to, "to", "", "which one (default: the best)")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		return o.change(cmd, http.MethodPost, "/v1/cluster/transfer", map[string]string{"to": to}, "%s leads\n")
	}
	return cmd
}

// change makes a call and says what came of it.
func (o *options) change(cmd *cobra.Command, method, path string, body any, says string) error {
	var raw struct{ ID, Leader string }
	var answer []byte
	err := o.call(cmd.Context(), func(ctx context.Context, c *client.Client) error {
		if o.form == formJSON {
			_, err := c.Do(ctx, method, path, body, &answer)
			return err
		}
		_, err := c.Do(ctx, method, path, body, &raw)
		return err
	})
	if err != nil {
		return err
	}
	if o.form == formJSON {
		_, err = cmd.OutOrStdout().Write(answer)
		return err
	}
	_, err = fmt.Fprintf(cmd.OutOrStdout(), says, raw.ID+raw.Leader)
	return err
}

func (o *options) call(ctx context.Context, f func(context.Context, *client.Client) error) error {
	if o.form != formText && o.form != formJSON {
		return fmt.Errorf("--output is %q: use text or json", o.form)
	}
	c, err := client.New(client.Options{Servers: o.addresses(), Actor: o.actor})
	if err != nil {
		return err
	}
	defer c.Close()
	ctx, cancel := context.WithTimeout(ctx, o.patience)
	defer cancel()
	return f(ctx, c)
}

func (o *options) addresses() []string { return cli.Addresses(o.servers, []string{defaultServer}) }
