package fsm

import "github.com/tidwall/btree"

// A tree is an ordered set over a copy-on-write B-tree. It is an interface so that
// the B-tree stays inside this package: a generic type that a field names is
// compiled anew, with all its methods, by every package that knows the field's
// struct, and a state has dozens of them. (It was 50 of the 60 seconds that
// package httpapi took.)
type tree[T any] interface {
	Len() int
	Get(key T) (T, bool)
	Set(row T) (old T, replaced bool)
	Delete(key T) (old T, deleted bool)
	Scan(each func(T) bool)
	Reverse(each func(T) bool)
	Ascend(from T, each func(T) bool)
	Descend(from T, each func(T) bool)
	Items() []T
	Copy() tree[T]
}

// degree of the B-trees: nodes small enough that copying one after a clone stays
// cheap, large enough that the tree stays flat at a million rows.
const degree = 16

func newTree[T any](less func(a, b T) bool) tree[T] {
	return bTree[T]{btree.NewBTreeGOptions(less, btree.Options{NoLocks: true, Degree: degree})}
}

type bTree[T any] struct{ rows *btree.BTreeG[T] }

func (t bTree[T]) Len() int                          { return t.rows.Len() }
func (t bTree[T]) Get(key T) (T, bool)               { return t.rows.Get(key) }
func (t bTree[T]) Set(row T) (T, bool)               { return t.rows.Set(row) }
func (t bTree[T]) Delete(key T) (T, bool)            { return t.rows.Delete(key) }
func (t bTree[T]) Scan(each func(T) bool)            { t.rows.Scan(each) }
func (t bTree[T]) Reverse(each func(T) bool)         { t.rows.Reverse(each) }
func (t bTree[T]) Ascend(from T, each func(T) bool)  { t.rows.Ascend(from, each) }
func (t bTree[T]) Descend(from T, each func(T) bool) { t.rows.Descend(from, each) }
func (t bTree[T]) Items() []T                        { return t.rows.Items() }
func (t bTree[T]) Copy() tree[T]                     { return bTree[T]{t.rows.Copy()} }
