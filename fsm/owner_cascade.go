package fsm

// The owner of a contact has its conversations, too (S4.14, K16): whoever changes
// the owner gives them over, unless the call says otherwise.

// What becomes of the conversations of a contact whose owner is changed.
const (
	allOfThem  = "all"
	noneOfThem = "none"
)

// ownerFollows gives the conversations of a contact, which is stored, to the owner
// it has now, if that is another one. A command calls it at its very end: what it
// decides has numbers of its own.
func ownerFollows(tx *Tx, row, old Contact) {
	if row.Owner != old.Owner && old.Handle != 0 {
		handOver(row.Handle, old.Owner).run(tx)
	}
}

// leadsEnd ends what asked for an owner of a contact, which has one now, while its
// conversations stay where they are: a lead that went on would take it from her.
func leadsEnd(tx *Tx, row, old Contact) {
	if row.Owner != old.Owner && row.Owner != 0 && old.Handle != 0 {
		endLeads(row.Handle).run(tx)
	}
}

func endLeads(contact ContactHandle) Chore {
	return Chore{Kind: ChoreLeads, Because: ContactChanged, OfContact: OfContact{Contact: contact}}
}

// handOver is the chore of it. before is who was the owner: without a new one, what
// is hers goes back to the rotation.
func handOver(contact ContactHandle, before AgentHandle) Chore {
	return Chore{Kind: ChoreOwner, Agent: before, Because: ContactChanged, OfContact: OfContact{Contact: contact}}
}

// give over one conversation of a contact whose owner has changed. What a person
// said of this very one stands, and so does what was decided since; an outbound one
// goes to the owner with the reply.
func (c Chore) handOver(tx *Tx, row Conversation) {
	at := row.Assignment
	contact, _ := tx.Contacts.Get(c.Contact)
	owner := ownerOf(tx.State, contact)
	inbox, _ := tx.Inboxes.Get(row.Inbox)
	switch {
	case row.Lead && owner != 0:
		giveToOwner(tx, &row, owner)
	case at.Individual, at.State == StateHeld, at.State == StateOutbound, at.SinceMs > c.BegunMs:
	case owner == 0:
		if at.State == StateAssigned && at.Assignee == c.Agent && row.Status == StatusOpen {
			sendBack(tx, &row, ConversationRequeued)
		}
	case at.Assignee != owner && at.For != owner && hasAccess(tx.State, inbox, owner):
		giveToOwner(tx, &row, owner)
	}
}

func giveToOwner(tx *Tx, c *Conversation, owner AgentHandle) {
	tx.subject = c.Handle
	team, _ := tx.Teams.Get(c.Assignment.Team)
	before := c.Assignment.Assignee
	leave(tx, c, team)
	give(tx, c,
		Assignment{State: StateAssigned, SinceMs: tx.NowMs, Team: team.Handle, Assignee: owner},
		Decision{Kind: DecidedOwner, Trigger: ContactChanged, Before: before}, ConversationAssigned)
}
