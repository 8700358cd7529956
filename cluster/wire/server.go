package wire

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"
)

const (
	maxHandlers     = 1024
	maxCallDuration = time.Minute
	writeTimeout    = 10 * time.Second

	// Both sides show every signEvery that they are alive, so that silence
	// means that the peer is gone, and not that it is thinking.
	signEvery   = 2 * time.Second
	silentAfter = 3 * signEvery
)

// Handler answers one frame that node from sent. It is called on a goroutine
// of its own, at most 1,024 at once for a connection; it must return when ctx
// ends, which is at the frame's deadline (at most a minute from now), when the
// connection breaks, or when the listener is closed. ID and Kind of the
// answer are set for it.
type Handler func(ctx context.Context, from string, f Frame) Frame

// frameConn is one accepted connection that carries frames.
type frameConn struct {
	conn    net.Conn
	from    string
	handler func() Handler
	answers chan outgoing
	slots   chan struct{}
}

func newFrameConn(conn net.Conn, from string, handler func() Handler) *frameConn {
	return &frameConn{
		conn:    conn,
		from:    from,
		handler: handler,
		answers: make(chan outgoing),
		slots:   make(chan struct{}, maxHandlers),
	}
}

// serve reads until the connection ends, closes it and waits for its handlers.
// It returns nil when the peer closed the connection between two frames.
func (c *frameConn) serve(parent context.Context) error {
	ctx, cancel := context.WithCancel(parent)
	var working sync.WaitGroup
	working.Go(func() {
		defer cancel()
		// The reader, which waits for the peer, has to learn of it.
		defer c.conn.Close()
		// Why it ended is what the reader reports.
		_ = writeAll(ctx, c.conn, c.answers)
	})
	err := c.read(ctx, &working)
	cancel()
	closeErr := ignoreClosed(c.conn.Close())
	working.Wait()
	if errors.Is(err, io.EOF) || errors.Is(err, net.ErrClosed) {
		return nil
	}
	return errors.Join(fmt.Errorf("serve frames of node %q: %w", c.from, err), closeErr)
}

func (c *frameConn) read(ctx context.Context, working *sync.WaitGroup) error {
	r := bufio.NewReader(c.conn)
	for {
		if err := c.conn.SetReadDeadline(time.Now().Add(silentAfter)); err != nil {
			return err
		}
		f, err := readFrame(r)
		if err != nil {
			return err
		}
		if f.Kind == kindSign {
			continue
		}
		// Waiting here, and not reading meanwhile, is what holds the peer back.
		select {
		case c.slots <- struct{}{}:
		case <-ctx.Done():
			return net.ErrClosed
		}
		working.Go(func() {
			defer func() { <-c.slots }()
			c.answer(ctx, f, c.handler())
		})
	}
}

func (c *frameConn) answer(ctx context.Context, f Frame, h Handler) {
	answer := Frame{ErrorCode: CodeNotReady, ErrorText: "the node is starting and serves no frames yet; try again"}
	if h != nil {
		left := time.Duration(min(f.DeadlineMS, uint64(maxCallDuration/time.Millisecond))) * time.Millisecond
		ctx, cancel := context.WithTimeout(ctx, left)
		defer cancel()
		answer = h(ctx, c.from, f)
	}
	answer.ID, answer.Kind = f.ID, f.Kind
	raw, err := encodeFrame(answer)
	if err != nil {
		raw, err = encodeFrame(Frame{ID: f.ID, Group: f.Group, Kind: f.Kind, ErrorCode: CodeTooLarge, ErrorText: err.Error()})
	}
	if err != nil {
		return
	}
	select {
	case c.answers <- outgoing{raw: raw}:
	case <-ctx.Done():
	}
}
