package httpapi

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/rondohq/rondo/fsm"
)

// TestEventsRefusals: what cannot be a stream is a problem like any other.
func TestEventsRefusals(t *testing.T) {
	m := newMachine(t)
	desk(t, m)
	h := newHandler(t, m)
	for query, want := range map[string]string{
		"after=yesterday":             "400 invalid",
		"after=1.2.3":                 "400 invalid",
		"after=-1":                    "400 invalid",
		"after=18446744073709551615":  "400 invalid",
		"after=18446744073709551616":  "400 invalid",
		"after=1.4294967296":          "400 invalid",
		"types=conversation.exploded": "400 invalid",
		"types=":                      "400 invalid",
		"colour=red":                  "400 invalid",
		"min_index=3":                 "400 invalid",
		"team=nobody":                 "422 unknown_reference",
		"inbox=nobody":                "422 unknown_reference",
		"agent=nobody":                "422 unknown_reference",
		"conversation=nobody":         "422 unknown_reference",
	} {
		r := do(h, "GET", "/v1/events?"+query, "")
		if got := fmt.Sprint(r.status, " ", r.code(t)); got != want {
			t.Errorf("%s: %s, want %s", query, got, want)
		}
	}
	if r := do(h, "GET", "/v1/events", "", "Last-Event-ID", "x"); r.status != 400 || !strings.Contains(r.body, `"header":"Last-Event-ID"`) {
		t.Errorf("Last-Event-ID: %d %s", r.status, r.body)
	}
	if r := do(h, "POST", "/v1/events", ""); r.status != 405 {
		t.Errorf("POST: %d", r.status)
	}
	if r := do(h, "HEAD", "/v1/events", ""); r.status != 200 || r.body != "" || r.header.Get("Content-Type") != contentEvents {
		t.Errorf("HEAD: %d %q %v", r.status, r.body, r.header)
	}
	m.fail = trouble{"no_leader", outcomeRejected, time.Second}
	r := do(h, "GET", "/v1/events?after=900.0", "")
	if r.status != 503 || r.code(t) != "no_leader" || r.header.Get("Retry-After") == "" {
		t.Errorf("an id of the future without a leader: %d %v %s", r.status, r.header, r.body)
	}
}

// TestEventsReset: who asks for what is gone, or never was, is told so, and where
// the stream goes on.
func TestEventsReset(t *testing.T) {
	m := newMachine(t)
	desk(t, m)
	server := serve(t, m, EventOptions{})
	check := func(after, reason string) block {
		t.Helper()
		w := watch(t, server.URL+"/v1/events?after="+after)
		for {
			b, ok := w.next()
			if !ok {
				t.Fatalf("after %s: the stream ended:\n%s", after, w.raw.String())
			}
			if b.event == "" {
				continue
			}
			var got resetView
			if err := json.Unmarshal([]byte(b.data), &got); b.event != "reset" || err != nil || got.Reason != reason || got.After != after || got.Oldest == nil {
				t.Fatalf("after %s: %+v", after, b)
			}
			m.call(t, opening("after-"+after))
			next, _ := w.next()
			if next.event == "" {
				t.Fatalf("after %s: %+v follows the reset", after, next)
			}
			if reason == "unknown" && next.id != m.newest() || reason == "too_old" && next.id != *got.Oldest {
				t.Errorf("after %s the stream goes on with %s, the oldest is %s", after, next.id, *got.Oldest)
			}
			return b
		}
	}
	check("900.0", "unknown")
	check("901", "unknown")
	live := watch(t, server.URL+"/v1/events")
	first, _ := live.next()
	forgetSome(t, m)
	live.until(m.newest()) // by then every stream looks at a view without the oldest
	old := check("3.0", "too_old")
	check(first.id, "too_old")

	again := watch(t, server.URL+"/v1/events", "Last-Event-ID", old.id)
	again.next()
	if b, _ := again.next(); b.event == "reset" {
		t.Errorf("the id of a reset leads to another: %+v", b)
	}
	if b, _ := watch(t, server.URL+"/v1/events?after=0").next(); b.id != "0.0" {
		t.Errorf("from the beginning: %+v", b)
	}
}

// forgetSome writes records until the oldest are gone, and returns the newest
// conversation.
func forgetSome(t *testing.T, m *machine) (id string) {
	t.Helper()
	m.mu.Lock()
	m.state.Settings.RecordBytes = 1
	m.mu.Unlock()
	for i := 0; m.View(0).Forgotten.Segments == 0; i++ {
		id = fmt.Sprintf("many-%d", i)
		m.call(t, opening(id))
		m.call(t, fsm.CloseConversation{Conversation: fsm.ConversationID(id)})
	}
	return id
}

// TestEventsSlowReader: a client that does not read is dropped, and neither the
// writes nor another client wait for it.
func TestEventsSlowReader(t *testing.T) {
	m := newMachine(t)
	desk(t, m)
	registry := prometheus.NewRegistry()
	h, err := New(Options{Cluster: m, Registry: registry, Events: EventOptions{Patience: 2 * time.Second}})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(h)
	defer server.Close()
	defer server.CloseClientConnections()
	slow, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer slow.Close()
	fmt.Fprint(slow, "GET /v1/events HTTP/1.1\r\nHost: x\r\n\r\n")
	head := make([]byte, 12)
	if _, err := io.ReadFull(slow, head); err != nil {
		t.Fatal(err)
	}
	w := watch(t, server.URL+"/v1/events")
	w.next()
	shown := make(chan int)
	go func() { shown <- w.count("conversation.opened", 12000) }()
	for i := range 12000 { // more than the kernel holds for a client
		m.call(t, opening(fmt.Sprintf("c%d", i)))
	}
	if got := <-shown; got != 12000 {
		t.Errorf("the other client was shown %d events", got)
	}
	awaitDropped(t, registry)
}

