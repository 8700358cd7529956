package fsm

import (
	"slices"
	"testing"
)

// withOwner returns a lab in which a0000 owns contact "p" and inbox "i" keeps for
// her what she cannot take.
func withOwner(t *testing.T, limit int) *lab {
	l := newLab(t)
	l.staff(2, RotationSettings{})
	l.accept(
		PutInbox{ID: "i", Name: "I", Assignment: InboxAssignment{Mode: "rotation", Team: "t", WhenOwnerAbsent: "wait"}},
		PutContact{ID: "p", Name: "P", Owner: agentID(0)}, l.limited(0, limit))
	return l
}

func (l *lab) limited(i, limit int) Command {
	c := putAgent(i).(PutAgent)
	c.Limits = &LimitSettings{Open: limitOrNil(limit)}
	return c
}

// TestOwnerGetsWhatFits: who comes back to a thousand conversations gets as many as
// she takes, the oldest first, and one more for each that she closes.
func TestOwnerGetsWhatFits(t *testing.T) {
	l := withOwner(t, 3)
	l.acceptAll(openMany("c", 1000))
	l.accept(available(0))
	if got, want := l.served(), []string{"c0000", "c0001", "c0002"}; !slices.Equal(got, want) {
		t.Fatalf("she got %v, want %v", got, want)
	}
	l.accept(CloseConversation{"c0001"})
	if got, want := l.served(), []string{"c0003"}; !slices.Equal(got, want) {
		t.Fatalf("then she got %v, want %v", got, want)
	}
}

// TestOwnerGetsItInPortions: what is given to an owner counts as steps of the entry,
// beside what else it does, and the next one goes on at once.
func TestOwnerGetsItInPortions(t *testing.T) {
	l := withOwner(t, 1)
	l.acceptAll(openMany("c", 600))
	l.accept(available(0))
	order := l.served()
	l.accept(l.limited(0, 0))
	for round := 0; ; round++ {
		served := l.served()
		order = append(order, served...)
		due, more := l.state.NextDue()
		more = more && due <= l.nowMs
		if len(served) > StepsPerEntry || len(served) == 0 && more || round > 5 {
			t.Fatalf("round %d gave her %d, and the next one is due: %v", round, len(served), more)
		}
		if !more {
			break
		}
		l.apply()
	}
	if !slices.IsSorted(order) || len(order) != 600 {
		t.Errorf("she got %d, in order: %v", len(order), slices.IsSorted(order))
	}
}

// TestReservedForWhoIsAtHerLimit: what waits for somebody who is at her limit goes on
// if it is not for her any more.
func TestReservedForWhoIsAtHerLimit(t *testing.T) {
	l := withOwner(t, 1)
	l.accept(available(0), available(1), openIt("c1"), openIt("c2"), openIt("c3"))
	if at := l.conversation("c2").Assignment; at.For == 0 || at.State != StateManual {
		t.Fatalf("c2 is %+v", at)
	}
	l.accept(PutContactOwner{Contact: "p", Agent: agentID(1), Conversations: "none"})
	if got, want := l.served(), []string{"c2", "c3"}; !slices.Equal(got, want) {
		t.Fatalf("the new owner got %v, want %v", got, want)
	}
}

// TestReservedAgain: what does not wait for an owner any more, and then waits for the
// same agent as the default assignee of the inbox, comes to an end. So it does as
// often as the inbox changes.
func TestReservedAgain(t *testing.T) {
	l := withOwner(t, 1)
	toAgent := func(i int) Command {
		return PutInbox{ID: "i", Name: "I", Assignment: InboxAssignment{Mode: "default_assignee", Team: "t", Agent: agentID(i), WhenOwnerAbsent: "wait"}}
	}
	l.accept(available(0), available(1), l.limited(1, 1), toAgent(0))
	l.acceptAll(openMany("c", 300))
	l.accept(DeleteContactOwner{Contact: "p", Conversations: "none"})
	for i := range 4 {
		l.settle()
		for c := range l.state.Conversations.All() {
			if c.Assignment.State == StateManual && (c.Assignment.For != l.agent(i%2) || c.Assignment.Cause != CauseMode) {
				t.Fatalf("round %d: %s is %+v", i, c.ID, c.Assignment)
			}
		}
		l.accept(toAgent((i + 1) % 2))
	}
}
