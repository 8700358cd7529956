package httpapi

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

// A statusRow is one line of the table of statuses: a request that is answered
// with it. Rows build on each other.
type statusRow struct {
	status       int
	code         string // "" of a success
	method, path string
	body         string
	headers      []string
	says         string // a part of the answer
}

var (
	typed    = []string{"Content-Type", "application/json"}
	keyed    = []string{"Idempotency-Key", "k1"}
	statuses = []statusRow{
		{201, "", "POST", "/v1/conversations", `{"id":"c1","inbox":"m","contact":"p"}`, keyed, `"id":"c1"`},
		{201, "", "POST", "/v1/conversations", `{"id":"c1","inbox":"m","contact":"p"}`, keyed, `"id":"c1"`},
		{200, "", "POST", "/v1/conversations", `{"id":"c1","inbox":"m","contact":"p"}`, nil, `"id":"c1"`},
		{200, "", "GET", "/v1/conversations/c1", "", nil, `"status":"open"`},
		{200, "", "POST", "/v1/conversations/c1/claim", `{"agent":"a"}`, nil, `"assignee":"a"`},

		{400, "invalid", "PUT", "/v1/agents/x", `{"name":`, nil, `"errors":[{"pointer":"`},
		{400, "invalid", "PUT", "/v1/agents/x", `{"name":"X","nickname":"Y"}`, nil, `"pointer":"/nickname"`},
		{400, "invalid", "PUT", "/v1/teams/x", `{"name":"X","members":[{"agent":"a"},{"agent":"b"},{"agent":"a"}]}`, nil, `"pointer":"/members/2/agent"`},
		{400, "invalid", "GET", "/v1/conversations?colour=blue", "", nil, `"parameter":"colour"`},

		{201, "", "PUT", "/v1/inboxes/closed", `{"name":"C","access":[{"agent":"a"}]}`, nil, `"access":[{"agent":"a","group":null}]`},
		{201, "", "POST", "/v1/conversations", `{"id":"c9","inbox":"closed","contact":"p"}`, nil, `"id":"c9"`},
		{403, "no_access", "POST", "/v1/conversations/c9/claim", `{"agent":"b"}`, nil, "closed"},

		{404, "not_found", "GET", "/v1/agents/nobody", "", nil, "nobody"},
		{404, "no_route", "GET", "/v1/nothing", "", nil, "/v1/nothing"},
		{405, "method_not_allowed", "PATCH", "/v1/conversations/c1", "", nil, "GET"},

		{409, "already_assigned", "POST", "/v1/conversations/c1/claim", `{"agent":"b"}`, nil, `"assignee":"a","decision":"`},
		{409, "assignee_changed", "PUT", "/v1/conversations/c1/assignee", `{"agent":"b","if_assignee":"b"}`, nil, `"assignee":"a"`},
		{409, "id_taken", "POST", "/v1/conversations", `{"id":"c1","inbox":"i","contact":"p"}`, nil, `"differs":["inbox"]`},

		{412, "revision_mismatch", "PUT", "/v1/agents/a", `{"name":"A"}`, []string{"If-Match", `"999"`}, `"revision":`},
		{413, "body_too_large", "PUT", "/v1/agents/x", strings.Repeat(" ", maxBodyBytes+1), nil, ""},
		{415, "content_type", "PUT", "/v1/agents/x", "name=X", []string{"Content-Type", "application/x-www-form-urlencoded"}, "application/json"},

		{422, "unknown_reference", "POST", "/v1/conversations", `{"id":"c2","inbox":"nowhere","contact":"p"}`, nil, `"pointer":"/inbox"`},
		{422, "idempotency_key_reused", "POST", "/v1/conversations", `{"id":"c3","inbox":"m","contact":"p"}`, keyed, ""},
	}

	// notYet are statuses of the table that nothing answers with so far.
	notYet = map[int]string{
		http.StatusUnauthorized: "there are no tokens: everybody is somebody",
	}

	// promised are the statuses of the API; see the package's contract.
	promised = []int{200, 201, 400, 401, 403, 404, 405, 409, 412, 413, 415, 422, 429, 503}
)

