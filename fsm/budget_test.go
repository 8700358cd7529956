package fsm

import (
	"fmt"
	"slices"
	"testing"
)

// seconds and other numbers of a RotationSettings.
func number(n uint32) *uint32 { return new(n) }

// openMany opens conversations prefix0000 and so on.
func openMany(prefix string, n int) []Command {
	var commands []Command
	for i := range n {
		commands = append(commands, openIt(fmt.Sprintf("%s%04d", prefix, i)))
	}
	return commands
}

// served returns the ids of the conversations that the last entry gave to
// somebody, in order.
func (l *lab) served() []string {
	var ids []string
	for _, rec := range l.records() {
		if rec.Decision != nil && rec.Decision.Assignee != 0 {
			c, _ := l.state.Conversations.Get(rec.Conversation)
			ids = append(ids, string(c.ID))
		}
	}
	return ids
}

// TestBacklogIsServedInPortions: 1,000 wait and one agent without a limit comes
// back. Each entry serves 256 of them, the next one is due at once, and who comes
// meanwhile goes to the end.
func TestBacklogIsServedInPortions(t *testing.T) {
	l := newLab(t)
	l.staff(2, RotationSettings{DrainBurst: number(0)})
	l.acceptAll(openMany("c", 1000))

	l.accept(available(0))
	order := l.served()
	if len(order) != StepsPerEntry {
		t.Fatalf("the first entry served %d, want %d", len(order), StepsPerEntry)
	}
	for round := 0; l.state.Queues.Len() > 0 && round < 10; round++ {
		if due, ok := l.state.NextDue(); !ok || due != 0 {
			t.Fatalf("after round %d the next entry is due at %d, %v, want at once", round, due, ok)
		}
		switch round {
		case 0: // an arrival finds the queue before it
			l.accept(openIt("late0"))
			if c := l.conversation("late0"); c.Assignment.State != StateWaiting || c.Assignment.Cause != QueueAhead {
				t.Fatalf("the late one is %+v", c.Assignment)
			}
		case 1: // so does one behind which another agent comes
			l.accept(openIt("late1"), available(1))
		default:
			l.apply()
		}
		served := l.served()
		if len(served) > StepsPerEntry {
			t.Fatalf("round %d served %d", round, len(served))
		}
		if q, waits := l.queue(); waits && (len(served) != StepsPerEntry || !q.Unserved) {
			t.Fatalf("round %d served %d and left %+v", round, len(served), q)
		}
		order = append(order, served...)
	}
	want := make([]string, 0, 1002)
	for i := range 1000 {
		want = append(want, fmt.Sprintf("c%04d", i))
	}
	if want = append(want, "late0", "late1"); !slices.Equal(order, want) {
		t.Fatalf("%d were served, in another order than they came", len(order))
	}
	if due, _ := l.state.NextDue(); due == 0 {
		t.Fatal("the next entry is due at once though nothing waits")
	}
	turns := map[AgentHandle]int{}
	for c := range l.state.Conversations.All() {
		turns[c.Assignment.Assignee]++
	}
	if len(turns) != 2 {
		t.Fatalf("turns: %v, want some for both", turns)
	}
}

// TestOwnCommandsAreNotCounted: an entry serves all that its own commands bring,
// however many steps it has.
func TestOwnCommandsAreNotCounted(t *testing.T) {
	l := newLab(t)
	const waiting, own = 50, MaxEntryItems - 1
	l.staff(3, RotationSettings{DrainBurst: number(0)})
	l.accept(openMany("early", waiting)...)
	l.accept(append([]Command{available(0)}, openMany("c", own)...)...)
	if n := len(l.served()); n != waiting+own || l.state.Queues.Len() != 0 {
		t.Fatalf("%d of %d served, %d queues", n, waiting+own, l.state.Queues.Len())
	}
}

// TestStepsAreSharedByTheWholeEntry: two teams come back in one entry that has
// steps for one and a half; the rest of the second comes first in the next.
func TestStepsAreSharedByTheWholeEntry(t *testing.T) {
	l := newLab(t)
	l.staff(1, RotationSettings{DrainBurst: number(0)})
	l.accept(putAgent(9),
		PutTeam{ID: "u", Name: "U", Members: []TeamMember{{Agent: agentID(9)}}, Rotation: &RotationSettings{DrainBurst: number(0)}},
		PutInbox{ID: "j", Name: "J", Assignment: InboxAssignment{Mode: "rotation", Team: "u"}})
	l.accept(openMany("c", 200)...)
	for i := range 100 {
		l.accept(OpenConversation{ID: ConversationID(fmt.Sprint("d", i)), Inbox: "j", Contact: "p"})
	}
	l.accept(available(0), available(9))
	if n := len(l.served()); n != StepsPerEntry {
		t.Fatalf("%d served in one entry, want %d", n, StepsPerEntry)
	}
	l.apply()
	if n := len(l.served()); n != 300-StepsPerEntry || l.state.Queues.Len() != 0 {
		t.Fatalf("%d served by the next entry, %d queues left", n, l.state.Queues.Len())
	}
	for _, rec := range l.records() {
		if rec.Actor != "system:timer" || rec.Decision.Trigger != QueueResumed {
			t.Fatalf("%+v, want it told as a resumed queue", rec)
		}
	}
}

