package wire

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"slices"
	"sync"
	"time"

	"github.com/hashicorp/go-hclog"
)

const (
	defaultHelloTimeout   = 5 * time.Second
	defaultMaxConnections = 256
	closeTimeout          = 5 * time.Second
	acceptPause           = 50 * time.Millisecond
)

// ErrClosed: the listener or the pool was closed.
var ErrClosed = errors.New("cluster port is closed")

// Options are shared by the listener and the pool.
type Options struct {
	// NodeID is what we call ourselves in the hello; 1 to 128 bytes.
	NodeID string
	// ClusterID returns the id of our cluster, "" while we have none. It is
	// called for each connection, from any goroutine. Nil means never any.
	ClusterID func() string
	// Adopt, if set, is called when we have no cluster id and a node that has
	// one opens a Raft connection to us: the leader of the cluster that we
	// are becoming a member of. It must have stored the id when it returns;
	// an error refuses the connection.
	Adopt func(clusterID string) error
	// Gate judges whom Raft speaks with; nil admits everybody.
	Gate Gate
	// TLS, if set, wraps every connection, accepted and dialed.
	TLS *tls.Config
	// Logger may be nil.
	Logger hclog.Logger
	// Dial replaces the dialer, for simulation; nil dials TCP.
	Dial func(ctx context.Context, address string) (net.Conn, error)
	// Listener replaces the listening socket, for simulation.
	Listener net.Listener
	// MaxConnections bounds the accepted connections; 0 means 256.
	MaxConnections int
	// HelloTimeout bounds first byte, TLS and hello together; 0 means 5 s.
	HelloTimeout time.Duration
}

// A Gate is called from any goroutine and must not wait for anybody.
type Gate interface {
	// Blank says whether Raft has never written to our disk; the other side is
	// told.
	Blank() bool
	// Admit judges the other node of every Raft connection, in both directions: an
	// error refuses the connection.
	Admit(nodeID string, blank bool) error
	// Lost is told that a node, or its kernel, ended a connection which it had
	// opened for Raft: not when we close it, nor when it is merely silent. It is
	// called once for each connection, by who reads it.
	Lost(nodeID string)
}

type openGate struct{}

func (openGate) Blank() bool              { return false }
func (openGate) Admit(string, bool) error { return nil }
func (openGate) Lost(string)              {}

func (o Options) withDefaults() (Options, error) {
	if o.NodeID == "" || len(o.NodeID) > maxHelloID {
		return o, fmt.Errorf("node id %q: want 1 to %d bytes", o.NodeID, maxHelloID)
	}
	if o.ClusterID == nil {
		o.ClusterID = func() string { return "" }
	}
	if o.Gate == nil {
		o.Gate = openGate{}
	}
	if o.Logger == nil {
		o.Logger = hclog.NewNullLogger()
	}
	if o.Dial == nil {
		o.Dial = dialTCP
	}
	if o.MaxConnections <= 0 {
		o.MaxConnections = defaultMaxConnections
	}
	if o.HelloTimeout <= 0 {
		o.HelloTimeout = defaultHelloTimeout
	}
	return o, codecReady()
}

func dialTCP(ctx context.Context, address string) (net.Conn, error) {
	var d net.Dialer
	return d.DialContext(ctx, "tcp", address)
}

// Listener is the cluster port of one node. All methods may be called from
// any goroutine.
type Listener struct {
	options Options
	socket  net.Listener
	ctx     context.Context
	cancel  context.CancelCauseFunc
	running sync.WaitGroup

	mu      sync.Mutex
	conns   map[net.Conn]struct{}
	layers  map[uint64]*raftLayer
	handler Handler
}

// Listen opens the cluster port. With Options.Listener the address is unused.
// Frames are answered CodeNotReady until Handle, Raft is refused until
// RaftLayer.
func Listen(address string, o Options) (*Listener, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, fmt.Errorf("open cluster port: %w", err)
	}
	socket := o.Listener
	if socket == nil {
		if socket, err = net.Listen("tcp", address); err != nil {
			return nil, fmt.Errorf("open cluster port: %w", err)
		}
	}
	ctx, cancel := context.WithCancelCause(context.Background())
	l := &Listener{
		options: o,
		socket:  socket,
		ctx:     ctx,
		cancel:  cancel,
		conns:   map[net.Conn]struct{}{},
		layers:  map[uint64]*raftLayer{},
	}
	l.running.Go(l.accept)
	return l, nil
}

// Addr is the address we listen on.
func (l *Listener) Addr() net.Addr { return l.socket.Addr() }

