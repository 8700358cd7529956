package wire

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/raft"
)

const (
	defaultRaftTimeout = 10 * time.Second
	raftMaxPool        = 3
)

// RaftLayer is the stream layer of group 0, for NewTransport. Advertise is the
// address under which other nodes reach this one.
func (l *Listener) RaftLayer(advertise net.Addr) raft.StreamLayer {
	return l.GroupLayer(0, advertise)
}

// GroupLayer is the stream layer of one Raft group. Closing it ends the
// group's connections, in both directions, and leaves the port open; a group
// that is asked for again gets a new layer, and the older one is closed.
func (l *Listener) GroupLayer(group uint64, advertise net.Addr) raft.StreamLayer {
	ctx, cancel := context.WithCancel(l.ctx)
	layer := &raftLayer{
		listener:  l,
		group:     group,
		advertise: advertise,
		accepted:  make(chan net.Conn),
		ctx:       ctx,
		cancel:    cancel,
		conns:     map[net.Conn]struct{}{},
	}
	l.mu.Lock()
	older := l.layers[group]
	l.layers[group] = layer
	l.mu.Unlock()
	if older != nil {
		older.shut()
	}
	return layer
}

// raftLayer owns the group's connections: raft.NetworkTransport closes neither
// the accepted ones nor those in its pool when it is closed itself.
type raftLayer struct {
	listener  *Listener
	group     uint64
	advertise net.Addr
	accepted  chan net.Conn
	ctx       context.Context
	cancel    context.CancelFunc

	mu    sync.Mutex
	conns map[net.Conn]struct{}
}

func (r *raftLayer) Addr() net.Addr { return r.advertise }

func (r *raftLayer) Accept() (net.Conn, error) {
	select {
	case conn := <-r.accepted:
		return conn, nil
	case <-r.ctx.Done():
		return nil, fmt.Errorf("accept for Raft: %w", ErrClosed)
	}
}

func (r *raftLayer) Close() error {
	l := r.listener
	l.mu.Lock()
	if l.layers[r.group] == r {
		delete(l.layers, r.group)
	}
	l.mu.Unlock()
	r.shut()
	return nil
}

// Dial opens a connection for Raft, hello included, within timeout.
func (r *raftLayer) Dial(address raft.ServerAddress, timeout time.Duration) (net.Conn, error) {
	if timeout <= 0 {
		timeout = defaultRaftTimeout
	}
	ctx, cancel := context.WithTimeout(r.ctx, timeout)
	defer cancel()
	conn, theirs, err := r.listener.options.dialPeer(ctx, string(address), protoRaft, r.group)
	if err != nil {
		return nil, err
	}
	if err := r.listener.options.Gate.Admit(theirs.NodeID, theirs.Blank); err != nil {
		return nil, errors.Join(fmt.Errorf("dial %s for Raft: %w", address, err), conn.Close())
	}
	tracked := r.track(conn)
	if tracked == nil {
		return nil, errors.Join(fmt.Errorf("dial %s for Raft: %w", address, ErrClosed), conn.Close())
	}
	return tracked, nil
}

// offer waits until Raft takes the connection, which then is Raft's.
func (r *raftLayer) offer(conn net.Conn) error {
	tracked := r.track(conn)
	if tracked == nil {
		return errors.Join(ErrClosed, conn.Close())
	}
	select {
	case r.accepted <- tracked:
		return nil
	case <-r.ctx.Done():
		return tracked.Close()
	}
}

// track returns nil when the layer is closed.
func (r *raftLayer) track(conn net.Conn) net.Conn {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.conns == nil {
		return nil
	}
	t := &trackedConn{Conn: conn}
	t.forget = func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		delete(r.conns, t)
	}
	r.conns[t] = struct{}{}
	return t
}

func (r *raftLayer) shut() {
	r.mu.Lock()
	conns := r.conns
	r.conns = nil
	r.cancel()
	r.mu.Unlock()
	for conn := range conns {
		// Its forget finds the list gone, which is fine.
		_ = conn.Close()
	}
}

// dial opens a connection and greets; it keeps to the context's deadline as
// well as to HelloTimeout.
func (o *Options) dial(ctx context.Context, address string, proto byte, group uint64) (net.Conn, error) {
	conn, _, err := o.dialPeer(ctx, address, proto, group)
	return conn, err
}

func (o *Options) dialPeer(ctx context.Context, address string, proto byte, group uint64) (net.Conn, hello, error) {
	conn, err := o.Dial(ctx, address)
	if err != nil {
		return nil, hello{}, fmt.Errorf("dial %s: %w", address, err)
	}
	if o.TLS != nil {
		conn = tls.Client(conn, clientTLS(o.TLS, address))
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	theirs, err := o.greet(conn, proto, group)
	if !stop() && err == nil {
		err = context.Cause(ctx)
	}
	if err != nil {
		return nil, hello{}, errors.Join(fmt.Errorf("dial %s: %w", address, err), conn.Close())
	}
	return conn, theirs, nil
}

func clientTLS(c *tls.Config, address string) *tls.Config {
	if c.ServerName != "" || c.InsecureSkipVerify {
		return c
	}
	c = c.Clone()
	c.ServerName = address
	if host, _, err := net.SplitHostPort(address); err == nil {
		c.ServerName = host
	}
	return c
}

// TransportConfig is what NewTransport leaves open.
type TransportConfig struct {
	// Timeout bounds one RPC (a snapshot gets more, by its size); 0 means 10 s.
	Timeout time.Duration
	// Addresses, if set, finds a server's address by its id.
	Addresses raft.ServerAddressProvider
	// Logger may be nil.
	Logger hclog.Logger
}

// NewTransport makes the Raft transport over a layer of this package. One RPC
// is in flight for each peer: pipelining can wedge a follower that looks
// healthy (hashicorp/raft#611, raft.md 1.6). No decorator stands between it
// and Raft, so pre-vote (raft.WithPreVote), raft.WithClose and the heartbeat
// fast path are those of the library.
func NewTransport(layer raft.StreamLayer, c TransportConfig) *raft.NetworkTransport {
	if c.Timeout <= 0 {
		c.Timeout = defaultRaftTimeout
	}
	if c.Logger == nil {
		c.Logger = hclog.NewNullLogger()
	}
	return raft.NewNetworkTransportWithConfig(&raft.NetworkTransportConfig{
		ServerAddressProvider: c.Addresses,
		Logger:                c.Logger,
		Stream:                layer,
		MaxPool:               raftMaxPool,
		MaxRPCsInFlight:       1,
		Timeout:               c.Timeout,
	})
}
