package fsm

import (
	"fmt"
	"testing"
)

// BenchmarkChangeOfMany measures commands that touch a great deal in one entry, on
// a state as large as the limits allow, or a tenth of it where that takes too long.
func BenchmarkChangeOfMany(b *testing.B) {
	for _, bench := range []struct {
		name string
		make func(l *lab) Command
	}{
		{"group of 2000 in 20 teams grows", largeGroup},
		{"team of 2000 with credits is removed", manyCredits},
		{"agent in the lists of 1000 inboxes is removed, each with a line that waits", manyInboxes},
	} {
		b.Run(bench.name, func(b *testing.B) {
			l := newLab(b)
			command := bench.make(l)
			state := l.state
			for b.Loop() {
				l.state = state.Clone()
				l.accept(command)
			}
		})
	}
}

func largeGroup(l *lab) Command {
	var commands []Command
	group := PutGroup{ID: "g", Name: "G"}
	for i := range MaxMembers {
		commands = append(commands, putAgent(i))
		group.Members = append(group.Members, ListedAgent{agentID(i)})
	}
	last := group.Members[MaxMembers-1].Agent
	group.Members = group.Members[:MaxMembers-1]
	l.acceptAll(append(commands, group))
	for i := range MaxTeamsOfGroup / 10 {
		l.accept(PutTeam{ID: TeamID(fmt.Sprint("t", i)), Name: "T", Members: []TeamMember{{Group: "g"}}})
	}
	return PutGroupMember{"g", last}
}

func manyCredits(l *lab) Command {
	l.staff(MaxMembers, RotationSettings{OnReturn: "next"})
	var commands []Command
	for _, status := range []string{"available", "away", "available"} {
		for i := range MaxMembers {
			commands = append(commands, PutPresence{Agent: agentID(i), Status: status})
		}
	}
	l.acceptAll(append(commands, PutInbox{ID: "i", Name: "I"}))
	if n := l.state.Credits.Len(); n != MaxMembers {
		l.t.Fatalf("%d credits", n)
	}
	return DeleteTeam{"t"}
}

func manyInboxes(l *lab) Command {
	l.staff(3, RotationSettings{})
	var commands []Command
	for i := range 1000 {
		commands = append(commands, PutInbox{ID: InboxID(fmt.Sprint("i", i)), Name: "I",
			Access:     []RosterEntry{{Agent: agentID(0)}, {Agent: agentID(1)}},
			Assignment: InboxAssignment{Mode: "rotation", Team: "t"}})
	}
	for i := range 1000 {
		commands = append(commands, OpenConversation{ID: ConversationID(fmt.Sprint("c", i)), Inbox: InboxID(fmt.Sprint("i", i)), Contact: "p"})
	}
	l.acceptAll(append(commands, available(2)))
	return DeleteAgent{ID: agentID(0)}
}
