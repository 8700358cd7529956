package fsm

import "github.com/rondohq/rondo/rotation"

// A conversation is put aside while a bot has it, while nobody has let it in yet,
// or because its agent looks at it again later. Nothing of that takes a turn or
// waits in a queue; what brings it back goes the way of decision 7.

// begin gives a new conversation its first place. The inbox's bot has it before
// any person, whatever the inbox's mode (K91), and keeps it until it is handed off
// (K30). status is what whoever opens it wants; "" leaves it to the inbox.
func begin(tx *Tx, c *Conversation, inbox Inbox, status string) {
	bot, there := botOf(tx.State, inbox)
	switch {
	case status != StatusOpen.String() && there:
		pend(tx, c, inbox, bot)
	case status == StatusPending.String():
		pend(tx, c, inbox, 0)
	default:
		if status == "" && inbox.Rules.Bot != 0 {
			tx.notes = append(tx.notes, BotAbsent)
		}
		route(tx, c, inbox, ConversationOpened)
	}
}

// pend keeps a new conversation aside, with a bot or with nobody.
func pend(tx *Tx, c *Conversation, inbox Inbox, bot AgentHandle) {
	tx.subject = c.Handle
	c.Status = StatusPending
	pendWith(tx, c, inbox, bot, ConversationOpened)
}

func pendWith(tx *Tx, c *Conversation, inbox Inbox, bot AgentHandle, event Event) {
	next := Assignment{State: StateManual, Cause: CausePending, SinceMs: tx.NowMs, Team: inbox.Team, Assignee: bot}
	d := Decision{Kind: DecidedWaiting, Trigger: event, Before: c.Assignment.Assignee, Cause: CausePending}
	if bot != 0 {
		next.State, next.Cause = StateAssigned, CauseNone
		d.Kind, d.Cause = DecidedBot, CauseNone
	}
	give(tx, c, next, d, event)
}

// botOf returns the bot that begins what comes to an inbox, if it is there.
func botOf(s *State, inbox Inbox) (AgentHandle, bool) {
	return inbox.Rules.Bot, botThere(s, inbox.Rules.Bot)
}

// botThere says whether a bot answers: it needs no presence, but one that has had
// one is passed by while it is not available, as when its lease has ended.
func botThere(s *State, handle AgentHandle) bool {
	bot, ok := s.Agents.shown(handle)
	saysNothing := bot.LatestPresence == 0
	return ok && bot.Kind == Bot && !bot.Pending && (saysNothing || bot.Presence.Status == rotation.StatusAvailable)
}

// handOff takes a pending conversation to people, by decision 7: the turn is taken
// now (K30).
func handOff(tx *Tx, c *Conversation, event Event) {
	inbox, _ := tx.Inboxes.Get(c.Inbox)
	tx.subject = c.Handle
	c.Status = StatusOpen
	if had := c.Assignment.Assignee; had != 0 && inbox.Mode == ModeDefaultAssignee && inbox.Rules.DefaultAssignee == had {
		leaveToPeople(tx, c, inbox.Team, CauseMode, event) // or the bot would have it back at once
		return
	}
	route(tx, c, inbox, event)
}

// wakeTimer is what ends the snooze of c.
func (c *Conversation) wakeTimer() Timer {
	return Timer{DueMs: c.UntilMs, Kind: TimerWake, Ref: uint64(c.Handle)}
}

// wakeDue opens a conversation whose time has come.
func wakeDue(tx *Tx, handle ConversationHandle) {
	if c, ok := tx.Conversations.Get(handle); ok && c.Status == StatusSnoozed {
		reopen(tx, &c)
	}
}

// unsnooze ends a snooze without deciding anything; the caller stores c.
func unsnooze(tx *Tx, c *Conversation) {
	if c.Status != StatusSnoozed {
		return
	}
	tx.Timers.Delete(c.wakeTimer())
	heldWakes(tx, *c)
	c.Status, c.UntilMs = StatusOpen, 0
}

// bringIn makes a conversation one that whoever is given it works on now: it is
// opened, unless a bot takes what is pending. The caller stores it.
func bringIn(tx *Tx, c *Conversation, agent Agent) {
	unsnooze(tx, c)
	if c.Status == StatusPending && agent.Kind != Bot {
		c.Status = StatusOpen
	}
}

// worksOn says whether giving a conversation to an agent would change nothing.
func worksOn(c Conversation, agent Agent) bool {
	return c.Assignment.State == StateAssigned && c.Assignment.Assignee == agent.Handle &&
		(c.Status == StatusOpen || c.Status == StatusPending && agent.Kind == Bot)
}

// refusePending refuses to take from a bot what it has not handed off (K37).
func refusePending(tx *Tx, c Conversation, agent Agent) error {
	if c.Status != StatusPending || c.Assignment.State != StateAssigned || c.Assignment.Assignee == agent.Handle {
		return nil
	}
	holder, _ := tx.Agents.Get(c.Assignment.Assignee)
	return lost(tx, c, ConversationPending, "bot %s has conversation %q since %s; let it hand it off, or let a supervisor assign it",
		orNobody(holder.ID), c.ID, clockTime(c.Assignment.SinceMs))
}

// giveUp takes from an agent who is gone what she has and is not closed: an open
// one goes back to the rotation, a pending one to people; a snoozed one is nobody's
// until it wakes.
func giveUp(tx *Tx, c *Conversation) {
	tx.subject = c.Handle
	switch c.Status {
	case StatusPending:
		handOff(tx, c, ConversationHandedOff)
	case StatusSnoozed:
		give(tx, c, Assignment{SinceMs: tx.NowMs, Team: c.Assignment.Team},
			Decision{Kind: DecidedUnassign, Trigger: ConversationUnassigned, Before: c.Assignment.Assignee}, ConversationUnassigned)
	default:
		team, _ := tx.Teams.Get(c.Assignment.Team)
		leave(tx, c, team)
		sendBack(tx, c, ConversationRequeued)
	}
}
