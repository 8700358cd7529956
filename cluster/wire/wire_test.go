package wire

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"
)

const testDeadline = 20 * time.Second

// lines is a log that can be waited for.
type lines struct {
	mu  sync.Mutex
	buf bytes.Buffer
	ch  chan struct{}
}

func newLines() *lines { return &lines{ch: make(chan struct{}, 1)} }

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	select {
	case l.ch <- struct{}{}:
	default:
	}
	return l.buf.Write(p)
}

func (l *lines) wait(t *testing.T, part string) {
	t.Helper()
	deadline := time.After(testDeadline)
	for {
		l.mu.Lock()
		found := strings.Contains(l.buf.String(), part)
		l.mu.Unlock()
		if found {
			return
		}
		select {
		case <-l.ch:
		case <-deadline:
			t.Fatalf("no log line with %q in:\n%s", part, l.buf.String())
		}
	}
}

func (l *lines) logger() hclog.Logger { return hclog.New(&hclog.LoggerOptions{Output: l}) }

func cluster(id string) func() string { return func() string { return id } }

func listen(t *testing.T, o Options) *Listener {
	t.Helper()
	if o.NodeID == "" {
		o.NodeID = "server"
	}
	l, err := Listen("127.0.0.1:0", o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	return l
}

func pool(t *testing.T, o Options) *Pool {
	t.Helper()
	if o.NodeID == "" {
		o.NodeID = "client"
	}
	p, err := NewPool(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	return p
}

func within(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), testDeadline)
	t.Cleanup(cancel)
	return ctx
}

func echo(_ context.Context, from string, f Frame) Frame {
	f.Payload = append([]byte(from+":"), f.Payload...)
	return f
}

// countDials also keeps the connections, so that a test can break them.
type countDials struct {
	mu    sync.Mutex
	conns []net.Conn
	wrap  func(net.Conn) net.Conn
}

func (c *countDials) dial(ctx context.Context, address string) (net.Conn, error) {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	if c.wrap != nil {
		conn = c.wrap(conn)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.conns = append(c.conns, conn)
	return conn, nil
}

func (c *countDials) all() []net.Conn {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]net.Conn(nil), c.conns...)
}

// TestCallsShareOneConnection: many calls in flight, answered in the reverse
// of the order they came in, each to its caller, over one connection.
func TestCallsShareOneConnection(t *testing.T) {
	const n = 500
	l := listen(t, Options{})
	var all sync.WaitGroup
	all.Add(n)
	turn := make([]chan struct{}, n+1)
	for i := range turn {
		turn[i] = make(chan struct{})
	}
	close(turn[n])
	var arrived atomic.Int64
	l.Handle(func(_ context.Context, from string, f Frame) Frame {
		i := arrived.Add(1)
		all.Done()
		all.Wait()
		<-turn[i]
		close(turn[i-1])
		return echo(nil, from, f)
	})
	dials := &countDials{}
	p := pool(t, Options{Dial: dials.dial})
	ctx := within(t)
	var calls sync.WaitGroup
	for i := range n {
		calls.Go(func() {
			want := fmt.Sprintf("client:%d", i)
			got, err := p.Call(ctx, l.Addr().String(), Frame{Kind: Propose, Group: 7, Hops: 1, Payload: fmt.Append(nil, i)})
			if err != nil || string(got.Payload) != want || got.Kind != Propose || got.Group != 7 || got.Hops != 1 {
				t.Errorf("want %s, got %+v, %v", want, got, err)
			}
		})
	}
	calls.Wait()
	if got := len(dials.all()); got != 1 {
		t.Errorf("%d connections", got)
	}
}

func TestCallCarriesItsDeadline(t *testing.T) {
	l := listen(t, Options{})
	left := make(chan time.Duration, 1)
	l.Handle(func(ctx context.Context, _ string, f Frame) Frame {
		deadline, _ := ctx.Deadline()
		left <- time.Until(deadline)
		<-ctx.Done()
		return Frame{ErrorCode: "late"}
	})
	p := pool(t, Options{})
	ctx, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)
	defer cancel()
	// Who is faster at the deadline is anybody's guess.
	answer, err := p.Call(ctx, l.Addr().String(), Frame{Kind: Fence})
	if !errors.Is(err, ErrLost) && answer.ErrorCode != "late" {
		t.Errorf("answer %+v, error %v", answer, err)
	}
	if got := <-left; got > 300*time.Millisecond || got < 0 {
		t.Errorf("the handler had %s", got)
	}
}

