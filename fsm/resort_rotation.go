package fsm

import (
	"slices"

	"github.com/rondohq/rondo/rotation"
)

var _ = register[ResortRotation](70, "rotation.resort")

// ResortRotation sorts a ring by the names of its members as they are now. A
// rename alone moves nobody (decision 1). Whoever was next stays next. Rings that
// are not sorted by name stay as they are.
type ResortRotation struct {
	Team TeamID `json:"team" cbor:"1,keyasint"`
}

// Check implements Command.
func (c ResortRotation) Check() error {
	var check checker
	check.id("/team", string(c.Team))
	return check.err()
}

func (c ResortRotation) apply(tx *Tx) (Result, error) {
	team, ok := tx.Teams.ByID(c.Team)
	if !ok {
		return Result{}, reject(NotFound, "there is no team %q", c.Team)
	}
	result := Result{Subject: Subject{NounTeam, uint64(team.Handle)}}
	if team.Rotation.Order != OrderName {
		return result, nil
	}
	old := slices.Collect(tx.Members.Ring(team.Handle).After(rotation.Key{}))
	changed := false
	for _, seat := range old {
		m, _ := tx.Members.Of(team.Handle, AgentHandle(seat.Agent))
		agent, _ := tx.Agents.Get(m.Agent)
		if m.Rank != agent.SortKey {
			m.Rank, changed = agent.SortKey, true
			tx.Members.Put(m)
		}
	}
	if changed {
		carryCursors(tx, team, OrderName, old)
		team.Revision = tx.Seq
		tx.Teams.Put(team)
		tx.emit(Record{Event: RotationResorted, Team: team.Handle}, nil)
	}
	return result, nil
}

func (c ResortRotation) target(s *State) Target {
	row, ok := s.Teams.ByID(c.Team)
	return Target{NounTeam.String(), string(c.Team), ok, row.Revision, false}
}
