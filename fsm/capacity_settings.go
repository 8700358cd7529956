package fsm

import (
	"cmp"
	"fmt"
	"maps" //tidy:ordered its keys are sorted before they are looked at
	"slices"
)

// MaxOpenLimit bounds the limits on open conversations.
const MaxOpenLimit = 100_000

// LimitSettings are the Limits of an agent as clients write them. Null, or left
// out, is no limit; 0 would be an agent who never gets anything, which is what a
// presence is for (K65).
type LimitSettings struct {
	Open *uint32 `json:"open" cbor:"1,keyasint,omitempty"`
}

// CapacitySettings are a Capacity as clients write it.
type CapacitySettings struct {
	Open   *uint32            `json:"open" cbor:"1,keyasint,omitempty"`   // for everybody
	Agents map[AgentID]uint32 `json:"agents" cbor:"2,keyasint,omitempty"` // instead of it
}

func (l *LimitSettings) check(c *checker) {
	if l != nil {
		checkLimit(c, "/limits/open", l.Open)
	}
}

func (l *LimitSettings) resolve() Limits {
	if l == nil {
		return Limits{}
	}
	return Limits{Open: valueOr(l.Open, 0)}
}

func checkLimit(c *checker, pointer string, n *uint32) {
	if n != nil && (*n < 1 || *n > MaxOpenLimit) {
		c.add(pointer, "out_of_range", "%d, it must be from 1 to %d; null is no limit", *n, MaxOpenLimit)
	}
}

func (s *CapacitySettings) check(c *checker) {
	if s == nil {
		return
	}
	checkLimit(c, "/capacity/open", s.Open)
	if len(s.Agents) > MaxMembers {
		c.add("/capacity/agents", "too_many", "%d, at most %d are allowed", len(s.Agents), MaxMembers)
		return
	}
	for _, id := range slices.Sorted(maps.Keys(s.Agents)) {
		at := fmt.Sprintf("/capacity/agents/%s", clip(string(id)))
		c.id(at, string(id))
		if n := s.Agents[id]; n < 1 || n > MaxOpenLimit {
			c.add(at, "out_of_range", "%d, it must be from 1 to %d; leave her out if she has the limit of everybody", n, MaxOpenLimit)
		}
	}
}

// resolve returns the capacity that the settings stand for; references to nothing
// are added to c.
func (s *CapacitySettings) resolve(state *State, c *checker) (row Capacity) {
	if s == nil {
		return row
	}
	row.Open = valueOr(s.Open, 0)
	for _, id := range slices.Sorted(maps.Keys(s.Agents)) {
		agent, ok := state.Agents.ByID(id)
		if !ok {
			c.add("/capacity/agents/"+string(id), "unknown_agent", "there is no agent %q; create it first", id)
		}
		row.Agents = append(row.Agents, AgentLimit{Agent: agent.Handle, Open: s.Agents[id]})
	}
	slices.SortFunc(row.Agents, func(a, b AgentLimit) int { return cmp.Compare(a.Agent, b.Agent) })
	return row
}

// leaveLimits takes an agent out of the capacities that name her.
func leaveLimits(tx *Tx, agent Agent) {
	names := func(c Capacity) bool {
		return slices.ContainsFunc(c.Agents, func(l AgentLimit) bool { return l.Agent == agent.Handle })
	}
	for _, team := range slices.Collect(tx.Teams.FromID("")) {
		if names(team.Capacity) {
			team.Capacity = team.Capacity.without(agent.Handle)
			changeTeam(tx, team)
		}
	}
	for _, inbox := range slices.Collect(tx.Inboxes.FromID("")) {
		if names(inbox.Capacity) {
			inbox.Capacity = inbox.Capacity.without(agent.Handle)
			keepInbox(tx, inbox)
		}
	}
}
