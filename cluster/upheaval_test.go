package cluster

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/rondohq/rondo/fsm"
	"github.com/rondohq/rondo/fsm/collation"
)

// An upheaval changes everything that can be configured about two teams of its
// own, beside those that the model knows: people come and go, are released and
// removed, hold leases, groups and inboxes change, turns are given back. What it
// is told does not matter; what the log makes of it is judged by rules that hold
// whatever the order was.
type upheaval struct {
	*storm
	rng   *rand.Rand
	calls int
}

const upheavalAgents = 6

func (u *upheaval) run(load context.Context) {
	for _, c := range u.world() {
		u.send(c)
	}
	for ; load.Err() == nil; sleep(load, time.Duration(u.rng.IntN(400))*time.Millisecond) {
		u.send(u.draw())
	}
}

// send asks once, at any node. Half of what is drawn is refused, and some of it
// is never answered.
func (u *upheaval) send(c fsm.Command) {
	u.calls++
	attempt, cancel := context.WithTimeout(u.ctx, time.Second)
	defer cancel()
	_, _, _ = u.alive(u.rng).group.Propose(attempt, itemOf(c, fmt.Sprintf("upheaval-%d", u.calls)))
}

func (u *upheaval) world() (list []fsm.Command) {
	for i := range upheavalAgents {
		list = append(list, u.put(i))
	}
	return append(list, u.group(), u.team("h2"), u.team("h1"), u.inbox())
}

func (u *upheaval) agent() fsm.AgentID {
	return fsm.AgentID(fmt.Sprintf("h%d", u.rng.IntN(upheavalAgents)))
}

func (u *upheaval) put(i int) fsm.Command {
	id := fsm.AgentID(fmt.Sprintf("h%d", i))
	c := fsm.PutAgent{ID: id, Name: string(id), SortKey: sortKey(string(id)), Collation: collation.Version}
	if u.rng.IntN(2) == 0 {
		c.Languages = []string{"es"}
	}
	return c
}

func (u *upheaval) group() fsm.Command {
	c := fsm.PutGroup{ID: "hg", Name: "Group"}
	for i := range upheavalAgents {
		if u.rng.IntN(2) == 0 {
			c.Members = append(c.Members, fsm.ListedAgent{Agent: fsm.AgentID(fmt.Sprintf("h%d", i))})
		}
	}
	return c
}

// team puts one that goes on to the other, or to one agent, if nobody is there.
func (u *upheaval) team(id fsm.TeamID) fsm.Command {
	one := func(words ...string) string { return words[u.rng.IntN(len(words))] }
	dwell, soon := uint32(u.rng.IntN(3)), uint32(u.rng.IntN(20))
	rotation := &fsm.RotationSettings{Strategy: one("round_robin", "least_open"), Order: one("name", "list", "least_recently_assigned"),
		OnReturn: one("wait_turn", "next"), ExcludeTags: []string{"spam"}}
	if id == "h1" && u.rng.IntN(2) == 0 {
		rotation.Fallback = &fsm.FallbackSettings{To: "team", Team: "h2", AfterSeconds: &soon,
			Then: &fsm.FallbackSettings{To: "agent", Agent: u.agent(), AfterSeconds: &soon}}
	}
	return fsm.PutTeam{ID: id, Name: "Team", Members: []fsm.TeamMember{{Group: "hg"}}, Rotation: rotation,
		WhenAway: one("keep", "next_message", "at_once"), DwellSeconds: &dwell}
}

func (u *upheaval) inbox() fsm.Command {
	c := fsm.PutInbox{ID: "hi", Name: "Inbox", Assignment: fsm.InboxAssignment{Mode: "rotation",
		Team: fsm.TeamID(fmt.Sprintf("h%d", 1+u.rng.IntN(2))), WhenOwnerAbsent: []string{"reassign", "keep", "wait"}[u.rng.IntN(3)], LastAssignee: u.rng.IntN(2) == 0}}
	if u.rng.IntN(2) == 0 {
		c.Access = []fsm.RosterEntry{{Group: "hg"}, {Agent: u.agent()}}
	}
	return c
}

