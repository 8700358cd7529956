package main

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"text/tabwriter"
	"time"

	"github.com/rondohq/rondo/cmd/rondo/client"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx)
	stop()
	if err != nil {
		fmt.Fprintf(os.Stderr, "bench: %v\n", err)
		os.Exit(1)
	}
}

type options struct {
	connections []int
	round       time.Duration
	warmUp      time.Duration
	agents      int
	portBase    int
	through     string // leader or all
}

func run(ctx context.Context) error {
	if len(os.Args) > 1 {
		switch os.Args[1] {
		case "failover":
			return failover(ctx, os.Args[2:])
		case "scale":
			return scale(ctx, os.Args[2:])
		}
	}
	var o options
	list := flag.String("connections", "1,16,64,256", "numbers of connections, with commas")
	flag.DurationVar(&o.round, "round", 8*time.Second, "how long to measure at each number")
	flag.DurationVar(&o.warmUp, "warm-up", 2*time.Second, "not counted, before each")
	flag.IntVar(&o.agents, "agents", 20, "members of the team")
	flag.IntVar(&o.portBase, "port-base", 14600, "first port of the cluster")
	flag.StringVar(&o.through, "through", "leader", "which nodes are called, of Rondo and of its peer: leader (no hop between nodes) or all, in turn")
	flag.Parse()
	if o.through != "leader" && o.through != "all" {
		return fmt.Errorf("--through: %q is neither leader nor all", o.through)
	}
	for _, word := range strings.Split(*list, ",") {
		n, err := strconv.Atoi(word)
		if err != nil || n < 1 || n > 3000 {
			return fmt.Errorf("--connections: %q is not a number from 1 to 3000", word)
		}
		o.connections = append(o.connections, n)
	}

	dir, err := os.MkdirTemp("", "rondo-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	servers, end, err := startCluster(ctx, dir, o.portBase)
	if err != nil {
		return err
	}
	defer end()
	if err := setUp(ctx, servers, o.agents); err != nil {
		return err
	}
	p, err := startPeer(ctx, dir)
	if err != nil {
		return err
	}
	if p != nil {
		defer p.stop()
	}
	return measure(ctx, o, dir, servers, p)
}

func measure(ctx context.Context, o options, dir string, servers []string, p *peer) error {
	syncs, err := syncsPerSecond(dir, 2*time.Second)
	if err != nil {
		return err
	}
	fmt.Printf("three nodes, client and disk on one machine: %d processors, %s, %s/%s\n", runtime.NumCPU(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
	fmt.Printf("the disk appends and syncs 512 bytes %.0f times a second; every assignment is synced on a majority before it is answered\n\n", syncs)
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 3, ' ', tabwriter.AlignRight)
	fmt.Fprint(w, "connections\tassignments/s\tp50 ms\tp99 ms\tlongest ms\terrors\t")
	if p != nil {
		fmt.Fprint(w, "etcd puts/s\tp50 ms\tp99 ms\tratio\t")
	}
	fmt.Fprintln(w)
	for round, n := range o.connections {
		called := servers
		if o.through == "leader" {
			leader, err := awaitWhole(ctx, servers)
			if err != nil {
				return err
			}
			called = []string{leader.HTTP}
		}
		r, err := load(ctx, called, n, round, o.warmUp, o.round)
		if err != nil {
			return err
		}
		fmt.Fprintf(w, "%d\t%.0f\t%.1f\t%.1f\t%.1f\t%d\t", n, r.perSecond, ms(r.at(0.5)), ms(r.at(0.99)), ms(r.at(1)), r.errors)
		if p != nil {
			theirs, err := p.load(o.through, n, o.warmUp, o.round)
			if err != nil {
				return err
			}
			fmt.Fprintf(w, "%.0f\t%.1f\t%.1f\t%.2f\t", theirs.PerSecond, theirs.P50Ms, theirs.P99Ms, r.perSecond/theirs.PerSecond)
		}
		fmt.Fprintln(w)
	}
	return w.Flush()
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// startCluster builds the binary and runs `rondo dev` until end is called.
func startCluster(ctx context.Context, dir string, base int, extra ...string) (servers []string, end func(), err error) {
	binary := filepath.Join(dir, "rondo")
	if out, err := exec.CommandContext(ctx, "go", "build", "-o", binary, "github.com/rondohq/rondo/cmd/rondo").CombinedOutput(); err != nil {
		return nil, nil, fmt.Errorf("build rondo: %w\n%s", err, out)
	}
	arguments := append([]string{"dev", "--port-base", strconv.Itoa(base), "--data", filepath.Join(dir, "data")}, extra...)
	cmd := exec.Command(binary, arguments...)
	cmd.Stderr = os.Stderr
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, nil, fmt.Errorf("start rondo dev: %w", err)
	}
	end = func() {
		_ = cmd.Process.Signal(os.Interrupt) // it may have ended by itself
		_ = cmd.Wait()
	}
	lines := bufio.NewReader(stdout)
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			end()
			return nil, nil, fmt.Errorf("rondo dev did not start: %w", err)
		}
		if strings.HasPrefix(line, "Ctrl-C") {
			break
		}
	}
	go io.Copy(io.Discard, lines)
	for k := range 3 {
		servers = append(servers, fmt.Sprintf("127.0.0.1:%d", base+10*k))
	}
	return servers, end, nil
}

// setUp makes a team whose members are all available, and its inbox.
func setUp(ctx context.Context, servers []string, agents int) error {
	c, err := client.New(client.Options{Servers: []string{"http://" + servers[0]}})
	if err != nil {
		return err
	}
	defer c.Close()
	type body = map[string]any
	members := []body{}
	for i := range agents {
		id := fmt.Sprintf("bench-%02d", i)
		if _, err := c.Do(ctx, "PUT", "/v1/agents/"+id, body{"name": id}, nil); err != nil {
			return err
		}
		if _, err := c.Do(ctx, "PUT", "/v1/agents/"+id+"/presence", body{"status": "available"}, nil); err != nil {
			return err
		}
		members = append(members, body{"agent": id})
	}
	if _, err := c.Do(ctx, "PUT", "/v1/teams/bench", body{"name": "Bench", "members": members}, nil); err != nil {
		return err
	}
	_, err = c.Do(ctx, "PUT", "/v1/inboxes/bench", body{"name": "Bench", "assignment": body{"mode": "rotation", "team": "bench"}}, nil)
	return err
}
