package fsm

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// marks are what nobody would find by chance.
var marks = []string{"Zyxwvut", "+49777123", "zyx@vut.example", "fieldvalue77", "fieldname77", "tagmark77", "zz-lang77", "region77", "attrvalue77", "secondname77"}

// marked returns which of the marks stand in data.
func marked(data []byte) (found []string) {
	for _, mark := range marks {
		if bytes.Contains(data, []byte(mark)) {
			found = append(found, mark)
		}
	}
	return found
}

// person is two contacts with a mark in everything, who have written, were changed,
// and were refused things.
func (l *lab) person() {
	l.t.Helper()
	l.staff(2, RotationSettings{})
	l.accept(available(0),
		PutContact{ID: "x", Name: "Zyxwvut", Addresses: []string{"+49777123"}, Tags: []string{"tagmark77"},
			Fields: map[string]string{"fieldname77": "fieldvalue77"}, Language: "zz-lang77", Region: "region77"},
		PutContact{ID: "y", Name: "secondname77", Addresses: []string{"zyx@vut.example"}},
		OpenConversation{ID: "c1", Inbox: "i", From: &Sender{Address: "+49777123"}, MintedContact: "m1", Attributes: map[string]string{"order": "attrvalue77"}},
		OpenConversation{ID: "c2", Inbox: "i", Contact: "y", Attributes: map[string]string{"order": "attrvalue77"}},
		CloseConversation{"c2"}, AssignConversation{Conversation: "c1", Agent: agentID(1)},
		ReceiveMessage{Inbox: "i", ID: "M1", From: Sender{Address: "zyx@vut.example", Name: "Zyxwvut"}, MintedContact: "m2", MintedID: "c9"},
		PutContact{ID: "x", Name: "Zyxwvut II", Addresses: []string{"+49777123"}, Tags: []string{"tagmark77"}},
		PutContactTag{"x", "tagmark77b"}, DeleteContactTag{"x", "tagmark77b"},
		PutContactOwner{Contact: "y", Agent: agentID(1)}, DeleteContactOwner{Contact: "y"},
		PutPresence{Agent: agentID(0), Status: "away"}, AssignContact{"x", "t", "lead"})
	// What is refused is remembered, too.
	for _, c := range []Command{
		PutContact{ID: "p", Name: "P", Addresses: []string{"+49777123"}}, DeleteContactTag{"x", "tagmark77c"},
		OpenConversation{ID: "c1", Inbox: "i", From: &Sender{"zyx@vut.example", "Zyxwvut"}, MintedContact: "m3", Attributes: map[string]string{"order": "attrvalue77b"}},
		PutContact{ID: "x", Name: "Zyxwvut", Addresses: []string{"zyx@vut.example"}},
	} {
		l.refuse(c)
	}
}

// TestNothingOfAnErasedContactIsLeft (K111): not in any table, record, revision,
// index or refusal; and the chain of hashes still verifies.
func TestNothingOfAnErasedContactIsLeft(t *testing.T) {
	l := newLab(t)
	l.person()
	before := snapshotIn(t, l.state)
	if found := marked(before); len(found) != len(marks) {
		t.Fatalf("before, only %v are found of %v: the test looks at nothing", found, marks)
	}
	var records bytes.Buffer
	for rec := range l.state.Records.From(RecordID{}) {
		records.Write(encode(rec))
	}
	if found := marked(records.Bytes()); found != nil {
		t.Fatalf("the records hold %v", found)
	}

	l.accept(MergeContacts{"x", "y"})
	l.accept(EraseContact{"x"})
	after := snapshotIn(t, l.state)
	if found := marked(after); found != nil {
		t.Errorf("the snapshot still holds %v", found)
	}
	for _, s := range []*State{l.state, restore(t, after)} {
		contact, _ := s.Contacts.ByID("x")
		if contact.ErasedMs != l.nowMs || contact.Name != "" {
			t.Errorf("the row is %+v", contact)
		}
		for key := range s.Contacts.addresses.From(contactAddress{}) {
			t.Errorf("the index still has %v", key)
		}
		for key := range s.Contacts.aspects.From(aspect{}) {
			t.Errorf("the index still has %v", key)
		}
	}
	if l.conversation("lead").Status != StatusClosed {
		t.Error("the lead still waits")
	}
	if got, want := chainOf(l.state), l.state.Chain; got != want {
		t.Errorf("the records give the chain %x, want %x", got, want)
	}
	checkRevisions(t, l.state)
}

