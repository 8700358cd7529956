package fsm

import "slices"

// contactFires notes what has changed about a contact that rules may answer to: its
// tags, its fields, and that it meets the criteria. Whoever stores a contact that
// somebody has changed calls it behind that. Records say no more than that it has
// changed, since tags and fields tell of a person.
func contactFires(tx *Tx, row, old Contact) {
	qualify(tx, row)
	if tx.Rules.live.Len() == 0 {
		return
	}
	f := aboutContact(tx.State, row, ContactChanged)
	each := func(on string, words []string) {
		for _, word := range words {
			f.on, f.word = on, word
			fire(tx, f)
		}
	}
	each(OnTagApplied, without(row.Tags, old.Tags))
	each(OnTagRemoved, without(old.Tags, row.Tags))
	each(OnFieldChanged, fieldsChanged(row.Fields, old.Fields))
}

// aboutContact is something that has happened to a contact: it is about the newest
// of its conversations that is not closed, or the contact alone.
func aboutContact(s *State, row Contact, because Event) firing {
	f := firing{contact: row.Handle, origin: origin{because: because}}
	for key := range s.Conversations.live.From(thread{contact: row.Handle}) {
		if key.contact != row.Handle {
			break
		}
		f.conversation = max(f.conversation, key.handle)
	}
	return f
}

// without returns the words of a list that another one does not have.
func without(list, other []string) (words []string) {
	for _, word := range list {
		if !slices.Contains(other, word) {
			words = append(words, word)
		}
	}
	return words
}

// fieldsChanged returns the names of what was set, changed or taken away, sorted.
func fieldsChanged(row, old []Attribute) (names []string) {
	for _, field := range row {
		if !slices.Contains(old, field) {
			names = append(names, field.Name)
		}
	}
	for _, field := range old {
		if !slices.ContainsFunc(row, func(now Attribute) bool { return now.Name == field.Name }) {
			names = append(names, field.Name)
		}
	}
	slices.Sort(names)
	return names
}
