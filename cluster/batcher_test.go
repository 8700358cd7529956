package cluster

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rondohq/rondo/fsm"
)

// A fakeCarrier answers as a test tells it to, and remembers what it was given.
type fakeCarrier struct {
	answer func(ctx context.Context, try int, items []fsm.Item) (carried, error)
	wide   int // window; 0 is 1

	mu      sync.Mutex
	batches [][]fsm.Item
	flying  int
	most    int // batches under way at once
}

func (c *fakeCarrier) carry(ctx context.Context, items []fsm.Item, _ int) (carried, error) {
	c.mu.Lock()
	c.batches = append(c.batches, slices.Clone(items))
	try := len(c.batches)
	c.flying++
	c.most = max(c.most, c.flying)
	c.mu.Unlock()
	defer func() {
		c.mu.Lock()
		c.flying--
		c.mu.Unlock()
	}()
	return c.answer(ctx, try, items)
}

func (c *fakeCarrier) retry() <-chan struct{} { return nil }

func (c *fakeCarrier) window() int { return max(c.wide, 1) }

func (c *fakeCarrier) count() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.batches)
}

// accept is the answer of a leader that applies everything; it takes d.
func accept(d time.Duration) func(context.Context, int, []fsm.Item) (carried, error) {
	return func(ctx context.Context, try int, items []fsm.Item) (carried, error) {
		sleep(ctx, d)
		outcomes := make([]fsm.Outcome, len(items))
		for i := range items {
			outcomes[i].Seq = uint64(len(items[i].Body))
		}
		return carried{outcomes, uint64(try)}, nil
	}
}

// inBubble runs a batcher on a fake carrier in virtual time.
func inBubble(t *testing.T, c *fakeCarrier, f func(t *testing.T, b *batcher)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		life := newLifetime()
		b := newBatcher(life, c)
		defer func() {
			life.end()
			life.running.Wait()
		}()
		f(t, b)
	})
}

// itemOfSize has a body of so many bytes that the codec lets pass: a byte string.
func itemOfSize(bytes int) *fsm.Item {
	body := make([]byte, bytes)
	switch {
	case bytes > 5:
		body[0] = 0x5a
		binary.BigEndian.PutUint32(body[1:], uint32(bytes-5))
	case bytes > 0:
		body[0] = 0x40 + byte(bytes-1)
	}
	return &fsm.Item{Body: body}
}

func TestBatcherCarriesWhatWaitsAtOnce(t *testing.T) {
	c := &fakeCarrier{answer: accept(10 * time.Millisecond)}
	inBubble(t, c, func(t *testing.T, b *batcher) {
		var calling sync.WaitGroup
		for i := range 500 {
			calling.Go(func() {
				p := newProposal(t.Context(), itemOfSize(i))
				if i%5 == 0 {
					p = newProposal(t.Context(), nil)
				}
				b.submit(p)
				r := b.await(p)
				if want := uint64(i); r.err != nil || p.item != nil && r.outcome.Seq != want {
					t.Errorf("call %d got the outcome %d, %v", i, r.outcome.Seq, r.err)
				}
			})
		}
		calling.Wait()
		if c.most != 1 {
			t.Errorf("%d batches were under way at once, want 1", c.most)
		}
		// One for the first that came, and what waited behind it: 400 items need two.
		if n := c.count(); n > 4 {
			t.Errorf("500 proposals took %d batches", n)
		}
	})
}

// TestBatcherKeepsItsWindow: as many batches are under way as the carrier wants,
// those that fail are carried again, and each call gets the outcome of its own.
func TestBatcherKeepsItsWindow(t *testing.T) {
	yes := accept(10 * time.Millisecond)
	c := &fakeCarrier{wide: 2}
	c.answer = func(ctx context.Context, try int, items []fsm.Item) (carried, error) {
		done, err := yes(ctx, try, items)
		if try%3 == 0 {
			return carried{}, errors.New("not sent")
		}
		return done, err
	}
	inBubble(t, c, func(t *testing.T, b *batcher) {
		var calling sync.WaitGroup
		for i := range 300 {
			calling.Go(func() {
				sleep(t.Context(), time.Duration(i)*time.Millisecond)
				p := newProposal(t.Context(), itemOfSize(i))
				b.submit(p)
				if r := b.await(p); r.err != nil || r.outcome.Seq != uint64(i) {
					t.Errorf("call %d got the outcome %d, %v", i, r.outcome.Seq, r.err)
				}
			})
		}
		calling.Wait()
		if c.most != 2 {
			t.Errorf("%d batches were under way at once, want 2", c.most)
		}
	})
}

