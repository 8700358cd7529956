package fsm

import (
	"cmp"
	"iter"
	"math"
)

// A Conversation is what is assigned.
type Conversation struct {
	Handle     ConversationHandle `cbor:"1,keyasint"`
	ID         ConversationID     `cbor:"2,keyasint"`
	Inbox      InboxHandle        `cbor:"3,keyasint"`
	Contact    ContactHandle      `cbor:"4,keyasint"`
	Direction  Direction          `cbor:"5,keyasint"`
	Status     ConversationStatus `cbor:"6,keyasint"`
	Priority   uint8              `cbor:"7,keyasint,omitempty"` // 0 to MaxPriority: higher is served first
	Assignment Assignment         `cbor:"8,keyasint"`
	OpenedMs   int64              `cbor:"9,keyasint"`
	ClosedMs   int64              `cbor:"10,keyasint,omitempty"`
	Attributes []Attribute        `cbor:"11,keyasint,omitempty"` // sorted by name
	Opening    Position           `cbor:"12,keyasint"`           // record that opened it
	Latest     Position           `cbor:"13,keyasint"`           // newest record; each names the one before
	Revision   uint64             `cbor:"14,keyasint"`           // Seq of the last change
	Tags       []string           `cbor:"15,keyasint,omitempty"` // sorted
	Requires   Requirement        `cbor:"16,keyasint,omitzero"`
	RepliesTo  Desk               `cbor:"17,keyasint,omitzero"` // of an outbound one: who gets the reply (S2.12)
	Talk       Talk               `cbor:"18,keyasint,omitzero"`
	UntilMs    int64              `cbor:"19,keyasint,omitempty"` // of a snoozed one: when it is opened again
	Lead       bool               `cbor:"20,keyasint,omitempty"` // it asks for an owner of its contact, and has no messages (S2.1)
	Decided    Position           `cbor:"24,keyasint,omitempty"` // newest record with a decision; 0 of an older row
	Home       TeamHandle         `cbor:"25,keyasint,omitempty"` // team that people passed it on to: it is given back there
	Greeted    AgentHandle        `cbor:"26,keyasint,omitempty"` // of whom the customer was told last (S3.11)
	Narrowed   *Narrowing         `cbor:"29,keyasint,omitempty"` // what a rule asks of whoever takes it; replaced, never changed
	Asked      []AgentHandle      `cbor:"33,keyasint,omitempty"` // who was offered it in this lap and has not accepted, sorted; replaced, never changed
	Escalated  *Escalation        `cbor:"34,keyasint,omitempty"` // nil: no team that has it escalates; replaced, never changed

	Willed // 36 and 37; see rule_overruled.go
}

// A Talk is what is known of the messages of a conversation: never their text.
type Talk struct {
	Unread       uint32 `cbor:"1,keyasint,omitempty"` // messages of the customer since somebody read or answered
	InboundMs    int64  `cbor:"2,keyasint,omitempty"` // when the customer wrote last
	OutboundMs   int64  `cbor:"3,keyasint,omitempty"` // when somebody wrote to the customer last
	FirstReplyMs int64  `cbor:"4,keyasint,omitempty"` // when somebody first wrote after the customer had

	Patience // 5 to 7; see no_reply.go
}

// An Assignment is who has a conversation, and since when.
type Assignment struct {
	State    AssignmentState `cbor:"1,keyasint"`
	Cause    Cause           `cbor:"2,keyasint,omitempty"`
	SinceMs  int64           `cbor:"3,keyasint"`
	Team     TeamHandle      `cbor:"4,keyasint,omitempty"`
	Assignee AgentHandle     `cbor:"5,keyasint,omitempty"`
	QueueSeq uint64          `cbor:"6,keyasint,omitempty"`  // place in the queue: waiting, or excluded from it
	For      AgentHandle     `cbor:"17,keyasint,omitempty"` // the owner it waits for
	Offered  AgentHandle     `cbor:"32,keyasint,omitempty"` // who may accept it, while it is offered
	AgainMs  int64           `cbor:"33,keyasint,omitempty"` // while waiting: when those who were asked may be asked again

	// Individual says that a person chose the assignee, or nobody, for this very
	// conversation: a change of the contact's owner leaves it alone (S4.14).
	Individual bool `cbor:"23,keyasint,omitempty"`

	Progress // 20 to 22: while waiting
}

// queued says whether it has a place in its team's queue: it waits there, or somebody
// is asked.
func (a Assignment) queued() bool { return a.State == StateWaiting || a.State == StateOffered }

// A Desk is a team or an inbox, never both: where the reply to an outbound
// conversation goes.
type Desk struct {
	Team  TeamHandle  `cbor:"1,keyasint,omitempty"`
	Inbox InboxHandle `cbor:"2,keyasint,omitempty"`
}

// An Attribute is a client's own note on a conversation. Rondo does not read it.
type Attribute struct {
	Name  string `cbor:"1,keyasint"`
	Value string `cbor:"2,keyasint"`
}

