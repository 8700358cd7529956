package fsm

import (
	"slices"
	"testing"
)

// TestWaitingIsExplainedByItsOwnRing: where each inbox has a ring, who was passed
// over is told from the cursor of the conversation's own inbox, even while one of
// another inbox is first in line.
func TestWaitingIsExplainedByItsOwnRing(t *testing.T) {
	l := newLab(t)
	l.staff(3, RotationSettings{Per: "inbox"})
	l.accept(PutInbox{ID: "j", Name: "J", Assignment: InboxAssignment{Mode: "rotation", Team: "t"}},
		available(0), available(1), openIt("c1")) // the cursor of i stands on the first, that of j at the top
	for i := range 2 {
		l.accept(PutPresence{Agent: agentID(i), Status: "away"})
	}
	l.accept(openIt("c2"))
	l.accept(OpenConversation{ID: "d1", Inbox: "j", Contact: "p"})

	for id, want := range map[ConversationID][]AgentHandle{"c2": {2, 3, 1}, "d1": {1, 2, 3}} {
		rec, _ := l.state.Records.At(l.conversation(id).Opening)
		var passed []AgentHandle
		for _, p := range rec.Decision.Passed {
			passed = append(passed, p.Agent)
		}
		if !slices.Equal(passed, want) {
			t.Errorf("%s: passed over %v, want %v", id, passed, want)
		}
	}
}

// TestSmallHandlesLast: conversations and contacts may use up more numbers than
// fit into the handle of an agent; she must not become somebody else by that.
func TestSmallHandlesLast(t *testing.T) {
	l := newLab(t)
	l.staff(1, RotationSettings{})
	l.state.LastHandle = 1 << 32
	l.accept(putAgent(1), openIt("c"),
		PutTeam{ID: "u", Name: "U", Members: []TeamMember{{Agent: agentID(1)}}},
		PutInbox{ID: "j", Name: "J", Assignment: InboxAssignment{Mode: "rotation", Team: "u"}})
	for _, i := range []int{0, 1} {
		a, ok := l.state.Agents.ByID(agentID(i))
		if !ok || a.ID != agentID(i) {
			t.Errorf("agent %s is %+v", agentID(i), a)
		}
	}
	if a, b, c := l.state.Agents.Len(), l.state.Teams.Len(), l.state.Inboxes.Len(); a != 2 || b != 2 || c != 2 {
		t.Errorf("%d agents, %d teams, %d inboxes, want two of each", a, b, c)
	}
	if c := l.conversation("c"); c.Handle <= 1<<32 {
		t.Errorf("the conversation has handle %d", c.Handle)
	}
}

// TestAlertFollowsTheOldest: the alert is about who waits now. When the one it
// was set for is gone it waits for the next, and it comes once.
func TestAlertFollowsTheOldest(t *testing.T) {
	l := newLab(t)
	l.staff(2, RotationSettings{AlertAfterSeconds: number(10)})
	start := l.nowMs
	at := func(ms int64, commands ...Command) {
		l.nowMs = start + ms
		l.accept(commands...)
	}
	at(0, openIt("c1"))
	at(4000, openIt("c2"))
	at(5000, ClaimConversation{Conversation: "c1", Agent: agentID(1)})

	var alerts []int64
	for range 10 {
		due, ok := l.state.NextDue()
		if !ok || due > start+30_000 {
			break
		}
		if l.nowMs = due; l.timers() != 1 {
			t.Fatalf("%d timers, want one", l.timers())
		}
		l.apply()
		for range l.records() {
			alerts = append(alerts, l.nowMs-start)
		}
	}
	if !slices.Equal(alerts, []int64{14_000}) {
		t.Errorf("alerts at %v ms, want one at 14000", alerts)
	}
	at(40_000, openIt("c3"), PutTeam{ID: "t", Name: "renamed", Members: []TeamMember{{Agent: agentID(0)}}, Rotation: &RotationSettings{AlertAfterSeconds: number(1)}})
	if n := l.timers(); n != 0 {
		t.Errorf("%d timers after the alert of this episode", n)
	}
}

