package fsm

import (
	"fmt"
	"slices"
	"testing"
)

// many opens more conversations of contact "p" than an entry has steps, and lets
// their opening settle.
func (l *lab) many(n int) {
	l.t.Helper()
	var opens []Command
	for i := range n {
		opens = append(opens, OpenConversation{ID: ConversationID(fmt.Sprint("c", i)), Inbox: "i", Contact: "p", Attributes: map[string]string{"a": "b"}})
	}
	l.acceptAll(opens)
}

func (l *lab) settle() {
	l.t.Helper()
	for range 10 {
		l.apply()
	}
	if due, ok := l.state.NextDue(); ok && due == 0 {
		l.t.Fatal("it does not come to an end")
	}
}

// TestMergeUnderWay: what is done with a contact while a merge still moves
// conversations to it reaches those, too.
func TestMergeUnderWay(t *testing.T) {
	const many = 2*StepsPerEntry + 10
	start := func(t *testing.T) *lab {
		l := newLab(t)
		l.staff(3, RotationSettings{})
		l.accept(available(0), PutContact{ID: "q", Name: "Q"})
		l.many(many)
		l.accept(MergeContacts{"q", "p"})
		if c := l.conversation("c2"); c.Contact == 0 || l.state.Chores.Len() != 1 {
			t.Fatalf("the merge is not under way: %d chores", l.state.Chores.Len())
		}
		return l
	}
	last := ConversationID(fmt.Sprint("c", many-1))

	t.Run("erased", func(t *testing.T) {
		l := start(t)
		l.accept(EraseContact{"q"})
		l.settle()
		for i := range many {
			if c := l.conversation(ConversationID(fmt.Sprint("c", i))); c.Attributes != nil {
				t.Fatalf("%s still has %+v", c.ID, c.Attributes)
			}
		}
	})
	t.Run("owned", func(t *testing.T) {
		l := start(t)
		l.accept(PutContactOwner{Contact: "q", Agent: agentID(1)})
		l.settle()
		if n := l.state.OpenOf(handleOf(l, 1)); n != many {
			t.Errorf("%d of %d are the owner's", n, many)
		}
	})
	t.Run("followed", func(t *testing.T) {
		l := start(t)
		l.accept(FollowConversation{last, agentID(2)})
		q, _ := l.state.Contacts.ByID("q")
		if _, follows := l.state.Followers.Following(q.Handle, handleOf(l, 2)); !follows {
			t.Error("she follows what is no contact any more")
		}
		l.accept(AddMessage{Conversation: last, ID: "m", MintedID: "m"})
		if kept, _ := l.state.Notifications.Counts(handleOf(l, 2)); kept != 1 {
			t.Errorf("she has %d notifications of what the contact wrote, want 1", kept)
		}
	})
	t.Run("merged again", func(t *testing.T) {
		l := start(t)
		const chain = 20
		commands := []Command{}
		for i := range chain {
			commands = append(commands, PutContact{ID: ContactID(fmt.Sprint("r", i)), Name: "R"})
		}
		from := ContactID("q")
		for i := range chain {
			into := ContactID(fmt.Sprint("r", i))
			commands = append(commands, MergeContacts{into, from})
			from = into
		}
		l.accept(commands...)
		l.settle()
		survivor, _ := l.state.Contacts.ByID(from)
		for i := range many {
			if c := l.conversation(ConversationID(fmt.Sprint("c", i))); c.Contact != survivor.Handle {
				t.Fatalf("%s is that of contact %d, want %d", c.ID, c.Contact, survivor.Handle)
			}
		}
	})
}

// TestALeadEndsWhenItsContactHasAnOwner, however it came to have one: a lead that went
// on would take the contact from its owner.
func TestALeadEndsWhenItsContactHasAnOwner(t *testing.T) {
	for name, own := range map[string][]Command{
		"put":      {PutContactOwner{Contact: "p", Agent: agentID(1), Conversations: "none"}},
		"contact":  {PutContact{ID: "p", Name: "P", Owner: agentID(1), Conversations: "none"}},
		"assignee": {OpenConversation{ID: "c", Inbox: "j", Contact: "p"}, AssignConversation{Conversation: "c", Agent: agentID(1)}},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLab(t)
			l.staff(2, RotationSettings{})
			l.accept(PutInbox{ID: "j", Name: "J", Assignment: InboxAssignment{SetOwner: "first_assignee"}}, AssignContact{"p", "t", "lead"}, openIt("other"))
			l.accept(own...)
			if c := l.conversation("lead"); c.Status != StatusClosed || c.Assignment.Assignee != handleOf(l, 1) {
				t.Fatalf("the lead is %s, with %d", c.Status, c.Assignment.Assignee)
			}
			l.accept(available(0))
			if p, _ := l.state.Contacts.ByID("p"); p.Owner != handleOf(l, 1) {
				t.Errorf("the owner is %d, want %d", p.Owner, handleOf(l, 1))
			}
			if c := l.conversation("other"); c.Assignment.Assignee != handleOf(l, 0) {
				t.Errorf("the other conversation went to %d, though it was to stay where it is", c.Assignment.Assignee)
			}
		})
	}
}

// TestMergedContactIsAskedForByItsNewName: who writes to a customer, or follows one,
// under the id that was merged, is sent to the one of today; and a message that was
// due before names that.
func TestMergedContactIsAskedForByItsNewName(t *testing.T) {
	l := newLab(t)
	l.staff(1, RotationSettings{})
	l.accept(PutTeam{ID: "t", Name: "T", Members: []TeamMember{{Agent: agentID(0)}}, Greeting: "Hello {{contact.name}}"}, available(0),
		PutContact{ID: "old", Name: "Pi"}, PutContact{ID: "new", Name: "Pia"},
		OpenConversation{ID: "c", Inbox: "i", Contact: "old"})
	due := slices.IndexFunc(l.records(), func(rec Record) bool { return rec.Event == AssignmentMessageDue })
	if due < 0 {
		t.Fatal("no message is due")
	}
	rec := l.records()[due]
	l.accept(MergeContacts{Contact: "new", From: "old"})
	if text, ok := AssignmentMessage(l.state, rec); !ok || text != "Hello Pia" {
		t.Errorf("the customer is told %q, %v", text, ok)
	}
	for _, c := range []Command{FollowContact{"old", agentID(0)}, UnfollowContact{"old", agentID(0)}} {
		if r := l.refuse(c); r.Reason != MergedAway || r.Contact != "new" {
			t.Errorf("%T: %s %s", c, r.Reason, r.Detail)
		}
	}
	l.accept(EraseContact{"new"})
	if text, ok := AssignmentMessage(l.state, rec); ok {
		t.Errorf("of an erased customer there is %q to tell", text)
	}
}
