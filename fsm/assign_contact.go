package fsm

var _ = register[AssignContact](102, "contact.assign")

// AssignContact asks for an owner of a contact, by the rotation of a team, without a
// conversation: a lead (S2.1, S3.2). It waits in the team's queue like all that
// waits there, falls back, is claimed or assigned; who gets it owns the contact, and
// that is its end.
type AssignContact struct {
	Contact ContactID `json:"contact" cbor:"1,keyasint"`
	Team    TeamID    `json:"team" cbor:"2,keyasint"`

	MintedID ConversationID `json:"-" cbor:"21,keyasint"` // of the lead
}

// Check implements Command.
func (c AssignContact) Check() error {
	var check checker
	check.id("/contact", string(c.Contact))
	check.id("/team", string(c.Team))
	check.idUpTo("/lead", string(c.MintedID), MaxLongIDBytes)
	return check.err()
}

func (c AssignContact) withoutMinted() Command {
	c.MintedID = ""
	return c
}

func (c AssignContact) apply(tx *Tx) (Result, error) {
	contact, err := findContact(tx.State, c.Contact)
	if err != nil {
		return Result{}, err
	}
	team, ok := tx.Teams.ByID(c.Team)
	if !ok {
		return Result{}, unknown("/team", "team", string(c.Team))
	}
	lead, asked := tx.Conversations.LatestOf(contact.Handle, 0)
	switch owner, owned := tx.Agents.shown(contact.Owner); {
	case contact.Blocked:
		return Result{}, reject(BlockedContact, "contact %q is blocked and needs no owner", contact.ID)
	case owned:
		r := reject(AlreadyOwned, "agent %q owns contact %q; change the owner, or take her away first", owner.ID, contact.ID)
		r.Assignee = owner.ID
		return Result{}, r
	case asked && lead.Status != StatusClosed:
		return Result{}, lost(tx, lead, AlreadyWaiting, "contact %q waits for an owner already, as %q", contact.ID, lead.ID)
	}

	row := openOne(tx, c.MintedID, Inbox{}, contact)
	row.Lead, row.RepliesTo = true, Desk{Team: team.Handle} // given back, it goes there again
	tx.subject = row.Handle
	enqueue(tx, &row, team, ConversationOpened)
	result := tx.accept(true)
	if row.Status != StatusClosed {
		result.Warnings = warnOfTurns(tx, team, Inbox{})
	}
	return result, nil
}

func (c AssignContact) target(s *State) Target { return contactTarget(s, c.Contact) }

// closeLead ends a lead. c is stored.
func closeLead(tx *Tx, c *Conversation) {
	c.Status, c.ClosedMs, c.Revision = StatusClosed, tx.NowMs, tx.Seq
	tx.emit(Record{Event: ConversationIsClosed}, c)
	tx.Conversations.Put(*c)
}

// refuseLead refuses what is only done with a conversation that a customer has.
func refuseLead(c Conversation) error {
	if c.Lead {
		return reject(NotForLeads, "%q is a lead: it has no messages, and ends when its contact has an owner", c.ID)
	}
	return nil
}
