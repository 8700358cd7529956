package fsm

import (
	"cmp"
	"iter"
	"math"

	"github.com/fxamacker/cbor/v2"
)

// Walks are how lists are read, in either direction and from any place. Like
// queries, they change nothing.

// A ConversationsWhere chooses the index that a walk follows. Zero values choose
// nothing.
type ConversationsWhere struct {
	Contact  ContactHandle
	Assignee AgentHandle
	Team     TeamHandle
	Inbox    InboxHandle
	Unclosed bool
}

// A track finds the next handle behind one, in either direction, among those of
// an index that have something in common.
type track func(after ConversationHandle, falling bool) (ConversationHandle, bool)

func trackOf[K comparable](x Index[K, Conversation], key func(ConversationHandle) K, handle func(K) ConversationHandle) track {
	return func(after ConversationHandle, falling bool) (ConversationHandle, bool) {
		var k K
		var ok bool
		switch {
		case falling && after > 0:
			k, ok = first(x.Back(key(after - 1)))
		case !falling && after < math.MaxUint64:
			k, ok = first(x.From(key(after + 1)))
		}
		return handle(k), ok && key(handle(k)) == k
	}
}

// Walk yields conversations in the order in which they were opened, or the newest
// first, beginning behind after; 0 and, falling, math.MaxUint64 begin at the
// first. It follows the index of the first of contact, assignee, team and inbox
// that is given; the caller leaves out what the others refuse.
func (t Conversations) Walk(w ConversationsWhere, after ConversationHandle, falling bool) iter.Seq[Conversation] {
	tracks := t.tracks(w)
	return func(yield func(Conversation) bool) {
		for at := after; ; {
			next, found := ConversationHandle(0), false
			for _, track := range tracks {
				h, ok := track(at, falling)
				if ok && (!found || falling && h > next || !falling && h < next) {
					next, found = h, true
				}
			}
			if !found {
				return
			}
			at = next
			if row, ok := t.Get(next); ok && !yield(row) {
				return
			}
		}
	}
}

func (t Conversations) tracks(w ConversationsWhere) []track {
	switch {
	case w.Contact != 0:
		return t.ofContactTracks(w.Contact)
	case w.Assignee != 0:
		of := func(index Index[assigned, Conversation]) track {
			return trackOf(index, func(h ConversationHandle) assigned { return assigned{w.Assignee, h} },
				func(k assigned) ConversationHandle { return k.handle })
		}
		if w.Unclosed {
			return []track{of(t.openOf), of(t.lingering.aside)}
		}
		return []track{of(t.ofAssignee)}
	case w.Team != 0:
		return shelfTracks(t.ofTeam, uint32(w.Team), w.Unclosed)
	case w.Inbox != 0:
		return shelfTracks(t.ofInbox, uint32(w.Inbox), w.Unclosed)
	case w.Unclosed:
		return []track{trackOf(t.open, func(h ConversationHandle) ConversationHandle { return h }, func(h ConversationHandle) ConversationHandle { return h })}
	default:
		return []track{t.everyTrack()}
	}
}

// ofContactTracks are as many as there are inboxes that the contact wrote to.
func (t Conversations) ofContactTracks(contact ContactHandle) []track {
	var tracks []track
	for inbox := InboxHandle(0); ; {
		key, ok := first(t.ofContact.From(thread{contact: contact, inbox: inbox}))
		if !ok || key.contact != contact {
			return tracks
		}
		tracks = append(tracks, trackOf(t.ofContact, func(h ConversationHandle) thread { return thread{contact, key.inbox, h} },
			func(k thread) ConversationHandle { return k.handle }))
		inbox = key.inbox + 1
	}
}

func (t Conversations) everyTrack() track {
	return func(after ConversationHandle, falling bool) (ConversationHandle, bool) {
		var row Conversation
		var ok bool
		switch {
		case falling && after > 0:
			row, ok = first(t.Back(after - 1))
		case !falling && after < math.MaxUint64:
			row, ok = first(t.From(after + 1))
		}
		return row.Handle, ok
	}
}

// A shelf is what a team or an inbox has of one status: so the few that are open
// are found among the many that were closed.
type shelf struct {
	owner  uint32 // handle of the team or the inbox
	closed bool
	handle ConversationHandle
}

func (s shelf) compare(other shelf) int {
	if c := cmp.Compare(s.owner, other.owner); c != 0 {
		return c
	}
	if s.closed != other.closed {
		if other.closed {
			return -1
		}
		return 1
	}
	return cmp.Compare(s.handle, other.handle)
}

func shelfTracks(x Index[shelf, Conversation], owner uint32, unclosed bool) []track {
	of := func(closed bool) track {
		return trackOf(x, func(h ConversationHandle) shelf { return shelf{owner, closed, h} }, func(k shelf) ConversationHandle { return k.handle })
	}
	if unclosed {
		return []track{of(false)}
	}
	return []track{of(false), of(true)}
}

// Back yields the rows in the falling order of their keys, beginning at the last
// that is not behind key.
func (t Table[K, V]) Back(key K) iter.Seq[V] {
	return func(yield func(V) bool) {
		t.rows.Descend(item[K, V]{key: key}, func(i item[K, V]) bool { return yield(*i.row) })
	}
}

// BackID yields the rows in the falling order of their ids, beginning at the last
// that is before id; "" begins at the very last.
func (t Named[ID, H, V]) BackID(id ID) iter.Seq[V] {
	return func(yield func(V) bool) {
		each := func(key called[ID, H]) bool {
			row, ok := t.shown(key.handle)
			return !ok || yield(row)
		}
		if id == "" {
			t.ids.keys.Reverse(each)
			return
		}
		// A handle is never 0, so this stands before id's own key.
		t.ids.keys.Descend(called[ID, H]{id: id}, each)
	}
}

// A spelling is an agent's place among the names, as people sort them.
type spelling struct {
	key    cbor.ByteString
	handle AgentHandle
}

func (s spelling) compare(other spelling) int {
	return cmp.Or(cmp.Compare(s.key, other.key), cmp.Compare(s.handle, other.handle))
}

// ByName yields agents in the order of their sort keys and then of their handles,
// or in the falling one, beginning behind the agent with this key and handle. An
// empty key begins at the first; falling, at the very last.
func (t Agents) ByName(key string, handle AgentHandle, falling bool) iter.Seq[Agent] {
	return func(yield func(Agent) bool) {
		each := func(k spelling) bool {
			row, ok := t.Get(k.handle)
			return !ok || yield(row)
		}
		at := spelling{cbor.ByteString(key), handle}
		switch {
		case falling && key == "" && handle == 0:
			t.names.keys.Reverse(each)
		case falling && handle > 0:
			at.handle--
			t.names.keys.Descend(at, each)
		case !falling:
			at.handle++
			t.names.keys.Ascend(at, each)
		}
	}
}
