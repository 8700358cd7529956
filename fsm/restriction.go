package fsm

import (
	"slices"
	"strings"

	"github.com/rondohq/rondo/rotation"
)

// A Requirement is what a conversation asks of whoever takes it: each value must
// be in the agent's list of that name. The zero value asks nothing.
type Requirement struct {
	Language string `json:"language" cbor:"1,keyasint,omitempty"`
	Region   string `json:"region" cbor:"2,keyasint,omitempty"`
	Skill    string `json:"skill" cbor:"3,keyasint,omitempty"`
}

func (r *Requirement) check(c *checker) {
	if r == nil {
		return
	}
	for _, ask := range r.asks() {
		c.id("/requires/"+ask.name, ask.value)
	}
}

func (r *Requirement) value() Requirement {
	if r == nil {
		return Requirement{}
	}
	return *r
}

// An ask is one part of a demand.
type ask struct {
	name, value string
	verdict     rotation.Verdict // on who does not meet it
	met         func(Agent) bool
}

// asks returns the parts of a requirement, sorted by name.
func (r Requirement) asks() (list []ask) {
	add := func(name, value string, has func(Agent) []string) {
		if value != "" {
			list = append(list, ask{name, value, rotation.Requirement, func(a Agent) bool { return slices.Contains(has(a), value) }})
		}
	}
	add("language", r.Language, func(a Agent) []string { return a.Languages })
	add("region", r.Region, func(a Agent) []string { return a.Regions })
	add("skill", r.Skill, func(a Agent) []string { return a.Skills })
	return list
}

// text is the canonical form: name=value, sorted by name.
func (r Requirement) text() string {
	if r == (Requirement{}) {
		return ""
	}
	return textOf(r.asks())
}

func textOf(asks []ask) string {
	parts := make([]string, 0, len(asks))
	for _, a := range asks {
		parts = append(parts, a.name+"="+a.value)
	}
	return strings.Join(parts, ";")
}

// A demand is what a conversation itself asks of its assignee, so that perhaps
// only some of a team can ever take it. Those have turns of their own (decision
// 3): its text names their cursor.
type demand struct {
	state *State
	text  string
	asks  []ask

	full func(agent AgentHandle) bool // she has come to the limit of the inbox; nil: there is none
}

// demandOf returns the demand of a conversation. It is the only place that knows
// where demands come from.
func demandOf(s *State, c *Conversation) demand {
	desk, requires := deskOf(s, *c), requirementOf(c)
	d := demand{state: s, full: fullOf(s, c, desk)}
	if requires == (Requirement{}) && !desk.demands() {
		return d
	}
	asks := requires.asks()
	if desk.demands() {
		asks = append(asks, ask{"inbox", string(desk.ID), rotation.NoAccess, func(a Agent) bool { return inboxAllows(s, desk, a.Handle) }})
	}
	slices.SortFunc(asks, func(a, b ask) int { return strings.Compare(a.name, b.name) })
	d.text, d.asks = textOf(asks), asks
	return d
}

// fullOf returns who has come to the limit of the inbox of c, whose desk is known;
// nil if there is none that counts.
func fullOf(s *State, c *Conversation, desk Inbox) func(AgentHandle) bool {
	if s.Inboxes.limited.Len() == 0 {
		return nil
	}
	inbox := desk
	if desk.Handle != c.Inbox {
		inbox, _ = s.Inboxes.Get(c.Inbox)
	}
	if !inbox.Capacity.limits() || ignoresCapacity(s, c.Assignment.Team) {
		return nil
	}
	return func(agent AgentHandle) bool { return inboxFull(s, c, agent) }
}

// objection returns the one reason why an agent can never take it, or Eligible.
func (d demand) objection(agent AgentHandle) rotation.Verdict {
	if len(d.asks) == 0 {
		return rotation.Eligible
	}
	row, _ := d.state.Agents.Get(agent)
	for _, a := range d.asks {
		if !a.met(row) {
			return a.verdict
		}
	}
	return rotation.Eligible
}

// narrows says whether anybody in a ring might not take it.
func (d demand) narrows() bool { return len(d.asks) > 0 || d.full != nil }

// takes says whether an agent can take it now, as far as it depends on the
// conversation.
func (d demand) takes(agent AgentHandle) bool {
	return d.allows(agent) && (d.full == nil || !d.full(agent))
}

func (d demand) allows(agent AgentHandle) bool { return d.objection(agent) == rotation.Eligible }

// attributesChanged serves what an agent may take now that she has another
// language, region or skill.
func attributesChanged(tx *Tx, agent Agent) {
	reviewOffer(tx, agent.Handle)
	var teams []Team
	for handle := range tx.Members.TeamsOf(agent.Handle) {
		team, _ := tx.Teams.Get(handle)
		m, _ := tx.Members.Of(handle, agent.Handle)
		if m.Draining && !waitsFor(tx.State, team, agent.Handle, 0) {
			endDrainingOf(tx, team, agent.Handle)
		} else if m.Verdict == rotation.Eligible {
			teams = append(teams, team)
		}
	}
	for _, team := range teams {
		serveFor(tx, team, agent.Handle, AgentChanged)
	}
}