// TestBatcherSharesFences: readers that wait cost nothing more than one.
func TestBatcherSharesFences(t *testing.T) {
	c := &fakeCarrier{answer: accept(10 * time.Millisecond)}
	inBubble(t, c, func(t *testing.T, b *batcher) {
		var calling sync.WaitGroup
		for range 1000 {
			calling.Go(func() {
				p := newProposal(t.Context(), nil)
				b.submit(p)
				if r := b.await(p); r.err != nil {
					t.Error(r.err)
				}
			})
		}
		calling.Wait()
		if n := c.count(); n != 2 {
			t.Errorf("1000 fences took %d batches, want 2", n)
		}
	})
}

func TestBatchesKeepToTheBoundsOfAnEntry(t *testing.T) {
	room := fsm.MaxEntryBytes - entryOverhead
	for name, test := range map[string]struct {
		size, count int
	}{
		"as many as may be": {0, 3*fsm.MaxEntryItems + 1},
		"the largest":       {room - itemOverhead, 5},
		"half the largest":  {room/2 - itemOverhead, 9},
		"a bit over half":   {room/2 - itemOverhead + 1, 9},
	} {
		t.Run(name, func(t *testing.T) {
			c := &fakeCarrier{answer: accept(time.Millisecond)}
			inBubble(t, c, func(t *testing.T, b *batcher) {
				var calling sync.WaitGroup
				for range test.count {
					calling.Go(func() {
						p := newProposal(t.Context(), itemOfSize(test.size))
						b.submit(p)
						if r := b.await(p); r.err != nil {
							t.Error(r.err)
						}
					})
				}
				calling.Wait()
			})
			for _, items := range c.batches {
				if len(items) > fsm.MaxEntryItems {
					t.Errorf("%d items in an entry", len(items))
				}
				if size := len(fsm.EncodeEntry(fsm.Entry{MinSemantics: 1 << 31, TimeMs: 1 << 62, Items: items})); size > fsm.MaxEntryBytes {
					t.Errorf("an entry of %d bytes", size)
				}
			}
		})
	}
}

// TestItemOverhead: no item is larger in the log than the batcher reckons.
func TestItemOverhead(t *testing.T) {
	for name, it := range map[string]fsm.Item{
		"small": fsm.NewItem(fsm.PutPresence{Agent: "a", Status: "away"}, "p", "v", clientKey("k")),
		"large": {Kind: 1<<16 - 1, Workspace: 1<<32 - 1, NotAfterMs: 1<<63 - 1, Principal: strings.Repeat("p", 70000),
			Via: strings.Repeat("v", 70000), Key: make([]byte, 70000), Body: encodedText(t, 70000)},
	} {
		empty := len(fsm.EncodeEntry(fsm.Entry{MinSemantics: 1<<32 - 1, TimeMs: 1<<63 - 1}))
		with := len(fsm.EncodeEntry(fsm.Entry{MinSemantics: 1<<32 - 1, TimeMs: 1<<63 - 1, Items: []fsm.Item{it}}))
		if reckoned := newProposal(t.Context(), &it).size; with-empty > reckoned || empty > entryOverhead-2 {
			t.Errorf("%s: %d bytes in an entry of %d, reckoned with %d", name, with-empty, empty, reckoned)
		}
	}
}