// chainOf computes the chain of hashes from the records alone.
func chainOf(s *State) (chain [32]byte) {
	entries, order := map[uint64][]byte{}, []uint64(nil)
	for _, rec := range packed(&s.Records) {
		if !slices.Contains(order, rec.id.Index) {
			order = append(order, rec.id.Index)
		}
		entries[rec.id.Index] = append(entries[rec.id.Index], rec.framed...)
	}
	for _, index := range order {
		chain = sha256.Sum256(append(chain[:], entries[index]...))
	}
	return chain
}

// TestMoreConversationsThanStepsGoOn: what an owner, a merge or an erasure has to do
// for more conversations than an entry has steps is done by the next ones, by whoever
// asked for it; and all of it is done once.
func TestMoreConversationsThanStepsGoOn(t *testing.T) {
	const many = 2*StepsPerEntry + 10
	l := newLab(t)
	l.staff(1, RotationSettings{})
	l.accept(available(0), putAgent(1), putAgent(2), PutContact{ID: "q", Name: "Q"})
	var opens []Command
	for i := range many {
		opens = append(opens, OpenConversation{ID: ConversationID(fmt.Sprint("c", i)), Inbox: "i", Contact: "p", Attributes: map[string]string{"a": "b"}})
	}
	l.acceptAll(opens)
	settle := func() {
		for range 4 {
			l.apply()
		}
		if due, ok := l.state.NextDue(); ok && due == 0 {
			t.Fatal("it does not come to an end")
		}
	}
	count := func(want string, is func(Conversation) bool) {
		t.Helper()
		n := 0
		for i := range many {
			if is(l.conversation(ConversationID(fmt.Sprint("c", i)))) {
				n++
			}
		}
		if n != many {
			t.Errorf("%d of %d %s", n, many, want)
		}
	}

	l.accept(PutContactOwner{Contact: "p", Agent: agentID(1)})
	if n := l.state.OpenOf(handleOf(l, 1)); n == 0 || n > StepsPerEntry {
		t.Fatalf("%d were given in the entry itself", n)
	}
	if due, ok := l.state.NextDue(); !ok || due != 0 {
		t.Fatal("nobody goes on")
	}
	l.accept(PutContactOwner{Contact: "p", Agent: agentID(2)}) // who comes later wins
	settle()
	count("are the last owner's", func(c Conversation) bool { return c.Assignment.Assignee == handleOf(l, 2) })
	for rec := range l.state.Records.From(RecordID{}) {
		if rec.Event == ConversationAssigned && !strings.HasPrefix(rec.Actor, "agent:x") {
			t.Fatalf("%+v was not by who asked", rec)
		}
	}

	l.accept(MergeContacts{"q", "p"})
	settle()
	q, _ := l.state.Contacts.ByID("q")
	count("were moved", func(c Conversation) bool { return c.Contact == q.Handle })
	l.accept(EraseContact{"q"})
	settle()
	count("are blank", func(c Conversation) bool { return c.Attributes == nil })
}

func handleOf(l *lab, i int) AgentHandle {
	agent, _ := l.state.Agents.ByID(agentID(i))
	return agent.Handle
}

// TestMergeLimits: what would be too much for one contact is refused.
func TestMergeLimits(t *testing.T) {
	l := newLab(t)
	full := func(id string) PutContact {
		c := PutContact{ID: ContactID(id), Fields: map[string]string{}}
		for i := range MaxAddresses {
			c.Addresses = append(c.Addresses, fmt.Sprint(id, i))
		}
		return c
	}
	tags, fields := PutContact{ID: "tags"}, PutContact{ID: "fields", Fields: map[string]string{}}
	more, other := PutContact{ID: "more", Tags: []string{"x"}}, PutContact{ID: "other", Fields: map[string]string{"x": "y"}}
	for i := range MaxTags {
		tags.Tags = append(tags.Tags, fmt.Sprint("t", i))
	}
	for i := range MaxAttributes {
		fields.Fields[fmt.Sprint("f", i)] = "v"
	}
	l.accept(full("a"), PutContact{ID: "b", Addresses: []string{"one"}}, tags, fields, more, other)
	for c, want := range map[Command]Reason{
		MergeContacts{"a", "b"}: ListFull, MergeContacts{"tags", "more"}: TooManyTags, MergeContacts{"other", "fields"}: ListFull,
		PutContactTag{"tags", "new"}: TooManyTags,
	} {
		if r := l.refuse(c); r.Reason != want {
			t.Errorf("%+v: %s, want %s", c, r.Reason, want)
		}
	}
	l.accept(PutContactTag{"tags", "t0"}, MergeContacts{"tags", "fields"})
}
