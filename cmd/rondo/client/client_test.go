package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// A node is a scripted server that remembers what it was asked.
type node struct {
	*httptest.Server
	mu    sync.Mutex
	keys  []string
	paths []string
}

// newNode answers the i-th request (from 0) with answer.
func newNode(t *testing.T, answer func(i int, w http.ResponseWriter, r *http.Request)) *node {
	t.Helper()
	n := &node{}
	n.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n.mu.Lock()
		i := len(n.keys)
		n.keys = append(n.keys, r.Header.Get("Idempotency-Key"))
		n.paths = append(n.paths, r.Method+" "+r.URL.Path)
		n.mu.Unlock()
		answer(i, w, r)
	}))
	t.Cleanup(n.Close)
	return n
}

func (n *node) asked() []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return append([]string(nil), n.keys...)
}

func fine(_ int, w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Rondo-Index", "42")
	w.Header().Set("Rondo-Outcome", "committed")
	fmt.Fprint(w, `{"id":"x"}`)
}

func says(status int, retryAfter string) func(int, http.ResponseWriter, *http.Request) {
	return func(_ int, w http.ResponseWriter, _ *http.Request) {
		if retryAfter != "" {
			w.Header().Set("Retry-After", retryAfter)
		}
		w.Header().Set("Content-Type", "application/problem+json")
		w.WriteHeader(status)
		fmt.Fprintf(w, `{"status":%d,"code":"not_ready","title":"Not ready","outcome":"unknown"}`, status)
	}
}

// hangUp takes the request and drops the connection: the answer is lost.
func hangUp(w http.ResponseWriter) {
	conn, _, err := w.(http.Hijacker).Hijack()
	if err == nil {
		conn.Close()
	}
}

func newClient(t *testing.T, servers ...string) *Client {
	t.Helper()
	c, err := New(Options{Servers: servers, Actor: "agent:mallory"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func deadline(t *testing.T, d time.Duration) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), d)
	t.Cleanup(cancel)
	return ctx
}

func TestAnswerAndHeaders(t *testing.T) {
	n := newNode(t, func(_ int, w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Rondo-Actor") != "agent:mallory" || r.Header.Get("Content-Type") != "application/json" {
			t.Errorf("headers %v", r.Header)
		}
		var body map[string]string
		if err := json.NewDecoder(r.Body).Decode(&body); err != nil || body["name"] != "Sales" {
			t.Errorf("body %v, %v", body, err)
		}
		w.Header().Set("Rondo-Index", "7")
		w.Header().Set("Idempotency-Replayed", "true")
		w.WriteHeader(201)
		fmt.Fprint(w, `{"id":"sales"}`)
	})
	var out struct{ ID string }
	meta, err := newClient(t, n.URL).Do(deadline(t, 5*time.Second), "PUT", "/v1/teams/sales", map[string]string{"name": "Sales"}, &out)
	if err != nil || out.ID != "sales" {
		t.Fatalf("%+v, %v", out, err)
	}
	if meta.Status != 201 || meta.Index != 7 || !meta.Replayed || meta.Attempts != 1 || meta.Server != n.URL || meta.Key == "" {
		t.Errorf("meta %+v", meta)
	}
	var raw []byte
	if _, err := newClient(t, newNode(t, fine).URL).Do(deadline(t, 5*time.Second), "GET", "/metrics", nil, &raw); err != nil || string(raw) != `{"id":"x"}` {
		t.Errorf("raw %q, %v", raw, err)
	}
}

// TestLostAnswerIsRetriedWithTheSameKey is the heart of it: the first node does
// the work and dies, the second is told the same.
func TestLostAnswerIsRetriedWithTheSameKey(t *testing.T) {
	first := newNode(t, func(_ int, w http.ResponseWriter, _ *http.Request) { hangUp(w) })
	second := newNode(t, func(i int, w http.ResponseWriter, r *http.Request) {
		if i == 0 {
			says(503, "")(i, w, r)
			return
		}
		fine(i, w, r)
	})
	c := newClient(t, first.URL, second.URL)
	meta, err := c.Do(deadline(t, 10*time.Second), "POST", "/v1/conversations", struct{}{}, nil)
	if err != nil || meta.Server != second.URL || meta.Attempts < 4 {
		t.Fatalf("%+v, %v", meta, err)
	}
	for _, key := range append(first.asked(), second.asked()...) {
		if key == "" || key != meta.Key {
			t.Errorf("key %q, want %q", key, meta.Key)
		}
	}

	again, err := c.Do(deadline(t, 5*time.Second), "POST", "/v1/conversations", struct{}{}, nil)
	if err != nil || again.Attempts != 1 || again.Server != second.URL {
		t.Errorf("the client did not stay with the node that answers: %+v, %v", again, err)
	}
	if again.Key == meta.Key {
		t.Error("two calls share a key")
	}
}

