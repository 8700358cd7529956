package fsm

import (
	"github.com/rondohq/rondo/rotation"
)

// reseatTeam stores row, which was old, with the seats of the given agents: those
// of its roster, expanded. Who stays keeps her place. If anything has changed it
// is told, everybody is judged anew and the queue is served.
func reseatTeam(tx *Tx, old, row Team, roster Roster, agents []Agent) Team {
	row.Roster = nil
	if roster.grouped() {
		row.Roster = roster
	}
	row.Members = uint32(len(agents))
	if !reseat(tx, row, old.Rotation.Order, agents) && same(row, old) {
		return row
	}
	changeTeam(tx, row)
	row.Revision = tx.Seq
	reconsider(tx, row)
	return row
}

// refuseSeats judges the limits over the agents that a roster stands for, before
// the first is seated.
func refuseSeats(tx *Tx, team Team, roster Roster, agents []Agent) error {
	if len(agents) > MaxMembers {
		return reject(TeamFull, "team %q would have %d members, and a team may have %d", team.ID, len(agents), MaxMembers)
	}
	for _, p := range roster {
		if err := refuseMoreOfGroup(tx, team.Handle, p.Group); err != nil {
			return err
		}
	}
	for _, agent := range agents {
		if err := refuseMoreTeams(tx, team.Handle, agent); err != nil {
			return err
		}
	}
	return nil
}

// refuseMoreOfGroup keeps a change of a group bounded: it reseats every team that
// the group is in.
func refuseMoreOfGroup(tx *Tx, team TeamHandle, group GroupHandle) error {
	if group == 0 {
		return nil
	}
	n := 0
	for other := range tx.Teams.OfGroup(group) {
		if other == team {
			return nil
		}
		n++
	}
	if n >= MaxTeamsOfGroup {
		row, _ := tx.Groups.Get(group)
		return reject(TooManyTeams, "group %q is in %d teams already; take it out of one first", row.ID, n)
	}
	return nil
}

// rejudgeEverywhere judges an agent anew in each of her teams, after something has
// changed that counts in all of them, and serves those to which she is back.
func rejudgeEverywhere(tx *Tx, agent Agent, trigger Event) {
	var returned []Team
	for handle := range tx.Members.TeamsOf(agent.Handle) {
		team, _ := tx.Teams.Get(handle)
		m, _ := tx.Members.Of(handle, agent.Handle)
		if rejudge(tx, team, m, agent) {
			returned = append(returned, team)
		}
	}
	if agent.Limits.Open > 0 { // otherwise no team takes her from another
		mostUrgentFirst(tx, returned)
	}
	for _, team := range returned {
		serveFor(tx, team, agent.Handle, trigger)
	}
	ownerReturns(tx, agent.Handle, trigger)
}

// lastPosition returns the position behind all members of a team.
func lastPosition(tx *Tx, team TeamHandle) (position uint32) {
	for s := range tx.Members.Ring(team).After(rotation.Key{}) {
		m, _ := tx.Members.Of(team, AgentHandle(s.Agent))
		position = max(position, m.Position+1)
	}
	return position
}
