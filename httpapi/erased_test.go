package httpapi

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/rondohq/rondo/fsm"
)

// secrets are values that stand nowhere else, of one contact.
var secrets = []string{"Zyxwvut", "+15550987654", "zyx@secret.example", "frobnicator", "qq-lang", "qq-region", "vip-zyx", "Zebulon", "quux-campaign"}

// TestNothingOfAnErasedContactIsShown (K111): after it was erased, no answer to any
// GET, no event, no revision and no export holds anything of a contact: not its
// names, addresses, tags, fields, nor the attributes of its conversations.
func TestNothingOfAnErasedContactIsShown(t *testing.T) {
	m := newMachine(t)
	h := newHandler(t, m)
	setUp(t, h)
	ok := func(method, path, body string) {
		t.Helper()
		if r := do(h, method, path, body, actorHeader, "agent:unheard-of"); r.status > 201 {
			t.Fatalf("%s %s: %s", method, path, r.body)
		}
	}
	ok("PUT", "/v1/contacts/x7", `{"name":"Zyxwvut","addresses":["+15550987654","zyx@secret.example"],"fields":{"hobby":"frobnicator"},"language":"qq-lang","region":"qq-region","tags":["vip-zyx"],"owner":"a"}`)
	ok("PATCH", "/v1/contacts/x7", `{"name":"Zebulon Zyxwvut"}`)
	ok("PUT", "/v1/contacts/x7/followers/b", "")
	ok("POST", "/v1/inboxes/i/messages", `{"id":"M1","from":{"address":"+15550987654","name":"Zebulon"},"sent_at":"2026-11-21T08:00:00Z"}`)
	ok("POST", "/v1/conversations", `{"id":"e1","inbox":"m","contact":"x7","attributes":{"campaign":"quux-campaign"}}`)
	ok("POST", "/v1/conversations/e1/claim", `{"agent":"a"}`)
	ok("PUT", "/v1/contacts/y8", `{"name":"Zebulon","addresses":["zyx2@secret.example"],"fields":{"pet":"frobnicator"}}`)
	ok("POST", "/v1/contacts/x7/merge", `{"from":"y8"}`)

	before := everythingShown(t, h, m)
	for _, secret := range secrets {
		if !strings.Contains(before, secret) {
			t.Errorf("%q was nowhere before, so this test shows nothing", secret)
		}
	}
	ok("POST", "/v1/contacts/x7/erase", "")
	for range 5 {
		m.apply() // what is left to do is done
	}
	after := everythingShown(t, h, m)
	for _, secret := range secrets {
		if at := strings.Index(after, secret); at >= 0 {
			t.Errorf("%q is there yet: %s", secret, after[max(at-200, 0):min(at+100, len(after))])
		}
	}
	if !strings.Contains(after, `"conversation":"e1"`) || !strings.Contains(after, `"contact":"x7"`) {
		t.Error("records no longer name what they are about")
	}
	if r := do(h, "GET", "/v1/contacts?address="+url.QueryEscape("+15550987654"), ""); strings.Contains(r.body, "x7") {
		t.Errorf("it is found by its address: %s", r.body)
	}
}

// everythingShown is all that the routes show of the things of this test, the stream
// from its beginning, and an export.
func everythingShown(t *testing.T, h http.Handler, m *machine) string {
	t.Helper()
	var all strings.Builder
	v := m.View(0)
	ids := map[string][]string{"agents": {"a", "b"}, "teams": {"t"}, "inboxes": {"i", "m"}, "contacts": {"x7", "y8", "p"}, "views": {"all", "unassigned"}, "groups": {"none"}}
	for c := range v.Conversations.All() {
		ids["conversations"] = append(ids["conversations"], string(c.ID))
	}
	for rec := range v.Records.From(fsm.RecordID{}) {
		if rec.Decision != nil {
			ids["decisions"] = append(ids["decisions"], rec.ID.String())
		}
	}
	get := func(path string) string {
		r := do(h, "GET", path, "")
		fmt.Fprintln(&all, path, r.body)
		return r.body
	}
	for _, rt := range routes {
		parts := strings.Split(rt.path, "/")
		if rt.method != "GET" || rt.kind == streams || len(parts) < 3 || parts[1] != "v1" || parts[2] == "cluster" || parts[2] == "operations" {
			continue
		}
		paths := []string{rt.path}
		if strings.Contains(rt.path, "{id}") {
			paths = nil
			for _, id := range ids[parts[2]] {
				paths = append(paths, strings.Replace(rt.path, "{id}", id, 1))
			}
		}
		for _, path := range paths {
			switch {
			case strings.Contains(path, "{revision}"):
				for n := range int(v.Seq) + 2 {
					get(strings.Replace(path, "{revision}", fmt.Sprint(n), 1))
				}
			case strings.Contains(path, "{agent}"):
				get(strings.Replace(path, "{agent}", "a", 1))
			case slices.Contains(rt.query, "explain"):
				get(path + "?explain=text")
				get(path)
			default:
				get(path)
			}
		}
	}
	last := v.Records.Newest()
	w := watch(t, serve(t, m, EventOptions{}).URL+"/v1/events?after=3.1")
	w.until(last.String())
	w.cancel()
	all.WriteString(w.raw.String())
	var export bytes.Buffer
	if err := v.WriteSnapshot(&export); err != nil {
		t.Fatal(err)
	}
	if row, _ := v.Contacts.ByID("x7"); row.Name != "" && !bytes.Contains(export.Bytes(), []byte(row.Name)) {
		t.Error("an export cannot be searched: this test shows nothing of it")
	}
	all.Write(export.Bytes())
	return all.String()
}
