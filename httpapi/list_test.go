package httpapi

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/rondohq/rondo/fsm"
)

// A town is a state with enough in it to list.
type town struct {
	h http.Handler
	m *machine
}

func newTown(t *testing.T, r *rapid.T) town {
	m := newMachine(t)
	w := town{newHandler(t, m), m}
	for _, a := range []string{"a", "b", "c"} {
		w.send(r, "PUT", "/v1/agents/"+a, `{"name":"`+strings.ToUpper(a)+`"}`)
		w.send(r, "PUT", "/v1/agents/"+a+"/presence", `{"status":"available"}`)
	}
	w.send(r, "PUT", "/v1/teams/t", `{"name":"T","members":[{"agent":"a"},{"agent":"b"}]}`)
	w.send(r, "PUT", "/v1/teams/u", `{"name":"U"}`)
	w.send(r, "PUT", "/v1/inboxes/i", `{"name":"I","assignment":{"mode":"rotation","team":"t"}}`)
	w.send(r, "PUT", "/v1/inboxes/j", `{"name":"J","assignment":{"mode":"rotation","team":"u"}}`)
	w.send(r, "PUT", "/v1/inboxes/k", `{"name":"K"}`)
	for _, p := range []string{"p", "q"} {
		w.send(r, "PUT", "/v1/contacts/"+p, `{"name":"`+p+`"}`)
	}
	return w
}

func (w town) send(r *rapid.T, method, path, body string) reply {
	got := do(w.h, method, path, body, "Content-Type", "application/json")
	if got.status >= 500 {
		r.Fatalf("%s %s: %d %s", method, path, got.status, got.body)
	}
	return got
}

// live lets something happen.
func (w town) live(r *rapid.T, n int) {
	conversations := w.m.View(0).Conversations.Len()
	for range n {
		some := fmt.Sprintf("/v1/conversations/c%d", rapid.IntRange(0, max(conversations-1, 0)).Draw(r, "which"))
		switch rapid.IntRange(0, 7).Draw(r, "what") {
		case 0, 1, 2:
			w.send(r, "POST", "/v1/conversations", fmt.Sprintf(`{"id":"c%d","inbox":%q,"contact":%q}`, conversations,
				rapid.SampledFrom([]string{"i", "j", "k"}).Draw(r, "inbox"), rapid.SampledFrom([]string{"p", "q"}).Draw(r, "contact")))
			conversations++
		case 3:
			w.send(r, "POST", some+"/close", "")
		case 4:
			w.send(r, "POST", some+"/reopen", "")
		case 5:
			w.send(r, "PUT", some+"/assignee", fmt.Sprintf(`{"agent":%q}`, rapid.SampledFrom([]string{"a", "b", "c"}).Draw(r, "agent")))
		case 6:
			w.send(r, "DELETE", some+"/assignee", "")
		case 7:
			w.send(r, "POST", some+"/requeue", "")
		}
	}
}

// A shown conversation is what a dumb filter needs of its JSON.
type shown struct {
	ID, Inbox, Contact, Status, Team, Assignee string
	Assignment                                 struct{ State string }
}

func (s shown) field(filter string) string {
	return map[string]string{"inbox": s.Inbox, "contact": s.Contact, "status": s.Status, "team": s.Team, "assignee": s.Assignee, "state": s.Assignment.State}[filter]
}

// dumb filters all conversations, from the first that was opened to the last.
func (w town) dumb(r *rapid.T, filter url.Values) []string {
	v := w.m.View(0)
	ids := []string{}
	for row := range v.Conversations.All() {
		data, err := json.Marshal(viewConversation(v, row))
		if err != nil {
			r.Fatal(err)
		}
		var s shown
		if err := json.Unmarshal(data, &s); err != nil {
			r.Fatal(err)
		}
		keep := true
		for name := range filter {
			keep = keep && s.field(name) == filter.Get(name)
		}
		if keep {
			ids = append(ids, s.ID)
		}
	}
	return ids
}

// TestListsAgreeWithADumbFilter: whatever is asked for, in whatever order and in
// pages of whatever size, is what somebody would find who looks at everything. And
// while things change between the pages, what is in the list all the time is there
// once.
func TestListsAgreeWithADumbFilter(t *testing.T) {
	values := map[string][]string{"inbox": {"i", "j", "k"}, "contact": {"p", "q"}, "status": {"open", "closed"}, "team": {"t", "u"},
		"assignee": {"a", "b", "c"}, "state": {"assigned", "waiting", "held", "manual", "outbound"}}
	rapid.Check(t, func(r *rapid.T) {
		w := newTown(t, r)
		w.live(r, 40)
		for range 5 {
			filter := url.Values{}
			for _, name := range []string{"inbox", "contact", "status", "team", "assignee", "state"} {
				if rapid.IntRange(0, 3).Draw(r, "filter by "+name) == 0 {
					filter.Set(name, rapid.SampledFrom(values[name]).Draw(r, name))
				}
			}
			query := url.Values{}
			for name := range filter {
				query.Set(name, filter.Get(name))
			}
			query.Set("sort", rapid.SampledFrom([]string{"opened_at", "-opened_at"}).Draw(r, "sort"))
			query.Set("limit", fmt.Sprint(rapid.IntRange(1, 7).Draw(r, "limit")))
			changes := rapid.IntRange(0, 1).Draw(r, "changes a page") * 3

			pages, stay := 0, w.dumb(r, filter)
			got := w.walk(r, "/v1/conversations", query, func() {
				if pages++; pages > 10 {
					return // or new ones might come faster than the pages
				}
				w.live(r, changes)
				now := w.dumb(r, filter)
				stay = slices.DeleteFunc(stay, func(id string) bool { return !slices.Contains(now, id) })
			})
			if query.Get("sort") == "-opened_at" {
				slices.Reverse(stay)
			}
			there := slices.DeleteFunc(slices.Clone(got), func(id string) bool { return !slices.Contains(stay, id) })
			if changes == 0 && !slices.Equal(got, stay) || !slices.Equal(there, stay) {
				r.Fatalf("%s: got %v, want %v", query.Encode(), got, stay)
			}
		}
	})
}

