package fsm

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
)

// A RuleQuestion is what a rule is tried on: a conversation, or one that the contact
// would open in the inbox.
type RuleQuestion struct {
	Conversation ConversationHandle // 0: Inbox and Contact say it
	Inbox        InboxHandle
	Contact      ContactHandle
	Form         string // as if it had been submitted
}

// A RuleAnswer is whether a rule would answer, if its trigger happened now.
type RuleAnswer struct {
	Answers bool
	Pointer string // of the first member or condition that failed, into the body: /on/inbox, /when/all/1
	Says    string // what was found there, in words; it may name values of the contact
}

// Ask says whether a rule's body would answer, if what it waits for happened now. It
// changes nothing, and may be called by any goroutine on a view.
func (b RuleBody) Ask(s *State, q RuleQuestion) RuleAnswer {
	about := q.facts(s)
	if b.On.On == OnFormSubmitted {
		return b.askForm(s, q, about)
	}
	switch missed := b.On.missedBy(s, about.conversation, about.conversation != nil); missed {
	case "":
	case "inbox":
		return RuleAnswer{Pointer: "/on/inbox", Says: fmt.Sprintf("it answers in inbox %s only; %s", b.On.Inbox, about.found("conversation.inbox", ""))}
	case "team":
		return RuleAnswer{Pointer: "/on/team", Says: fmt.Sprintf("it answers with team %s only; %s", b.On.Team, about.found("conversation.team", ""))}
	default:
		return RuleAnswer{Pointer: "/on/" + missed, Says: fmt.Sprintf("the customer has not waited %d seconds for an answer", b.On.ForSeconds)}
	}
	return b.askWhen(&about)
}

func (b RuleBody) askWhen(about *facts) RuleAnswer {
	if b.When.met(about) {
		return RuleAnswer{Answers: true}
	}
	pointer := string(b.When.failed(about, nil))
	return RuleAnswer{Pointer: "/when" + pointer, Says: b.When.at(pointer).says(about)}
}

// askForm is Ask of a form. It opens no conversation: it is about the contact, and the
// newest of its conversations, and the inbox is that by which the form comes.
func (b RuleBody) askForm(s *State, q RuleQuestion, given facts) RuleAnswer {
	about := aboutContact(s, given.contact, FormSubmitted).facts(s)
	about.form = q.Form
	by := q.Inbox
	if c, ok := s.Conversations.Get(q.Conversation); ok {
		by = c.Inbox
	}
	if inbox, ok := s.Inboxes.ByID(b.On.Inbox); b.On.Inbox != "" && (!ok || inbox.Handle != by) {
		row, _ := s.Inboxes.Get(by)
		return RuleAnswer{Pointer: "/on/inbox", Says: fmt.Sprintf("it answers in inbox %s only; the form would come by %s", b.On.Inbox, cmp.Or(string(row.ID), "none"))}
	}
	return b.askWhen(&about)
}

func (q RuleQuestion) facts(s *State) facts {
	about := firing{conversation: q.Conversation, contact: q.Contact}.facts(s)
	about.form = q.Form
	if inbox, ok := s.Inboxes.Get(q.Inbox); ok && about.conversation == nil {
		about.conversation = &Conversation{
			Handle: ConversationHandle(s.LastHandle + 1), Inbox: inbox.Handle, Contact: about.contact.Handle, OpenedMs: s.NowMs,
			Assignment: Assignment{State: StateManual, Cause: CauseRule, SinceMs: s.NowMs, Team: inbox.Team},
		}
	}
	return about
}

// at returns the node to which a pointer that failed returned leads.
func (c *Condition) at(pointer string) *Condition {
	for rest, found := strings.CutPrefix(pointer, "/all/"); found; rest, found = strings.CutPrefix(rest, "/all/") {
		number, after, more := strings.Cut(rest, "/")
		i, err := strconv.Atoi(number)
		if err != nil || i >= len(c.All) {
			return c
		}
		if c, rest = &c.All[i], ""; more {
			rest = "/" + after
		}
	}
	return c
}

// says tells why a node is not met.
func (c *Condition) says(f *facts) string {
	switch {
	case len(c.Any) > 0:
		reasons := make([]string, 0, len(c.Any))
		for i := range c.Any {
			node := &c.Any[i]
			reasons = append(reasons, node.at(string(node.failed(f, nil))).says(f))
		}
		return "none of them holds: " + strings.Join(reasons, "; ")
	case c.Not != nil:
		return "it denies what holds: " + holding(c.Not, f)
	case c.Field != "":
		return fmt.Sprintf("%s, and %s is asked for", f.found(c.Field, c.Of), comparison(c))
	default:
		return "it holds"
	}
}

// holding tells why a node is met.
func holding(c *Condition, f *facts) string {
	if c.Field != "" {
		return f.found(c.Field, c.Of)
	}
	return "all that stands below it taken together"
}

// comparison is the comparison in words.
func comparison(c *Condition) string {
	op := strings.ReplaceAll(c.Op, "_", " ")
	switch operatorTakes(c.Op) {
	case takesNone:
		return op
	case takesList:
		return op + " " + strings.Join(c.Values, ", ")
	default:
		return op + " " + c.Value
	}
}

// found is a fact in words.
func (f *facts) found(name, of string) string {
	field, own := conditionFieldOf(name)
	if field == nil {
		return name + " is not known here"
	}
	fact := f.find(field.number, own, of)
	if of != "" {
		name += " of " + of
	}
	switch {
	case !fact.there:
		return name + " is of something that is not there"
	case field.Type == FieldYesNo && fact.yes:
		return name + " is true"
	case field.Type == FieldYesNo:
		return name + " is false"
	case field.Type == FieldNumber:
		return name + " is " + strconv.FormatUint(fact.number, 10)
	case field.Type == FieldSet && len(fact.set) > 0:
		return name + " is " + strings.Join(fact.set, ", ")
	case field.Type == FieldText && fact.text != "":
		return name + " is " + fact.text
	default:
		return name + " is empty"
	}
}