// Handle sets what answers frames, for connections old and new.
func (l *Listener) Handle(h Handler) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.handler = h
}

func (l *Listener) currentHandler() Handler {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.handler
}

// Close ends every connection, accepted and dialed for Raft, cancels the
// context of every handler and waits for them, at most 5 s. Close the Raft
// transport first, or it logs that it cannot accept.
func (l *Listener) Close() error {
	l.cancel(ErrClosed)
	err := l.socket.Close()
	l.mu.Lock()
	conns := slices.Collect(maps.Keys(l.conns))
	layers := slices.Collect(maps.Values(l.layers))
	clear(l.layers)
	l.mu.Unlock()
	for _, conn := range conns {
		// The connection is going away either way.
		_ = conn.Close()
	}
	for _, layer := range layers {
		layer.shut()
	}
	if errors.Is(err, net.ErrClosed) {
		err = nil
	}
	return errors.Join(err, l.wait())
}

func (l *Listener) wait() error {
	done := make(chan struct{})
	go func() {
		l.running.Wait()
		close(done)
	}()
	timer := time.NewTimer(closeTimeout)
	defer timer.Stop()
	select {
	case <-done:
		return nil
	case <-timer.C:
		return fmt.Errorf("close cluster port: handlers still run after %s", closeTimeout)
	}
}

func (l *Listener) accept() {
	for {
		conn, err := l.socket.Accept()
		if err == nil {
			l.admit(conn)
			continue
		}
		if l.ctx.Err() != nil {
			return
		}
		l.options.Logger.Error("cannot accept on the cluster port", "error", err)
		select {
		case <-l.ctx.Done():
			return
		case <-time.After(acceptPause):
		}
	}
}

func (l *Listener) admit(conn net.Conn) {
	if l.options.TLS != nil {
		conn = tls.Server(conn, l.options.TLS)
	}
	tracked := l.track(conn)
	if tracked == nil {
		l.options.Logger.Warn("refused a connection: the cluster port is full or closing", "from", conn.RemoteAddr().String(), "max_connections", l.options.MaxConnections)
		_ = conn.Close()
		return
	}
	l.running.Go(func() {
		if err := l.serve(tracked); err != nil && l.ctx.Err() == nil {
			l.options.Logger.Warn("closed a connection on the cluster port", "from", conn.RemoteAddr().String(), "error", err)
		}
	})
}

// track returns nil when no connection may be added.
func (l *Listener) track(conn net.Conn) *trackedConn {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ctx.Err() != nil || len(l.conns) >= l.options.MaxConnections {
		return nil
	}
	t := &trackedConn{Conn: conn}
	t.forget = func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		delete(l.conns, t)
	}
	l.conns[t] = struct{}{}
	return t
}

// serve greets the peer, then serves frames until the connection ends, or
// hands the connection to Raft, which closes it.
func (l *Listener) serve(conn *trackedConn) error {
	proto, theirs, err := l.options.receive(conn)
	if errors.Is(err, io.EOF) {
		// Somebody looked whether the port is open.
		return conn.Close()
	}
	if err != nil {
		return errors.Join(err, conn.Close())
	}
	var layer *raftLayer
	var refusal error
	if proto == protoRaft {
		layer, refusal = l.admitRaft(theirs)
	}
	if err := l.options.answer(conn, theirs, refusal); err != nil {
		return errors.Join(err, conn.Close())
	}
	if layer != nil {
		return layer.offer(&watchedConn{Conn: conn, node: theirs.NodeID, lost: l.options.Gate.Lost})
	}
	return newFrameConn(conn, theirs.NodeID, l.currentHandler).serve(l.ctx)
}

func (l *Listener) admitRaft(theirs hello) (*raftLayer, error) {
	l.mu.Lock()
	layer := l.layers[theirs.Group]
	l.mu.Unlock()
	if layer == nil {
		return nil, fmt.Errorf("no Raft group %d is running here yet", theirs.Group)
	}
	if err := l.options.Gate.Admit(theirs.NodeID, theirs.Blank); err != nil {
		return nil, err
	}
	if l.options.Adopt != nil && theirs.ClusterID != "" && l.options.ClusterID() == "" {
		if err := l.options.Adopt(theirs.ClusterID); err != nil {
			return nil, fmt.Errorf("adopt cluster id: %w", err)
		}
	}
	return layer, nil
}

// trackedConn leaves its owner's list when it is closed, by whomever.
type trackedConn struct {
	net.Conn
	once   sync.Once
	forget func()
}

func (t *trackedConn) Close() error {
	t.once.Do(t.forget)
	return t.Conn.Close()
}
