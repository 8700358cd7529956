package httpapi

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/rondohq/rondo/fsm"
)

var patchables = []patchable{agentPatch, groupPatch, teamPatch, inboxPatch, contactPatch}

// A rival changes the agent a before each of the next proposals arrives.
type rival struct {
	*machine
	mu    sync.Mutex
	times int
	made  int
}

func (r *rival) Propose(ctx context.Context, it fsm.Item) (fsm.Outcome, uint64, error) {
	r.mu.Lock()
	if r.times > 0 {
		r.times--
		r.made++
		r.machine.mu.Lock()
		row, _ := r.machine.state.Agents.ByID("a")
		r.machine.apply(fsm.NewItem(fsm.PutAgent{ID: "a", Name: row.Name, SortKey: row.SortKey, Collation: r.machine.state.Collation, Email: fmt.Sprint("a@", r.made)},
			"system:rival", "", fsm.Key{Source: fsm.KeyMinted, Text: fmt.Sprint("rival-", r.made)}))
		r.machine.mu.Unlock()
	}
	r.mu.Unlock()
	return r.machine.Propose(ctx, it)
}

func newRival(t *testing.T) (*rival, http.Handler) {
	t.Helper()
	r := &rival{machine: newMachine(t)}
	h, err := New(Options{Cluster: r})
	if err != nil {
		t.Fatal(err)
	}
	if put := do(h, "PUT", "/v1/agents/a", `{"name":"Ann"}`); put.status != http.StatusCreated {
		t.Fatal(put.body)
	}
	return r, h
}

func agentIn(t *testing.T, body string) agentView {
	t.Helper()
	var a agentView
	if err := json.Unmarshal([]byte(body), &struct {
		*agentView
		Presence any `json:"presence"`
	}{agentView: &a}); err != nil {
		t.Fatalf("%v: %s", err, body)
	}
	return a
}

// TestPatchIsMadeAnew: whoever is faster keeps what she did, and so does the patch.
func TestPatchIsMadeAnew(t *testing.T) {
	r, h := newRival(t)
	r.times = maxAttempts - 1
	got := do(h, "PATCH", "/v1/agents/a", `{"name":"Anna"}`, "Idempotency-Key", "k")
	if got.status != http.StatusOK {
		t.Fatal(got.status, got.body)
	}
	if a := agentIn(t, got.body); a.Name != "Anna" || a.Email == nil || *a.Email != fmt.Sprint("a@", maxAttempts-1) {
		t.Errorf("%+v", a)
	}
	if r.times != 0 {
		t.Errorf("the rival came too late %d times", r.times)
	}
	if again := do(h, "PATCH", "/v1/agents/a", `{"name":"Anna"}`, "Idempotency-Key", "k"); again.header.Get("Idempotency-Replayed") != "true" || again.status != http.StatusOK {
		t.Errorf("again: %d %s", again.status, again.body)
	}
}

// TestPatchGivesUp: after some attempts the client is told; nothing has happened,
// and the key is still good.
func TestPatchGivesUp(t *testing.T) {
	r, h := newRival(t)
	r.times = maxAttempts
	got := do(h, "PATCH", "/v1/agents/a", `{"name":"Anna"}`, "Idempotency-Key", "k")
	var p struct{ Code string }
	if err := json.Unmarshal([]byte(got.body), &p); err != nil || got.status != http.StatusServiceUnavailable || p.Code != string(fsm.Outdated) ||
		got.header.Get("Retry-After") == "" || got.header.Get("Rondo-Outcome") != outcomeRejected {
		t.Fatal(got.status, got.header, got.body, err)
	}
	if op := do(h, "GET", "/v1/operations/k", ""); op.status != http.StatusNotFound {
		t.Errorf("the key is known: %s", op.body)
	}
	if got := do(h, "PATCH", "/v1/agents/a", `{"name":"Anna"}`, "Idempotency-Key", "k"); got.status != http.StatusOK || got.header.Get("Idempotency-Replayed") != "" {
		t.Errorf("sent again: %d %s", got.status, got.body)
	}
}

// TestPatchesAtOnce: many people change a field each, and nobody's is lost.
func TestPatchesAtOnce(t *testing.T) {
	_, h := newRival(t)
	const people, changes = 4, 8
	var all sync.WaitGroup
	for i := range people {
		all.Go(func() {
			for n := range changes {
				for {
					got := do(h, "PATCH", "/v1/agents/a", fmt.Sprintf(`{"fields":{"f%d":"%d"}}`, i, n), "Idempotency-Key", fmt.Sprint("k", i, "-", n))
					if got.status == http.StatusOK {
						break
					}
					if got.status != http.StatusServiceUnavailable || !strings.Contains(got.body, string(fsm.Outdated)) {
						t.Errorf("%d %s", got.status, got.body)
						return
					}
				}
			}
		})
	}
	all.Wait()
	if a := agentIn(t, do(h, "GET", "/v1/agents/a", "").body); len(a.Fields) != people || a.Fields["f0"] != fmt.Sprint(changes-1) {
		t.Errorf("%+v", a.Fields)
	}
}

