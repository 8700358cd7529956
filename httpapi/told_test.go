package httpapi

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/rondohq/rondo/fsm"
)

// TestOnesOwnAlone: what an agent was told, and what she wants to be told, are for
// herself, for supervisors and for programs, over every path there is to them.
func TestOnesOwnAlone(t *testing.T) {
	m := newMachine(t)
	h := newHandler(t, m)
	setUp(t, h)
	for id, role := range map[string]string{"sue": "supervisor", "boss": "admin"} {
		if r := do(h, "PUT", "/v1/agents/"+id, `{"name":"S","role":"`+role+`"}`); r.status != 201 {
			t.Fatal(r.body)
		}
	}
	if r := do(h, "POST", "/v1/conversations", `{"id":"c1","inbox":"i","contact":"p"}`); !strings.Contains(r.body, `"assignee":"a"`) {
		t.Fatal(r.body)
	}
	url := serve(t, m, EventOptions{}).URL
	for actor, want := range map[string]int{"agent:a": 200, "agent:b": 403, "agent:sue": 200, "agent:boss": 200, "system:crm": 200} {
		for _, call := range [][3]string{{"GET", "/v1/agents/a/notifications", ""}, {"GET", "/v1/agents/a/preferences", ""},
			{"POST", "/v1/agents/a/notifications/read", `{"ids":["1.0"]}`}, {"PUT", "/v1/agents/a/preferences", `{"notifications":{"waiting":{"list":true,"stream":true,"webhook":false}}}`}} {
			if r := do(h, call[0], call[1], call[2], actorHeader, actor); r.status != want {
				t.Errorf("%s, %v: %d %s", actor, call, r.status, r.body)
			}
		}
		w := watch(t, url+"/v1/events?notify=a&after=3.1", actorHeader, actor)
		if w.answer.StatusCode != want {
			t.Errorf("%s, the stream: %d", actor, w.answer.StatusCode)
		}
		w.cancel()
	}
	if r := do(h, "GET", "/v1/agents/a/notifications", ""); !strings.Contains(r.body, `"kind":"assigned"`) || !strings.Contains(r.body, `"unread":1`) {
		t.Errorf("nothing was told, or it was read by the way: %s", r.body)
	}
}

// TestStreamOfWhatOneIsTold: with notify= the stream has just the events by which
// somebody is told something, each once, and none on a channel that she switched off.
func TestStreamOfWhatOneIsTold(t *testing.T) {
	m := newMachine(t)
	h := newHandler(t, m)
	setUp(t, h)
	ok := func(method, path, body string) {
		t.Helper()
		if r := do(h, method, path, body); r.status > 201 {
			t.Fatalf("%s %s: %s", method, path, r.body)
		}
	}
	w := watch(t, serve(t, m, EventOptions{}).URL+"/v1/events?notify=a&after=3.1")
	ok("POST", "/v1/conversations", `{"id":"c1","inbox":"i","contact":"p"}`)                                     // to a
	ok("POST", "/v1/conversations", `{"id":"c2","inbox":"i","contact":"p"}`)                                     // to b
	ok("POST", "/v1/inboxes/i/messages", `{"id":"M1","from":{"address":"+1"},"sent_at":"2026-11-21T08:00:00Z"}`) // to a, another contact
	ok("PUT", "/v1/agents/a/preferences", `{"notifications":{"assigned":{"list":true,"stream":false,"webhook":true}}}`)
	ok("PUT", "/v1/conversations/c2/assignee", `{"agent":"a"}`) // told in the list alone
	ok("PUT", "/v1/conversations/c1/assignee", `{"agent":"b"}`) // taken away: the last block
	var told []string
	for len(told) < 3 {
		b, more := w.next()
		if !more {
			t.Fatalf("the stream ended:\n%s", w.raw.String())
		}
		if b.event == "" || strings.HasPrefix(b.event, "stream.") {
			continue
		}
		if !strings.Contains(b.data, `{"agent":"a","kind":`) {
			t.Errorf("it tells a nothing: %s", b.data)
		}
		told = append(told, b.event)
	}
	if got := strings.Join(told, " "); strings.Count(w.raw.String(), `"conversation":"c2"`) != 0 || !strings.Contains(got, "conversation.opened conversation.opened") {
		t.Errorf("told by %s\n%s", got, w.raw.String())
	}
	if r := do(h, "GET", "/v1/agents/a/notifications", ""); strings.Count(r.body, `"conversation":"c2"`) == 0 {
		t.Errorf("the list has nothing of c2: %s", r.body)
	}
	if r := do(h, "GET", "/v1/events?notify=nobody", ""); r.status != 422 {
		t.Errorf("nobody: %d %s", r.status, r.body)
	}
}

// TestLimitsOfWhatPeopleDo: one more than is allowed is refused, and says so.
func TestLimitsOfWhatPeopleDo(t *testing.T) {
	h := newHandler(t, newMachine(t))
	setUp(t, h)
	ids := func(n int, form string) string {
		var list []string
		for i := range n {
			list = append(list, fmt.Sprintf(form, i))
		}
		return strings.Join(list, ",")
	}
	for _, c := range []struct {
		method, path string
		most         int
		fill         func(n int) (query, body string)
	}{
		{"GET", "/v1/views/counts?ids=", maxBadges, func(n int) (string, string) { return strings.TrimSuffix(strings.Repeat("all,", n), ","), "" }},
		{"POST", "/v1/agents/a/notifications/read", fsm.MaxNotifications, func(n int) (string, string) { return "", `{"ids":[` + ids(n, `"%d.0"`) + `]}` }},
		{"PUT", "/v1/views/long", fsm.MaxFilterBytes, func(n int) (string, string) {
			const head = "tag="
			tags, rest := "", n-len(head)
			for i := 0; rest > 0; i++ {
				size := min(rest, 61)
				tag := fmt.Sprintf("%02d", i) + strings.Repeat("x", max(size-3, 0))
				tags += tag + ","
				rest = n - len(head) - len(tags)
			}
			return "", `{"name":"L","filter":"` + (head + tags)[:n-1] + `y"}`
		}},
		{"PUT", "/v1/conversations/c/priority", 9, func(n int) (string, string) { return "", fmt.Sprintf(`{"priority":%d}`, n) }},
		{"GET", "/v1/agents/a/notifications?limit=", maxLimit, func(n int) (string, string) { return fmt.Sprint(n), "" }},
	} {
		if strings.Contains(c.path, "priority") {
			if r := do(h, "POST", "/v1/conversations", `{"id":"c","inbox":"m","contact":"p"}`); r.status != http.StatusCreated {
				t.Fatal(r.body)
			}
		}
		for n, want := range map[int]bool{c.most: true, c.most + 1: false} {
			more, body := c.fill(n)
			r := do(h, c.method, c.path+more, body)
			if allowed := r.status < 300; allowed != want || !want && r.status != 400 {
				t.Errorf("%s %s, %d: %d %.300s", c.method, c.path, n, r.status, r.body)
			}
		}
	}
}
