package fsm

import (
	"slices"

	"github.com/fxamacker/cbor/v2"

	"github.com/rondohq/rondo/rotation"
)

var (
	_ = register[PutMember](16, "team.member_put")
	_ = register[DeleteMember](17, "team.member_delete")
)

// PutMember adds one member, so that two people who edit a team never overwrite
// each other's list. In a team ordered by list she goes to its end.
type PutMember struct {
	Team  TeamID  `json:"team" cbor:"1,keyasint"`
	Agent AgentID `json:"agent" cbor:"2,keyasint"`

	Weight *uint32 `json:"weight" cbor:"3,keyasint,omitempty"` // left out: as it is, or 1
}

// Check implements Command.
func (c PutMember) Check() error {
	var check checker
	check.id("/team", string(c.Team))
	check.id("/agent", string(c.Agent))
	checkWeight(&check, "/weight", c.Weight)
	return check.err()
}

func (c PutMember) apply(tx *Tx) (Result, error) {
	team, agent, err := teamAndAgent(tx, c.Team, c.Agent)
	if err != nil {
		return Result{}, err
	}
	result := Result{Subject: Subject{NounTeam, uint64(team.Handle)}}
	_, member := tx.Members.Of(team.Handle, agent.Handle)
	if member && (team.Roster == nil || team.Roster.lists(agent.Handle)) {
		reweigh(tx, team, agent.Handle, c.Weight)
		return result, nil
	}
	if !member && team.Members >= MaxMembers {
		return Result{}, reject(TeamFull, "team %q has %d members, the most a team may have", team.ID, team.Members)
	}
	if err := refuseMoreTeams(tx, team.Handle, agent); err != nil {
		return Result{}, err
	}

	result.Created = !member
	was := team
	team.Weights = team.weighing(agent.Handle, c.Weight)
	if team.Roster != nil {
		// Listed herself, she stays whatever becomes of her groups.
		roster := append(slices.Clone(team.Roster), Participant{Agent: agent.Handle})
		reseatTeam(tx, was, team, roster, expand(tx.State, roster))
		return result, nil
	}
	position := lastPosition(tx, team.Handle)
	m := Member{Team: team.Handle, Agent: agent.Handle, JoinedMs: tx.NowMs, Position: position,
		Verdict: rotation.Unavailable, Rank: rankOf(tx, team.Rotation.Order, agent, position), Weight: weightOf(tx.State, team, agent.Handle)}
	tx.Members.Put(m)
	team.Members++
	changeTeam(tx, team)
	if rejudge(tx, team, m, agent) {
		serveFor(tx, team, agent.Handle, TeamChanged)
	}
	ownerReturns(tx, agent.Handle, TeamChanged)
	return result, nil
}

// DeleteMember takes one member out. What she has of the team stays hers, or goes
// back to the rotation, as the call says; nobody's turn moves.
type DeleteMember struct {
	Team          TeamID  `json:"team" cbor:"1,keyasint"`
	Agent         AgentID `json:"agent" cbor:"2,keyasint"`
	Conversations string  `json:"conversations" cbor:"3,keyasint,omitempty"` // keep (default), requeue
}

// Check implements Command.
func (c DeleteMember) Check() error {
	var check checker
	check.id("/team", string(c.Team))
	check.id("/agent", string(c.Agent))
	check.oneOf("/conversations", c.Conversations, toRequeue, toKeep)
	return check.err()
}

func (c DeleteMember) apply(tx *Tx) (Result, error) {
	team, agent, err := teamAndAgent(tx, c.Team, c.Agent)
	if err != nil {
		return Result{}, err
	}
	if _, member := tx.Members.Of(team.Handle, agent.Handle); !member {
		return Result{}, reject(NotFound, "agent %q is not in team %q", agent.ID, team.ID)
	}
	if group, through := seatingGroup(tx, team, agent.Handle); through {
		return Result{}, reject(ThroughGroup, "agent %q is in team %q through group %q; take her out of the group, or the group out of the team",
			agent.ID, team.ID, group.ID)
	}
	team = unlist(tx, team, agent.Handle)
	if c.Conversations == toRequeue {
		Chore{Kind: ChoreRequeue, Agent: agent.Handle, Team: team.Handle, Because: MemberRemoved}.begin(tx)
	}
	return Result{Subject: Subject{NounTeam, uint64(team.Handle)}, Warnings: warnOfTeam(tx, team)}, nil
}

// unlist takes an agent, who is in no group of a team, out of it.
func unlist(tx *Tx, team Team, agent AgentHandle) Team {
	was := team
	team.Weights = team.weighing(agent, new(uint32(1)))
	if team.Roster != nil {
		roster := team.Roster.without(agent)
		return reseatTeam(tx, was, team, roster, expand(tx.State, roster))
	}
	unseat(tx, team.Handle, agent)
	team.Members--
	changeTeam(tx, team)
	return team
}

// seatingGroup returns a group of a team that an agent is in.
func seatingGroup(tx *Tx, team Team, agent AgentHandle) (Group, bool) {
	for _, p := range team.Roster {
		if group, ok := tx.Groups.Get(p.Group); ok && group.has(agent) {
			return group, true
		}
	}
	return Group{}, false
}

func teamAndAgent(tx *Tx, team TeamID, agent AgentID) (Team, Agent, error) {
	t, ok := tx.Teams.ByID(team)
	if !ok {
		return t, Agent{}, reject(NotFound, "there is no team %q", team)
	}
	a, ok := tx.Agents.ByID(agent)
	if !ok {
		return t, a, reject(NotFound, "there is no agent %q", agent)
	}
	return t, a, nil
}

func changeTeam(tx *Tx, team Team) {
	team.Revision = tx.Seq
	tx.Teams.Put(team)
	tx.emit(Record{Event: TeamChanged, Team: team.Handle}, nil)
}

// rankOf returns a member's rank in a ring of this order.
func rankOf(tx *Tx, order Order, a Agent, position uint32) cbor.ByteString {
	switch order {
	case OrderList:
		return positionRank(position)
	case OrderLeastRecent:
		return turnRank(tx.Seq, position) // behind all who have waited longer
	default:
		return a.SortKey
	}
}
