package replay

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// A fakeCluster answers the few routes a replay needs, decides by the model, and
// loses answers when told to: the call has been done, then the connection breaks.
type fakeCluster struct {
	mu      sync.Mutex
	model   *model // of the newest team
	models  []*model
	limits  map[string]int // of agents
	names   map[string]string
	created map[string]bool
	bodies  map[string]map[string]any // of conversations
	answers map[string]fakeAnswer     // by Idempotency-Key
	changes int
	log     []string

	lose    func(n int) bool                     // of the n-th changing call: its answer
	refuse  func(n int) int                      // its status instead of doing it; 0 does it
	corrupt func(path string, items []any) []any // what lists say
	observe func(call string)                    // each changing call when it comes: method, path and id
}

type fakeAnswer struct {
	status int
	body   any
}

func startFake(t *testing.T, nodes int) (*fakeCluster, []string) {
	t.Helper()
	f := &fakeCluster{names: map[string]string{}, limits: map[string]int{}, created: map[string]bool{}, bodies: map[string]map[string]any{}, answers: map[string]fakeAnswer{},
		lose: func(int) bool { return false }, refuse: func(int) int { return 0 },
		corrupt: func(_ string, items []any) []any { return items }, observe: func(string) {}}
	var servers []string
	for range nodes {
		s := httptest.NewServer(f)
		t.Cleanup(s.Close)
		servers = append(servers, s.URL)
	}
	return f, servers
}

func (f *fakeCluster) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var body map[string]any
	_ = json.NewDecoder(r.Body).Decode(&body)
	f.mu.Lock()
	answer, replayed, lost := f.answer(r, body)
	index := uint64(1)
	if f.model != nil {
		index = f.index()
	}
	raw, _ := json.Marshal(answer.body)
	f.mu.Unlock()
	if lost {
		if conn, _, err := w.(http.Hijacker).Hijack(); err == nil {
			conn.Close()
		}
		return
	}
	w.Header().Set("Rondo-Index", strconv.FormatUint(index, 10))
	if replayed {
		w.Header().Set("Idempotency-Replayed", "true")
	}
	w.WriteHeader(answer.status)
	_, _ = w.Write(raw)
}

func (f *fakeCluster) answer(r *http.Request, body map[string]any) (answer fakeAnswer, replayed, lost bool) {
	if r.Method == http.MethodGet {
		return f.read(r), false, false
	}
	f.changes++
	n := f.changes
	call := fmt.Sprint(r.Method, " ", r.URL.Path, " ", body["id"])
	f.observe(call)
	key := r.Header.Get("Idempotency-Key")
	if key == "" {
		return fakeAnswer{400, problem("key_missing")}, false, false
	}
	if status := f.refuse(n); status != 0 {
		return fakeAnswer{status, problem("not_now")}, false, false
	}
	if known, ok := f.answers[key]; ok {
		return known, true, f.lose(n)
	}
	answer = f.change(r, body)
	f.answers[key] = answer
	f.log = append(f.log, call)
	return answer, false, f.lose(n)
}

func problem(code string) map[string]any {
	return map[string]any{"code": code, "title": "No", "detail": "because", "status": 0}
}

func (f *fakeCluster) change(r *http.Request, body map[string]any) fakeAnswer {
	parts := strings.Split(strings.TrimPrefix(r.URL.Path, "/v1/"), "/")
	switch {
	case len(parts) == 3 && parts[2] == "presence":
		f.modelOf(func(m *model) bool { return slices.Contains(m.order, parts[1]) }).presence(parts[1], body["status"] == "available")
		return fakeAnswer{200, map[string]any{"id": parts[1]}}
	case r.URL.Path == "/v1/conversations":
		id := body["id"].(string)
		f.bodies[id] = body
		m := f.modelOf(func(m *model) bool { return m.inbox() == body["inbox"] })
		m.arrives(id)
		return fakeAnswer{201, map[string]any{"conversation": map[string]any{"id": id}, "decision": wire(m.decisions[len(m.decisions)-1])}}
	case len(parts) == 3 && parts[2] == "close":
		m := f.modelOf(func(m *model) bool { return m.ends[parts[1]] != nil })
		if m == nil {
			return fakeAnswer{404, problem("not_found")}
		}
		m.close(parts[1])
		return fakeAnswer{200, map[string]any{"conversation": map[string]any{"id": parts[1]}, "decision": nil}}
	case r.Method == http.MethodPut && len(parts) == 2:
		return f.put(parts[0], parts[1], body)
	}
	return fakeAnswer{404, problem("no_such_route")}
}

func (f *fakeCluster) put(noun, id string, body map[string]any) fakeAnswer {
	status := 201
	if f.created[noun+id] {
		status = 200
	}
	f.created[noun+id] = true
	f.names[id], _ = body["name"].(string)
	if limits, ok := body["limits"].(map[string]any); ok {
		f.limits[id] = int(limits["open"].(float64))
	}
	if noun == "teams" {
		f.putTeam(id, body)
	}
	return fakeAnswer{status, map[string]any{"id": id}}
}

// wire writes a decision as the API does: null for what is not there.
func wire(d Decision) map[string]any {
	raw, _ := json.Marshal(d)
	var m map[string]any
	_ = json.Unmarshal(raw, &m)
	for name, value := range m {
		if value == "" {
			m[name] = nil
		}
	}
	m["rule"], m["notes"], m["at"] = nil, []string{}, "2026-01-01T00:00:00.000Z"
	return m
}

func (f *fakeCluster) read(r *http.Request) fakeAnswer {
	var items []any
	m := f.modelOf(func(m *model) bool { return m.team == r.URL.Query().Get("team") })
	if m == nil {
		return fakeAnswer{400, problem("no_team")}
	}
	switch r.URL.Path {
	case "/v1/decisions":
		for _, d := range m.decisions {
			items = append(items, wire(d))
		}
	case "/v1/conversations":
		var ids []string
		for id := range m.ends {
			ids = append(ids, id)
		}
		slices.Sort(ids)
		for _, id := range ids {
			end := m.ends[id]
			c := map[string]any{"id": id, "status": end.Status, "assignee": nil, "assignment": nil}
			if end.Assignee != "" {
				c["assignee"] = end.Assignee
			}
			if end.State != "" {
				c["assignment"] = map[string]any{"state": end.State}
			}
			items = append(items, c)
		}
	default:
		return fakeAnswer{404, problem("not_found")}
	}
	items = f.corrupt(r.URL.Path, items)
	from, _ := strconv.Atoi(strings.TrimSuffix(r.URL.Query().Get("page_token"), "."))
	to := min(from+7, len(items)) // small pages, so that there are several
	if strings.HasSuffix(r.URL.Query().Get("page_token"), ".") {
		to = from // and one in between that has looked at others' rows only
	}
	page := map[string]any{"items": items[from:to], "next_page_token": nil}
	if to < len(items) {
		page["next_page_token"] = fmt.Sprint(to)
		if from == 7 && to == 14 {
			page["next_page_token"] = "14."
		}
	}
	return fakeAnswer{200, page}
}
