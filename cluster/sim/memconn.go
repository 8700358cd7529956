package sim

import (
	"io"
	"net"
	"os"
	"sync"
	"syscall"
	"time"
)

const (
	network = "mem"
	// pipeBytes bounds what is on its way in one direction, like a socket's
	// buffers: a writer waits for the reader.
	pipeBytes = 256 << 10
)

// Addr is the address of a host: its name.
type Addr string

// Network is "mem".
func (Addr) Network() string { return network }

func (a Addr) String() string { return string(a) }

// memConn is one end of a connection.
type memConn struct {
	host    *Host
	peer    *memConn
	in, out *pipe
}

func newConnPair(from, to *Host) (near, far *memConn) {
	there, back := newPipe(), newPipe()
	near = &memConn{host: from, in: back, out: there}
	far = &memConn{host: to, in: there, out: back}
	near.peer, far.peer = far, near
	return near, far
}

func (c *memConn) LocalAddr() net.Addr  { return Addr(c.host.name) }
func (c *memConn) RemoteAddr() net.Addr { return Addr(c.peer.host.name) }

func (c *memConn) Read(p []byte) (int, error) {
	n, err := c.in.read(p)
	return n, c.wrap("read", err)
}

func (c *memConn) Write(p []byte) (int, error) {
	written := 0
	for {
		delay, cut := c.host.net.path(link{c.host.name, c.peer.host.name})
		n, err := c.out.write(p[written:], delay, cut)
		written += n
		if err != nil || written == len(p) {
			return written, c.wrap("write", err)
		}
	}
}

// Close sends the end of the stream after what was written, unless it is lost.
func (c *memConn) Close() error {
	delay, cut := c.host.net.path(link{c.host.name, c.peer.host.name})
	c.out.closeWrite(delay, cut)
	if c.in.closeRead() {
		return c.wrap("close", net.ErrClosed)
	}
	c.forget()
	return nil
}

func (c *memConn) SetDeadline(t time.Time) error {
	c.in.setDeadline(&c.in.readBy, t)
	c.out.setDeadline(&c.out.writeBy, t)
	return nil
}

func (c *memConn) SetReadDeadline(t time.Time) error {
	c.in.setDeadline(&c.in.readBy, t)
	return nil
}

func (c *memConn) SetWriteDeadline(t time.Time) error {
	c.out.setDeadline(&c.out.writeBy, t)
	return nil
}

// reset ends both ends; it wants the network's mutex held.
func (c *memConn) reset() {
	for _, end := range []*memConn{c, c.peer} {
		end.in.reset()
		end.out.reset()
		delete(c.host.net.conns, end)
	}
}

// forget waits for the other end: while that lives on, faults must find it.
func (c *memConn) forget() {
	n := c.host.net
	n.mu.Lock()
	defer n.mu.Unlock()
	if c.peer.in.isReadClosed() {
		delete(n.conns, c)
		delete(n.conns, c.peer)
	}
}

// wrap leaves io.EOF bare, as readers compare it.
func (c *memConn) wrap(op string, err error) error {
	if err == nil || err == io.EOF {
		return err
	}
	return &net.OpError{Op: op, Net: network, Source: c.LocalAddr(), Addr: c.RemoteAddr(), Err: err}
}

// pipe is one direction of a connection. Every wait is on its condition,
// which is told of each change, and by a timer of each time that matters.
type pipe struct {
	mu    sync.Mutex
	cond  *sync.Cond
	parts []part
	bytes int
	state pipeState

	readBy, writeBy deadline
}

// pipeState is how a pipe ends.
type pipeState struct {
	readClosed  bool
	writeClosed bool // by the writer; the reader learns it from the last part
	wasReset    bool
	hole        bool // bytes were lost, nothing after them is delivered
}

// part is what one write sent, or the end of the stream.
type part struct {
	data []byte
	end  bool
	at   time.Time
}

type deadline struct {
	at    time.Time
	timer *time.Timer
}

func (d *deadline) passed() bool { return !d.at.IsZero() && !time.Now().Before(d.at) }

func newPipe() *pipe {
	p := &pipe{}
	p.cond = sync.NewCond(&p.mu)
	return p
}

func (p *pipe) read(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for {
		switch {
		case p.state.readClosed:
			return 0, net.ErrClosed
		case p.readBy.passed():
			return 0, os.ErrDeadlineExceeded
		case len(p.parts) > 0 && !time.Now().Before(p.parts[0].at):
			if p.parts[0].end {
				return 0, io.EOF
			}
			return p.take(b), nil
		case p.state.wasReset:
			return 0, syscall.ECONNRESET
		}
		p.cond.Wait()
	}
}

// take wants the mutex held and a part that has arrived.
func (p *pipe) take(b []byte) int {
	n := copy(b, p.parts[0].data)
	p.parts[0].data = p.parts[0].data[n:]
	p.bytes -= n
	if len(p.parts[0].data) == 0 {
		p.parts = p.parts[1:]
	}
	p.cond.Broadcast()
	return n
}

// write takes as much as there is room for, and waits while there is none.
func (p *pipe) write(b []byte, delay time.Duration, cut bool) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for {
		switch {
		case p.state.writeClosed:
			return 0, net.ErrClosed
		case p.writeBy.passed():
			return 0, os.ErrDeadlineExceeded
		case p.state.wasReset:
			return 0, syscall.ECONNRESET
		case p.state.readClosed && !cut:
			return 0, syscall.EPIPE
		case cut || p.state.hole:
			p.state.hole = p.state.hole || len(b) > 0
			return len(b), nil
		case p.bytes < pipeBytes:
			n := min(len(b), pipeBytes-p.bytes)
			if n > 0 {
				p.send(part{data: append([]byte(nil), b[:n]...)}, delay)
			}
			return n, nil
		}
		p.cond.Wait()
	}
}

// send wants the mutex held. Nothing overtakes: a part arrives no earlier
// than the one before it.
func (p *pipe) send(next part, delay time.Duration) {
	next.at = time.Now().Add(delay)
	if last := len(p.parts) - 1; last >= 0 && next.at.Before(p.parts[last].at) {
		next.at = p.parts[last].at
	}
	p.parts = append(p.parts, next)
	p.bytes += len(next.data)
	if wait := time.Until(next.at); wait > 0 {
		time.AfterFunc(wait, p.tell)
	}
	p.cond.Broadcast()
}

// tell takes the mutex, so that whoever has just found that the time has not
// come yet is already waiting when the condition is told that it has.
func (p *pipe) tell() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cond.Broadcast()
}

func (p *pipe) closeWrite(delay time.Duration, cut bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.state.writeClosed {
		return
	}
	p.state.writeClosed = true
	if cut || p.state.hole {
		p.state.hole = true
	} else {
		p.send(part{end: true}, delay)
	}
	p.cond.Broadcast()
}

// closeRead tells whether it was closed before.
func (p *pipe) closeRead() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	was := p.state.readClosed
	p.state.readClosed = true
	p.parts, p.bytes = nil, 0
	p.cond.Broadcast()
	return was
}

func (p *pipe) reset() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.state.wasReset = true
	p.parts, p.bytes = nil, 0
	p.cond.Broadcast()
}

func (p *pipe) lost() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.state.hole
}

func (p *pipe) isReadClosed() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.state.readClosed
}

func (p *pipe) setDeadline(d *deadline, t time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if d.timer != nil {
		d.timer.Stop()
		d.timer = nil
	}
	d.at = t
	if wait := time.Until(t); !t.IsZero() && wait > 0 {
		d.timer = time.AfterFunc(wait, p.tell)
	}
	p.cond.Broadcast()
}
