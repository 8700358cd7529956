package httpapi

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fxamacker/cbor/v2"

	"github.com/rondohq/rondo/fsm"
	"github.com/rondohq/rondo/fsm/collation"
)

// eventPatience bounds every wait of these tests.
const eventPatience = time.Minute

// A block is one message of a stream as a browser would take it.
type block struct {
	id, event, data string
	comment         string
}

// A watcher reads one stream.
type watcher struct {
	t      *testing.T
	answer *http.Response
	lines  *bufio.Reader
	raw    strings.Builder // all that was read
	cancel context.CancelFunc
}

// watch opens a stream; headers go in pairs.
func watch(t *testing.T, url string, headers ...string) *watcher {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), eventPatience)
	t.Cleanup(cancel)
	r, err := http.NewRequestWithContext(ctx, "GET", url, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = answer.Body.Close() })
	return &watcher{t: t, answer: answer, lines: bufio.NewReader(answer.Body), cancel: cancel}
}

// next returns the next block, or false at the end of the stream.
func (w *watcher) next() (b block, ok bool) {
	for {
		line, err := w.lines.ReadString('\n')
		w.raw.WriteString(line)
		if err != nil {
			return b, false
		}
		name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ":")
		value = strings.TrimPrefix(value, " ")
		switch {
		case line == "\n":
			return b, true
		case name == "id":
			b.id = value
		case name == "event":
			b.event = value
		case name == "data":
			b.data += value
		case name == "":
			b.comment = value
		}
	}
}

// until returns the blocks up to the one with this id.
func (w *watcher) until(id string) (list []block) {
	w.t.Helper()
	for {
		b, ok := w.next()
		if !ok {
			w.t.Fatalf("the stream ended before %s:\n%s", id, w.raw.String())
		}
		if list = append(list, b); b.id == id {
			return list
		}
	}
}

// count reads until it has seen n events of a type, or the stream ends.
func (w *watcher) count(event string, n int) (seen int) {
	for seen < n {
		b, ok := w.next()
		if !ok {
			break
		}
		if b.event == event {
			seen++
		}
	}
	return seen
}

// named leaves out what is no event.
func named(list []block) []block {
	return slices.DeleteFunc(slices.Clone(list), func(b block) bool { return b.event == "" })
}

func serve(t *testing.T, c Cluster, o EventOptions) *httptest.Server {
	t.Helper()
	h, err := New(Options{Cluster: c, Events: o})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	t.Cleanup(server.CloseClientConnections)
	return server
}

// call makes a change, which must be accepted.
func (m *machine) call(t *testing.T, commands ...fsm.Command) {
	t.Helper()
	m.mu.Lock()
	defer m.mu.Unlock()
	var items []fsm.Item
	for i, c := range commands {
		items = append(items, fsm.NewItem(c, "agent:mallory", asserted, fsm.Key{Source: fsm.KeyMinted, Text: fmt.Sprint(m.state.Index, i)}))
	}
	for _, out := range m.apply(items...) {
		if out.Rejection != nil {
			t.Fatal(out.Rejection)
		}
	}
}

func (m *machine) newest() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.state.Records.Newest().String()
}

// desk is an inbox with a team of two.
func desk(t *testing.T, m *machine) {
	t.Helper()
	for _, id := range []fsm.AgentID{"chris", "uk"} {
		m.call(t, fsm.PutAgent{ID: id, Name: string(id), SortKey: cbor.ByteString(id), Collation: collation.Version}, fsm.PutPresence{Agent: id, Status: "available"})
	}
	m.call(t, fsm.PutTeam{ID: "sales", Name: "Sales", Members: []fsm.TeamMember{{Agent: "chris"}, {Agent: "uk"}}},
		fsm.PutInbox{ID: "sms", Name: "SMS", Assignment: fsm.InboxAssignment{Mode: "rotation", Team: "sales"}},
		fsm.PutContact{ID: "ann", Name: "Ann"})
}

func opening(id string) fsm.Command {
	return fsm.OpenConversation{ID: fsm.ConversationID(id), Inbox: "sms", Contact: "ann"}
}

