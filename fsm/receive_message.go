package fsm

import "time"

var _ = register[ReceiveMessage](8, "message.receive")

// ReceiveMessage is the real trigger: a customer has written. It appends to the
// contact's conversation in the inbox that is open or pending, which takes no turn;
// it wakes one that is snoozed and reopens one that was closed within the week;
// otherwise it opens a new one. The text is never stored.
//
// An outbound one was written to the customer by the actor. It changes nobody's
// assignment, and opens an outbound conversation where none is there (S1.15).
type ReceiveMessage struct {
	Inbox     InboxID `json:"inbox" cbor:"1,keyasint"`
	ID        string  `json:"id" cbor:"2,keyasint"` // of the channel: the key
	Direction string  `json:"direction" cbor:"3,keyasint,omitempty"`
	From      Sender  `json:"from" cbor:"4,keyasint"`
	SentAt    string  `json:"sent_at" cbor:"5,keyasint,omitempty"` // RFC 3339; recorded, never decided on
	To        *Sender `json:"to" cbor:"17,keyasint,omitempty"`     // of an outbound one, in place of From

	// Tags are added to the conversation. Requires says what is asked of whoever
	// takes one that is opened by this message; one that is there keeps its own.
	Tags     []string     `json:"tags" cbor:"15,keyasint,omitempty"`
	Requires *Requirement `json:"requires" cbor:"16,keyasint,omitempty"`

	MintedContact ContactID      `json:"-" cbor:"20,keyasint"`
	MintedID      ConversationID `json:"-" cbor:"21,keyasint"`
}

// Check implements Command.
func (c ReceiveMessage) Check() error {
	var check checker
	check.id("/inbox", string(c.Inbox))
	check.idUpTo("/id", c.ID, MaxLongIDBytes)
	c.checkParties(&check)
	check.id("/from", string(c.MintedContact))
	check.idUpTo("/from", string(c.MintedID), MaxLongIDBytes)
	check.oneOf("/direction", c.Direction, directions...)
	checkTags(&check, "/tags", c.Tags)
	c.Requires.check(&check)
	checkSentAt(&check, c.SentAt)
	return check.err()
}

// checkParties judges who wrote, or to whom: the customer either way.
func (c ReceiveMessage) checkParties(check *checker) {
	switch outbound := c.Direction == Outbound.String(); {
	case outbound && c.From != (Sender{}):
		check.add("/from", "unexpected", `an outbound message is written by the actor; say "to" whom`)
	case outbound && c.To == nil:
		check.add("/to", "required", "say to whom it was written")
	case outbound:
		check.address("/to/address", c.To.Address)
		check.text("/to/name", c.To.Name, MaxNameRunes)
	case c.To != nil:
		check.add("/to", "unexpected", `only a message with "direction":"outbound" has one; the inbox got this one`)
	default:
		check.address("/from/address", c.From.Address)
		check.text("/from/name", c.From.Name, MaxNameRunes)
	}
}

func checkSentAt(check *checker, text string) {
	if _, err := parseTime(text); err != nil {
		check.add("/sent_at", "format", "not a time such as 2026-11-21T09:14:02Z")
	}
}

func parseTime(s string) (ms int64, err error) {
	if s == "" {
		return 0, nil
	}
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return 0, err
	}
	return t.UnixMilli(), nil
}

// withoutMinted also drops what a channel may say differently when it delivers a
// message again: the id tells messages apart.
func (c ReceiveMessage) withoutMinted() Command {
	c.MintedContact, c.MintedID, c.SentAt, c.From.Name = "", "", "", ""
	if c.To != nil {
		c.To = &Sender{Address: c.To.Address}
	}
	return c
}

func (c ReceiveMessage) apply(tx *Tx) (Result, error) {
	inbox, ok := tx.Inboxes.ByID(c.Inbox)
	if !ok {
		return Result{}, reject(NotFound, "there is no inbox %q", c.Inbox)
	}

	if contact, blocked := blockedSender(tx.State, c.From); blocked {
		return turnedAway(tx, contact, inbox), nil
	}
	sentMs, _ := parseTime(c.SentAt)
	tx.message = message{c.ID, sentMs}
	if c.To != nil {
		return c.send(tx, inbox)
	}
	contact := contactOf(tx, c.From, c.MintedContact)
	if latest, found := tx.Conversations.LatestOf(contact.Handle, inbox.Handle); found && hear(tx, &latest, inbox, c.Tags) {
		return tx.accept(false), nil
	}
	row := openOne(tx, c.MintedID, inbox, contact)
	row.Tags, row.Requires = sortedTags(c.Tags), c.Requires.value()
	hears(tx, &row.Talk)
	begin(tx, &row, inbox, "")
	return tx.accept(true), nil
}

// send is an outbound message.
func (c ReceiveMessage) send(tx *Tx, inbox Inbox) (Result, error) {
	contact := contactOf(tx, *c.To, c.MintedContact)
	if latest, found := tx.Conversations.LatestOf(contact.Handle, inbox.Handle); found && latest.Status != StatusClosed {
		latest.Tags = withTags(latest, c.Tags)
		say(tx, &latest)
		return tx.accept(false), nil
	}
	row := openOne(tx, c.MintedID, inbox, contact)
	row.Tags, row.Requires = sortedTags(c.Tags), c.Requires.value()
	sayFirst(tx, &row, tx.message)
	return tx.accept(true), nil
}

// appendTo adds a message to an open conversation. The first reply to an
// outbound one takes the turn that the opening did not (S1.16); one whose agent
// has gone may go back to the queue, as the team's when_away says.
func appendTo(tx *Tx, c *Conversation, inbox Inbox, tags []string) {
	tx.subject = c.Handle
	if more := withTags(*c, tags); len(more) > len(c.Tags) && c.Assignment.State != StateOutbound {
		tag(tx, c, more)
	} else {
		c.Tags = more
	}
	if c.Assignment.State == StateOutbound || returnsNow(tx, *c) {
		route(tx, c, inbox, MessageReceived)
		return
	}
	appendPlain(tx, c)
}

// appendPlain adds a message that changes nobody's assignment.
func appendPlain(tx *Tx, c *Conversation) {
	c.Revision = tx.Seq
	tx.emit(Record{Event: MessageReceived}, c)
	tx.Conversations.Put(*c)
}
