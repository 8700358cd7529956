package fsm

import (
	"cmp"

	"github.com/rondohq/rondo/rotation"
)

// ReopenWithinMs is how long after its close a conversation is reopened by the
// next message; later one opens a new conversation (decision 7).
const ReopenWithinMs = 7 * 24 * 3600 * 1000

// route sends a conversation that needs somebody to whom decision 7 says: the desk
// that its outbound opening named, a rule, the contact's owner, whoever had the
// contact last, or as the inbox's mode says. It is stored, with its decision.
// Outside the hours of the inbox it waits for them, or for people, if that is so and
// no rule knows better.
func route(tx *Tx, c *Conversation, inbox Inbox, event Event) {
	tx.subject = c.Handle
	if hasDesk(tx.State, *c) || !leaveToRule(tx, c, inbox, event) {
		routeUsual(tx, c, inbox, event)
	}
}

// routeUsual is route for what no rule has.
func routeUsual(tx *Tx, c *Conversation, inbox Inbox, event Event) {
	switch outsideOf(tx, c, inbox) {
	case OutsideTeamInbox:
		leaveToPeople(tx, c, inbox.Team, CauseAfterHours, event)
	case OutsideWait:
		leaveToPeople(tx, c, inbox.Team, CauseOutsideHours, event)
	default:
		routeOpen(tx, c, inbox, event)
	}
}

// routeOpen is routeUsual at any time.
func routeOpen(tx *Tx, c *Conversation, inbox Inbox, event Event) {
	tx.subject = c.Handle
	contact := customerOf(tx.State, *c)
	owner := ownerOf(tx.State, contact)
	switch {
	case toDesk(tx, c, event):
	case owner != 0 && toOwner(tx, c, inbox, owner, event):
	case inbox.Rules.LastAssignee && toLastAssignee(tx, c, inbox, event):
	case inbox.Mode == ModeRotation && inbox.Rules.HoldUnknown && !contact.Known:
		leaveToPeople(tx, c, inbox.Team, CauseUnknownSender, event)
	case inbox.Mode == ModeRotation && inbox.Rules.KnownWithoutOwner == KnownToTeamInbox && contact.Known && owner == 0:
		leaveToPeople(tx, c, inbox.Team, CauseKnownWithoutOwner, event)
	default:
		routeByMode(tx, c, inbox, event)
	}
}

// routeByMode sends a conversation as the inbox's mode says, whoever wrote: what
// somebody gives back does not return to her because she owns the contact.
func routeByMode(tx *Tx, c *Conversation, inbox Inbox, event Event) {
	tx.subject = c.Handle
	switch inbox.Mode {
	case ModeRotation:
		team, _ := tx.Teams.Get(inbox.Team)
		enqueue(tx, c, team, event)
	case ModeDefaultAssignee:
		if agent := inbox.Rules.DefaultAssignee; crowded(tx.State, c, inbox.Team, agent) {
			keepFor(tx, c, inbox.Team, agent, event)
			return
		}
		give(tx, c,
			Assignment{State: StateAssigned, SinceMs: tx.NowMs, Team: inbox.Team, Assignee: inbox.Rules.DefaultAssignee},
			Decision{Kind: DecidedDefaultAssignee, Trigger: event, Before: c.Assignment.Assignee}, event)
	default:
		leaveToPeople(tx, c, inbox.Team, CauseMode, event)
	}
}

// leaveToPeople leaves a conversation in the team inbox, where somebody claims it.
func leaveToPeople(tx *Tx, c *Conversation, team TeamHandle, cause Cause, event Event) {
	give(tx, c,
		Assignment{State: StateManual, Cause: cause, SinceMs: tx.NowMs, Team: team},
		Decision{Kind: DecidedWaiting, Trigger: event, Before: c.Assignment.Assignee, Cause: cause}, event)
}

