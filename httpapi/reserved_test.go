package httpapi

import (
	"strings"
	"testing"
)

// TestReservedIDs: what would hide behind another path is refused, and nothing of it
// is there afterwards.
func TestReservedIDs(t *testing.T) {
	h := newHandler(t, newMachine(t))
	setUp(t, h)
	r := do(h, "POST", "/v1/conversations", `{"id":"count","inbox":"m","contact":"p"}`)
	if r.status != 400 || !strings.Contains(r.body, `"code":"reserved"`) || !strings.Contains(r.body, `"pointer":"/id"`) {
		t.Errorf("a conversation called count: %d %s", r.status, r.body)
	}
	if r := do(h, "GET", "/v1/conversations/count", ""); r.status != 200 || !strings.Contains(r.body, `"count":0`) {
		t.Errorf("it is there: %s", r.body)
	}
	if r := do(h, "PUT", "/v1/views/"+countsID, `{"name":"X"}`); r.status != 405 {
		t.Errorf("a view called counts: %d %s", r.status, r.body)
	}
	for _, id := range []string{"fields", "templates"} {
		if r := do(h, "PUT", "/v1/rules/"+id, `{"name":"X"}`); r.status != 405 {
			t.Errorf("a rule called %s: %d %s", id, r.status, r.body)
		}
	}
	for id := range builtIns {
		if r := do(h, "PUT", "/v1/views/"+id, `{"name":"X"}`); r.status != 400 || !strings.Contains(r.body, `"code":"reserved"`) {
			t.Errorf("a view called %s: %d %s", id, r.status, r.body)
		}
		if r := do(h, "PATCH", "/v1/views/"+id, `{"name":"X"}`); r.status < 400 {
			t.Errorf("a patch of %s: %d %s", id, r.status, r.body)
		}
		if r := do(h, "DELETE", "/v1/views/"+id, ""); r.status != 404 {
			t.Errorf("removing %s: %d %s", id, r.status, r.body)
		}
	}
	for _, rt := range routes { // a path that hides an id needs a rule here
		if parts := strings.Split(rt.path, "/"); len(parts) == 4 && rt.method == "GET" && parts[1] == "v1" && !strings.Contains(parts[3], "{") {
			if parts[2] != "cluster" && rt.path != "/v1/conversations/count" && rt.path != "/v1/views/counts" && rt.path != "/v1/rules/fields" && rt.path != "/v1/rules/templates" {
				t.Errorf("%s hides a thing of that name; refuse it and test that here", rt.path)
			}
		}
	}
}
