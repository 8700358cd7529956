package fsm

import "cmp"

// A Tally counts the rows of a table by a key that a pure function makes of them.
// Like an Index it is derived and never stored.
type Tally[K cmp.Ordered, V any] struct {
	counts tree[count[K]]
	of     func(*V) (K, bool) // false: the row is not counted
}

type count[K cmp.Ordered] struct {
	key K
	n   uint32
}

func newTally[K cmp.Ordered, V any](of func(*V) (K, bool)) Tally[K, V] {
	return Tally[K, V]{newTree(func(a, b count[K]) bool { return a.key < b.key }), of}
}

func (t Tally[K, V]) clone() Tally[K, V] { return Tally[K, V]{t.counts.Copy(), t.of} }

// Of returns how many rows have the key.
func (t Tally[K, V]) Of(key K) uint32 {
	found, _ := t.counts.Get(count[K]{key: key})
	return found.n
}

// move brings the counts up to date after old became row; either may be nil.
func (t Tally[K, V]) move(old, row *V) {
	var before, after K
	var had, has bool
	if old != nil {
		before, had = t.of(old)
	}
	if row != nil {
		after, has = t.of(row)
	}
	if had && has && before == after {
		return
	}
	if had {
		if n := t.Of(before) - 1; n > 0 {
			t.counts.Set(count[K]{before, n})
		} else {
			t.counts.Delete(count[K]{key: before})
		}
	}
	if has {
		t.counts.Set(count[K]{after, t.Of(after) + 1})
	}
}
