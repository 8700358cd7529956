package fsm

import (
	"bytes"
	"testing"
)

// TestChangedEscalationsReachWhatIsOpen: new steps come to what waits already, 256 an
// entry, and count from when it began to wait; a replica from a snapshot in the middle
// does the same; and when the steps are gone no timer is left.
func TestChangedEscalationsReachWhatIsOpen(t *testing.T) {
	const many = 600
	l := newLab(t)
	l.staff(1, RotationSettings{})
	l.acceptAll(openMany("c", many))
	timers := l.timers()
	team := PutTeam{ID: "t", Name: "T", Members: []TeamMember{{Agent: agentID(0)}}}
	put := func(list ...EscalationSettings) (rounds int) {
		team.Escalations = list
		l.accept(team)
		for ; l.state.Chores.Len() > 0; rounds++ {
			replica := restore(t, snapshotIn(t, l.state))
			l.nowMs++
			l.apply()
			if _, err := replica.Apply(l.state.Index, Entry{Format: EntryFormat, MinSemantics: 1, TimeMs: l.nowMs}); err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(snapshotIn(t, l.state), snapshotIn(t, replica)) {
				t.Fatalf("after round %d a replica from a snapshot differs", rounds)
			}
			if rounds > many/StepsPerEntry+2 {
				t.Fatal("it does not end")
			}
		}
		return rounds
	}
	if rounds := put(EscalationSettings{When: "waiting", AfterSeconds: 3600, Do: "priority", Priority: new(uint8(3))}); rounds < 2 {
		t.Errorf("%d conversations in %d more entries", many, rounds)
	}
	for c := range l.state.Conversations.All() {
		if c.Escalated == nil || c.Escalated.DueMs != c.Assignment.SinceMs+3_600_000 {
			t.Fatalf("%s waits since %d: %+v", c.ID, c.Assignment.SinceMs, c.Escalated)
		}
	}
	if n := l.timers(); n != timers+many {
		t.Errorf("%d timers, want %d", n, timers+many)
	}
	put()
	if n := l.timers(); n != timers {
		t.Errorf("%d timers when nothing is escalated any more, want %d", n, timers)
	}
}