// awaitDropped waits until a stream has ended because its client was slow.
func awaitDropped(t *testing.T, registry *prometheus.Registry) {
	t.Helper()
	for began := time.Now(); time.Since(began) < eventPatience; time.Sleep(time.Millisecond) { //tidy:sleep a counter cannot be waited for
		families, err := registry.Gather()
		if err != nil {
			t.Fatal(err)
		}
		for _, family := range families {
			for _, metric := range family.GetMetric() {
				if family.GetName() == "rondo_event_streams_ended_total" && metric.GetLabel()[0].GetValue() == endedSlow {
					return
				}
			}
		}
	}
	t.Fatal("the slow client was not dropped")
}

// TestEventsLimit: no more streams than there is room for; a place is free again
// when its stream has ended.
func TestEventsLimit(t *testing.T) {
	server := serve(t, newMachine(t), EventOptions{MaxStreams: 1})
	first := watch(t, server.URL+"/v1/events")
	first.next()
	second := watch(t, server.URL+"/v1/events")
	if second.answer.StatusCode != 429 || second.answer.Header.Get("Retry-After") != "1" {
		t.Errorf("the second: %s %v", second.answer.Status, second.answer.Header)
	}
	if answer, err := http.Get(server.URL + "/v1/agents"); err != nil || answer.StatusCode != 200 {
		t.Errorf("an ordinary request beside them: %v %v", answer, err)
	}
	first.cancel()
	for began := time.Now(); ; time.Sleep(time.Millisecond) { //tidy:sleep the server tells nobody that a handler has returned
		if w := watch(t, server.URL+"/v1/events"); w.answer.StatusCode == 200 {
			break
		}
		if time.Since(began) > eventPatience {
			t.Fatal("the place of a stream that has ended is not free again")
		}
	}
}

// TestEventsStop: streams end at once, whole, when the node begins to stop.
func TestEventsStop(t *testing.T) {
	stopping := make(chan struct{})
	server := serve(t, newMachine(t), EventOptions{Stopping: stopping})
	w := watch(t, server.URL+"/v1/events")
	w.next()
	close(stopping)
	if _, err := io.ReadAll(w.lines); err != nil {
		t.Errorf("the stream ended with %v, not in order", err)
	}
	if late := watch(t, server.URL+"/v1/events"); late.answer.StatusCode != 503 {
		t.Errorf("a stream of a node that stops: %s", late.answer.Status)
	}
}

// TestEventsOutOfTouch: a node that hears no leader ends its streams rather than
// be silent.
func TestEventsOutOfTouch(t *testing.T) {
	m := newMachine(t)
	m.checks = []Check{{"contact", false, "has not heard from a leader yet"}}
	w := watch(t, serve(t, m, EventOptions{Heartbeat: time.Millisecond}).URL+"/v1/events")
	if rest, err := io.ReadAll(w.lines); err != nil || !strings.Contains(string(rest), "lost touch") {
		t.Errorf("%v %s", err, rest)
	}
}

// TestEventsOutliveRequests: the time that a server gives to ordinary requests is
// not that of a stream.
func TestEventsOutliveRequests(t *testing.T) {
	m := newMachine(t)
	h, err := New(Options{Cluster: m, Timeout: 20 * time.Millisecond, Events: EventOptions{Heartbeat: 20 * time.Millisecond}})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(h)
	server.Config.ReadTimeout, server.Config.WriteTimeout = 100*time.Millisecond, 100*time.Millisecond
	server.Start()
	defer server.Close()
	defer server.CloseClientConnections()
	w := watch(t, server.URL+"/v1/events")
	for range 20 {
		if _, ok := w.next(); !ok {
			t.Fatalf("the stream ended after\n%s", w.raw.String())
		}
	}
}

// TestEventsFilters: each filter lets through what it names; the id moves on past
// what it holds back.
func TestEventsFilters(t *testing.T) {
	m := newMachine(t)
	desk(t, m)
	m.call(t, fsm.PutTeam{ID: "other", Name: "Other"})
	m.call(t, opening("c1"))
	m.call(t, opening("c2"))
	m.call(t, fsm.CloseConversation{Conversation: "c1"})
	m.call(t, fsm.PutPresence{Agent: "uk", Status: "away"})
	server := serve(t, m, EventOptions{Heartbeat: time.Millisecond})
	for query, want := range map[string]string{
		"types=conversation.opened,conversation.closed": "conversation.opened conversation.opened conversation.closed",
		"team=other":          "team.changed",
		"conversation=c1":     "conversation.opened conversation.closed",
		"agent=uk":            "agent.changed agent.presence_changed conversation.opened agent.presence_changed",
		"inbox=sms":           "inbox.changed conversation.opened conversation.opened conversation.closed",
		"team=sales&agent=uk": "conversation.opened",
	} {
		var got []string
		for _, b := range named(watch(t, server.URL+"/v1/events?after=0&"+query).until(m.newest())) {
			got = append(got, b.event)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %v, want %s", query, got, want)
		}
	}
}
