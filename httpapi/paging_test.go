package httpapi

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"testing"

	"github.com/rondohq/rondo/fsm"
)

type pageOf struct {
	Items []struct {
		ID    string
		Actor string
	}
	Next *string `json:"next_page_token"`
}

// pages walks a list to its end and returns the ids on each page.
func pages(t *testing.T, h http.Handler, path string) [][]string {
	t.Helper()
	var list [][]string
	token := ""
	for range 1000 {
		r := do(h, "GET", path+token, "")
		var p pageOf
		if err := json.Unmarshal([]byte(r.body), &p); err != nil || r.status != 200 {
			t.Fatalf("%s: %d %v %s", path+token, r.status, err, r.body)
		}
		ids := []string{}
		for _, item := range p.Items {
			ids = append(ids, item.ID)
		}
		list = append(list, ids)
		if p.Next == nil {
			return list
		}
		token = "&page_token=" + url.QueryEscape(*p.Next)
	}
	t.Fatalf("%s has no end", path)
	return nil
}

// fill applies n commands directly, many in an entry.
func fill(m *machine, n int, command func(int) fsm.Command) {
	for done := 0; done < n; {
		var items []fsm.Item
		for range min(n-done, fsm.MaxEntryItems) {
			items = append(items, fsm.NewItem(command(done), "system:test", "", fsm.Key{Source: fsm.KeyMinted, Text: fmt.Sprintf("%d-%d", m.state.Index, done)}))
			done++
		}
		m.apply(items...)
	}
}

// TestPagesAreBounded: a filter that finds next to nothing in many rows is on one
// page where there is an index, and otherwise gives short pages, and the walk through
// them finds everything.
func TestPagesAreBounded(t *testing.T) {
	m := newMachine(t)
	h := newHandler(t, m)
	setUp(t, h)
	const rows = 2*maxScanned + 500
	fill(m, rows, func(i int) fsm.Command {
		return fsm.OpenConversation{ID: fsm.ConversationID(fmt.Sprintf("c%05d", i)), Inbox: "m", Contact: "p"}
	})
	for _, id := range []string{"c00003", "c20400"} {
		if r := do(h, "POST", "/v1/conversations/"+id+"/close", ""); r.status != 200 {
			t.Fatal(r.body)
		}
	}
	got := pages(t, h, "/v1/conversations?status=closed")
	if len(got) != 1 || !slices.Equal(slices.Concat(got...), []string{"c00003", "c20400"}) {
		t.Errorf("%d pages: %v", len(got), got)
	}
	if got := pages(t, h, "/v1/conversations?status=closed&contact=p&limit=1"); !slices.Equal(slices.Concat(got...), []string{"c00003", "c20400"}) {
		t.Errorf("%v", got)
	}
	if got := pages(t, h, "/v1/decisions?team=t"); len(got) != 3 || len(slices.Concat(got...)) != 0 {
		t.Errorf("%d pages: %v", len(got), got)
	}
	all := slices.Concat(pages(t, h, "/v1/decisions?limit=200")...)
	if len(all) != rows || slices.IndexFunc(all, func(id string) bool { return id == "" }) >= 0 {
		t.Errorf("%d decisions", len(all))
	}
	if compact := slices.Compact(slices.Clone(all)); len(compact) != rows {
		t.Errorf("%d decisions are there twice", rows-len(compact))
	}

	// An agent who has many makes a page of agents short, too.
	fill(m, maxScanned+1, func(i int) fsm.Command {
		return fsm.ClaimConversation{Conversation: fsm.ConversationID(fmt.Sprintf("c%05d", i+4)), Agent: "a"}
	})
	if got := pages(t, h, "/v1/agents?limit=10"); len(got) != 2 || !slices.Equal(slices.Concat(got...), []string{"a", "b"}) {
		t.Errorf("%v", got)
	}
}

// TestLongHistory: the decisions of a conversation are found, the oldest first,
// however many messages lie between and around them.
func TestLongHistory(t *testing.T) {
	m := newMachine(t)
	h := newHandler(t, m)
	setUp(t, h)
	message := func(from string) func(int) fsm.Command {
		return func(i int) fsm.Command {
			return fsm.ReceiveMessage{Inbox: "i", ID: fmt.Sprintf("M%s%d", from, i), From: fsm.Sender{Address: from},
				MintedContact: fsm.ContactID("p" + from), MintedID: fsm.ConversationID("c" + from)}
		}
	}
	fill(m, 1, message("1"))
	fill(m, maxScanned, message("1"))
	if r := do(h, "PUT", "/v1/conversations/c1/assignee", `{"agent":"b"}`); r.status != 200 {
		t.Fatal(r.body)
	}
	fill(m, 50, message("2"))
	got := pages(t, h, "/v1/conversations/c1/decisions?limit=50")
	if ids := slices.Concat(got...); len(ids) != 2 || len(got) < 2 {
		t.Errorf("through the log: %v", got)
	}
	v := m.View(0)
	for id, linked := range map[fsm.ConversationID]bool{"c1": false, "c2": true} {
		row, _ := v.Conversations.ByID(id)
		own := true
		for rec := range historyFrom(v, row, fsm.RecordID{}) {
			own = own && rec.Conversation == row.Handle
		}
		if own != linked {
			t.Errorf("%s: only its own records were looked at: %v", id, own)
		}
	}
	one := pages(t, h, "/v1/conversations/c1/decisions?limit=1")
	if ids := slices.Concat(one...); !slices.Equal(ids, slices.Concat(got...)) {
		t.Errorf("one at a time: %v, want %v", one, got)
	}
	if got := pages(t, h, "/v1/conversations/c2/decisions?limit=1"); len(got) != 1 || len(got[0]) != 1 {
		t.Errorf("through its links: %v", got)
	}

	// The opening is found at once when its id is sent again.
	r := do(h, "POST", "/v1/conversations", `{"id":"c1","inbox":"i","from":{"address":"1"}}`)
	var answer struct{ Decision struct{ ID string } }
	if err := json.Unmarshal([]byte(r.body), &answer); err != nil || r.status != 200 || answer.Decision.ID != got[0][0] {
		t.Errorf("%d %s", r.status, r.body)
	}
}

// BenchmarkOpen is the path of an explicit open without a network or a cluster:
// decode, apply, view.
func BenchmarkOpen(b *testing.B) {
	m := newMachine(b)
	h := newHandler(b, m)
	setUp(b, h)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		r := do(h, "POST", "/v1/conversations", fmt.Sprintf(`{"id":"c%d","inbox":"i","contact":"p","direction":"inbound"}`, i), "Content-Type", "application/json")
		if r.status != 201 {
			b.Fatal(r.body)
		}
	}
}

// BenchmarkApply is the part of BenchmarkOpen that is not ours.
func BenchmarkApply(b *testing.B) {
	m := newMachine(b)
	setUp(b, newHandler(b, m))
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		m.apply(fsm.NewItem(fsm.OpenConversation{ID: fsm.ConversationID(fmt.Sprintf("c%d", i)), Inbox: "i", Contact: "p", Direction: "inbound"},
			"system:anonymous", "", fsm.Key{Source: fsm.KeyMinted, Text: fmt.Sprint(i)}))
		m.View(0)
	}
}
