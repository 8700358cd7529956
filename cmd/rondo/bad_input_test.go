package main

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
)

// A slip is a call with something wrong, and what the problem must say of it.
type slip struct {
	name               string
	method, path, body string
	header             string // "Name: value"
	status             int
	code               string
	fault              string // JSON of the first of errors; "" when it is not about one place
	says               string // a part of detail: what to do
}

const bodyLimit = 128 << 10

var slips = []slip{
	{"malformed", "PUT", "/v1/agents/a", `{"name":"A"`, "", 400, "invalid", `{"pointer":"","code":"syntax"}`, "line 1, column 12: a comma or } is missing"},
	{"not an object", "PUT", "/v1/agents/a", `["name"]`, "", 400, "invalid", `{"pointer":"","code":"type"}`, "must be an object"},
	{"two objects", "PUT", "/v1/agents/a", `{"name":"A"}{}`, "", 400, "invalid", `{"pointer":"","code":"trailing"}`, "nothing may follow"},
	{"nested deeply", "PUT", "/v1/agents/a", `{"x":` + strings.Repeat("[", 60) + strings.Repeat("]", 60) + `}`, "", 400, "invalid", `{"code":"too_deep"}`, "40 deep"},
	{"nothing at all", "PUT", "/v1/agents/a/presence", ``, "", 400, "invalid", `{"pointer":"/status","code":"required"}`, "one of available, away"},

	{"unknown field", "PUT", "/v1/agents/a", `{"nmae":"A"}`, "", 400, "invalid", `{"pointer":"/nmae","code":"unknown_field"}`, `did you mean "name"?`},
	{"unknown field inside", "PUT", "/v1/teams/t", `{"name":"T","members":[{"agnet":"a"}]}`, "", 400, "invalid", `{"pointer":"/members/0/agnet","code":"unknown_field"}`, `did you mean "agent"?`},
	{"field twice", "PUT", "/v1/agents/a", `{"name":"A","name":"B"}`, "", 400, "invalid", `{"pointer":"/name","code":"duplicate_field"}`, "given twice"},
	{"unknown parameter", "GET", "/v1/conversations?asignee=a", ``, "", 400, "invalid", `{"parameter":"asignee","code":"unknown_parameter"}`, "known are"},
	{"page too long", "GET", "/v1/agents?limit=201", ``, "", 400, "invalid", `{"parameter":"limit","code":"out_of_range"}`, "1 to 200"},

	{"wrong type", "PUT", "/v1/agents/a", `{"name":5}`, "", 400, "invalid", `{"pointer":"/name","code":"type"}`, "must be a string, not a number"},
	{"wrong type of a list", "PUT", "/v1/teams/t", `{"name":"T","members":{"agent":"a"}}`, "", 400, "invalid", `{"pointer":"/members","code":"type"}`, "must be an array, not an object"},
	{"a fraction", "PUT", "/v1/teams/t", `{"name":"T","rotation":{"drain_burst":1.5}}`, "", 400, "invalid", `{"pointer":"/rotation/drain_burst","code":"out_of_range"}`, "not a whole number"},
	{"unknown value", "PUT", "/v1/agents/a/presence", `{"status":"gone"}`, "", 400, "invalid", `{"pointer":"/status","code":"unknown_value"}`, "is not one of available, away, unavailable, in_break"},
	{"attribute that is no text", "POST", "/v1/conversations", `{"inbox":"i","contact":"p","attributes":{"plan":1}}`, "", 400, "invalid", `{"pointer":"/attributes/plan","code":"type"}`, "must be a string"},

	{"id too long", "PUT", "/v1/agents/" + strings.Repeat("a", 65), `{"name":"A"}`, "", 400, "invalid", `{"pointer":"/id","code":"too_long"}`, "at most 64"},
	{"conversation id too long", "POST", "/v1/conversations", `{"id":"` + strings.Repeat("c", 129) + `","inbox":"i","contact":"p"}`, "", 400, "invalid", `{"pointer":"/id","code":"too_long"}`, "at most 128"},
	{"message id too long", "POST", "/v1/inboxes/i/messages", `{"id":"` + strings.Repeat("m", 129) + `","from":{"address":"+1"}}`, "", 400, "invalid", `{"pointer":"/id","code":"too_long"}`, "at most 128"},
	{"name too long", "PUT", "/v1/agents/a", `{"name":"` + strings.Repeat("ä", 201) + `"}`, "", 400, "invalid", `{"pointer":"/name","code":"too_long"}`, "200"},
	{"id with a blank", "PUT", "/v1/agents/a%20b", `{"name":"A"}`, "", 400, "invalid", `{"pointer":"/id","code":"characters"}`, "letters, digits and . _ : @ + -"},
	{"id of another", "PUT", "/v1/agents/a", `{"id":"b","name":"A"}`, "", 400, "invalid", `{"pointer":"/id","code":"differs"}`, "leave it out"},

	{"body over the limit", "PUT", "/v1/agents/a", `{"name":"` + strings.Repeat("a", bodyLimit) + `"}`, "", 413, "body_too_large", "", "131072 bytes"},
	{"wrong content type", "PUT", "/v1/agents/a", `{"name":"B"}`, "Content-Type: application/x-www-form-urlencoded", 415, "content_type", "", "Content-Type: application/json"},
	{"actor without a kind", "PUT", "/v1/agents/a", `{"name":"B"}`, "Rondo-Actor: mallory", 400, "invalid", `{"header":"Rondo-Actor","code":"format"}`, "agent:ID"},
	{"key too long", "PUT", "/v1/agents/a", `{"name":"B"}`, "Idempotency-Key: " + strings.Repeat("k", 129), 400, "invalid", `{"header":"Idempotency-Key","code":"format"}`, "1 to 128"},
	{"key on a message", "POST", "/v1/inboxes/i/messages", `{"id":"M9","from":{"address":"+1"}}`, "Idempotency-Key: mine", 400, "invalid", `{"header":"Idempotency-Key","code":"unexpected"}`, "leave this header out"},

	{"unknown agents in a team", "PUT", "/v1/teams/t", `{"name":"T","members":[{"agent":"a"},{"agent":"zoe"},{"agent":"yan"}]}`, "", 422, "unknown_reference",
		`{"pointer":"/members/1/agent","code":"unknown_agent"}`, `there is no agent "zoe"; create it first`},
	{"agent listed twice", "PUT", "/v1/teams/t", `{"name":"T","members":[{"agent":"a"},{"agent":"a"}]}`, "", 400, "invalid", `{"pointer":"/members/1/agent","code":"duplicate"}`, "listed twice"},
	{"missing fallback agent", "PUT", "/v1/teams/t", `{"name":"T","members":[{"agent":"a"}],"rotation":{"fallback":{"to":"agent","agent":"boss"}}}`, "", 422, "unknown_reference",
		`{"pointer":"/rotation/fallback/agent","code":"unknown_agent"}`, `there is no agent "boss"; create it first`},
	{"no fallback agent named", "PUT", "/v1/teams/t", `{"name":"T","rotation":{"fallback":{"to":"agent"}}}`, "", 400, "invalid", `{"pointer":"/rotation/fallback/agent","code":"required"}`, "is needed"},
	{"unknown team of an inbox", "PUT", "/v1/inboxes/i", `{"name":"I","assignment":{"mode":"rotation","team":"no"}}`, "", 422, "unknown_reference",
		`{"pointer":"/assignment/team","code":"unknown_team"}`, "create it first"},
	{"unknown inbox", "POST", "/v1/conversations", `{"inbox":"no","contact":"p"}`, "", 422, "unknown_reference", `{"pointer":"/inbox","code":"unknown_inbox"}`, "create it first"},
	{"unknown contact", "POST", "/v1/conversations", `{"inbox":"i","contact":"no"}`, "", 422, "unknown_reference", `{"pointer":"/contact","code":"unknown_contact"}`, "create it first"},
	{"unknown assignee", "PUT", "/v1/conversations/c1/assignee", `{"agent":"zoe"}`, "", 422, "unknown_reference", `{"pointer":"/agent","code":"unknown_agent"}`, "create it first"},

	{"presence of nobody", "PUT", "/v1/agents/zoe/presence", `{"status":"available"}`, "", 404, "not_found", "", `there is no agent "zoe"`},
	{"message to nowhere", "POST", "/v1/inboxes/no/messages", `{"id":"M9","from":{"address":"+1"}}`, "", 404, "not_found", "", `there is no inbox "no"`},
	{"unknown path", "GET", "/v1/agent/a", ``, "", 404, "no_route", "", "/v1/agent/a"},
	{"wrong method", "POST", "/v1/agents/a", `{"name":"B"}`, "", 405, "method_not_allowed", "", "use DELETE, GET, HEAD, PATCH, PUT"},
}

