package fsm

var _ = register[RequeueConversation](12, "conversation.requeue")

// RequeueConversation gives a conversation back to the rotation, from whoever has
// it or from being held. It takes a turn.
type RequeueConversation struct {
	Conversation ConversationID `json:"conversation" cbor:"1,keyasint"`
}

// Check implements Command.
func (c RequeueConversation) Check() error { return checkConversation(c.Conversation) }

func (c RequeueConversation) apply(tx *Tx) (Result, error) {
	row, err := findOpen(tx, c.Conversation)
	if err != nil {
		return Result{}, err
	}
	inbox, _ := tx.Inboxes.Get(row.Inbox)
	if inbox.Mode != ModeRotation {
		return Result{}, reject(NoRotation, "inbox %q has no rotation; assign conversation %q or claim it", inbox.ID, row.ID)
	}
	if row.Assignment.State == StateWaiting {
		return Result{}, reject(AlreadyWaiting, "conversation %q is in the queue already", row.ID)
	}
	route(tx, &row, inbox, ConversationRequeued)
	return tx.accept(false), nil
}
