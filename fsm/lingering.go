package fsm

import (
	"cmp"
	"math"
)

// lingering are the indexes of what is not closed and yet has no place in a queue.
type lingering struct {
	unclosed Index[thread, Conversation]   // what a message of the contact is added to
	aside    Index[assigned, Conversation] // pending or snoozed, by who has it
	forOwner Index[assigned, Conversation] // open, and waits for the owner of its contact
}

func newLingering() lingering {
	return lingering{
		newIndex(thread.compare, func(c *Conversation) (thread, bool) {
			return thread{c.Contact, c.Inbox, c.Handle}, c.Status != StatusClosed
		}),
		newIndex(assigned.compare, func(c *Conversation) (assigned, bool) {
			return assigned{c.Assignment.Assignee, c.Handle}, c.Assignment.Assignee != 0 && c.aside()
		}),
		newIndex(assigned.compare, func(c *Conversation) (assigned, bool) {
			return assigned{c.Assignment.For, c.Handle}, c.Assignment.For != 0 && c.Status == StatusOpen
		}),
	}
}

func (l lingering) clone() lingering {
	return lingering{l.unclosed.clone(), l.aside.clone(), l.forOwner.clone()}
}

func (l lingering) move(old, row *Conversation) {
	l.unclosed.move(old, row)
	l.aside.move(old, row)
	l.forOwner.move(old, row)
}

// aside says whether c is put aside: nobody is to work on it now, and it counts in
// nobody's load (K62).
func (c *Conversation) aside() bool { return c.Status == StatusPending || c.Status == StatusSnoozed }

func (t thread) compare(other thread) int {
	return cmp.Or(cmp.Compare(t.contact, other.contact), cmp.Compare(t.inbox, other.inbox), cmp.Compare(t.handle, other.handle))
}

// LatestOf returns the conversation of a contact in an inbox that a message belongs
// to: the newest that is not closed or, if all are, the newest (decision 7).
func (t Conversations) LatestOf(contact ContactHandle, inbox InboxHandle) (Conversation, bool) {
	for _, index := range []Index[thread, Conversation]{t.unclosed, t.ofContact} {
		key, ok := first(index.Back(thread{contact, inbox, math.MaxUint64}))
		if ok && key.contact == contact && key.inbox == inbox {
			return t.Get(key.handle)
		}
	}
	return Conversation{}, false
}

// nextOfAgent returns the next conversation that an agent has and that is not closed,
// beginning at a handle.
func nextOfAgent(t Conversations, agent AgentHandle, from ConversationHandle) (Conversation, bool) {
	next := ConversationHandle(0)
	for _, index := range []Index[assigned, Conversation]{t.openOf, t.aside} {
		key, ok := first(index.From(assigned{agent, from}))
		if ok && key.agent == agent && (next == 0 || key.handle < next) {
			next = key.handle
		}
	}
	return t.Get(next)
}
