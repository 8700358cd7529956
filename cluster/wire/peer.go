package wire

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// errBroken marks what failed because the connection did.
var errBroken = errors.New("connection is broken")

// peer is one connection of a pool, from the first dial to its end; it is
// never used again after that.
type peer struct {
	// ready is closed when dialing has ended, well or with dialErr.
	ready   chan struct{}
	dialErr error
	// done is closed when the connection has ended, with endErr.
	done   chan struct{}
	endErr error

	out   chan outgoing
	slots chan struct{}

	mu      sync.Mutex
	lastID  uint64
	pending map[uint64]*call
}

// call is one request under way. Its state is claimed once: by the writer,
// right before bytes may leave, or by the caller, who gives it up unsent.
type call struct {
	answer chan Frame
	state  atomic.Uint32
}

const (
	callSent  = 1
	callGiven = 2
)

func newPeer() *peer {
	return &peer{
		ready: make(chan struct{}),
		done:  make(chan struct{}),
		out:   make(chan outgoing),
		// As many as the other side handles at once: so it never has to
		// stop reading because of us.
		slots:   make(chan struct{}, maxHandlers),
		pending: map[uint64]*call{},
	}
}

func (c *peer) call(ctx context.Context, f Frame) (Frame, error) {
	select {
	case c.slots <- struct{}{}:
		defer func() { <-c.slots }()
	case <-c.done:
		return Frame{}, fmt.Errorf("%w: %w", ErrNotSent, c.endErr)
	case <-ctx.Done():
		return Frame{}, fmt.Errorf("%w: %d calls to this node are under way: %w", ErrNotSent, maxHandlers, ctx.Err())
	}
	k := &call{answer: make(chan Frame, 1)}
	f.ID = c.register(k)
	defer c.unregister(f.ID)
	var err error
	if f.DeadlineMS, err = remaining(ctx); err != nil {
		return Frame{}, fmt.Errorf("%w: %w", ErrNotSent, err)
	}
	raw, err := encodeFrame(f)
	if err != nil {
		return Frame{}, fmt.Errorf("%w: %w", ErrNotSent, err)
	}
	select {
	case c.out <- outgoing{raw: raw, claim: func() bool { return k.state.CompareAndSwap(0, callSent) }}:
	case <-c.done:
		return Frame{}, fmt.Errorf("%w: %w", ErrNotSent, c.endErr)
	case <-ctx.Done():
		return Frame{}, fmt.Errorf("%w: %w", ErrNotSent, ctx.Err())
	}
	return c.await(ctx, k)
}

func (c *peer) await(ctx context.Context, k *call) (Frame, error) {
	var err error
	select {
	case answer := <-k.answer:
		return answer, nil
	case <-c.done:
		err = c.endErr
	case <-ctx.Done():
		err = ctx.Err()
	}
	// An answer that has come is an answer, whatever else has happened.
	select {
	case answer := <-k.answer:
		return answer, nil
	default:
	}
	if k.state.CompareAndSwap(0, callGiven) {
		return Frame{}, fmt.Errorf("%w: %w", ErrNotSent, err)
	}
	return Frame{}, fmt.Errorf("%w: %w", ErrLost, err)
}

func (c *peer) register(k *call) uint64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lastID++
	c.pending[c.lastID] = k
	return c.lastID
}

func (c *peer) unregister(id uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.pending, id)
}

// run carries frames until the connection breaks or ctx ends, and returns why.
func (c *peer) run(ctx context.Context, conn net.Conn) error {
	ctx, cancel := context.WithCancelCause(ctx)
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	var writing sync.WaitGroup
	writing.Go(func() { cancel(writeAll(ctx, conn, c.out)) })
	err := c.read(conn)
	cancel(err)
	writing.Wait()
	// The first cause: closing is what makes the other side of it fail.
	return errors.Join(context.Cause(ctx), ignoreClosed(conn.Close()))
}

func (c *peer) read(conn net.Conn) error {
	r := bufio.NewReader(conn)
	for {
		if err := conn.SetReadDeadline(time.Now().Add(silentAfter)); err != nil {
			return fmt.Errorf("read frames: %w", err)
		}
		f, err := readFrame(r)
		if errors.Is(err, io.EOF) {
			return errors.New("the peer closed the connection")
		}
		if err != nil {
			return fmt.Errorf("read frames: %w", err)
		}
		if f.Kind != kindSign {
			c.deliver(f)
		}
	}
}

// deliver ignores an answer that nobody waits for any more.
func (c *peer) deliver(f Frame) {
	c.mu.Lock()
	k := c.pending[f.ID]
	delete(c.pending, f.ID)
	c.mu.Unlock()
	if k != nil {
		k.answer <- f
	}
}

// end tells every caller; nothing is delivered or claimed after it.
func (c *peer) end(err error) {
	c.endErr = fmt.Errorf("%w: %w", errBroken, err)
	close(c.done)
}

func ignoreClosed(err error) error {
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}
