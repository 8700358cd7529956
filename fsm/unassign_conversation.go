package fsm

import "time"

var _ = register[UnassignConversation](10, "conversation.unassign")

// UnassignConversation takes the assignee away. A person's "unassigned" holds:
// automation leaves the conversation alone until it is requeued or claimed (K15).
type UnassignConversation struct {
	Conversation ConversationID `json:"conversation" cbor:"1,keyasint"`
}

// Check implements Command.
func (c UnassignConversation) Check() error { return checkConversation(c.Conversation) }

func checkConversation(id ConversationID) error {
	var check checker
	check.idUpTo("/conversation", string(id), MaxLongIDBytes)
	return check.err()
}

func (c UnassignConversation) apply(tx *Tx) (Result, error) {
	row, err := findOpen(tx, c.Conversation)
	if err != nil {
		return Result{}, err
	}
	tx.subject = row.Handle
	if row.Assignment.State == StateHeld {
		tx.decided = tx.lastDecision(row)
		return tx.accept(false), nil
	}
	team, _ := tx.Teams.Get(row.Assignment.Team)
	before := row.Assignment.Assignee
	leave(tx, &row, team)
	give(tx, &row,
		Assignment{State: StateHeld, Cause: CauseUnassigned, SinceMs: tx.NowMs, Team: row.Assignment.Team, Individual: true},
		Decision{Kind: DecidedUnassign, Trigger: ConversationUnassigned, Before: before, Cause: CauseUnassigned},
		ConversationUnassigned)
	return tx.accept(false), nil
}

// clockTime names a time in a sentence.
func clockTime(ms int64) string {
	return time.UnixMilli(ms).UTC().Format("2006-01-02 15:04:05") + " UTC"
}
