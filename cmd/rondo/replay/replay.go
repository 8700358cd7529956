package replay

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/rondohq/rondo/cmd/rondo/client"
)

// ErrChecksFailed is returned by Run when the replay went through but the cluster
// broke a promise; the report says which.
var ErrChecksFailed = errors.New("the checks failed: the cluster broke a promise, see the report")

// Defaults and limits of Options.
const (
	DefaultParallel    = 32
	ParallelMax        = 1024
	DefaultGiveUpAfter = 2 * time.Minute
	attemptTimeout     = 5 * time.Second
)

// The forms of a report.
const (
	FormText = "text"
	FormJSON = "json"
)

// Options configure Run.
type Options struct {
	Path        string        // of the event log
	Log         Format        // of the event log; zero fields are defaults
	Servers     []string      // nodes of one cluster; arrivals are spread over them
	Actor       string        // Rondo-Actor; empty: none
	Prefix      string        // of all ids; empty: a fresh one. One replay per prefix and cluster
	Speed       float64       // times as fast as the log; 0: as fast as the cluster takes it
	Parallel    int           // arrivals and closings in flight, 1 to ParallelMax; 0: DefaultParallel. A comparison has one
	GiveUpAfter time.Duration // how long one call is retried; 0: DefaultGiveUpAfter
	Form        string        // of the report: FormText (also if empty) or FormJSON
	Compare     Comparing     // strategies, with a limit; zero: prove a round robin without one
}

// Run replays an event log against a cluster, checks what the cluster decided and
// writes the report to stdout; progress goes to stderr. It returns when all is done,
// at the first call that is refused or not answered in time, or soon after ctx has
// ended; nothing it started goes on. The error is ErrChecksFailed if and only if
// the whole log was played and a check failed.
func Run(ctx context.Context, o Options, stdout, stderr io.Writer) error {
	o, err := o.withDefaults()
	if err != nil {
		return err
	}
	if o.Compare.on() {
		return compare(ctx, o, stdout, stderr)
	}
	log, plan, err := load(o)
	if err != nil {
		return err
	}
	c, err := client.New(client.Options{Servers: o.Servers, Actor: o.Actor, Timeout: attemptTimeout})
	if err != nil {
		return fmt.Errorf("connect to the cluster: %w", err)
	}
	defer c.Close()

	p := newPlayer(plan, c, o)
	fmt.Fprintf(stderr, "replay: %s, %s, %s; ids begin with %s-\n",
		count(len(log.Events), "event"), count(len(plan.Tickets), "ticket"), count(len(plan.Agents), "agent"), plan.Prefix)
	if err := p.setUp(ctx); err != nil {
		return fmt.Errorf("set up the replay: %w", err)
	}
	started := time.Now()
	progress := startProgress(stderr, p.counters)
	err = p.play(ctx)
	progress.stop()
	if err != nil {
		return fmt.Errorf("the replay ended after %d of %d steps (what was done stays in the cluster, under ids that begin with %s-): %w",
			p.counters.done.Load(), len(plan.Steps), plan.Prefix, err)
	}
	took := time.Since(started)
	fmt.Fprintf(stderr, "replay: played in %s; reading what the cluster decided\n", took.Round(time.Millisecond))
	history, err := p.history(ctx)
	if err != nil {
		return fmt.Errorf("read what the cluster decided: %w", err)
	}
	findings := Examine(history)
	if err := newReport(log, p, took, findings).write(stdout, o.Form); err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	if !findings.OK() {
		return ErrChecksFailed
	}
	return nil
}

func (o Options) withDefaults() (Options, error) {
	if o.Compare.on() {
		if err := o.Compare.check(o); err != nil {
			return o, err
		}
	}
	if o.Parallel == 0 {
		o.Parallel = DefaultParallel
	}
	if o.GiveUpAfter == 0 {
		o.GiveUpAfter = DefaultGiveUpAfter
	}
	if o.Form == "" {
		o.Form = FormText
	}
	if o.Prefix == "" {
		o.Prefix = "r" + strings.ToLower(rand.Text()[:6])
	}
	switch {
	case o.Parallel < 1 || o.Parallel > ParallelMax:
		return o, fmt.Errorf("%d calls in parallel: choose 1 to %d", o.Parallel, ParallelMax)
	case o.GiveUpAfter < 0:
		return o, fmt.Errorf("give up after %v: choose a time above 0", o.GiveUpAfter)
	case !(o.Speed >= 0): // also refuses what is not a number
		return o, fmt.Errorf("speed %v: choose a number above 0, or 0 for as fast as possible", o.Speed)
	case o.Form != FormText && o.Form != FormJSON:
		return o, fmt.Errorf("format %q: choose %s or %s", o.Form, FormText, FormJSON)
	}
	return o, nil
}

func load(o Options) (*Log, *Plan, error) {
	file, err := os.Open(o.Path)
	if err != nil {
		return nil, nil, fmt.Errorf("open the event log: %w", err)
	}
	defer file.Close()
	log, err := ReadLog(file, o.Log)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", o.Path, err)
	}
	plan, err := NewPlan(log, o.Prefix)
	if err != nil {
		return nil, nil, fmt.Errorf("plan the replay of %s: %w", o.Path, err)
	}
	return log, plan, nil
}
