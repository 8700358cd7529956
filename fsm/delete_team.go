package fsm

import (
	"slices"

	"github.com/rondohq/rondo/rotation"
)

var _ = register[DeleteTeam](45, "team.delete")

// DeleteTeam removes a team that nothing sends to any more. What still waits in it
// goes where its inbox says now; who has something of it keeps it.
type DeleteTeam struct {
	ID TeamID `json:"id" cbor:"1,keyasint"`
}

// Check implements Command.
func (c DeleteTeam) Check() error {
	var check checker
	check.id("/id", string(c.ID))
	return check.err()
}

func (c DeleteTeam) target(s *State) Target {
	row, ok := s.Teams.ByID(c.ID)
	return Target{NounTeam.String(), string(c.ID), ok, row.Revision, false}
}

func (c DeleteTeam) apply(tx *Tx) (Result, error) {
	team, ok := tx.Teams.ByID(c.ID)
	if !ok {
		return Result{}, reject(NotFound, "there is no team %q", c.ID)
	}
	if err := refuseInUse(tx.State, "team", string(c.ID), team.Handle, usesOfTeam); err != nil {
		return Result{}, err
	}
	for _, s := range slices.Collect(tx.Members.Ring(team.Handle).After(rotation.Key{})) {
		unseat(tx, team.Handle, AgentHandle(s.Agent))
	}
	team.Removed, team.Members, team.Roster, team.Supervisors, team.Revision = true, 0, nil, nil, tx.Seq
	team.Deserted = false
	tx.Teams.Put(team)
	tx.emit(Record{Event: TeamRemoved, Team: team.Handle}, nil)
	Chore{Kind: ChoreRehome, Team: team.Handle, Because: TeamRemoved}.begin(tx)
	return Result{Subject: Subject{NounTeam, uint64(team.Handle)}, Warnings: warnOfRules(tx.State, NounTeam, string(team.ID))}, nil
}
