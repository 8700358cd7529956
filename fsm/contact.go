package fsm

import (
	"cmp"
	"slices"
)

// A Contact is a customer. The row is the only place of personal data: records,
// keys and hashes carry handles.
type Contact struct {
	Handle    ContactHandle `cbor:"1,keyasint"`
	ID        ContactID     `cbor:"2,keyasint"`
	Name      string        `cbor:"3,keyasint"`
	Addresses []string      `cbor:"4,keyasint"`
	Known     bool          `cbor:"5,keyasint"` // put by somebody, not made by a message (decision 8)
	CreatedMs int64         `cbor:"6,keyasint"`
	Revision  uint64        `cbor:"7,keyasint"`            // Seq of the last change
	Owner     AgentHandle   `cbor:"10,keyasint,omitempty"` // who gets what the contact writes; 0: nobody

	Traits // 11 to 15
	End    // 16 and 17

	QualifiedMs int64 `cbor:"18,keyasint,omitempty"` // when it first met the criteria, or somebody said so (S2.14); 0: not yet
}

// An End is what has become of a contact that is one no more.
type End struct {
	MergedInto ContactHandle `cbor:"16,keyasint,omitempty"` // the contact that this one has become part of
	ErasedMs   int64         `cbor:"17,keyasint,omitempty"` // when all that tells who it was was taken out (K111)
}

// Traits are what is known of a contact besides name and addresses.
type Traits struct {
	Tags     []string    `cbor:"11,keyasint,omitempty"` // sorted
	Fields   []Attribute `cbor:"12,keyasint,omitempty"` // sorted by name
	Language string      `cbor:"13,keyasint,omitempty"`
	Region   string      `cbor:"14,keyasint,omitempty"`
	Blocked  bool        `cbor:"15,keyasint,omitempty"` // what the contact writes reaches nobody (S3.29)
}

// Contacts is the table of contacts.
type Contacts struct {
	Named[ContactID, ContactHandle, Contact]
	addresses Index[contactAddress, Contact]
	owners    Index[owned, Contact]
	aspects   Index[aspect, Contact] // see contact_walk.go
}

type owned struct {
	owner   AgentHandle
	contact ContactHandle
}

type contactAddress struct {
	address string
	handle  ContactHandle
}

func newContacts() Contacts {
	return Contacts{
		newNamed(func(c *Contact) (ContactID, ContactHandle) { return c.ID, c.Handle }).unless(func(c *Contact) bool { return c.MergedInto != 0 }),
		newIndex(
			func(a, b contactAddress) int {
				return cmp.Or(cmp.Compare(a.address, b.address), cmp.Compare(a.handle, b.handle))
			},
			func(*Contact) (contactAddress, bool) { return contactAddress{}, false }), // Put keeps it: several keys a row
		newIndex(
			func(a, b owned) int { return cmp.Or(cmp.Compare(a.owner, b.owner), cmp.Compare(a.contact, b.contact)) },
			func(c *Contact) (owned, bool) { return owned{c.Owner, c.Handle}, c.Owner != 0 }),
		newIndex(aspect.compare, func(*Contact) (aspect, bool) { return aspect{}, false }), // Put keeps it: several keys a row
	}
}

func (t Contacts) clone() Contacts {
	return Contacts{t.Named.clone(), t.addresses.clone(), t.owners.clone(), t.aspects.clone()}
}

// Put stores row under its handle.
func (t Contacts) Put(row Contact) {
	old := t.put(row.Handle, &row)
	t.owners.move(old, &row)
	t.moveAspects(old, &row)
	if old != nil && slices.Equal(old.Addresses, row.Addresses) {
		return
	}
	if old != nil {
		for _, address := range old.Addresses {
			t.addresses.keys.Delete(contactAddress{address, row.Handle})
		}
	}
	for _, address := range row.Addresses {
		t.addresses.keys.Set(contactAddress{address, row.Handle})
	}
}

// ByAddress returns the contact who writes from address.
func (t Contacts) ByAddress(address string) (Contact, bool) {
	key, ok := first(t.addresses.From(contactAddress{address: address}))
	if !ok || key.address != address {
		return Contact{}, false
	}
	return t.Get(key.handle)
}

func (c Contact) equal(other Contact) bool {
	return c.Handle == other.Handle && c.Name == other.Name && c.Known == other.Known && c.Owner == other.Owner &&
		slices.Equal(c.Addresses, other.Addresses) && c.Traits.equal(other.Traits)
}

func (t Traits) equal(other Traits) bool {
	return slices.Equal(t.Tags, other.Tags) && slices.Equal(t.Fields, other.Fields) &&
		t.Language == other.Language && t.Region == other.Region && t.Blocked == other.Blocked
}
