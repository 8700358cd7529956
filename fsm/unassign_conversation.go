package fsm

import "time"

var _ = register[UnassignConversation](10, "conversation.unassign")

// UnassignConversation takes the assignee away. A person's "unassigned" holds:
// automation leaves the conversation alone until it is requeued or claimed (K15).
type UnassignConversation struct {
	Conversation ConversationID `json:"conversation" cbor:"1,keyasint"`
	IfAssignee   Belief         `json:"if_assignee" cbor:"20,keyasint,omitzero"`
	IfDecision   string         `json:"if_decision" cbor:"21,keyasint,omitempty"`
	Reason       string         `json:"reason" cbor:"22,keyasint,omitempty"` // a word, never personal data
}

// Check implements Command.
func (c UnassignConversation) Check() error {
	var check checker
	check.idUpTo("/conversation", string(c.Conversation), MaxLongIDBytes)
	checkBeliefs(&check, TeamExpectation{}, c.IfAssignee.expectation(), c.IfDecision)
	checkWord(&check, "/reason", c.Reason)
	return check.err()
}

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
	if err := refuseMove(tx, row, move{ifAssignee: c.IfAssignee.expectation(), ifDecision: c.IfDecision, idle: row.Assignment.State == StateHeld}); err != nil {
		return Result{}, err
	}
	tx.subject = row.Handle
	if row.Assignment.State == StateHeld {
		tx.decided = tx.lastDecision(row)
		return tx.accept(false), nil
	}
	tx.said = c.Reason
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
