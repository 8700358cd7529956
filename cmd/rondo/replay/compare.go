package replay

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/rondohq/rondo/cmd/rondo/client"
)

// weightMost is the weight of the agent who really took the most.
const weightMost = 10

// Comparing asks for strategies to be compared. The zero value asks for none.
type Comparing struct {
	Capacity   int      // open conversations an agent may have, 1 to CapacityMax; 0: no limit
	Strategies []string // RoundRobin, LeastOpen, Weighted or "all", which is also the default with a limit
}

const allStrategies = "all"

// suffixes tell the ids of the strategies apart.
var suffixes = map[string]string{RoundRobin: "-rr", LeastOpen: "-lo", Weighted: "-we"}

const suffixChars = 3

func (c Comparing) on() bool { return c.Capacity != 0 || len(c.Strategies) > 0 }

// check refuses what makes no sense, before anything is created.
func (c Comparing) check(o Options) error {
	if c.Capacity < 0 || c.Capacity > CapacityMax {
		return fmt.Errorf("capacity %d: choose 1 to %d open conversations for each agent", c.Capacity, CapacityMax)
	}
	for _, s := range c.Strategies {
		if suffixes[s] == "" && s != allStrategies {
			return fmt.Errorf("strategy %q: choose %s, %s, %s or %s", s, RoundRobin, LeastOpen, Weighted, allStrategies)
		}
	}
	if o.Parallel > 1 {
		return fmt.Errorf("%d calls in parallel: strategies are compared in the log's own order, one step after another; leave it out", o.Parallel)
	}
	if most := PrefixMaxChars - suffixChars; len(o.Prefix) > most {
		return fmt.Errorf("prefix %q: use at most %d characters where strategies are compared, each adds %d", o.Prefix, most, suffixChars)
	}
	return nil
}

// list returns the strategies to compare, each once, and why one of those that
// "all" stands for is left out.
func (c Comparing) list(plan *Plan) (list []string, leftOut string, err error) {
	all := len(c.Strategies) == 0 || slices.Contains(c.Strategies, allStrategies)
	for _, s := range []string{RoundRobin, LeastOpen, Weighted} {
		if all || slices.Contains(c.Strategies, s) {
			list = append(list, s)
		}
	}
	if !slices.Contains(list, Weighted) || unequal(weights(plan)) {
		return list, "", nil
	}
	leftOut = "weighted is left out: all weights would be the same, since in the log everybody took as much as everybody else"
	if slices.Contains(c.Strategies, Weighted) {
		return nil, "", fmt.Errorf("strategy %s: all weights would be the same, which is %s: leave it out, or name the activity by which tickets are taken", Weighted, RoundRobin)
	}
	return slices.DeleteFunc(list, func(s string) bool { return s == Weighted }), leftOut, nil
}

// weights returns a weight from 1 to weightMost for each agent of a plan: her share
// of the most that anybody took in the log, rounded to the nearest.
func weights(plan *Plan) []int {
	most := 0
	for _, a := range plan.Agents {
		most = max(most, a.Taken)
	}
	list := make([]int, len(plan.Agents))
	for i, a := range plan.Agents {
		list[i] = 1
		if most > 0 {
			list[i] = max(1, (2*weightMost*a.Taken+most)/(2*most))
		}
	}
	return list
}

func unequal(list []int) bool { return len(slices.Compact(slices.Sorted(slices.Values(list)))) > 1 }

// A contestant is one strategy of a comparison.
type contestant struct {
	strategy string
	*player
	played []Played
	took   time.Duration
	course Course
}

// compare plays the log once for each strategy, all at the same time, each with
// agents, a team and an inbox of its own, and writes the report. It keeps to what
// Run promises.
func compare(ctx context.Context, o Options, stdout, stderr io.Writer) error {
	log, plan, err := load(o)
	if err != nil {
		return err
	}
	strategies, leftOut, err := o.Compare.list(plan)
	if err != nil {
		return err
	}
	c, err := client.New(client.Options{Servers: o.Servers, Actor: o.Actor, Timeout: attemptTimeout})
	if err != nil {
		return fmt.Errorf("connect to the cluster: %w", err)
	}
	defer c.Close()
	contestants, all, err := newContestants(log, c, o, strategies)
	if err != nil {
		return err
	}
	fmt.Fprintf(stderr, "replay: %s, %s, %s, compares %s; ids begin with %s-\n", count(len(log.Events), "event"),
		count(len(plan.Tickets), "ticket"), count(len(plan.Agents), "agent"), strings.Join(strategies, ", "), o.Prefix)
	if leftOut != "" {
		fmt.Fprintln(stderr, "replay: "+leftOut)
	}
	started := time.Now()
	progress := startProgress(stderr, all)
	err = each(ctx, contestants, (*contestant).run)
	progress.stop()
	if err != nil {
		return fmt.Errorf("the replay ended after %d of %d steps (what was done stays in the cluster, under ids that begin with %s-): %w",
			all.done.Load(), all.total, o.Prefix, err)
	}
	took := time.Since(started)
	fmt.Fprintf(stderr, "replay: played in %s; reading what the cluster decided\n", took.Round(time.Millisecond))
	if err := each(ctx, contestants, (*contestant).read); err != nil {
		return fmt.Errorf("read what the cluster decided: %w", err)
	}
	r := newComparison(log, contestants, all, took, o)
	r.LeftOut = leftOut
	if err := r.write(stdout, o.Form); err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	if !r.OK {
		return ErrChecksFailed
	}
	return nil
}

// newContestants makes a player for each strategy; they count together.
func newContestants(log *Log, c *client.Client, o Options, strategies []string) ([]*contestant, *counters, error) {
	var list []*contestant
	var all *counters
	for i, strategy := range strategies {
		plan, err := NewPlan(log, o.Prefix+suffixes[strategy])
		if err != nil {
			return nil, nil, fmt.Errorf("plan the replay of %s: %w", o.Path, err)
		}
		p := newPlayer(plan, c.StartAt(i), o)
		p.strategy, p.capacity = strategy, o.Compare.Capacity
		if strategy == Weighted {
			p.weights = weights(plan)
		}
		if all == nil {
			all = p.counters
			all.total *= len(strategies)
		}
		p.counters = all
		list = append(list, &contestant{strategy: strategy, player: p})
	}
	return list, all, nil
}

// each does something for all contestants at once and returns the first error,
// which ends the others'.
func each(ctx context.Context, list []*contestant, do func(*contestant, context.Context) error) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var workers sync.WaitGroup
	for _, c := range list {
		workers.Go(func() {
			if err := do(c, ctx); err != nil {
				stop(fmt.Errorf("%s: %w", c.strategy, err))
			}
		})
	}
	workers.Wait()
	return context.Cause(ctx)
}

func (c *contestant) run(ctx context.Context) error {
	if err := c.setUp(ctx); err != nil {
		return fmt.Errorf("set up the replay: %w", err)
	}
	started := time.Now()
	played, err := c.playInOrder(ctx)
	c.played, c.took = played, time.Since(started)
	return err
}

func (c *contestant) read(ctx context.Context) error {
	history, err := c.history(ctx)
	c.course = Course{History: history, Strategy: c.strategy, Capacity: c.capacity, Weights: c.weights, Steps: c.played}
	return err
}
