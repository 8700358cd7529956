package fsm

import (
	"cmp"
	"slices"
)

var _ = register[MergeContacts](103, "contact.merge")

// MergeContacts makes one contact of two who are one person: what From has becomes
// the other's, whose own name, fields, language, region and owner come first. From
// is found no more, and records go on naming it. What it was is kept nowhere else:
// its revisions go, so that erasing the other leaves nothing.
type MergeContacts struct {
	Contact ContactID `json:"contact" cbor:"1,keyasint"`
	From    ContactID `json:"from" cbor:"2,keyasint"`
}

// Check implements Command.
func (c MergeContacts) Check() error {
	var check checker
	check.id("/contact", string(c.Contact))
	check.id("/from", string(c.From))
	if c.From == c.Contact {
		check.add("/from", "same", "a contact cannot become part of itself; name another one")
	}
	return check.err()
}

func (c MergeContacts) apply(tx *Tx) (Result, error) {
	into, err := findContact(tx.State, c.Contact)
	if err != nil {
		return Result{}, err
	}
	from, err := findContact(tx.State, c.From)
	if err != nil {
		return Result{}, err
	}
	row := into.with(from, ownerOf(tx.State, into))
	switch {
	case len(row.Addresses) > MaxAddresses:
		return Result{}, reject(ListFull, "the two have %d addresses, at most %d are allowed; take some away first", len(row.Addresses), MaxAddresses)
	case len(row.Fields) > MaxAttributes:
		return Result{}, reject(ListFull, "the two have %d fields, at most %d are allowed; take some away first", len(row.Fields), MaxAttributes)
	case len(row.Tags) > MaxTags:
		return Result{}, reject(TooManyTags, "the two have %d tags, at most %d are allowed; take some away first", len(row.Tags), MaxTags)
	}

	keepFirst(tx, Subject{NounContact, uint64(into.Handle)}, into.Revision)
	tx.Revisions.DeleteOf(Subject{NounContact, uint64(from.Handle)})
	tx.Contacts.Put(Contact{Handle: from.Handle, ID: from.ID, CreatedMs: from.CreatedMs, Revision: tx.Seq, End: End{MergedInto: into.Handle}})
	row.Revision = tx.Seq
	tx.Contacts.Put(row)
	moveFollowers(tx, from.Handle, row.Handle)
	moveRuns(tx, from.Handle, row.Handle)
	tx.emit(Record{Event: ContactMerged, Contact: row.Handle, Telling: Telling{Other: from.Handle}}, nil)
	if into.Owner != row.Owner && into.Owner != 0 { // she was removed
		letGo(tx, into.Owner)
	}
	contactFires(tx, row, into)
	Chore{Kind: ChoreMerge, Because: ContactMerged, OfContact: OfContact{Contact: from.Handle}}.run(tx)
	if row.Owner != 0 && (row.Owner != from.Owner || row.Owner != into.Owner) {
		handOver(row.Handle, 0).run(tx)
	}
	return Result{Subject: Subject{NounContact, uint64(row.Handle)}}, nil
}

// with returns the contact with all that another one has besides. owner is who owns
// it, if she is still there.
func (c Contact) with(from Contact, owner AgentHandle) Contact {
	c.Name = cmp.Or(c.Name, from.Name)
	c.Addresses = append(slices.Clone(c.Addresses), from.Addresses...)
	c.Known = c.Known || from.Known
	if owner == 0 {
		c.Owner = cmp.Or(from.Owner, c.Owner)
	}
	c.Tags = sortedTags(append(slices.Clone(c.Tags), from.Tags...))
	c.Fields = slices.Clone(c.Fields)
	for _, field := range from.Fields {
		if !slices.ContainsFunc(c.Fields, func(own Attribute) bool { return own.Name == field.Name }) {
			c.Fields = append(c.Fields, field)
		}
	}
	slices.SortFunc(c.Fields, func(a, b Attribute) int { return cmp.Compare(a.Name, b.Name) })
	c.QualifiedMs = cmp.Or(c.QualifiedMs, from.QualifiedMs)
	c.Language, c.Region = cmp.Or(c.Language, from.Language), cmp.Or(c.Region, from.Region)
	return c
}

// moveOver makes a conversation one of the contact that its own has become part of.
func (c Chore) moveOver(tx *Tx, row Conversation) {
	from, _ := tx.Contacts.Get(c.Contact)
	into := survivorOf(tx.State, from)
	row.Contact, row.Revision = into.Handle, tx.Seq
	tx.Conversations.Put(row)
	if into.MergedInto != 0 { // there were more merges than survivorOf follows
		Chore{Kind: ChoreMerge, Because: ContactMerged, OfContact: OfContact{Contact: into.Handle}}.begin(tx)
	}
}

func (c MergeContacts) target(s *State) Target { return contactTarget(s, c.Contact) }
