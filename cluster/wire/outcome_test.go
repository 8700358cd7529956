package wire

import (
	"context"
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"net"
	"sync"
	"testing"
	"time"
)

func TestNothingListensIsNotSent(t *testing.T) {
	gone := listen(t, Options{})
	address := gone.Addr().String()
	if err := gone.Close(); err != nil {
		t.Fatal(err)
	}
	_, err := pool(t, Options{}).Call(within(t), address, Frame{Kind: Propose})
	wantOutcome(t, err, ErrNotSent)
}

func TestBadRequestsAreNotSent(t *testing.T) {
	l := listen(t, Options{})
	l.Handle(echo)
	p := pool(t, Options{})
	_, err := p.Call(within(t), l.Addr().String(), Frame{Kind: Propose, Payload: make([]byte, MaxFrameBytes)})
	wantOutcome(t, err, ErrNotSent)
	if !errors.Is(err, ErrTooLarge) {
		t.Errorf("want ErrTooLarge, got %v", err)
	}
	_, err = p.Call(within(t), l.Addr().String(), Frame{})
	wantOutcome(t, err, ErrNotSent)
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	_, err = p.Call(ended, l.Addr().String(), Frame{Kind: Propose})
	wantOutcome(t, err, ErrNotSent)
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	_, err = p.Call(within(t), l.Addr().String(), Frame{Kind: Propose})
	wantOutcome(t, err, ErrNotSent)
	if !errors.Is(err, ErrClosed) {
		t.Errorf("want ErrClosed, got %v", err)
	}
}

// TestUnansweredIsLost: the handler has it, and then the connection breaks,
// the caller's patience ends, or the pool is closed.
func TestUnansweredIsLost(t *testing.T) {
	for name, end := range map[string]func(dials *countDials, p *Pool, cancel func()){
		"connection breaks": func(d *countDials, _ *Pool, _ func()) { d.all()[0].Close() },
		"caller gives up":   func(_ *countDials, _ *Pool, cancel func()) { cancel() },
		"pool is closed":    func(_ *countDials, p *Pool, _ func()) { p.Close() },
	} {
		t.Run(name, func(t *testing.T) {
			l := listen(t, Options{})
			got := make(chan struct{})
			l.Handle(func(ctx context.Context, _ string, _ Frame) Frame {
				close(got)
				<-ctx.Done()
				return Frame{}
			})
			dials := &countDials{}
			p := pool(t, Options{Dial: dials.dial})
			ctx, cancel := context.WithCancel(within(t))
			defer cancel()
			failed := make(chan error, 1)
			go func() {
				_, err := p.Call(ctx, l.Addr().String(), Frame{Kind: Propose})
				failed <- err
			}()
			<-got
			end(dials, p, cancel)
			wantOutcome(t, <-failed, ErrLost)
		})
	}
}

// gatedConn stops in Write once it is armed, having sent nothing.
type gatedConn struct {
	net.Conn
	mu      sync.Mutex
	armed   bool
	writing chan struct{}
	broken  chan struct{}
	once    sync.Once
}

func (g *gatedConn) Write(p []byte) (int, error) {
	g.mu.Lock()
	armed := g.armed
	g.mu.Unlock()
	if !armed {
		return g.Conn.Write(p)
	}
	select {
	case g.writing <- struct{}{}:
	default:
	}
	<-g.broken
	return 0, net.ErrClosed
}

func (g *gatedConn) Close() error {
	g.once.Do(func() { close(g.broken) })
	return g.Conn.Close()
}

