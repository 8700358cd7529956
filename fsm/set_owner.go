package fsm

// A SetOwner says whether who gets a conversation becomes the owner of its contact
// (decision 12).
type SetOwner uint8

const (
	NeverSetOwner     SetOwner = iota
	FirstAssigneeOwns          // whoever gets a conversation of a contact that has no owner
)

var setOwners = []string{"never", "first_assignee"}

func (o SetOwner) String() string { return nameOf(setOwners, int(o)) }

// assigneeOwns makes who has just got a conversation the owner of its contact, where
// that is what it is for (a lead), or what its inbox says. What a bot gets is
// nobody's yet. c is stored.
func assigneeOwns(tx *Tx, c *Conversation) {
	if inbox, _ := tx.Inboxes.Get(c.Inbox); !c.Lead && inbox.Rules.SetOwner == NeverSetOwner {
		return
	}
	agent, _ := tx.Agents.Get(c.Assignment.Assignee)
	contact := customerOf(tx.State, *c)
	switch {
	case c.Lead:
		if contact.End == (End{}) && contact.Owner != agent.Handle {
			before := contact.Owner
			own(tx, contact, agent.Handle)
			handOver(contact.Handle, before).begin(tx)
		}
		closeLead(tx, c)
	case agent.Kind != Bot && contact.End == (End{}) && ownerOf(tx.State, contact) == 0:
		own(tx, contact, agent.Handle)
		if lead, asked := tx.Conversations.LatestOf(contact.Handle, 0); asked && lead.Status != StatusClosed {
			endLeads(contact.Handle).begin(tx)
		}
	}
}

// own is putContact of an owner that nobody has said.
func own(tx *Tx, contact Contact, owner AgentHandle) {
	keepFirst(tx, Subject{NounContact, uint64(contact.Handle)}, contact.Revision)
	contact.Owner, contact.Revision = owner, tx.Seq
	tx.Contacts.Put(contact)
	tx.emit(Record{Event: ContactChanged, Contact: contact.Handle}, nil)
}
