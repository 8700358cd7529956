package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"text/tabwriter"
	"time"

	"github.com/rondohq/rondo/cmd/rondo/client"
)

// A blow ends a leader.
type blow struct {
	name   string
	signal syscall.Signal
}

var blows = []blow{{"kill -9 of the leader", syscall.SIGKILL}, {"graceful stop of the leader", syscall.SIGTERM}}

// failover measures the longest time between two assignments around each blow.
func failover(ctx context.Context, arguments []string) error {
	flags := flag.NewFlagSet("failover", flag.ExitOnError)
	rounds := flags.Int("rounds", 10, "how often the leader dies each way")
	portBase := flags.Int("port-base", 14600, "first port of the cluster")
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "rondo-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	servers, end, err := startCluster(ctx, dir, *portBase, "--restart-after", "1s")
	if err != nil {
		return err
	}
	defer end()
	if err := setUp(ctx, servers, 20); err != nil {
		return err
	}
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 3, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "longest time without an assignment\trounds\tmin ms\tmedian ms\tmax ms\t")
	for _, b := range blows {
		var gaps []time.Duration
		for range *rounds {
			gap, err := strike(ctx, servers, b)
			if err != nil {
				return fmt.Errorf("%s: %w", b.name, err)
			}
			gaps = append(gaps, gap)
		}
		slices.Sort(gaps)
		fmt.Fprintf(w, "%s\t%d\t%.0f\t%.0f\t%.0f\t\n", b.name, len(gaps), ms(gaps[0]), ms(gaps[len(gaps)/2]), ms(gaps[len(gaps)-1]))
	}
	return w.Flush()
}

// node is what a round must know of one.
type node struct {
	ID        string `json:"id"`
	HTTP      string `json:"http"`
	Leader    bool   `json:"leader"`
	PID       int    `json:"pid"`
	Reachable bool   `json:"reachable"`
	Applied   uint64 `json:"applied_index"`
}

// strike assigns through every node at once, ends the leader, and returns the
// longest time in which nobody was answered.
func strike(ctx context.Context, servers []string, b blow) (time.Duration, error) {
	leader, err := awaitWhole(ctx, servers)
	if err != nil {
		return 0, err
	}
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	var last, longest atomic.Int64 // nanoseconds since begin
	begin := time.Now()
	stop := make(chan struct{})
	var over atomic.Bool // what is answered from then on, by a node that started again, is no gap of the others
	var working sync.WaitGroup
	for i, server := range servers {
		c, err := client.New(client.Options{Servers: []string{"http://" + server}})
		if err != nil {
			return 0, err
		}
		working.Go(func() {
			defer c.Close()
			for n := 0; ; n++ {
				select {
				case <-stop:
					return
				default:
				}
				try, cancel := context.WithTimeout(ctx, time.Second)
				body := map[string]any{"id": fmt.Sprintf("f-%d-%d-%d", begin.UnixNano(), i, n), "inbox": "bench", "from": map[string]any{"address": "failover"}, "direction": "inbound"}
				_, err := c.Do(try, "POST", "/v1/conversations", body, nil)
				cancel()
				if err != nil || over.Load() {
					continue // after a failure the next one is as good
				}
				now := int64(time.Since(begin))
				before := last.Swap(now)
				for gap := now - before; ; {
					known := longest.Load()
					if gap <= known || longest.CompareAndSwap(known, gap) {
						break
					}
				}
			}
		})
	}
	finish := func() { over.Store(true); close(stop); working.Wait() }
	if err := pause(ctx, time.Second); err != nil {
		finish()
		return 0, err
	}
	longest.Store(0) // what came before was the start
	if err := syscall.Kill(leader.PID, b.signal); err != nil {
		finish()
		return 0, fmt.Errorf("signal %s: %w", leader.ID, err)
	}
	err = pause(ctx, 2500*time.Millisecond) // longer than any election
	finish()
	return time.Duration(longest.Load()), err
}

// awaitWhole waits until all nodes answer and one leads.
func awaitWhole(ctx context.Context, servers []string) (leader node, err error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	c, err := client.New(client.Options{Servers: []string{"http://" + servers[0], "http://" + servers[1], "http://" + servers[2]}})
	if err != nil {
		return leader, err
	}
	defer c.Close()
	for ctx.Err() == nil {
		var list struct {
			Items []node `json:"items"`
		}
		try, cancel := context.WithTimeout(ctx, 2*time.Second)
		_, err := c.Do(try, "GET", "/v1/cluster/nodes", nil, &list)
		cancel()
		up := 0
		leader = node{}
		for _, n := range list.Items {
			if n.Reachable && n.Applied > 0 {
				up++
			}
			if n.Leader {
				leader = n
			}
		}
		if err == nil && up == len(servers) && leader.PID > 0 {
			return leader, pause(ctx, time.Second) // until the last to start has caught up
		}
		if err := pause(ctx, 200*time.Millisecond); err != nil {
			break
		}
	}
	return leader, errors.New("the nodes are not all up within a minute")
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
