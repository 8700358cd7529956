package cluster

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/rondohq/rondo/fsm"
)

// How a command travels. Whoever calls Propose or Fence puts a proposal into the
// queue of its own node. One goroutine, the batcher, takes everything that waits
// and has the courier carry it to the leader as one batch: on the leader that is
// one Raft entry, on a follower one frame. One batch is under way at a time and
// nothing waits for a clock, so a batch is as large as the load makes it.
//
// A batch that was certainly not appended, and one whose outcome is unknown, are
// both carried again until the callers have had enough: every item has a key, so
// the state applies it once. Only when a caller gives up does it matter which of
// the two it was.

const (
	// maxWaiting bounds the queue of a node; beyond it calls are turned away.
	maxWaiting = 4096

	// maxWaitingOperators bounds a queue of their own, for those without whom a
	// node in trouble could not be helped. It is served first.
	maxWaitingOperators = 256

	retryPause = 20 * time.Millisecond
)

// A proposal is one caller's wish: an item, or nothing but a fence.
type proposal struct {
	item  *fsm.Item
	first bool // in the lane of operators
	size  int
	ctx   context.Context
	since time.Time // when it came
	state atomic.Uint32
	done  chan result // takes one

	// unsure says that an earlier carry may have appended it. Only the batcher
	// touches it.
	unsure bool

	// obstacle is why the last carry failed, to be told if the caller gives up.
	obstacle atomic.Pointer[error]
}

// A result is what became of a proposal: its outcome, and the index of an entry
// that this node has applied and that came after the proposal.
type result struct {
	outcome fsm.Outcome
	index   uint64
	err     *Error
}

// What may have become of a proposal, as far as its caller must know.
const (
	waiting  uint32 = iota // in no log
	underWay               // perhaps in a log
	givenUp                // by its caller, while it was waiting
)

func newProposal(ctx context.Context, it *fsm.Item) *proposal {
	p := &proposal{item: it, first: isOperator(ctx), ctx: ctx, since: time.Now(), done: make(chan result, 1)}
	if it != nil {
		p.size = itemOverhead + len(it.Body) + len(it.Key) + len(it.Principal) + len(it.Via)
	}
	return p
}

// itemOverhead is more than CBOR adds to the parts of an item.
const itemOverhead = 64

// entryOverhead is more than the envelope of an entry takes.
const entryOverhead = 64

// await returns the result, or gives the proposal up when the caller's time ends
// or the batcher has stopped and will not answer.
func (p *proposal) await(stopped <-chan struct{}) result {
	select {
	case r := <-p.done:
		return r
	case <-p.ctx.Done():
		return p.giveUp(p.whyLate())
	case <-stopped:
		return p.giveUp(CodeShuttingDown, errStopping)
	}
}

// giveUp prefers an answer that has come in the same moment.
func (p *proposal) giveUp(code string, cause error) result {
	e := rejected(code, cause)
	if p.item != nil && !p.state.CompareAndSwap(waiting, givenUp) {
		e.outcome = Unknown
	}
	select {
	case r := <-p.done:
		return r
	default:
		return result{err: e}
	}
}

// whyLate tells a caller whose time is up what stood in the way.
func (p *proposal) whyLate() (code string, cause error) {
	cause = context.Cause(p.ctx)
	obstacle := p.obstacle.Load()
	switch {
	case obstacle == nil:
		return CodeDeadline, cause
	case errors.Is(*obstacle, errNoLeader):
		code = CodeNoLeader
	case errors.Is(*obstacle, errNotReady):
		code = CodeNotReady
	default:
		code = CodeDeadline
	}
	return code, fmt.Errorf("%w; the last try failed: %w", cause, *obstacle)
}

// fail answers a proposal that is not carried again.
func (p *proposal) fail(code string, cause error) {
	e := rejected(code, cause)
	if p.item != nil && p.state.Load() == underWay {
		e.outcome = Unknown
	}
	p.done <- result{err: e}
}

// take marks the proposal as perhaps appended, unless its caller has given up.
func (p *proposal) take() bool {
	return p.state.CompareAndSwap(waiting, underWay) || p.state.Load() == underWay
}

// putBack undoes take after a carry that failed. Once unsure, always unsure.
func (p *proposal) putBack(err error) {
	p.obstacle.Store(&err)
	if errors.Is(err, errUncertain) {
		p.unsure = true
	}
	if !p.unsure {
		p.state.CompareAndSwap(underWay, waiting)
	}
}

// A batch is what travels at once, operators first.
type batch []*proposal

// operators returns how many items of the batch are theirs.
func (b batch) operators() (n int) {
	for _, p := range b {
		if p.first && p.item != nil {
			n++
		}
	}
	return n
}

// split divides a batch by lane; each keeps its order.
func (b batch) split() (operators, others batch) {
	for _, p := range b {
		if p.first {
			operators = append(operators, p)
		} else {
			others = append(others, p)
		}
	}
	return operators, others
}

type operatorKey struct{}

// WithOperator marks a call as one of an operator, or of the node itself in need:
// Propose and Fence carry it although everything else may have to wait.
func WithOperator(ctx context.Context) context.Context {
	return context.WithValue(ctx, operatorKey{}, true)
}

func isOperator(ctx context.Context) bool {
	marked, _ := ctx.Value(operatorKey{}).(bool)
	return marked
}

func (b batch) items() []fsm.Item {
	items := make([]fsm.Item, 0, len(b))
	for _, p := range b {
		if p.item != nil {
			items = append(items, *p.item)
		}
	}
	return items
}

// succeed answers every proposal; outcomes are those of the items, in order.
func (b batch) succeed(outcomes []fsm.Outcome, index uint64) {
	next := 0
	for _, p := range b {
		r := result{index: index}
		if p.item != nil {
			r.outcome = outcomes[next]
			next++
			r.err = p.afterthought(r.outcome)
		}
		p.done <- r
	}
}

// afterthought turns outcomes that are not of the state into errors.
func (p *proposal) afterthought(o fsm.Outcome) *Error {
	switch {
	case p.unsure && isExpired(o):
		// This copy was refused; an earlier one may have been applied and forgotten.
		return &Error{CodeDeadline, Unknown, retryAfter, o.Rejection}
	case p.unsure && isDiskFull(o):
		return &Error{CodeDiskFull, Unknown, diskFullRetry, o.Rejection}
	case isDiskFull(o):
		return &Error{CodeDiskFull, Rejected, diskFullRetry, o.Rejection}
	}
	return nil
}

func isExpired(o fsm.Outcome) bool { return o.Rejection != nil && o.Rejection.Reason == fsm.Expired }
