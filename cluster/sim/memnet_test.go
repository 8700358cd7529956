package sim

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// pair is a connection from a to b.
func pair(t *testing.T, n *Net) (near, far net.Conn) {
	t.Helper()
	l, err := n.Listen("b")
	must(t, err)
	near, err = n.Dial(context.Background(), "a", "b")
	must(t, err)
	far, err = l.Accept()
	must(t, err)
	return near, far
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func send(t *testing.T, c net.Conn, text string) {
	t.Helper()
	_, err := c.Write([]byte(text))
	must(t, err)
}

// expect reads text within a virtual second.
func expect(t *testing.T, c net.Conn, text string) {
	t.Helper()
	must(t, c.SetReadDeadline(time.Now().Add(time.Second)))
	b := make([]byte, len(text))
	if _, err := io.ReadFull(c, b); err != nil || string(b) != text {
		t.Fatalf("read %q, %v, want %q", b, err, text)
	}
}

func expectError(t *testing.T, c net.Conn, want error) {
	t.Helper()
	must(t, c.SetReadDeadline(time.Now().Add(time.Second)))
	if n, err := c.Read(make([]byte, 1)); !errors.Is(err, want) {
		t.Fatalf("read %d bytes, %v, want %v", n, err, want)
	}
}

func TestConnCarriesBytesAndEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		near, far := pair(t, NewNet())
		send(t, near, "hello")
		expect(t, far, "hel")
		expect(t, far, "lo")
		send(t, far, "back")
		expect(t, near, "back")
		send(t, near, "last")
		must(t, near.Close())
		expect(t, far, "last")
		expectError(t, far, io.EOF)
		if _, err := far.Write([]byte("x")); !errors.Is(err, syscall.EPIPE) {
			t.Errorf("write to a closed peer: %v", err)
		}
		if _, err := near.Read(nil); !errors.Is(err, net.ErrClosed) {
			t.Errorf("read after close: %v", err)
		}
		if near.RemoteAddr().String() != "b" || far.RemoteAddr().String() != "a" {
			t.Error("addresses are wrong")
		}
	})
}

func TestDeadlinesEndWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		near, far := pair(t, NewNet())
		begin := time.Now()
		must(t, near.SetDeadline(begin.Add(time.Minute)))
		if _, err := near.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Fatalf("read: %v", err)
		}
		var timeout net.Error
		must(t, near.SetDeadline(time.Now().Add(time.Minute)))
		n, err := near.Write(make([]byte, 2*pipeBytes))
		if !errors.As(err, &timeout) || !timeout.Timeout() || n != pipeBytes {
			t.Fatalf("wrote %d: %v", n, err)
		}
		if took := time.Since(begin); took != 2*time.Minute {
			t.Fatalf("took %s", took)
		}
		// A waiting write goes on when there is room.
		must(t, near.SetDeadline(time.Time{}))
		done := make(chan error, 1)
		go func() { _, err := near.Write([]byte("x")); done <- err }()
		synctest.Wait()
		_, err = io.ReadFull(far, make([]byte, pipeBytes))
		must(t, err)
		must(t, <-done)
	})
}

func TestDelayTakesItsTimeAndKeepsOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := NewNet()
		n.Delay("a", "b", 100*time.Millisecond)
		begin := time.Now()
		near, far := pair(t, n)
		if took := time.Since(begin); took != 200*time.Millisecond {
			t.Fatalf("dialing took %s", took)
		}
		send(t, near, "1")
		n.Delay("a", "b", 0)
		send(t, near, "2")
		expect(t, far, "12")
		if took := time.Since(begin); took != 300*time.Millisecond {
			t.Fatalf("arrived after %s", took)
		}
	})
}

func TestCutLosesAndHealResets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := NewNet()
		near, far := pair(t, n)
		n.Cut("a", "b")
		send(t, near, "into the void")
		expectError(t, far, os.ErrDeadlineExceeded)
		n.Heal()
		expectError(t, far, syscall.ECONNRESET)
		if _, err := near.Write([]byte("x")); !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("write after lost bytes: %v", err)
		}
	})
}

