package fsm

import "math"

// heard notes that the customer wrote. The text is never stored.
func (t *Talk) heard(nowMs int64) {
	if t.Unread < math.MaxUint32 {
		t.Unread++
	}
	t.InboundMs = nowMs
	if t.SinceMs == 0 {
		t.SinceMs = nowMs
	}
}

// said notes that somebody wrote to the customer: whoever answers has read.
func (t *Talk) said(nowMs int64) {
	t.Unread, t.OutboundMs = 0, nowMs
	t.SinceMs, t.Asked = 0, 0
	if t.InboundMs != 0 && t.FirstReplyMs == 0 {
		t.FirstReplyMs = nowMs
	}
}

// hears is heard, of the message that the command brings.
func hears(tx *Tx, t *Talk) {
	tx.firstHeard = t.InboundMs == 0
	t.heard(tx.NowMs)
}

// hear takes a message of the customer's into a conversation that has room for it:
// one that is not closed or was closed within the week (decision 7). False: it
// belongs to a new one, and nothing has changed.
func hear(tx *Tx, c *Conversation, inbox Inbox, tags []string) bool {
	if c.Status == StatusClosed && tx.NowMs-c.ClosedMs > ReopenWithinMs {
		return false
	}
	hears(tx, &c.Talk)
	switch c.Status {
	case StatusClosed, StatusSnoozed:
		c.Tags = withTags(*c, tags)
		reopen(tx, c)
	case StatusPending:
		c.Tags = withTags(*c, tags)
		bot := c.Assignment.Assignee
		if c.Assignment.State == StateAssigned && !botThere(tx.State, bot) {
			handOff(tx, c, MessageReceived) // a bot that is gone keeps nobody waiting
			return true
		}
		tx.subject = c.Handle
		appendPlain(tx, c)
	default:
		appendTo(tx, c, inbox, tags)
	}
	return true
}

// say takes a message to the customer into a conversation, whatever its status: it
// was sent already, so it is told and never refused.
func say(tx *Tx, c *Conversation) {
	tx.subject = c.Handle
	c.Talk.said(tx.NowMs)
	c.Revision = tx.Seq
	tx.emit(Record{Event: MessageSent}, c)
	tx.Conversations.Put(*c)
}

// sayFirst begins an outbound conversation with a message to the customer: nobody
// has it until there is a reply (S1.15).
func sayFirst(tx *Tx, c *Conversation, m message) {
	tx.message = message{} // it is told once, with its own event
	c.Direction = Outbound
	hold(tx, c)
	tx.message = m
	say(tx, c)
}
