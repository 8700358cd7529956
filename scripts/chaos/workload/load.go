package workload

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/rondohq/rondo/scripts/chaos/history"
)

// Options say how to work.
type Options struct {
	Servers []string // base addresses
	Names   []string // of the nodes, in the same order
	Seed    uint64
	Writers int
	Readers int
	Rate    int // operations a second at most, all clients together; 0: as fast as they can
	Config  history.Config
	Clock   func() int64 // microseconds of the run; safe for many goroutines
	Record  func(history.Op)
}

// A Load is the clients of one run. Its methods may be called from any goroutine.
type Load struct {
	o     Options
	http  *http.Client
	world *world
	tally tally
	next  sync.Mutex
	count int
}

// tryPatience is how long one try may take, and opPatience how long an operation
// is tried. Unknown outcomes are rare after the second, and none is left once the
// cluster has recovered.
const (
	tryPatience = 2 * time.Second
	opPatience  = 90 * time.Second
)

// New returns clients that do nothing yet.
func New(o Options) *Load {
	transport := &http.Transport{
		DialContext:         (&net.Dialer{Timeout: time.Second}).DialContext,
		MaxIdleConnsPerHost: o.Writers + o.Readers,
		DisableCompression:  true,
	}
	return &Load{o: o, http: &http.Client{Transport: transport}, world: newWorld(o.Config)}
}

// Work lets all clients work until ctx ends. Operations that are under way then
// are finished, or given up when patience ends. It returns when all have ended.
func (l *Load) Work(ctx, patience context.Context) {
	var clients sync.WaitGroup
	every := time.Duration(0)
	if l.o.Rate > 0 {
		every = time.Second * time.Duration(l.o.Writers+l.o.Readers) / time.Duration(l.o.Rate)
	}
	for i := range l.o.Writers + l.o.Readers {
		clients.Go(func() {
			c := &client{load: l, number: i, patience: patience, random: rand.New(rand.NewPCG(l.o.Seed, uint64(i)))}
			act := writeOne
			if i >= l.o.Writers {
				act = readOne
			}
			pace(ctx, every, func() { act(c) })
		})
	}
	clients.Wait()
	l.http.CloseIdleConnections()
}

// pace acts once in each interval. A client that was held up does not make up for
// it.
func pace(ctx context.Context, every time.Duration, act func()) {
	next := time.Now()
	for ctx.Err() == nil {
		act()
		next = next.Add(every)
		if late := time.Since(next); late > every {
			next = time.Now()
		}
		select {
		case <-ctx.Done():
		case <-time.After(time.Until(next)):
		}
	}
}

// begin returns a new operation.
func (l *Load) begin(client int, kind string, s history.Subject) *history.Op {
	l.next.Lock()
	l.count++
	n := l.count
	l.next.Unlock()
	return &history.Op{N: n, Client: client, Kind: kind, Actor: fmt.Sprintf("system:op-%d", n), Subject: s, BeginUs: l.o.Clock()}
}

// end writes an operation down.
func (l *Load) end(op *history.Op) {
	op.EndUs = l.o.Clock()
	l.tally.add(op)
	l.o.Record(*op)
}

// Count is how far the clients have come.
func (l *Load) Count() Count { return l.tally.now() }

// A Count is a number of operations that have ended, and when the last write was
// acknowledged.
type Count struct {
	Ended   int
	Acked   int   // writes
	Unknown int   // tries whose outcome was not known at first
	AckedUs int64 // when the last write was acknowledged
	GapUs   int64 // the longest time between two acknowledgements
}

type tally struct {
	mu  sync.Mutex
	sum Count
}

func (t *tally) add(op *history.Op) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if op.Outcome != history.Unsent {
		t.sum.Ended++
	}
	t.sum.Unknown += op.Tries.Unknown
	if op.Writes() && op.Outcome == history.OK {
		t.sum.Acked++
		if t.sum.AckedUs > 0 {
			t.sum.GapUs = max(t.sum.GapUs, op.EndUs-t.sum.AckedUs)
		}
		t.sum.AckedUs = op.EndUs
	}
}

func (t *tally) now() Count {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.sum
}
