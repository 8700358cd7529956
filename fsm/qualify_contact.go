package fsm

var _ = register[QualifyContact](177, "contact.qualify")

// QualifyContact says of a contact that it is qualified, whatever the criteria: a bot
// that has asked the questions knows (S2.14). Once is enough.
type QualifyContact struct {
	Contact ContactID `json:"contact" cbor:"1,keyasint"`
}

// Check implements Command.
func (c QualifyContact) Check() error {
	var check checker
	check.id("/contact", string(c.Contact))
	return check.err()
}

func (c QualifyContact) apply(tx *Tx) (Result, error) {
	contact, err := findContact(tx.State, c.Contact)
	if err != nil {
		return Result{}, err
	}
	if contact.QualifiedMs == 0 {
		becomeQualified(tx, contact)
	}
	return Result{Subject: Subject{NounContact, uint64(contact.Handle)}}, nil
}

func (c QualifyContact) target(s *State) Target { return contactTarget(s, c.Contact) }

// qualify looks whether a contact, which is stored, meets the criteria for the first
// time (S2.15).
func qualify(tx *Tx, row Contact) {
	criteria := tx.Settings.Criteria.Qualified
	if criteria == nil || row.QualifiedMs != 0 || row.End != (End{}) {
		return
	}
	if met, _ := criteria.holds(facts{state: tx.State, contact: row}); met {
		becomeQualified(tx, row)
	}
}

func becomeQualified(tx *Tx, row Contact) {
	keepFirst(tx, Subject{NounContact, uint64(row.Handle)}, row.Revision)
	row.QualifiedMs, row.Revision = tx.NowMs, tx.Seq
	tx.Contacts.Put(row)
	tx.emit(Record{Event: ContactQualified, Contact: row.Handle}, nil)
	f := aboutContact(tx.State, row, ContactQualified)
	f.on = OnContactQualified
	fire(tx, f)
}
