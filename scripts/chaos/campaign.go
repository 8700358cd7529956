package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rondohq/rondo/scripts/chaos/check"
	"github.com/rondohq/rondo/scripts/chaos/history"
	"github.com/rondohq/rondo/scripts/chaos/nemesis"
	"github.com/rondohq/rondo/scripts/chaos/testbed"
	"github.com/rondohq/rondo/scripts/chaos/workload"
)

const (
	writers = 64
	readers = 16

	// headroom is how much faster than needed clients may be: faults take their
	// time, and a machine that only serves clients starves everything else.
	headroom = 3

	recoveryPatience = 60 * time.Second // after the last fault is healed
	endPatience      = 30 * time.Second // for operations under way then
	dumpPatience     = 3 * time.Minute
	progressEvery    = 5 * time.Second
)

// A campaign is one run while it goes on.
type campaign struct {
	options
	dir      string
	bed      *testbed.Bed
	config   history.Config
	writer   *history.Writer
	began    time.Time
	load     *workload.Load
	follower follower
	fault    atomic.Value // string: what is under way
}

// A result is what a run came to.
type result struct {
	verdict check.Verdict
	row     string
}

func (c *campaign) clock() int64 { return time.Since(c.began).Microseconds() }

func (c *campaign) servers() (urls, names []string) {
	for at := range c.bed.Count() {
		urls, names = append(urls, c.bed.URL(at)), append(names, c.bed.ID(at))
	}
	return urls, names
}

// attack makes one run and judges it. An error means that there is no verdict.
func attack(ctx context.Context, o options) (result, error) {
	fmt.Printf("seed %d: %s of %v against %d nodes\n", o.seed, o.length, o.nemeses, o.nodes)
	dir, err := os.MkdirTemp("", fmt.Sprintf("rondo-chaos-%d-", o.seed))
	if err != nil {
		return result{}, err
	}
	c := &campaign{options: o, dir: dir, writer: history.NewWriter(dir), began: time.Now()}
	c.config = history.Config{Seed: o.seed, ForUs: o.length.Microseconds(), Nemeses: o.nemeses, Nodes: o.nodes, Rate: o.rate}
	if err = errors.Join(c.play(ctx), c.writer.Close()); err != nil {
		return result{}, fmt.Errorf("%w (see %s)", err, dir)
	}
	run, err := history.Load(dir)
	if err != nil {
		return result{}, err
	}
	verdict := check.Judge(run)
	printSummary(run)
	printFindings(verdict)
	if verdict.Pass() && !o.keep {
		err = os.RemoveAll(dir)
		dir = ""
	} else {
		fmt.Printf("kept: %s (scripts/chaos/run --check %s judges it again)\n", dir, dir)
	}
	printVerdict(run, verdict, dir)
	return result{verdict, tableRow(run, verdict)}, err
}

// play builds the cluster, lets everybody work and harms it, and writes all down.
func (c *campaign) play(ctx context.Context) (err error) {
	if c.binary == "" {
		if c.binary, err = build(ctx, c.dir); err != nil {
			return err
		}
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	binary, err := filepath.Abs(c.binary)
	if err != nil {
		return err
	}
	c.bed, err = testbed.New(testbed.Options{Dir: c.dir, Binary: binary, ServeDisk: []string{self, "disk"}, Nodes: c.nodes,
		OnExit: func(node, how string) {
			c.writer.Exit(history.Exit{Node: node, AtUs: c.clock(), How: how})
		}})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.bed.Close()) }()
	all := make([]int, c.bed.Count())
	for at := range all {
		all[at] = at
	}
	c.bed.Start(all...)
	urls, _ := c.servers()
	if err := setUp(ctx, urls[0], &c.config); err != nil {
		return err
	}
	if !c.config.Watching {
		fmt.Println("NOT CHECKED: this binary has no /v1/events; presence is placed by its time instead")
	}
	if !c.config.Resolves {
		fmt.Println("NOT CHECKED: this binary has no /v1/operations/{key}")
	}
	c.writer.Config(c.config)
	return c.work(ctx)
}

