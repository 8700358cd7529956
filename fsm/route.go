package fsm

import "github.com/rondohq/rondo/rotation"

// ReopenWithinMs is how long after its close a conversation is reopened by the
// next message; later one opens a new conversation (decision 7).
const ReopenWithinMs = 7 * 24 * 3600 * 1000

// route sends a conversation that needs somebody where its inbox says. It is
// stored, with its decision.
func route(tx *Tx, c *Conversation, inbox Inbox, event Event) {
	tx.subject = c.Handle
	if inbox.Mode == ModeRotation {
		team, _ := tx.Teams.Get(inbox.Team)
		enqueue(tx, c, team, event)
		return
	}
	give(tx, c,
		Assignment{State: StateManual, Cause: CauseMode, SinceMs: tx.NowMs, Team: inbox.Team},
		Decision{Kind: DecidedWaiting, Trigger: event, Before: c.Assignment.Assignee, Cause: CauseMode}, event)
}

// hold keeps an outbound conversation until somebody replies (S1.15).
func hold(tx *Tx, c *Conversation, inbox Inbox) {
	tx.subject = c.Handle
	give(tx, c,
		Assignment{State: StateOutbound, Cause: CauseOutbound, SinceMs: tx.NowMs, Team: inbox.Team},
		Decision{Kind: DecidedWaiting, Trigger: ConversationOpened, Cause: CauseOutbound}, ConversationOpened)
}

// reopen opens a closed conversation. Its assignee keeps it, without a turn, if
// she may be picked; otherwise it goes the way of a new one, so that it never
// stays with somebody who is absent (decision 7).
func reopen(tx *Tx, c *Conversation) {
	tx.subject = c.Handle
	c.Status, c.ClosedMs = StatusOpen, 0
	inbox, _ := tx.Inboxes.Get(c.Inbox)
	if !mayKeep(tx, *c) {
		route(tx, c, inbox, ConversationReopened)
		return
	}
	next := c.Assignment
	next.State, next.SinceMs = StateAssigned, tx.NowMs
	give(tx, c, next,
		Decision{Kind: DecidedLastAssignee, Trigger: ConversationReopened, Before: next.Assignee}, ConversationReopened)
}

func mayKeep(tx *Tx, c Conversation) bool {
	agent, ok := tx.Agents.shown(c.Assignment.Assignee)
	if !ok || agent.Pending {
		return false
	}
	if c.Assignment.Team != 0 {
		m, member := tx.Members.Of(c.Assignment.Team, c.Assignment.Assignee)
		return member && (m.Verdict == rotation.Eligible || m.Verdict == rotation.DrainAllowance)
	}
	return agent.Presence.Status == rotation.StatusAvailable
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