// Each slip is named with its place and its cure, and changes nothing.
func TestBadInput(t *testing.T) {
	t.Parallel()
	c := startDev(t)
	n := c.at(0)
	n.do(t, "PUT", "/v1/agents/a", `{"name":"A"}`).want(t, http.StatusCreated, `{}`)
	n.do(t, "PUT", "/v1/agents/a/presence", `{"status":"available"}`).want(t, http.StatusOK, `{}`)
	n.do(t, "PUT", "/v1/teams/t", `{"name":"T","members":[{"agent":"a"}]}`).want(t, http.StatusCreated, `{}`)
	n.do(t, "PUT", "/v1/inboxes/i", `{"name":"I","assignment":{"mode":"rotation","team":"t"}}`).want(t, http.StatusCreated, `{}`)
	n.do(t, "PUT", "/v1/contacts/p", `{"name":"P"}`).want(t, http.StatusCreated, `{}`)
	last := n.do(t, "POST", "/v1/conversations", `{"id":"c1","inbox":"i","contact":"p"}`).want(t, http.StatusCreated, `{"conversation":{"assignee":"a"}}`)
	before := everything(t, n, last.index(t))

	for i, s := range slips {
		t.Run(s.name, func(t *testing.T) {
			n := c.at(i)
			var headers []string
			if s.header != "" {
				headers = append(headers, s.header)
			}
			got := n.do(t, s.method, s.path, s.body, headers...)
			s.check(t, got)
			if after := everything(t, n, max(got.index(t), last.index(t))); after != before {
				t.Errorf("it changed something:\n%s\nbefore it was\n%s", after, before)
			}
		})
	}
	t.Run("body over the limit, of unknown length", func(t *testing.T) {
		endless := io.MultiReader(strings.NewReader(`{"name":"`), strings.NewReader(strings.Repeat("a", bodyLimit+1)))
		request, err := http.NewRequest("PUT", n.url+"/v1/agents/a", endless)
		if err != nil {
			t.Fatal(err)
		}
		got, err := n.once(request)
		if err != nil {
			t.Fatal(err)
		}
		slip{status: 413, code: "body_too_large", says: "131072 bytes"}.check(t, got)
		if after := everything(t, n, max(got.index(t), last.index(t))); after != before {
			t.Errorf("it changed something:\n%s\nbefore it was\n%s", after, before)
		}
	})
	n.do(t, "PUT", "/v1/agents/a", `{"name":"B"}`).want(t, http.StatusOK, `{}`)
	if everything(t, n, last.index(t)+1) == before {
		t.Error("a real change is not seen, so none of the above proves anything")
	}
}

