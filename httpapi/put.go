package httpapi

import (
	"unicode/utf8"

	"github.com/fxamacker/cbor/v2"

	"github.com/rondohq/rondo/fsm"
	"github.com/rondohq/rondo/fsm/collation"
)

var (
	putAgentShape  = shapeOf[fsm.PutAgent]()
	putTeamShape   = shapeOf[fsm.PutTeam]()
	putMemberShape = shapeOf[fsm.PutMember]()
	delMemberShape = shapeOf[fsm.DeleteMember]()
)

func decodeAgent(c *call) (fsm.PutAgent, error) {
	return decode(c, putAgentShape, func(p *fsm.PutAgent) {
		fromPath(c, &p.ID, "id", "/id")
		if utf8.RuneCountInString(p.Name) <= fsm.MaxNameRunes { // a longer one is refused; do not sort it first
			p.SortKey, p.Collation = cbor.ByteString(collation.Key(p.Name)), collation.Version
		}
	})
}

func putAgent(a *api, c *call) (answer, error) {
	command, err := decodeAgent(c)
	if err != nil {
		return answer{}, err
	}
	return a.changeAgent(c, command)
}

func (a *api) changeAgent(c *call, command fsm.Command) (answer, error) {
	d, err := a.propose(c, command)
	if err != nil {
		return answer{}, err
	}
	row, ok := d.view.Agents.Get(fsm.AgentHandle(d.Subject.Handle))
	if !ok {
		return answer{}, errLost(d.Subject)
	}
	agent, _ := viewAgent(d.view, row)
	agent.Warnings = viewWarnings(d.Warnings, namedByRules(d, fsm.NounAgent, string(row.ID))...)
	return d.answer(agent), nil
}

func decodeTeam(c *call) (fsm.PutTeam, error) {
	return decode(c, putTeamShape, func(p *fsm.PutTeam) { fromPath(c, &p.ID, "id", "/id") })
}

func putTeam(a *api, c *call) (answer, error) {
	command, err := decodeTeam(c)
	if err != nil {
		return answer{}, err
	}
	return a.changeTeam(c, command)
}

func putMember(a *api, c *call) (answer, error) {
	command, err := decode(c, putMemberShape, func(p *fsm.PutMember) {
		fromPath(c, &p.Team, "id", "/team")
		fromPath(c, &p.Agent, "agent", "/agent")
	})
	if err != nil {
		return answer{}, err
	}
	return a.changeTeam(c, command)
}

func deleteMember(a *api, c *call) (answer, error) {
	command, err := decode(c, delMemberShape, func(p *fsm.DeleteMember) {
		fromPath(c, &p.Team, "id", "/team")
		fromPath(c, &p.Agent, "agent", "/agent")
		fateOf(c, &p.Conversations)
	})
	if err != nil {
		return answer{}, err
	}
	return a.changeTeam(c, command)
}

func (a *api) changeTeam(c *call, command fsm.Command) (answer, error) {
	d, err := a.propose(c, command)
	if err != nil {
		return answer{}, err
	}
	row, ok := d.view.Teams.Get(fsm.TeamHandle(d.Subject.Handle))
	if !ok {
		return answer{}, errLost(d.Subject)
	}
	team := viewTeam(d.view, row)
	team.Warnings = viewWarnings(d.Warnings, namedByRules(d, fsm.NounTeam, string(row.ID))...)
	return d.answer(team), nil
}
