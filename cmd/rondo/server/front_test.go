package server

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/rondohq/rondo/httpapi"
)

// ample is more than anything here takes on a busy machine.
const ample = 60 * time.Second

// openFront serves a handler until the test ends, and returns its address.
func openFront(t *testing.T, h http.HandlerFunc, l limits) (address string, f *front) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	f = newFront(h, hclog.NewNullLogger(), l)
	ended := make(chan error, 1)
	go func() { ended <- f.serve(listener) }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), ample)
		defer cancel()
		if err := f.shutdown(ctx); err != nil {
			t.Errorf("shutdown: %v", err)
		}
		if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
			t.Errorf("serve ended with %v", err)
		}
	})
	return listener.Addr().String(), f
}

func dial(t *testing.T, address string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(ample))
	return conn
}

// ask makes a request on a connection and returns what the handler wrote; false if
// the connection was closed without a word.
func ask(conn net.Conn) (body string, closes, answered bool) {
	if _, err := io.WriteString(conn, "GET / HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
		return "", true, false
	}
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		return "", true, false
	}
	defer response.Body.Close()
	data, err := io.ReadAll(response.Body)
	return string(data), response.Close, err == nil
}

func tellSpare(w http.ResponseWriter, r *http.Request) {
	if httpapi.IsSpare(r.Context()) {
		_, _ = io.WriteString(w, "spare")
		return
	}
	_, _ = io.WriteString(w, "usual")
}

// TestDoor: as many connections as there may be stay open; some more are answered
// once each, beyond that there is nothing; and places come back.
func TestDoor(t *testing.T) {
	address, f := openFront(t, tellSpare, limits{connections: 4, readHeader: ample, write: ample})
	var usual []net.Conn
	for range 4 {
		usual = append(usual, dial(t, address))
	}
	for _, conn := range usual {
		if body, closes, _ := ask(conn); body != "usual" || closes {
			t.Errorf("within the limit: %q, closes %v", body, closes)
		}
	}
	for spare := 0; spare < 40; { // more than there are spare places: each is given back
		conn := dial(t, address)
		body, closes, answered := ask(conn)
		if !answered {
			continue // not yet given back
		}
		if spare++; body != "spare" || !closes {
			t.Fatalf("beyond the limit: %q, closes %v", body, closes)
		}
		if n, err := conn.Read(make([]byte, 1)); n > 0 || err != io.EOF {
			t.Fatalf("the connection goes on: %d %v", n, err)
		}
	}
	for began := time.Now(); len(f.door.spares) > 0; runtime.Gosched() {
		if time.Since(began) > ample {
			t.Fatal("spare places do not come back")
		}
	}
	var silent []net.Conn
	for range cap(f.door.spares) {
		silent = append(silent, dial(t, address))
	}
	late := dial(t, address)
	if n, err := late.Read(make([]byte, 1)); n > 0 || err == nil || strings.Contains(err.Error(), "timeout") {
		t.Errorf("one more is not closed: %d %v", n, err)
	}
	for _, conn := range append(silent, usual[0]) {
		_ = conn.Close()
	}
	for began := time.Now(); ; { // the server learns of it in its own time
		if body, _, _ := ask(dial(t, address)); body == "usual" {
			break
		}
		if time.Since(began) > ample {
			t.Fatal("no place comes back")
		}
	}
}

// TestSlowClients: who is too slow to ask, or to read, is cut off.
func TestSlowClients(t *testing.T) {
	const most = 300 * time.Millisecond
	written := make(chan error, 1)
	address, _ := openFront(t, func(w http.ResponseWriter, _ *http.Request) {
		var err error
		for chunk := make([]byte, 1<<20); err == nil; {
			_, err = w.Write(chunk)
		}
		written <- err
	}, limits{connections: 4, readHeader: most, write: most})

	asks := dial(t, address)
	if _, err := io.WriteString(asks, "GET / HT"); err != nil {
		t.Fatal(err)
	}
	if rest, err := io.ReadAll(asks); err != nil && strings.Contains(err.Error(), "timeout") {
		t.Errorf("who never asked is still there: %q %v", rest, err)
	}
	reads := dial(t, address)
	if _, err := io.WriteString(reads, "GET / HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-written:
		if err == nil {
			t.Error("an endless answer was written to a client that does not read")
		}
	case <-time.After(ample):
		t.Error("a client that does not read holds the server")
	}
}