// TestAlertIsSetAnew when a team's setting changes while something waits: there
// is never more than one timer for it.
func TestAlertIsSetAnew(t *testing.T) {
	l := newLab(t)
	l.staff(1, RotationSettings{AlertAfterSeconds: number(10)})
	opened := l.nowMs
	l.accept(openIt("c1"))
	l.nowMs += 2000
	for _, seconds := range []uint32{60, 3, 0, 20} {
		l.accept(PutTeam{ID: "t", Name: "T", Members: []TeamMember{{Agent: agentID(0)}}, Rotation: &RotationSettings{AlertAfterSeconds: number(seconds)}})
		var due []int64
		for timer := range l.state.Timers.All() {
			due = append(due, timer.DueMs-opened)
		}
		want := []int64{int64(seconds) * 1000}
		if seconds == 0 {
			want = nil
		}
		if !slices.Equal(due, want) {
			t.Errorf("with %d seconds alerts are due %v ms after the opening, want %v", seconds, due, want)
		}
	}
}

// TestCursorOfWhoLeftIsCarried: the one who took the last turn has left, and then
// the ring is sorted anew. Whoever was next is still next.
func TestCursorOfWhoLeftIsCarried(t *testing.T) {
	for took, next := range []int{1, 2, 3, 0} {
		l := newLab(t)
		l.staff(4, RotationSettings{})
		for i := range 4 {
			l.accept(available(i))
		}
		for n := range took + 1 {
			l.accept(openIt(string(rune('a' + n))))
		}
		l.accept(DeleteMember{Team: "t", Agent: agentID(took)})
		c := PutTeam{ID: "t", Name: "T", Rotation: &RotationSettings{Order: "list"}}
		for i := range 4 {
			if i != took {
				c.Members = append(c.Members, TeamMember{Agent: agentID(i)})
			}
		}
		l.accept(c, openIt("z"))
		got, _ := l.state.Agents.Get(l.conversation("z").Assignment.Assignee)
		if got.ID != agentID(next) {
			t.Errorf("%s took the last turn and left: %s is next, want %s", agentID(took), got.ID, agentID(next))
		}
	}
}

// TestClonesGoTheirOwnWays: two clones and the state they were made from go on
// with entries of their own, and none sees what the others wrote.
func TestClonesGoTheirOwnWays(t *testing.T) {
	l := newLab(t)
	l.staff(2, RotationSettings{})
	l.accept(available(0), openIt("c0"))
	states := []*State{l.state, l.state.Clone(), l.state.Clone()}
	states = append(states, states[2].Clone())
	index := l.state.Index + 1
	var want [][]byte
	var indexes []string
	for i, s := range states {
		items := []Item{l.item(openIt(string(rune('a' + i)))), l.item(PutContact{ID: "q", Name: "Q", Addresses: []string{string(rune('0' + i))}})}
		if _, err := s.Apply(index, Entry{MinSemantics: 1, TimeMs: l.nowMs + int64(i), Items: items}); err != nil {
			t.Fatal(err)
		}
		want, indexes = append(want, snapshotIn(t, s)), append(indexes, dumpIndexes(s))
	}
	for i, s := range states {
		if got := snapshotIn(t, s); string(got) != string(want[i]) || dumpIndexes(s) != indexes[i] {
			t.Errorf("state %d was changed by another one", i)
		}
		rec, _ := s.Records.ByID(RecordID{index, 0})
		c, _ := s.Conversations.Get(rec.Conversation)
		if want := ConversationID(rune('a' + i)); c.ID != want {
			t.Errorf("state %d has %s in its record, want %s", i, c.ID, want)
		}
		if p, ok := s.Contacts.ByAddress(string(rune('0' + i))); !ok || p.ID != "q" {
			t.Errorf("state %d does not find its contact", i)
		}
		checkIndexes(t, s)
	}
}

// TestTimersLeaveWithTheirMember, whichever way she is taken out: a portion that
// is due for nobody must not keep the cluster awake.
func TestTimersLeaveWithTheirMember(t *testing.T) {
	rotation := RotationSettings{DrainBurst: number(1), AlertAfterSeconds: number(0)}
	for _, leave := range []Command{
		DeleteMember{Team: "t", Agent: agentID(0)},
		PutTeam{ID: "t", Name: "T", Members: []TeamMember{{Agent: agentID(1)}}, Rotation: &rotation},
	} {
		l := newLab(t)
		l.staff(2, rotation)
		l.accept(openIt("c1"), openIt("c2"), openIt("c3"), available(0))
		if n := l.timers(); n != 1 {
			t.Fatalf("%d timers, want one for her next portion", n)
		}
		l.accept(leave)
		if n := l.timers(); n != 0 {
			t.Errorf("%T left %d timers", leave, n)
		}
		if q, _ := l.queue(); q.Waiting != 2 {
			t.Errorf("%d wait, want two", q.Waiting)
		}
	}
}
