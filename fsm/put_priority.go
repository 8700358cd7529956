package fsm

import "cmp"

var _ = register[PutPriority](112, "conversation.priority")

// MaxPriority is the most urgent; 0 is normal.
const MaxPriority = 9

// PutPriority makes a conversation more or less urgent. One that waits takes the
// place in its queue that the priority and its age give it.
type PutPriority struct {
	Conversation ConversationID `json:"conversation" cbor:"1,keyasint"`
	Priority     *uint8         `json:"priority" cbor:"2,keyasint"`
}

// Check implements Command.
func (c PutPriority) Check() error {
	var check checker
	check.idUpTo("/conversation", string(c.Conversation), MaxLongIDBytes)
	if c.Priority == nil {
		check.add("/priority", "required", "say how urgent it is, from 0 (normal) to %d", MaxPriority)
	} else {
		checkPriority(&check, *c.Priority)
	}
	return check.err()
}

func checkPriority(check *checker, priority uint8) {
	if priority > MaxPriority {
		check.add("/priority", "out_of_range", "%d, it must be from 0 (normal) to %d", priority, MaxPriority)
	}
}

func (c PutPriority) target(s *State) Target { return conversationTarget(s, c.Conversation) }

func (c PutPriority) apply(tx *Tx) (Result, error) {
	row, err := findOpen(tx, c.Conversation)
	if err != nil {
		return Result{}, err
	}
	tx.subject = row.Handle
	tx.decided = tx.lastDecision(row)
	if row.Priority == *c.Priority {
		return tx.accept(false), nil
	}
	row.Priority, row.Revision = *c.Priority, tx.Seq
	tx.emit(Record{Event: ConversationPrioritized, Telling: Telling{Priority: row.Priority}}, &row)
	tx.Conversations.Put(row)
	return tx.accept(false), nil
}

// An age is how long something has waited in a team: with priorities, the first in
// the queue need not be the oldest.
type age struct {
	team    TeamHandle
	sinceMs int64
	handle  ConversationHandle
}

func (a age) compare(other age) int {
	return cmp.Or(cmp.Compare(a.team, other.team), cmp.Compare(a.sinceMs, other.sinceMs), cmp.Compare(a.handle, other.handle))
}

// oldestIn returns what has waited longest in a team.
func oldestIn(t Conversations, team TeamHandle) (Conversation, bool) {
	key, ok := first(t.ages.From(age{team: team}))
	if !ok || key.team != team {
		return Conversation{}, false
	}
	return t.Get(key.handle)
}