func encodedText(t *testing.T, n int) []byte {
	t.Helper()
	b, err := frameEncoding.Marshal(strings.Repeat("b", n))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// outcomeCase is one way a proposal can end, on a carrier that does as told.
type outcomeCase struct {
	answer   func(ctx context.Context, try int, items []fsm.Item) (carried, error)
	patience time.Duration // of the caller; 0: a minute
	code     string        // "": committed
	outcome  string
}

func fails(errs ...error) func(context.Context, int, []fsm.Item) (carried, error) {
	return func(_ context.Context, try int, items []fsm.Item) (carried, error) {
		if err := errs[min(try, len(errs))-1]; err != nil {
			return carried{}, err
		}
		return carried{make([]fsm.Outcome, len(items)), uint64(try)}, nil
	}
}

func expires(context.Context, int, []fsm.Item) (carried, error) {
	return carried{[]fsm.Outcome{{Rejection: &fsm.Rejection{Reason: fsm.Expired}}}, 1}, nil
}

func hangs(ctx context.Context, _ int, _ []fsm.Item) (carried, error) {
	<-ctx.Done()
	return carried{}, errors.Join(errUncertain, ctx.Err())
}

// TestWhatBecomesOfAProposal: committed, rejected and unknown are never mixed up.
func TestWhatBecomesOfAProposal(t *testing.T) {
	certain, lost := errors.New("not sent"), fmt.Errorf("answer lost: %w", errUncertain)
	for name, test := range map[string]outcomeCase{
		"committed":                          {answer: fails(nil)},
		"committed at the third try":         {answer: fails(certain, lost, nil)},
		"never appended, then time is up":    {answer: fails(certain), code: CodeDeadline, outcome: Rejected},
		"no leader":                          {answer: fails(errNoLeader), code: CodeNoLeader, outcome: Rejected},
		"no leader in office":                {answer: fails(errNotReady), code: CodeNotReady, outcome: Rejected},
		"answer lost":                        {answer: fails(lost), code: CodeDeadline, outcome: Unknown},
		"answer lost, then no leader":        {answer: fails(lost, errNoLeader), code: CodeNoLeader, outcome: Unknown},
		"under way when time is up":          {answer: hangs, patience: time.Second, code: CodeDeadline, outcome: Unknown},
		"not understood":                     {answer: fails(errNotUnderstood), code: CodeNotUnderstood, outcome: Rejected},
		"answer lost, then not understood":   {answer: fails(lost, errNotUnderstood), code: CodeNotUnderstood, outcome: Unknown},
		"answer lost, then a copy is late":   {answer: lostThenExpired, code: CodeDeadline, outcome: Unknown},
		"late from the first":                {answer: expires},
		"the caller has gone before it went": {answer: fails(nil), patience: -1, code: CodeDeadline, outcome: Rejected},
	} {
		t.Run(name, func(t *testing.T) {
			c := &fakeCarrier{answer: test.answer}
			inBubble(t, c, func(t *testing.T, b *batcher) {
				patience := test.patience
				if patience == 0 {
					patience = time.Minute - retryPause/3 // not in the very moment of a try
				}
				ctx, cancel := context.WithTimeout(t.Context(), patience)
				defer cancel()
				p := newProposal(ctx, itemOfSize(1))
				b.submit(p)
				r := b.await(p)
				switch {
				case test.code == "" && r.err != nil:
					t.Fatalf("got %v, want an outcome", r.err)
				case test.code != "" && (r.err == nil || r.err.Code() != test.code || r.err.Outcome() != test.outcome):
					t.Fatalf("got %v, want %s, %s", r.err, test.code, test.outcome)
				}
			})
		})
	}
}

func lostThenExpired(ctx context.Context, try int, items []fsm.Item) (carried, error) {
	if try == 1 {
		return carried{}, errUncertain
	}
	return expires(ctx, try, items)
}

// TestFenceIsNeverUnknown: a fence changes nothing, so there is nothing to know.
func TestFenceIsNeverUnknown(t *testing.T) {
	inBubble(t, &fakeCarrier{answer: fails(errUncertain)}, func(t *testing.T, b *batcher) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		p := newProposal(ctx, nil)
		b.submit(p)
		if r := b.await(p); r.err == nil || r.err.Outcome() != Rejected {
			t.Errorf("got %v, want rejected", r.err)
		}
	})
}

func TestTooLargeIsRefusedAtOnce(t *testing.T) {
	c := &fakeCarrier{answer: fails(nil)}
	inBubble(t, c, func(t *testing.T, b *batcher) {
		p := newProposal(t.Context(), itemOfSize(fsm.MaxEntryBytes-entryOverhead-itemOverhead+1))
		b.submit(p)
		if r := b.await(p); r.err == nil || r.err.Code() != CodeTooLarge || r.err.Outcome() != Rejected || c.count() != 0 {
			t.Errorf("got %v after %d batches", r.err, c.count())
		}
	})
}

// TestFullQueueTurnsAway: what a node holds for others is bounded, also while it
// can carry nothing.
func TestFullQueueTurnsAway(t *testing.T) {
	c := &fakeCarrier{answer: hangs}
	inBubble(t, c, func(t *testing.T, b *batcher) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		var busy, late int
		var mu sync.Mutex
		var calling sync.WaitGroup
		for range 4 * maxWaiting {
			calling.Go(func() {
				p := newProposal(ctx, itemOfSize(1))
				b.submit(p)
				r := b.await(p)
				mu.Lock()
				defer mu.Unlock()
				switch r.err.Code() {
				case CodeTooBusy:
					busy++
				case CodeDeadline:
					late++
				}
			})
		}
		calling.Wait()
		if late < maxWaiting || late > 2*maxWaiting || busy+late != 4*maxWaiting {
			t.Errorf("%d were held and %d turned away, of %d", late, busy, 4*maxWaiting)
		}
	})
}

