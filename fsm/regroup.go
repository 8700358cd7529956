package fsm

import "slices"

// What follows when the members of a group change. A noun that names groups adds
// its function to each list below, and to nothing else.

// followers bring what is derived from a group up to date.
var followers = []func(tx *Tx, group Group){
	reseatTeamsOf,
	inboxesFollow,
}

// objectors refuse a change of a group that would break a limit elsewhere. They
// are asked before anything is written.
var objectors = []func(tx *Tx, changed Group) error{
	refuseSeatsOf,
}

// regrouped is called when the row of a group with other members has been stored.
func regrouped(tx *Tx, group Group) {
	for _, follow := range followers {
		follow(tx, group)
	}
}

// refuseRegroup says why a group may not become changed, if so.
func refuseRegroup(tx *Tx, changed Group) error {
	for _, object := range objectors {
		if err := object(tx, changed); err != nil {
			return err
		}
	}
	return nil
}

// changeGroup stores a group that has changed, tells of it, and lets the others
// follow.
func changeGroup(tx *Tx, old, row Group) {
	row.Revision = tx.Seq
	tx.Groups.Put(row)
	tx.emit(Record{Event: GroupChanged, Group: row.Handle}, nil)
	if !slices.Equal(old.Members, row.Members) {
		regrouped(tx, row)
	}
}

func reseatTeamsOf(tx *Tx, group Group) {
	for _, handle := range slices.Collect(tx.Teams.OfGroup(group.Handle)) {
		team, _ := tx.Teams.Get(handle)
		reseatTeam(tx, team, team, team.Roster, expand(tx.State, team.Roster))
	}
}

// refuseSeatsOf judges the limits over all teams that the group is in.
func refuseSeatsOf(tx *Tx, changed Group) error {
	joins := map[AgentHandle]int{}
	for handle := range tx.Teams.OfGroup(changed.Handle) {
		team, _ := tx.Teams.Get(handle)
		agents := expandWith(tx.State, team.Roster, &changed)
		if len(agents) > MaxMembers {
			return reject(TeamFull, "team %q, which has group %q, would have %d members, and a team may have %d",
				team.ID, changed.ID, len(agents), MaxMembers)
		}
		for _, a := range agents {
			if _, member := tx.Members.Of(handle, a.Handle); !member {
				joins[a.Handle]++
			}
		}
	}
	for _, handle := range changed.Members {
		n := 0
		for range tx.Members.TeamsOf(handle) {
			n++
		}
		if joins[handle] > 0 && n+joins[handle] > MaxTeamsOfAgent {
			agent, _ := tx.Agents.Get(handle)
			return reject(TooManyTeams, "agent %q is in %d teams already and would join %d more through group %q; an agent may be in %d",
				agent.ID, n, joins[handle], changed.ID, MaxTeamsOfAgent)
		}
	}
	return nil
}

// refuseMoreGroups keeps the removal of an agent bounded: it changes each of her
// groups.
func refuseMoreGroups(tx *Tx, group GroupHandle, agents []AgentHandle) error {
	for _, handle := range agents {
		n, member := 0, false
		for other := range tx.Groups.OfAgent(handle) {
			member = member || other == group
			n++
		}
		if !member && n >= MaxGroupsOfAgent {
			agent, _ := tx.Agents.Get(handle)
			return reject(TooManyGroups, "agent %q is in %d groups already; leave one first", agent.ID, n)
		}
	}
	return nil
}
