package httpapi

import "github.com/rondohq/rondo/fsm"

var (
	addMessageShape = shapeOf[fsm.AddMessage]()
	snoozeShape     = shapeOf[fsm.SnoozeConversation]()
	priorityShape   = shapeOf[fsm.PutPriority]()
)

func handOffConversation(a *api, c *call) (answer, error) {
	command, err := decode(c, plainShape, func(p *fsm.HandOffConversation) { fromPath(c, &p.Conversation, "id", "/conversation") })
	if err != nil {
		return answer{}, err
	}
	return a.changeConversation(c, command)
}

func snoozeConversation(a *api, c *call) (answer, error) {
	command, err := decode(c, snoozeShape, func(p *fsm.SnoozeConversation) { fromPath(c, &p.Conversation, "id", "/conversation") })
	if err != nil {
		return answer{}, err
	}
	return a.changeConversation(c, command)
}

func putPriority(a *api, c *call) (answer, error) {
	command, err := decode(c, priorityShape, func(p *fsm.PutPriority) { fromPath(c, &p.Conversation, "id", "/conversation") })
	if err != nil {
		return answer{}, err
	}
	return a.changeConversation(c, command)
}

func readConversation(a *api, c *call) (answer, error) {
	command, err := decode(c, plainShape, func(p *fsm.ReadConversation) { fromPath(c, &p.Conversation, "id", "/conversation") })
	if err != nil {
		return answer{}, err
	}
	return a.changeConversation(c, command)
}

// addMessage takes a message whose conversation is known, under its own id.
func addMessage(a *api, c *call) (answer, error) {
	conversation, _, err := mint()
	if err != nil {
		return answer{}, err
	}
	command, err := decode(c, addMessageShape, func(m *fsm.AddMessage) {
		fromPath(c, &m.Conversation, "id", "/conversation")
		m.MintedID = conversation
	})
	if err != nil {
		return answer{}, err
	}
	// No id of an inbox holds a slash, so these are keys of their own.
	c.key = fsm.Key{Source: fsm.KeyMessage, Scope: conversationScope + string(command.Conversation), Text: command.ID}
	return receiveAs(a, c, command)
}

const conversationScope = "conversation/"

// receiveAs answers a message with what became of it.
func receiveAs(a *api, c *call, command fsm.Command) (answer, error) {
	d, err := a.propose(c, command)
	if err != nil {
		return answer{}, err
	}
	what, decided, err := viewAction(d)
	if err != nil {
		return answer{}, err
	}
	received := receivedView{Opened: d.Created, Reopened: decided.Event == fsm.ConversationReopened, Blocked: blocked(d), actionView: what}
	return d.answer(received), nil
}
