package fsm

var (
	_ = register[CloseConversation](13, "conversation.close")
	_ = register[ReopenConversation](14, "conversation.reopen")
)

// CloseConversation ends a conversation. It remembers who had it, in case it is
// opened again.
type CloseConversation struct {
	Conversation ConversationID `json:"conversation" cbor:"1,keyasint"`
}

// Check implements Command.
func (c CloseConversation) Check() error { return checkConversation(c.Conversation) }

func (c CloseConversation) apply(tx *Tx) (Result, error) {
	row, ok := tx.Conversations.ByID(c.Conversation)
	switch {
	case !ok:
		return Result{}, reject(NotFound, "there is no conversation %q", c.Conversation)
	case row.Status == StatusClosed:
		return Result{}, reject(AlreadyClosed, "conversation %q was closed at %s", row.ID, clockTime(row.ClosedMs))
	}
	team, _ := tx.Teams.Get(row.Assignment.Team)
	tx.subject = row.Handle
	if row.Assignment.State == StateHeld {
		disarmHeld(tx, row)
	}
	leave(tx, &row, team)
	unsnooze(tx, &row)
	letGo := team.UnassignOnClose && row.Status == StatusOpen && row.Assignment.State == StateAssigned
	row.Status, row.ClosedMs, row.Revision = StatusClosed, tx.NowMs, tx.Seq
	if letGo {
		closeUnassigned(tx, &row)
		return tx.accept(false), nil
	}
	if row.Assignment.State != StateAssigned {
		row.Assignment, row.Asked = Assignment{SinceMs: tx.NowMs, Team: row.Assignment.Team}, nil
	}
	tx.emit(Record{Event: ConversationIsClosed}, &row)
	tx.Conversations.Put(row)
	return tx.accept(false), nil
}

// closeUnassigned lets the agent of a conversation go with its close (S3.25): it is
// nobody's, and goes the way of a new one if it is opened again.
func closeUnassigned(tx *Tx, c *Conversation) {
	give(tx, c, Assignment{Cause: CauseClosed, SinceMs: tx.NowMs, Team: c.Assignment.Team},
		Decision{Kind: DecidedUnassign, Trigger: ConversationIsClosed, Before: c.Assignment.Assignee, Cause: CauseClosed},
		ConversationIsClosed)
}

// ReopenConversation opens a closed conversation again, however old; it wakes one
// that is snoozed, and opens one that is pending to people.
type ReopenConversation struct {
	Conversation ConversationID `json:"conversation" cbor:"1,keyasint"`
}

// Check implements Command.
func (c ReopenConversation) Check() error { return checkConversation(c.Conversation) }

func (c ReopenConversation) apply(tx *Tx) (Result, error) {
	row, ok := tx.Conversations.ByID(c.Conversation)
	switch {
	case !ok:
		return Result{}, reject(NotFound, "there is no conversation %q", c.Conversation)
	case row.Status == StatusOpen:
		return Result{}, reject(AlreadyOpen, "conversation %q is open", row.ID)
	case row.Lead:
		return Result{}, refuseLead(row)
	case row.Status == StatusPending:
		handOff(tx, &row, ConversationHandedOff)
		return tx.accept(false), nil
	}
	if inbox, _ := tx.Inboxes.Get(row.Inbox); inbox.Removed {
		return Result{}, reject(InboxRemoved, "inbox %q was removed; put it again, or open a conversation in another one", inbox.ID)
	}
	reopen(tx, &row)
	return tx.accept(false), nil
}
