package fsm

// A Was is how a conversation stood before a decision, for whoever takes that back.
// The assignee is Decision.Before.
type Was struct {
	State      AssignmentState    `cbor:"1,keyasint,omitempty"`
	Cause      Cause              `cbor:"2,keyasint,omitempty"`
	SinceMs    int64              `cbor:"3,keyasint,omitempty"`
	Team       TeamHandle         `cbor:"4,keyasint,omitempty"`
	QueueSeq   uint64             `cbor:"5,keyasint,omitempty"`
	For        AgentHandle        `cbor:"6,keyasint,omitempty"`
	Individual bool               `cbor:"7,keyasint,omitempty"`
	Status     ConversationStatus `cbor:"8,keyasint,omitempty"`
	Home       TeamHandle         `cbor:"9,keyasint,omitempty"`
}

// stood returns how a conversation stands that a decision is about, which is not
// stored yet; nil for a new one. An alert that it is held is off then.
func stood(tx *Tx, c *Conversation) *Was {
	old, known := tx.Conversations.Get(c.Handle)
	if !known {
		return nil
	}
	at := old.Assignment
	if at.State == StateHeld {
		disarmHeld(tx, old)
	}
	if at.State == StateOffered {
		at.State = StateWaiting // whoever takes the decision back makes no offer
	}
	return &Was{at.State, at.Cause, at.SinceMs, at.Team, at.QueueSeq, at.For, at.Individual, old.Status, old.Home}
}
