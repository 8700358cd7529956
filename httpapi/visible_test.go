package httpapi

import (
	"net/http"
	"strings"
	"testing"
)

// behindDoors makes two inboxes: `i` for all, and `vip`, to which only a has access.
// Of vip, v1 is nobody's, v2 is a's and v3 is closed and b's, as it was before the
// doors were shut. c1 came by i.
func behindDoors(t *testing.T) http.Handler {
	t.Helper()
	h := newHandler(t, newMachine(t))
	setUp(t, h)
	for _, step := range [][3]string{
		{"PUT", "/v1/agents/boss", `{"name":"Boss","role":"admin"}`},
		{"PUT", "/v1/agents/gone", `{"name":"Gone"}`},
		{"PUT", "/v1/inboxes/vip", `{"name":"V","assignment":{"mode":"manual","team":"t"}}`},
		{"POST", "/v1/conversations", `{"id":"v1","inbox":"vip","contact":"p","tags":["secret"]}`},
		{"POST", "/v1/conversations", `{"id":"v2","inbox":"vip","contact":"p"}`},
		{"POST", "/v1/conversations", `{"id":"v3","inbox":"vip","contact":"p"}`},
		{"POST", "/v1/conversations/v2/claim", `{"agent":"a"}`},
		{"POST", "/v1/conversations/v3/claim", `{"agent":"b"}`},
		{"POST", "/v1/conversations/v3/close", ``},
		{"POST", "/v1/conversations", `{"id":"v4","inbox":"vip","contact":"p"}`},
		{"POST", "/v1/conversations/v4/claim", `{"agent":"gone"}`},
		{"POST", "/v1/conversations/v4/close", ``},
		{"DELETE", "/v1/agents/gone", ``},
		{"PUT", "/v1/inboxes/vip", `{"name":"V","access":[{"agent":"a"}],"assignment":{"mode":"manual","team":"t"}}`},
		{"POST", "/v1/conversations", `{"id":"c1","inbox":"i","contact":"p"}`},
		{"PUT", "/v1/contacts/p/followers/a", ``},
		{"PUT", "/v1/views/secrets", `{"name":"S","filter":"tag=secret"}`},
		{"PUT", "/v1/views/own", `{"name":"O","owner":"a","filter":"assignee=a"}`},
	} {
		if r := do(h, step[0], step[1], step[2]); r.status > 201 {
			t.Fatalf("%v: %s", step, r.body)
		}
	}
	return h
}

// TestConversationsBehindDoors: who may not see a conversation in lists does not see
// it by its id either, nor what was decided about it. Hers an agent always sees.
func TestConversationsBehindDoors(t *testing.T) {
	h := behindDoors(t)
	sees := map[string]string{
		"agent:a": "v1 v2 v3 v4 c1", "agent:boss": "v1 v2 v3 v4 c1", "system:crm": "v1 v2 v3 v4 c1", "agent:unheard-of": "v1 v2 v3 v4 c1",
		"agent:b": "v3 c1", "agent:gone": "",
	}
	for actor, ids := range sees {
		for _, id := range []string{"v1", "v2", "v3", "v4", "c1"} {
			there := strings.Contains(" "+ids+" ", " "+id+" ")
			decisions := do(h, "GET", "/v1/decisions?limit=200", "", actorHeader, actor)
			if has := strings.Contains(decisions.body, `"conversation":"`+id+`"`); has != there {
				t.Errorf("%s, %s among decisions: %v", actor, id, has)
			}
			for path, hidden := range map[string]int{"/v1/conversations/" + id: 404, "/v1/conversations/" + id + "/decisions": 404,
				"/v1/decisions?conversation=" + id: 422, "/v1/decisions/" + firstDecision(t, h, id): 404} {
				want := 200
				if !there {
					want = hidden
				}
				r := do(h, "GET", path, "", actorHeader, actor)
				if r.status != want {
					t.Errorf("%s, %s: %d, want %d", actor, path, r.status, want)
				}
				nobody := do(h, "GET", "/v1"+strings.Replace(path[3:], id, "x9", 1), "", actorHeader, actor)
				if !there && strings.Contains(path[3:], id) && strings.ReplaceAll(r.body, id, "x9") != nobody.body {
					t.Errorf("%s, %s: it shows that there is something:\n%s\n%s", actor, path, r.body, nobody.body)
				}
			}
		}
		got := strings.Join(pages(t, h, "/v1/conversations?limit=200")[0], " ")
		if got != "v1 v2 v3 v4 c1" {
			t.Fatalf("all are %s", got)
		}
	}
}

