// Package sim is the ground for simulation in virtual time: a network in
// memory that can be cut, delayed and crashed under the real cluster code.
//
// It knows addresses and bytes, and nothing of Raft, of frames or of disks
// (the crashable disk is storage.MemDisk). Nothing in it is random: what
// happens is what the test asked for.
//
// Everything waits on conditions, channels and timers only, so that it runs
// under testing/synctest, where net.Pipe or a mutex held while waiting would
// stop virtual time. Read memnet.go (hosts and faults), then memconn.go (one
// connection).
package sim

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"syscall"
	"time"
)

const acceptBacklog = 128

// ErrHostCrashed: the host that used the network no longer exists.
var ErrHostCrashed = errors.New("host has crashed")

// Net is a network of hosts known by name; a host has one listener, whose
// address is the host's name. All methods may be called from any goroutine.
//
// A cut makes bytes vanish: writes succeed, reads wait for their deadline,
// dials hang until theirs. A connection that lost bytes delivers none after
// them, and is reset when the cut is healed.
type Net struct {
	mu     sync.Mutex
	hosts  map[string]*Host
	cuts   map[link]struct{}
	delays map[link]time.Duration
	conns  map[*memConn]struct{}
	// changed is closed, and replaced, when a dial that hangs should look again.
	changed chan struct{}
}

// link is one direction between two hosts.
type link struct{ from, to string }

// NewNet makes a network without hosts.
func NewNet() *Net {
	return &Net{
		hosts:   map[string]*Host{},
		cuts:    map[link]struct{}{},
		delays:  map[link]time.Duration{},
		conns:   map[*memConn]struct{}{},
		changed: make(chan struct{}),
	}
}

// Host is one life of a machine: after Crash it is dead for good, and
// Net.Host makes another one of the same name.
type Host struct {
	net      *Net
	name     string
	listener *memListener
	crashed  bool
}

// Host boots a host; one of the same name that is still alive crashes first.
func (n *Net) Host(name string) *Host {
	n.mu.Lock()
	defer n.mu.Unlock()
	if old := n.hosts[name]; old != nil {
		old.crash()
	}
	h := &Host{net: n, name: name}
	n.hosts[name] = h
	return h
}

// Listen listens as name, on the host of that name, which is booted if there
// is none. It fails when that host listens already.
func (n *Net) Listen(name string) (net.Listener, error) { return n.host(name).Listen() }

// Dial connects host from with host to; see Host.Dial.
func (n *Net) Dial(ctx context.Context, from, to string) (net.Conn, error) {
	return n.host(from).Dial(ctx, to)
}

func (n *Net) host(name string) *Host {
	n.mu.Lock()
	h := n.hosts[name]
	n.mu.Unlock()
	if h == nil {
		h = n.Host(name)
	}
	return h
}

// Cut cuts both directions between a and b.
func (n *Net) Cut(a, b string) { n.cut(link{a, b}, link{b, a}) }

// CutOneWay loses what from sends to to, and delivers what comes back.
func (n *Net) CutOneWay(from, to string) { n.cut(link{from, to}) }

// Isolate cuts name off from every host there is.
func (n *Net) Isolate(name string) {
	n.mu.Lock()
	var links []link
	for other := range n.hosts {
		if other != name {
			links = append(links, link{name, other}, link{other, name})
		}
	}
	n.mu.Unlock()
	n.cut(links...)
}

func (n *Net) cut(links ...link) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, l := range links {
		n.cuts[l] = struct{}{}
	}
}

// Heal ends every cut, and resets the connections that lost bytes.
func (n *Net) Heal() {
	n.mu.Lock()
	defer n.mu.Unlock()
	clear(n.cuts)
	for c := range n.conns {
		if c.in.lost() || c.out.lost() {
			c.reset()
		}
	}
	n.wake()
}

// Delay makes bytes between a and b take d, in each direction. What is on its
// way arrives as it was sent.
func (n *Net) Delay(a, b string, d time.Duration) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.delays[link{a, b}], n.delays[link{b, a}] = d, d
}

// path is what happens to bytes sent now.
func (n *Net) path(l link) (delay time.Duration, cut bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	_, cut = n.cuts[l]
	return n.delays[l], cut
}

// wake wants the mutex held.
func (n *Net) wake() {
	close(n.changed)
	n.changed = make(chan struct{})
}

