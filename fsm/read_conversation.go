package fsm

var _ = register[ReadConversation](113, "conversation.read")

// ReadConversation says that somebody has read what the customer wrote.
type ReadConversation struct {
	Conversation ConversationID `json:"conversation" cbor:"1,keyasint"`
}

// Check implements Command.
func (c ReadConversation) Check() error { return checkConversation(c.Conversation) }

func (c ReadConversation) target(s *State) Target { return conversationTarget(s, c.Conversation) }

func (c ReadConversation) apply(tx *Tx) (Result, error) {
	row, ok := tx.Conversations.ByID(c.Conversation)
	if !ok {
		return Result{}, reject(NotFound, "there is no conversation %q", c.Conversation)
	}
	tx.subject = row.Handle
	tx.decided = tx.lastDecision(row)
	if row.Talk.Unread == 0 && !unseen(tx.State, &row, tx.actor) {
		return tx.accept(false), nil
	}
	row.Talk.Unread, row.Revision = 0, tx.Seq
	tx.emit(Record{Event: ConversationRead}, &row)
	tx.Conversations.Put(row)
	return tx.accept(false), nil
}
