package fsm

import "slices"

var _ = register[SubmitForm](178, "form.submit")

// SubmitForm brings what somebody has filled in on a form of an inbox: a prospect
// (S4.22). Who has the address is the contact; what is not said stays as it is, and
// whether it is known, too. Rules say what becomes of it.
type SubmitForm struct {
	Inbox    InboxID           `json:"inbox" cbor:"1,keyasint"`
	ID       string            `json:"id" cbor:"2,keyasint"` // of the sender's own: the key, as with messages
	Form     string            `json:"form" cbor:"3,keyasint"`
	From     Sender            `json:"from" cbor:"4,keyasint"`
	Fields   map[string]string `json:"fields" cbor:"5,keyasint,omitempty"` // an empty value takes one away
	Language string            `json:"language" cbor:"6,keyasint,omitempty"`
	Region   string            `json:"region" cbor:"7,keyasint,omitempty"`
	Tags     []string          `json:"tags" cbor:"8,keyasint,omitempty"` // of the contact, besides those it has

	MintedContact ContactID `json:"-" cbor:"20,keyasint"`
}

// Check implements Command.
func (c SubmitForm) Check() error {
	var check checker
	check.id("/inbox", string(c.Inbox))
	check.idUpTo("/id", c.ID, MaxLongIDBytes)
	check.id("/form", c.Form)
	check.address("/from/address", c.From.Address)
	check.text("/from/name", c.From.Name, MaxNameRunes)
	checkFields(&check, "/fields", c.Fields)
	if c.Language != "" {
		check.id("/language", c.Language)
	}
	if c.Region != "" {
		check.id("/region", c.Region)
	}
	checkTags(&check, "/tags", c.Tags)
	check.id("/from", string(c.MintedContact))
	return check.err()
}

func (c SubmitForm) withoutMinted() Command {
	c.MintedContact = ""
	return c
}

func (c SubmitForm) apply(tx *Tx) (Result, error) {
	inbox, ok := tx.Inboxes.ByID(c.Inbox)
	if !ok {
		return Result{}, reject(NotFound, "there is no inbox %q", c.Inbox)
	}
	if contact, blocked := blockedSender(tx.State, c.From); blocked {
		return turnedAway(tx, contact, inbox), nil
	}
	old, known := tx.Contacts.ByAddress(c.From.Address)
	row := old
	row.Fields = mergedFields(old.Fields, sortedAttributes(c.Fields))
	row.Tags = sortedTags(append(slices.Clone(old.Tags), c.Tags...))
	switch {
	case len(row.Fields) > MaxAttributes:
		return Result{}, reject(ListFull, "the contact has %d fields, at most %d are allowed with those of the form", len(old.Fields), MaxAttributes)
	case len(row.Tags) > MaxTags:
		return Result{}, reject(TooManyTags, "the contact has %d tags, at most %d are allowed with those of the form", len(old.Tags), MaxTags)
	}

	if !known {
		old = contactOf(tx, c.From, c.MintedContact)
		row.Handle, row.ID, row.Addresses, row.CreatedMs, row.Revision = old.Handle, old.ID, old.Addresses, old.CreatedMs, old.Revision
	}
	if c.From.Name != "" {
		row.Name = c.From.Name
	}
	if c.Language != "" {
		row.Language = c.Language
	}
	if c.Region != "" {
		row.Region = c.Region
	}
	tx.emit(Record{Event: FormSubmitted, Contact: row.Handle, Inbox: inbox.Handle}, nil)
	result := putContact(tx, row, old)
	result.Created = !known
	row, _ = tx.Contacts.Get(row.Handle)
	f := aboutContact(tx.State, row, FormSubmitted)
	f.on, f.word, f.form, f.inbox = OnFormSubmitted, c.Form, c.Form, inbox.Handle
	fire(tx, f)
	return result, nil
}

// mergedFields returns the fields of a contact with others, which come first; one
// without a value is taken away.
func mergedFields(have, more []Attribute) (list []Attribute) {
	for _, field := range have {
		if !slices.ContainsFunc(more, func(other Attribute) bool { return other.Name == field.Name }) {
			list = append(list, field)
		}
	}
	for _, field := range more {
		if field.Value != "" {
			list = append(list, field)
		}
	}
	sortAttributes(list)
	return list
}
