package httpapi

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"time"
)

// How many requests may be under way is bounded, so that a flood costs those who
// flood and not the node. Calls of operators have a lane of their own, since they
// are needed most when everything else is full.

// lanes are the bounds of one node: a place for each request under way.
type lanes struct {
	usual     chan struct{}
	operators chan struct{}
	waiting   chan struct{} // calls that wait for something new, in neither
	beats     chan struct{} // heartbeats: a flood of work must not make agents look gone
	large     chan struct{} // large bodies that are arriving, in neither
}

// What may be in memory of bodies that are still arriving is bounded by these and
// by the number of connections.
const (
	smallBodyBytes = 8 << 10
	maxLargeBodies = 256

	// maxBeats is how many heartbeats may be under way. Most are answered at once.
	maxBeats = 256
)

func newLanes(usual, operators, waiting int) lanes {
	return lanes{make(chan struct{}, usual), make(chan struct{}, operators), make(chan struct{}, waiting),
		make(chan struct{}, maxBeats), make(chan struct{}, maxLargeBodies)}
}

// of returns the lane of a route. Probes have none: they wait for nothing, and
// whoever kills a process because of /livez must not be fooled by a flood.
func (l lanes) of(rt *route) chan struct{} {
	switch rt.kind {
	case probes:
		return nil
	case operates, resolves, administers:
		return l.operators
	case beats:
		return l.beats
	default:
		return l.usual
	}
}

type operatorKey struct{}

// IsOperator says whether a call of Cluster is made for an operator, and should
// go first where others wait.
func IsOperator(ctx context.Context) bool {
	marked, _ := ctx.Value(operatorKey{}).(bool)
	return marked
}

// glance refuses a call that is not going to be let in, before anything is read of
// it.
func (l lanes) glance(ctx context.Context, rt *route) error {
	lane := l.of(rt)
	if lane == nil || lane == l.operators {
		return nil
	}
	if IsSpare(ctx) {
		return tooManyConnections()
	}
	if len(lane) == cap(lane) {
		return crowded(cap(lane), "requests")
	}
	return nil
}

// enterLarge takes a place for a large body, or refuses at once. Whoever enters
// calls leave.
func (l lanes) enterLarge() (leave func(), err error) {
	select {
	case l.large <- struct{}{}:
		return func() { <-l.large }, nil
	default:
		return nil, crowded(cap(l.large), fmt.Sprintf("bodies of more than %d bytes", smallBodyBytes))
	}
}

// enter takes a place in the lane of a route, or refuses at once. Whoever enters
// calls leave.
func (l lanes) enter(rt *route) (leave func(), err error) {
	lane := l.of(rt)
	if lane == nil {
		return func() {}, nil
	}
	select {
	case lane <- struct{}{}:
		return func() { <-lane }, nil
	default:
		return nil, crowded(cap(lane), "requests")
	}
}

// crowded says that a node has enough to do.
func crowded(most int, of string) *problem {
	p := newProblem(http.StatusTooManyRequests, codeTooBusy, unavailableTitle(codeTooBusy),
		fmt.Sprintf("this node has %d %s of this kind under way already; send it again later, or to another node", most, of))
	p.retryAfter = time.Second
	p.body.retrial = &retrial{Outcome: outcomeRejected}
	return p
}

// serveMetrics lets the handler of the metrics answer, in the lane of operators.
func serveMetrics(a *api, w http.ResponseWriter, r *http.Request, rt *route) {
	leave, err := a.lanes.enter(rt)
	if err != nil {
		p, _ := problemOf(err, &call{route: rt})
		a.refuse(w, r, p)
		return
	}
	got := held{header: w.Header(), status: http.StatusOK}
	func() {
		defer leave()
		a.metrics.ServeHTTP(&got, r)
	}()
	w.WriteHeader(got.status)
	_, _ = w.Write(got.body.Bytes())
}

// A held answer is sent when its place in the lane has been given back, or slow
// readers would keep it.
type held struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (h *held) Header() http.Header         { return h.header }
func (h *held) WriteHeader(status int)      { h.status = status }
func (h *held) Write(p []byte) (int, error) { return h.body.Write(p) }
