package conformance

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path"
	"strings"
	"sync"
	"testing"
	"time"
)

// A partialCluster says yes to everything, gives every conversation to the first
// agent it was told of, and refuses to remove anything.
type partialCluster struct {
	*httptest.Server
	mu    sync.Mutex
	first string
	calls []string
}

func newPartialCluster(t *testing.T) *partialCluster {
	c := &partialCluster{}
	c.Server = httptest.NewServer(http.HandlerFunc(c.serve))
	t.Cleanup(c.Close)
	return c
}

func (c *partialCluster) serve(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.calls = append(c.calls, r.Method+" "+r.URL.Path)
	answer := any(map[string]any{"items": []any{}})
	switch {
	case strings.HasSuffix(r.URL.Path, "/decisions"):
		answer = map[string]any{"items": []any{map[string]any{
			"id": "7.0", "at": "2026-11-21T09:14:02.000Z", "kind": "rotation", "trigger": "conversation.opened", "assignee": c.first,
			"consumed_turn": true, "cursor_before": nil, "passed_over": []any{map[string]any{"agent": c.first, "reason": "away"}},
		}, map[string]any{"id": "8.0", "at": "2026-11-21T09:15:02.000Z", "kind": "waiting", "trigger": "message.received", "reason": "no_members"}}}
	case r.Method == http.MethodDelete:
		w.WriteHeader(http.StatusForbidden)
		answer = map[string]any{"code": "not_permitted", "title": "Not permitted"}
	case r.Method == http.MethodPut:
		if path.Base(path.Dir(r.URL.Path)) == "agents" && c.first == "" {
			c.first = path.Base(r.URL.Path)
		}
		w.WriteHeader(http.StatusCreated)
	case r.Method == http.MethodPost:
		var body struct{ ID string }
		if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		w.WriteHeader(http.StatusCreated)
		answer = map[string]any{"conversation": map[string]any{"id": body.ID, "assignee": c.first}}
	}
	_ = json.NewEncoder(w).Encode(answer)
}

func picked(t *testing.T, names ...string) []*Case {
	t.Helper()
	all, err := Catalogue()
	if err != nil {
		t.Fatal(err)
	}
	cases, err := Pick(all, names)
	if err != nil {
		t.Fatal(err)
	}
	return cases
}

// A cluster that does not take turns fails, and the report says where, what was
// expected, what was seen, and what was decided.
func TestFailureIsTold(t *testing.T) {
	c := newPartialCluster(t)
	var told []string
	results, err := Run(t.Context(), Options{Servers: []string{c.URL}, Done: func(r Result) { told = append(told, r.Case.ID) }}, picked(t, "K24", "K7"))
	if err != nil || len(results) != 2 || strings.Join(told, " ") != "K24 K7" {
		t.Fatalf("%v, told %v, %v", results, told, err)
	}
	if got := results[0].line(); !strings.HasPrefix(got, "K24   -           - The stored list") || !strings.Contains(got, "(cannot be: ") {
		t.Errorf("K24 is told as %q", got)
	}
	got := results[1].line()
	for _, want := range []string{
		"K7    fail ",
		"      cases/K7.txt:7: then they go to A, B, C, D, A\n        expected  A, B, C, D, A\n        got       A, A, A, A, A\n",
		"        conversation 5: 7.0 2026-11-21T09:14:02.000Z rotation at conversation.opened, to A; passed over A: away; a turn, after nobody\n" +
			"        conversation 5: 8.0 2026-11-21T09:15:02.000Z waiting at message.received because no_members, to nobody\n" +
			"        its ids begin with k",
		"      left behind: DELETE /v1/inboxes/k",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("told\n%s\nwant %q in it", got, want)
		}
	}
	if got := countLine(results); got != "0 passed, 1 failed, 1 not run\n" {
		t.Errorf("the count is %q", got)
	}
}

