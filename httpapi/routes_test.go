package httpapi

import (
	"go/ast"
	"go/parser"
	"go/token"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/rondohq/rondo/fsm"
)

// TestRouteTable: every route says who may, and the routes of this issue exist.
func TestRouteTable(t *testing.T) {
	permission := regexp.MustCompile(`^[a-z]+\.[a-z]+$`)
	seen := map[string]bool{}
	for _, rt := range routes {
		name := rt.method + " " + rt.path
		if !permission.MatchString(rt.permission) {
			t.Errorf("%s: the permission %q is not of the form noun.verb", name, rt.permission)
		}
		if seen[name] {
			t.Errorf("%s stands twice in the table", name)
		}
		seen[name] = true
		if changes := rt.method != http.MethodGet && rt.kind != beats && rt.kind != previews; changes != rt.changes() {
			t.Errorf("%s: changes() is %v", name, rt.changes())
		}
		if rt.handle == nil && rt.path != "/metrics" && rt.kind != streams {
			t.Errorf("%s has no handler", name)
		}
	}
	for _, want := range []string{
		"PUT /v1/agents/{id}", "GET /v1/agents/{id}", "GET /v1/agents", "PUT /v1/agents/{id}/presence",
		"PUT /v1/teams/{id}", "GET /v1/teams/{id}", "GET /v1/teams", "GET /v1/teams/{id}/rotation",
		"PUT /v1/teams/{id}/members/{agent}", "DELETE /v1/teams/{id}/members/{agent}",
		"PUT /v1/inboxes/{id}", "GET /v1/inboxes/{id}", "GET /v1/inboxes", "POST /v1/inboxes/{id}/messages",
		"PUT /v1/contacts/{id}", "GET /v1/contacts/{id}", "GET /v1/contacts",
		"POST /v1/conversations", "GET /v1/conversations/{id}", "GET /v1/conversations", "GET /v1/conversations/{id}/decisions",
		"PUT /v1/conversations/{id}/assignee", "DELETE /v1/conversations/{id}/assignee", "POST /v1/conversations/{id}/claim",
		"POST /v1/conversations/{id}/requeue", "POST /v1/conversations/{id}/close", "POST /v1/conversations/{id}/reopen",
		"GET /v1/decisions", "GET /v1/decisions/{id}", "GET /v1/events", "GET /v1/cluster/nodes", "GET /livez", "GET /readyz", "GET /metrics",
	} {
		if !seen[want] {
			t.Errorf("%s is missing", want)
		}
	}
}

// TestEveryReasonHasAStatus reads the reasons from the source of package fsm, so
// that a new one cannot be forgotten here.
func TestEveryReasonHasAStatus(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "../fsm/refusal.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	found := map[fsm.Reason]bool{}
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if typ, ok := spec.Type.(*ast.Ident); !ok || typ.Name != "Reason" {
			return true
		}
		for _, value := range spec.Values {
			text, err := strconv.Unquote(value.(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			found[fsm.Reason(text)] = true
		}
		return true
	})
	if len(found) < 19 {
		t.Fatalf("only %d reasons found; have they moved?", len(found))
	}
	for reason := range found {
		if as, ok := refusals[reason]; !ok || as.title == "" || as.status < 400 || as.status > 503 {
			t.Errorf("the reason %q has no status and title", reason)
		}
	}
	for reason, as := range refusals {
		if !found[reason] {
			t.Errorf("%q is no reason of the state", reason)
		}
		if later := as.status == http.StatusTooManyRequests || as.status == http.StatusServiceUnavailable; later != (as.retryAfter > 0) {
			t.Errorf("%q: status %d, Retry-After %v", reason, as.status, as.retryAfter)
		}
	}
}

// TestUnknownReason: a state of a newer version may refuse for reasons that this
// binary has no words for.
func TestUnknownReason(t *testing.T) {
	p := refused(&fsm.Rejection{Reason: "moon_phase", Detail: "the moon is full"}, fsm.Key{})
	if p.body.Status != http.StatusConflict || p.body.Code != "moon_phase" || p.body.Detail != "the moon is full" {
		t.Errorf("%+v", p.body)
	}
}

// TestLater: who is to come back later is told when, and under which key.
func TestLater(t *testing.T) {
	m := newMachine(t)
	m.state.Settings.MaxKeys = uint64(m.state.Keys.Len())
	r := do(newHandler(t, m), "PUT", "/v1/agents/a", `{"name":"A"}`, "Idempotency-Key", "k")
	if r.status != 429 || r.header.Get("Retry-After") != "60" || r.code(t) != "too_many_keys" || !strings.Contains(r.body, `"outcome":"rejected","key":"k"`) {
		t.Errorf("%d %v %s", r.status, r.header, r.body)
	}
	p := refused(&fsm.Rejection{Reason: fsm.Expired}, fsm.Key{Source: fsm.KeyClient, Text: "k"})
	if p.body.Status != 503 || p.retryAfter == 0 || p.body.retrial == nil || *p.body.retrial != (retrial{Outcome: outcomeRejected, Key: "k"}) {
		t.Errorf("%+v", p)
	}
}

func TestPrincipals(t *testing.T) {
	for _, test := range []struct {
		headers   []string
		name, via string
	}{
		{nil, "system:anonymous", ""},
		{[]string{"agent:mallory"}, "agent:mallory", "asserted"},
		{[]string{"system:import"}, "system:import", "asserted"},
		{[]string{"connector:a.b_c:d@e+f-G9"}, "connector:a.b_c:d@e+f-G9", "asserted"},
		{[]string{""}, "", ""},
		{[]string{"mallory"}, "", ""},
		{[]string{"agent:"}, "", ""},
		{[]string{"agent"}, "", ""},
		{[]string{"robot:x"}, "", ""},
		{[]string{"Agent:x"}, "", ""},
		{[]string{"agent:a\x00b"}, "", ""},
		{[]string{"agent:å"}, "", ""},
		{[]string{"agent:" + strings.Repeat("a", 65)}, "", ""},
		{[]string{"agent:a", "agent:b"}, "", ""},
	} {
		r := httptest.NewRequest(http.MethodGet, "/v1/agents", nil)
		if test.headers != nil {
			r.Header[actorHeader] = test.headers
		}
		p, err := authenticate(r)
		if p.Name != test.name || p.Via != test.via || (err == nil) != (test.name != "") {
			t.Errorf("%q: %+v, %v", test.headers, p, err)
		}
	}
}
