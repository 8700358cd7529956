package httpapi

import "github.com/rondohq/rondo/fsm"

var (
	putInboxShape   = shapeOf[fsm.PutInbox]()
	inboxShape      = shapeOf[fsm.DeleteInbox]()
	inboxEntryShape = shapeOf[fsm.PutInboxAccess]()
	putContactShape = shapeOf[fsm.PutContact]()
	putOwnerShape   = shapeOf[fsm.PutContactOwner]()
	noOwnerShape    = shapeOf[fsm.DeleteContactOwner]()
)

func decodeInbox(c *call) (fsm.PutInbox, error) {
	return decode(c, putInboxShape, func(p *fsm.PutInbox) { fromPath(c, &p.ID, "id", "/id") })
}

func putInbox(a *api, c *call) (answer, error) {
	command, err := decodeInbox(c)
	if err != nil {
		return answer{}, err
	}
	return changeInbox(a, c, command)
}

func deleteInbox(a *api, c *call) (answer, error) {
	command, err := decode(c, inboxShape, func(p *fsm.DeleteInbox) { fromPath(c, &p.Inbox, "id", "/inbox") })
	if err != nil {
		return answer{}, err
	}
	return changeInbox(a, c, command)
}

func putInboxAccess(a *api, c *call) (answer, error) {
	command, err := decode(c, inboxEntryShape, func(p *fsm.PutInboxAccess) { fromInboxPath(c, &p.Inbox, &p.Agent) })
	if err != nil {
		return answer{}, err
	}
	return changeInbox(a, c, command)
}

func deleteInboxAccess(a *api, c *call) (answer, error) {
	command, err := decode(c, inboxEntryShape, func(p *fsm.DeleteInboxAccess) { fromInboxPath(c, &p.Inbox, &p.Agent) })
	if err != nil {
		return answer{}, err
	}
	return changeInbox(a, c, command)
}

func putInboxMember(a *api, c *call) (answer, error) {
	command, err := decode(c, inboxEntryShape, func(p *fsm.PutInboxMember) { fromInboxPath(c, &p.Inbox, &p.Agent) })
	if err != nil {
		return answer{}, err
	}
	return changeInbox(a, c, command)
}

func deleteInboxMember(a *api, c *call) (answer, error) {
	command, err := decode(c, inboxEntryShape, func(p *fsm.DeleteInboxMember) { fromInboxPath(c, &p.Inbox, &p.Agent) })
	if err != nil {
		return answer{}, err
	}
	return changeInbox(a, c, command)
}

func fromInboxPath(c *call, inbox *fsm.InboxID, agent *fsm.AgentID) {
	fromPath(c, inbox, "id", "/inbox")
	fromPath(c, agent, "agent", "/agent")
}

func changeInbox(a *api, c *call, command fsm.Command) (answer, error) {
	d, err := a.propose(c, command)
	if err != nil {
		return answer{}, err
	}
	row, ok := d.view.Inboxes.Get(fsm.InboxHandle(d.Subject.Handle))
	if !ok {
		return answer{}, errLost(d.Subject)
	}
	inbox := viewInbox(d.view, row)
	inbox.Warnings = viewWarnings(d.Warnings, namedByRules(d, fsm.NounInbox, string(row.ID))...)
	return d.answer(inbox), nil
}

func decodeContact(c *call) (fsm.PutContact, error) {
	return decode(c, putContactShape, func(p *fsm.PutContact) {
		fromPath(c, &p.ID, "id", "/id")
		fateOf(c, &p.Conversations)
	})
}

func putContact(a *api, c *call) (answer, error) {
	command, err := decodeContact(c)
	if err != nil {
		return answer{}, err
	}
	return changeContact(a, c, command)
}

func putContactOwner(a *api, c *call) (answer, error) {
	command, err := decode(c, putOwnerShape, func(p *fsm.PutContactOwner) {
		fromPath(c, &p.Contact, "id", "/contact")
		fateOf(c, &p.Conversations)
	})
	if err != nil {
		return answer{}, err
	}
	return changeContact(a, c, command)
}

func deleteContactOwner(a *api, c *call) (answer, error) {
	command, err := decode(c, noOwnerShape, func(p *fsm.DeleteContactOwner) {
		fromPath(c, &p.Contact, "id", "/contact")
		fateOf(c, &p.Conversations)
	})
	if err != nil {
		return answer{}, err
	}
	return changeContact(a, c, command)
}

func changeContact(a *api, c *call, command fsm.Command) (answer, error) {
	d, err := a.propose(c, command)
	if err != nil {
		return answer{}, err
	}
	row, ok := d.view.Contacts.Get(fsm.ContactHandle(d.Subject.Handle))
	if !ok {
		return answer{}, errLost(d.Subject)
	}
	contact := viewContact(d.view, row)
	contact.Warnings = viewWarnings(d.Warnings)
	return d.answer(contact), nil
}