func TestKeysAreForChangesOnly(t *testing.T) {
	n := newNode(t, fine)
	c := newClient(t, n.URL)
	for _, call := range []struct{ method, path, want string }{
		{"GET", "/v1/agents", ""},
		{"POST", "/v1/inboxes/sms/messages", ""},
		{"POST", "/v1/conversations/c1/messages", ""},
		{"POST", "/v1/conversations", "mine"},
	} {
		if _, err := c.Do(deadline(t, 5*time.Second), call.method, call.path, nil, nil, Key("mine")); err != nil {
			t.Fatal(err)
		}
		if keys := n.asked(); keys[len(keys)-1] != call.want {
			t.Errorf("%s %s carried key %q, want %q", call.method, call.path, keys[len(keys)-1], call.want)
		}
	}
}

func TestUnreachableNodeIsLeft(t *testing.T) {
	dead := newNode(t, fine)
	dead.Close()
	n := newNode(t, fine)
	meta, err := newClient(t, dead.URL, n.URL).Do(deadline(t, 5*time.Second), "GET", "/v1/agents", nil, nil)
	if err != nil || meta.Server != n.URL || meta.Attempts != 2 || meta.Index != 42 {
		t.Errorf("%+v, %v", meta, err)
	}
}

func TestProblemIsFinal(t *testing.T) {
	n := newNode(t, func(_ int, w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(422)
		fmt.Fprint(w, `{"type":"/errors/bad","status":422,"code":"no_such_agent","title":"Impossible","detail":"Fix it.",
			"errors":[{"pointer":"/members/2/agent","code":"missing","detail":"there is no agent bob"}],"differs":["inbox"]}`)
	})
	meta, err := newClient(t, n.URL, "127.0.0.1:1").Do(deadline(t, 5*time.Second), "PUT", "/v1/teams/x", nil, nil)
	var problem *Problem
	if !errors.As(err, &problem) || problem.Code != "no_such_agent" || problem.Status != 422 || meta.Attempts != 1 || meta.Status != 422 {
		t.Fatalf("%+v, %v", meta, err)
	}
	want := "Impossible: Fix it. (no_such_agent, status 422)\n  /members/2/agent: there is no agent bob"
	if err.Error() != want {
		t.Errorf("%q, want %q", err.Error(), want)
	}
	if !strings.Contains(string(problem.Body), "differs") {
		t.Errorf("body %s", problem.Body)
	}
}

