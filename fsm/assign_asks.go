package fsm

import (
	"cmp"

	"github.com/rondohq/rondo/rotation"
)

// What a rule's step "assign to a team" says of how the team is to pick. This file
// is the only one of the rules that knows type Asks.

// A Narrowing is what a rule asks of whoever takes a conversation, besides what the
// conversation asks itself. It holds as long as the conversation is given back to
// the team that the rule brought it to: who passes it on to another one means that
// team's people, and not those whom the rule meant.
type Narrowing struct {
	Team     TeamHandle  `cbor:"1,keyasint,omitempty"`
	Requires Requirement `cbor:"2,keyasint,omitzero"`
	Asks     Asks        `cbor:"3,keyasint,omitzero"`
}

// narrow notes on c how a step wants it to be given in a team. The caller stores c.
func narrow(s *State, c *Conversation, step *AssignStep, team Team) {
	policy, overrides := rotation.ParsePolicy(step.AssignTo)
	strategy, chooses := numberOf(strategies, step.Strategy)
	asks := Asks{FewerThan: step.FewerThan, AnyLoad: step.IgnoreLimit}
	if overrides {
		asks.AssignTo = 1 + uint8(policy)
	}
	if chooses {
		asks.Strategy = 1 + uint8(strategy)
	}
	if step.Schedule != "" {
		asks.Shift, _ = scheduleNamed(s, step.Schedule)
	}
	c.Home = team.Handle
	next := Narrowing{team.Handle, step.required(customerOf(s, *c)), asks}
	c.Narrowed = &next
}

// narrowing returns what a rule asks of c where it is now.
func narrowing(c *Conversation) Narrowing {
	if c.Narrowed == nil || c.Narrowed.Team != c.Home {
		return Narrowing{}
	}
	return *c.Narrowed
}

// asksOf returns how c wants to be given where it is now.
func asksOf(c *Conversation) Asks {
	if c.Narrowed == nil {
		return Asks{}
	}
	return narrowing(c).Asks
}

// requirementOf returns what is asked of whoever takes c: by itself, and, where both
// say something, rather by the rule that brought it to its team.
func requirementOf(c *Conversation) Requirement {
	if c.Narrowed == nil {
		return c.Requires
	}
	by := narrowing(c).Requires
	return Requirement{
		Language: cmp.Or(by.Language, c.Requires.Language),
		Region:   cmp.Or(by.Region, c.Requires.Region),
		Skill:    cmp.Or(by.Skill, c.Requires.Skill),
	}
}

// What of a contact may be matched with the agent.
const (
	matchLanguage = "language"
	matchRegion   = "region"
)

// required returns what a step requires for a contact. What is not known of the
// contact is not required.
func (a *AssignStep) required(contact Contact) Requirement {
	r := a.Requires.value()
	for _, match := range a.Match {
		switch match {
		case matchLanguage:
			r.Language = cmp.Or(r.Language, contact.Language)
		case matchRegion:
			r.Region = cmp.Or(r.Region, contact.Region)
		}
	}
	return r
}
