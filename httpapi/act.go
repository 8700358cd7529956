package httpapi

import (
	"fmt"

	"github.com/google/uuid"

	"github.com/rondohq/rondo/fsm"
)

var (
	openShape    = shapeOf[fsm.OpenConversation]()
	messageShape = shapeOf[fsm.ReceiveMessage]()
	claimShape   = shapeOf[fsm.ClaimConversation]()
	assignShape  = shapeOf[fsm.AssignConversation]()

	// Of the actions that say nothing but which conversation.
	plainShape = shapeOf[fsm.CloseConversation]()
)

// mint returns new, time-ordered ids for what a client did not name: the
// conversation, and the contact, should there be none with the address.
func mint() (conversation fsm.ConversationID, contact fsm.ContactID, err error) {
	c, err := uuid.NewV7()
	if err != nil {
		return "", "", fmt.Errorf("mint an id: %w", err)
	}
	p, err := uuid.NewV7()
	if err != nil {
		return "", "", fmt.Errorf("mint an id: %w", err)
	}
	return fsm.ConversationID(c.String()), fsm.ContactID(p.String()), nil
}

func openConversation(a *api, c *call) (answer, error) {
	conversation, contact, err := mint()
	if err != nil {
		return answer{}, err
	}
	command, err := decode(c, openShape, func(o *fsm.OpenConversation) {
		switch o.ID {
		case "":
			o.MintedID = conversation
		case countID:
			c.faults = append(c.faults, reserved(countID))
		}
		if o.From != nil {
			o.MintedContact = contact
		}
	})
	if err != nil {
		return answer{}, err
	}
	d, err := a.propose(c, command)
	if err != nil {
		return answer{}, err
	}
	what, _, err := viewAction(d)
	if err != nil {
		return answer{}, err
	}
	return d.answer(openedView{Opened: d.Created, Blocked: blocked(d), actionView: what}), nil
}

// receiveMessage takes a message under its own id: whoever delivers it again, to
// whichever node, gets the answer of the first time.
func receiveMessage(a *api, c *call) (answer, error) {
	conversation, contact, err := mint()
	if err != nil {
		return answer{}, err
	}
	command, err := decode(c, messageShape, func(m *fsm.ReceiveMessage) {
		fromPath(c, &m.Inbox, "id", "/inbox")
		m.MintedID, m.MintedContact = conversation, contact
	})
	if err != nil {
		return answer{}, err
	}
	c.key = fsm.Key{Source: fsm.KeyMessage, Scope: string(command.Inbox), Text: command.ID}
	return receiveAs(a, c, command)
}

func claimConversation(a *api, c *call) (answer, error) {
	command, err := decode(c, claimShape, func(p *fsm.ClaimConversation) { fromPath(c, &p.Conversation, "id", "/conversation") })
	if err != nil {
		return answer{}, err
	}
	return a.changeConversation(c, command)
}

func assignConversation(a *api, c *call) (answer, error) {
	command, err := decode(c, assignShape, func(p *fsm.AssignConversation) { fromPath(c, &p.Conversation, "id", "/conversation") })
	if err != nil {
		return answer{}, err
	}
	return a.changeConversation(c, command)
}

func unassignConversation(a *api, c *call) (answer, error) {
	command, err := decode(c, unassignShape, func(p *fsm.UnassignConversation) {
		fromPath(c, &p.Conversation, "id", "/conversation")
		believed(c, "if_assignee", &p.IfAssignee.Set, &p.IfAssignee.Agent)
		believed(c, "if_decision", new(bool), &p.IfDecision)
	})
	if err != nil {
		return answer{}, err
	}
	return a.changeConversation(c, command)
}

func requeueConversation(a *api, c *call) (answer, error) {
	command, err := decode(c, requeueShape, func(p *fsm.RequeueConversation) { fromPath(c, &p.Conversation, "id", "/conversation") })
	if err != nil {
		return answer{}, err
	}
	return a.changeConversation(c, command)
}

func closeConversation(a *api, c *call) (answer, error) {
	command, err := decode(c, plainShape, func(p *fsm.CloseConversation) { fromPath(c, &p.Conversation, "id", "/conversation") })
	if err != nil {
		return answer{}, err
	}
	return a.changeConversation(c, command)
}

func reopenConversation(a *api, c *call) (answer, error) {
	command, err := decode(c, plainShape, func(p *fsm.ReopenConversation) { fromPath(c, &p.Conversation, "id", "/conversation") })
	if err != nil {
		return answer{}, err
	}
	return a.changeConversation(c, command)
}

func (a *api) changeConversation(c *call, command fsm.Command) (answer, error) {
	d, err := a.propose(c, command)
	if err != nil {
		return answer{}, err
	}
	what, _, err := viewAction(d)
	if err != nil {
		return answer{}, err
	}
	return d.answer(what), nil
}