func firstDecision(t *testing.T, h http.Handler, id string) string {
	t.Helper()
	list := pages(t, h, "/v1/conversations/"+id+"/decisions?limit=1")
	if len(list) == 0 || len(list[0]) == 0 {
		t.Fatalf("%s has no decisions", id)
	}
	return list[0][0]
}

// TestAsShowsNothingMore: `as` and `me` say whom filters mean, and never whose eyes
// look. So no list and no count shows b what she may not see.
func TestAsShowsNothingMore(t *testing.T) {
	h := behindDoors(t)
	b := []string{actorHeader, "agent:b"}
	if r := do(h, "GET", "/v1/conversations?assignee=a", ""); !strings.Contains(r.body, `"v2"`) {
		t.Fatalf("a has nothing: %s", r.body)
	}
	for _, query := range []string{"?as=a", "?assignee=me&as=a", "?assignee=me,none&as=a", "?assignee=a", "?assignee=a,b", "?assignee=none", "?follower=me&as=a", "?follower=a",
		"?inbox=vip", "?contact=p", "?tag=secret", "?status=open,closed&as=boss", "?kind=conversation", "?unread=false", "?owner=none", "?sort=-activity", "?sort=-priority&as=a", "?team=t", "?state=manual"} {
		r := do(h, "GET", "/v1/conversations"+query, "", b...)
		if r.status != 200 || strings.Contains(r.body, `"id":"v1"`) || strings.Contains(r.body, `"id":"v2"`) || strings.Contains(r.body, `"id":"v4"`) {
			t.Errorf("%s: %d %s", query, r.status, r.body)
		}
		rows := len(pages(t, withHeaders(h, b...), "/v1/conversations"+query)[0])
		query, _, _ = strings.Cut(query, "?sort")
		query, _, _ = strings.Cut(query, "&sort")
		if count := do(h, "GET", "/v1/conversations/count"+query, "", b...); count.status != 200 || !strings.Contains(count.body, `"count":`+string(rune('0'+rows))) {
			t.Errorf("%s: there are %d, and it counts %s", query, rows, count.body)
		}
	}
	for id := range builtIns {
		r := do(h, "GET", "/v1/views/"+id+"/conversations?as=a&limit=200", "", b...)
		if r.status != 200 || strings.Contains(r.body, `"id":"v1"`) || strings.Contains(r.body, `"id":"v2"`) {
			t.Errorf("view %s: %d %s", id, r.status, r.body)
		}
	}
	if r := do(h, "GET", "/v1/views/secrets/count?as=a", "", b...); r.status != 200 || !strings.Contains(r.body, `"count":0`) {
		t.Errorf("a shared view: %s", r.body)
	}
	for _, path := range []string{"/v1/views/own?x=", "/v1/views/own/conversations?as=a", "/v1/views/own/count?as=a", "/v1/views/own/revisions?x="} {
		if r := do(h, "GET", strings.TrimSuffix(path, "?x="), "", b...); r.status != 404 {
			t.Errorf("%s of somebody else: %d", path, r.status)
		}
	}
	gone := do(h, "GET", "/v1/conversations?assignee=me&limit=200", "", actorHeader, "agent:gone")
	if strings.Contains(gone.body, `"id":"`) {
		t.Errorf("who was removed sees %s", gone.body)
	}
}

// withHeaders is h for a caller who always sends some headers.
func withHeaders(h http.Handler, headers ...string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for i := 0; i < len(headers); i += 2 {
			r.Header.Set(headers[i], headers[i+1])
		}
		h.ServeHTTP(w, r)
	})
}
