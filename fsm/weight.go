package fsm

import (
	"fmt"
	"slices"

	"github.com/rondohq/rondo/rotation"
)

// A TeamMember names a member, or a group of them, as clients write it.
type TeamMember struct {
	Agent  AgentID `json:"agent" cbor:"1,keyasint,omitempty"`
	Group  GroupID `json:"group" cbor:"2,keyasint,omitempty"`
	Weight *uint32 `json:"weight" cbor:"3,keyasint,omitempty"` // of each; 1 (default) to 100
}

// A Weighting is how many turns a member has in a lap of a weighted rotation, or
// each member who is there through a group. Other strategies do not look at it.
type Weighting struct {
	_ struct{} `cbor:",toarray"`
	Participant
	Weight uint8
}

func checkTeamMembers(c *checker, list []TeamMember) {
	checkRoster(c, "/members", entriesOf(list), MaxMembers)
	for i := range list[:min(len(list), MaxMembers)] {
		checkWeight(c, fmt.Sprintf("/members/%d/weight", i), list[i].Weight)
	}
}

func checkWeight(c *checker, pointer string, n *uint32) {
	if n != nil && (*n < 1 || *n > rotation.MaxWeight) {
		c.add(pointer, "out_of_range", "%d, it must be from 1 to %d", *n, rotation.MaxWeight)
	}
}

func entriesOf(list []TeamMember) []RosterEntry {
	var entries []RosterEntry
	for _, m := range list {
		entries = append(entries, RosterEntry{Agent: m.Agent, Group: m.Group})
	}
	return entries
}

// weightings returns the weights that are not 1, in the order of the list, whose
// references are known to exist.
func weightings(s *State, list []TeamMember) (weights []Weighting) {
	for _, m := range list {
		agent, _ := s.Agents.ByID(m.Agent)
		group, _ := s.Groups.ByID(m.Group)
		if w := valueOr(m.Weight, 1); w > 1 {
			weights = append(weights, Weighting{Participant: Participant{Agent: agent.Handle, Group: group.Handle}, Weight: uint8(w)})
		}
	}
	return weights
}

// WeightOf returns the weight that a team gives a participant as listed.
func (t Team) WeightOf(p Participant) uint32 {
	for _, w := range t.Weights {
		if w.Participant == p {
			return uint32(w.Weight)
		}
	}
	return 1
}

// weightOf returns how many turns an agent has in a team: as many as its list says
// of her, or else of the first of her groups on it. 0 is one, as in a Member.
func weightOf(s *State, team Team, agent AgentHandle) uint8 {
	if len(team.Weights) == 0 {
		return 0
	}
	own := Participant{Agent: agent}
	for _, w := range team.Weights {
		if w.Participant == own {
			return w.Weight
		}
	}
	if team.Roster.lists(agent) { // once, by herself
		return 0
	}
	for _, p := range team.Roster {
		if group, _ := s.Groups.Get(p.Group); p.Group != 0 && group.has(agent) {
			return uint8(team.WeightOf(p))
		}
	}
	return 0
}

// weighing returns the weights of a team in which an agent has another one; nil
// leaves them as they are.
func (t Team) weighing(agent AgentHandle, weight *uint32) []Weighting {
	own := Participant{Agent: agent}
	if weight == nil || t.WeightOf(own) == *weight {
		return t.Weights
	}
	weights := slices.DeleteFunc(slices.Clone(t.Weights), func(w Weighting) bool { return w.Participant == own })
	if *weight > 1 {
		weights = append(weights, Weighting{Participant: own, Weight: uint8(*weight)})
	}
	return orNil(weights)
}

// reweigh gives a member of a team another weight. Nobody's turn moves.
func reweigh(tx *Tx, team Team, agent AgentHandle, weight *uint32) {
	weights := team.weighing(agent, weight)
	if slices.Equal(weights, team.Weights) {
		return
	}
	team.Weights = weights
	m, _ := tx.Members.Of(team.Handle, agent)
	m.Weight = weightOf(tx.State, team, agent)
	tx.Members.Put(m)
	changeTeam(tx, team)
}