// TestEventsGolden: the stream, byte for byte.
func TestEventsGolden(t *testing.T) {
	for name, accept := range map[string]string{"events.sse": "", "events.ndjson": "application/x-ndjson"} {
		m := newMachine(t)
		desk(t, m)
		w := watch(t, serve(t, m, EventOptions{}).URL+"/v1/events?after=3.1", "Accept", accept)
		m.call(t, fsm.ReceiveMessage{Inbox: "sms", ID: "SM1", SentAt: "2026-11-21T08:59:59Z",
			From: fsm.Sender{Address: "+1555", Name: "Personal"}, MintedID: "c1", MintedContact: "p1"})
		m.call(t, fsm.CloseConversation{Conversation: "c1"})
		for line := ""; !strings.Contains(line, `"conversation.closed"`); {
			var err error
			if line, err = w.lines.ReadString('\n'); err != nil {
				t.Fatal(err)
			}
			w.raw.WriteString(line)
		}
		got := w.raw.String()
		if strings.Contains(got, "Personal") || strings.Contains(got, "+1555") {
			t.Error("the stream holds personal data")
		}
		path := "testdata/" + name
		if *update {
			if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil || got != string(want) {
			t.Errorf("%s has changed (%v); -update shows how:\n%s", path, err, firstDifference(got, string(want)))
		}
		wantHeaders(t, w.answer, accept)
	}
}

func wantHeaders(t *testing.T, answer *http.Response, accept string) {
	t.Helper()
	want := map[string]string{"Content-Type": contentEvents, "Cache-Control": "no-store, no-transform", "X-Accel-Buffering": "no"}
	if accept != "" {
		want["Content-Type"] = accept
	}
	for name, value := range want {
		if got := answer.Header.Get(name); got != value {
			t.Errorf("%s: %q, want %q", name, got, value)
		}
	}
}

// A fleet is some nodes that have each applied a part of one log.
type fleet struct {
	source *machine
	log    []fsm.Entry
	nodes  []*lagging
}

// A lagging node is a Cluster that is behind until it must not be.
type lagging struct {
	*machine
	fleet *fleet
}

// Read implements Cluster.
func (l *lagging) Read(ctx context.Context, stale bool, minIndex uint64) (*fsm.State, error) {
	if !stale {
		l.follow(len(l.fleet.log))
	}
	return l.machine.Read(ctx, true, minIndex)
}

// advance applies n more entries of the log, if there are.
func (l *lagging) advance(n int) { l.follow(min(len(l.fleet.log), int(l.View(0).Index)+n)) }

// follow applies the log up to n.
func (l *lagging) follow(n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for l.state.Index < uint64(n) {
		if _, err := l.state.Apply(l.state.Index+1, l.fleet.log[l.state.Index]); err != nil {
			panic(err)
		}
	}
	close(l.changed)
	l.changed = make(chan struct{})
}

// newFleet writes a log of several hundred entries, and makes three nodes that
// know nothing of it yet.
func newFleet(t *testing.T, random *rand.Rand) *fleet {
	t.Helper()
	f := &fleet{source: &machine{state: fsm.NewState(), changed: make(chan struct{}), nowMs: 1}}
	f.source.note = func(e fsm.Entry) { f.log = append(f.log, e) }
	f.source.call(t, fsm.BeginTerm{Node: "n1", Term: 1, Semantics: fsm.Semantics, Collation: collation.Version, ClusterID: "test"})
	desk(t, f.source)
	for i := range 300 {
		commands := []fsm.Command{opening(fmt.Sprintf("c%d", i))}
		if random.IntN(2) == 0 {
			commands = append(commands, fsm.CloseConversation{Conversation: fsm.ConversationID(fmt.Sprintf("c%d", i))})
		}
		if random.IntN(3) == 0 {
			commands = nil // a fence
		}
		f.source.call(t, commands...)
	}
	for range 3 {
		f.nodes = append(f.nodes, &lagging{&machine{state: fsm.NewState(), changed: make(chan struct{})}, f})
	}
	return f
}

// TestEventsResume: however often a client is cut off and to whatever node it
// comes back, it sees every record once, in order; also behind a filter, where it
// resumes from ids of events it was not shown.
func TestEventsResume(t *testing.T) {
	for seed := range uint64(4) {
		random := rand.New(rand.NewPCG(seed, 3))
		f := newFleet(t, random)
		types, want := "", []string(nil)
		if seed%2 == 1 {
			types = "&types=conversation.closed"
		}
		for rec := range f.source.state.Records.From(fsm.RecordID{}) {
			if types == "" || rec.Event == fsm.ConversationIsClosed {
				want = append(want, rec.ID.String())
			}
		}
		var servers []*httptest.Server
		for _, n := range f.nodes {
			n.follow(1 + random.IntN(60))
			servers = append(servers, serve(t, n, EventOptions{Heartbeat: time.Millisecond}))
		}
		var got []string
		last, cuts := "0", 0
		for len(got) < len(want) {
			at := random.IntN(len(servers))
			w := watch(t, servers[at].URL+"/v1/events?after=0"+types, "Last-Event-ID", last)
			cuts++
			f.nodes[at].advance(random.IntN(40))
			for range 1 + random.IntN(12) {
				b, ok := w.next()
				if !ok {
					t.Fatalf("seed %d: the stream ended:\n%s", seed, w.raw.String())
				}
				if b.event == "reset" {
					t.Fatalf("seed %d: reset after %s: %s", seed, last, b.data)
				}
				if b.event != "" {
					got = append(got, b.id)
				}
				if b.id != "" {
					last = b.id
				}
			}
			w.cancel()
		}
		if !slices.Equal(got, want) {
			t.Errorf("seed %d, %d connections: got %d events, want %d\ngot  %v\nwant %v", seed, cuts, len(got), len(want), got, want)
		}
		if cuts < 10 {
			t.Errorf("seed %d: only %d connections", seed, cuts)
		}
	}
}

// TestEventsAreRecords: what a stream shows agrees with the decision of the API.
func TestEventsAreRecords(t *testing.T) {
	m := newMachine(t)
	desk(t, m)
	m.call(t, opening("c1"))
	server := serve(t, m, EventOptions{})
	list := named(watch(t, server.URL+"/v1/events?after=0").until(m.newest()))
	last := list[len(list)-1]
	var got struct {
		ID, Source, Type, Subject string
		Data                      struct {
			Seq      uint64
			Actor    string
			Decision json.RawMessage
		}
	}
	if err := json.Unmarshal([]byte(last.data), &got); err != nil {
		t.Fatal(err)
	}
	if got.ID != last.id || got.Type != last.event || got.Source != "/clusters/test" || got.Subject != "conversations/c1" || got.Data.Actor != "agent:mallory" {
		t.Errorf("%+v", got)
	}
	answer, err := http.Get(server.URL + "/v1/decisions/" + last.id)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	decision, err := io.ReadAll(answer.Body)
	if err != nil || strings.TrimSpace(string(decision)) != string(got.Data.Decision) {
		t.Errorf("%v\nevent    %s\ndecision %s", err, got.Data.Decision, decision)
	}
}
