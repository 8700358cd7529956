package cluster

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/rondohq/rondo/fsm"
)

// A carrier takes items to the leader and brings back their outcomes, with the
// index of an entry appended after the call that this node has applied. Without
// items it is a fence. It comes back in seconds, whatever happens. A failure that
// is uncertain may have appended the items; every other has not and will not.
// Several calls may be under way.
type carrier interface {
	// The first of the items, as many as operators says, go first there, too.
	carry(ctx context.Context, items []fsm.Item, operators int) (carried, error)
	// retry is closed when a failed carry is worth another try before the pause
	// is over: the leader has changed.
	retry() <-chan struct{}
	// window is how many carries are worth having under way, now; at least one.
	window() int
}

type carried struct {
	outcomes []fsm.Outcome
	index    uint64
}

// A batcher carries what waits, in batches. See batch.go.
type batcher struct {
	carrier carrier
	queue   chan *proposal
	first   chan *proposal  // of operators; see batch.go
	ctx     context.Context // ends when the group stops
	stopped chan struct{}   // closed when nothing is answered any more

	carrying int          // batches under way; only run touches it
	finished chan attempt // takes every batch that was under way
}

// An attempt is how carrying a batch once has ended. After an error all its
// proposals are still to be answered.
type attempt struct {
	batch batch
	err   error
}

func newBatcher(life *lifetime, c carrier) *batcher {
	b := &batcher{
		carrier: c, queue: make(chan *proposal, maxWaiting), first: make(chan *proposal, maxWaitingOperators), ctx: life.ctx,
		stopped: make(chan struct{}), finished: make(chan attempt),
	}
	life.running.Go(b.run)
	return b
}

// submit queues a proposal, or answers it at once if that cannot be done.
func (b *batcher) submit(p *proposal) {
	switch {
	case p.size > fsm.MaxEntryBytes-entryOverhead:
		p.fail(CodeTooLarge, fmt.Errorf("the command takes %d bytes, and an entry of the log has room for %d: make it smaller", p.size, fsm.MaxEntryBytes-entryOverhead))
	case b.ctx.Err() != nil:
		p.fail(CodeShuttingDown, errStopping)
	default:
		queue := b.queue
		if p.first {
			queue = b.first
		}
		select {
		case queue <- p:
		default:
			p.fail(CodeTooBusy, errQueue)
		}
	}
}

// await waits for what becomes of a proposal that was submitted.
func (b *batcher) await(p *proposal) result { return p.await(b.stopped) }

func (b *batcher) run() {
	defer close(b.stopped)
	var held batch
	for b.ctx.Err() == nil {
		if b.carrying > 0 && b.carrying >= b.carrier.window() {
			held = b.collect(held) // what comes meanwhile goes along
			continue
		}
		if held = b.fill(held); len(held) == 0 {
			continue
		}
		now, rest := cut(held)
		held = rest
		if len(now) > 0 {
			b.carrying++
			go func() { b.finished <- attempt{now, b.attempt(now)} }()
		}
	}
	for b.carrying > 0 {
		held = b.collect(held)
	}
	for _, p := range b.drain(held) {
		p.fail(CodeShuttingDown, errStopping)
	}
}

// fill takes all that is there. It waits until there is something, unless there
// is a batch under way to wait for too.
func (b *batcher) fill(held batch) batch {
	if len(held) == 0 {
		select {
		case p := <-b.first:
			held = append(held, p)
		case p := <-b.queue:
			held = append(held, p)
		case done := <-b.finished:
			held = b.settle(done, held)
		case <-b.ctx.Done():
			return held
		}
	}
	return b.drain(held)
}

// collect waits for a batch that is under way.
func (b *batcher) collect(held batch) batch { return b.settle(<-b.finished, held) }

// settle holds a batch that failed again, before what has come since, and waits a
// little: what follows would fail as it did.
func (b *batcher) settle(done attempt, held batch) batch {
	b.carrying--
	if done.err == nil {
		return held
	}
	b.pause()
	return append(done.batch, held...)
}

// drain takes what is there without waiting, up to what a node may hold, and puts
// operators first.
func (b *batcher) drain(held batch) batch {
	first, others := held.split()
	first = take(first, b.first, maxWaitingOperators)
	return append(first, take(others, b.queue, maxWaiting)...)
}

func take(held batch, queue <-chan *proposal, most int) batch {
	for len(held) < most {
		select {
		case p := <-queue:
			held = append(held, p)
		default:
			return held
		}
	}
	return held
}

// cut returns what fits into one entry, without those whose callers have gone:
// they have been told what they can be told, and will send it again if they want
// it done.
func cut(held batch) (now, rest batch) {
	items, size := 0, entryOverhead
	for i, p := range held {
		if p.ctx.Err() != nil {
			continue
		}
		if p.item != nil {
			if items == fsm.MaxEntryItems || size+p.size > fsm.MaxEntryBytes {
				return now, append(rest, held[i:]...)
			}
			items, size = items+1, size+p.size
		}
		if p.take() {
			now = append(now, p)
		}
	}
	return now, nil
}

// attempt carries a batch once. After an error all its proposals are still to be
// answered.
func (b *batcher) attempt(now batch) error {
	measureWait(now[0].since)
	done, err := b.carrier.carry(b.ctx, now.items(), now.operators())
	switch {
	case err == nil:
		now.succeed(done.outcomes, done.index)
		return nil
	case errors.Is(err, errNotUnderstood):
		// Another try would end as this one did.
		for _, p := range now {
			p.putBack(err)
			p.fail(CodeNotUnderstood, err)
		}
		return nil
	}
	for _, p := range now {
		p.putBack(err)
	}
	return err
}

func (b *batcher) pause() {
	timer := time.NewTimer(retryPause)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-b.carrier.retry():
	case <-b.ctx.Done():
	}
}
