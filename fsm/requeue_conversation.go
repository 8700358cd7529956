package fsm

var _ = register[RequeueConversation](12, "conversation.requeue")

// RequeueConversation gives a conversation back to the rotation, from whoever has
// it or from being held. It takes a turn.
type RequeueConversation struct {
	Conversation ConversationID `json:"conversation" cbor:"1,keyasint"`
	IfAssignee   Belief         `json:"if_assignee" cbor:"20,keyasint,omitzero"`
	IfDecision   string         `json:"if_decision" cbor:"21,keyasint,omitempty"`
	Reason       string         `json:"reason" cbor:"22,keyasint,omitempty"` // a word, never personal data
}

// Check implements Command.
func (c RequeueConversation) Check() error {
	var check checker
	check.idUpTo("/conversation", string(c.Conversation), MaxLongIDBytes)
	checkBeliefs(&check, TeamExpectation{}, c.IfAssignee.expectation(), c.IfDecision)
	checkWord(&check, "/reason", c.Reason)
	return check.err()
}

func (c RequeueConversation) apply(tx *Tx) (Result, error) {
	row, err := findOpen(tx, c.Conversation)
	if err != nil {
		return Result{}, err
	}
	if row.Status == StatusPending {
		return Result{}, reject(ConversationPending, "conversation %q is pending; hand it off, and it goes to people", row.ID)
	}
	inbox := deskOf(tx.State, row)
	switch _, named := deskTeam(tx.State, row); {
	case row.Lead && !named:
		return Result{}, reject(NoRotation, "the team of lead %q was removed; assign it or claim it", row.ID)
	case inbox.Mode != ModeRotation && !named:
		return Result{}, reject(NoRotation, "inbox %q has no rotation; assign conversation %q or claim it", inbox.ID, row.ID)
	}
	if row.Assignment.State == StateWaiting {
		return Result{}, reject(AlreadyWaiting, "conversation %q is in the queue already", row.ID)
	}
	if err := refuseMove(tx, row, move{ifAssignee: c.IfAssignee.expectation(), ifDecision: c.IfDecision}); err != nil {
		return Result{}, err
	}
	unsnooze(tx, &row)
	leave(tx, &row, Team{}) // it may be offered to somebody
	tx.said = c.Reason
	sendBack(tx, &row, ConversationRequeued)
	return tx.accept(false), nil
}

// sendBack gives a conversation to whoever's turn it is: at the desk that its
// opening named, or as its inbox's mode says. It does not go back to who owns the
// contact, or had it last.
func sendBack(tx *Tx, c *Conversation, event Event) {
	tx.subject = c.Handle
	inbox := deskOf(tx.State, *c)
	switch {
	case toDesk(tx, c, event):
	case inbox.Mode == ModeDefaultAssignee && inbox.Rules.DefaultAssignee == c.Assignment.Assignee:
		leaveToPeople(tx, c, inbox.Team, CauseMode, event) // or who was let go would have it back at once
	default:
		routeByMode(tx, c, inbox, event)
	}
}
