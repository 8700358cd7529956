// Command rondo is the one binary of Rondo: a node of the cluster, a whole
// cluster on one machine for trying it out, and the command line.
//
// It wires the packages together and prints; it decides nothing. This file is
// the only one that ends the process. Read root.go for the commands there are.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/rondohq/rondo/cmd/rondo/cli"
	"github.com/rondohq/rondo/cmd/rondo/server"
)

// Exit codes, for supervisors and scripts. Those of the client commands stand in
// package cli.
const (
	exitFailed = 1
	exitFatal  = 3 // the node had to stop at once and may be started again
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := rootCommand().ExecuteContext(ctx)
	stop()
	if err == nil {
		return
	}
	if !errors.Is(err, cli.ErrChanges) { // the dry run has said it
		fmt.Fprintf(os.Stderr, "rondo: %s\n", cli.Explain(err))
	}
	if errors.Is(err, server.ErrFatal) {
		os.Exit(exitFatal)
	}
	var coded interface{ ExitCode() int }
	if errors.As(err, &coded) {
		os.Exit(coded.ExitCode())
	}
	os.Exit(exitFailed)
}
