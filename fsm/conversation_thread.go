package fsm

import "cmp"

func (t thread) compare(other thread) int {
	return cmp.Or(cmp.Compare(t.contact, other.contact), cmp.Compare(t.inbox, other.inbox), cmp.Compare(t.handle, other.handle))
}

// threads are the indexes of what contacts have, by inbox.
type threads struct {
	ofContact Index[thread, Conversation]
	live      Index[thread, Conversation] // only what is not closed
}

func newThreads() threads {
	key := func(c *Conversation) thread { return thread{c.Contact, c.Inbox, c.Handle} }
	return threads{
		newIndex(thread.compare, func(c *Conversation) (thread, bool) { return key(c), true }),
		newIndex(thread.compare, func(c *Conversation) (thread, bool) { return key(c), c.Status != StatusClosed }),
	}
}

func (t threads) clone() threads { return threads{t.ofContact.clone(), t.live.clone()} }

func (t threads) move(old, row *Conversation) {
	t.ofContact.move(old, row)
	t.live.move(old, row)
}