// TestStatusTable: each status that the API promises is the answer to a real
// request, in the shape that is promised for it.
func TestStatusTable(t *testing.T) {
	m := newMachine(t)
	h := newHandler(t, m)
	setUp(t, h)
	seen := map[int]bool{}
	check := func(row statusRow, r reply) {
		t.Helper()
		seen[r.status] = true
		if r.status != row.status || !strings.Contains(r.body, row.says) {
			t.Errorf("%s %s: %d %s, want %d and %q", row.method, row.path, r.status, r.body, row.status, row.says)
			return
		}
		checkShape(t, row, r)
	}
	for _, row := range statuses {
		headers := row.headers
		if !slices.Contains(headers, "Content-Type") {
			headers = slices.Concat(headers, typed)
		}
		check(row, do(h, row.method, row.path, row.body, headers...))
	}

	m.fail = trouble{"no_leader", outcomeUnknown, 2 * time.Second}
	unknown := statusRow{503, "no_leader", "PUT", "/v1/agents/x", `{"name":"X"}`, []string{"Idempotency-Key", "k2"}, `"outcome":"unknown","key":"k2"`}
	check(unknown, do(h, unknown.method, unknown.path, unknown.body, unknown.headers...))
	m.fail = trouble{"no_leader", outcomeRejected, time.Second}
	refused := statusRow{503, "no_leader", "PUT", "/v1/agents/x", `{"name":"X"}`, nil, `"outcome":"rejected","key":"minted-`}
	check(refused, do(h, refused.method, refused.path, refused.body))
	m.fail = trouble{"no_leader", outcomeRejected, time.Second} // one call has taken the other
	read := statusRow{503, "no_leader", "GET", "/v1/agents", "", nil, `"outcome":"rejected"`}
	check(read, do(h, read.method, read.path, ""))
	m.fail = nil
	m.state.Settings.MaxKeys = 1
	full := statusRow{429, "too_many_keys", "PUT", "/v1/agents/x", `{"name":"X"}`, nil, `"outcome":"rejected"`}
	check(full, do(h, full.method, full.path, full.body))

	for _, status := range promised {
		if why := notYet[status]; seen[status] == (why != "") {
			t.Errorf("%d: seen is %v, and it is not possible yet because %q: add a row, or correct the list", status, seen[status], why)
		}
	}
	for status := range maps.Keys(seen) {
		if !slices.Contains(promised, status) {
			t.Errorf("%d is not promised", status)
		}
	}
	for reason, as := range refusals {
		if !seen[as.status] {
			t.Errorf("%s is answered with %d, which no row shows", reason, as.status)
		}
	}
}

// checkShape checks what every answer of its status has.
func checkShape(t *testing.T, row statusRow, r reply) {
	t.Helper()
	what := row.method + " " + row.path
	if r.header.Get("Rondo-Index") == "" {
		t.Errorf("%s: no Rondo-Index", what)
	}
	changes := row.method != "GET" && row.status != 405
	if outcome := r.header.Get("Rondo-Outcome"); changes != (outcome != "") {
		t.Errorf("%s: Rondo-Outcome is %q", what, outcome)
	}
	if later := row.status == 429 || row.status == 503; later != (r.header.Get("Retry-After") != "") {
		t.Errorf("%s: Retry-After is %q", what, r.header.Get("Retry-After"))
	}
	if row.code == "" {
		if r.header.Get("Content-Type") != "application/json" {
			t.Errorf("%s: it is %s", what, r.header.Get("Content-Type"))
		}
		return
	}
	var p struct {
		Type, Code, Title, Detail string
		Status                    int
	}
	if err := json.Unmarshal([]byte(r.body), &p); err != nil || r.header.Get("Content-Type") != "application/problem+json" {
		t.Errorf("%s: it is %s (%v)", what, r.header.Get("Content-Type"), err)
	}
	if p.Type != "/errors/"+row.code || p.Code != row.code || p.Status != row.status || p.Title == "" || p.Detail == "" {
		t.Errorf("%s: %s, want code %s", what, r.body, row.code)
	}
}
