package wire

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

var (
	// ErrNotSent: no byte of the request has left this node. The peer cannot
	// have seen it; sending it again, here or elsewhere, is safe.
	ErrNotSent = errors.New("not sent")
	// ErrLost: the request may have reached the peer, and its answer is lost:
	// the outcome is unknown. Only a request with an idempotency key may be
	// sent again.
	ErrLost = errors.New("sent, outcome unknown")
)

// Pool calls other nodes, over one connection for each address, which is
// opened when it is first needed and again after it broke. All methods may be
// called from any goroutine.
type Pool struct {
	options Options
	ctx     context.Context
	cancel  context.CancelCauseFunc
	running sync.WaitGroup

	mu    sync.Mutex
	peers map[string]*peer
}

// NewPool makes a pool; of the options it uses NodeID, ClusterID, TLS, Dial,
// MaxConnections and HelloTimeout, which also bounds dialing.
func NewPool(o Options) (*Pool, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, fmt.Errorf("make pool: %w", err)
	}
	ctx, cancel := context.WithCancelCause(context.Background())
	return &Pool{options: o, ctx: ctx, cancel: cancel, peers: map[string]*peer{}}, nil
}

// Call sends a frame and waits for its answer, until ctx ends, at most a
// minute. The peer is told how long we wait. An answer with an ErrorCode is an
// answer: error is nil.
//
// Every error is ErrNotSent or ErrLost, never both; see there. Underneath it
// may be ErrOtherCluster, ErrVersion, ErrTooLarge, ErrClosed or the context's.
func (p *Pool) Call(ctx context.Context, address string, f Frame) (Frame, error) {
	ctx, cancel := context.WithTimeout(ctx, maxCallDuration)
	defer cancel()
	if f.Kind == kindSign {
		return Frame{}, fmt.Errorf("call %s: %w: %w frame: kind 0", address, ErrNotSent, ErrMalformed)
	}
	var err error
	// A connection may turn out to be broken before anything was sent; then
	// a new one is worth one try.
	for range 2 {
		var c *peer
		if c, err = p.peer(ctx, address); err != nil {
			return Frame{}, fmt.Errorf("call %s: %w: %w", address, ErrNotSent, err)
		}
		var answer Frame
		if answer, err = c.call(ctx, f); err == nil {
			return answer, nil
		}
		if !errors.Is(err, errBroken) || !errors.Is(err, ErrNotSent) {
			break
		}
	}
	return Frame{}, fmt.Errorf("call %s: %w", address, err)
}

// Close breaks every connection and waits until its goroutines have ended.
func (p *Pool) Close() error {
	p.mu.Lock()
	p.cancel(ErrClosed)
	p.mu.Unlock()
	p.running.Wait()
	return nil
}

// peer returns the connection to an address, when it is ready.
func (p *Pool) peer(ctx context.Context, address string) (*peer, error) {
	c, err := p.findOrDial(address)
	if err != nil {
		return nil, err
	}
	select {
	case <-c.ready:
		return c, c.dialErr
	case <-ctx.Done():
		return nil, fmt.Errorf("wait for connection: %w", ctx.Err())
	}
}

func (p *Pool) findOrDial(address string) (*peer, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ctx.Err() != nil {
		return nil, ErrClosed
	}
	if c := p.peers[address]; c != nil {
		return c, nil
	}
	if len(p.peers) >= p.options.MaxConnections {
		return nil, fmt.Errorf("there are already connections to %d addresses", len(p.peers))
	}
	c := newPeer()
	p.peers[address] = c
	p.running.Go(func() { p.serve(address, c) })
	return c, nil
}

func (p *Pool) forget(address string, c *peer) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.peers[address] == c {
		delete(p.peers, address)
	}
}

// serve lives as long as one connection.
func (p *Pool) serve(address string, c *peer) {
	ctx, cancel := context.WithTimeout(p.ctx, p.options.HelloTimeout)
	conn, err := p.options.dial(ctx, address, protoFrames, 0)
	cancel()
	if err != nil {
		// Forgotten first: whoever hears of the failure and tries again
		// must not find it.
		p.forget(address, c)
		c.dialErr = err
		close(c.ready)
		return
	}
	close(c.ready)
	err = c.run(p.ctx, conn)
	p.forget(address, c)
	c.end(err)
}

// remaining is what the peer is told about our patience.
func remaining(ctx context.Context) (uint64, error) {
	deadline, ok := ctx.Deadline()
	if !ok {
		return uint64(maxCallDuration / time.Millisecond), nil
	}
	left := time.Until(deadline)
	if left <= 0 {
		return 0, context.DeadlineExceeded
	}
	return uint64((left + time.Millisecond - 1) / time.Millisecond), nil
}