func (s slip) check(t *testing.T, got answer) {
	t.Helper()
	got.want(t, s.status, fmt.Sprintf(`{"type":"/errors/%[2]s","status":%[1]d,"code":%[2]q,"title":"<any>","detail":"<any>"}`, s.status, s.code))
	if kind := got.header.Get("Content-Type"); kind != "application/problem+json" {
		t.Errorf("Content-Type is %q", kind)
	}
	if got.text(t, "title") == "" || !strings.Contains(got.text(t, "detail"), s.says) {
		t.Errorf("title %q, detail %q; want it to say %q", got.text(t, "title"), got.text(t, "detail"), s.says)
	}
	if s.fault == "" {
		return
	}
	want, err := decodeJSON([]byte(s.fault))
	if err != nil {
		t.Fatal(err)
	}
	if wrong := differences("errors[0]", got.at(t, "errors.0"), want); len(wrong) > 0 {
		t.Errorf("%s in %s", strings.Join(wrong, "; "), got.raw)
	}
	if detail, _ := follow(got.at(t, "errors.0"), "detail"); text(detail) == "" {
		t.Errorf("errors[0] has no detail in %s", got.raw)
	}
}

// everything returns all that the node has, at an index or later.
func everything(t *testing.T, n node, index uint64) string {
	t.Helper()
	var all []string
	for _, path := range []string{"agents", "teams", "inboxes", "contacts", "conversations", "decisions", "teams/t/rotation"} {
		all = append(all, string(n.get(t, fmt.Sprintf("/v1/%s?consistency=stale&min_index=%d", path, index)).raw))
	}
	return strings.Join(all, "\n")
}
