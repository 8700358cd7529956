package httpapi

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"time"

	"github.com/rondohq/rondo/fsm"
)

// Reads that wait: min_index until this node has what a client has seen
// elsewhere, and wait until something is new. Whoever waits gives up the place in
// the lane that others need, and holds one of those for waiting.

const (
	maxWait     = 60 * time.Second
	maxMaxStale = time.Hour

	// Looking costs, so the more calls wait the less often each looks: there are
	// at most 10,000 looks a second.
	lookPause     = 20 * time.Millisecond
	lookPauseEach = 100 * time.Microsecond
)

const codeIndexNotReached = "index_not_reached"

// freshness is how new the view of a read must be.
type freshness struct {
	minIndex uint64
	stale    bool
	maxStale time.Duration // of stale; 0: any age
	wait     time.Duration // how long it may take until something is new; 0: do not wait
}

// reading is what belongs to a call that reads.
type reading struct {
	lanes   lanes
	fresh   freshness
	seen    *fsm.State // the view that it last looked at
	applied uint64     // by this node, at a look after the first
}

// freshnessOf reads the parameters that all reads have in common.
func freshnessOf(q query, rt *route) (f freshness, err error) {
	if f.minIndex, err = q.number("min_index", 0, math.MaxUint64-1, 0); err != nil {
		return f, err
	}
	switch how, given := q["consistency"]; {
	case !given, how == "linearizable":
	case how == "stale":
		f.stale = true
	default:
		return f, invalid(inQuery("consistency", "unknown_value", fmt.Sprintf("%q is not one of linearizable, stale", clip(how))))
	}
	if f.maxStale, err = q.duration("max_stale", maxMaxStale); err != nil {
		return f, err
	}
	if f.maxStale > 0 && !f.stale {
		return f, invalid(inQuery("max_stale", "unexpected", "it goes with consistency=stale; every other read is not stale at all"))
	}
	if f.wait, err = q.duration("wait", maxWait); err != nil {
		return f, err
	}
	if _, given := q["min_index"]; f.wait > 0 && !given && rt.kind != resolves {
		return f, invalid(inQuery("wait", "incomplete", "say from where: min_index is the Rondo-Index of the answer that you have"))
	}
	return f, nil
}

// duration returns a parameter as a time above zero and up to most, or 0 if it is
// not there.
func (q query) duration(name string, most time.Duration) (time.Duration, error) {
	text, ok := q[name]
	if !ok {
		return 0, nil
	}
	d, err := time.ParseDuration(text)
	if err != nil || d <= 0 || d > most {
		return 0, invalid(inQuery(name, "out_of_range", fmt.Sprintf("%q is not a time up to %s, such as 30s or 500ms", clip(text), most)))
	}
	return d, nil
}

// handle answers a call, and, if it waits, not before there is something new or
// its time is up.
func handle(a *api, w http.ResponseWriter, c *call) (answer, error) {
	if c.fresh.wait == 0 {
		return c.route.handle(a, c)
	}
	// The server allows a minute to answer, and waiting does not count.
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(c.fresh.wait + 2*a.timeout))
	ctx, cancel := context.WithTimeout(c.ctx, c.fresh.wait)
	defer cancel()
	for {
		got, err := c.route.handle(a, c)
		if c.seen == nil || isNews(c, got, err) || ctx.Err() != nil {
			return got, err
		}
		looked := c.seen.Index
		switch errWait := c.aside(func() error { return lookAgain(ctx, a, c, looked) }); {
		case errors.Is(errWait, errEnough):
			return got, err // the same as before
		case errWait != nil:
			return answer{}, errWait
		}
	}
}

// errEnough ends waiting: the time is up, or this node stops.
var errEnough = errors.New("nothing is new")

// lookAgain returns when this node has applied more, but not too soon.
func lookAgain(ctx context.Context, a *api, c *call, looked uint64) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(a.stopping, cancel)()
	pause := time.NewTimer(lookPause + time.Duration(len(a.lanes.waiting))*lookPauseEach)
	defer pause.Stop()
	if err := a.cluster.Await(ctx, max(looked, c.applied)+1); err != nil {
		return errEnough
	}
	select {
	case <-pause.C:
	case <-ctx.Done():
		return errEnough
	}
	c.applied = a.cluster.Applied()
	return nil
}

// isNews says whether an answer is what a waiting client waits for.
func isNews(c *call, got answer, err error) bool {
	var p *problem
	if errors.As(err, &p) {
		return p.body.Status != http.StatusNotFound // what is not there may come
	}
	if err != nil {
		return true
	}
	if op, ok := got.body.(operationView); ok {
		return op.Outcome != outcomePending
	}
	if c.seen.Index <= c.fresh.minIndex {
		return false
	}
	revision := uint64(0) // of lists, where any change counts
	if v, ok := got.body.(versioned); ok {
		revision = v.version()
	}
	return c.seen.Records.ChangedSince(revision, c.fresh.minIndex)
}

// view returns what a read is answered from: linearizable unless the query says
// consistency=stale, and never older than min_index. A call that waited looks at
// what this node has by then, which is not older than its first look.
func (a *api) view(c *call) (*fsm.State, error) {
	f := c.fresh
	ctx, cancel := context.WithTimeout(c.ctx, a.timeout)
	defer cancel()
	if a.cluster.Applied() < f.minIndex {
		err := c.aside(func() error {
			ctx, cancel := context.WithCancel(ctx)
			defer cancel()
			defer context.AfterFunc(a.stopping, cancel)()
			return a.cluster.Await(ctx, f.minIndex)
		})
		if p := new(problem); errors.As(err, &p) {
			return nil, p
		}
		if err != nil {
			return nil, notReached(a.cluster.Applied(), f.minIndex)
		}
	}
	again := c.seen != nil
	if f.maxStale > 0 && a.cluster.Age() > f.maxStale {
		f.stale = false
	}
	v, err := a.cluster.Read(ctx, f.stale || again, f.minIndex)
	if err != nil {
		return nil, fmt.Errorf("read the state: %w", err)
	}
	c.seen = v
	return v, nil
}

// notReached is the answer to who waited for an index in vain.
func notReached(applied, index uint64) *problem {
	p := newProblem(http.StatusServiceUnavailable, codeIndexNotReached, "Not that far yet",
		fmt.Sprintf("this node has applied entry %d and not yet %d; ask again later, or another node", applied, index))
	p.retryAfter = time.Second
	p.body.retrial = &retrial{Outcome: outcomeRejected, Index: applied}
	return p
}

// aside does something that takes long without the call's place in its lane.
func (c *call) aside(wait func() error) error {
	select {
	case c.lanes.waiting <- struct{}{}:
	default:
		return crowded(cap(c.lanes.waiting), "waiting requests")
	}
	lane := c.lanes.of(c.route)
	<-lane
	defer func() {
		<-c.lanes.waiting
		// The place is needed again for a moment only, as by everybody who has one.
		lane <- struct{}{}
	}()
	return wait()
}
