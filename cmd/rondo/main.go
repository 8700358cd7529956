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

	"github.com/rondohq/rondo/cmd/rondo/server"
)

// Exit codes, for supervisors and scripts.
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
	fmt.Fprintf(os.Stderr, "rondo: %v\n", err)
	if errors.Is(err, server.ErrFatal) {
		os.Exit(exitFatal)
	}
	os.Exit(exitFailed)
}
