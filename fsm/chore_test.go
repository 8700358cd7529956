package fsm

import (
	"bytes"
	"testing"
)

// TestManyConversationsComeBack: an agent with 1,000 conversations is removed. Each
// entry sends 256 of them on, the oldest first, the next one is due at once, a
// replica that comes from a snapshot in the middle does the same, and what somebody
// gave meanwhile is left alone.
func TestManyConversationsComeBack(t *testing.T) {
	const many = 1000
	l := newLab(t)
	l.staff(2, RotationSettings{DrainBurst: number(0)})
	l.accept(available(0))
	l.acceptAll(openMany("c", many))
	l.accept(PutPresence{Agent: agentID(0), Status: "away"}, available(1))

	l.nowMs += 10
	l.accept(ReleaseAgent{Agent: agentID(0), To: "requeue"})
	order := l.served()
	for round := 0; l.state.Chores.Len() > 0; round++ {
		if len(order) != (round+1)*StepsPerEntry {
			t.Fatalf("after round %d %d are with the other, want %d an entry", round, len(order), StepsPerEntry)
		}
		if due, ok := l.state.NextDue(); !ok || due != 0 {
			t.Fatalf("after round %d the next entry is due at %d, %v, want at once", round, due, ok)
		}
		replica := restore(t, snapshotIn(t, l.state))
		l.nowMs += 10
		var items []Item
		if round == 1 { // somebody wants her to have this one again
			items = append(items, l.item(AssignConversation{Conversation: "c0000", Agent: agentID(0)}))
		}
		l.apply(items...)
		if _, err := replica.Apply(l.state.Index, Entry{Format: EntryFormat, MinSemantics: 1, TimeMs: l.nowMs, Items: items}); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(snapshotIn(t, l.state), snapshotIn(t, replica)) {
			t.Fatalf("after round %d a replica from a snapshot differs", round)
		}
		for _, id := range l.served() {
			if id != "c0000" {
				order = append(order, id)
			}
		}
		for _, rec := range l.records() {
			if rec.Actor != "agent:x" || rec.Decision == nil || rec.Decision.Trigger != AgentReleased && rec.Event != ConversationAssigned {
				t.Fatalf("%+v, want it told as a release by who asked", rec)
			}
		}
		if round > many/StepsPerEntry {
			t.Fatal("it does not end")
		}
	}
	if len(order) != many || order[0] != "c0000" || order[many-1] != "c0999" {
		t.Fatalf("%d came back", len(order))
	}
	if c := l.conversation("c0000"); l.state.OpenOf(c.Assignment.Assignee) != 1 {
		t.Errorf("what was given to her meanwhile is %+v", c.Assignment)
	}
	if due, _ := l.state.NextDue(); due == 0 {
		t.Error("the next entry is due at once though nothing is left to do")
	}
}

// TestBackAfterRemoval: a team that is put again while what waits in it goes
// elsewhere serves the rest itself.
func TestBackAfterRemoval(t *testing.T) {
	const many = 600
	l := newLab(t)
	l.staff(1, RotationSettings{DrainBurst: number(0)})
	l.acceptAll(openMany("c", many))
	l.accept(PutInbox{ID: "i", Name: "I"})
	l.accept(DeleteTeam{"t"})
	if n := l.state.Chores.Len(); n != 1 {
		t.Fatalf("%d chores", n)
	}
	l.accept(PutTeam{ID: "t", Name: "T", Members: []TeamMember{{Agent: agentID(0)}}, Rotation: &RotationSettings{DrainBurst: number(0)}})
	if n, q := l.state.Chores.Len(), l.waiting(); n != 0 || q != many-StepsPerEntry {
		t.Fatalf("%d chores and %d waiting, want none and %d", n, q, many-StepsPerEntry)
	}
	l.accept(available(0))
	for range many / StepsPerEntry {
		l.apply()
	}
	if l.state.Queues.Len() != 0 {
		t.Errorf("%d wait for ever", l.waiting())
	}
}

func (l *lab) waiting() int {
	q, _ := l.queue()
	return int(q.Waiting)
}
