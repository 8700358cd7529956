package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

// floodRequests come at once, each on a connection of its own: more than a node
// lets in, of connections and of calls.
const floodRequests = 5000

// During a flood every call is answered, operators' and probes' with 200, and what
// was refused has not happened; clients that retry get on.
func TestFlood(t *testing.T) {
	t.Parallel()
	takeSlot(t)
	s := alone(t, "n1")
	s.start(t)
	s.awaitReady(t)
	w := startWriter(t, []node{s.node}, "w.", writerPause)
	w.awaitMore(t, 5)

	flooding, dry := context.WithCancel(context.Background())
	defer dry()
	var operators sync.WaitGroup
	served := map[string]*int{"/livez": new(int), "/readyz": new(int), "/v1/cluster/nodes": new(int)}
	for path, count := range served {
		operators.Go(func() {
			for flooding.Err() == nil {
				if got, err := s.ask(path); err != nil || got.status != http.StatusOK {
					t.Errorf("%s within a flood: %d %s %v", path, got.status, got.raw, err)
					return
				}
				*count++
			}
		})
	}
	began := time.Now()
	answers := flood(t, s.node)
	w.awaitMore(t, 5)
	dry()
	operators.Wait()
	t.Logf("%v in %v; operators' calls meanwhile: %d, %d, %d", answers, time.Since(began).Round(time.Millisecond),
		*served["/livez"], *served["/readyz"], *served["/v1/cluster/nodes"])
	if answers[http.StatusCreated] == 0 {
		t.Error("no call of the flood was carried out")
	}
	w.finish(t)
	done := 0
	for _, id := range column(s.all(t, "/v1/conversations?inbox=w.inbox"), "id") {
		if strings.HasPrefix(id, "flood-") {
			done++
		}
	}
	if done != answers[http.StatusCreated] {
		t.Errorf("%d calls were answered with 201, and %d were carried out", answers[http.StatusCreated], done)
	}
	s.stop(t)
}

// flood returns how many calls were answered with which status.
func flood(t *testing.T, n node) map[int]int {
	client := &http.Client{Timeout: patience, Transport: &http.Transport{DisableKeepAlives: true}}
	var mu sync.Mutex
	answers := map[int]int{}
	together(floodRequests, func(i int) {
		request, err := http.NewRequest(http.MethodPost, n.url+"/v1/conversations",
			strings.NewReader(fmt.Sprintf(`{"id":"flood-%d","inbox":"w.inbox","contact":"w.contact"}`, i)))
		if err != nil {
			t.Error(err)
			return
		}
		request.Header.Set("Content-Type", "application/json")
		response, err := client.Do(request)
		if err != nil {
			t.Errorf("call %d has no answer: %v", i, err)
			return
		}
		defer response.Body.Close()
		body, err := io.ReadAll(response.Body)
		later := response.Header.Get("Retry-After") != "" && response.Header.Get("Rondo-Outcome") == "rejected"
		refused := response.StatusCode == http.StatusTooManyRequests || response.StatusCode == http.StatusServiceUnavailable
		if err != nil || refused && !later || !refused && response.StatusCode != http.StatusCreated {
			t.Errorf("call %d: %d %v %s %v", i, response.StatusCode, response.Header, body, err)
		}
		mu.Lock()
		answers[response.StatusCode]++
		mu.Unlock()
	})
	return answers
}

// connect opens a connection for a client that does not behave.
func (n node) connect(t *testing.T) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(n.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(patience))
	return conn
}

const (
	idleConnections = 3000
	slowConnections = 1200 // more than there are places for calls
	slowReaders     = 100
	slowAnswers     = 40 // pipelined; more than the kernel keeps for a reader
)

var inFlight = regexp.MustCompile(`(?m)^rondo_http_requests_in_flight (\d+)`)

// Clients that do nothing, that send or read slowly, by the hundred, take no place
// from others, and are cut off after a while.
func TestSlowClients(t *testing.T) {
	t.Parallel()
	takeSlot(t)
	s := alone(t, "n1")
	s.start(t, "--http-max-connections=6000")
	s.awaitReady(t)
	w := startWriter(t, []node{s.node}, "w.", writerPause)

	for range idleConnections {
		s.connect(t)
	}
	w.awaitMore(t, 20)
	var heads, bodies []net.Conn
	for range slowConnections {
		heads, bodies = append(heads, s.connect(t)), append(bodies, s.connect(t))
	}
	for i, conn := range heads {
		dribble(t, conn, "GET /v1/agents HT")
		dribble(t, bodies[i], "POST /v1/conversations HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 60\r\n\r\n{")
	}
	for i := range slowReaders {
		conn := s.connect(t)
		_ = conn.(*net.TCPConn).SetReadBuffer(4096)
		dribble(t, conn, strings.Repeat("GET "+[]string{"/metrics", "/v1/decisions?limit=200"}[i%2]+" HTTP/1.1\r\nHost: x\r\n\r\n", slowAnswers))
	}
	w.awaitMore(t, 20)
	// None of them holds a place; the writer's own calls come and go.
	eventually(t, "no place is held", func() error {
		found := inFlight.FindStringSubmatch(string(s.get(t, "/metrics").raw))
		if found == nil || len(found[1]) > 1 {
			return fmt.Errorf("in flight: %q", found)
		}
		return nil
	})
	for i, conn := range heads {
		got, err := io.ReadAll(conn)
		if timeout, ok := err.(net.Error); ok && timeout.Timeout() {
			t.Fatalf("slow header %d is still let: %q", i, got)
		}
	}
	for i, conn := range bodies {
		if got, err := io.ReadAll(conn); !strings.HasPrefix(string(got), "HTTP/1.1 408 ") || !strings.Contains(string(got), "Rondo-Outcome: rejected") {
			t.Fatalf("slow body %d: %q %v", i, got, err)
		}
	}
	w.awaitMore(t, 20)
	w.wantKept(t, []node{s.node}, w.finish(t), false)
	s.running.signal(t, 9) // the slow readers would hold its end up
	s.gone(t, -1)
}

// dribble sends a part of what a client should have sent.
func dribble(t *testing.T, conn net.Conn, part string) {
	t.Helper()
	if _, err := io.WriteString(conn, part); err != nil {
		t.Fatal(err)
	}
}