// keepFor leaves a conversation in the team inbox until the inbox's default
// assignee, who has come to a limit, has a place for it, or somebody claims it.
func keepFor(tx *Tx, c *Conversation, team TeamHandle, agent AgentHandle, event Event) {
	give(tx, c,
		Assignment{State: StateManual, Cause: CauseMode, SinceMs: tx.NowMs, Team: team, For: agent},
		Decision{Kind: DecidedWaiting, Trigger: event, Before: c.Assignment.Assignee, Cause: CauseMode,
			Passed: []PassedOver{{Agent: agent, Verdict: rotation.AtCapacity}}, Counts: []Count{{Verdict: rotation.AtCapacity, N: 1}}}, event)
}

// deskOf returns the inbox whose people and ring serve a conversation: its own, or
// the one that its reply goes to. One that is removed by then is no desk.
func deskOf(s *State, c Conversation) Inbox {
	if inbox, named := s.Inboxes.Get(c.RepliesTo.Inbox); named && !inbox.Removed {
		return inbox
	}
	inbox, _ := s.Inboxes.Get(c.Inbox)
	return inbox
}

// deskTeam returns the team that people passed a conversation on to, or that the
// reply to it goes to.
func deskTeam(s *State, c Conversation) (Team, bool) {
	for _, handle := range []TeamHandle{c.Home, c.RepliesTo.Team} {
		if team, named := s.Teams.Get(handle); named && !team.Removed {
			return team, true
		}
	}
	return Team{}, false
}

// hasDesk says whether it is known already who serves c, whatever rules say. The team
// to which a rule brought it is not: a rule may say another now.
func hasDesk(s *State, c Conversation) bool {
	if c.Narrowed != nil && c.Narrowed.Team == c.Home {
		c.Home = 0
	}
	_, team := deskTeam(s, c)
	return team || c.RepliesTo.Inbox != 0 && deskOf(s, c).Handle == c.RepliesTo.Inbox
}

// toDesk sends the reply to an outbound conversation where that said (S2.12), and
// what was passed on to a team back to it.
func toDesk(tx *Tx, c *Conversation, event Event) bool {
	if team, named := deskTeam(tx.State, *c); named {
		enqueue(tx, c, team, event)
		return true
	}
	inbox := deskOf(tx.State, *c)
	if inbox.Handle != c.RepliesTo.Inbox {
		return false
	}
	routeByMode(tx, c, inbox, event)
	return true
}

// toLastAssignee gives c to whoever had the contact's last conversation in the
// inbox, if she may be picked now.
func toLastAssignee(tx *Tx, c *Conversation, inbox Inbox, event Event) bool {
	last, ok := lastAssignee(tx, *c)
	if !ok {
		return false
	}
	if !demandOf(tx.State, c).allows(last) || !pickable(tx, inbox.Team, last) || crowded(tx.State, c, inbox.Team, last) {
		tx.notes = append(tx.notes, LastAssigneeAbsent)
		return false
	}
	give(tx, c,
		Assignment{State: StateAssigned, SinceMs: tx.NowMs, Team: inbox.Team, Assignee: last},
		Decision{Kind: DecidedLastAssignee, Trigger: event, Before: c.Assignment.Assignee}, event)
	return true
}

// lastAssignee looks at the newest of the contact's conversations in the inbox
// before c, as many as a person would.
func lastAssignee(tx *Tx, c Conversation) (AgentHandle, bool) {
	const enough = 16
	looked := 0
	inbox, _ := tx.Inboxes.Get(c.Inbox)
	bot := inbox.Rules.Bot // it hands on what it has, and does not get it back
	for key := range tx.Conversations.ofContact.Back(thread{c.Contact, c.Inbox, c.Handle}) {
		if looked++; key.contact != c.Contact || key.inbox != c.Inbox || looked > enough {
			break
		}
		if before, ok := tx.Conversations.Get(key.handle); ok && before.Assignment.Assignee != 0 && before.Assignment.Assignee != bot && key.handle != c.Handle {
			return before.Assignment.Assignee, true
		}
	}
	return 0, false
}

// hold keeps an outbound conversation until somebody replies (S1.15).
func hold(tx *Tx, c *Conversation) {
	tx.subject = c.Handle
	give(tx, c,
		Assignment{State: StateOutbound, Cause: CauseOutbound, SinceMs: tx.NowMs, Team: cmp.Or(c.RepliesTo.Team, deskOf(tx.State, *c).Team)},
		Decision{Kind: DecidedWaiting, Trigger: ConversationOpened, Cause: CauseOutbound}, ConversationOpened)
}

