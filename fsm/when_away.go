package fsm

import "github.com/rondohq/rondo/rotation"

// A WhenAway says what becomes of the open conversations of a member who goes
// away or becomes unavailable. A break is none of it: she comes back to her work.
// Nor is a status that the team's assign_to does not mind.
type WhenAway uint8

const (
	KeepWhenAway  WhenAway = iota // they stay hers (S2.21)
	AtNextMessage                 // each goes back to the queue when its customer writes again
	AtOnce                        // all go back to the queue (K102: away_and_reassigning)
)

var whenAways = []string{"keep", "next_message", "at_once"}

func (w WhenAway) String() string { return nameOf(whenAways, int(w)) }

// absent says whether an agent is gone as a team sees it.
func absent(team Team, agent Agent) bool {
	status := agent.Presence.Status
	return status != rotation.StatusInBreak && rotation.Judge(status, team.Rotation.AssignTo) != rotation.Eligible
}

// returnsNow says whether a message takes its conversation from its agent.
func returnsNow(tx *Tx, c Conversation) bool {
	if c.Assignment.State != StateAssigned || c.Assignment.Team == 0 {
		return false
	}
	team, _ := tx.Teams.Get(c.Assignment.Team)
	if team.WhenAway == KeepWhenAway {
		return false
	}
	agent, _ := tx.Agents.Get(c.Assignment.Assignee)
	return absent(team, agent)
}

// giveBackLater begins to give back what an agent has of a team, if she has gone
// and the team wants it. It is done by timers, so that an agent with thousands of
// conversations costs an entry no more than its steps.
func giveBackLater(tx *Tx, team Team, agent Agent) {
	if team.WhenAway == AtOnce && absent(team, agent) {
		tx.Timers.Put(Timer{DueMs: tx.NowMs, Kind: TimerGiveBack, Team: team.Handle, Agent: agent.Handle})
	}
}

// giveBack gives one conversation back and goes on with the next, as long as the
// agent is gone.
func giveBack(tx *Tx, agent Agent, t Timer) {
	team, _ := tx.Teams.Get(t.Team)
	if team.WhenAway != AtOnce || !absent(team, agent) {
		return
	}
	c, found := nextOf(tx, t)
	if c.Handle == 0 {
		return
	}
	t.DueMs, t.Resume = tx.NowMs, c.Handle+1
	tx.Timers.Put(t)
	if found {
		sendBack(tx, &c, ConversationReturned)
	}
}

// nextOf returns the next conversation that the agent of t has of its team. After
// a few of other teams it returns the last of those, and false: the search is to
// go on in another step.
func nextOf(tx *Tx, t Timer) (last Conversation, found bool) {
	const enough = 64
	looked := 0
	for key := range tx.Conversations.openOf.From(assigned{t.Agent, t.Resume}) {
		if key.agent != t.Agent {
			break
		}
		c, _ := tx.Conversations.Get(key.handle)
		if c.Assignment.State == StateAssigned && c.Assignment.Team == t.Team {
			return c, true
		}
		if looked++; looked == enough {
			return c, false
		}
	}
	return Conversation{}, false
}
