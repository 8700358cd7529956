package fsm

import "slices"

var (
	_ = register[PutContactTag](100, "contact.tag_put")
	_ = register[DeleteContactTag](101, "contact.tag_delete")
)

// PutContactTag tags a contact, so that two people never overwrite each other's
// list. Its record does not say which tag: it may tell something of a person.
type PutContactTag struct {
	Contact ContactID `json:"contact" cbor:"1,keyasint"`
	Tag     string    `json:"tag" cbor:"2,keyasint"`
}

// Check implements Command.
func (c PutContactTag) Check() error { return checkContactTag(c.Contact, c.Tag) }

func checkContactTag(contact ContactID, tag string) error {
	var check checker
	check.id("/contact", string(contact))
	check.id("/tag", tag)
	return check.err()
}

func (c PutContactTag) apply(tx *Tx) (Result, error) {
	contact, err := findContact(tx.State, c.Contact)
	if err != nil {
		return Result{}, err
	}
	row := contact
	if row.Tags = sortedTags(append(slices.Clone(contact.Tags), c.Tag)); len(row.Tags) > MaxTags {
		return Result{}, reject(TooManyTags, "contact %q has %d tags, the most it may have; take one away first", row.ID, MaxTags)
	}
	result := putContact(tx, row, contact)
	result.Created = len(row.Tags) > len(contact.Tags)
	return result, nil
}

// DeleteContactTag takes a tag of a contact away.
type DeleteContactTag struct {
	Contact ContactID `json:"contact" cbor:"1,keyasint"`
	Tag     string    `json:"tag" cbor:"2,keyasint"`
}

// Check implements Command.
func (c DeleteContactTag) Check() error { return checkContactTag(c.Contact, c.Tag) }

func (c DeleteContactTag) apply(tx *Tx) (Result, error) {
	contact, err := findContact(tx.State, c.Contact)
	if err != nil {
		return Result{}, err
	}
	row := contact
	row.Tags = orNil(slices.DeleteFunc(slices.Clone(contact.Tags), func(tag string) bool { return tag == c.Tag }))
	if len(row.Tags) == len(contact.Tags) {
		// The tag is not repeated: refusals outlive erasure.
		return Result{}, reject(NotFound, "contact %q has no such tag", row.ID)
	}
	return putContact(tx, row, contact), nil
}

func (c PutContactTag) target(s *State) Target    { return contactTarget(s, c.Contact) }
func (c DeleteContactTag) target(s *State) Target { return contactTarget(s, c.Contact) }
