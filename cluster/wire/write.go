package wire

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"time"
)

const maxWriteBatch = 64

// outgoing is one frame on its way. Claim, if set, is asked right before the
// first byte may reach the peer; false means that nobody wants it sent now.
type outgoing struct {
	raw   []byte
	claim func() bool
}

// writeAll is the only writer of a connection that carries frames: a mutex
// around Write would be held while waiting for the peer. It writes what comes
// from out, several frames at once when several are waiting, and a sign of
// life when nothing has come for a while. It returns when ctx ends or a write
// fails.
func writeAll(ctx context.Context, conn net.Conn, out <-chan outgoing) error {
	sign, err := encodeFrame(Frame{Kind: kindSign})
	if err != nil {
		return err
	}
	w := bufio.NewWriter(conn)
	timer := time.NewTicker(signEvery)
	defer timer.Stop()
	for {
		next := outgoing{raw: sign}
		select {
		case next = <-out:
		case <-timer.C:
		case <-ctx.Done():
			return ctx.Err()
		}
		if err := conn.SetWriteDeadline(time.Now().Add(writeTimeout)); err != nil {
			return fmt.Errorf("write frames: %w", err)
		}
		if err := writeBatch(w, next, out); err != nil {
			return fmt.Errorf("write frames: %w", err)
		}
	}
}

func writeBatch(w *bufio.Writer, next outgoing, out <-chan outgoing) error {
	for range maxWriteBatch {
		if next.claim == nil || next.claim() {
			if _, err := w.Write(next.raw); err != nil {
				return err
			}
		}
		select {
		case next = <-out:
			continue
		default:
		}
		return w.Flush()
	}
	// The last one taken has not been written yet.
	if next.claim == nil || next.claim() {
		if _, err := w.Write(next.raw); err != nil {
			return err
		}
	}
	return w.Flush()
}
