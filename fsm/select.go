package fsm

import (
	"math"
	"slices"
)

// A wide way is one of more tracks than this: every leap along it costs a look into
// each. It is walked only where there is no narrower one; its filter is judged row
// by row then.
const wideWay = 32

// MaxThrough is how many contacts (of an owner, or followed) a list goes through
// track by track: all that anybody may follow. Of more, each row of the other
// filters is judged by its contact. MaxInboxesThrough is so many inboxes (of a kind
// of channel, or that an agent may see).
const (
	MaxThrough        = MaxFollowing
	MaxInboxesThrough = 256
)

// A Selection is the conversations of a state that are asked for, in the order in
// which they were opened or the falling one. It is read once, by one goroutine.
type Selection struct {
	state   *State
	where   Where
	ways    []*way // narrow before wide; all rows asked for are on all of them
	falling bool
	at      ConversationHandle // nothing up to here is to come
	end     ConversationHandle // nothing behind here is asked for; 0: there is no end
	most    int
	steps   int
	done    bool
}

// maxThreads bounds the tracks of what contacts have written.
const maxThreads = 2 * MaxThrough

// Select returns the conversations of s that are asked for, behind after; 0 and,
// falling, math.MaxUint64 begin at the first. When it has found its ways, it looks
// into an index or at a row at most so many times, and always gets ahead.
func Select(s *State, w Where, after ConversationHandle, falling bool, most int) *Selection {
	x := &Selection{state: s, where: w, falling: falling, at: after}
	x.bound()
	x.ways = x.plan()
	ahead := 1 // what it takes to get ahead at all
	for _, w := range x.ways {
		ahead += len(w.tracks) + 1
	}
	x.most = x.steps + max(most, ahead)
	return x
}

// Next returns the next conversation, or false at the end and out of steps.
func (x *Selection) Next() (Conversation, bool) {
	for !x.done {
		at, found, ended := meet(x.ways, x.at, x.falling, &x.steps, x.most)
		x.at = at
		if ended || x.end != 0 && behind(at, x.end, x.falling) {
			x.done = true
			break
		}
		if !found {
			break
		}
		x.steps++
		if row, ok := x.state.Conversations.Get(at); ok && x.where.Keeps(x.state, &row) {
			return row, true
		}
	}
	return Conversation{}, false
}

// Cut says whether the selection has run out of steps: there may be more, and
// another one goes on behind At.
func (x *Selection) Cut() bool { return !x.done && x.steps >= x.most }

// At is the handle behind which the selection goes on.
func (x *Selection) At() ConversationHandle { return x.at }

// Steps is how often the selection has looked into an index or at a row.
func (x *Selection) Steps() int { return x.steps }

// bound turns ages into handles, which rise with the time of opening: a search by
// halves instead of an index.
func (x *Selection) bound() {
	w := x.where.WhereMarked
	low, high := ConversationHandle(0), ConversationHandle(0)
	if w.OpenedFromMs > 0 {
		low = x.openedFrom(w.OpenedFromMs)
	}
	if w.OpenedBeforeMs > 0 {
		high = x.openedFrom(w.OpenedBeforeMs) - 1
		x.done = high == 0
	}
	if x.falling {
		low, high = high, low
		if low > 0 && low < math.MaxUint64 {
			x.at = min(x.at, low+1)
		}
	} else if low > 0 {
		x.at = max(x.at, low-1)
	}
	x.end = high
}

// openedFrom returns the least handle, at least 1, such that what was opened at ms
// or later is not before it.
func (x *Selection) openedFrom(ms int64) ConversationHandle {
	low, high := ConversationHandle(1), ConversationHandle(x.state.LastHandle)+1
	for low < high {
		x.steps++
		middle := low + (high-low)/2
		row, ok := first(x.state.Conversations.From(middle))
		if !ok || row.Handle >= high || row.OpenedMs >= ms {
			high = middle
		} else {
			low = row.Handle + 1
		}
	}
	return low
}

