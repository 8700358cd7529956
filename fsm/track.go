package fsm

import "math"

// How a list finds its rows, in the order in which they were opened. An index whose
// keys are (something, handle) holds, for each something, the handles of its rows in
// their order: a track. What is asked for by one filter is the union of a few
// tracks, a way. What is asked for by several is where all ways meet: from the
// handle at which one stands the others leap to the first of theirs that is not
// before it. So no list looks at rows one after the other that only one filter lets
// through, and the cost is that of the narrowest.

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

func shelfTrack(x Index[shelf, Conversation], owner uint32, p phase) track {
	return trackOf(x, func(h ConversationHandle) shelf { return shelf{owner, p, h} }, func(k shelf) ConversationHandle { return k.handle })
}

func everyTrack(t Conversations) track {
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

// A way is the union of tracks, walked in one direction.
type way struct {
	tracks []track
	heads  []head // where each track stands
}

type head struct {
	handle ConversationHandle
	known  bool // false: not looked for yet
	ended  bool
}

func wayOf(tracks ...track) *way { return &way{tracks, make([]head, len(tracks))} }

// next returns the first handle behind after. It may be asked for places that rise,
// or that fall, only. Each look into an index costs a step.
func (w *way) next(after ConversationHandle, falling bool, steps *int) (ConversationHandle, bool) {
	best, found := ConversationHandle(0), false
	for i := range w.tracks {
		h := &w.heads[i]
		if !h.ended && (!h.known || !behind(h.handle, after, falling)) {
			*steps++
			handle, ok := w.tracks[i](after, falling)
			*h = head{handle, true, !ok}
		}
		if !h.ended && (!found || behind(best, h.handle, falling)) {
			best, found = h.handle, true
		}
	}
	return best, found
}

// behind says whether a comes after b.
func behind(a, b ConversationHandle, falling bool) bool {
	if falling {
		return a < b
	}
	return a > b
}

// before returns the place just in front of a handle.
func before(h ConversationHandle, falling bool) ConversationHandle {
	switch {
	case falling && h < math.MaxUint64:
		return h + 1
	case !falling && h > 0:
		return h - 1
	}
	return h
}

// meet returns the first handle behind after where all ways meet. Out of steps, it
// returns where it stands, and false for both: nothing up to there was missed.
func meet(ways []*way, after ConversationHandle, falling bool, steps *int, most int) (at ConversationHandle, found, ended bool) {
	at, agreed := after, 0
	for i := 0; ; i = (i + 1) % len(ways) {
		if *steps >= most {
			return at, false, false
		}
		handle, ok := ways[i].next(at, falling, steps)
		switch {
		case !ok:
			return at, false, true
		case agreed > 0 && handle == past(at, falling):
			agreed++
		default:
			at, agreed = before(handle, falling), 1
		}
		if agreed == len(ways) {
			return handle, true, false
		}
	}
}

// past is the inverse of before.
func past(h ConversationHandle, falling bool) ConversationHandle { return before(h, !falling) }
