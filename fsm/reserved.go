package fsm

import (
	"cmp"
	"math"
)

// Some conversations wait for one agent: the owner of the contact, who is absent or
// has come to a limit, or the default assignee of the inbox, who has. They stand in
// the team inbox, where anybody may claim them, and are given to her as soon as she
// can take them.

// A reservation is a conversation that waits for an agent.
type reservation struct {
	agent AgentHandle
	berth
	handle ConversationHandle
}

// A berth is what decides whether she can take what waits for her: of each only the
// oldest has to be looked at, however much waits.
type berth struct {
	team  TeamHandle
	inbox InboxHandle
	cause Cause
}

func berthOf(c *Conversation) berth { return berth{c.Assignment.Team, c.Inbox, c.Assignment.Cause} }

func (r reservation) compare(other reservation) int {
	return cmp.Or(cmp.Compare(r.agent, other.agent), cmp.Compare(r.team, other.team), cmp.Compare(r.inbox, other.inbox),
		cmp.Compare(r.cause, other.cause), cmp.Compare(r.handle, other.handle))
}

// ownerReturns gives an agent what waits for her, the oldest first, as far as she can
// take it. Whatever may make her available, gives her a place, or lets her into an
// inbox calls it afterwards; it costs one look if nothing waits. Each one takes a
// step of the entry; when they run out, a timer goes on in the next one.
func ownerReturns(tx *Tx, agent AgentHandle, event Event) {
	done := map[berth]ConversationHandle(nil)
	for {
		c, ok := nextReserved(tx, agent, done)
		switch {
		case !ok:
			return
		case !tx.step():
			tx.Timers.Put(Timer{DueMs: tx.NowMs, Kind: TimerOwner, Agent: agent})
			return
		case done == nil:
			done = map[berth]ConversationHandle{}
		}
		done[berthOf(&c)] = c.Handle // whatever becomes of it, it is not looked at again
		if staleFor(tx.State, &c, agent) {
			sendOn(tx, &c)
		} else {
			giveLate(tx, &c, agent, event)
		}
	}
}

// nextReserved returns the oldest of what waits for an agent and she can take now,
// behind those that were done.
func nextReserved(tx *Tx, agent AgentHandle, done map[berth]ConversationHandle) (Conversation, bool) {
	var next ConversationHandle
	for at := (reservation{agent: agent}); ; at.handle = math.MaxUint64 {
		head, ok := first(tx.Conversations.reserved.From(at))
		if !ok || head.agent != agent {
			break
		}
		at = head
		if last, some := done[head.berth]; some {
			head, ok = first(tx.Conversations.reserved.From(reservation{agent, head.berth, last + 1}))
			if !ok || head.agent != agent || head.berth != at.berth {
				continue
			}
		}
		if (next == 0 || head.handle < next) && berthOpen(tx, agent, head.berth) {
			next = head.handle
		}
	}
	return tx.Conversations.Get(next)
}

// berthOpen says whether an agent can take what waits for her in a berth. Who was
// removed takes nothing, but it need not wait for her any more.
func berthOpen(tx *Tx, agent AgentHandle, b berth) bool {
	inbox, _ := tx.Inboxes.Get(b.inbox)
	_, there := tx.Agents.shown(agent)
	switch {
	case !there:
		return true
	case crowded(tx.State, &Conversation{Inbox: b.inbox}, b.team, agent):
		return false
	default: // everything goes to a default assignee, wherever she is
		return b.cause == CauseMode || hasAccess(tx.State, inbox, agent) && pickable(tx, b.team, agent)
	}
}

// staleFor says whether c need not wait for an agent any more: its contact is
// somebody else's, or nobody's, or its inbox has another default assignee.
func staleFor(s *State, c *Conversation, agent AgentHandle) bool {
	if c.Assignment.Cause == CauseMode {
		desk := deskOf(s, *c)
		_, there := s.Agents.shown(agent)
		return !there || desk.Mode != ModeDefaultAssignee || desk.Rules.DefaultAssignee != agent
	}
	contact, _ := s.Contacts.Get(c.Contact)
	return ownerOf(s, contact) != agent
}

// sendOn sends c, which need not wait for anybody any more, its way.
func sendOn(tx *Tx, c *Conversation) {
	inbox, _ := tx.Inboxes.Get(c.Inbox)
	route(tx, c, inbox, ConversationRequeued)
}

// letGo sends on all that need not wait for an agent any more, even if she can take
// nothing now. Who takes a contact from its owner, or an inbox from its default
// assignee, calls it.
func letGo(tx *Tx, agent AgentHandle) {
	for at := (reservation{agent: agent}); ; at.handle++ {
		next, ok := first(tx.Conversations.reserved.From(at))
		if !ok || next.agent != agent {
			return
		}
		at = next
		c, _ := tx.Conversations.Get(at.handle)
		if !staleFor(tx.State, &c, agent) {
			continue
		}
		if !tx.step() {
			tx.Timers.Put(Timer{DueMs: tx.NowMs, Kind: TimerOwner, Agent: agent})
			return
		}
		sendOn(tx, &c)
	}
}

// ownersReturn is ownerReturns for everybody for whom something waits.
func ownersReturn(tx *Tx, event Event) {
	for agent := AgentHandle(0); ; {
		next, ok := first(tx.Conversations.reserved.From(reservation{agent: agent + 1}))
		if !ok {
			return
		}
		agent = next.agent
		ownerReturns(tx, agent, event)
	}
}