// work is the run proper: clients, watchers and faults at once, then recovery.
func (c *campaign) work(ctx context.Context) error {
	urls, names := c.servers()
	c.load = workload.New(workload.Options{Servers: urls, Names: names, Seed: c.seed, Writers: writers, Readers: readers,
		Rate: headroom * c.rate, Config: c.config, Clock: c.clock, Record: c.writer.Op})
	background, endBackground := context.WithCancel(ctx)
	working, endWork := context.WithCancel(ctx)
	patience, giveUp := context.WithCancel(ctx)
	defer giveUp()
	var crowd, clients sync.WaitGroup
	crowd.Go(func() { c.follower.follow(background, urls, c.clock, c.writer.Term) })
	crowd.Go(func() { c.progress(background) })
	if c.config.Watching {
		for at := range urls {
			crowd.Go(func() {
				workload.Watch(background, urls[at], func(e history.Event, _ []byte) { c.writer.Event(names[at], e) })
			})
		}
	}
	clients.Go(func() { c.load.Work(working, patience) })
	end, err := c.harm(ctx)
	if err == nil {
		c.recover(ctx, &end)
	}
	endWork()
	late := time.AfterFunc(endPatience, giveUp)
	clients.Wait()
	late.Stop()
	if err == nil && ctx.Err() == nil {
		err = c.dump(ctx, &end)
	}
	endBackground()
	crowd.Wait()
	c.writer.End(end)
	return errors.Join(err, ctx.Err())
}

// harm runs the nemesis for as long as was asked.
func (c *campaign) harm(ctx context.Context) (history.End, error) {
	_, names := c.servers()
	started := c.clock()
	harming, enough := context.WithTimeout(ctx, c.length)
	defer enough()
	before := c.load.Count().Ended
	err := nemesis.Run(harming, nemesis.Options{
		Bed: c.bed, Kinds: c.nemeses, Seed: c.seed, Clock: c.clock,
		Leader: func() int { return c.follower.leaderAmong(names) },
		Begun:  func(f history.Fault) { c.fault.Store(fmt.Sprintf("%s %v", f.What, f.Nodes)) },
		Healed: func(f history.Fault) {
			c.fault.Store("")
			c.writer.Fault(f)
		},
	})
	return history.End{WorkedUs: c.clock() - started, Ended: c.load.Count().Ended - before, GapUs: c.load.Count().GapUs}, err
}

// recover waits until every node is ready and takes writes, with all healed.
func (c *campaign) recover(ctx context.Context, end *history.End) {
	c.fault.Store("all healed, recovering")
	began := c.clock()
	ctx, cancel := context.WithTimeout(ctx, recoveryPatience)
	defer cancel()
	urls, names := c.servers()
	end.RecoveredUs = -1
	for at := range urls {
		for {
			err := errors.Join(ask(ctx, urls[at]+"/readyz", nil), send(ctx, urls[at]+"/v1/agents/a1", []byte(`{"name":"a1"}`)))
			if err == nil {
				break
			}
			select {
			case <-ctx.Done():
				end.Problems = append(end.Problems, fmt.Sprintf("%s has not recovered within %s: %v", names[at], recoveryPatience, err))
				return
			case <-time.After(followEvery):
			}
		}
	}
	end.RecoveredUs = c.clock() - began
}

// dump reads what every node has, unless the cluster has not recovered.
func (c *campaign) dump(ctx context.Context, end *history.End) error {
	c.fault.Store("reading what each node has")
	if end.RecoveredUs < 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, dumpPatience)
	defer cancel()
	urls, names := c.servers()
	for at := range urls {
		d, err := workload.Dump(ctx, urls[at], c.config)
		if err != nil {
			end.Problems = append(end.Problems, fmt.Sprintf("%s could not be read: %v", names[at], err))
			continue
		}
		c.writer.Dump(names[at], d)
	}
	return nil
}

func (c *campaign) progress(ctx context.Context) {
	last, lastAt := c.load.Count(), time.Now()
	for tick := time.NewTicker(progressEvery); ; {
		select {
		case <-ctx.Done():
			tick.Stop()
			return
		case <-tick.C:
		}
		now := c.load.Count()
		leader, terms := c.follower.leader()
		fault, _ := c.fault.Load().(string)
		seconds := time.Since(lastAt).Seconds()
		fmt.Printf("%6.1fs  %6.0f op/s  %6.0f writes/s  term %d: %s leads  %s\n", time.Since(c.began).Seconds(),
			float64(now.Ended-last.Ended)/seconds, float64(now.Acked-last.Acked)/seconds, terms, leader, fault)
		last, lastAt = now, time.Now()
	}
}
