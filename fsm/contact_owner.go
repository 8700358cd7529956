package fsm

var (
	_ = register[PutContactOwner](85, "contact.owner_put")
	_ = register[DeleteContactOwner](86, "contact.owner_delete")
)

// PutContactOwner makes an agent the owner of a contact, who is known from then
// on. What the contact has written before stays where it is, unless it waits for
// the owner that was.
type PutContactOwner struct {
	Contact ContactID `json:"contact" cbor:"1,keyasint"`
	Agent   AgentID   `json:"agent" cbor:"2,keyasint"`
}

// Check implements Command.
func (c PutContactOwner) Check() error {
	var check checker
	check.id("/contact", string(c.Contact))
	check.id("/agent", string(c.Agent))
	return check.err()
}

func (c PutContactOwner) apply(tx *Tx) (Result, error) {
	contact, ok := tx.Contacts.ByID(c.Contact)
	if !ok {
		return Result{}, reject(NotFound, "there is no contact %q", c.Contact)
	}
	agent, ok := tx.Agents.ByID(c.Agent)
	if !ok {
		return Result{}, unknown("/agent", "agent", string(c.Agent))
	}
	row := contact
	row.Owner, row.Known = agent.Handle, true
	result := putContact(tx, row, contact)
	result.Created = contact.Owner == 0
	return result, nil
}

// DeleteContactOwner leaves a contact without an owner.
type DeleteContactOwner struct {
	Contact ContactID `json:"contact" cbor:"1,keyasint"`
}

// Check implements Command.
func (c DeleteContactOwner) Check() error {
	var check checker
	check.id("/contact", string(c.Contact))
	return check.err()
}

func (c DeleteContactOwner) apply(tx *Tx) (Result, error) {
	contact, ok := tx.Contacts.ByID(c.Contact)
	switch {
	case !ok:
		return Result{}, reject(NotFound, "there is no contact %q", c.Contact)
	case contact.Owner == 0:
		return Result{}, reject(NotFound, "contact %q has no owner", contact.ID)
	}
	row := contact
	row.Owner = 0
	return putContact(tx, row, contact), nil
}

// putContact stores a contact if it differs from what it was.
func putContact(tx *Tx, row, old Contact) Result {
	if !row.equal(old) {
		keepFirst(tx, Subject{NounContact, uint64(row.Handle)}, old.Revision)
		row.Revision = tx.Seq
		tx.Contacts.Put(row)
		tx.emit(Record{Event: ContactChanged, Contact: row.Handle}, nil)
		if row.Owner != old.Owner && old.Owner != 0 {
			ownerReturns(tx, old.Owner, ContactChanged)
		}
	}
	result := Result{Subject: Subject{NounContact, uint64(row.Handle)}}
	if owner, owned := tx.Agents.Get(row.Owner); owned && row.Owner != old.Owner {
		result.Warnings = warnOfOwner(owner)
	}
	return result
}