// crash wants the network's mutex held.
func (h *Host) crash() {
	h.crashed = true
	if h.listener != nil {
		h.listener.shut()
	}
	for c := range h.net.conns {
		if c.host == h || c.peer.host == h {
			c.reset()
		}
	}
	h.net.wake()
}

// Crash ends the host: its listener and its connections are gone, peers see a
// reset, and whatever still runs on it can neither listen nor dial.
func (h *Host) Crash() {
	h.net.mu.Lock()
	defer h.net.mu.Unlock()
	h.crash()
}

// Listen opens the host's only listener.
func (h *Host) Listen() (net.Listener, error) {
	h.net.mu.Lock()
	defer h.net.mu.Unlock()
	switch {
	case h.crashed:
		return nil, fmt.Errorf("listen on %s: %w", h.name, ErrHostCrashed)
	case h.listener != nil && !h.listener.isShut():
		return nil, fmt.Errorf("listen on %s: %w", h.name, syscall.EADDRINUSE)
	}
	h.listener = &memListener{
		host:   h,
		queue:  make(chan *memConn, acceptBacklog),
		closed: make(chan struct{}),
	}
	return h.listener, nil
}

// Dial connects to a host by name. It takes one round trip, hangs while either
// direction is cut, and is refused when nobody listens there.
func (h *Host) Dial(ctx context.Context, to string) (net.Conn, error) {
	for {
		conn, wait, err := h.tryDial(ctx, to)
		if err != nil {
			return nil, &net.OpError{Op: "dial", Net: network, Addr: Addr(to), Err: err}
		}
		if conn != nil {
			return conn, nil
		}
		select {
		case <-wait:
		case <-ctx.Done():
			return nil, &net.OpError{Op: "dial", Net: network, Addr: Addr(to), Err: ctx.Err()}
		}
	}
}

// tryDial returns a connection, an error, or what to wait for.
func (h *Host) tryDial(ctx context.Context, to string) (net.Conn, <-chan struct{}, error) {
	n := h.net
	there, cutThere := n.path(link{h.name, to})
	back, cutBack := n.path(link{to, h.name})
	if there+back > 0 && !cutThere && !cutBack {
		timer := time.NewTimer(there + back)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-ctx.Done():
			return nil, nil, ctx.Err()
		}
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	_, cutThere = n.cuts[link{h.name, to}]
	_, cutBack = n.cuts[link{to, h.name}]
	target := n.hosts[to]
	switch {
	case h.crashed:
		return nil, nil, ErrHostCrashed
	case cutThere || cutBack:
		return nil, n.changed, nil
	case target == nil || target.crashed || target.listener == nil || target.listener.isShut():
		return nil, nil, syscall.ECONNREFUSED
	}
	near, far := newConnPair(h, target)
	if !target.listener.offer(far) {
		return nil, nil, syscall.ECONNREFUSED
	}
	n.conns[near], n.conns[far] = struct{}{}, struct{}{}
	return near, nil, nil
}

type memListener struct {
	host   *Host
	queue  chan *memConn
	once   sync.Once
	closed chan struct{}
}

func (l *memListener) Addr() net.Addr { return Addr(l.host.name) }

func (l *memListener) Accept() (net.Conn, error) {
	select {
	case <-l.closed:
		return nil, &net.OpError{Op: "accept", Net: network, Addr: l.Addr(), Err: net.ErrClosed}
	default:
	}
	select {
	case c := <-l.queue:
		return c, nil
	case <-l.closed:
		return nil, &net.OpError{Op: "accept", Net: network, Addr: l.Addr(), Err: net.ErrClosed}
	}
}

// Close refuses what was not accepted yet.
func (l *memListener) Close() error {
	l.host.net.mu.Lock()
	defer l.host.net.mu.Unlock()
	l.shut()
	return nil
}

// shut wants the network's mutex held, as offer does: so no connection enters
// the queue after it was emptied.
func (l *memListener) shut() {
	l.once.Do(func() { close(l.closed) })
	for {
		select {
		case c := <-l.queue:
			c.reset()
		default:
			return
		}
	}
}

func (l *memListener) offer(c *memConn) bool {
	select {
	case l.queue <- c:
		return true
	default:
		return false
	}
}

func (l *memListener) isShut() bool {
	select {
	case <-l.closed:
		return true
	default:
		return false
	}
}
