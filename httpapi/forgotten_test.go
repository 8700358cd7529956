package httpapi

import (
	"strings"
	"testing"
)

// TestForgottenDecisions: who asks for what is no longer kept is told so, and a
// repeated request still gets its outcome.
func TestForgottenDecisions(t *testing.T) {
	m := newMachine(t)
	desk(t, m)
	h := newHandler(t, m)
	const body = `{"id":"c1","inbox":"sms","contact":"ann"}`
	first := do(h, "POST", "/v1/conversations", body, "Idempotency-Key", "k")
	if first.status != 201 || strings.Contains(do(h, "GET", "/v1/decisions", "").body, "truncated") {
		t.Fatalf("%d %s", first.status, first.body)
	}
	id := m.newest()
	young := forgetSome(t, m)
	for _, path := range []string{"/v1/decisions", "/v1/conversations/c1/decisions", "/v1/decisions?conversation=c1"} {
		if r := do(h, "GET", path, ""); r.status != 200 || !strings.Contains(r.body, `"truncated":true`) {
			t.Errorf("%s: %d %s", path, r.status, r.body)
		}
	}
	if r := do(h, "GET", "/v1/conversations/"+young+"/decisions", ""); r.status != 200 || strings.Contains(r.body, "truncated") {
		t.Errorf("a young conversation: %d %s", r.status, r.body)
	}
	if r := do(h, "GET", "/v1/decisions/"+id, ""); r.status != 404 || r.code(t) != "forgotten" {
		t.Errorf("the decision: %d %s", r.status, r.body)
	}
	r := do(h, "POST", "/v1/conversations", body, "Idempotency-Key", "k")
	if r.status != 201 || r.header.Get("Idempotency-Replayed") != "true" || !strings.Contains(r.body, `"decision":null`) || !strings.Contains(r.body, "decision_forgotten") {
		t.Errorf("the repeated request: %d %v %s", r.status, r.header, r.body)
	}
}