func TestCutThatLostNothingIsNotNoticed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := NewNet()
		near, far := pair(t, n)
		n.Cut("a", "b")
		n.Heal()
		send(t, near, "x")
		expect(t, far, "x")
	})
}

func TestCutOneWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := NewNet()
		near, far := pair(t, n)
		n.CutOneWay("a", "b")
		send(t, near, "lost")
		expectError(t, far, os.ErrDeadlineExceeded)
		send(t, far, "heard")
		expect(t, near, "heard")
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		if _, err := n.Dial(ctx, "b", "a"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("no answer can come back, yet dialing says %v", err)
		}
	})
}

func TestCloseIsLostInACut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := NewNet()
		near, far := pair(t, n)
		n.Isolate("a")
		must(t, near.Close())
		expectError(t, far, os.ErrDeadlineExceeded)
		n.Heal()
		expectError(t, far, syscall.ECONNRESET)
	})
}

func TestDialWaitsForTheCutToHeal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := NewNet()
		_, err := n.Listen("b")
		must(t, err)
		n.Cut("a", "b")
		begin := time.Now()
		ctx, cancel := context.WithTimeout(context.Background(), time.Hour)
		defer cancel()
		short, cancelShort := context.WithTimeout(ctx, time.Second)
		defer cancelShort()
		if _, err := n.Dial(short, "a", "b"); !errors.Is(err, context.DeadlineExceeded) || time.Since(begin) != time.Second {
			t.Fatalf("%v after %s", err, time.Since(begin))
		}
		time.AfterFunc(time.Minute, n.Heal)
		_, err = n.Dial(ctx, "a", "b")
		must(t, err)
		if took := time.Since(begin); took != time.Minute+time.Second {
			t.Fatalf("took %s", took)
		}
	})
}

func TestCrashResetsAndRefuses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := NewNet()
		old := n.Host("b")
		l, err := old.Listen()
		must(t, err)
		if _, err := old.Listen(); !errors.Is(err, syscall.EADDRINUSE) {
			t.Errorf("a second listener: %v", err)
		}
		near, err := n.Dial(context.Background(), "a", "b")
		must(t, err)
		far, err := l.Accept()
		must(t, err)
		_, err = n.Dial(context.Background(), "a", "b")
		must(t, err)
		again := n.Host("b")
		expectError(t, near, syscall.ECONNRESET)
		expectError(t, far, syscall.ECONNRESET)
		if _, err := l.Accept(); !errors.Is(err, net.ErrClosed) {
			t.Errorf("accept on a dead host: %v", err)
		}
		if _, err := n.Dial(context.Background(), "a", "b"); !errors.Is(err, syscall.ECONNREFUSED) {
			t.Errorf("nobody listens yet: %v", err)
		}
		_, err = again.Listen()
		must(t, err)
		_, err = n.Dial(context.Background(), "a", "b")
		must(t, err)
		if _, err := old.Dial(context.Background(), "a"); !errors.Is(err, ErrHostCrashed) {
			t.Errorf("the dead dial: %v", err)
		}
		if _, err := old.Listen(); !errors.Is(err, ErrHostCrashed) {
			t.Errorf("the dead listen: %v", err)
		}
	})
}

func TestNetForgetsClosedConnections(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := NewNet()
		near, far := pair(t, n)
		must(t, near.Close())
		must(t, far.Close())
		if len(n.conns) != 0 {
			t.Errorf("%d connections are remembered", len(n.conns))
		}
		if err := near.Close(); !errors.Is(err, net.ErrClosed) {
			t.Errorf("closing twice: %v", err)
		}
	})
}

// TestNothingFollowsAHole: a write that found the cut, and lost its bytes only
// after Heal had looked, must not leave a stream with a gap in it.
func TestNothingFollowsAHole(t *testing.T) {
	p := newPipe()
	for _, cut := range []bool{true, false} {
		if n, err := p.write([]byte("x"), 0, cut); n != 1 || err != nil {
			t.Fatalf("wrote %d, %v", n, err)
		}
	}
	p.closeWrite(0, false)
	if len(p.parts) != 0 {
		t.Fatalf("%d parts follow a hole", len(p.parts))
	}
}
