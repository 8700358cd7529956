package conformance

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/rondohq/rondo/cmd/rondo/client"
)

// Limits and defaults of Options.
const (
	ParallelMax = 64

	DefaultReach       = 15 * time.Second
	DefaultCaseTimeout = 3 * time.Minute
	cleanUpTimeout     = time.Minute
)

// Options say what to run, against whom.
type Options struct {
	Servers  []string      // addresses of nodes; calls go round them
	Parallel int           // cases at once, 1 to ParallelMax; 0 is 1
	Reach    time.Duration // how long the cluster is looked for at first; 0 is DefaultReach
	Timeout  time.Duration // of one case; 0 is DefaultCaseTimeout
	Keep     bool          // leave what the cases made, to look at

	// Under, unless nil, is the preset that the cases stand on: teams and inboxes
	// begin with its settings and rules, where a case does not say otherwise.
	Under *Preset

	// Done, unless nil, is told of each case when it is done, from one goroutine
	// at a time, in the order of the cases.
	Done func(Result)
	// Begun, unless nil, is told when a case begins; from any goroutine.
	Begun func(*Case)
}

// An Outcome is how a case ended.
type Outcome string

const (
	Passed Outcome = "pass"
	Failed Outcome = "fail"
	NotRun Outcome = "not run" // nothing to run: the case's verdict says why
)

// A Result is what became of one case.
type Result struct {
	Case    *Case
	Outcome Outcome
	Took    time.Duration
	Prefix  string   // of the ids of what it made
	Failure *Failure // of Failed
	Left    []string // what could not be put away, and why
}

// Run runs the cases and returns a result for each, in their order. Its error says
// that the run itself could not go on; failed cases are none. It returns early,
// with the rest not run and ctx's error, when ctx ends.
func Run(ctx context.Context, o Options, cases []*Case) ([]Result, error) {
	if o.Parallel == 0 {
		o.Parallel = 1
	}
	if o.Parallel < 1 || o.Parallel > ParallelMax {
		return nil, fmt.Errorf("%d cases at once: choose 1 to %d", o.Parallel, ParallelMax)
	}
	if o.Timeout <= 0 {
		o.Timeout = DefaultCaseTimeout
	}
	if o.Reach <= 0 {
		o.Reach = DefaultReach
	}
	c, err := newCalls(o.Servers)
	if err != nil {
		return nil, err
	}
	defer c.close()
	if err := reach(ctx, c, o.Reach); err != nil {
		return nil, err
	}
	run := "k" + strings.ToLower(rand.Text()[:8])
	slots := make(chan struct{}, o.Parallel)
	done := make([]chan Result, len(cases))
	for i := range done {
		done[i] = make(chan Result, 1)
	}
	go func() {
		for i, one := range cases {
			slots <- struct{}{}
			go func() {
				defer func() { <-slots }()
				done[i] <- o.one(ctx, c, one, run)
			}()
		}
	}()
	var results []Result
	for i := range cases {
		r := <-done[i]
		results = append(results, r)
		if o.Done != nil {
			o.Done(r)
		}
	}
	return results, ctx.Err()
}

// reach fails where nobody answers, so that one sentence says it and not each case.
func reach(ctx context.Context, c *calls, limit time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	if _, _, err := c.do(ctx, runner, http.MethodGet, "/v1/agents?limit=1", nil); err != nil {
		return fmt.Errorf("the cluster does not answer: %w", err)
	}
	return nil
}

// one runs one case, and puts away what it made.
func (o *Options) one(ctx context.Context, c *calls, k *Case, run string) Result {
	r := Result{Case: k, Outcome: NotRun}
	if !k.Runs() || ctx.Err() != nil {
		return r
	}
	if o.Begun != nil {
		o.Begun(k)
	}
	r.Prefix = run + "." + strings.ToLower(k.ID) + "."
	w := newWorld(c, r.Prefix)
	began := time.Now()
	limited, cancel := context.WithTimeoutCause(ctx, o.Timeout, fmt.Errorf("the case took longer than %s", o.Timeout))
	defer cancel()
	r.Failure = o.play(limited, w, k)
	r.Took = time.Since(began)
	switch {
	case r.Failure == nil:
		r.Outcome = Passed
	case ctx.Err() == nil:
		r.Outcome = Failed
	}
	if !o.Keep {
		r.Left = putAway(ctx, w)
	}
	return r
}

