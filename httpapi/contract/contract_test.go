package contract

import (
	"net/http"
	"os"
	"strings"
	"testing"
)

// TestViolations: each kind of lie is found, and a true call is not.
func TestViolations(t *testing.T) {
	document, err := os.ReadFile("../openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	checker, err := New(string(document))
	if err != nil {
		t.Fatal(err)
	}
	const presence = `"presence":{"status":"away","reason":null,"since":"2026-11-21T09:00:00.000Z","by":"system:x","until":null,"lease_seconds":null,"lease_expires":null,"planned":null}`
	const agent = `{"id":"a","name":"A","kind":"person","email":"","role":"agent","onboarded":true,"languages":[],"regions":[],"skills":[],"fields":{},"limits":{"open":null},` +
		presence + `,"groups":[],"teams":[],"open":0,"revision":1}`
	const refused = `{"type":"/errors/invalid","status":400,"code":"invalid","title":"T","detail":"D","errors":[{"pointer":"/name","code":"required","detail":"D"}]}`
	for name, test := range map[string]struct {
		method, path, sent, header string
		status                     int
		answer                     string
		says                       string // "": nothing is wrong
	}{
		"true":                 {"PUT", "/v1/agents/a", `{"name":"A"}`, "", 201, agent, ""},
		"a field is missing":   {"PUT", "/v1/agents/a", `{"name":"A"}`, "", 201, strings.Replace(agent, `"open":0,`, "", 1), `"open" is missing`},
		"a field is new":       {"PUT", "/v1/agents/a", `{"name":"A"}`, "", 201, strings.Replace(agent, `"open":0`, `"open":0,"mood":"good"`, 1), "mood"},
		"a field is null":      {"PUT", "/v1/agents/a", `{"name":"A"}`, "", 201, strings.Replace(agent, `"name":"A"`, `"name":null`, 1), "not nullable"},
		"an unknown word":      {"PUT", "/v1/agents/a", `{"name":"A"}`, "", 201, strings.Replace(agent, "away", "gone", 1), "not one of the allowed values"},
		"an unknown status":    {"PUT", "/v1/agents/a", `{"name":"A"}`, "", 202, agent, "status"},
		"an unknown header":    {"GET", "/v1/agents/a", ``, "Idempotency-Replayed", 200, agent, "Idempotency-Replayed is not documented"},
		"an unknown code":      {"GET", "/v1/agents/a", ``, "", 404, strings.Replace(refused, `"code":"invalid"`, `"code":"lost"`, 1), "the code lost"},
		"a bad body is taken":  {"PUT", "/v1/agents/a", `{"nmae":"A"}`, "", 201, agent, "took a request that is not allowed"},
		"a bad query is taken": {"GET", "/v1/agents/a?x=1", ``, "", 200, agent, "no parameter x"},
		"a bad body is found":  {"PUT", "/v1/agents/a", `{}`, "", 400, refused, ""},
		"a good one refused":   {"PUT", "/v1/agents/a", `{"name":"A"}`, "", 400, refused, "refused a request that is allowed"},
		"refused unseen":       {"PUT", "/v1/agents/a", `{"name":"A"}`, "", 400, strings.Replace(refused, `"code":"required"`, `"code":"duplicate_field"`, 1), ""},
		"a path of ours":       {"GET", "/v1/agent/a", ``, "", 200, agent, "no such operation"},
		"no path":              {"GET", "/v1/agent/a", ``, "", 404, refused, ""},
	} {
		t.Run(name, func(t *testing.T) {
			request, err := http.NewRequest(test.method, "http://127.0.0.1:1"+test.path, strings.NewReader(test.sent))
			if err != nil {
				t.Fatal(err)
			}
			header := http.Header{"Content-Type": {"application/json"}, "Rondo-Index": {"7"}}
			if test.status >= 400 {
				header.Set("Content-Type", "application/problem+json")
			}
			if test.header != "" {
				header.Set(test.header, "true")
			}
			err = checker.Check(Call{Request: request, Sent: []byte(test.sent), Status: test.status, Header: header, Answer: []byte(test.answer)})
			if (err == nil) != (test.says == "") || err != nil && !strings.Contains(err.Error(), test.says) {
				t.Errorf("got %v, want %q", err, test.says)
			}
		})
	}
}