// TestOnlyWhatReachedTheWriterIsLost: with the writer stuck in one call, the
// others wait behind it; when the connection breaks, or their patience ends,
// that one is lost and the others were not sent.
func TestOnlyWhatReachedTheWriterIsLost(t *testing.T) {
	const waiting = 20
	l := listen(t, Options{})
	l.Handle(echo)
	gate := &gatedConn{writing: make(chan struct{}, 1), broken: make(chan struct{})}
	first := true
	dials := &countDials{wrap: func(c net.Conn) net.Conn {
		if !first {
			return failing{c}
		}
		first = false
		gate.Conn = c
		return gate
	}}
	p := pool(t, Options{Dial: dials.dial})
	if _, err := p.Call(within(t), l.Addr().String(), Frame{Kind: Stats}); err != nil {
		t.Fatal(err)
	}
	gate.mu.Lock()
	gate.armed = true
	gate.mu.Unlock()
	call := func(ctx context.Context) chan error {
		failed := make(chan error, 1)
		go func() {
			_, err := p.Call(ctx, l.Addr().String(), Frame{Kind: Propose})
			failed <- err
		}()
		return failed
	}
	stuck := call(within(t))
	<-gate.writing
	short, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	wantOutcome(t, <-call(short), ErrNotSent)
	var behind []chan error
	for range waiting {
		behind = append(behind, call(within(t)))
	}
	gate.Close()
	wantOutcome(t, <-stuck, ErrLost)
	for _, b := range behind {
		wantOutcome(t, <-b, ErrNotSent)
	}
}

// TestTakenButUnwrittenIsNotSent: the writer has taken the call and not begun
// it when the connection ends; then it must not begin it any more.
func TestTakenButUnwrittenIsNotSent(t *testing.T) {
	c := newPeer()
	failed := make(chan error, 1)
	go func() {
		_, err := c.call(within(t), Frame{Kind: Propose})
		failed <- err
	}()
	taken := <-c.out
	c.end(errors.New("broken by the test"))
	wantOutcome(t, <-failed, ErrNotSent)
	if taken.claim() {
		t.Error("was sent after it was reported as not sent")
	}
}

// failing is a connection that cannot be greeted over.
type failing struct{ net.Conn }

func (failing) Write([]byte) (int, error) { return 0, net.ErrClosed }

// TestOutcomeIsExact breaks connections at random under load: what was not
// sent was never handled, and what was answered was handled once.
func TestOutcomeIsExact(t *testing.T) {
	const workers, callsEach = 16, 150
	l := listen(t, Options{})
	var mu sync.Mutex
	handled := map[uint64]int{}
	l.Handle(func(_ context.Context, _ string, f Frame) Frame {
		mu.Lock()
		defer mu.Unlock()
		handled[binary.BigEndian.Uint64(f.Payload)]++
		return Frame{Payload: f.Payload}
	})
	dials := &countDials{}
	p := pool(t, Options{Dial: dials.dial})
	ctx := within(t)
	outcomes := map[uint64]error{}
	var calls sync.WaitGroup
	for w := range uint64(workers) {
		calls.Go(func() {
			random := rand.New(rand.NewPCG(1, w))
			for i := range uint64(callsEach) {
				id := w*callsEach + i
				answer, err := p.Call(ctx, l.Addr().String(), Frame{Kind: Propose, Payload: binary.BigEndian.AppendUint64(nil, id)})
				if err == nil && binary.BigEndian.Uint64(answer.Payload) != id {
					t.Errorf("call %d got the answer of %d", id, binary.BigEndian.Uint64(answer.Payload))
				}
				mu.Lock()
				outcomes[id] = err
				mu.Unlock()
				if random.IntN(20) == 0 {
					all := dials.all()
					all[len(all)-1].Close()
				}
			}
		})
	}
	calls.Wait()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	counts := map[error]int{}
	for id, err := range outcomes {
		switch {
		case err == nil:
			counts[nil]++
			if handled[id] != 1 {
				t.Errorf("call %d was answered and handled %d times", id, handled[id])
			}
		case errors.Is(err, ErrNotSent):
			counts[ErrNotSent]++
			if handled[id] != 0 {
				t.Errorf("call %d was handled, and reported as %v", id, err)
			}
		case errors.Is(err, ErrLost):
			counts[ErrLost]++
			if handled[id] > 1 {
				t.Errorf("call %d was handled %d times", id, handled[id])
			}
		default:
			t.Errorf("call %d: neither lost nor not sent: %v", id, err)
		}
	}
	t.Logf("answered %d, lost %d, not sent %d, connections %d", counts[nil], counts[ErrLost], counts[ErrNotSent], len(dials.all()))
	if counts[ErrLost] == 0 {
		t.Error("no call was lost: the test broke nothing")
	}
}

func wantOutcome(t *testing.T, err, want error) {
	t.Helper()
	if !errors.Is(err, want) || errors.Is(err, ErrLost) && errors.Is(err, ErrNotSent) {
		t.Errorf("want %q, got %v", want, err)
	}
}
