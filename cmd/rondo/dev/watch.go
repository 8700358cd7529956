package dev

import (
	"context"
	"errors"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/rondohq/rondo/cmd/rondo/client"
)

// node is a line of GET /v1/cluster/nodes.
type node struct {
	ID      string `json:"id"`
	HTTP    string `json:"http"`
	Cluster string `json:"cluster"`
	Role    string `json:"role"`
	Leader  bool   `json:"leader"`
	PID     int    `json:"pid"`
}

const watchEvery = 500 * time.Millisecond

func (c *fleet) nodes(ctx context.Context) ([]node, error) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	var list struct{ Items []node }
	_, err := c.client.Do(ctx, "GET", "/v1/cluster/nodes", nil, &list, client.Once())
	return list.Items, err
}

// awaitLeader returns the nodes once one of them leads and all are known.
func (c *fleet) awaitLeader(ctx context.Context) ([]node, error) {
	ctx, cancel := context.WithTimeout(ctx, startPatience)
	defer cancel()
	ticker := time.NewTicker(watchEvery / 5)
	defer ticker.Stop()
	last := errors.New("no leader yet")
	for {
		nodes, err := c.nodes(ctx)
		if err != nil {
			last = err
		}
		if leader(nodes) != "" && announced(nodes) == len(c.children) {
			return nodes, nil
		}
		select {
		case <-ticker.C:
		case e := <-c.exits:
			return nil, fmt.Errorf("%s stopped while the cluster was starting: %s\n%s", e.child.name, e.ending(), e.child.lastWords())
		case <-ctx.Done():
			return nil, fmt.Errorf("no leader after %v: %w; the logs are in %s", startPatience, last, c.dir)
		}
	}
}

func leader(nodes []node) string {
	for _, n := range nodes {
		if n.Leader {
			return n.ID
		}
	}
	return ""
}

func announced(nodes []node) (count int) {
	for _, n := range nodes {
		if n.HTTP != "" {
			count++
		}
	}
	return count
}

func (c *fleet) greet(nodes []node, took time.Duration) {
	kept := "removed at exit"
	if c.options.Data != "" {
		kept = "kept"
	}
	fmt.Fprintf(c.out, "rondo dev: %d nodes after %v, data and logs in %s (%s)\n\n", len(nodes), took.Round(10*time.Millisecond), c.dir, kept)
	w := tabwriter.NewWriter(c.out, 0, 0, 3, ' ', 0)
	fmt.Fprintln(w, "  node\thttp\tcluster\tgossip\tpid\t")
	for k, child := range c.children {
		role := ""
		if child.name == leader(nodes) {
			role = "leads"
		}
		fmt.Fprintf(w, "  %s\thttp://%s\t%s\t%s\t%d\t%s\n", child.name, c.options.address(k, 0), c.options.address(k, 1), c.options.address(k, 2), child.pid(), role)
	}
	_ = w.Flush() // the terminal is gone then, and so are we soon
	fmt.Fprintf(c.out, "\nTry:\n%s\nCtrl-C stops all nodes. To see a leader die: kill -9 %d\n\n", c.suggestions(), c.pidOf(leader(nodes)))
}

// suggestions are two commands for somebody who has never seen Rondo.
func (c *fleet) suggestions() string {
	first, second := c.options.address(0, 0), c.options.address(len(c.children)-1, 0)
	if c.options.Demo {
		return fmt.Sprintf("  curl -s --json '{\"id\":\"SM1\",\"direction\":\"inbound\",\"from\":{\"address\":\"+15550111\",\"name\":\"Ann\"}}' http://%s/v1/inboxes/sms/messages\n"+
			"  curl -s http://%s/v1/teams/sales/rotation\n", first, second)
	}
	return fmt.Sprintf("  curl -s -X PUT --json '{\"name\":\"Chris Brisson\"}' http://%s/v1/agents/chris\n"+
		"  curl -s http://%s/v1/agents/chris\n", first, second)
}

func (c *fleet) pidOf(name string) int {
	for _, child := range c.children {
		if child.name == name {
			return child.pid()
		}
	}
	return 0
}

// watch reports who dies and who leads from now on, and starts the dead again,
// until ctx ends.
func (c *fleet) watch(ctx context.Context, leads string) {
	ticker := time.NewTicker(watchEvery)
	defer ticker.Stop()
	restarts := make(chan *child, maxNodes)
	for {
		select {
		case <-ctx.Done():
			return
		case e := <-c.exits:
			c.reportExit(ctx, e, restarts)
		case child := <-restarts:
			if err := child.start(); err != nil {
				c.say("%v", err)
				continue
			}
			c.say("%s runs again, pid %d", child.name, child.pid())
		case <-ticker.C:
			nodes, err := c.nodes(ctx)
			if now := leader(nodes); err == nil && now != "" && now != leads {
				leads = now
				c.say("%s leads now, pid %d", now, c.pidOf(now))
			}
		}
	}
}

func (c *fleet) reportExit(ctx context.Context, e exit, restarts chan<- *child) {
	how := e.ending()
	if c.options.RestartAfter == 0 {
		c.say("%s, pid %d: %s; it stays down (--restart-after 0)", e.child.name, e.pid, how)
		return
	}
	c.say("%s, pid %d: %s; it is started again in %v", e.child.name, e.pid, how, c.options.RestartAfter)
	timer := time.NewTimer(c.options.RestartAfter)
	go func() {
		defer timer.Stop()
		select {
		case <-timer.C:
			restarts <- e.child
		case <-ctx.Done():
		}
	}()
}

func (c *fleet) say(format string, args ...any) {
	fmt.Fprintf(c.out, "%s  %s\n", time.Now().Format("15:04:05"), fmt.Sprintf(format, args...))
}
