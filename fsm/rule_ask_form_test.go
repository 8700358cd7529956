package fsm

import "testing"

// TestRulesOfFormsAreTried: a form is about its contact and what is open of it, in the
// inbox by which it comes, as when it is submitted: not about a conversation that the
// contact would open there.
func TestRulesOfFormsAreTried(t *testing.T) {
	l := newRuled(t)
	l.accept(PutInbox{ID: "web", Name: "Web"}, PutContact{ID: "q", Name: "Q"})
	web, _ := l.state.Inboxes.ByID("web")
	p, _ := l.state.Contacts.ByID("p")
	q, _ := l.state.Contacts.ByID("q")
	in := func(inbox InboxID, field, value string) RuleBody {
		return RuleBody{On: Trigger{On: OnFormSubmitted, Inbox: inbox}, When: &Condition{Field: field, Op: OpIs, Value: value}}
	}
	for name, test := range map[string]struct {
		body    RuleBody
		q       RuleQuestion
		pointer string
	}{
		"its own":      {in("web", "form", "f"), RuleQuestion{Contact: p.Handle, Inbox: web.Handle, Form: "f"}, ""},
		"another":      {in("i", "form", "f"), RuleQuestion{Contact: p.Handle, Inbox: web.Handle, Form: "f"}, "/on/inbox"},
		"by none":      {in("i", "form", "f"), RuleQuestion{Contact: p.Handle, Form: "f"}, "/on/inbox"},
		"what is open": {in("web", "conversation.inbox", "i"), RuleQuestion{Contact: p.Handle, Inbox: web.Handle}, ""},
		"nothing open": {in("web", "conversation.inbox", "web"), RuleQuestion{Contact: q.Handle, Inbox: web.Handle}, "/when"},
		"of it":        {in("i", "conversation.inbox", "i"), RuleQuestion{Conversation: l.conversation("c").Handle}, ""},
	} {
		if got := test.body.Ask(l.state, test.q); got.Pointer != test.pointer || got.Answers != (test.pointer == "") {
			t.Errorf("%s: %+v, want %q", name, got, test.pointer)
		}
	}
}
