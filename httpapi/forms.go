package httpapi

import (
	"fmt"

	"github.com/rondohq/rondo/fsm"
)

var (
	formShape    = shapeOf[fsm.SubmitForm]()
	noteShape    = shapeOf[fsm.NoteConversation]()
	qualifyShape = shapeOf[fsm.QualifyContact]()
)

// formScope tells the keys of forms from those of messages. No id of an inbox holds a
// slash.
const formScope = "form/"

// A submittedView is the answer to who submits a form.
type submittedView struct {
	Contact  contactView   `json:"contact"`
	Decision *decisionView `json:"decision"` // that a rule has made at once; null: none
	Blocked  bool          `json:"blocked"`
}

// submitForm takes a form under its own id, as a message.
func submitForm(a *api, c *call) (answer, error) {
	_, contact, err := mint()
	if err != nil {
		return answer{}, err
	}
	command, err := decode(c, formShape, func(f *fsm.SubmitForm) {
		fromPath(c, &f.Inbox, "id", "/inbox")
		f.MintedContact = contact
	})
	if err != nil {
		return answer{}, err
	}
	c.key = fsm.Key{Source: fsm.KeyMessage, Scope: formScope + string(command.Inbox), Text: command.ID}
	d, err := a.propose(c, command)
	if err != nil {
		return answer{}, err
	}
	row, ok := d.view.Contacts.Get(fsm.ContactHandle(d.Subject.Handle))
	if !ok {
		return answer{}, errLost(d.Subject)
	}
	view := submittedView{Contact: viewContact(d.view, row), Blocked: blocked(d)}
	var more []warningView
	if rec, kept := d.view.Records.ByID(d.Decision); kept && rec.Decision != nil {
		decision := viewDecision(d.view, rec)
		view.Decision = &decision
	} else if !d.Decision.IsZero() {
		more = append(more, warningView{"decision_forgotten", fmt.Sprintf("decision %s was made and is no longer kept", d.Decision)})
	}
	view.Contact.Warnings = viewWarnings(d.Warnings, more...)
	return d.answer(view), nil
}

func noteConversation(a *api, c *call) (answer, error) {
	command, err := decode(c, noteShape, func(p *fsm.NoteConversation) { fromPath(c, &p.Conversation, "id", "/conversation") })
	if err != nil {
		return answer{}, err
	}
	return a.changeConversation(c, command)
}

func qualifyContact(a *api, c *call) (answer, error) {
	command, err := decode(c, qualifyShape, func(p *fsm.QualifyContact) { fromPath(c, &p.Contact, "id", "/contact") })
	if err != nil {
		return answer{}, err
	}
	return changeContact(a, c, command)
}