func TestAnswerOfSomebodyElse(t *testing.T) {
	html := newNode(t, func(_ int, w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(404)
		fmt.Fprint(w, "<html>\n<h1>404  page</h1>")
	})
	_, err := newClient(t, html.URL).Do(deadline(t, 5*time.Second), "GET", "/v1/agents", nil, nil)
	if err == nil || err.Error() != "Not Found: <html> <h1>404 page</h1> (http_404, status 404)" {
		t.Errorf("%v", err)
	}
	moved := newNode(t, func(_ int, w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/login", 302) })
	if _, err := newClient(t, moved.URL).Do(deadline(t, 5*time.Second), "GET", "/v1/agents", nil, nil); err == nil {
		t.Error("a redirect passed for an answer")
	}
	text := newNode(t, func(_ int, w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "hello") })
	var out struct{}
	if _, err := newClient(t, text.URL).Do(deadline(t, 5*time.Second), "GET", "/v1/agents", nil, &out); err == nil || !strings.Contains(err.Error(), "is it a Rondo node") {
		t.Errorf("%v", err)
	}
}

func TestRetryAfterRestsOneNode(t *testing.T) {
	busy := newNode(t, says(503, "30"))
	n := newNode(t, func(i int, w http.ResponseWriter, r *http.Request) {
		if i < 3 {
			says(502, "")(i, w, r)
			return
		}
		fine(i, w, r)
	})
	if _, err := newClient(t, busy.URL, n.URL).Do(deadline(t, 5*time.Second), "GET", "/v1/agents", nil, nil); err != nil {
		t.Fatal(err)
	}
	if asked := len(busy.asked()); asked != 1 {
		t.Errorf("the busy node was asked %d times before its 30 s were over", asked)
	}
}

func TestRetryAfterBeyondTheDeadlineEndsAtOnce(t *testing.T) {
	n := newNode(t, says(429, "30"))
	start := time.Now()
	meta, err := newClient(t, n.URL, "127.0.0.1:1").Do(deadline(t, 20*time.Second), "POST", "/v1/conversations", nil, nil)
	var problem *Problem
	var unanswered *UnansweredError
	if !errors.As(err, &problem) || !errors.As(err, &unanswered) || !errors.Is(err, context.DeadlineExceeded) || meta.Attempts != 1 {
		t.Fatalf("%+v, %v", meta, err)
	}
	if !strings.Contains(err.Error(), meta.Key) {
		t.Errorf("the error does not name the key: %v", err)
	}
	if time.Since(start) > 10*time.Second {
		t.Error("waited for nothing")
	}
}

func TestRetryAfterIsObeyed(t *testing.T) {
	n := newNode(t, func(i int, w http.ResponseWriter, r *http.Request) {
		if i == 0 {
			says(503, "1")(i, w, r)
			return
		}
		fine(i, w, r)
	})
	start := time.Now()
	if _, err := newClient(t, n.URL).Do(deadline(t, 20*time.Second), "GET", "/v1/agents", nil, nil); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(start); took < time.Second {
		t.Errorf("asked again after %v, the server wanted 1 s", took)
	}
}

func TestDoOnStaysAndOnceAsksOnce(t *testing.T) {
	sick, n := newNode(t, says(503, "")), newNode(t, fine)
	c := newClient(t, n.URL, sick.URL)
	meta, err := c.DoOn(deadline(t, 5*time.Second), 1, "GET", "/readyz", nil, nil, Once())
	var problem *Problem
	if !errors.As(err, &problem) || meta.Status != 503 || len(sick.asked()) != 1 {
		t.Errorf("%+v, %v", meta, err)
	}
	if _, err := c.DoOn(deadline(t, 150*time.Millisecond), 1, "GET", "/v1/agents", nil, nil); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v", err)
	}
	if len(sick.asked()) < 3 || len(n.asked()) != 0 {
		t.Errorf("asked %d and %d times", len(sick.asked()), len(n.asked()))
	}
	if _, err := c.DoOn(t.Context(), 2, "GET", "/v1/agents", nil, nil); err == nil {
		t.Error("a third server of two")
	}
	if meta, _ := c.StartAt(3).Do(deadline(t, 5*time.Second), "GET", "/v1/agents", nil, nil); meta.Attempts != 2 || meta.Server != n.URL {
		t.Errorf("StartAt(3) of 2: %+v", meta)
	}
	dead := newNode(t, fine)
	dead.Close()
	var unanswered *UnansweredError
	if _, err := newClient(t, dead.URL).Do(t.Context(), "GET", "/livez", nil, nil, Once()); !errors.As(err, &unanswered) {
		t.Errorf("%v", err)
	}
}

func TestCancelEndsTheWait(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	n := newNode(t, func(i int, w http.ResponseWriter, r *http.Request) {
		if i == 2 {
			cancel()
		}
		says(503, "")(i, w, r)
	})
	_, err := newClient(t, n.URL).Do(ctx, "PUT", "/v1/agents/x", nil, nil)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

func TestRetryAfterForms(t *testing.T) {
	now := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	for header, want := range map[string]time.Duration{
		"": 0, "3": 3 * time.Second, "soon": 0, "-1": 0, "99999": retryAfterMax,
		now.Add(4 * time.Second).Format(http.TimeFormat):  4 * time.Second,
		now.Add(-4 * time.Second).Format(http.TimeFormat): 0,
	} {
		if got := retryAfter(header, now); got != want {
			t.Errorf("%q: %v, want %v", header, got, want)
		}
	}
}

func TestBadCallsAreRefusedBeforeTheyAreSent(t *testing.T) {
	n := newNode(t, fine)
	c := newClient(t, n.URL)
	for name, err := range map[string]error{
		"path":     second(c.Do(t.Context(), "GET", "v1", nil, nil)),
		"method":   second(c.Do(t.Context(), "GE T", "/v1", nil, nil)),
		"long key": second(c.Do(t.Context(), "POST", "/v1", nil, nil, Key(strings.Repeat("k", 129)))),
		"bad key":  second(c.Do(t.Context(), "POST", "/v1", nil, nil, Key("a\nb"))),
		"body":     second(c.Do(t.Context(), "POST", "/v1", make(chan int), nil)),
	} {
		if err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if len(n.asked()) != 0 {
		t.Errorf("sent %v", n.paths)
	}
	for _, servers := range [][]string{nil, {"ftp://x"}, {"http://"}, {"http://a/path"}, make([]string, ServersMax+1)} {
		if _, err := New(Options{Servers: servers}); err == nil {
			t.Errorf("servers %v were taken", servers)
		}
	}
	if _, err := New(Options{Servers: []string{"a"}, Actor: "agent:\n"}); err == nil {
		t.Error("a line break in the actor")
	}
	if c, err := New(Options{Servers: []string{"127.0.0.1:4600/", "http://127.0.0.1:4600"}}); err != nil || len(c.Servers()) != 1 {
		t.Errorf("%v, %v", c, err)
	}
}

func second(_ *Meta, err error) error { return err }