func (u *upheaval) draw() fsm.Command {
	seconds := uint32(10 + u.rng.IntN(20))
	ahead := func() string {
		return time.Now().Add(time.Duration(1+u.rng.IntN(60)) * time.Second).UTC().Format(time.RFC3339)
	}
	switch u.rng.IntN(20) {
	case 0:
		return u.put(u.rng.IntN(upheavalAgents))
	case 1:
		return u.group()
	case 2:
		return u.team(fsm.TeamID(fmt.Sprintf("h%d", 1+u.rng.IntN(2))))
	case 3:
		return u.inbox()
	case 4:
		return fsm.DeleteAgent{ID: u.agent(), Conversations: []string{"requeue", "keep"}[u.rng.IntN(2)]}
	case 5:
		return fsm.DeleteTeam{ID: fsm.TeamID(fmt.Sprintf("h%d", 1+u.rng.IntN(2)))}
	case 6:
		return fsm.ReleaseAgent{Agent: u.agent(), To: "requeue", Until: ahead()}
	case 7:
		return fsm.PutPresence{Agent: u.agent(), Status: "away", From: ahead()}
	case 8, 9:
		return fsm.PutPresence{Agent: u.agent(), Status: "available", LeaseSeconds: &seconds}
	case 10:
		return fsm.PutPresence{Agent: u.agent(), Status: []string{"available", "away", "in_break"}[u.rng.IntN(3)]}
	case 11:
		return fsm.RenewPresence{Agents: []fsm.AgentID{"h0", "h1", "h2"}}
	case 12:
		return fsm.PutContact{ID: "hp", Name: "Contact", Addresses: []string{"+1"}, Owner: u.agent()}
	case 13:
		return fsm.DeleteContactOwner{Contact: "hp"}
	case 14:
		return u.onNewest()
	default:
		return u.message()
	}
}

func (u *upheaval) message() fsm.Command {
	c := fsm.ReceiveMessage{Inbox: "hi", ID: fmt.Sprint(u.calls), From: fsm.Sender{Address: fmt.Sprintf("+%d", 1+u.rng.IntN(9))},
		MintedContact: fsm.ContactID(fmt.Sprintf("hc%d", u.calls)), MintedID: fsm.ConversationID(fmt.Sprintf("hm%d", u.calls))}
	switch u.rng.IntN(5) {
	case 0:
		c.Tags = []string{"spam"}
	case 1:
		c.Requires = &fsm.Requirement{Language: "es"}
	}
	return c
}

// onNewest does something to one of the upheaval's own conversations.
func (u *upheaval) onNewest() fsm.Command {
	state := u.alive(u.rng).group.Latest()
	inbox, _ := state.Inboxes.ByID("hi")
	for c := range state.Conversations.Back(fsm.ConversationHandle(1) << 62) {
		if c.Inbox != inbox.Handle || u.rng.IntN(3) == 0 {
			continue
		}
		switch u.rng.IntN(3) {
		case 0:
			return fsm.CloseConversation{Conversation: c.ID}
		case 1:
			return fsm.DeleteTag{Conversation: c.ID, Tag: "spam"}
		}
		for rec := range state.Records.From(fsm.RecordID{Index: state.Index / 2}) {
			if rec.Conversation == c.Handle && rec.Decision != nil && rec.Decision.Turn {
				return fsm.RefundDecision{Decision: rec.ID.String()}
			}
		}
	}
	return u.message()
}

// judgeDepartures: nobody who was removed is given anything, every chore has
// ended, and nothing waits where nobody serves.
func judgeDepartures(s *fsm.State) (removals, sentOn int, wrong []string) {
	removed := map[fsm.AgentHandle]bool{}
	for rec := range s.Records.From(fsm.RecordID{}) {
		switch rec.Event {
		case fsm.AgentRemoved:
			removed[rec.Agent] = true
			removals++
		case fsm.AgentChanged:
			delete(removed, rec.Agent)
		}
		switch d := rec.Decision; {
		case d == nil:
		case removed[d.Assignee]:
			wrong = append(wrong, fmt.Sprintf("record %s: %s gives to an agent who was removed", rec.ID, d.Kind))
		case d.Trigger == fsm.AgentRemoved || d.Trigger == fsm.AgentReleased || d.Trigger == fsm.TeamRemoved:
			sentOn++
		}
	}
	for agent := range removed {
		for team := range s.Members.TeamsOf(agent) {
			wrong = append(wrong, fmt.Sprintf("agent %d was removed and is in team %d", agent, team))
		}
	}
	if n := s.Chores.Len(); n > 0 {
		wrong = append(wrong, fmt.Sprintf("%d chores have not ended", n))
	}
	for q := range s.Queues.All() {
		if team, _ := s.Teams.Get(q.Team); team.Removed {
			wrong = append(wrong, fmt.Sprintf("%d conversations wait in team %s, which was removed", q.Waiting, team.ID))
		}
	}
	return removals, sentOn, wrong
}
