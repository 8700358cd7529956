package fsm

import (
	"cmp"
	"iter"

	"github.com/fxamacker/cbor/v2"
)

// Walks are how lists are read, in either direction and from any place. Like
// queries, they change nothing.

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
