package fsm

import (
	"cmp"

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
}

// Check implements Command.
func (c PutMember) Check() error { return checkMember(c.Team, c.Agent) }

func checkMember(team TeamID, agent AgentID) error {
	var check checker
	check.id("/team", string(team))
	check.id("/agent", string(agent))
	return check.err()
}

func (c PutMember) apply(tx *Tx) (Result, error) {
	team, agent, err := teamAndAgent(tx, c.Team, c.Agent)
	if err != nil {
		return Result{}, err
	}
	result := Result{Subject: Subject{NounTeam, uint64(team.Handle)}}
	if _, member := tx.Members.Of(team.Handle, agent.Handle); member {
		return result, nil
	}
	if team.Members >= MaxMembers {
		return Result{}, reject(TeamFull, "team %q has %d members, the most a team may have", team.ID, team.Members)
	}
	if err := refuseMoreTeams(tx, team.Handle, agent); err != nil {
		return Result{}, err
	}

	position := uint32(0)
	for s := range tx.Members.Ring(team.Handle).After(rotation.Key{}) {
		m, _ := tx.Members.Of(team.Handle, AgentHandle(s.Agent))
		position = max(position, m.Position+1)
	}
	m := Member{Team: team.Handle, Agent: agent.Handle, JoinedMs: tx.NowMs, Position: position,
		Verdict: rotation.Unavailable, Rank: rankOf(team.Rotation.Order, agent, position)}
	tx.Members.Put(m)
	team.Members++
	changeTeam(tx, team)
	if rejudge(tx, team, m, agent.Presence.Status) {
		serve(tx, team, TeamChanged)
	}
	result.Created = true
	return result, nil
}

// DeleteMember takes one member out. What she has stays hers; nobody's turn
// moves.
type DeleteMember struct {
	Team  TeamID  `json:"team" cbor:"1,keyasint"`
	Agent AgentID `json:"agent" cbor:"2,keyasint"`
}

// Check implements Command.
func (c DeleteMember) Check() error { return checkMember(c.Team, c.Agent) }

func (c DeleteMember) apply(tx *Tx) (Result, error) {
	team, agent, err := teamAndAgent(tx, c.Team, c.Agent)
	if err != nil {
		return Result{}, err
	}
	if _, member := tx.Members.Of(team.Handle, agent.Handle); !member {
		return Result{}, reject(NotFound, "agent %q is not in team %q", agent.ID, team.ID)
	}
	unseat(tx, team.Handle, agent.Handle)
	team.Members--
	changeTeam(tx, team)
	return Result{Subject: Subject{NounTeam, uint64(team.Handle)}, Warnings: warnOfTeam(tx, team)}, nil
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
func rankOf(order Order, a Agent, position uint32) cbor.ByteString {
	if order == OrderList {
		return positionRank(position)
	}
	return a.SortKey
}

func compareText[T ~string](a, b T) int { return cmp.Compare(a, b) }