// TestManyTimersAtOnce: 10,000 alerts are due in one moment. Each entry fires
// 256 of them, the oldest first, and all fire exactly once.
func TestManyTimersAtOnce(t *testing.T) {
	const teams = 10_000
	l := newLab(t)
	l.accept(PutContact{ID: "p", Name: "P"})
	var commands []Command
	for i := range teams {
		team, inbox := TeamID(fmt.Sprint("t", i)), InboxID(fmt.Sprint("i", i))
		commands = append(commands,
			PutTeam{ID: team, Name: "T", Rotation: &RotationSettings{AlertAfterSeconds: number(10)}},
			PutInbox{ID: inbox, Name: "I", Assignment: InboxAssignment{Mode: "rotation", Team: team}},
			OpenConversation{ID: ConversationID(fmt.Sprint("c", i)), Inbox: inbox, Contact: "p"})
	}
	l.acceptAll(commands)
	if n := l.state.Timers.Len(); n != teams {
		t.Fatalf("%d timers, want %d", n, teams)
	}

	l.nowMs += 3_600_000 // the cluster was away for an hour
	var alerted []TeamHandle
	for len(alerted) < teams {
		if due, ok := l.state.NextDue(); !ok || due > l.nowMs {
			t.Fatalf("%d have fired and the next entry is due at %d, %v", len(alerted), due, ok)
		}
		seq := l.state.Seq
		l.apply()
		want := min(StepsPerEntry, teams-len(alerted))
		if n := len(l.records()); n != want || l.state.Seq != seq+uint64(want) {
			t.Fatalf("%d alerts and %d numbers in an entry, want %d", n, l.state.Seq-seq, want)
		}
		for _, rec := range l.records() {
			if rec.Event != QueueAlert {
				t.Fatalf("%+v, want an alert", rec)
			}
			alerted = append(alerted, rec.Team)
		}
	}
	if !slices.IsSorted(alerted) || len(slices.Compact(alerted)) != teams || l.state.Timers.Len() != 0 {
		t.Fatalf("%d alerts, %d timers left: not each team once, the oldest first", len(alerted), l.state.Timers.Len())
	}
}

// TestManyPortionsAtOnce: 300 agents drain a queue one by one and are all due at
// once. Whatever an entry has steps for, the queue leaves in its order.
func TestManyPortionsAtOnce(t *testing.T) {
	const agents, backlog = 300, 1500
	l := newLab(t)
	l.staff(agents, RotationSettings{DrainBurst: number(1), DrainIntervalSeconds: number(10), AlertAfterSeconds: number(0)})
	l.acceptAll(openMany("c", backlog))
	var order []string
	for i := range agents {
		l.accept(available(i))
		order = append(order, l.served()...)
	}
	if len(order) != agents {
		t.Fatalf("%d served, want one each", len(order))
	}
	entries := 0
	for l.state.Queues.Len() > 0 {
		due, ok := l.state.NextDue()
		if !ok {
			t.Fatalf("%d wait and nothing is due", backlog-len(order))
		}
		l.nowMs = max(l.nowMs, due)
		l.apply()
		served := l.served()
		if len(served) > StepsPerEntry {
			t.Fatalf("an entry served %d", len(served))
		}
		order = append(order, served...)
		if entries++; entries > backlog {
			t.Fatalf("%d of %d served after %d entries", len(order), backlog, entries)
		}
	}
	if len(order) != backlog || !slices.IsSorted(order) {
		t.Fatalf("%d of %d served, in order: %v", len(order), backlog, slices.IsSorted(order))
	}
	turns := map[AgentHandle]int{}
	for c := range l.state.Conversations.All() {
		turns[c.Assignment.Assignee]++
	}
	for agent, n := range turns {
		if n != backlog/agents {
			t.Fatalf("agent %d took %d, want %d", agent, n, backlog/agents)
		}
	}
}

// TestKeysAreForgottenInPortions: 1,000 keys expire at once; each entry forgets
// 256, and one that is not forgotten yet is dead all the same.
func TestKeysAreForgottenInPortions(t *testing.T) {
	l := newLab(t)
	l.staff(1, RotationSettings{})
	l.forgetKeys()
	l.acceptAll(openMany("c", 1000))
	last := l.item(openIt("c0999"))

	l.nowMs += MintedKeyLifeMs + 1
	for want := 1000 - StepsPerEntry; want > 0; want -= StepsPerEntry {
		if due, ok := l.state.NextDue(); !ok || due > l.nowMs+MintedKeyLifeMs {
			t.Fatalf("the next entry is due at %d, %v, with %d expired keys", due, ok, l.state.Keys.Len())
		}
		l.apply()
		if n := l.state.Keys.Len(); n != want {
			t.Fatalf("%d keys left, want %d", n, want)
		}
	}
	// Of the last ones each is expired; one of them is used again.
	var dead KeyRow
	for row := range l.state.Keys.All() {
		dead = row
	}
	for i := range 1000 {
		if key := (Key{KeyMinted, "", fmt.Sprint(l.minted - 1 - i)}); key.Hash() == dead.Hash {
			last.Key = key.Bytes()
		}
	}
	last.NotAfterMs = l.nowMs
	if o := l.apply(last)[0]; o.Replayed || o.Rejection != nil {
		t.Fatalf("an expired key answered: %+v", o)
	}
	if n := l.state.Keys.Len(); n != 1 {
		t.Fatalf("%d keys left, want the one that was used again", n)
	}
}
