package dev

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/rondohq/rondo/cmd/rondo/client"
)

// Options are the flags of `rondo dev`.
type Options struct {
	Nodes        int
	Data         string
	Demo         bool
	RestartAfter time.Duration
	PortBase     int
}

const (
	maxNodes      = 9
	startPatience = 60 * time.Second
)

const commandHelp = `Dev starts a whole cluster on this machine: real server processes with data, logs,
ports and gossip of their own, under one supervisor. Kill one and see: it is
reported, and started again after a while. Ctrl-C stops all of it.

Ports of node k (from 0): HTTP base+10k, cluster base+10k+1, gossip base+10k+2.`

// Command returns `rondo dev`.
func Command() *cobra.Command {
	var o Options
	cmd := &cobra.Command{
		Use:   "dev",
		Short: "Start a whole cluster on this machine, to try and to attack",
		Long:  commandHelp,
		Example: `  rondo dev --demo
  rondo dev --nodes 5 --data ./cluster --restart-after 0`,
		Args: cobra.NoArgs,
	}
	f := cmd.Flags()
	f.IntVar(&o.Nodes, "nodes", 3, "how many nodes: 1, 3, 5, ...")
	f.StringVar(&o.Data, "data", "", "directory that keeps the state (default: a temporary one, removed at exit)")
	f.BoolVar(&o.Demo, "demo", false, "create a small team with an inbox")
	f.DurationVar(&o.RestartAfter, "restart-after", 5*time.Second, "start a dead node again after this long; 0: never")
	f.IntVar(&o.PortBase, "port-base", 4600, "the first port")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		return Run(cmd.Context(), o, cmd.OutOrStdout())
	}
	return cmd
}

func (o Options) check() error {
	switch {
	case o.Nodes < 1 || o.Nodes > maxNodes || o.Nodes%2 == 0:
		return fmt.Errorf("--nodes is %d: use an odd number up to %d; an even one survives no more failures than the odd one below it", o.Nodes, maxNodes)
	case o.PortBase < 1024 || o.PortBase+10*o.Nodes > 65535:
		return fmt.Errorf("--port-base is %d: use 1024 to %d", o.PortBase, 65535-10*o.Nodes)
	case o.RestartAfter < 0:
		return fmt.Errorf("--restart-after is %v: use a duration such as 5s, or 0 for never", o.RestartAfter)
	}
	return nil
}

// Run starts the cluster and watches it until ctx ends. It leaves no process
// behind, and no directory that it made itself.
func Run(ctx context.Context, o Options, out io.Writer) (err error) {
	if err := o.check(); err != nil {
		return err
	}
	if err := o.portsFree(); err != nil {
		return err
	}
	dir, remove, err := o.directory()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, remove()) }()

	c, err := newCluster(o, dir, out)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.stop()) }()
	begun := time.Now()
	nodes, err := c.start(ctx)
	if err == nil {
		c.greet(nodes, time.Since(begun))
		c.watch(ctx, leader(nodes))
	}
	if ctx.Err() != nil { // Ctrl-C, also while they started
		fmt.Fprintln(out, "\nstopping all nodes")
		return nil
	}
	return err
}

// portsFree names the port that is taken before anything has been started.
func (o Options) portsFree() error {
	for k := range o.Nodes {
		for i := range 3 {
			address := o.address(k, i)
			l, err := net.Listen("tcp", address)
			if err != nil {
				return fmt.Errorf("%s is not free (is another rondo dev running?): use --port-base: %w", address, err)
			}
			if err := l.Close(); err != nil {
				return fmt.Errorf("look whether %s is free: %w", address, err)
			}
		}
	}
	return nil
}

// address returns the address of node k: 0 HTTP, 1 cluster, 2 gossip.
func (o Options) address(k, port int) string {
	return net.JoinHostPort("127.0.0.1", strconv.Itoa(o.PortBase+10*k+port))
}

func (o Options) directory() (dir string, remove func() error, err error) {
	if o.Data != "" {
		if dir, err = filepath.Abs(o.Data); err == nil {
			err = os.MkdirAll(dir, 0o700)
		}
		return dir, func() error { return nil }, err
	}
	if dir, err = os.MkdirTemp("", "rondo-dev-"); err != nil {
		return "", nil, fmt.Errorf("make a temporary directory: %w", err)
	}
	return dir, func() error { return os.RemoveAll(dir) }, nil
}

// A fleet is the cluster as its supervisor sees it.
type fleet struct {
	options  Options
	dir      string
	out      io.Writer
	children []*child
	client   *client.Client
	exits    chan exit
}

func newCluster(o Options, dir string, out io.Writer) (*fleet, error) {
	c := &fleet{options: o, dir: dir, out: out, exits: make(chan exit, maxNodes)}
	binary, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find our own binary: %w", err)
	}
	var servers []string
	for k := range o.Nodes {
		child := &child{name: nodeName(k), dir: filepath.Join(dir, nodeName(k)), binary: binary, exits: c.exits}
		if err := child.configure(o.config(k, child.dir)); err != nil {
			return nil, err
		}
		c.children = append(c.children, child)
		servers = append(servers, "http://"+o.address(k, 0))
	}
	c.client, err = client.New(client.Options{Servers: servers, Actor: "system:dev", Timeout: 2 * time.Second})
	return c, err
}

func nodeName(k int) string { return "n" + strconv.Itoa(k+1) }

// config returns the TOML of node k.
func (o Options) config(k int, dir string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# Written by rondo dev at every start.\nnode_id = %q\ndata_dir = %q\n\n", nodeName(k), filepath.Join(dir, "data"))
	fmt.Fprintf(&b, "[http]\nlisten = %q\n\n", o.address(k, 0))
	fmt.Fprintf(&b, "[gossip]\nlisten = %q\njoin = [%q]\nlabel = \"rondo-dev-%d\"\n\n", o.address(k, 2), o.address(0, 2), o.PortBase)
	// Reserves of three nodes on one small machine would only be in the way.
	fmt.Fprintf(&b, "[disk]\nreserve_mib = 0\n\n")
	fmt.Fprintf(&b, "[cluster]\nlisten = %q\n", o.address(k, 1))
	for i := range o.Nodes {
		fmt.Fprintf(&b, "\n[[cluster.initial_voters]]\nid = %q\naddress = %q\n", nodeName(i), o.address(i, 1))
	}
	return b.String()
}

// start returns the nodes once they serve and one of them leads.
func (c *fleet) start(ctx context.Context) ([]node, error) {
	for _, child := range c.children {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if err := child.start(); err != nil {
			return nil, err
		}
	}
	nodes, err := c.awaitLeader(ctx)
	if err != nil {
		return nil, err
	}
	if c.options.Demo {
		if err := demo(ctx, c.client); err != nil {
			return nil, fmt.Errorf("create the demo: %w", err)
		}
	}
	return nodes, nil
}

// stop ends every child, together: orderly at first, then not.
func (c *fleet) stop() error {
	c.client.Close()
	errs := make(chan error, len(c.children))
	for _, child := range c.children {
		go func() { errs <- child.stop() }()
	}
	var all []error
	for range c.children {
		all = append(all, <-errs)
	}
	return errors.Join(all...)
}
