package fsm

import (
	"fmt"
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
func expand(s *State, roster Roster) []Agent { return expandWith(s, roster, nil) }

// expandWith is expand as it will be when a group has become changed.
func expandWith(s *State, roster Roster, changed *Group) []Agent {
	var list []Agent
	seen := make(map[AgentHandle]bool, len(roster))
	add := func(handle AgentHandle) {
		if agent, ok := s.Agents.shown(handle); ok && !seen[handle] {
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
		if changed != nil && changed.Handle == p.Group {
			group = *changed
		}
		for _, handle := range byName(s, group.Members) {
			add(handle)
		}
	}
	return list
}

// byName sorts agents as people expect to read them.
func byName(s *State, agents []AgentHandle) []AgentHandle {
	list := make([]spelling, 0, len(agents))
	for _, handle := range agents {
		agent, _ := s.Agents.Get(handle)
		list = append(list, spelling{agent.SortKey, handle})
	}
	slices.SortFunc(list, spelling.compare)
	sorted := make([]AgentHandle, 0, len(list))
	for _, at := range list {
		sorted = append(sorted, at.handle)
	}
	return sorted
}

// grouped says whether a roster names any group at all.
func (r Roster) grouped() bool {
	return slices.ContainsFunc(r, func(p Participant) bool { return p.Group != 0 })
}

// lists says whether a roster names an agent herself.
func (r Roster) lists(agent AgentHandle) bool { return slices.Contains(r, Participant{Agent: agent}) }

// without returns a roster that does not name an agent herself.
func (r Roster) without(agent AgentHandle) Roster {
	return slices.DeleteFunc(slices.Clone(r), func(p Participant) bool { return p == Participant{Agent: agent} })
}

// A RosterEntry is a participant as clients write it: an agent or a group.
type RosterEntry struct {
	Agent AgentID `json:"agent" cbor:"1,keyasint,omitempty"`
	Group GroupID `json:"group" cbor:"2,keyasint,omitempty"`
}

// checkRoster judges a roster by itself. Whoever is named twice is a slip.
func checkRoster(c *checker, pointer string, entries []RosterEntry, limit int) {
	if len(entries) > limit {
		c.add(pointer, "too_many", "%d, at most %d are allowed", len(entries), limit)
		return
	}
	seen := make(map[RosterEntry]bool, len(entries))
	for i, e := range entries {
		at := fmt.Sprintf("%s/%d", pointer, i)
		switch {
		case e.Agent != "" && e.Group != "":
			c.add(at, "ambiguous", "name an agent or a group, not both")
		case e == (RosterEntry{}):
			c.add(at, "required", "name an agent or a group")
		case e.Group != "":
			c.id(at+"/group", string(e.Group))
		default:
			c.id(at+"/agent", string(e.Agent))
		}
		if seen[e] && e != (RosterEntry{}) {
			noun, id := e.what()
			c.add(at+"/"+noun, "duplicate", "%s %q is listed twice", noun, clip(id))
		}
		seen[e] = true
	}
}

func (e RosterEntry) what() (noun, id string) {
	if e.Group != "" {
		return "group", string(e.Group)
	}
	return "agent", string(e.Agent)
}

// resolveRoster returns the roster that the entries stand for; references to
// nothing are added to c.
func resolveRoster(s *State, c *checker, pointer string, entries []RosterEntry) Roster {
	var roster Roster
	for i, e := range entries {
		agent, ok := s.Agents.ByID(e.Agent)
		group, known := s.Groups.ByID(e.Group)
		if !ok && !known {
			noun, id := e.what()
			c.add(fmt.Sprintf("%s/%d/%s", pointer, i, noun), "unknown_"+noun, "there is no %s %q; create it first", noun, id)
		}
		roster = append(roster, Participant{Agent: agent.Handle, Group: group.Handle})
	}
	return roster
}

// A ListedAgent names an agent where only agents may stand.
type ListedAgent struct {
	Agent AgentID `json:"agent" cbor:"1,keyasint"`
}

func checkListed(c *checker, pointer string, list []ListedAgent, limit int) {
	entries := make([]RosterEntry, 0, len(list))
	for _, l := range list {
		entries = append(entries, RosterEntry{Agent: l.Agent})
	}
	checkRoster(c, pointer, entries, limit)
}

func resolveListed(s *State, c *checker, pointer string, list []ListedAgent) []AgentHandle {
	var handles []AgentHandle
	for i, l := range list {
		agent, ok := s.Agents.ByID(l.Agent)
		if !ok {
			c.add(fmt.Sprintf("%s/%d/agent", pointer, i), "unknown_agent", "there is no agent %q; create it first", l.Agent)
		}
		handles = append(handles, agent.Handle)
	}
	return handles
}