func TestCallAnsweredBeforeHandle(t *testing.T) {
	l := listen(t, Options{})
	answer, err := pool(t, Options{}).Call(within(t), l.Addr().String(), Frame{Kind: Stats})
	if err != nil || answer.ErrorCode != CodeNotReady {
		t.Fatalf("%+v, %v", answer, err)
	}
}

func TestCallReconnects(t *testing.T) {
	l := listen(t, Options{})
	l.Handle(echo)
	dials := &countDials{}
	p := pool(t, Options{Dial: dials.dial})
	ctx := within(t)
	for i := range 3 {
		for {
			_, err := p.Call(ctx, l.Addr().String(), Frame{Kind: Stats})
			if err == nil {
				break
			}
			// The break may be noticed by a call; then it says so.
			if !errors.Is(err, ErrLost) && !errors.Is(err, ErrNotSent) {
				t.Fatal(err)
			}
		}
		conns := dials.all()
		if len(conns) < i+1 {
			t.Fatalf("%d connections after %d breaks", len(conns), i)
		}
		conns[len(conns)-1].Close()
	}
}

func TestAnswerTooLargeIsAnAnswer(t *testing.T) {
	l := listen(t, Options{})
	l.Handle(func(context.Context, string, Frame) Frame { return Frame{Payload: make([]byte, MaxFrameBytes)} })
	answer, err := pool(t, Options{}).Call(within(t), l.Addr().String(), Frame{Kind: Stats})
	if err != nil || answer.ErrorCode != CodeTooLarge {
		t.Fatalf("%+v, %v", answer.ErrorCode, err)
	}
}

func TestOtherClusterIsRefusedOnBothSides(t *testing.T) {
	log := newLines()
	l := listen(t, Options{ClusterID: cluster("blue"), Logger: log.logger()})
	l.Handle(func(context.Context, string, Frame) Frame {
		t.Error("a frame of another cluster was handled")
		return Frame{}
	})
	_, err := pool(t, Options{ClusterID: cluster("red")}).Call(within(t), l.Addr().String(), Frame{Kind: Propose})
	if !errors.Is(err, ErrOtherCluster) || !errors.Is(err, ErrNotSent) {
		t.Fatalf("want ErrOtherCluster and ErrNotSent, got %v", err)
	}
	for _, id := range []string{"blue", "red"} {
		if !strings.Contains(err.Error(), id) {
			t.Errorf("%v does not name %s", err, id)
		}
		log.wait(t, id)
	}
	log.wait(t, ErrOtherCluster.Error())
	for _, ids := range [][2]string{{"", "red"}, {"red", ""}, {"", ""}, {"red", "red"}} {
		l := listen(t, Options{ClusterID: cluster(ids[0])})
		l.Handle(echo)
		if _, err := pool(t, Options{ClusterID: cluster(ids[1])}).Call(within(t), l.Addr().String(), Frame{Kind: Propose}); err != nil {
			t.Errorf("%q was refused: %v", ids, err)
		}
	}
}

func TestOtherVersionIsRefused(t *testing.T) {
	ours := hello{NodeID: "a", Versions: [2]uint64{2, 3}}
	for _, c := range []struct {
		theirs [2]uint64
		ok     bool
	}{{[2]uint64{1, 1}, false}, {[2]uint64{1, 2}, true}, {[2]uint64{3, 9}, true}, {[2]uint64{4, 9}, false}} {
		err := ours.check(hello{NodeID: "b", Versions: c.theirs}, "x")
		if (err == nil) != c.ok || err != nil && !errors.Is(err, ErrVersion) {
			t.Errorf("versions %v: %v", c.theirs, err)
		}
	}
}

