package fsm

import (
	"testing"
)

// side puts a second team "u" of one agent, with no inbox of its own.
func (l *lab) side(agent int, rotation RotationSettings) {
	l.t.Helper()
	l.accept(putAgent(agent), PutTeam{ID: "u", Name: "U", Members: []TeamMember{{Agent: agentID(agent)}}, Rotation: &rotation})
}

func (l *lab) agent(i int) AgentHandle {
	l.t.Helper()
	a, ok := l.state.Agents.everByID(agentID(i))
	if !ok {
		l.t.Fatalf("there never was an agent %s", agentID(i))
	}
	return a.Handle
}

func (l *lab) team(id TeamID) TeamHandle {
	l.t.Helper()
	team, ok := l.state.Teams.everByID(id)
	if !ok {
		l.t.Fatalf("there never was a team %s", id)
	}
	return team.Handle
}

// TestChainOfARemovedTeam: what waits in another team by the fallback of one that
// was removed does not fall to an agent whom only that chain named, and who was
// removed as well. It goes on by the chain of the team where it waits.
func TestChainOfARemovedTeam(t *testing.T) {
	l := newLab(t)
	l.staff(1, RotationSettings{})
	l.accept(putAgent(7), putAgent(8))
	l.side(1, RotationSettings{Fallback: &FallbackSettings{To: "agent", Agent: agentID(8), AfterSeconds: number(900)}})
	l.accept(PutTeam{ID: "t", Name: "T", Members: []TeamMember{{Agent: agentID(0)}}, Rotation: &RotationSettings{
		Fallback: &FallbackSettings{To: "team", Team: "u",
			Then: &FallbackSettings{To: "agent", Agent: agentID(7), AfterSeconds: number(600)}}}})
	l.accept(openIt("c"))
	if at := l.conversation("c").Assignment; at.State != StateWaiting || at.Team != l.team("u") || at.Chain != l.team("t") {
		t.Fatalf("it is %+v", at)
	}
	l.accept(PutInbox{ID: "i", Name: "I"})
	l.accept(DeleteTeam{"t"})
	l.accept(DeleteAgent{ID: agentID(7)})
	if n := l.state.Chores.Len(); n != 0 {
		t.Fatalf("%d chores are left", n)
	}
	l.nowMs += 600_000
	l.apply()
	if at := l.conversation("c").Assignment; at.State != StateWaiting || at.Team != l.team("u") {
		t.Fatalf("after the step of a team that is gone it is %+v", at)
	}
	l.nowMs += 300_000
	l.apply()
	if at := l.conversation("c").Assignment; at.Assignee != l.agent(8) {
		t.Fatalf("after the step of the team where it waits it is %+v", at)
	}
}

// TestUntaggedInARemovedTeam: what was kept out of the rotation of a team that has
// been removed since goes where its inbox says, not to a queue that nobody serves.
func TestUntaggedInARemovedTeam(t *testing.T) {
	l := newLab(t)
	l.staff(1, RotationSettings{ExcludeTags: []string{"spam"}})
	l.side(1, RotationSettings{})
	l.accept(available(1), OpenConversation{ID: "c", Inbox: "i", Contact: "p", Tags: []string{"spam"}})
	l.accept(PutInbox{ID: "i", Name: "I", Assignment: InboxAssignment{Mode: "rotation", Team: "u"}})
	l.accept(DeleteTeam{"t"})
	l.accept(DeleteTag{Conversation: "c", Tag: "spam"})
	if at := l.conversation("c").Assignment; at.Assignee != l.agent(1) {
		t.Fatalf("it is %+v, and team %d is gone", at, l.team("t"))
	}
}

