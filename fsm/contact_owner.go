package fsm

var (
	_ = register[PutContactOwner](85, "contact.owner_put")
	_ = register[DeleteContactOwner](86, "contact.owner_delete")
)

// PutContactOwner makes an agent the owner of a contact, who is known from then
// on. Every open, pending and snoozed conversation of the contact goes to her, too,
// without a turn, but for those that a person has given to somebody, or taken from
// everybody, by themselves (S4.14, K16); or none does, and stays where it is, unless
// it waits for the owner that was. More than an entry can do go on in the next ones.
type PutContactOwner struct {
	Contact ContactID `json:"contact" cbor:"1,keyasint"`
	Agent   AgentID   `json:"agent" cbor:"2,keyasint"`

	Conversations string `json:"conversations" cbor:"3,keyasint,omitempty"` // all (default), none
}

// Check implements Command.
func (c PutContactOwner) Check() error {
	var check checker
	check.id("/contact", string(c.Contact))
	check.id("/agent", string(c.Agent))
	check.oneOf("/conversations", c.Conversations, allOfThem, noneOfThem)
	return check.err()
}

func (c PutContactOwner) apply(tx *Tx) (Result, error) {
	contact, err := findContact(tx.State, c.Contact)
	if err != nil {
		return Result{}, err
	}
	agent, ok := tx.Agents.ByID(c.Agent)
	if !ok {
		return Result{}, unknown("/agent", "agent", string(c.Agent))
	}
	row := contact
	row.Owner, row.Known = agent.Handle, true
	result := putContact(tx, row, contact)
	result.Created = contact.Owner == 0
	if c.Conversations != noneOfThem {
		ownerFollows(tx, row, contact)
	} else {
		leadsEnd(tx, row, contact)
	}
	return result, nil
}

// DeleteContactOwner leaves a contact without an owner. What she has of the
// contact's, and nobody has given to her by itself, goes back to the rotation; or
// stays with her.
type DeleteContactOwner struct {
	Contact ContactID `json:"contact" cbor:"1,keyasint"`

	Conversations string `json:"conversations" cbor:"2,keyasint,omitempty"` // all (default), none
}

// Check implements Command.
func (c DeleteContactOwner) Check() error {
	var check checker
	check.id("/contact", string(c.Contact))
	check.oneOf("/conversations", c.Conversations, allOfThem, noneOfThem)
	return check.err()
}

func (c DeleteContactOwner) apply(tx *Tx) (Result, error) {
	contact, err := findContact(tx.State, c.Contact)
	switch {
	case err != nil:
		return Result{}, err
	case contact.Owner == 0:
		return Result{}, reject(NotFound, "contact %q has no owner", contact.ID)
	}
	row := contact
	row.Owner = 0
	result := putContact(tx, row, contact)
	if c.Conversations != noneOfThem {
		ownerFollows(tx, row, contact)
	}
	return result, nil
}

// putContact stores a contact if it differs from what it was.
func putContact(tx *Tx, row, old Contact) Result {
	if !row.equal(old) {
		keepFirst(tx, Subject{NounContact, uint64(row.Handle)}, old.Revision)
		row.Revision = tx.Seq
		tx.Contacts.Put(row)
		tx.emit(Record{Event: ContactChanged, Contact: row.Handle}, nil)
		if row.Owner != old.Owner && old.Owner != 0 {
			letGo(tx, old.Owner)
		}
		contactFires(tx, row, old)
	}
	result := Result{Subject: Subject{NounContact, uint64(row.Handle)}}
	if owner, owned := tx.Agents.Get(row.Owner); owned && row.Owner != old.Owner {
		result.Warnings = warnOfOwner(owner)
	}
	return result
}