// reopen opens a closed conversation, or wakes one that was snoozed. Its assignee
// keeps it, without a turn, if she may be picked; otherwise it goes the way of a new
// one, so that it never stays with somebody who is absent (decision 7). A bot that
// the inbox still has gets back what it had.
func reopen(tx *Tx, c *Conversation) {
	tx.subject = c.Handle
	unsnooze(tx, c)
	c.Status, c.ClosedMs = StatusOpen, 0
	inbox, _ := tx.Inboxes.Get(c.Inbox)
	bot, there := botOf(tx.State, inbox)
	switch {
	case there && c.Assignment.Assignee == bot:
		c.Status = StatusPending
		pendWith(tx, c, inbox, bot, ConversationReopened)
	case leftAlone(tx, c):
	case mayKeep(tx, *c):
		next := c.Assignment
		next.State, next.SinceMs = StateAssigned, tx.NowMs
		give(tx, c, next,
			Decision{Kind: DecidedLastAssignee, Trigger: ConversationReopened, Before: next.Assignee}, ConversationReopened)
	default:
		route(tx, c, inbox, ConversationReopened)
	}
}

// leftAlone wakes what nobody was to get by itself when it was snoozed: it is left
// to people as it was. The reply to an outbound one takes the turn all the same.
func leftAlone(tx *Tx, c *Conversation) bool {
	at := c.Assignment
	team, _ := tx.Teams.Get(at.Team)
	switch {
	case at.For != 0, c.leftToRule(), at.Cause == CauseOutsideHours, at.State == StateOutbound && tx.message.id != "":
		return false
	case at.Cause == CauseExcluded && team.Removed:
		return false
	case at.Cause == CauseExcluded:
		arrive(tx, c, Assignment{SinceMs: at.SinceMs, Team: at.Team, QueueSeq: at.QueueSeq,
			Progress: Progress{Chain: at.Team, StepMs: tx.NowMs}}, ConversationReopened)
		return true
	case at.State != StateHeld && at.State != StateManual && at.State != StateOutbound:
		return false
	}
	c.Revision = tx.Seq
	tx.emit(Record{Event: ConversationReopened}, c)
	tx.Conversations.Put(*c)
	return true
}

// mayKeep says whether who had a conversation may go on with it: she is there, in
// its team if it has one, and its inbox lets her (K31).
func mayKeep(tx *Tx, c Conversation) bool {
	had := c.Assignment.Assignee
	if had == 0 || !inboxAllows(tx.State, deskOf(tx.State, c), had) {
		return false
	}
	if _, member := tx.Members.Of(c.Assignment.Team, had); c.Assignment.Team != 0 && !member {
		return false
	}
	if m, _ := tx.Members.Of(c.Assignment.Team, had); m.Verdict == rotation.RateLimited {
		return !crowdedBy(tx.State, &c, c.Assignment.Team, had) // what she has is nothing new
	}
	return pickable(tx, c.Assignment.Team, had) && !crowdedBy(tx.State, &c, c.Assignment.Team, had)
}

// A Sender is who writes.
type Sender struct {
	Address string `json:"address" cbor:"1,keyasint"`
	Name    string `json:"name" cbor:"2,keyasint,omitempty"`
}

// contactOf returns the contact who writes from an address; one who is unknown
// is created under the minted id.
func contactOf(tx *Tx, from Sender, minted ContactID) Contact {
	if contact, ok := tx.Contacts.ByAddress(from.Address); ok {
		return contact
	}
	contact := Contact{Handle: ContactHandle(tx.mint()), ID: minted, Name: from.Name,
		Addresses: []string{from.Address}, CreatedMs: tx.NowMs, Revision: tx.Seq}
	tx.Contacts.Put(contact)
	return contact
}

// openOne returns a new conversation that is not stored yet.
func openOne(tx *Tx, id ConversationID, inbox Inbox, contact Contact) Conversation {
	return Conversation{
		Handle: ConversationHandle(tx.mint()), ID: id, Inbox: inbox.Handle, Contact: contact.Handle,
		OpenedMs: tx.NowMs,
	}
}
