package fsm

import (
	"fmt"
	"slices"
)

// What uses a thing, and what follows when it is removed. A noun that names agents,
// groups or teams adds its function to the lists below, and to nothing else.

// usesOfAgent name what would not work without an agent.
var usesOfAgent = []func(s *State, agent AgentHandle) []string{
	fallbacksTo,
}

// usesOfGroup name what lists a group.
var usesOfGroup = []func(s *State, group GroupHandle) []string{
	teamsWith,
}

// usesOfTeam name what sends to a team.
var usesOfTeam = []func(s *State, team TeamHandle) []string{
	inboxesTo,
}

// departures take an agent, whose row says already that she is removed, out of
// what lists her.
var departures = []func(tx *Tx, agent Agent){
	endPresence,
	leaveGroups,
	leaveTeams,
}

// refuseInUse refuses to remove a thing that something else needs, by names of the
// first few.
func refuseInUse[H any](s *State, noun, id string, handle H, uses []func(*State, H) []string) error {
	var list []string
	for _, find := range uses {
		list = append(list, find(s, handle)...)
	}
	if len(list) == 0 {
		return nil
	}
	const shown = 3
	more := ""
	if n := len(list) - shown; n > 0 {
		list, more = list[:shown], fmt.Sprintf(" and %d more", n)
	}
	text := list[0]
	for _, use := range list[1:] {
		text += ", " + use
	}
	return reject(InUse, "%s %q is %s%s; change that first", noun, id, text, more)
}

func fallbacksTo(s *State, agent AgentHandle) (list []string) {
	for team := range s.Teams.FromID("") {
		if team.Rotation.Fallback == FallbackAgent && team.Rotation.FallbackAgent == agent {
			list = append(list, fmt.Sprintf("the fallback of team %q", team.ID))
		}
	}
	return list
}

func teamsWith(s *State, group GroupHandle) (list []string) {
	for handle := range s.Teams.OfGroup(group) {
		team, _ := s.Teams.Get(handle)
		list = append(list, fmt.Sprintf("in team %q", team.ID))
	}
	return list
}

func inboxesTo(s *State, team TeamHandle) (list []string) {
	for inbox := range s.Inboxes.FromID("") {
		if inbox.Team == team {
			list = append(list, fmt.Sprintf("the team of inbox %q", inbox.ID))
		}
	}
	return list
}

// endPresence ends the presence of somebody who has gone, and what would change it.
func endPresence(tx *Tx, agent Agent) {
	disarm(tx, agent)
	tx.Timers.Delete(agent.planTimer())
	agent.Presence, agent.Plan = Presence{SinceMs: tx.NowMs, By: tx.actor}, Plan{}
	tx.Agents.Put(agent)
}

func leaveGroups(tx *Tx, agent Agent) {
	for _, handle := range slices.Collect(tx.Groups.OfAgent(agent.Handle)) {
		group, _ := tx.Groups.Get(handle)
		changeGroup(tx, group, group.without(agent.Handle))
	}
}

// leaveTeams takes an agent, who is in no group any more, out of her teams, and of
// those she supervises.
func leaveTeams(tx *Tx, agent Agent) {
	for _, handle := range slices.Collect(tx.Members.TeamsOf(agent.Handle)) {
		team, _ := tx.Teams.Get(handle)
		unlist(tx, team, agent.Handle)
	}
	for _, team := range slices.Collect(tx.Teams.FromID("")) {
		if slices.Contains(team.Supervisors, agent.Handle) {
			team.Supervisors = slices.DeleteFunc(slices.Clone(team.Supervisors), func(h AgentHandle) bool { return h == agent.Handle })
			team.Supervisors = orNil(team.Supervisors)
			changeTeam(tx, team)
		}
	}
}
