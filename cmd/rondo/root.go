package main

import (
	"fmt"
	"os"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/rondohq/rondo/cmd/rondo/clustercmd"
	"github.com/rondohq/rondo/cmd/rondo/conformance"
	"github.com/rondohq/rondo/cmd/rondo/dev"
	"github.com/rondohq/rondo/cmd/rondo/events"
	"github.com/rondohq/rondo/cmd/rondo/manifest"
	"github.com/rondohq/rondo/cmd/rondo/nouncmd"
	"github.com/rondohq/rondo/cmd/rondo/preset"
	"github.com/rondohq/rondo/cmd/rondo/replay"
	"github.com/rondohq/rondo/cmd/rondo/server"
	"github.com/rondohq/rondo/cmd/rondo/snapshot"
)

const rootHelp = `Rondo decides who takes the next conversation, and keeps deciding, in one strict
order, while machines die.

Begin with:  rondo dev --demo`

func rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:           "rondo",
		Short:         "Assign every conversation, in one strict order, while machines die",
		Long:          rootHelp,
		Version:       version(),
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.AddCommand(
		serverCommand(), dev.Command(), clustercmd.Command(), replay.Command(), events.Command(replay.DevServers), snapshot.Command(),
		conformance.Command(replay.DevServers, presetForCases), versionCommand(),
	)
	root.AddCommand(nouncmd.Commands(replay.DevServers)...)
	root.AddCommand(manifest.Commands(replay.DevServers)...)
	root.AddCommand(preset.Command(replay.DevServers))
	return root
}

func serverCommand() *cobra.Command {
	var file string
	var supervised bool
	cmd := &cobra.Command{
		Use:   "server",
		Short: "Run one node of a cluster",
		Long: `Server runs one node. What it is told comes from a TOML file, then RONDO_*
variables, then flags, each overruling the one before; a key that is not known is
an error. Three nodes with the same cluster.bootstrap_expect = 3 that gossip with
each other form one cluster, once, in whatever order they are started.

Until security lands a node listens on loopback only, unless --insecure-listen.`,
		Example: `  rondo server --config /etc/rondo/n1.toml
  rondo server --node-id n1 --data-dir ./n1 --cluster-initial-voters n1=127.0.0.1:4601`,
		Args: cobra.NoArgs,
	}
	cmd.Flags().StringVar(&file, "config", "", "TOML file")
	cmd.Flags().BoolVar(&supervised, "supervised", false, "descriptors 3 and 4 belong to a parent: ready, and alive")
	if err := cmd.Flags().MarkHidden("supervised"); err != nil {
		cmd.Long += "\n" // the flag is then shown, which harms nobody
	}
	server.Flags(cmd.Flags())
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		config, err := server.Load(file, os.Environ(), cmd.Flags())
		if err != nil {
			return fmt.Errorf("configuration:\n%w", err)
		}
		var sup server.Supervision
		if supervised {
			sup = server.Supervision{Ready: os.NewFile(3, "ready"), Alive: os.NewFile(4, "alive")}
		}
		return server.Run(cmd.Context(), config, version(), os.Stderr, sup)
	}
	return cmd
}

func versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Say which version this is",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := fmt.Fprintf(cmd.OutOrStdout(), "rondo %s (%s, %s/%s)\n", version(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
			return err
		},
	}
}

// version returns what the build says of itself.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" {
		return "unknown"
	}
	return info.Main.Version
}
