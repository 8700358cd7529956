package fsm

import (
	"fmt"
	"reflect"
	"strconv"
	"testing"

	"pgregory.net/rapid"
)

var sampleRejection = Rejection{
	Reason: RevisionMismatch, Detail: "x", Fields: []FieldError{{"/a", "b", "c"}},
	Assignee: "uk", Decision: RecordID{7, 8}, Differs: []string{"inbox"}, Revision: 9,
}

func conditionalEntry() Entry {
	e := sampleEntry(CloseConversation{"c1"})
	e.Items[0].If = Precondition{MustHaveRevision, 77}
	return e
}

// conditionOf reads a precondition as transcripts write it.
func conditionOf(t *testing.T, word string) Precondition {
	switch word {
	case "*":
		return Precondition{Demand: MustExist}
	case "!":
		return Precondition{Demand: MustNotExist}
	}
	revision, err := strconv.ParseUint(word, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return Precondition{MustHaveRevision, revision}
}

// TestPreconditionOnTheWire: an item without one is the bytes it always was, so
// old logs mean what they meant; one with it comes back as it was.
func TestPreconditionOnTheWire(t *testing.T) {
	want := conditionalEntry()
	got, err := DecodeEntry(EncodeEntry(want))
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v %v", got, err)
	}
	plain := sampleEntry(CloseConversation{"c1"})
	if a, b := len(EncodeEntry(plain)), len(EncodeEntry(want)); a >= b {
		t.Errorf("%d bytes without, %d with", a, b)
	}
}

// TestPreconditionIsPartOfTheRequest: a key is not used for another wish.
func TestPreconditionIsPartOfTheRequest(t *testing.T) {
	hash := func(p Precondition) KeyHash {
		it := NewItem(CloseConversation{"c1"}, "a", "", Key{KeyClient, "a", "k"})
		it.If = p
		return requestHash(it, CloseConversation{"c1"})
	}
	seen := map[KeyHash]Precondition{}
	for _, p := range []Precondition{{}, {MustHaveRevision, 1}, {MustHaveRevision, 2}, {Demand: MustExist}, {Demand: MustNotExist}} {
		if other, again := seen[hash(p)]; again {
			t.Errorf("%+v and %+v are one request", p, other)
		}
		seen[hash(p)] = p
	}
}

// TestWhoHasNoTarget: a command that may not have a precondition is one that is
// about nothing that is there already.
func TestWhoHasNoTarget(t *testing.T) {
	without := map[string]bool{
		"term.begin": true, "node.announce": true, "node.forget": true, "checkpoint.begin": true, "checkpoint.report": true,
		"conversation.open": true, "message.receive": true, "presence.renew": true, "decision.refund": true,
		"decision.undo":        true,
		"conversation.message": true, "run.answer": true, "form.submit": true, "run.end": true,
		"rules.order": true, "offer.accept": true, "offer.decline": true,
	}
	for _, c := range samples {
		name := kindOf(c).Name()
		if _, ok := c.(Targeted); ok == without[name] {
			t.Errorf("%s: target %v", name, ok)
		}
	}
}

// conditional sends one command alone, with a precondition of every sort, and
// once more under its key.
func (w *world) conditional(t *rapid.T) {
	if due, ok := w.state.NextDue(); ok && due <= w.nowMs {
		return // a timer would come between the look and the item
	}
	s := w.draw(t)
	c, err := DecodeItem(s.item)
	if err != nil {
		t.Fatal(err)
	}
	targeted, ok := c.(Targeted)
	if !ok || s.item.Key[0] == byte(KeyMessage) {
		return
	}
	is := targeted.target(w.state)
	p := pickOne(t, []Precondition{
		{MustHaveRevision, is.Revision}, {MustHaveRevision, is.Revision}, {MustHaveRevision, is.Revision + 1}, {MustHaveRevision, 1},
		{Demand: MustExist}, {Demand: MustNotExist},
	}, "condition")
	holds := p.Demand == MustExist && is.Exists || p.Demand == MustNotExist && !is.Exists ||
		p.Demand == MustHaveRevision && p.Revision == is.Revision && is.Revision != 0
	s.item.If, s.request = p, fmt.Sprint(s.request, p)
	carryOut := s.expect
	s.expect = func(d *dumb) string {
		if !holds && (is.Exists || is.Creates) {
			w.met["condition failed"]++
			return string(RevisionMismatch)
		}
		w.met["condition held"]++
		return carryOut(d)
	}
	w.apply(t, 0, []sending{s})
	w.apply(t, 0, []sending{s})
	w.sent = w.sent[:max(0, len(w.sent)-2)] // later its expectation would be another
}
