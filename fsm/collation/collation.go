// Package collation computes the keys by which names sort as people expect:
// Value 2 before Value 10, Ådne beside Adne, case ignored.
//
// It is called at the edge of the cluster and its keys travel in commands, since
// the tables behind it change between versions of the library: the state never
// computes one, which is why package fsm must not import this one. It does not
// break ties; equal keys sort by the agent's handle.
//
// Read Key; that is all there is.
package collation

import (
	"sync"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"
)

// Version numbers the tables. It rises when golden keys in the test change; the
// state refuses keys of another version than its own.
const Version = 1

// MaxBytes is where a key is cut: far behind what tells two names apart.
const MaxBytes = 1024

var collators = sync.Pool{New: func() any {
	return collate.New(language.Und, collate.Numeric, collate.IgnoreCase)
}}

// Key returns the sort key of a name: opaque bytes that compare as the names
// should. Many goroutines may call it at once.
func Key(name string) []byte {
	c := collators.Get().(*collate.Collator)
	defer collators.Put(c)
	var buf collate.Buffer
	key := c.KeyFromString(&buf, name)
	return append([]byte(nil), key[:min(len(key), MaxBytes)]...)
}

var prefixCollators = sync.Pool{New: func() any {
	return collate.New(language.Und, collate.Numeric, collate.Loose)
}}

// Prefix returns what the keys of all names begin with that begin as text does,
// as people compare: neither case nor accents count. A number at its end is a
// whole one: 1 is no beginning of 10. Many goroutines may call it at once.
func Prefix(text string) []byte {
	c := prefixCollators.Get().(*collate.Collator)
	defer prefixCollators.Put(c)
	var buf collate.Buffer
	key := c.KeyFromString(&buf, text)
	return append([]byte(nil), key[:min(len(key), MaxBytes)]...)
}