// TestDeskRemoved: what waits as a reply to an inbox that is removed may be taken
// by whom its own inbox lets, at once, each by its own.
func TestDeskRemoved(t *testing.T) {
	l := newLab(t)
	l.staff(1, RotationSettings{})
	l.accept(putAgent(5), available(0),
		PutInbox{ID: "own", Name: "Own", Access: []RosterEntry{{Agent: agentID(5)}}},
		PutInbox{ID: "desk", Name: "Desk", Access: []RosterEntry{{Agent: agentID(5)}},
			Assignment: InboxAssignment{Mode: "rotation", Team: "t"}})
	for _, c := range []OpenConversation{{ID: "c0", Inbox: "own"}, {ID: "c1", Inbox: "i"}} {
		c.From, c.MintedContact = &Sender{Address: "+1" + string(c.ID)}, ContactID("p"+c.ID)
		c.Direction, c.RepliesTo = "outbound", &ReplyDesk{Inbox: "desk"}
		l.accept(c, ReceiveMessage{Inbox: c.Inbox, ID: string(c.ID), From: *c.From, MintedID: "x" + c.ID, MintedContact: "x"})
		if at := l.conversation(c.ID).Assignment; at.State != StateWaiting {
			t.Fatalf("%s is %+v", c.ID, at)
		}
	}
	l.accept(DeleteInbox{"desk"})
	if at := l.conversation("c1").Assignment; at.Assignee != l.agent(0) {
		t.Errorf("whom nothing keeps from it did not get it: %+v", at)
	}
	if at := l.conversation("c0").Assignment; at.State != StateWaiting {
		t.Errorf("somebody without access got it: %+v", at)
	}
}

// TestRefundOfAReply: a turn that was taken in the ring of the inbox that a reply
// went to is given back in that ring.
func TestRefundOfAReply(t *testing.T) {
	l := newLab(t)
	l.staff(2, RotationSettings{Per: "inbox"})
	l.accept(available(0), available(1),
		PutInbox{ID: "own", Name: "Own"},
		OpenConversation{ID: "c", Inbox: "own", From: &Sender{Address: "+1"}, MintedContact: "m", Direction: "outbound", RepliesTo: &ReplyDesk{Inbox: "i"}})
	decision := l.accept(ReceiveMessage{Inbox: "own", ID: "1", From: Sender{Address: "+1"}, MintedID: "x", MintedContact: "x"})[0].Decision
	if at := l.conversation("c").Assignment; at.Assignee != l.agent(0) {
		t.Fatalf("it is %+v", at)
	}
	l.accept(RefundDecision{Decision: decision.String()})
	l.accept(openIt("d"))
	if at := l.conversation("d").Assignment; at.Assignee != l.agent(0) {
		t.Errorf("her turn was given back, and the next one went to %+v", at)
	}
}

// TestRefundedOnceOnly: the credit of a turn that was refunded in the very
// millisecond in which it was taken expires as the turn becomes too old.
func TestRefundedOnceOnly(t *testing.T) {
	l := newLab(t)
	l.staff(1, RotationSettings{})
	l.accept(available(0))
	decision := l.accept(openIt("c"))[0].Decision.String()
	l.accept(RefundDecision{Decision: decision})
	l.nowMs += CreditLifeMs
	l.apply() // the credit expires
	l.refuse(RefundDecision{Decision: decision})
}

// TestLastAssigneeMeetsWhatIsAsked: whoever had the contact last does not get what
// asks for a language that she does not speak.
func TestLastAssigneeMeetsWhatIsAsked(t *testing.T) {
	l := newLab(t)
	l.staff(2, RotationSettings{})
	l.accept(PutInbox{ID: "i", Name: "I", Assignment: InboxAssignment{Mode: "rotation", Team: "t", LastAssignee: true}},
		PutAgent{ID: agentID(1), Name: string(agentID(1)), SortKey: "b", Languages: []string{"es"}},
		available(0), available(1), openIt("c"))
	if at := l.conversation("c").Assignment; at.Assignee != l.agent(0) {
		t.Fatalf("it is %+v", at)
	}
	l.accept(OpenConversation{ID: "d", Inbox: "i", Contact: "p", Requires: &Requirement{Language: "es"}})
	if at := l.conversation("d").Assignment; at.Assignee != l.agent(1) {
		t.Errorf("it asks for Spanish and is %+v", at)
	}
}
