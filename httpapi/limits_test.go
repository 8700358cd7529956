package httpapi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/rondohq/rondo/fsm"
)

type reply struct {
	status int
	header http.Header
	body   string
}

func (r reply) code(t *testing.T) string {
	t.Helper()
	var p struct{ Code string }
	if err := json.Unmarshal([]byte(r.body), &p); err != nil {
		t.Fatalf("%v in %q", err, r.body)
	}
	return p.Code
}

func do(h http.Handler, method, path, body string, headers ...string) reply {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return reply{w.Code, w.Result().Header, w.Body.String()} //nolint:bodyclose // a recorder's body needs no closing
}

func TestBodyLimit(t *testing.T) {
	h := newHandler(t, newMachine(t))
	pad := func(n int) string {
		const body = `{"name":"A"}`
		return body + strings.Repeat(" ", n-len(body))
	}
	if r := do(h, "PUT", "/v1/agents/a", pad(128<<10)); r.status != 201 {
		t.Errorf("128 KiB: %d %s", r.status, r.body)
	}
	r := do(h, "PUT", "/v1/agents/a", pad(128<<10+1))
	if r.status != 413 || r.code(t) != "body_too_large" || r.header.Get("Connection") != "close" || r.header.Get("Rondo-Outcome") != outcomeRejected {
		t.Errorf("one more: %d %s", r.status, r.body)
	}
	chunked := httptest.NewRequest("PUT", "/v1/agents/a", io.MultiReader(strings.NewReader(pad(128<<10+1))))
	chunked.ContentLength = -1
	w := httptest.NewRecorder()
	if h.ServeHTTP(w, chunked); w.Code != 413 || w.Header().Get("Connection") != "close" {
		t.Errorf("of unknown length: %d %v %s", w.Code, w.Header(), w.Body)
	}
}