// Conversations is the table of conversations.
type Conversations struct {
	Named[ConversationID, ConversationHandle, Conversation]
	waiting                                     // what waits, in three orders
	threads                                     // of each contact
	reading                                     // see phase.go
	load       Tally[AgentHandle, Conversation] // open ones
	ofAssignee Index[shelf, Conversation]
	openOf     Index[assigned, Conversation] // only the open ones
	ofTeam     Index[shelf, Conversation]
	ofInbox    Index[shelf, Conversation]
	lingering  // what is neither open nor closed, and what waits for an owner
	shares     shares
}

// A place in a team's queue: most urgent first, then oldest.
type place struct {
	team    TeamHandle
	urgency uint8 // 255 - priority
	seq     uint64
	handle  ConversationHandle
}

func (p place) compare(other place) int {
	return cmp.Or(cmp.Compare(p.team, other.team), cmp.Compare(p.urgency, other.urgency),
		cmp.Compare(p.seq, other.seq), cmp.Compare(p.handle, other.handle))
}

func (c Conversation) place() place {
	return place{c.Assignment.Team, math.MaxUint8 - c.Priority, c.Assignment.QueueSeq, c.Handle}
}

// A thread is what a contact has written to an inbox.
type thread struct {
	contact ContactHandle
	inbox   InboxHandle
	handle  ConversationHandle
}

type assigned struct {
	agent  AgentHandle
	handle ConversationHandle
}

func (a assigned) compare(other assigned) int {
	return cmp.Or(cmp.Compare(a.agent, other.agent), cmp.Compare(a.handle, other.handle))
}

func newConversations() Conversations {
	return Conversations{
		newNamed(func(c *Conversation) (ConversationID, ConversationHandle) { return c.ID, c.Handle }),
		newWaiting(),
		newThreads(),
		newReading(),
		newTally(func(c *Conversation) (AgentHandle, bool) {
			agent := shareOf(c).agent
			return agent, agent != 0
		}),
		newIndex(shelf.compare, func(c *Conversation) (shelf, bool) {
			return shelf{uint32(c.Assignment.Assignee), c.phase(), c.Handle}, c.Assignment.Assignee != 0
		}),
		newIndex(assigned.compare,
			func(c *Conversation) (assigned, bool) {
				return assigned{c.Assignment.Assignee, c.Handle}, c.Assignment.Assignee != 0 && c.Status == StatusOpen
			}),
		newIndex(shelf.compare, func(c *Conversation) (shelf, bool) {
			return shelf{uint32(c.Assignment.Team), c.phase(), c.Handle}, c.Assignment.Team != 0
		}),
		newIndex(shelf.compare, func(c *Conversation) (shelf, bool) {
			return shelf{uint32(c.Inbox), c.phase(), c.Handle}, true
		}),
		newLingering(),
		newShares(),
	}
}

func (t Conversations) clone() Conversations {
	return Conversations{t.Named.clone(), t.waiting.clone(), t.threads.clone(), t.reading.clone(), t.load.clone(), t.ofAssignee.clone(), t.openOf.clone(),
		t.ofTeam.clone(), t.ofInbox.clone(), t.lingering.clone(), t.shares.clone()}
}

// Put stores row under its handle.
func (t Conversations) Put(row Conversation) {
	old := t.put(row.Handle, &row)
	t.waiting.move(old, &row)
	t.threads.move(old, &row)
	t.reading.move(old, &row)
	t.load.move(old, &row)
	t.ofAssignee.move(old, &row)
	t.openOf.move(old, &row)
	t.ofTeam.move(old, &row)
	t.ofInbox.move(old, &row)
	t.lingering.move(old, &row)
	t.shares.move(old, &row)
}

// LatestOf returns the conversation of a contact in an inbox that a message belongs
// to: the newest that is not closed or, if all are, the newest (decision 7).
func (t Conversations) LatestOf(contact ContactHandle, inbox InboxHandle) (Conversation, bool) {
	for _, index := range []Index[thread, Conversation]{t.live, t.ofContact} {
		key, ok := first(index.Back(thread{contact, inbox, math.MaxUint64}))
		if ok && key.contact == contact && key.inbox == inbox {
			return t.Get(key.handle)
		}
	}
	return Conversation{}, false
}

// Queue yields what waits in a team, in the order it will be served.
func (t Conversations) Queue(team TeamHandle) iter.Seq[Conversation] {
	return func(yield func(Conversation) bool) {
		for key := range t.queues.From(place{team: team}) {
			if key.team != team {
				return
			}
			if row, ok := t.Get(key.handle); ok && !yield(row) {
				return
			}
		}
	}
}

// OfContact yields the conversations of a contact by inbox and age.
func (t Conversations) OfContact(contact ContactHandle) iter.Seq[Conversation] {
	return func(yield func(Conversation) bool) {
		for key := range t.ofContact.From(thread{contact: contact}) {
			if key.contact != contact {
				return
			}
			if row, ok := t.Get(key.handle); ok && !yield(row) {
				return
			}
		}
	}
}