// TestOperatorsGoFirst: with everything full they are still taken, and carried in
// the next batch, before all that waits; and their queue has an end, too.
func TestOperatorsGoFirst(t *testing.T) {
	c := &fakeCarrier{answer: func(ctx context.Context, try int, items []fsm.Item) (carried, error) {
		if try == 1 {
			return accept(time.Minute)(ctx, try, items) // virtual; the flood comes meanwhile
		}
		return accept(0)(ctx, try, items)
	}}
	inBubble(t, c, func(t *testing.T, b *batcher) {
		ctx := t.Context()
		flood := make([]*proposal, 0, maxWaiting+1)
		for i := range maxWaiting + 1 {
			flood = append(flood, newProposal(ctx, itemOfSize(1)))
			b.submit(flood[i])
			if i == 0 {
				synctest.Wait() // it is being carried
			}
		}
		turnedAway := newProposal(ctx, itemOfSize(1))
		b.submit(turnedAway)
		if r := b.await(turnedAway); r.err == nil || r.err.Code() != CodeTooBusy {
			t.Fatalf("the queue is not full: %+v", r)
		}
		var calls []*proposal
		for range maxWaitingOperators {
			p := newProposal(WithOperator(ctx), itemOfSize(2))
			b.submit(p)
			calls = append(calls, p)
		}
		beyond := newProposal(WithOperator(ctx), itemOfSize(2))
		b.submit(beyond)
		if r := b.await(beyond); r.err == nil || r.err.Code() != CodeTooBusy {
			t.Errorf("their queue has no end: %+v", r)
		}
		for _, p := range append(calls, flood...) {
			if r := b.await(p); r.err != nil {
				t.Fatal(r.err)
			}
		}
		for _, it := range c.batches[1] {
			if len(it.Body) != 2 {
				t.Fatal("somebody went before the operators")
			}
		}
	})
}

// TestNobodyIsCarriedAfterHeHasGone: what its caller has given up is not sent
// again, so that a long trouble leaves no backlog behind it.
func TestNobodyIsCarriedAfterHeHasGone(t *testing.T) {
	c := &fakeCarrier{answer: fails(errUncertain)}
	inBubble(t, c, func(t *testing.T, b *batcher) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		p := newProposal(ctx, itemOfSize(1))
		b.submit(p)
		if r := b.await(p); r.err == nil || r.err.Outcome() != Unknown {
			t.Fatalf("got %v, want unknown", r.err)
		}
		sleep(t.Context(), time.Second)
		before := c.count()
		sleep(t.Context(), time.Minute)
		if after := c.count(); after != before {
			t.Errorf("carried %d times more after its caller had gone", after-before)
		}
	})
}

// TestClosingAnswersEverybody: those under way are unknown, the others rejected,
// and nobody waits for ever, however late he came.
func TestClosingAnswersEverybody(t *testing.T) {
	c := &fakeCarrier{answer: hangs}
	synctest.Test(t, func(t *testing.T) {
		life := newLifetime()
		b := newBatcher(life, c)
		first := newProposal(context.Background(), itemOfSize(1))
		b.submit(first)
		synctest.Wait() // it is under way
		var calling sync.WaitGroup
		for range 100 {
			calling.Go(func() {
				p := newProposal(context.Background(), itemOfSize(1))
				b.submit(p)
				if r := b.await(p); r.err == nil || r.err.Code() != CodeShuttingDown || r.err.Outcome() != Rejected {
					t.Errorf("got %v, want shutting_down, rejected", r.err)
				}
			})
		}
		synctest.Wait()
		life.end()
		if r := b.await(first); r.err == nil || r.err.Code() != CodeShuttingDown || r.err.Outcome() != Unknown {
			t.Errorf("got %v, want shutting_down, unknown", r.err)
		}
		calling.Wait()
		life.running.Wait()

		// One that was queued in the very moment in which the batcher ended.
		late := newProposal(context.Background(), itemOfSize(1))
		b.queue <- late
		if r := b.await(late); r.err == nil || r.err.Outcome() != Rejected {
			t.Errorf("got %v, want rejected", r.err)
		}
	})
}
