package fsm

import (
	"iter"
	"slices"
)

// A Table is an ordered map of rows over a copy-on-write B-tree. Each table of
// the state wraps one in a type of its own that adds the indexes and the Put
// that keeps them.
//
// Rows are replaced, never changed: a row that was read stays as it was. One
// goroutine may write or clone while others read clones; clone writes to its
// source, so it counts as writing.
type Table[K, V any] struct {
	rows tree[item[K, V]]
}

type item[K, V any] struct {
	key K
	row *V
}

func newTable[K, V any](compare func(a, b K) int) Table[K, V] {
	return Table[K, V]{newTree(func(a, b item[K, V]) bool { return compare(a.key, b.key) < 0 })}
}

func (t Table[K, V]) clone() Table[K, V] { return Table[K, V]{t.rows.Copy()} }

// Len returns the number of rows.
func (t Table[K, V]) Len() int { return t.rows.Len() }

// Get returns the row under key.
func (t Table[K, V]) Get(key K) (row V, ok bool) {
	found, ok := t.rows.Get(item[K, V]{key: key})
	if !ok {
		return row, false
	}
	return *found.row, true
}

// All yields the rows in the order of their keys.
func (t Table[K, V]) All() iter.Seq[V] {
	return func(yield func(V) bool) {
		t.rows.Scan(func(i item[K, V]) bool { return yield(*i.row) })
	}
}

// From yields the rows in the order of their keys, beginning at the first that
// is not before key.
func (t Table[K, V]) From(key K) iter.Seq[V] {
	return func(yield func(V) bool) {
		t.rows.Ascend(item[K, V]{key: key}, func(i item[K, V]) bool { return yield(*i.row) })
	}
}

// set stores row and returns the one it replaced, or nil.
func (t Table[K, V]) set(key K, row *V) *V {
	old, _ := t.rows.Set(item[K, V]{key, row})
	return old.row
}

// remove returns the row it removed, or nil.
func (t Table[K, V]) remove(key K) *V {
	old, _ := t.rows.Delete(item[K, V]{key: key})
	return old.row
}

// An Index is a set of keys derived from the rows of a table by a pure function.
// It is never stored: it is rebuilt when a snapshot is read.
type Index[K comparable, V any] struct {
	keys tree[K]
	of   func(*V) (K, bool) // false: the row is not in the index
}

func newIndex[K comparable, V any](compare func(a, b K) int, of func(*V) (K, bool)) Index[K, V] {
	return Index[K, V]{newTree(func(a, b K) bool { return compare(a, b) < 0 }), of}
}

func (x Index[K, V]) clone() Index[K, V] { return Index[K, V]{x.keys.Copy(), x.of} }

// Len returns the number of keys.
func (x Index[K, V]) Len() int { return x.keys.Len() }

// From yields the keys in order, beginning at the first that is not before key.
func (x Index[K, V]) From(key K) iter.Seq[K] {
	return func(yield func(K) bool) { x.keys.Ascend(key, yield) }
}

// Back yields the keys in falling order, beginning at the last that is not
// behind key.
func (x Index[K, V]) Back(key K) iter.Seq[K] {
	return func(yield func(K) bool) { x.keys.Descend(key, yield) }
}

// move brings the index up to date after old became row; either may be nil. It
// touches the tree only where the key changed.
func (x Index[K, V]) move(old, row *V) {
	var before, after K
	var had, has bool
	if old != nil {
		before, had = x.of(old)
	}
	if row != nil {
		after, has = x.of(row)
	}
	if had && has && before == after {
		return
	}
	if had {
		x.keys.Delete(before)
	}
	if has {
		x.keys.Set(after)
	}
}

// newManyIndex returns an index in which a row has any number of keys; moveAll
// keeps it.
func newManyIndex[K comparable, V any](compare func(a, b K) int) Index[K, V] {
	return newIndex(compare, func(*V) (key K, in bool) { return key, false })
}

// moveAll is move for a row with few keys, each once: had before, and has now.
func (x Index[K, V]) moveAll(had, has []K) {
	for _, key := range had {
		if !slices.Contains(has, key) {
			x.keys.Delete(key)
		}
	}
	for _, key := range has {
		if !slices.Contains(had, key) {
			x.keys.Set(key)
		}
	}
}

// first returns the first element of a sequence.
func first[T any](seq iter.Seq[T]) (value T, ok bool) {
	for value := range seq {
		return value, true
	}
	return value, false
}
