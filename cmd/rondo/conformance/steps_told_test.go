package conformance

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// aWorld is one whose only node answers each path with what is written here.
func aWorld(t *testing.T, answers map[string]any) *world {
	t.Helper()
	node := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		answer, known := answers[r.URL.Path]
		if !known {
			rw.WriteHeader(http.StatusNotFound)
			answer = map[string]any{"code": "not_found", "title": "Not found"}
		}
		_ = json.NewEncoder(rw).Encode(answer)
	}))
	t.Cleanup(node.Close)
	c, err := newCalls([]string{node.URL})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.close)
	w := newWorld(c, "k.")
	w.talks.ids = []string{"k.c1", "k.c2"}
	return w
}

// look runs one line as a step.
func look(t *testing.T, w *world, line string) error {
	t.Helper()
	r, args, err := understand(line)
	if err != nil {
		t.Fatal(err)
	}
	return r.run(t.Context(), w, args)
}

// What somebody was told is compared per conversation, in the order in which it
// came, and the same thing told twice is never right.
func TestTold(t *testing.T) {
	item := func(id, kind, conversation string) map[string]any {
		return map[string]any{"id": id, "kind": kind, "conversation": conversation}
	}
	newest := []any{item("9.0", "reassigned", "k.c1"), item("8.0", "assigned", "k.c2"), item("7.0", "assigned", "k.c1")}
	w := aWorld(t, map[string]any{
		"/v1/agents/k.a/notifications": map[string]any{"items": newest},
		"/v1/agents/k.b/notifications": map[string]any{"items": append(newest, newest[2])},
	})
	for line, wrong := range map[string]string{
		"A was told about conversation 1: assigned, reassigned": "",
		"A was told about it: assigned":                         "",
		"A was told about conversation 1: assigned":             "got assigned, reassigned",
		"A was told about conversation 1: nothing":              "got assigned, reassigned",
		"A was told assigned 2 times in all":                    "",
		"A was told assigned 1 time in all":                     "expected 1, got 2",
		"B was told about conversation 1: assigned, reassigned": "expected each notification once",
	} {
		err := look(t, w, line)
		if wrong == "" && err != nil || wrong != "" && (err == nil || !strings.Contains(err.Error(), wrong)) {
			t.Errorf("%q: %v, want %q", line, err, wrong)
		}
	}
}

// An erased contact is searched for wherever a conversation is told of.
func TestNothingLeft(t *testing.T) {
	empty := map[string]any{"items": []any{}}
	answers := map[string]any{
		"/v1/contacts/k.zach": map[string]any{"id": "k.zach", "name": ""}, "/v1/contacts/k.zach/revisions": empty,
		"/v1/conversations/k.c2": map[string]any{"contact": "k.zach"},
	}
	const line = "nothing of contact Zach is left in what is told of it: neither the address nor Zach, Gold"
	for what, decisions := range map[string]any{
		"Gold":               map[string]any{"items": []any{map[string]any{"id": "7.0", "attribute": "Gold"}}},
		"conformance:k.zach": map[string]any{"items": []any{map[string]any{"id": "7.0", "from": "conformance:k.zach"}}},
	} {
		answers["/v1/conversations/k.c2/decisions"] = decisions
		err := look(t, aWorld(t, answers), line)
		if err == nil || !strings.Contains(err.Error(), "expected no "+what+" in /v1/conversations/k.c2/decisions") {
			t.Errorf("%s was left, and the step says %v", what, err)
		}
	}
}
