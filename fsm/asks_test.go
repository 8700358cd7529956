package fsm

import (
	"slices"
	"testing"

	"github.com/rondohq/rondo/rotation"
)

// asking returns a lab with two agents, of whom nobody is there, and c1, which waits
// and asks for something; and what the command then gave.
func asking(t *testing.T, asks Asks, before ...Command) *lab {
	l := newLab(t)
	l.staff(2, RotationSettings{})
	l.accept(before...)
	l.accept(openIt("c1"))
	c := l.conversation("c1")
	if c.Assignment.State != StateWaiting {
		t.Fatalf("c1 does not wait: %+v", c.Assignment)
	}
	c.Home, c.Narrowed = c.Assignment.Team, &Narrowing{Team: c.Assignment.Team, Asks: asks}
	l.state.Conversations.Put(c)
	return l
}

func (l *lab) mustHave(id ConversationID, i int) {
	l.t.Helper()
	if at := l.conversation(id).Assignment; at.Assignee != l.agent(i) {
		l.t.Errorf("%s is %+v", id, at)
	}
}

var (
	notAway = Asks{AssignTo: 1 + uint8(rotation.AssignToNotAway)}
	anyone  = Asks{AssignTo: 1 + uint8(rotation.AssignToAnyone)}
	present = Asks{AssignTo: 1 + uint8(rotation.AssignToAvailable)}
)

func away(i int) Command { return PutPresence{Agent: agentID(i), Status: "away"} }

// TestAsksServe: who may be picked only for what asks for another policy gets it, in
// the entry in which she may.
func TestAsksServe(t *testing.T) {
	full := []Command{PutAgent{ID: agentID(0), Name: "A", Limits: &LimitSettings{Open: new(uint32(1))}}, available(0), openIt("c0")}
	asTeam := func(c PutTeam) PutTeam {
		c.ID, c.Name, c.Members = "t", "T", []TeamMember{{Agent: agentID(0)}, {Agent: agentID(1)}}
		return c
	}
	for name, test := range map[string]struct {
		asks   Asks
		before []Command
		then   Command
		gets   int
	}{
		"in a break": {notAway, []Command{away(0), away(1)}, PutPresence{Agent: agentID(1), Status: "in_break"}, 1},
		"away":       {anyone, nil, PutPresence{Agent: agentID(1), Status: "away"}, 0},
		"joins away": {anyone, []Command{asTeam(PutTeam{}), DeleteMember{Team: "t", Agent: agentID(0)}, DeleteMember{Team: "t", Agent: agentID(1)}},
			PutMember{Team: "t", Agent: agentID(1)}, 1},
		"full":         {Asks{AnyLoad: true}, append(slices.Clone(full), away(0)), available(0), 0},
		"fewer again":  {Asks{FewerThan: 1}, full, CloseConversation{"c0"}, 0},
		"by another":   {Asks{FewerThan: 1}, full, AssignConversation{Conversation: "c0", Agent: agentID(1)}, 0},
		"there at all": {present, full, CloseConversation{"c0"}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			l := asking(t, test.asks, test.before...)
			l.accept(test.then)
			l.mustHave("c1", test.gets)
			checkIndexes(t, l.state)
		})
	}
}

// TestAsksFewerThan: of those who are there, only who has fewer open ones is picked,
// though no limit is set anywhere; and as soon as she has.
func TestAsksFewerThan(t *testing.T) {
	l := asking(t, Asks{FewerThan: 2})
	l.accept(AssignConversation{Conversation: "c1", Agent: agentID(0)}, available(0), openIt("c2"))
	c := l.conversation("c1")
	c.Handle, c.ID, c.Assignment, c.Latest, c.Opening, c.Decided = 900, "c3", Assignment{}, 0, 0, 0
	team, _ := l.state.Teams.ByID("t")
	ch := choose(l.state, team, &c)
	if ch.Found || ch.Passed[1].Verdict != rotation.AtCapacity {
		t.Fatalf("with two open ones the choice is %+v", ch.Turn)
	}
	l.accept(CloseConversation{"c2"})
	if ch = choose(l.state, team, &c); !ch.Found {
		t.Errorf("with one the choice is %+v", ch.Turn)
	}
}

// TestAsksStrictly: in a team of anyone, what asks for who is available is nobody
// else's; what stands behind it, and asks nothing, is.
func TestAsksStrictly(t *testing.T) {
	l := asking(t, present)
	l.accept(PutTeam{ID: "t", Name: "T", Members: []TeamMember{{Agent: agentID(0)}, {Agent: agentID(1)}}, Rotation: &RotationSettings{AssignTo: "anyone"}}, openIt("c2"))
	if at := l.conversation("c1").Assignment; at.State != StateWaiting {
		t.Fatalf("c1 is %+v", at)
	}
	l.mustHave("c2", 0)
	l.accept(available(1))
	l.mustHave("c1", 1)
}

// TestAsksStrategy: each strategy works for one conversation in a team of another, and
// the cursor moves as by rotation.
func TestAsksStrategy(t *testing.T) {
	for strategy, want := range map[Strategy]int{RoundRobin: 0, LeastOpen: 1, Weighted: 0} {
		for _, of := range strategies {
			l := newLab(t)
			l.staff(2, RotationSettings{Strategy: of})
			l.accept(available(1), openIt("c0"), available(0))
			l.accept(AssignConversation{Conversation: "c0", Agent: agentID(0)})
			team, _ := l.state.Teams.ByID("t")
			c := l.conversation("c0")
			c.Home, c.Narrowed = team.Handle, &Narrowing{Team: team.Handle, Asks: Asks{Strategy: 1 + uint8(strategy)}}
			ch := choose(l.state, team, &c)
			if !ch.Found || AgentHandle(ch.Next.Agent) != l.agent(want) || ch.cursor.Agent != l.agent(1) || ch.cursor.Restriction != "" {
				t.Errorf("%s in a team of %s chose %+v", strategy, of, ch)
			}
		}
	}
}
