package fsm

var _ = register[EraseContact](104, "contact.erase")

// EraseContact takes out of the state all that tells who a contact was: name,
// addresses, tags, fields, language, region, owner, followers, revisions, and the
// attributes of its conversations (K111). The row stays with its id, so that
// records, which hold nothing of a person, can go on naming it; and the chain of
// hashes, which is made of records alone, still verifies.
type EraseContact struct {
	Contact ContactID `json:"contact" cbor:"1,keyasint"`
}

// Check implements Command.
func (c EraseContact) Check() error {
	var check checker
	check.id("/contact", string(c.Contact))
	return check.err()
}

func (c EraseContact) apply(tx *Tx) (Result, error) {
	old, err := findContact(tx.State, c.Contact)
	if err != nil {
		return Result{}, err
	}
	row := Contact{Handle: old.Handle, ID: old.ID, CreatedMs: old.CreatedMs, Revision: tx.Seq, Known: true, End: End{ErasedMs: tx.NowMs}}
	tx.Revisions.DeleteOf(Subject{NounContact, uint64(row.Handle)})
	tx.Contacts.Put(row)
	unfollowAll(tx, row.Handle)
	endRunsAbout(tx, 0, row.Handle)
	tx.emit(Record{Event: ContactErased, Contact: row.Handle}, nil)
	if old.Owner != 0 {
		letGo(tx, old.Owner)
	}
	Chore{Kind: ChoreErase, Because: ContactErased, OfContact: OfContact{Contact: row.Handle}}.run(tx)
	return Result{Subject: Subject{NounContact, uint64(row.Handle)}}, nil
}

// blank takes what tells of the person out of one conversation. A lead has no
// purpose any more.
func (c Chore) blank(tx *Tx, row Conversation) {
	if row.Lead && row.Status != StatusClosed {
		team, _ := tx.Teams.Get(row.Assignment.Team)
		leave(tx, &row, team)
		row.Assignment, row.Asked = Assignment{SinceMs: tx.NowMs, Team: team.Handle}, nil
		closeLead(tx, &row)
	}
	if endRunsAbout(tx, row.Handle, 0) {
		row, _ = tx.Conversations.Get(row.Handle)
	}
	forgetOffersOf(tx, row.Handle)
	if len(row.Attributes) > 0 {
		row.Attributes, row.Revision = nil, tx.Seq
		tx.Conversations.Put(row)
	}
}

func (c EraseContact) target(s *State) Target { return contactTarget(s, c.Contact) }

// What cannot be undone is for those who supervise.

func (EraseContact) allowed(_ *Tx, by Agent) bool  { return by.Role == RoleSupervisor }
func (MergeContacts) allowed(_ *Tx, by Agent) bool { return by.Role == RoleSupervisor }
