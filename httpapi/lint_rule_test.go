package httpapi

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/fxamacker/cbor/v2"

	"github.com/rondohq/rondo/fsm"
	"github.com/rondohq/rondo/fsm/collation"
	"github.com/rondohq/rondo/httpapi/lint"
)

// lintMachine has rule r: its draft names a team without members and a webhook, what
// is live names an agent.
func lintMachine(t *testing.T) *machine {
	t.Helper()
	m := newMachine(t)
	m.apply(fsm.NewItem(fsm.PutTeam{ID: "empty", Name: "Empty"}, "system:test", "", fsm.Key{Source: fsm.KeyMinted, Text: "team"}))
	m.apply(fsm.NewItem(fsm.PutAgent{ID: "ana", Name: "Ana", SortKey: cbor.ByteString(collation.Key("Ana")), Collation: collation.Version}, "system:test", "", fsm.Key{Source: fsm.KeyMinted, Text: "agent"}))
	draft := fsm.RuleBody{On: fsm.Trigger{On: fsm.OnOpened}, Steps: []fsm.Step{
		{Assign: &fsm.AssignStep{Team: "empty"}}, {Webhook: &fsm.WebhookStep{URL: "https://crm.example/"}}}}
	live := fsm.RuleBody{On: fsm.Trigger{On: fsm.OnOpened}, Steps: []fsm.Step{{Assign: &fsm.AssignStep{Agent: "ana"}}}}
	m.state.Rules.Put(fsm.Rule{Handle: 900, ID: "r", Place: 2, State: fsm.RulePublished, Draft: draft, Live: &live, Edition: 7, Revision: 8})
	m.state.Rules.Put(fsm.Rule{Handle: 901, ID: "d", Place: 1, Draft: live, Revision: 9})
	return m
}

func lintOf(t *testing.T, h http.Handler, path string) lintView {
	t.Helper()
	r := do(h, "GET", path, "")
	var view lintView
	if err := json.Unmarshal([]byte(r.body), &view); r.status != http.StatusOK || err != nil {
		t.Fatalf("%s: %d %s, %v", path, r.status, r.body, err)
	}
	return view
}

func TestLintRoute(t *testing.T) {
	m := lintMachine(t)
	h := newHandler(t, m)
	view := lintOf(t, h, "/v1/rules/r/lint")
	if view.Rule != "r" || view.Of != "draft" || view.Revision != 8 || view.Publishable || len(view.Findings) != 2 ||
		view.Findings[0].Code != "team_empty" || view.Findings[0].Pointer != "/steps/0/assign/team" || view.Findings[1].Severity != "warning" {
		t.Errorf("draft: %+v", view)
	}
	if view := lintOf(t, h, "/v1/rules/r/lint?of=live"); !view.Publishable || len(view.Findings) != 0 || view.Of != "live" {
		t.Errorf("live: %+v", view)
	}
	if r := do(h, "GET", "/v1/rules/d/lint?of=live", ""); r.status != http.StatusNotFound || !strings.Contains(r.body, "never published") {
		t.Errorf("never published: %d %s", r.status, r.body)
	}

	allowing, err := New(Options{Cluster: m, WebhookAllowed: func(url string) bool { return url == "https://crm.example/" }})
	if err != nil {
		t.Fatal(err)
	}
	if view := lintOf(t, allowing, "/v1/rules/r/lint"); len(view.Findings) != 1 {
		t.Errorf("with the host on the list: %+v", view)
	}
}

// Errors refuse, and list where; warnings come along.
func TestLintBeforePublishing(t *testing.T) {
	m := lintMachine(t)
	a := &api{cluster: m, timeout: DefaultTimeout}
	c := &call{ctx: t.Context(), key: fsm.Key{Source: fsm.KeyMinted, Text: "publish"}}
	var p *problem
	if _, err := lintedDraft(a, c, "r"); !errors.As(err, &p) || p.body.Status != http.StatusUnprocessableEntity || p.body.Code != codeLint ||
		len(p.body.Errors) != 1 || *p.body.Errors[0].Pointer != "/steps/0/assign/team" || p.body.Errors[0].Code != string(lint.TeamEmpty) {
		t.Errorf("refused with %+v", p)
	}
	if warnings, err := lintedLive(a, c, "r"); err != nil || warnings != nil {
		t.Errorf("live: %+v, %v", warnings, err)
	}
	if warnings, err := lintedDraft(a, c, "nothing"); err != nil || warnings != nil {
		t.Errorf("nothing: %+v, %v", warnings, err)
	}
	m.apply(fsm.NewItem(fsm.PutTeam{ID: "empty", Name: "Empty", Members: []fsm.TeamMember{{Agent: "ana"}}}, "system:test", "", fsm.Key{Source: fsm.KeyMinted, Text: "again"}))
	if warnings, err := lintedDraft(a, c, "r"); err != nil || len(warnings) != 1 || !strings.HasPrefix(warnings[0].Detail, "steps/1/webhook/url: ") {
		t.Errorf("warned of %+v, %v", warnings, err)
	}
	known := &call{ctx: t.Context(), key: fsm.Key{Source: fsm.KeyMinted, Text: "again"}}
	if warnings, err := lintedDraft(a, known, "r"); err != nil || warnings != nil {
		t.Errorf("a known key was judged again: %+v, %v", warnings, err)
	}
}
