package httpapi

import (
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
}

func newLanes(usual, operators, waiting int) lanes {
	return lanes{make(chan struct{}, usual), make(chan struct{}, operators), make(chan struct{}, waiting)}
}

// of returns the lane of a route. Probes have none: they wait for nothing, and
// whoever kills a process because of /livez must not be fooled by a flood.
func (l lanes) of(rt *route) chan struct{} {
	switch rt.kind {
	case probes:
		return nil
	case operates, resolves, administers:
		return l.operators
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
	defer leave()
	a.metrics.ServeHTTP(w, r)
}
