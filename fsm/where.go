package fsm

import (
	"cmp"
	"slices"
)

// AnyOf are the values of which a list asks for any, sorted. Nil is no question:
// everything will do. An empty one that is not nil lets nothing through.
type AnyOf[T cmp.Ordered] []T

// OneOf returns the question for any of some values. Of none it lets nothing
// through.
func OneOf[T cmp.Ordered](values ...T) AnyOf[T] {
	list := append(make(AnyOf[T], 0, len(values)), values...)
	slices.Sort(list)
	return slices.Compact(list)
}

// Has says whether v will do.
func (a AnyOf[T]) Has(v T) bool {
	if a == nil {
		return true
	}
	_, ok := slices.BinarySearch(a, v)
	return ok
}

// And returns the question for what both ask for.
func (a AnyOf[T]) And(b AnyOf[T]) AnyOf[T] {
	switch {
	case a == nil:
		return b
	case b == nil:
		return a
	}
	return slices.DeleteFunc(append(make(AnyOf[T], 0, len(a)), a...), func(v T) bool { return !b.Has(v) })
}

// A Where is what a list of conversations is asked for: all of it must hold. The
// zero Where asks for everything.
type Where struct {
	Assignee AnyOf[AgentHandle] // 0: nobody
	Team     AnyOf[TeamHandle]
	Inbox    AnyOf[InboxHandle]   // 0: none, as of a lead
	Contact  AnyOf[ContactHandle] // also those whom somebody follows
	Owner    AnyOf[AgentHandle]   // of the contact; 0: nobody
	Status   AnyOf[ConversationStatus]
	State    AnyOf[AssignmentState]
	Tags     []AnyOf[string] // one of each
	Priority AnyOf[uint8]
	WhereMarked
}

// A WhereMarked is the rest of a Where.
type WhereMarked struct {
	Unread   AnyOf[uint8] // 1: there are messages that nobody has read
	Outbound AnyOf[uint8] // 1: somebody of the company began
	Lead     AnyOf[uint8] // 1: it has no messages

	// Opened at the one or later, and before the other, in milliseconds; 0: whenever.
	OpenedFromMs, OpenedBeforeMs int64
}

// And returns what asks for all that both ask for.
func (w Where) And(other Where) Where {
	return Where{
		Assignee: w.Assignee.And(other.Assignee), Team: w.Team.And(other.Team), Inbox: w.Inbox.And(other.Inbox),
		Contact: w.Contact.And(other.Contact), Owner: w.Owner.And(other.Owner), Status: w.Status.And(other.Status),
		State: w.State.And(other.State), Tags: slices.Concat(w.Tags, other.Tags), Priority: w.Priority.And(other.Priority),
		WhereMarked: w.WhereMarked.and(other.WhereMarked),
	}
}

func (w WhereMarked) and(other WhereMarked) WhereMarked {
	both := WhereMarked{
		Unread: w.Unread.And(other.Unread), Outbound: w.Outbound.And(other.Outbound), Lead: w.Lead.And(other.Lead),
		OpenedFromMs: max(w.OpenedFromMs, other.OpenedFromMs), OpenedBeforeMs: w.OpenedBeforeMs,
	}
	if both.OpenedBeforeMs == 0 || other.OpenedBeforeMs != 0 && other.OpenedBeforeMs < both.OpenedBeforeMs {
		both.OpenedBeforeMs = other.OpenedBeforeMs
	}
	return both
}

// Keeps says whether a conversation of s is asked for.
func (w *Where) Keeps(s *State, c *Conversation) bool {
	return w.accepts(c.phase()) && w.Assignee.Has(c.Assignment.Assignee) && w.Team.Has(c.Assignment.Team) && w.Inbox.Has(c.Inbox) &&
		w.Contact.Has(c.Contact) && w.ownedBy(s, c.Contact) && w.tagged(c) && w.Priority.Has(c.Priority) && w.WhereMarked.keeps(c)
}

func (w *WhereMarked) keeps(c *Conversation) bool {
	return w.Unread.Has(bit(c.Talk.Unread > 0)) && w.Outbound.Has(bit(c.Direction == Outbound)) && w.Lead.Has(bit(c.Lead)) &&
		c.OpenedMs >= w.OpenedFromMs && (w.OpenedBeforeMs == 0 || c.OpenedMs < w.OpenedBeforeMs)
}

func bit(yes bool) uint8 {
	if yes {
		return 1
	}
	return 0
}

func (w *Where) ownedBy(s *State, contact ContactHandle) bool {
	if w.Owner == nil {
		return true
	}
	row, _ := s.Contacts.Get(contact)
	return w.Owner.Has(row.Owner)
}

func (w *Where) tagged(c *Conversation) bool {
	for _, wanted := range w.Tags {
		if !slices.ContainsFunc(c.Tags, wanted.Has) {
			return false
		}
	}
	return true
}

// accepts says whether what is in a phase may be asked for: all that a phase can
// tell of status, state and assignee.
func (w *Where) accepts(p phase) bool {
	return w.acceptsAssigned(p.assigned()) && w.Status.Has(p.status()) && w.State.Has(p.state())
}

// acceptsAssigned says so of what somebody has, or nobody has.
func (w *Where) acceptsAssigned(assigned bool) bool {
	switch n := len(w.Assignee); {
	case w.Assignee == nil:
		return true
	case n == 0:
		return false
	case assigned:
		return w.Assignee[n-1] != 0
	default:
		return w.Assignee[0] == 0
	}
}

// acceptsClosed says whether what is closed may be asked for.
func (w *Where) acceptsClosed() bool { return w.Status.Has(StatusClosed) }

// acceptsLive says whether what is not closed may be asked for that somebody has, or
// that nobody has. Somebody has only what is in the state assigned.
func (w *Where) acceptsLive(assigned bool) bool {
	for _, status := range []ConversationStatus{StatusOpen, StatusPending, StatusSnoozed} {
		for state := range StateOffered + 1 {
			c := Conversation{Status: status, Assignment: Assignment{State: state, Assignee: AgentHandle(bit(assigned))}}
			if (!assigned || state == StateAssigned) && w.accepts(c.phase()) {
				return true
			}
		}
	}
	return false
}

// asksPhase says whether there is a phase that will not do.
func (w *Where) asksPhase() bool {
	return w.Status != nil || w.State != nil || w.Assignee != nil
}

// hasTraits says whether what has some traits is asked for.
func (w *Where) hasTraits(t traits) bool {
	return w.Priority.Has(t.priority()) && w.Unread.Has(t.has(traitUnread)) && w.Outbound.Has(t.has(traitOutbound)) && w.Lead.Has(t.has(traitLead))
}

// asksTraits says whether there are traits that will not do.
func (w *Where) asksTraits() bool {
	return w.Priority != nil || w.Unread != nil || w.Outbound != nil || w.Lead != nil
}
