package fsm

import (
	"cmp"
	"iter"
	"math"
	"slices"
)

// An aspect is something by which contacts are found: one key for each thing that
// is true of a contact. They stand in one index, by kind and value.
type aspect struct {
	kind   aspectKind
	value  string
	handle ContactHandle
}

type aspectKind uint8

const (
	aspectTag aspectKind = iota
	aspectLanguage
	aspectRegion
	aspectBlocked // blocked ones only: they are the few
	aspectStranger
)

func (a aspect) compare(other aspect) int {
	return cmp.Or(cmp.Compare(a.kind, other.kind), cmp.Compare(a.value, other.value), cmp.Compare(a.handle, other.handle))
}

// aspects yields the keys of a row; one that was merged or erased has none.
func (c *Contact) aspects() iter.Seq[aspect] {
	return func(yield func(aspect) bool) {
		if c == nil || c.End != (End{}) {
			return
		}
		for _, tag := range c.Tags {
			if !yield(aspect{aspectTag, tag, c.Handle}) {
				return
			}
		}
		for _, a := range []struct {
			kind  aspectKind
			value string
			has   bool
		}{
			{aspectLanguage, c.Language, c.Language != ""},
			{aspectRegion, c.Region, c.Region != ""},
			{aspectBlocked, "", c.Blocked},
			{aspectStranger, "", !c.Known},
		} {
			if a.has && !yield(aspect{a.kind, a.value, c.Handle}) {
				return
			}
		}
	}
}

func (t Contacts) moveAspects(old, row *Contact) {
	if old != nil && old.End == row.End && old.Known == row.Known && old.Traits.equal(row.Traits) {
		return
	}
	for key := range old.aspects() {
		t.aspects.keys.Delete(key)
	}
	for key := range row.aspects() {
		t.aspects.keys.Set(key)
	}
}

// A ContactsWhere chooses contacts. Zero values choose nothing.
type ContactsWhere struct {
	Owner            AgentHandle
	Tag              string
	Language, Region string
	Known, Blocked   *bool
}

// Matches says whether a contact is chosen.
func (w ContactsWhere) Matches(c Contact) bool {
	return (w.Owner == 0 || c.Owner == w.Owner) && (w.Language == "" || c.Language == w.Language) &&
		(w.Region == "" || c.Region == w.Region) && (w.Known == nil || c.Known == *w.Known) &&
		(w.Blocked == nil || c.Blocked == *w.Blocked) && (w.Tag == "" || slices.Contains(c.Tags, w.Tag)) && c.MergedInto == 0
}

// A contactTrack finds the next contact that has something, not before handle, or
// not behind it.
type contactTrack func(handle ContactHandle, falling bool) (ContactHandle, bool)

// Walk yields contacts in the order in which they were made, or the newest first,
// beginning behind after; 0 and, falling, math.MaxUint64 begin at the first. It
// goes along the indexes of all that w asks, leaping from the farthest to the
// farthest; where they differ it yields the contact where it landed all the same,
// so that the caller can bound the work: see ContactsWhere.Matches.
func (t Contacts) Walk(w ContactsWhere, after ContactHandle, falling bool) iter.Seq[Contact] {
	tracks := t.tracks(w)
	return func(yield func(Contact) bool) {
		for at := after; ; {
			if falling && at == 0 || !falling && at == math.MaxUint64 {
				return
			}
			at = step(at, falling)
			for _, next := range tracks {
				var ok bool
				if at, ok = next(at, falling); !ok {
					return
				}
			}
			if row, ok := t.Get(at); ok && !yield(row) {
				return
			}
		}
	}
}

func step(at ContactHandle, falling bool) ContactHandle {
	if falling {
		return at - 1
	}
	return at + 1
}

func (t Contacts) tracks(w ContactsWhere) []contactTrack {
	var tracks []contactTrack
	along := func(kind aspectKind, value string) {
		tracks = append(tracks, func(h ContactHandle, falling bool) (ContactHandle, bool) {
			k, ok := nearest(t.aspects, aspect{kind, value, h}, falling)
			return k.handle, ok && k.kind == kind && k.value == value
		})
	}
	if w.Owner != 0 {
		tracks = append(tracks, func(h ContactHandle, falling bool) (ContactHandle, bool) {
			k, ok := nearest(t.owners, owned{w.Owner, h}, falling)
			return k.contact, ok && k.owner == w.Owner
		})
	}
	if w.Tag != "" {
		along(aspectTag, w.Tag)
	}
	if w.Language != "" {
		along(aspectLanguage, w.Language)
	}
	if w.Region != "" {
		along(aspectRegion, w.Region)
	}
	if w.Blocked != nil && *w.Blocked {
		along(aspectBlocked, "")
	}
	if w.Known != nil && !*w.Known {
		along(aspectStranger, "")
	}
	if len(tracks) == 0 { // what most contacts are is found among all
		tracks = append(tracks, func(h ContactHandle, falling bool) (ContactHandle, bool) {
			seq := t.From(h)
			if falling {
				seq = t.Back(h)
			}
			row, ok := first(seq)
			return row.Handle, ok
		})
	}
	return tracks
}

func nearest[K comparable](x Index[K, Contact], key K, falling bool) (K, bool) {
	if falling {
		return first(x.Back(key))
	}
	return first(x.From(key))
}