// walk returns the ids on all pages; between two of them something may happen.
func (w town) walk(r *rapid.T, path string, query url.Values, between func()) []string {
	var ids []string
	for range 1000 {
		got := w.send(r, "GET", path+"?"+query.Encode(), "")
		var p pageOf
		if err := json.Unmarshal([]byte(got.body), &p); err != nil || got.status != 200 {
			r.Fatalf("%s?%s: %d %s", path, query.Encode(), got.status, got.body)
		}
		for _, item := range p.Items {
			ids = append(ids, item.ID)
		}
		if p.Next == nil {
			return ids
		}
		query.Set("page_token", *p.Next)
		between()
	}
	r.Fatalf("%s?%s has no end", path, query.Encode())
	return nil
}

// TestDecisionsBothWays: newest first is oldest first turned round, with every
// filter and page size.
func TestDecisionsBothWays(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		w := newTown(t, r)
		w.live(r, 40)
		for _, filter := range []string{"", "team=t", "agent=a", "conversation=c0", "conversation=c0&agent=b", "team=t&agent=b"} {
			query, err := url.ParseQuery(filter)
			if err != nil {
				r.Fatal(err)
			}
			if query.Has("conversation") && w.m.View(0).Conversations.Len() == 0 {
				continue
			}
			query.Set("limit", fmt.Sprint(rapid.IntRange(1, 9).Draw(r, "limit")))
			rising := w.walk(r, "/v1/decisions", query, func() {})
			query.Del("page_token")
			query.Set("sort", "-id")
			falling := w.walk(r, "/v1/decisions", query, func() {})
			slices.Reverse(falling)
			if !slices.Equal(rising, falling) {
				r.Fatalf("%s: %v and turned round %v", filter, rising, falling)
			}
		}
	})
}

// TestBackOverSegments: the newest first, across the segments of the log.
func TestBackOverSegments(t *testing.T) {
	m := newMachine(t)
	h := newHandler(t, m)
	setUp(t, h)
	const rows = 6000 // some segments
	fill(m, rows, func(i int) fsm.Command {
		return fsm.OpenConversation{ID: fsm.ConversationID(fmt.Sprintf("c%05d", i)), Inbox: "m", Contact: "p"}
	})
	rising := slices.Concat(pages(t, h, "/v1/decisions?limit=200")...)
	falling := slices.Concat(pages(t, h, "/v1/decisions?sort=-id&limit=200")...)
	slices.Reverse(falling)
	if len(rising) != rows || !slices.Equal(rising, falling) {
		t.Errorf("%d and %d decisions", len(rising), len(falling))
	}
}

// TestSearch: what somebody types finds the names that begin so, as people read.
func TestSearch(t *testing.T) {
	h := newHandler(t, newMachine(t))
	for id, name := range map[string]string{"m": "Mallory P", "m2": "mállory Q", "o": "Mala", "n": "Norbert", "x1": "Agent 1", "x2": "Agent 2", "x10": "Agent 10", "å": "Å"} {
		if id == "å" {
			id = "aa"
		}
		if r := do(h, "PUT", "/v1/agents/"+id, fmt.Sprintf(`{"name":%q}`, name)); r.status != 201 {
			t.Fatal(r.body)
		}
	}
	for query, want := range map[string]string{
		"q=mal":                      "o m m2",
		"q=MÁL":                      "o m m2",
		"q=mallory":                  "m m2",
		"q=mallory&sort=-name":       "m2 m",
		"q=mallory+q":                "m2",
		"q=agent":                    "x1 x2 x10",
		"q=agent+1":                  "x1 x10",
		"q=agent&limit=1":            "x1 x2 x10",
		"q=agent&limit=2&sort=-name": "x10 x2 x1",
		"q=a":                        "aa x1 x2 x10",
		"q=z":                        "",
		"sort=name":                  "aa x1 x2 x10 o m m2 n",
		"sort=-name&limit=3":         "n m2 m o x10 x2 x1 aa",
		"sort=-id&limit=3":           "x2 x10 x1 o n m2 m aa",
	} {
		if got := strings.Join(slices.Concat(pages(t, h, "/v1/agents?"+strings.ReplaceAll(query, "Á", "%C3%81"))...), " "); got != want {
			t.Errorf("%s: got %s, want %s", query, got, want)
		}
	}
}