// TestPatchOfWhatCannotBe: the key answers also where the patch cannot be merged
// any more.
func TestPatchOfWhatCannotBe(t *testing.T) {
	_, h := newRival(t)
	do(h, "PUT", "/v1/teams/t", `{"name":"T","rotation":{"fallback":{"to":"agent","agent":"a"}}}`)
	const patch = `{"rotation":{"fallback":{"agent":"a"}}}`
	if got := do(h, "PATCH", "/v1/teams/t", patch, "Idempotency-Key", "k"); got.status != http.StatusOK {
		t.Fatal(got.body)
	}
	do(h, "PUT", "/v1/teams/t", `{"name":"T"}`)
	if got := do(h, "PATCH", "/v1/teams/t", patch, "Idempotency-Key", "other"); got.status != http.StatusBadRequest {
		t.Errorf("it cannot be merged any more, and is answered with %d %s", got.status, got.body)
	}
	if got := do(h, "PATCH", "/v1/teams/t", patch, "Idempotency-Key", "k"); got.status != http.StatusOK || got.header.Get("Idempotency-Replayed") != "true" {
		t.Errorf("the repetition: %d %s", got.status, got.body)
	}
}

// TestEverythingIsShown: what a PUT takes GET shows, with all fields, or a PATCH of
// something else would lose it.
func TestEverythingIsShown(t *testing.T) {
	_, h := newRival(t)
	for path, body := range map[string]string{
		"/v1/groups/x":   `{"name":"X"}`,
		"/v1/teams/x":    `{"name":"X"}`,
		"/v1/inboxes/x":  `{"name":"X"}`,
		"/v1/contacts/x": `{"name":"X"}`,
		"/v1/agents/x":   `{"name":"X"}`,
	} {
		if got := do(h, "PUT", path, body); got.status != http.StatusCreated {
			t.Fatal(got.body)
		}
	}
	for _, n := range patchables {
		path := "/v1/" + plurals[n.noun.String()] + "/x"
		shown, err := decodeObject([]byte(do(h, "GET", path, "").body))
		if err != nil {
			t.Fatal(err)
		}
		checkShown(t, path, n.of, shown)
	}
}

func checkShown(t *testing.T, at string, s *shape, shown map[string]any) {
	t.Helper()
	for name, f := range s.fields {
		value, there := shown[name]
		if !there && at == "/v1/contacts/x" && name == "conversations" {
			continue // it says what is to be done with the change, and is not kept
		}
		if !there {
			t.Errorf("%s takes %s and does not show it: a PATCH of another field would lose it", at, name)
		}
		if inner, isObject := value.(map[string]any); isObject && f.shape.kind == object {
			checkShown(t, at+"/"+name, f.shape, inner)
		}
	}
}

// TestEmptyPatch: it changes nothing, of nothing.
func TestEmptyPatch(t *testing.T) {
	_, h := newRival(t)
	do(h, "PUT", "/v1/agents/x", `{"name":"X","kind":"bot","role":"supervisor","onboarded":false,"regions":["EU"]}`)
	do(h, "PUT", "/v1/groups/x", `{"name":"X","members":[{"agent":"x"},{"agent":"a"}]}`)
	do(h, "PUT", "/v1/teams/x", `{"name":"X","members":[{"group":"x"},{"agent":"a"}],"rotation":{"order":"list","drain_burst":0,"alert_after_seconds":0}}`)
	do(h, "PUT", "/v1/inboxes/x", `{"name":"X","channel":{"kind":"sms","address":"+1"},"assignment":{"mode":"rotation","team":"x"}}`)
	do(h, "PUT", "/v1/contacts/x", `{"name":"X","addresses":["+2","+3"]}`)
	for _, n := range patchables {
		path := "/v1/" + plurals[n.noun.String()] + "/x"
		before := do(h, "GET", path, "")
		after := do(h, "PATCH", path, `{}`)
		if tag := before.header.Get("ETag"); after.status != http.StatusOK || tag == "" || after.header.Get("ETag") != tag {
			t.Errorf("%s had %s %s\nand has %d %s", path, tag, before.body, after.status, after.body)
		}
	}
}

// TestMergePatch are the examples of RFC 7396, appendix A, that are about objects.
func TestMergePatch(t *testing.T) {
	for _, c := range [][3]string{
		{`{"a":"b"}`, `{"a":"c"}`, `{"a":"c"}`},
		{`{"a":"b"}`, `{"b":"c"}`, `{"a":"b","b":"c"}`},
		{`{"a":"b"}`, `{"a":null}`, `{}`},
		{`{"a":"b","b":"c"}`, `{"a":null}`, `{"b":"c"}`},
		{`{"a":["b"]}`, `{"a":"c"}`, `{"a":"c"}`},
		{`{"a":"c"}`, `{"a":["b"]}`, `{"a":["b"]}`},
		{`{"a":{"b":"c"}}`, `{"a":{"b":"d","c":null}}`, `{"a":{"b":"d"}}`},
		{`{"a":[{"b":"c"}]}`, `{"a":[1]}`, `{"a":[1]}`},
		{`{"e":null}`, `{"a":1}`, `{"a":1,"e":null}`},
		{`{}`, `{"a":{"bb":{"ccc":null}}}`, `{"a":{"bb":{}}}`},
	} {
		target, err := decodeObject([]byte(c[0]))
		if err != nil {
			t.Fatal(err)
		}
		patch, err := decodeObject([]byte(c[1]))
		if err != nil {
			t.Fatal(err)
		}
		got, err := json.Marshal(merge(target, patch))
		if kept, _ := json.Marshal(target); err != nil || string(got) != c[2] || string(kept) != c[0] {
			t.Errorf("%s with %s gave %s, not %s; the target is %s", c[0], c[1], got, c[2], kept)
		}
	}
}