// With Keep nothing is put away, and a refusal that no step expects is a failure.
func TestKeepAndRefusals(t *testing.T) {
	c := newPartialCluster(t)
	results, err := Run(t.Context(), Options{Servers: []string{c.URL}, Keep: true}, picked(t, "K7", "K88"))
	if err != nil {
		t.Fatal(err)
	}
	refused := results[1].Failure
	if refused == nil || refused.Step != "when agent A is removed" || !strings.Contains(refused.Got, "not_permitted") {
		t.Errorf("K88 failed with %+v, want at the refusal", refused)
	}
	closed := 0
	for _, call := range c.calls {
		if strings.HasSuffix(call, "/close") {
			closed++
		}
	}
	if closed != 0 || len(results[0].Left)+len(results[1].Left) != 0 {
		t.Errorf("%d conversations were closed and %v tried, want all kept", closed, results[0].Left)
	}
}

// The end of the run is an error, and what was not run is not called a failure.
func TestInterrupted(t *testing.T) {
	c := newPartialCluster(t)
	ctx, cancel := context.WithCancel(t.Context())
	results, err := Run(ctx, Options{Servers: []string{c.URL}, Begun: func(*Case) { cancel() }}, picked(t, "K7", "K8"))
	if !errors.Is(err, context.Canceled) || len(results) != 2 || count(results)[NotRun] != 2 {
		t.Fatalf("%v, %v; want both not run and the reason", results, err)
	}
	if got := results[1].line(); !strings.HasSuffix(got, "(interrupted)\n") || strings.Count(got, "\n") != 1 {
		t.Errorf("told as %q, want that it was interrupted", got)
	}
}

func TestNobodyThere(t *testing.T) {
	c := newPartialCluster(t)
	c.Close()
	results, err := Run(t.Context(), Options{Servers: []string{c.URL}, Reach: 100 * time.Millisecond}, picked(t, "K7"))
	if err == nil || !strings.HasPrefix(err.Error(), "the cluster does not answer: ") || results != nil {
		t.Errorf("%v, %v; want one sentence", results, err)
	}
	if _, err := Run(t.Context(), Options{Servers: []string{c.URL}, Parallel: ParallelMax + 1}, nil); err == nil {
		t.Error("more than ParallelMax cases at once were taken")
	}
}

// A case that never ends is a failure that says so.
func TestCaseTimeout(t *testing.T) {
	c := newPartialCluster(t)
	results, err := Run(t.Context(), Options{Servers: []string{c.URL}, Keep: true, Timeout: time.Nanosecond}, picked(t, "K7"))
	if err != nil || results[0].Outcome != Failed || !strings.Contains(results[0].Failure.Got, "the case took longer than 1ns") {
		t.Errorf("%+v, %v", results, err)
	}
}

func TestReportForPrograms(t *testing.T) {
	var out bytes.Buffer
	all := picked(t, "K7", "K24")
	err := writeJSON(&out, []Result{{Case: all[0], Outcome: Passed, Took: 120 * time.Millisecond, Prefix: "k.k7."}, {Case: all[1], Outcome: NotRun}})
	if err != nil {
		t.Fatal(err)
	}
	want := `{"passed":1,"failed":0,"not_run":1,"cases":[` +
		`{"id":"K7","title":"S5 case 1: everybody available (S5.17)","verdict":"as is","reason":null,"outcome":"pass","seconds":0.12,"prefix":"k.k7.","failure":null,"left_behind":[]},` +
		fmt.Sprintf(`{"id":"K24","title":%q,"verdict":"cannot be","reason":%q,"outcome":"not run","seconds":0,"prefix":null,"failure":null,"left_behind":[]}]}`, all[1].Title, all[1].Reason)
	var compact bytes.Buffer
	if err := json.Compact(&compact, out.Bytes()); err != nil || compact.String() != want {
		t.Errorf("wrote\n%s\nwant\n%s (%v)", compact.String(), want, err)
	}
}
