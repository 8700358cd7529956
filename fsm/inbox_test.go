package fsm

import (
	"fmt"
	"testing"
)

// group puts a group row as its command would, and tells the inboxes.
func (l *lab) group(id GroupID, members ...int) {
	l.t.Helper()
	row, known := l.state.Groups.ByID(id)
	if !known {
		row = Group{Handle: GroupHandle(l.state.mintSmall()), ID: id, Name: string(id)}
	}
	row.Members = nil
	for _, i := range members {
		agent, _ := l.state.Agents.ByID(agentID(i))
		row.Members = append(row.Members, agent.Handle)
	}
	l.state.Groups.Put(row)
	l.state.Index++
	tx := &Tx{State: l.state, progress: progress{steps: StepsPerEntry}}
	tx.asTimer()
	inboxesFollow(tx, row)
	tx.seal()
	checkState(l.t, l.state)
}

func checkState(t testing.TB, s *State) {
	if real, ok := t.(*testing.T); ok {
		checkIndexes(real, s)
	}
}

func (l *lab) holder(id string) AgentID {
	l.t.Helper()
	agent, _ := l.state.Agents.Get(l.conversation(ConversationID(id)).Assignment.Assignee)
	return agent.ID
}

// TestGroupsOfAnInbox is K12: a group and one of its members listed beside it is
// each person once; who leaves the group leaves the ring, who comes takes what
// waits, and access through a group is access.
func TestGroupsOfAnInbox(t *testing.T) {
	l := newLab(t)
	l.staff(4, RotationSettings{})
	for i := range 4 {
		l.accept(available(i))
	}
	l.group("g", 0, 1)
	l.accept(PutInbox{ID: "i", Name: "I", Assignment: InboxAssignment{Mode: "rotation", Team: "t"},
		Access: []RosterEntry{{Group: "g"}, {Agent: agentID(1)}}, Members: []RosterEntry{{Group: "g"}}})
	for n, want := range []int{0, 1, 0, 1} {
		l.accept(openIt(fmt.Sprint("c", n)))
		if got := l.holder(fmt.Sprint("c", n)); got != agentID(want) {
			t.Fatalf("conversation %d went to %s, want %s", n, got, agentID(want))
		}
	}
	if r := l.refuse(DeleteInboxAccess{"i", agentID(0)}); r.Reason != NotFound {
		t.Errorf("taking out who is there through a group: %+v", r)
	}

	l.group("g", 2)
	l.accept(openIt("waits")) // 2 is a member through the group, with access through it
	if got := l.holder("waits"); got != agentID(2) {
		t.Fatalf("it went to %s, who is not in the group any more", got)
	}
	l.group("g")
	l.accept(openIt("late"))
	if got := l.holder("late"); got != "" {
		t.Fatalf("a group without members let %s in", got)
	}
	l.group("g", 3)
	if got := l.holder("late"); got != agentID(3) {
		t.Fatalf("what waited is with %q after the group let somebody in", got)
	}
}

// TestOwnerOfMany: more waits for an owner than one entry can give; the next goes
// on at once, and nothing is given twice.
func TestOwnerOfMany(t *testing.T) {
	l := newLab(t)
	l.staff(1, RotationSettings{})
	l.accept(PutInbox{ID: "i", Name: "I", Assignment: InboxAssignment{Mode: "rotation", Team: "t", WhenOwnerAbsent: "wait"}},
		PutContact{ID: "p", Name: "P", Owner: agentID(0)})
	const many = StepsPerEntry + 10
	var opens []Command
	for i := range many {
		opens = append(opens, openIt(fmt.Sprint("c", i)))
	}
	l.acceptAll(opens)
	l.accept(available(0))
	agent, _ := l.state.Agents.ByID(agentID(0))
	if !ownsContacts(l.state, agent.Handle) {
		t.Error("she owns a contact")
	}
	if got := l.state.OpenOf(agent.Handle); got != StepsPerEntry {
		t.Fatalf("one entry gave her %d, want its %d steps", got, StepsPerEntry)
	}
	if due, ok := l.state.NextDue(); !ok || due > l.nowMs {
		t.Fatalf("the rest is due at %d, want now, %d", due, l.nowMs)
	}
	l.apply()
	if got := l.state.OpenOf(agent.Handle); got != many {
		t.Fatalf("she has %d, want %d", got, many)
	}
	checkIndexes(t, l.state)
}

// TestLimitsOfAnInbox: as many entries as it may have, and not one more.
func TestLimitsOfAnInbox(t *testing.T) {
	l := newLab(t)
	var agents []Command
	var full []RosterEntry
	for i := range MaxMembers + 1 {
		agents = append(agents, putAgent(i))
		full = append(full, RosterEntry{Agent: agentID(i)})
	}
	l.acceptAll(agents)
	l.accept(PutInbox{ID: "i", Name: "I", Access: full[:MaxMembers], Members: full[:MaxMembers]})
	for _, c := range []Command{PutInboxAccess{"i", agentID(MaxMembers)}, PutInboxMember{"i", agentID(MaxMembers)}} {
		if r := l.refuse(c); r.Reason != ListFull {
			t.Errorf("%T: %+v", c, r)
		}
	}
	for _, c := range []Command{PutInbox{ID: "i", Name: "I", Access: full}, PutInbox{ID: "i", Name: "I", Members: full}} {
		if r := l.refuse(c); r.Reason != Invalid || r.Fields[0].Code != "too_many" {
			t.Errorf("%+v", r)
		}
	}
}

// ownsContacts says whether an agent is the owner of a contact.
func ownsContacts(s *State, agent AgentHandle) bool {
	key, ok := first(s.Contacts.owners.From(owned{owner: agent}))
	return ok && key.owner == agent
}
