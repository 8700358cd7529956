package server

import (
	"context"
	"errors"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/rondohq/rondo/httpapi"
)

// Limits of the HTTP port, documented for operators.
const (
	defaultConnections = 4096 // http.max_connections
	maxConnections     = 65536
	maxEventStreams    = 4096

	maxHeaderBytes    = 16 << 10
	readHeaderTimeout = 5 * time.Second
	readTimeout       = 30 * time.Second
	writeTimeout      = 60 * time.Second
	idleTimeout       = 2 * time.Minute
)

// limits are what one client can cost. Those of a node are the constants above.
type limits struct {
	connections int
	readHeader  time.Duration
	write       time.Duration
}

// A front is the HTTP port: a server for as many connections as there may be, and
// a second one for some more, each for one request, on which operators and probes
// are answered and everybody else is told to come again. Without it the kernel
// would let clients wait without a word, and whoever kills a node because of
// /livez would do so in every flood.
type front struct {
	usual, spare *http.Server
	door         *door
}

// newFront returns a front that does not serve yet.
func newFront(handler http.Handler, logger hclog.Logger, l limits) *front {
	server := func() *http.Server {
		return &http.Server{
			Handler: handler, MaxHeaderBytes: maxHeaderBytes, ReadHeaderTimeout: l.readHeader,
			ReadTimeout: readTimeout, WriteTimeout: l.write, IdleTimeout: idleTimeout,
			ErrorLog: logger.StandardLogger(&hclog.StandardLoggerOptions{ForceLevel: hclog.Debug}),
		}
	}
	f := &front{server(), server(), newDoor(l.connections)}
	f.spare.SetKeepAlivesEnabled(false)
	f.spare.BaseContext = func(net.Listener) context.Context { return httpapi.Spare(context.Background()) }
	return f
}

// serve answers until shutdown, and returns why it ended: http.ErrServerClosed
// after shutdown. It closes l.
func (f *front) serve(l net.Listener) error {
	f.door.Listener = l
	ended := make(chan error, 1)
	go func() { ended <- f.spare.Serve(spareDoor{f.door}) }()
	err := f.usual.Serve(f.door)
	f.door.shut()
	return errors.Join(err, ignoreClosed(<-ended))
}

func ignoreClosed(err error) error {
	if errors.Is(err, net.ErrClosed) || errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// shutdown lets calls under way finish, until ctx ends.
func (f *front) shutdown(ctx context.Context) error {
	f.usual.SetKeepAlivesEnabled(false)
	return errors.Join(f.usual.Shutdown(ctx), f.spare.Shutdown(ctx))
}

// close ends everything at once.
func (f *front) close() error { return errors.Join(f.usual.Close(), f.spare.Close()) }

// A door lets connections in: as many as there are places, then as many spare
// ones; the rest is closed at once. Its Accept returns the first sort.
type door struct {
	net.Listener
	places, spares chan struct{}
	spare          chan net.Conn // never full: it has room for all spares
	closed         chan struct{}
	once           sync.Once
}

func newDoor(connections int) *door {
	spares := max(connections/4, 16)
	return &door{
		places: make(chan struct{}, connections), spares: make(chan struct{}, spares),
		spare: make(chan net.Conn, spares), closed: make(chan struct{}),
	}
}

// Accept implements net.Listener.
func (d *door) Accept() (net.Conn, error) {
	for {
		conn, err := d.Listener.Accept()
		if err != nil {
			return nil, err
		}
		select {
		case d.places <- struct{}{}:
			return &guest{Conn: conn, places: d.places}, nil
		default:
		}
		select {
		case d.spares <- struct{}{}:
			d.spare <- &guest{Conn: conn, places: d.spares}
		default:
			_ = conn.Close() // a flood; nothing more can be said
		}
	}
}

// shut ends the spare door; nobody comes in any more.
func (d *door) shut() { d.once.Do(func() { close(d.closed) }) }

// A spareDoor is the door as the second server sees it.
type spareDoor struct{ *door }

// Accept implements net.Listener.
func (d spareDoor) Accept() (net.Conn, error) {
	select {
	case conn := <-d.spare:
		return conn, nil
	case <-d.closed:
		return nil, net.ErrClosed
	}
}

// Close implements net.Listener.
func (d spareDoor) Close() error {
	d.shut()
	return nil
}

// A guest is a connection that has a place.
type guest struct {
	net.Conn
	places chan struct{}
	once   sync.Once
}

// Close implements net.Conn.
func (g *guest) Close() error {
	err := g.Conn.Close()
	g.once.Do(func() { <-g.places })
	return err
}

// CloseWrite lets the server say that it is done before it stops to listen, so
// that a client that is still sending sees the answer.
func (g *guest) CloseWrite() error {
	if half, ok := g.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return nil
}
