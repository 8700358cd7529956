package fsm

var _ = register[HandOffConversation](110, "conversation.handoff")

// HandOffConversation takes a pending conversation from the bot, or from nobody, to
// people, as decision 7 says: a turn is taken now, and not before (K30).
type HandOffConversation struct {
	Conversation ConversationID `json:"conversation" cbor:"1,keyasint"`
}

// Check implements Command.
func (c HandOffConversation) Check() error { return checkConversation(c.Conversation) }

func (c HandOffConversation) target(s *State) Target { return conversationTarget(s, c.Conversation) }

func (c HandOffConversation) apply(tx *Tx) (Result, error) {
	row, err := findOpen(tx, c.Conversation)
	switch {
	case err != nil:
		return Result{}, err
	case row.Status != StatusPending:
		return Result{}, reject(NotPending, "conversation %q is %s, and people have it already; requeue or assign it", row.ID, row.Status)
	}
	handOff(tx, &row, ConversationHandedOff)
	return tx.accept(false), nil
}
