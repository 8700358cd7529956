package fsm

var _ = register[AddMessage](114, "conversation.message")

// AddMessage is a message of which whoever delivers it knows the conversation: one
// by the customer, or one to her. Otherwise it is as ReceiveMessage: what comes to
// a conversation that was closed long ago goes to the one that is not, or opens a
// new one.
type AddMessage struct {
	Conversation ConversationID `json:"conversation" cbor:"1,keyasint"`
	ID           string         `json:"id" cbor:"2,keyasint"`                  // the key
	Direction    string         `json:"direction" cbor:"3,keyasint,omitempty"` // inbound (default), outbound
	SentAt       string         `json:"sent_at" cbor:"4,keyasint,omitempty"`   // RFC 3339; recorded, never decided on

	MintedID ConversationID `json:"-" cbor:"21,keyasint"`
}

// Check implements Command.
func (c AddMessage) Check() error {
	var check checker
	check.idUpTo("/conversation", string(c.Conversation), MaxLongIDBytes)
	check.idUpTo("/id", c.ID, MaxLongIDBytes)
	check.idUpTo("/conversation", string(c.MintedID), MaxLongIDBytes)
	check.oneOf("/direction", c.Direction, directions...)
	checkSentAt(&check, c.SentAt)
	return check.err()
}

func (c AddMessage) withoutMinted() Command {
	c.MintedID, c.SentAt = "", ""
	return c
}

func (c AddMessage) apply(tx *Tx) (Result, error) {
	row, ok := tx.Conversations.ByID(c.Conversation)
	inbox, _ := tx.Inboxes.Get(row.Inbox)
	inbound := c.Direction != Outbound.String()
	switch {
	case !ok:
		return Result{}, reject(NotFound, "there is no conversation %q", c.Conversation)
	case row.Lead:
		return Result{}, refuseLead(row)
	case inbound && inbox.Removed:
		return Result{}, reject(InboxRemoved, "inbox %q was removed; put it again, or send the message to another one", inbox.ID)
	}

	if contact := customerOf(tx.State, row); inbound && contact.Blocked {
		return turnedAway(tx, contact, inbox), nil
	}
	sentMs, _ := parseTime(c.SentAt)
	tx.message = message{c.ID, sentMs}
	if !inbound {
		say(tx, &row)
		return tx.accept(false), nil
	}
	if row.Status == StatusClosed {
		if latest, _ := tx.Conversations.LatestOf(row.Contact, row.Inbox); latest.Status != StatusClosed {
			row = latest
		}
	}
	if hear(tx, &row, inbox, nil) {
		return tx.accept(false), nil
	}
	next := openOne(tx, c.MintedID, inbox, customerOf(tx.State, row))
	next.Talk.heard(tx.NowMs)
	begin(tx, &next, inbox, "")
	return tx.accept(true), nil
}
