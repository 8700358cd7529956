package httpapi

import (
	"net/http"

	"github.com/rondohq/rondo/fsm"
)

// The catalogue of what conditions may ask about: for people who write rules, and
// for what helps them.

type ruleFieldsView struct {
	Items []ruleFieldView `json:"items"`
}

// A ruleFieldView is a field that a condition may ask about.
type ruleFieldView struct {
	Name       string        `json:"name"`
	Type       fsm.FieldType `json:"type"`
	Of         *string       `json:"of"`
	OfRequired bool          `json:"of_required"`
	Operators  []string      `json:"operators"`
	Values     []string      `json:"values"`
	Max        *uint64       `json:"max"`
	About      string        `json:"about"`
}

func listRuleFields(a *api, c *call) (answer, error) {
	v, err := a.view(c)
	if err != nil {
		return answer{}, err
	}
	view := ruleFieldsView{Items: []ruleFieldView{}}
	for _, f := range fsm.ConditionFields() {
		shown := ruleFieldView{Name: f.Name, Type: f.Type, Of: orNull(f.Of), OfRequired: f.OfNeed,
			Operators: f.Operators(), Values: append([]string{}, f.Values...), About: f.Says}
		if f.Max > 0 {
			shown.Max = &f.Max
		}
		view.Items = append(view.Items, shown)
	}
	return show(v, view)
}

// A ruleTrial says on what a rule is tried: a conversation, or an inbox and a contact
// who would open one.
type ruleTrial struct {
	Conversation fsm.ConversationID `json:"conversation"`
	Inbox        fsm.InboxID        `json:"inbox"`
	Contact      fsm.ContactID      `json:"contact"`
	Form         string             `json:"form"`
}

var ruleTrialShape = shapeOf[ruleTrial]()

// A ruleTrialView is whether a rule would answer, if what it waits for happened now.
type ruleTrialView struct {
	Rule  fsm.RuleID      `json:"rule"`
	State string          `json:"state"`
	Index uint64          `json:"index"`
	Draft ruleAnswerView  `json:"draft"`
	Live  *ruleAnswerView `json:"live"`
}

// A ruleAnswerView is whether a rule would answer and, if not, what failed.
type ruleAnswerView struct {
	On      string  `json:"on"`
	Answers bool    `json:"answers"`
	Pointer *string `json:"pointer"`
	Because *string `json:"because"`
}

func tryRule(a *api, c *call) (answer, error) {
	trial, err := read[ruleTrial](c, ruleTrialShape)
	if err != nil {
		return answer{}, err
	}
	v, err := a.view(c)
	if err != nil {
		return answer{}, err
	}
	rule, ok := v.Rules.ByID(fsm.RuleID(c.path["id"]))
	if !ok {
		return answer{}, absent(v, "rule", c.path["id"])
	}
	question, err := trial.question(c, v)
	if err != nil {
		return answer{}, err
	}
	view := ruleTrialView{Rule: rule.ID, State: rule.State.String(), Index: v.Index, Draft: viewRuleAnswer(rule.Draft, rule.Draft.Ask(v, question))}
	if rule.Live != nil {
		live := viewRuleAnswer(*rule.Live, rule.Live.Ask(v, question))
		view.Live = &live
	}
	return answer{status: http.StatusOK, body: view, index: v.Index}, nil
}

func viewRuleAnswer(b fsm.RuleBody, r fsm.RuleAnswer) ruleAnswerView {
	return ruleAnswerView{On: b.On.On, Answers: r.Answers, Pointer: orNull(r.Pointer), Because: orNull(r.Says)}
}

// question finds what the trial names. What the caller may not see is not there.
func (t ruleTrial) question(c *call, v *fsm.State) (q fsm.RuleQuestion, err error) {
	q.Form = t.Form
	switch byHand := t.Inbox != "" || t.Contact != ""; {
	case t.Conversation != "" && byHand:
		return q, invalid(inBody("/conversation", "ambiguous", "give a conversation, or an inbox and a contact, not both"))
	case t.Conversation == "" && !byHand:
		return q, invalid(inBody("/conversation", "required", "give a conversation, or an inbox and a contact"))
	case t.Conversation != "":
		row, ok := visible(c, v, string(t.Conversation))
		if !ok {
			return q, absent(v, "conversation", string(t.Conversation))
		}
		q.Conversation = row.Handle
		return q, nil
	}
	if t.Contact == "" {
		return q, invalid(inBody("/contact", "required", "say which contact would write"))
	}
	contact, ok := v.Contacts.ByID(t.Contact)
	if !ok {
		return q, absentContact(v, string(t.Contact))
	}
	inbox, ok := v.Inboxes.ByID(t.Inbox)
	if !ok && t.Inbox != "" {
		return q, absent(v, "inbox", string(t.Inbox))
	}
	q.Contact, q.Inbox = contact.Handle, inbox.Handle
	return q, nil
}
