package fsm

import "math"

// TimerNoReply is a customer having waited for an answer as long as a rule says; Ref
// is the conversation.
const TimerNoReply TimerKind = 91

// Patience is how long the customer of a conversation waits for an answer. It begins
// with the first message that nobody has answered, and ends with an answer.
type Patience struct {
	SinceMs int64  `cbor:"5,keyasint,omitempty"` // 0: everything is answered
	Asked   uint32 `cbor:"6,keyasint,omitempty"` // rules were asked about waits up to so many seconds
	DueMs   int64  `cbor:"7,keyasint,omitempty"` // of the timer; 0: none is set
}

// watchReply sets the timer of the next rule that answers to the customer's waiting,
// or stops it. Whatever changes since when the customer waits, or whether the
// conversation is open, comes by here before the caller stores c.
func watchReply(tx *Tx, c *Conversation) {
	p := &c.Talk.Patience
	due := int64(0)
	if seconds, ok := nextPatience(tx.State, p.Asked); ok && p.SinceMs != 0 && c.Status == StatusOpen {
		due = p.SinceMs + int64(seconds)*1000
	}
	if due == p.DueMs {
		return
	}
	if p.DueMs != 0 {
		tx.Timers.Delete(replyTimer(c))
	}
	if p.DueMs = due; due != 0 {
		tx.Timers.Put(replyTimer(c))
	}
}

func replyTimer(c *Conversation) Timer {
	return Timer{DueMs: c.Talk.DueMs, Kind: TimerNoReply, Ref: uint64(c.Handle)}
}

// nextPatience returns the shortest wait that a rule in force answers to and that is
// longer than another.
func nextPatience(s *State, asked uint32) (seconds uint32, ok bool) {
	seconds = math.MaxUint32
	if s.Rules.live.Len() == 0 {
		return 0, false
	}
	for rule := range s.Rules.On(OnNoReply) {
		if n := rule.Live.On.ForSeconds; n > asked && n < seconds {
			seconds, ok = n, true
		}
	}
	return seconds, ok
}

// replyDue asks the rules about a customer who has waited: the first that answers to
// each wait, once an episode.
func replyDue(tx *Tx, handle ConversationHandle) {
	c, ok := tx.Conversations.Get(handle)
	if !ok {
		return
	}
	c.Talk.DueMs = 0 // it has fired
	for c.Talk.SinceMs != 0 && c.Status == StatusOpen {
		seconds, more := nextPatience(tx.State, c.Talk.Asked)
		if !more || c.Talk.SinceMs+int64(seconds)*1000 > tx.NowMs {
			break
		}
		c.Talk.Asked = seconds
		fire(tx, firing{on: OnNoReply, conversation: c.Handle, contact: c.Contact, seconds: seconds})
	}
	watchReply(tx, &c)
	tx.Conversations.Put(c)
}
