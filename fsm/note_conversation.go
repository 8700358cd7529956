package fsm

var _ = register[NoteConversation](181, "conversation.note")

// NoteConversation leaves a note on a conversation, whatever its status: its id and
// who wrote it. Its text is kept by whoever wrote it, and never here.
type NoteConversation struct {
	Conversation ConversationID `json:"conversation" cbor:"1,keyasint"`
	Note         string         `json:"id" cbor:"2,keyasint"` // of the writer's own
}

// Check implements Command.
func (c NoteConversation) Check() error {
	var check checker
	check.idUpTo("/conversation", string(c.Conversation), MaxLongIDBytes)
	check.idUpTo("/id", c.Note, MaxLongIDBytes)
	return check.err()
}

func (c NoteConversation) apply(tx *Tx) (Result, error) {
	row, ok := tx.Conversations.ByID(c.Conversation)
	if !ok {
		return Result{}, reject(NotFound, "there is no conversation %q", c.Conversation)
	}
	tx.subject = row.Handle
	tx.decided = tx.lastDecision(row)
	tx.emit(Record{Event: ConversationNoted, Telling: Telling{Ruling: Ruling{Note: c.Note}}}, &row)
	tx.Conversations.Put(row)
	return tx.accept(false), nil
}

func (c NoteConversation) target(s *State) Target { return conversationTarget(s, c.Conversation) }
