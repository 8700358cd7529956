package templates

import (
	"fmt"
	"testing"

	"github.com/rondohq/rondo/fsm"
)

// carryOut applies one command that must be accepted.
func carryOut(t *testing.T, s *fsm.State, n int, c fsm.Command) fsm.Result {
	t.Helper()
	it := fsm.NewItem(c, "system:test", "", fsm.Key{Source: fsm.KeyMinted, Text: fmt.Sprint("run", n)})
	it.NotAfterMs = 60_000
	outcomes, err := s.Apply(s.Index+1, fsm.Entry{Format: fsm.EntryFormat, MinSemantics: 1, TimeMs: 1000, Items: []fsm.Item{it}})
	if err != nil || outcomes[0].Rejection != nil {
		t.Fatalf("%+v: %v, %+v", c, err, outcomes)
	}
	return outcomes[0].Result
}

// TestTemplatesRun: each template that answers to an opening gives the conversation
// to somebody, in one inbox and in all. By-shift and office-hours need a schedule.
func TestTemplatesRun(t *testing.T) {
	for _, name := range []string{"round-robin", "round-robin-online", "least-open", "by-language", "language-teams", "by-region", "by-source",
		"vip", "new-and-returning", "dedicated-agent", "agent-from-field"} {
		for _, inbox := range []string{"", "wa"} {
			template, _, err := Named(name)
			if err != nil {
				t.Fatal(err)
			}
			values := map[string]string{}
			for _, p := range template.Parameters {
				if p.Required() || p.Name == "inbox" && inbox != "" {
					values[p.Name] = fitting[p.Name]
				}
			}
			filled, _ := fill(t, name, values)
			s := newState(t)
			carryOut(t, s, 1, fsm.PutPresence{Agent: "ana", Status: "available"})
			carryOut(t, s, 2, fsm.PutContact{ID: "p", Name: "P", Language: "de", Region: "US-TX", Tags: []string{"vip"}})
			carryOut(t, s, 3, fsm.PutRule{ID: "new", Name: template.Title, RuleBody: filled.RuleBody})
			carryOut(t, s, 4, fsm.PublishRule{ID: "new"})
			r := carryOut(t, s, 5, fsm.OpenConversation{ID: "c", Inbox: "wa", Contact: "p"})
			rec, ok := s.Records.ByID(r.Decision)
			if !ok || rec.Decision == nil || rec.Decision.Rule != "new" || rec.Decision.Assignee == 0 {
				t.Errorf("%s, inbox %q: %+v", name, inbox, rec.Decision)
			}
		}
	}
}

// TestLeadTemplatesRun: forms and qualified contacts become leads, and who had what
// is closed is let go.
func TestLeadTemplatesRun(t *testing.T) {
	begun := func(name string) *fsm.State {
		values := map[string]string{"team": "sales"}
		if name == "form-leads" {
			values["form"] = "landing"
		}
		filled, _ := fill(t, name, values)
		s := newState(t)
		carryOut(t, s, 1, fsm.PutPresence{Agent: "ana", Status: "available"})
		carryOut(t, s, 2, fsm.PutContact{ID: "p", Name: "P"})
		carryOut(t, s, 3, fsm.PutRule{ID: "new", Name: name, RuleBody: filled.RuleBody})
		carryOut(t, s, 4, fsm.PublishRule{ID: "new"})
		return s
	}
	given := func(s *fsm.State, contact fsm.ContactHandle) bool {
		row, _ := s.Contacts.Get(contact)
		return row.Owner != 0
	}
	s := begun("form-leads")
	r := carryOut(t, s, 5, fsm.SubmitForm{Inbox: "wa", ID: "f", Form: "landing", From: fsm.Sender{Address: "+1"}, MintedContact: "q"})
	if !given(s, fsm.ContactHandle(r.Subject.Handle)) {
		t.Error("a form became nobody's lead")
	}
	s = begun("qualified-leads")
	r = carryOut(t, s, 5, fsm.QualifyContact{Contact: "p"})
	if !given(s, fsm.ContactHandle(r.Subject.Handle)) {
		t.Error("a qualified contact became nobody's lead")
	}
	for _, paused := range []bool{true, false} {
		s = begun("unassign-after-close")
		if paused {
			carryOut(t, s, 5, fsm.PauseRule{ID: "new"})
		}
		carryOut(t, s, 6, fsm.OpenConversation{ID: "c", Inbox: "wa", Contact: "p"})
		carryOut(t, s, 7, fsm.CloseConversation{Conversation: "c"})
		if row, _ := s.Conversations.ByID("c"); (row.Assignment.Assignee != 0) != paused || row.Status != fsm.StatusClosed {
			t.Errorf("closed, with the rule paused: %v, it is %+v", paused, row.Assignment)
		}
	}
}
