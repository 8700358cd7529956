package fsm

import "strings"

// Willed is what people have decided about a conversation, as far as rules that are
// under way must leave it alone. It is noted as it is told: a run may wait for days,
// and what a person has decided in the meantime need not be the newest decision.
type Willed struct {
	WilledSeq uint64 `cbor:"36,keyasint,omitempty"` // of what a person decided last about who has it or what becomes of it
	RankedSeq uint64 `cbor:"37,keyasint,omitempty"` // of the priority that a person set last
	Rounds    uint8  `cbor:"38,keyasint,omitempty"` // snoozes by rules since anybody or anything else did something with it
}

// MaxRounds is how many times in a row rules may put a conversation aside. The wake of
// a snooze is what rules may answer to, with another snooze: nothing else of what rules
// do comes back by a timer without end, once for each round.
const MaxRounds = 100

// noteWill notes what a record says that a person has decided, before the caller has
// stored the conversation.
func noteWill(tx *Tx, rec *Record, c *Conversation) {
	switch byRule := strings.HasPrefix(rec.Actor, rulePrincipal); {
	case !byRule && rec.Actor != timerPrincipal:
		c.Rounds = 0
	case byRule && rec.Event == ConversationSnoozed:
		c.Rounds++ // a step refuses beyond MaxRounds
	}
	switch {
	case rec.Decision != nil:
		if decidedByPerson(tx.State, *rec) {
			c.WilledSeq = rec.Seq
		}
		return
	case rec.Event == ConversationSnoozed, rec.Event == ConversationIsClosed, rec.Event == ConversationReopened:
		if isPerson(tx.State, rec.Actor) {
			c.WilledSeq = rec.Seq
		}
	case rec.Event == ConversationPrioritized:
		if isPerson(tx.State, rec.Actor) {
			c.RankedSeq = rec.Seq
		}
	default:
	}
}

// overruled says whether a person has decided about the conversation since the run
// began, or holds it (decision 11, K15).
func (co *course) overruled(tx *Tx) bool {
	c, ok := co.conversation(tx)
	if !ok {
		return false
	}
	if c.Assignment.State == StateHeld {
		if rec, _ := newestDecision(tx.State, c); !strings.HasPrefix(rec.Actor, rulePrincipal) {
			return true
		}
	}
	return c.WilledSeq > co.run.BegunSeq
}
