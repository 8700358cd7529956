package wire

import (
	"context"
	"errors"
	"net"
	"syscall"
	"testing"
	"time"
)

// A lossGate is told of whom a port lost.
type lossGate struct {
	openGate
	told func(string)
}

func (g lossGate) Lost(id string) { g.told(id) }

// watchedPair is a server that tells of whom it lost, and a node that has called it
// over Raft, by the connection it did that with.
func watchedPair(t *testing.T, o Options) (lost <-chan string, client net.Conn) {
	t.Helper()
	stop := make(chan struct{})
	t.Cleanup(func() { close(stop) })
	told := make(chan string, 8)
	o.NodeID, o.Gate = "server", lossGate{told: func(id string) { told <- id }}
	server := listen(t, o)
	ts := transport(t, server)
	go answerVotes(ts, stop)
	dials := &countDials{}
	from := listen(t, Options{NodeID: "caller", TLS: o.TLS, Dial: dials.dial})
	if err := ask(transport(t, from), ts); err != nil {
		t.Fatal(err)
	}
	dials.mu.Lock()
	defer dials.mu.Unlock()
	return told, dials.conns[0]
}

func wantLost(t *testing.T, lost <-chan string) {
	t.Helper()
	select {
	case id := <-lost:
		if id != "caller" {
			t.Errorf("lost %q, want caller", id)
		}
	case <-time.After(testDeadline):
		t.Fatal("nobody was told of a connection that the other side ended")
	}
}

// TestPeerThatEndsIsTold: by an end of file, by a reset, and under TLS without the
// farewell that a process that is killed does not send.
func TestPeerThatEndsIsTold(t *testing.T) {
	t.Run("end of file", func(t *testing.T) {
		lost, conn := watchedPair(t, Options{})
		if err := conn.Close(); err != nil {
			t.Fatal(err)
		}
		wantLost(t, lost)
	})
	t.Run("reset", func(t *testing.T) {
		lost, conn := watchedPair(t, Options{})
		tcp, ok := conn.(*net.TCPConn)
		if !ok {
			t.Fatalf("%T is no TCP connection", conn)
		}
		if err := errors.Join(tcp.SetLinger(0), tcp.Close()); err != nil {
			t.Fatal(err)
		}
		wantLost(t, lost)
	})
	t.Run("TLS", func(t *testing.T) {
		lost, conn := watchedPair(t, Options{TLS: testTLS(t)})
		if err := conn.Close(); err != nil {
			t.Fatal(err)
		}
		wantLost(t, lost)
	})
}

// TestOwnCloseIsNotTold: neither when Raft closes a connection, nor when the port
// does underneath it.
func TestOwnCloseIsNotTold(t *testing.T) {
	for name, end := range map[string]func(outer, inner net.Conn) error{
		"Raft": func(outer, _ net.Conn) error { return outer.Close() },
		"port": func(_, inner net.Conn) error { return inner.Close() },
	} {
		t.Run(name, func(t *testing.T) {
			near, far := tcpPair(t)
			told := 0
			watched := &watchedConn{Conn: near, node: "caller", lost: func(string) { told++ }}
			read := make(chan error)
			go func() {
				_, err := watched.Read(make([]byte, 1))
				read <- err
			}()
			if err := end(watched, near); err != nil {
				t.Fatal(err)
			}
			if err := <-read; !errors.Is(err, net.ErrClosed) || told != 0 {
				t.Errorf("told %d times of a connection that we closed (%v)", told, err)
			}
			if err := far.Close(); err != nil {
				t.Fatal(err)
			}
		})
	}
}

func tcpPair(t *testing.T) (near, far net.Conn) {
	t.Helper()
	socket, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	far, err = net.Dial("tcp", socket.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	near, err = socket.Accept()
	if err = errors.Join(err, socket.Close()); err != nil {
		t.Fatal(err)
	}
	return near, far
}

// TestProbe: only nobody at all refuses.
func TestProbe(t *testing.T) {
	ours, theirs := Options{}, listen(t, Options{NodeID: "b", MaxConnections: 1})
	address := theirs.Addr().String()
	for range 3 { // a full port is no dead one
		if err := ours.Probe(within(t), address); err != nil {
			t.Fatal(err)
		}
	}
	if err := theirs.Close(); err != nil {
		t.Fatal(err)
	}
	if err := ours.Probe(within(t), address); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("want a refusal, got %v", err)
	}
	ctx, cancel := context.WithCancel(within(t))
	cancel()
	if err := ours.Probe(ctx, address); err == nil || errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("who gave up was refused: %v", err)
	}
}
