package wire

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"syscall"
)

// A watchedConn tells, once, that the other side ended a connection which it had
// opened for Raft. A connection that we closed tells nothing, nor does a time-out.
// A dying process sends such an end from its kernel at once, long before anybody
// misses it; but so does one that lives and closes a connection (see Probe).
type watchedConn struct {
	net.Conn
	node string
	lost func(nodeID string)
	once sync.Once
}

func (w *watchedConn) Read(p []byte) (int, error) {
	n, err := w.Conn.Read(p)
	w.judge(err)
	return n, err
}

func (w *watchedConn) Write(p []byte) (int, error) {
	n, err := w.Conn.Write(p)
	w.judge(err)
	return n, err
}

// Close comes first where we end it: what is read afterwards says nothing.
func (w *watchedConn) Close() error {
	w.once.Do(func() {})
	return w.Conn.Close()
}

func (w *watchedConn) judge(err error) {
	if err != nil && endedByPeer(err) {
		w.once.Do(func() { w.lost(w.node) })
	}
}

// endedByPeer knows both ways in which TLS tells it: with a farewell, and without.
func endedByPeer(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE)
}

// Probe looks whether anybody listens at a cluster port: nil if the connection was
// made, which it closes without a word. An error that is syscall.ECONNREFUSED says
// that the machine answered, and that no process has the port open (or that a
// firewall pretends so); any other says nothing. Any goroutine may call it.
func (o Options) Probe(ctx context.Context, address string) error {
	dial := o.Dial
	if dial == nil {
		dial = dialTCP
	}
	conn, err := dial(ctx, address)
	if err != nil {
		return fmt.Errorf("probe %s: %w", address, err)
	}
	// It was only to see whether it opens.
	_ = conn.Close()
	return nil
}