// plan finds the ways. Rows are judged by the whole filter besides, so a filter that
// has no way costs steps, never the truth.
func (x *Selection) plan() []*way {
	t, w := x.state.Conversations, &x.where
	var ways []*way
	add := func(tracks []track) { ways = append(ways, wayOf(tracks...)) }
	for _, tags := range w.Tags {
		add(labelTracks(t, tags))
	}
	phased := len(ways) // ways that know the phase begin here
	if agents := w.Assignee; agents != nil && (!agents.Has(0) || len(agents) > 1) {
		add(x.assignees(agents))
	}
	if tracks, few := x.throughContacts(); few {
		if len(tracks) > wideWay && len(ways) == 0 {
			return []*way{wayOf(tracks...)} // however many: it is all that these contacts have
		}
		ways = slices.Insert(ways, phased, wayOf(tracks...))
		phased++
	}
	if w.Team != nil && !w.Team.Has(0) {
		add(shelvesOf(x, t.ofTeam, w.Team, w.accepts))
	}
	if w.Inbox != nil && len(w.Inbox) <= MaxInboxesThrough {
		add(shelvesOf(x, t.ofInbox, w.Inbox, w.accepts))
	}
	if len(ways) == phased && w.asksPhase() {
		add(shelvesOf(x, t.marks, []uint32{markPhase}, w.accepts))
	}
	if w.asksTraits() {
		add(shelvesOf(x, t.marks, []uint32{markTraits}, func(p phase) bool { return w.hasTraits(traits(p)) }))
	}
	slices.SortStableFunc(ways, func(a, b *way) int { return len(a.tracks) - len(b.tracks) })
	if len(ways) == 0 {
		return []*way{wayOf(everyTrack(t))}
	}
	narrow := slices.IndexFunc(ways, func(w *way) bool { return len(w.tracks) > wideWay })
	if narrow < 0 {
		return ways
	}
	return ways[:max(narrow, 1)]
}

// narrow says whether any filter has a way, so that not everything is walked.
func (x *Selection) narrow() bool {
	w := &x.where
	return w.Team != nil || w.Inbox != nil || w.Contact != nil || w.Owner != nil || w.Tags != nil ||
		w.asksPhase() || w.asksTraits() || w.OpenedFromMs+w.OpenedBeforeMs != 0
}

// assignees are the tracks of what some agents have; 0 is what nobody has.
func (x *Selection) assignees(agents AnyOf[AgentHandle]) []track {
	var tracks []track
	if agents.Has(0) {
		agents = agents[1:]
		tracks = shelvesOf(x, x.state.Conversations.marks, []uint32{markPhase}, func(p phase) bool { return !p.assigned() && x.where.accepts(p) })
	}
	return append(tracks, shelvesOf(x, x.state.Conversations.ofAssignee, agents, x.where.accepts)...)
}

// shelvesOf are the tracks of what some have, in each phase there is and that will do.
func shelvesOf[H ~uint32](x *Selection, index Index[shelf, Conversation], owners []H, accepts func(phase) bool) []track {
	var tracks []track
	for _, owner := range owners {
		for from := (shelf{owner: uint32(owner)}); ; {
			x.steps++
			key, ok := first(index.From(from))
			if !ok || key.owner != uint32(owner) {
				break
			}
			if accepts(key.phase) {
				tracks = append(tracks, shelfTrack(index, key.owner, key.phase))
			}
			if key.phase == math.MaxUint8 {
				break
			}
			from.phase = key.phase + 1
		}
	}
	return tracks
}

func labelTracks(t Conversations, tags []string) (tracks []track) {
	for _, tag := range tags {
		tracks = append(tracks, trackOf(t.labels, func(h ConversationHandle) label { return label{tag, h} },
			func(k label) ConversationHandle { return k.handle }))
	}
	return tracks
}

// throughContacts are the tracks of the contacts that the list asks for, if it asks
// for contacts at all and they are few.
func (x *Selection) throughContacts() (tracks []track, few bool) {
	contacts, few := x.contacts()
	if few {
		tracks = x.threads(contacts)
		few = len(tracks) <= maxThreads
	}
	return tracks, few
}

// contacts returns those through whom the list may go, if it asks for contacts at
// all and they are few: those it names, or those of the owners it names.
func (x *Selection) contacts() (list AnyOf[ContactHandle], few bool) {
	w := &x.where
	list = w.Contact
	if w.Owner != nil && !w.Owner.Has(0) && (list == nil || len(list) > MaxThrough) {
		list = AnyOf[ContactHandle]{}
		for _, owner := range w.Owner {
			for key := range x.state.Contacts.owners.From(owned{owner: owner}) {
				if key.owner != owner || len(list) > MaxThrough {
					break
				}
				x.steps++
				list = append(list, key.contact)
			}
		}
	}
	return list, list != nil && len(list) <= MaxThrough
}

// threads are the tracks of what contacts have written: as many as there are inboxes
// each of them wrote to.
func (x *Selection) threads(contacts []ContactHandle) (tracks []track) {
	index := x.state.Conversations.ofContact
	if w := &x.where; w.Status != nil && !w.Status.Has(StatusClosed) {
		index = x.state.Conversations.live
	}
	for _, contact := range contacts {
		for inbox := InboxHandle(0); len(tracks) <= maxThreads; {
			x.steps++
			key, ok := first(index.From(thread{contact: contact, inbox: inbox}))
			if !ok || key.contact != contact {
				break
			}
			tracks = append(tracks, trackOf(index, func(h ConversationHandle) thread { return thread{contact, key.inbox, h} },
				func(k thread) ConversationHandle { return k.handle }))
			inbox = key.inbox + 1
		}
	}
	return tracks
}
