package fsm

// lingering are the indexes of what is not closed and yet has no place in a queue.
type lingering struct {
	aside    Index[assigned, Conversation]    // pending or snoozed, by who has it
	reserved Index[reservation, Conversation] // open, and waits for somebody
	outside  Index[outsider, Conversation]    // open, and waits for the hours of its inbox
}

func newLingering() lingering {
	return lingering{
		newIndex(assigned.compare, func(c *Conversation) (assigned, bool) {
			return assigned{c.Assignment.Assignee, c.Handle}, c.Assignment.Assignee != 0 && c.aside()
		}),
		newIndex(reservation.compare, func(c *Conversation) (reservation, bool) {
			return reservation{c.Assignment.For, berthOf(c), c.Handle}, c.Assignment.For != 0 && c.Status == StatusOpen
		}),
		newOutsiders(),
	}
}

func (l lingering) clone() lingering {
	return lingering{l.aside.clone(), l.reserved.clone(), l.outside.clone()}
}

func (l lingering) move(old, row *Conversation) {
	l.aside.move(old, row)
	l.reserved.move(old, row)
	l.outside.move(old, row)
}

// aside says whether c is put aside: nobody is to work on it now, and it counts in
// nobody's load (K62).
func (c *Conversation) aside() bool { return c.Status == StatusPending || c.Status == StatusSnoozed }

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
