package fsm

import (
	"cmp"
	"slices"
)

// A Roster is a list of agents and groups, as people write it. Groups are
// expanded wherever they stand and follow later changes (S5.7).
type Roster []Participant

// A Participant is an agent or a group, never both.
type Participant struct {
	_     struct{} `cbor:",toarray"`
	Agent AgentHandle
	Group GroupHandle
}

// expand returns the agents of a roster in its order, each once, where she stands
// first; the members of a group in the order of their names.
func expand(s *State, roster Roster) []Agent {
	var list []Agent
	seen := make(map[AgentHandle]bool, len(roster))
	add := func(handle AgentHandle) {
		if agent, ok := s.Agents.Get(handle); ok && !seen[handle] {
			seen[handle] = true
			list = append(list, agent)
		}
	}
	for _, p := range roster {
		if p.Group == 0 {
			add(p.Agent)
			continue
		}
		group, _ := s.Groups.Get(p.Group)
		for _, handle := range byName(s, group.Members) {
			add(handle)
		}
	}
	return list
}

// byName sorts agents as people expect to read them.
func byName(s *State, agents []AgentHandle) []AgentHandle {
	return slices.SortedFunc(slices.Values(agents), func(a, b AgentHandle) int {
		one, _ := s.Agents.Get(a)
		other, _ := s.Agents.Get(b)
		return cmp.Or(cmp.Compare(one.SortKey, other.SortKey), cmp.Compare(a, b))
	})
}

// names says whether a roster names a group.
func (r Roster) names(group GroupHandle) bool {
	return slices.ContainsFunc(r, func(p Participant) bool { return p.Group == group })
}
