// Package snapshot is `rondo snapshot`: save a cluster's state to a file, look
// into such a file, and found a new cluster on it.
//
// It only carries and prints: what a snapshot is stands in cluster/archive, what
// a data directory is in cluster/storage. Saving asks a node; the other two work
// offline and never touch a running node.
//
// Read this file first, then save.go, inspect.go, restore.go.
package snapshot

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/rondohq/rondo/cmd/rondo/server"
)

// Command returns `rondo snapshot`.
func Command() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "snapshot",
		Short: "Save the whole state to a file, look into it, found a new cluster on it",
		Long: `A snapshot is everything the nodes agree on, at one moment: agents, teams,
conversations, decisions, turns, and the keys that make retries safe. It carries
checksums, and is verified whenever it is copied or restored.`,
		Example: `  rondo snapshot save backup.snapshot --server http://10.0.0.1:4600
  rondo snapshot inspect backup.snapshot
  rondo snapshot restore backup.snapshot --config /etc/rondo/n1.toml`,
		Args: cobra.NoArgs,
	}
	cmd.AddCommand(saveCommand(), inspectCommand(), restoreCommand())
	return cmd
}

func saveCommand() *cobra.Command {
	var o saveOptions
	cmd := &cobra.Command{
		Use:   "save FILE",
		Short: "Save the state of a running cluster to a file",
		Long: `Save asks a node, any node, for a snapshot of everything that was acknowledged
before the call, verifies it as it comes, and puts it in place in one step: FILE is
whole or not there. The cluster goes on meanwhile.

With --stale it is what that one node has, which may be old; use it when no
majority of the nodes is left.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.path = args[0]
			return save(cmd.Context(), o, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	cmd.Flags().StringArrayVar(&o.servers, "server", []string{"http://127.0.0.1:4600"}, "a node's HTTP address; repeat it, and the next is asked if one does not answer")
	cmd.Flags().BoolVar(&o.stale, "stale", false, "take what the node has, without asking a majority")
	cmd.Flags().BoolVar(&o.force, "force", false, "replace FILE if it exists")
	return cmd
}

func inspectCommand() *cobra.Command {
	var o inspectOptions
	cmd := &cobra.Command{
		Use:   "inspect FILE",
		Short: "Say what is in a snapshot, offline",
		Long: `Inspect reads a snapshot to its end, compares its checksums and says what is in
it. FILE may also be the state.bin of a node's own snapshot. The exit status is 0
only if the file is whole.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return inspect(args[0], o, cmd.OutOrStdout())
		},
	}
	cmd.Flags().BoolVar(&o.verify, "verify", false, "also restore everything in memory, as a node would")
	cmd.Flags().StringVarP(&o.form, "output", "o", "text", "text or json")
	return cmd
}

func restoreCommand() *cobra.Command {
	var file string
	cmd := &cobra.Command{
		Use:   "restore FILE",
		Short: "Found a new cluster on a snapshot, offline",
		Long: `Restore makes the empty data directory of a node that is not running the beginning
of a NEW cluster, which continues where the snapshot was taken: conversations,
turns, keys, and the index, which never goes back. The node is its only voter.

It takes the configuration of that node as ` + "`rondo server`" + ` does (file, RONDO_*
variables, flags), since the node's id, directory and cluster address are needed.

The cluster gets a new id. Nodes of the old one are refused by it, and keep what
they have: stop them before clients find both, and never start them again.`,
		Args: cobra.ExactArgs(1),
	}
	cmd.Flags().StringVar(&file, "config", "", "TOML file of the node")
	server.Flags(cmd.Flags())
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		config, err := server.Load(file, os.Environ(), cmd.Flags())
		if err != nil {
			return fmt.Errorf("configuration:\n%w", err)
		}
		return restore(args[0], config, file, cmd.OutOrStdout())
	}
	return cmd
}
