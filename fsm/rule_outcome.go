package fsm

// ruledOutcome makes the result of a command say what rules have made of it: the
// newest decision about its conversation, or, of a contact, the newest of all.
func ruledOutcome(tx *Tx, r *Result) {
	decided := tx.answers.decided
	tx.answers.decided = RecordID{}
	switch r.Subject.Noun {
	case NounConversation:
		row, ok := tx.Conversations.Get(ConversationHandle(r.Subject.Handle))
		if newest := tx.lastDecision(row); ok && !newest.IsZero() {
			r.Decision = newest
		}
	case NounContact:
		if !decided.IsZero() {
			r.Decision = decided
		}
	default:
	}
}