func TestBadOpeningsAreClosedWithALogLine(t *testing.T) {
	good, err := encodeMessage(hello{NodeID: "x", Versions: [2]uint64{1, 1}}, maxHelloBytes)
	if err != nil {
		t.Fatal(err)
	}
	nobody, err := encodeMessage(hello{Versions: [2]uint64{1, 1}}, maxHelloBytes)
	if err != nil {
		t.Fatal(err)
	}
	frames := append([]byte("F"), good...)
	for name, c := range map[string]struct {
		send []byte
		want string
	}{
		"HTTP":            {[]byte("GET / HTTP/1.1\r\n\r\n"), "clients use the HTTP port"},
		"huge hello":      {[]byte{'F', 0xff, 0xff, 0xff, 0xff}, "too large"},
		"garbage hello":   {[]byte{'F', 0, 0, 0, 2, 0xff, 0xff}, "malformed"},
		"nameless":        {append([]byte("F"), nobody...), "malformed hello"},
		"silence":         {nil, "read first byte"},
		"half a hello":    {frames[:6], "read hello"},
		"huge frame":      {append(bytes.Clone(frames), 0xff, 0, 0, 0), "too large"},
		"garbage frame":   {append(bytes.Clone(frames), 0, 0, 0, 1, 0xff), "malformed"},
		"raft not here":   {append([]byte("R"), good...), "no Raft group 0"},
		"nested frame":    {append(bytes.Clone(frames), 0, 0, 0, 7, 0xa1, 6, 0x81, 0x81, 0x81, 0x81, 0x81), "malformed"},
		"duplicate field": {append(bytes.Clone(frames), 0, 0, 0, 5, 0xa2, 3, 1, 3, 1), "malformed"},
	} {
		t.Run(name, func(t *testing.T) {
			log := newLines()
			l := listen(t, Options{Logger: log.logger(), HelloTimeout: 200 * time.Millisecond})
			conn, err := net.Dial("tcp", l.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			if _, err := conn.Write(c.send); err != nil {
				t.Fatal(err)
			}
			if err := conn.SetReadDeadline(time.Now().Add(testDeadline)); err != nil {
				t.Fatal(err)
			}
			if _, err := io.Copy(io.Discard, conn); errors.Is(err, context.DeadlineExceeded) {
				t.Fatal("was not closed")
			}
			log.wait(t, c.want)
		})
	}
}

func TestConnectionsAreLimited(t *testing.T) {
	log := newLines()
	l := listen(t, Options{MaxConnections: 2, Logger: log.logger()})
	l.Handle(echo)
	ctx := within(t)
	first, second := pool(t, Options{}), pool(t, Options{})
	for _, p := range []*Pool{first, second} {
		if _, err := p.Call(ctx, l.Addr().String(), Frame{Kind: Stats}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := pool(t, Options{}).Call(ctx, l.Addr().String(), Frame{Kind: Stats}); !errors.Is(err, ErrNotSent) {
		t.Fatalf("a third connection: %v", err)
	}
	log.wait(t, "max_connections=2")
	// A place that becomes free is given away again.
	second.Close()
	third := pool(t, Options{})
	for {
		_, err := third.Call(ctx, l.Addr().String(), Frame{Kind: Stats})
		if err == nil {
			break
		}
		if ctx.Err() != nil {
			t.Fatal(err)
		}
	}
}

// TestHandlersAreLimited floods one connection past the pool, which would
// hold itself back.
func TestHandlersAreLimited(t *testing.T) {
	const sent = maxHandlers + 200
	l := listen(t, Options{})
	var running, most atomic.Int64
	var once sync.Once
	full, release := make(chan struct{}), make(chan struct{})
	l.Handle(func(context.Context, string, Frame) Frame {
		n := running.Add(1)
		defer running.Add(-1)
		for old := most.Load(); n > old && !most.CompareAndSwap(old, n); old = most.Load() {
		}
		if n == maxHandlers {
			once.Do(func() { close(full) })
		}
		<-release
		return Frame{}
	})
	o, err := Options{NodeID: "flood"}.withDefaults()
	if err != nil {
		t.Fatal(err)
	}
	conn, err := o.dial(within(t), l.Addr().String(), protoFrames, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	var raw []byte
	for i := range sent {
		b, err := encodeFrame(Frame{ID: uint64(i), Kind: Stats, DeadlineMS: 60_000})
		if err != nil {
			t.Fatal(err)
		}
		raw = append(raw, b...)
	}
	if _, err := conn.Write(raw); err != nil {
		t.Fatal(err)
	}
	<-full
	close(release)
	for answers := 0; answers < sent; {
		f, err := readFrame(conn)
		if err != nil {
			t.Fatal(err)
		}
		if f.Kind != kindSign {
			answers++
		}
	}
	if got := most.Load(); got != maxHandlers {
		t.Fatalf("%d handlers at once, want %d", got, maxHandlers)
	}
}
