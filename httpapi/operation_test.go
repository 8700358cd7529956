package httpapi

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestEveryLater: whatever keeps a call from being answered, the answer says what
// may have become of it, under which key it may be sent again, when, and, if that
// is not known, where to ask.
func TestEveryLater(t *testing.T) {
	failures := []error{
		trouble{"deadline", outcomeUnknown, 0}, // of the cluster: store error, lost forward, transfer
		trouble{"deadline", outcomeRejected, 0},
		trouble{"no_leader", outcomeUnknown, time.Second},
		trouble{"no_leader", outcomeRejected, time.Second},
		trouble{"not_ready", outcomeUnknown, time.Second},
		trouble{"not_ready", outcomeRejected, time.Second},
		trouble{"shutting_down", outcomeUnknown, time.Second},
		trouble{"shutting_down", outcomeRejected, time.Second},
		trouble{"not_understood", outcomeUnknown, time.Second},
		trouble{"not_understood", outcomeRejected, time.Second},
		trouble{"too_busy", outcomeRejected, time.Second},
		trouble{"new_in_a_later_version", outcomeUnknown, 0},
		errors.New("a fault of this node"),
	}
	calls := []struct {
		method, path, body, header, key string
		changes                         bool
	}{
		{"PUT", "/v1/agents/a", `{"name":"A"}`, "k/1", "k/1", true},
		{"PUT", "/v1/agents/a", `{"name":"A"}`, "", mintedPrefix, true},
		{"POST", "/v1/conversations/c/close", ``, "k", "k", true},
		{"POST", "/v1/inboxes/i/messages", `{"id":"M1","from":{"address":"+1"}}`, "", "M1", true},
		{"GET", "/v1/agents", ``, "", "", false},
		{"GET", "/v1/operations/k", ``, "", "", false},
	}
	for _, failure := range failures {
		for _, c := range calls {
			t.Run(fmt.Sprint(failure, " ", c.method, c.path, c.header), func(t *testing.T) {
				m := newMachine(t)
				m.fail = failure
				var headers []string
				if c.header != "" {
					headers = []string{keyHeader, c.header}
				}
				r := do(newHandler(t, m), c.method, c.path, c.body, headers...)
				checkLater(t, r, failure, c.key, c.changes)
			})
		}
	}
}

func checkLater(t *testing.T, r reply, failure error, key string, changes bool) {
	t.Helper()
	var body struct{ Outcome, Key, Operation string }
	if err := json.Unmarshal([]byte(r.body), &body); err != nil {
		t.Fatal(err)
	}
	known, isTrouble := failure.(trouble)
	outcome := outcomeUnknown
	if isTrouble {
		outcome = known.outcome
	} else if !changes {
		outcome = outcomeRejected
	}
	if r.status != 503 && r.status != 429 && isTrouble || r.status != 500 && !isTrouble {
		t.Errorf("status %d", r.status)
	}
	if body.Outcome != outcome || r.header.Get("Retry-After") == "" || r.header.Get("Rondo-Index") == "" {
		t.Errorf("outcome %q, want %q; %v", body.Outcome, outcome, r.header)
	}
	if !changes {
		return
	}
	if r.header.Get("Rondo-Outcome") != outcome || !strings.HasPrefix(body.Key, key) {
		t.Errorf("%s under key %q, %v", r.body, key, r.header)
	}
	if asks := strings.HasPrefix(body.Operation, "/v1/operations/"); asks != (outcome == outcomeUnknown) {
		t.Errorf("operation %q, and the outcome is %s", body.Operation, outcome)
	}
}

// TestOperationPending: while this node has a call under way, it does not say
// that it has never seen it.
func TestOperationPending(t *testing.T) {
	m := newMachine(t)
	m.hold, m.waiting = make(chan struct{}), make(chan struct{}, 1)
	h := newHandler(t, m)
	first := make(chan reply)
	go func() { first <- do(h, "PUT", "/v1/agents/a", `{"name":"A"}`, keyHeader, "k") }()
	<-m.waiting
	r := do(h, "GET", "/v1/operations/k", "")
	if r.status != http.StatusOK || !strings.Contains(r.body, `"outcome":"pending","status":null`) || r.header.Get("Retry-After") != "1" {
		t.Errorf("under way: %d %s", r.status, r.body)
	}
	if r := do(h, "GET", "/v1/operations/other", ""); r.status != 404 || r.code(t) != codeOperationUnknown {
		t.Errorf("another: %d %s", r.status, r.body)
	}
	close(m.hold)
	<-first
	if r := do(h, "GET", "/v1/operations/k", ""); r.status != 200 || !strings.Contains(r.body, `"outcome":"committed","status":201`) {
		t.Errorf("done: %d %s", r.status, r.body)
	}
}

// TestOperatorsGetThrough: when every place is taken, operators still have theirs,
// and theirs are not without end either.
func TestOperatorsGetThrough(t *testing.T) {
	m := newMachine(t)
	m.hold, m.waiting = make(chan struct{}), make(chan struct{}, 2)
	h, err := New(Options{Cluster: m, MaxInFlight: 1, MaxOperators: 1})
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan reply)
	go func() { done <- do(h, "PUT", "/v1/agents/a", `{"name":"A"}`) }()
	<-m.waiting
	for _, path := range []string{"/v1/cluster", "/v1/cluster/nodes", "/v1/operations/k", "/livez", "/readyz"} {
		if r := do(h, "GET", path, ""); r.status == 429 {
			t.Errorf("%s: %s", path, r.body)
		}
	}
	m.holdReads = true
	go func() { done <- do(h, "GET", "/v1/operations/k", "") }()
	<-m.waiting
	for _, path := range []string{"/v1/cluster", "/v1/cluster/nodes", "/v1/operations/k"} {
		r := do(h, "GET", path, "")
		if r.status != 429 || r.header.Get("Retry-After") != "1" || r.code(t) != "too_busy" {
			t.Errorf("%s, with the lane full: %d %s", path, r.status, r.body)
		}
	}
	if r := do(h, "GET", "/livez", ""); r.status != 200 {
		t.Errorf("livez, with the lane full: %d", r.status)
	}
	close(m.hold)
	<-done
	<-done
}
