package fsm

import (
	"bytes"
	"fmt"
	"testing"
)

// inPortions applies empty entries for as long as there are chores. A replica that
// comes from a snapshot before each of them does the same.
func (l *lab) inPortions(t *testing.T) (rounds int) {
	t.Helper()
	for ; l.state.Chores.Len() > 0; rounds++ {
		if rounds > 50 {
			t.Fatal("it does not end")
		}
		if due, ok := l.state.NextDue(); !ok || due != 0 {
			t.Fatalf("after round %d the next entry is due at %d, %v, want at once", rounds, due, ok)
		}
		replica := restore(t, snapshotIn(t, l.state))
		l.apply()
		if _, err := replica.Apply(l.state.Index, Entry{Format: EntryFormat, MinSemantics: 1, TimeMs: l.nowMs}); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(snapshotIn(t, l.state), snapshotIn(t, replica)) {
			t.Fatalf("after round %d a replica from a snapshot differs", rounds)
		}
	}
	return rounds
}

// inboundFrom is a customer's message, each from somebody else.
func inboundFrom(i int) Command {
	return ReceiveMessage{Inbox: "i", ID: fmt.Sprint("m", i), Direction: "inbound", From: Sender{Address: fmt.Sprint("+", i)},
		MintedContact: ContactID(fmt.Sprint("p", i)), MintedID: ConversationID(fmt.Sprint("c", i))}
}

// TestPatienceIsArmedInPortions: 600 customers wait when a rule about them comes in
// force. Each entry sets the timers of some; another rule that is published in the
// middle is theirs, too, and all have been asked in the end.
func TestPatienceIsArmedInPortions(t *testing.T) {
	const many = 600
	l := newLab(t)
	l.staff(2, RotationSettings{DrainBurst: number(0)})
	var messages []Command
	for i := range many {
		messages = append(messages, inboundFrom(i))
	}
	l.acceptAll(messages)
	late := func(id string, seconds uint32) PutRule {
		c := ruleCalled(id)
		c.RuleBody = RuleBody{On: Trigger{On: OnNoReply, ForSeconds: seconds}, Steps: []Step{{AddComment: &CommentStep{Note: id}}}}
		return c
	}
	before := l.timers()
	l.accept(late("hour", 3600), late("minute", 60), PublishRule{"hour"})
	if n := l.timers() - before; n == 0 || n > StepsPerEntry {
		t.Fatalf("the first entry has set %d timers, want some and at most %d", n, StepsPerEntry)
	}
	l.accept(PublishRule{"minute"})
	if rounds := l.inPortions(t); rounds < many/StepsPerEntry-1 {
		t.Errorf("it took %d entries more, want a portion each", rounds)
	}
	if n := l.timers() - before; n != many {
		t.Fatalf("%d timers are set, want one of each of %d who wait", n, many)
	}
	for c := range l.state.Conversations.All() {
		if c.Talk.DueMs != c.Talk.SinceMs+60_000 {
			t.Fatalf("%s is due %d ms behind its message, want when the shorter wait is over", c.ID, c.Talk.DueMs-c.Talk.SinceMs)
		}
	}
}

// TestPatienceOfAPausedRule: what is paused before the chore is through is asked about
// by no timer more, and the chore ends.
func TestPatienceOfAPausedRule(t *testing.T) {
	l := newLab(t)
	l.staff(2, RotationSettings{DrainBurst: number(0)})
	var messages []Command
	for i := range 2 * StepsPerEntry {
		messages = append(messages, inboundFrom(i))
	}
	l.acceptAll(messages)
	c := ruleCalled("r")
	c.On = Trigger{On: OnNoReply, ForSeconds: 60}
	before := l.timers()
	l.accept(c, PublishRule{"r"})
	set := l.timers() - before
	l.accept(PauseRule{"r"})
	if l.state.Chores.Len() > 0 || l.timers()-before != set {
		t.Errorf("%d chores and %d timers more behind the pause, want none", l.state.Chores.Len(), l.timers()-before-set)
	}
}
