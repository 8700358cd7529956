package fsm

import (
	"github.com/rondohq/rondo/rotation"
)

// A Record says what has happened, and, where somebody was or was not given a
// conversation, why. Records are the event log: the decisions of the API and the
// events of the stream are views of them. They carry handles and no personal
// data, so a contact can be erased and the chain still verifies.
type Record struct {
	ID           RecordID           `cbor:"1,keyasint"`
	Seq          uint64             `cbor:"2,keyasint"`
	TimeMs       int64              `cbor:"3,keyasint"`
	Actor        string             `cbor:"4,keyasint"`           // principal of the item, or "system:timer"
	Via          string             `cbor:"5,keyasint,omitempty"` // as in Item
	Event        Event              `cbor:"6,keyasint"`
	Conversation ConversationHandle `cbor:"7,keyasint,omitempty"`
	Contact      ContactHandle      `cbor:"8,keyasint,omitempty"`
	Agent        AgentHandle        `cbor:"9,keyasint,omitempty"` // whom agent events are about
	Team         TeamHandle         `cbor:"10,keyasint,omitempty"`
	Inbox        InboxHandle        `cbor:"11,keyasint,omitempty"`
	Status       rotation.Status    `cbor:"12,keyasint,omitempty"` // of agent.presence_changed
	Decision     *Decision          `cbor:"13,keyasint,omitempty"`
	Previous     Position           `cbor:"14,keyasint,omitempty"` // record of the conversation, or of the agent's presence, before this one
	Node         NodeID             `cbor:"15,keyasint,omitempty"`
	MessageID    string             `cbor:"16,keyasint,omitempty"`
	SentMs       int64              `cbor:"17,keyasint,omitempty"` // what the channel says; never decided on
	Group        GroupHandle        `cbor:"18,keyasint,omitempty"`
	Refunds      RecordID           `cbor:"19,keyasint,omitzero"` // of turn.refunded: the decision whose turn it was
	Telling
}

// A Telling is what events about presence and tags tell besides, and how an
// agent's records are linked.
type Telling struct {
	Reason    string     `cbor:"20,keyasint,omitempty"` // what was said of an agent, never of a contact
	FromMs    int64      `cbor:"21,keyasint,omitempty"` // of agent.presence_planned
	UntilMs   int64      `cbor:"22,keyasint,omitempty"`
	PlannedBy string     `cbor:"23,keyasint,omitempty"` // principal whose plan the timer carried out
	Loss      Position   `cbor:"24,keyasint,omitempty"` // record that took a conversation from the same agent before
	Tags      []string   `cbor:"25,keyasint,omitempty"` // of conversation.tagged and untagged: which
	Notices   []Notice   `cbor:"26,keyasint,omitempty"` // who is to be told
	Priority  uint8      `cbor:"28,keyasint,omitempty"` // of conversation.priority_changed: the new one
	Undoes    RecordID   `cbor:"29,keyasint,omitzero"`  // of decision.undone: the decision that was taken back
	View      ViewHandle `cbor:"30,keyasint,omitempty"`

	Ruling

	Escalation uint8 `cbor:"41,keyasint,omitempty"` // of conversation.escalated: the step's number in its team's list, from 1

	Other ContactHandle `cbor:"27,keyasint,omitempty"` // of contact.merged: who has become part of the contact
	Turned
	Offering
}

// Offering is what events about offers tell. Agent is who was asked.
type Offering struct {
	Offer OfferHandle `cbor:"40,keyasint,omitempty"` // also of the assignment to who has accepted it
}

// Turned is what events about schedules tell. FromMs is when it was due.
type Turned struct {
	Schedule ScheduleHandle `cbor:"32,keyasint,omitempty"`
	Shift    string         `cbor:"33,keyasint,omitempty"` // of shift.began and ended: its name
}

// A Ruling is what events about rules and their runs tell, and of which rule a
// conversation's event is.
type Ruling struct {
	Rule    RuleHandle `cbor:"34,keyasint,omitempty"`
	Edition uint64     `cbor:"35,keyasint,omitempty"`
	Run     RunHandle  `cbor:"36,keyasint,omitempty"`
	Step    uint16     `cbor:"37,keyasint,omitempty"` // with which a run goes on, or at which it ended
	Outcome string     `cbor:"38,keyasint,omitempty"` // of rule.ran: done, or why it ended before; of conversation.escalated: what came of it
	Note    string     `cbor:"39,keyasint,omitempty"` // of conversation.noted: the note's id
}

// A Decision is who got a conversation, or that nobody did, and why.
type Decision struct {
	Kind         DecisionKind `cbor:"1,keyasint"`
	Trigger      Event        `cbor:"2,keyasint"`
	Assignee     AgentHandle  `cbor:"3,keyasint,omitempty"` // 0: nobody
	Before       AgentHandle  `cbor:"4,keyasint,omitempty"` // assignee until now
	CursorBefore AgentHandle  `cbor:"5,keyasint,omitempty"`
	CursorAfter  AgentHandle  `cbor:"6,keyasint,omitempty"`
	Turn         bool         `cbor:"7,keyasint,omitempty"` // a turn was consumed
	Passed       []PassedOver `cbor:"8,keyasint,omitempty"` // the first 32
	Counts       []Count      `cbor:"9,keyasint,omitempty"` // of all, by reason
	Notes        []Note       `cbor:"10,keyasint,omitempty"`
	Cause        Cause        `cbor:"11,keyasint,omitempty"` // why nobody
	Restriction  string       `cbor:"12,keyasint,omitempty"`
	Rule         string       `cbor:"13,keyasint,omitempty"` // id of the rule that decided
	RuleRevision uint64       `cbor:"14,keyasint,omitempty"` // its edition
	FallbackStep *uint8       `cbor:"15,keyasint,omitempty"` // which step of the fallback
	Was          *Was         `cbor:"20,keyasint,omitempty"` // how the conversation stood before; nil: it is new
	Missed       []Missed     `cbor:"22,keyasint,omitempty"` // the rules that were asked before, and did not answer
}

// A PassedOver is a member whose turn it would have been, and the one reason why
// it was not.
type PassedOver struct {
	_       struct{} `cbor:",toarray"`
	Agent   AgentHandle
	Verdict rotation.Verdict
}

// A Count is how many were passed over for one reason.
type Count struct {
	_       struct{} `cbor:",toarray"`
	Verdict rotation.Verdict
	N       uint32
}
