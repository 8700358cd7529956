package httpapi

import (
	"context"
	"net/http"
	"time"
)

type spareKey struct{}

// Spare marks the calls of a connection that is one too many: whoever runs the
// server kept some back so that operators and probes are let in whatever happens,
// and everybody else learns why he is not. See Options.MaxInFlight for the calls
// of the other connections.
func Spare(ctx context.Context) context.Context { return context.WithValue(ctx, spareKey{}, true) }

// IsSpare says whether a call came through such a connection.
func IsSpare(ctx context.Context) bool {
	marked, _ := ctx.Value(spareKey{}).(bool)
	return marked
}

// tooManyConnections is the answer on a spare connection to all that is not for
// operators.
func tooManyConnections() *problem {
	p := newProblem(http.StatusServiceUnavailable, "too_many_connections", "Too many connections",
		"this node has as many connections as it may; close those that you do not use, and send it again later, or to another node")
	p.retryAfter = time.Second
	p.body.retrial = &retrial{Outcome: outcomeRejected}
	return p
}