// play takes the steps one after another, up to the first that fails.
func (o *Options) play(ctx context.Context, w *world, k *Case) *Failure {
	if err := stand(ctx, w, o.Under); err != nil {
		return failureOf(ctx, w, k, k.steps[0], err)
	}
	for i, s := range k.steps {
		err := s.rule.run(ctx, w, s.args)
		if err == nil && w.last.refused != nil && (i+1 == len(k.steps) || !k.steps[i+1].expectsRefusal()) {
			err = w.last.refused
		}
		if err != nil {
			if cause := context.Cause(ctx); cause != nil {
				err = fmt.Errorf("%w: %w", cause, err)
			}
			return failureOf(ctx, w, k, s, err)
		}
	}
	return nil
}

func (s step) expectsRefusal() bool { return strings.HasPrefix(s.rule.pattern, "it is refused") }

// leftMost bounds how many things a result lists that could not be put away.
const leftMost = 10

// putAway leaves nobody of the case available and nothing open, and removes what
// can be removed. It goes on after failures and returns them.
func putAway(ctx context.Context, w *world) (left []string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanUpTimeout)
	defer cancel()
	note := func(method, path string, body any, fine ...int) {
		if err := w.try(ctx, method, path, body, fine...); err != nil && len(left) < leftMost {
			left = append(left, err.Error())
		}
	}
	for _, path := range madeOf(w, "rules") { // before anything happens that they answer to
		note(http.MethodDelete, path, nil, http.StatusNotFound)
	}
	for _, path := range madeOf(w, "agents") {
		note(http.MethodPut, path+"/presence", presenceBody{Status: "unavailable"}, http.StatusNotFound)
	}
	for _, id := range w.talks.ids {
		note(http.MethodPost, "/v1/conversations/"+url.PathEscape(id)+"/close", tree{}, http.StatusConflict)
	}
	for _, path := range madeOf(w, "contacts") {
		if _, owned := w.bodies[path]["owner"]; owned {
			note(http.MethodDelete, path+"/owner", nil, http.StatusNotFound, http.StatusMethodNotAllowed)
		}
	}
	var things []string
	for _, kind := range []string{"inboxes", "teams", "groups", "agents"} {
		things = append(things, madeOf(w, kind)...)
	}
	left = append(left, removeAll(ctx, w, things)...)
	return left[:min(len(left), leftMost)]
}

// removeAll removes things, round after round while each removes some: one that
// another names cannot go before that one has, and names never go in a circle.
func removeAll(ctx context.Context, w *world, things []string) (left []string) {
	for {
		var stay []string
		left = nil
		for _, path := range things {
			// 405: a cluster of a version that cannot remove it.
			err := w.try(ctx, http.MethodDelete, path, nil, http.StatusNotFound, http.StatusMethodNotAllowed)
			if err != nil {
				stay = append(stay, path)
				left = append(left, err.Error())
			}
		}
		if len(stay) == 0 || len(stay) == len(things) || ctx.Err() != nil {
			return left
		}
		things = stay
	}
}

// try makes a call; to be refused with one of these statuses is fine, too.
func (c *calls) try(ctx context.Context, method, path string, body any, fine ...int) error {
	_, _, err := c.do(ctx, runner, method, path, body)
	var refused *client.Problem
	if errors.As(err, &refused) && slices.Contains(fine, refused.Status) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("%s %s: %w", method, path, err)
	}
	return nil
}

// madeOf returns the paths of one kind, the newest first: what was made later may
// name what was made before.
func madeOf(w *world, kind string) []string {
	var list []string
	for i := len(w.made) - 1; i >= 0; i-- {
		if strings.HasPrefix(w.made[i], "/v1/"+kind+"/") {
			list = append(list, w.made[i])
		}
	}
	return list
}
