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
	defaultsTo,
	botsOf,
	escalationsTo,
}

// usesOfGroup name what lists a group.
var usesOfGroup = []func(s *State, group GroupHandle) []string{
	teamsWith,
	inboxesListing,
	schedulesListing,
}

// usesOfTeam name what sends to a team.
var usesOfTeam = []func(s *State, team TeamHandle) []string{
	inboxesTo,
	fallbacksToTeam,
	viewsSharedWith,
	escalationsToTeam,
}

// departures take an agent, whose row says already that she is removed, out of
// what lists her.
var departures = []func(tx *Tx, agent Agent){
	endPresence,
	leaveGroups,
	leaveTeams,
	leaveInboxes,
	leaveContacts,
	stopFollowing,
	leaveViews,
	leaveSchedules,
	leaveLimits,
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
		if slices.ContainsFunc(team.Rotation.Steps(), func(f FallbackStep) bool { return f.Agent == agent }) {
			list = append(list, fmt.Sprintf("the fallback of team %q", team.ID))
		}
	}
	return list
}

func fallbacksToTeam(s *State, team TeamHandle) (list []string) {
	for other := range s.Teams.FromID("") {
		if slices.ContainsFunc(other.Rotation.Steps(), func(f FallbackStep) bool { return f.Team == team }) {
			list = append(list, fmt.Sprintf("the fallback of team %q", other.ID))
		}
	}
	return list
}

func defaultsTo(s *State, agent AgentHandle) (list []string) {
	for inbox := range s.Inboxes.FromID("") {
		if inbox.Mode == ModeDefaultAssignee && inbox.Rules.DefaultAssignee == agent {
			list = append(list, fmt.Sprintf("the default assignee of inbox %q", inbox.ID))
		}
	}
	return list
}

func inboxesListing(s *State, group GroupHandle) (list []string) {
	for handle := range s.Inboxes.naming(Participant{Group: group}) {
		if inbox, _ := s.Inboxes.Get(handle); !inbox.Removed {
			list = append(list, fmt.Sprintf("in a list of inbox %q", inbox.ID))
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

// leaveInboxes takes an agent out of the lists of inboxes. The last one on a list
// stays there by name, since an empty list would let everybody in.
func leaveInboxes(tx *Tx, agent Agent) {
	without := func(list Roster) Roster {
		if len(list) < 2 {
			return list
		}
		return slices.DeleteFunc(slices.Clone(list), func(p Participant) bool { return p.Agent == agent.Handle })
	}
	for _, handle := range slices.Collect(tx.Inboxes.naming(Participant{Agent: agent.Handle})) {
		inbox, _ := tx.Inboxes.Get(handle)
		row := inbox
		row.People = InboxPeople{without(inbox.People.Access), without(inbox.People.Members)}
		if !row.People.equal(inbox.People) {
			keepInbox(tx, row) // it lets nobody in, so there is nothing to serve
		}
	}
}

// leaveContacts sends what waits for an agent as the owner where it goes without
// one. Her contacts keep her name: putting her again is putting her back.
func leaveContacts(tx *Tx, agent Agent) { letGo(tx, agent.Handle) }
