package fsm

var _ = register[SnoozeConversation](111, "conversation.snooze")

// MaxSnoozeMs bounds how far ahead a conversation may be put off.
const MaxSnoozeMs = 366 * 24 * 3600 * 1000

// SnoozeConversation puts a conversation off until a time, or until the customer
// writes again. Who has it keeps it, and is looked at again when it wakes (K31);
// meanwhile it does not count as open (K62). One that waits leaves the queue.
type SnoozeConversation struct {
	Conversation ConversationID `json:"conversation" cbor:"1,keyasint"`
	Until        string         `json:"until" cbor:"2,keyasint"` // RFC 3339, ahead and at most 366 days
}

// Check implements Command.
func (c SnoozeConversation) Check() error {
	var check checker
	check.idUpTo("/conversation", string(c.Conversation), MaxLongIDBytes)
	if c.Until == "" {
		check.add("/until", "required", "say when it is opened again, as a time such as 2026-11-21T09:14:02Z")
	}
	checkTime(&check, "/until", c.Until)
	return check.err()
}

func (c SnoozeConversation) target(s *State) Target { return conversationTarget(s, c.Conversation) }

func (c SnoozeConversation) apply(tx *Tx) (Result, error) {
	row, err := findOpen(tx, c.Conversation)
	switch {
	case err != nil:
		return Result{}, err
	case row.Lead:
		return Result{}, refuseLead(row)
	case row.Status == StatusPending:
		return Result{}, reject(ConversationPending, "conversation %q is pending, so nobody looks at it yet; hand it off, then snooze it", row.ID)
	}
	untilMs, err := c.until(tx)
	if err != nil {
		return Result{}, err
	}
	tx.subject = row.Handle
	tx.decided = tx.lastDecision(row)
	if row.Status == StatusSnoozed && row.UntilMs == untilMs {
		return tx.accept(false), nil
	}

	unsnooze(tx, &row)
	if row.Assignment.queued() {
		team, _ := tx.Teams.Get(row.Assignment.Team)
		leave(tx, &row, team)
		row.Assignment, row.Asked = Assignment{SinceMs: tx.NowMs, Team: row.Assignment.Team}, nil
	}
	row.Status, row.UntilMs, row.Revision = StatusSnoozed, untilMs, tx.Seq
	tx.Timers.Put(row.wakeTimer())
	tx.emit(Record{Event: ConversationSnoozed, Telling: Telling{UntilMs: untilMs}}, &row)
	tx.Conversations.Put(row)
	return tx.accept(false), nil
}

// until refuses a time that is past, or too far ahead.
func (c SnoozeConversation) until(tx *Tx) (ms int64, err error) {
	ms, _ = parseTime(c.Until)
	var check checker
	switch {
	case ms <= tx.NowMs:
		check.add("/until", "past", "it is past; choose a time that is ahead, or reopen the conversation")
	case ms > tx.NowMs+MaxSnoozeMs:
		check.add("/until", "too_far", "it is more than 366 days ahead; close the conversation, and reopen it then")
	}
	return ms, check.err()
}
