package fsm

import (
	"strings"
	"unicode/utf8"
)

// MaxGreetingRunes bounds the template of an assignment message.
const MaxGreetingRunes = 1000

// An assignment message tells a customer who has the conversation (S3.11). Rondo
// sends nothing: an assignment.message_due says that whoever sends messages is to
// do so, once, and its text is made when somebody looks, out of the rows of then.
// So nothing of a person stands in the record, and a contact that is erased is in
// no text any more.
//
// A template is text with fields in it: "Hello {{contact.name|there}}, {{agent.name}}
// of {{team.name}} is here for you." Behind the bar stands what is said where the
// field is empty.

// A greeted is what the fields of a template are taken from.
type greeted struct {
	contact      Contact
	agent        Agent
	team         Team
	inbox        Inbox
	conversation Conversation
}

// greetingFields are the fields of a template, in the order in which a refusal names
// them.
var greetingFields = []struct {
	name string
	of   func(greeted) string
}{
	{"contact.name", func(g greeted) string { return g.contact.Name }},
	{"agent.name", func(g greeted) string { return g.agent.Name }},
	{"team.name", func(g greeted) string { return g.team.Name }},
	{"inbox.name", func(g greeted) string { return g.inbox.Name }},
	{"conversation.id", func(g greeted) string { return string(g.conversation.ID) }},
}

func greetingField(name string) func(greeted) string {
	for _, f := range greetingFields {
		if f.name == name {
			return f.of
		}
	}
	return nil
}

// nextField cuts a template at its first field. whole is false if that has no end.
func nextField(template string) (before, name, otherwise, after string, found, whole bool) {
	before, rest, found := strings.Cut(template, "{{")
	if !found {
		return before, "", "", "", false, true
	}
	inside, after, whole := strings.Cut(rest, "}}")
	name, otherwise, _ = strings.Cut(inside, "|")
	return before, strings.TrimSpace(name), strings.TrimSpace(otherwise), after, true, whole
}

// checkGreeting refuses a template that would not say what its author meant.
func checkGreeting(c *checker, pointer, template string) {
	if !utf8.ValidString(template) || utf8.RuneCountInString(template) > MaxGreetingRunes {
		c.text(pointer, template, MaxGreetingRunes)
		return
	}
	c.text(pointer, strings.ReplaceAll(template, "\n", " "), MaxGreetingRunes)
	for rest, more := template, true; more; {
		_, name, _, after, found, whole := nextField(rest)
		switch {
		case !found:
		case !whole:
			c.add(pointer, "unclosed_field", "a field begins with {{ and does not end; write it as {{agent.name}}")
		case greetingField(name) == nil:
			c.add(pointer, "unknown_field", "there is no field %q; known are %s", clip(name), strings.Join(greetingNames(), ", "))
		}
		rest, more = after, found && whole
	}
}

func greetingNames() []string {
	var names []string
	for _, f := range greetingFields {
		names = append(names, f.name)
	}
	return names
}

func render(template string, g greeted) string {
	var text strings.Builder
	for rest, more := template, true; more; {
		before, name, otherwise, after, found, whole := nextField(rest)
		text.WriteString(before)
		if of := greetingField(name); found && of != nil {
			if value := of(g); value != "" {
				text.WriteString(value)
			} else {
				text.WriteString(otherwise)
			}
		}
		rest, more = after, found && whole
	}
	return text.String()
}

// AssignmentMessage returns what the customer is to be told, as an
// assignment.message_due says so, in the words of now; false: nothing any more,
// or the record is another one.
func AssignmentMessage(s *State, rec Record) (string, bool) {
	g := greeted{}
	g.team, _ = s.Teams.Get(rec.Team)
	contact, _ := s.Contacts.Get(rec.Contact)
	g.contact = survivorOf(s, contact)
	if rec.Event != AssignmentMessageDue || g.team.Greeting == "" || g.contact.ErasedMs != 0 {
		return "", false
	}
	g.agent, _ = s.Agents.Get(rec.Agent)
	g.inbox, _ = s.Inboxes.Get(rec.Inbox)
	g.conversation, _ = s.Conversations.Get(rec.Conversation)
	return render(g.team.Greeting, g), true
}

// greet is told of every record about a conversation. If that gives it to somebody
// of whom the customer was not told yet, and its team has a message for that, it
// says so behind it. The caller stores the conversation.
func greet(tx *Tx, rec Record, about *Conversation) {
	if rec.Decision == nil || about.holder() == 0 || about.holder() == about.Greeted ||
		about.Lead || about.Status == StatusPending || about.Status == StatusClosed {
		return
	}
	team, _ := tx.Teams.Get(about.Assignment.Team)
	if team.Greeting == "" {
		return
	}
	if contact := customerOf(tx.State, *about); contact.Blocked || contact.ErasedMs != 0 {
		return
	}
	about.Greeted = about.holder()
	tx.emit(Record{Event: AssignmentMessageDue, Agent: about.Greeted}, about)
}