// TestTrickle: a body that never ends does not hold its place for ever.
func TestTrickle(t *testing.T) {
	h, err := New(Options{Cluster: newMachine(t), Timeout: 50 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(h)
	defer server.Close()
	conn, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(10 * time.Second))
	_, _ = fmt.Fprintf(conn, "PUT /v1/agents/a HTTP/1.1\r\nHost: x\r\nContent-Length: 20\r\n\r\n{\"name\"")
	answer := make([]byte, 100)
	n, err := io.ReadAtLeast(conn, answer, 12)
	if err != nil || !strings.HasPrefix(string(answer[:n]), "HTTP/1.1 408") {
		t.Errorf("%q %v", answer[:n], err)
	}
}

func TestTooManyInFlight(t *testing.T) {
	m := newMachine(t)
	m.hold, m.waiting = make(chan struct{}), make(chan struct{}, 1)
	h, err := New(Options{Cluster: m, MaxInFlight: 1})
	if err != nil {
		t.Fatal(err)
	}
	first := make(chan reply)
	go func() { first <- do(h, "PUT", "/v1/agents/a", `{"name":"A"}`) }()
	<-m.waiting
	r := do(h, "PUT", "/v1/agents/b", `{"name":"B"}`)
	if r.status != 429 || r.header.Get("Retry-After") != "1" || r.code(t) != "too_busy" || r.header.Get("Rondo-Outcome") != outcomeRejected {
		t.Errorf("%d %v %s", r.status, r.header, r.body)
	}
	if r := do(h, "GET", "/livez", ""); r.status != 200 {
		t.Errorf("livez: %d", r.status)
	}
	close(m.hold)
	if r := <-first; r.status != 201 {
		t.Errorf("the first: %d", r.status)
	}
	m.hold = nil
	if r := do(h, "PUT", "/v1/agents/b", `{"name":"B"}`); r.status != 201 {
		t.Errorf("afterwards: %d %s", r.status, r.body)
	}
}

// TestDeadline: a cluster that does not answer costs a request its time and no
// more.
func TestDeadline(t *testing.T) {
	m := newMachine(t)
	m.hold, m.waiting = make(chan struct{}), make(chan struct{}, 1)
	h, err := New(Options{Cluster: m, Timeout: 20 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	r := do(h, "PUT", "/v1/agents/a", `{"name":"A"}`, "Idempotency-Key", "k")
	if r.status != 503 || r.code(t) != "deadline" || r.header.Get("Rondo-Outcome") != outcomeUnknown || !strings.Contains(r.body, `"key":"k"`) {
		t.Errorf("%d %v %s", r.status, r.header, r.body)
	}
}

// TestOwnFault: what this node gets wrong is logged and not told.
func TestOwnFault(t *testing.T) {
	m := newMachine(t)
	var log strings.Builder
	h, err := New(Options{Cluster: m, Logger: hclog.New(&hclog.LoggerOptions{Output: &log})})
	if err != nil {
		t.Fatal(err)
	}
	m.fail = errors.New("the disk is on fire")
	r := do(h, "PUT", "/v1/agents/a", `{"name":"A"}`)
	if r.status != 500 || r.code(t) != "internal" || r.header.Get("Rondo-Outcome") != outcomeUnknown || strings.Contains(r.body, "fire") {
		t.Errorf("%d %s", r.status, r.body)
	}
	if !strings.Contains(log.String(), "the disk is on fire") {
		t.Errorf("the log says %q", log.String())
	}
	log.Reset()
	m.fail = trouble{"no_leader", outcomeRejected, time.Second}
	if r := do(h, "GET", "/v1/agents", ""); r.status != 503 || log.Len() > 0 {
		t.Errorf("%d, and the log says %q", r.status, log.String())
	}
}

// panicking is a cluster with a mistake.
type panicking struct{ *machine }

func (panicking) Propose(context.Context, fsm.Item) (fsm.Outcome, uint64, error) { panic("a mistake") }

// TestPanic: a mistake of ours costs one request, and the log says where it is.
func TestPanic(t *testing.T) {
	var log strings.Builder
	h, err := New(Options{Cluster: panicking{newMachine(t)}, MaxInFlight: 1, Logger: hclog.New(&hclog.LoggerOptions{Output: &log})})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // the place in the lane comes back
		r := do(h, "PUT", "/v1/agents/a", `{"name":"A"}`, "Idempotency-Key", "k")
		if r.status != 500 || r.code(t) != "internal" || r.header.Get("Rondo-Outcome") != outcomeUnknown || !strings.Contains(r.body, `"key":"k"`) {
			t.Errorf("%d %s", r.status, r.body)
		}
	}
	if !strings.Contains(log.String(), "a mistake") || !strings.Contains(log.String(), "limits_test.go") {
		t.Errorf("the log says %q", log.String())
	}
	if r := do(h, "GET", "/v1/agents", ""); r.status != 200 {
		t.Errorf("afterwards: %d", r.status)
	}
}

func TestKeys(t *testing.T) {
	p := Principal{Name: "agent:a"}
	now := time.Now()
	read := func(values ...string) (fsm.Key, error) {
		r := httptest.NewRequest("POST", "/", nil)
		if values != nil {
			r.Header[keyHeader] = values
		}
		return keyOf(r, p, now)
	}
	minted, err := read()
	if err != nil || minted.Source != fsm.KeyMinted || minted.Scope != "" {
		t.Fatalf("%+v %v", minted, err)
	}
	if again, err := read(minted.Text); err != nil || again != minted {
		t.Errorf("%+v became %+v, %v", minted, again, err)
	}
	if other, _ := read(); other == minted {
		t.Error("two calls have one key")
	}
	if k, err := read(strings.Repeat("~", maxKeyBytes)); err != nil || k != (fsm.Key{Source: fsm.KeyClient, Scope: "agent:a", Text: strings.Repeat("~", maxKeyBytes)}) {
		t.Errorf("%+v %v", k, err)
	}
	for _, bad := range [][]string{{""}, {"a b"}, {"a\tb"}, {"ä"}, {"a\x7f"}, {strings.Repeat("a", maxKeyBytes+1)}, {"a", "b"}, {"minted-"}, {"minted-x"}} {
		if k, err := read(bad...); err == nil {
			t.Errorf("%q became %+v", bad, k)
		}
	}
	for _, age := range []time.Duration{maxMintedAge + 2*time.Second, -maxMintedAge - 2*time.Second} {
		r := httptest.NewRequest("POST", "/", nil)
		r.Header[keyHeader] = []string{minted.Text}
		if k, err := keyOf(r, p, now.Add(age)); err == nil {
			t.Errorf("after %v it is still %+v", age, k)
		}
	}
}

func TestOptions(t *testing.T) {
	if _, err := New(Options{}); err == nil {
		t.Error("without a cluster")
	}
	if _, err := New(Options{Cluster: newMachine(t), Timeout: time.Minute}); err == nil {
		t.Error("with a timeout that outlives minted keys")
	}
	registry := prometheus.NewRegistry()
	if _, err := New(Options{Cluster: newMachine(t), Registry: registry}); err != nil {
		t.Error(err)
	}
	if _, err := New(Options{Cluster: newMachine(t), Registry: registry}); err == nil {
		t.Error("the same registry twice")
	}
}

func TestMetrics(t *testing.T) {
	registry := prometheus.NewRegistry()
	h, err := New(Options{Cluster: newMachine(t), Registry: registry, MetricsHandler: promhttp.HandlerFor(registry, promhttp.HandlerOpts{})})
	if err != nil {
		t.Fatal(err)
	}
	do(h, "PUT", "/v1/agents/a", `{"name":"A"}`)
	do(h, "PUT", "/v1/agents/b", `{"name":""}`)
	do(h, "GET", "/v1/nothing", "")
	do(h, "BREW", "/v1/agents", "")
	got := do(h, "GET", "/metrics", "").body
	for _, want := range []string{
		`rondo_http_requests_total{class="2xx",method="PUT",route="/v1/agents/{id}"} 1`,
		`rondo_http_requests_total{class="4xx",method="PUT",route="/v1/agents/{id}"} 1`,
		`rondo_http_requests_total{class="4xx",method="none",route="none"} 2`,
		`rondo_http_request_duration_seconds_count{method="PUT",route="/v1/agents/{id}"} 2`,
		`rondo_http_requests_in_flight 0`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %s in\n%s", want, got)
		}
	}
}

func TestProbes(t *testing.T) {
	m := newMachine(t)
	m.checks = []Check{{"leader", true, "leader is n1"}, {"contact", false, "heard from the leader 9s ago"}, {"applied", true, ""}}
	m.nodes = []NodeStatus{{ID: "n1", HTTP: "127.0.0.1:4600", Cluster: "127.0.0.1:4601", Role: "voter", Leader: true, AppliedIndex: 7, PID: 123, Version: "1", Reachable: true,
		NodeCondition: NodeCondition{Healthy: true, ClockSkewMs: -3, Zone: "a"}}}
	h := newHandler(t, m)
	for path, want := range map[string]string{
		"/readyz":         "[-]contact heard from the leader 9s ago\nnot ready\n",
		"/readyz?verbose": "[+]leader ok leader is n1\n[-]contact heard from the leader 9s ago\n[+]applied ok\nnot ready\n",
	} {
		if r := do(h, "GET", path, ""); r.status != 503 || r.body != want || r.header.Get("Retry-After") != "1" {
			t.Errorf("%s: %d %q", path, r.status, r.body)
		}
	}
	m.checks[1].OK = true
	if r := do(h, "GET", "/readyz?verbose", ""); r.status != 200 || !strings.HasSuffix(r.body, "ago\n[+]applied ok\nready\n") {
		t.Errorf("%d %q", r.status, r.body)
	}
	m.dead = errors.New("the log is damaged")
	if r := do(h, "GET", "/livez", ""); r.status != 503 || r.body != "dying: the log is damaged\n" {
		t.Errorf("%d %q", r.status, r.body)
	}
	want := `{"items":[{"id":"n1","http":"127.0.0.1:4600","cluster":"127.0.0.1:4601","role":"voter","leader":true,"applied_index":7,"pid":123,"version":"1","reachable":true,"healthy":true,"reason":"","lag_entries":0,"last_contact_ms":0,"clock_skew_ms":-3,"zone":"a","region":"","disk_full":false,"disk_free_bytes":0}],"next_page_token":null}` + "\n"
	if r := do(h, "GET", "/v1/cluster/nodes", ""); r.body != want || r.header.Get("Rondo-Index") != "2" {
		t.Errorf("%s %v", r.body, r.header)
	}
}

// setUp makes a team of two, available, and its inbox.
func setUp(t testing.TB, h http.Handler) {
	t.Helper()
	for _, step := range [][3]string{
		{"PUT", "/v1/agents/a", `{"name":"A"}`}, {"PUT", "/v1/agents/b", `{"name":"B"}`},
		{"PUT", "/v1/agents/a/presence", `{"status":"available"}`}, {"PUT", "/v1/agents/b/presence", `{"status":"available"}`},
		{"PUT", "/v1/teams/t", `{"name":"T","members":[{"agent":"a"},{"agent":"b"}]}`},
		{"PUT", "/v1/inboxes/i", `{"name":"I","assignment":{"mode":"rotation","team":"t"}}`},
		{"PUT", "/v1/inboxes/m", `{"name":"M"}`}, {"PUT", "/v1/contacts/p", `{"name":"P"}`},
	} {
		if r := do(h, step[0], step[1], step[2]); r.status > 201 {
			t.Fatalf("%v: %s", step, r.body)
		}
	}
}

// TestClaimsAtOnce is K18: of many who claim at once through different nodes
// exactly one succeeds, and every other is told who.
func TestClaimsAtOnce(t *testing.T) {
	m := newMachine(t)
	nodes := []http.Handler{newHandler(t, m), newHandler(t, m), newHandler(t, m)}
	setUp(t, nodes[0])
	for round := range 20 {
		id := fmt.Sprintf("c%d", round)
		if r := do(nodes[0], "POST", "/v1/conversations", `{"id":"`+id+`","inbox":"m","contact":"p"}`); r.status != 201 {
			t.Fatal(r.body)
		}
		replies := make([]reply, 6)
		var claims sync.WaitGroup
		for i := range replies {
			claims.Go(func() {
				replies[i] = do(nodes[i%3], "POST", "/v1/conversations/"+id+"/claim", `{"agent":"`+string("ab"[i%2])+`"}`)
			})
		}
		claims.Wait()
		winner := ""
		for i, r := range replies {
			if r.status == 200 && winner == "" {
				winner = string("ab"[i%2])
			}
		}
		for i, r := range replies {
			own := string("ab"[i%2]) == winner
			if own && r.status != 200 || !own && (r.status != 409 || !strings.Contains(r.body, `"assignee":"`+winner+`"`)) {
				t.Fatalf("round %d, claim %d, winner %s: %d %s", round, i, winner, r.status, r.body)
			}
		}
	}
}

// TestMessagesAtOnce is K109: five messages from one unknown number through three
// nodes within a moment: one conversation, one turn.
func TestMessagesAtOnce(t *testing.T) {
	m := newMachine(t)
	nodes := []http.Handler{newHandler(t, m), newHandler(t, m), newHandler(t, m)}
	setUp(t, nodes[0])
	for round := range 20 {
		var opened, failed int
		var mu sync.Mutex
		var messages sync.WaitGroup
		for i := range 5 {
			messages.Go(func() {
				r := do(nodes[i%3], "POST", "/v1/inboxes/i/messages", fmt.Sprintf(`{"id":"M%d-%d","from":{"address":"+%d"}}`, round, i, round))
				mu.Lock()
				defer mu.Unlock()
				switch r.status {
				case 201:
					opened++
				case 200:
				default:
					failed++
				}
			})
		}
		messages.Wait()
		turns := strings.Count(do(nodes[1], "GET", "/v1/decisions?limit=200", "").body, `"consumed_turn":true`)
		if opened != 1 || failed != 0 || turns != round+1 {
			t.Fatalf("round %d: %d opened, %d failed, %d turns in all", round, opened, failed, turns)
		}
	}
}

func TestReadsSeeWrites(t *testing.T) {
	m := newMachine(t)
	h := newHandler(t, m)
	r := do(h, "PUT", "/v1/agents/a", `{"name":"A"}`)
	if got := do(h, "GET", "/v1/agents/a?consistency=stale&min_index="+r.header.Get("Rondo-Index"), ""); got.status != 200 || got.header.Get("Rondo-Index") != r.header.Get("Rondo-Index") {
		t.Errorf("%v then %v %s", r.header, got.header, got.body)
	}
	m.fail = context.DeadlineExceeded
	if got := do(h, "GET", "/v1/agents/a", ""); got.status != 503 || got.header.Get("Rondo-Outcome") != "" {
		t.Errorf("%d %v", got.status, got.header)
	}
}
