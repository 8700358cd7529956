package fsm

import (
	"cmp"
	"iter"
)

// A Named table holds rows that clients call by an id and the state by a handle.
// Its rows are never removed, so that a handle in an old record can always be
// named.
type Named[ID ~string, H cmp.Ordered, V any] struct {
	Table[H, V]
	ids  Index[called[ID, H], V]
	gone func(*V) bool // removed: its row stays, but its id names nothing any more; nil: never
}

type called[ID ~string, H cmp.Ordered] struct {
	id     ID
	handle H
}

func (c called[ID, H]) compare(other called[ID, H]) int {
	return cmp.Or(cmp.Compare(c.id, other.id), cmp.Compare(c.handle, other.handle))
}

func newNamed[ID ~string, H cmp.Ordered, V any](of func(*V) (ID, H)) Named[ID, H, V] {
	return Named[ID, H, V]{
		newTable[H, V](cmp.Compare[H]),
		newIndex(called[ID, H].compare, func(row *V) (called[ID, H], bool) {
			id, handle := of(row)
			return called[ID, H]{id, handle}, true
		}),
		nil,
	}
}

// unless tells which rows are removed. They keep their handle, for old records and
// for whoever creates a thing of that id again.
func (t Named[ID, H, V]) unless(gone func(*V) bool) Named[ID, H, V] {
	t.gone = gone
	return t
}

func (t Named[ID, H, V]) clone() Named[ID, H, V] {
	return Named[ID, H, V]{t.Table.clone(), t.ids.clone(), t.gone}
}

// put stores row and returns the one it replaced, or nil.
func (t Named[ID, H, V]) put(handle H, row *V) (old *V) {
	old = t.set(handle, row)
	t.ids.move(old, row)
	return old
}

// ByID returns the row that clients call id.
func (t Named[ID, H, V]) ByID(id ID) (row V, ok bool) {
	row, ok = t.everByID(id)
	if ok && t.gone != nil && t.gone(&row) {
		var none V
		return none, false
	}
	return row, ok
}

// everByID also returns a row that was removed.
func (t Named[ID, H, V]) everByID(id ID) (row V, ok bool) {
	key, ok := first(t.ids.From(called[ID, H]{id: id}))
	if !ok || key.id != id {
		return row, false
	}
	return t.Get(key.handle)
}

// shown returns the row under a handle, unless it was removed.
func (t Named[ID, H, V]) shown(handle H) (row V, ok bool) {
	found, ok := t.rows.Get(item[H, V]{key: handle})
	if !ok || t.gone != nil && t.gone(found.row) {
		return row, false
	}
	return *found.row, true
}

// FromID yields the rows in the order of their ids, beginning at the first that
// is not before id.
func (t Named[ID, H, V]) FromID(id ID) iter.Seq[V] {
	return func(yield func(V) bool) {
		for key := range t.ids.From(called[ID, H]{id: id}) {
			if row, ok := t.shown(key.handle); ok && !yield(row) {
				return
			}
		}
	}
}
