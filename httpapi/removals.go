package httpapi

import (
	"github.com/rondohq/rondo/fsm"
)

var (
	releaseShape     = shapeOf[fsm.ReleaseAgent]()
	deleteAgentShape = shapeOf[fsm.DeleteAgent]()
	deleteShape      = shapeOf[fsm.DeleteGroup]()
)

// fateOf sets what becomes of open conversations from the query. The body may
// repeat it.
func fateOf(c *call, field *string) {
	fate, given := c.query["conversations"]
	if !given {
		return
	}
	if *field != "" && *field != fate {
		c.faults = append(c.faults, inBody("/conversations", "differs", "it is another word in the query; leave it out"))
	}
	*field = fate
}

func releaseAgent(a *api, c *call) (answer, error) {
	command, err := decode(c, releaseShape, func(p *fsm.ReleaseAgent) { fromPath(c, &p.Agent, "id", "/agent") })
	if err != nil {
		return answer{}, err
	}
	return a.changeAgent(c, command)
}

// What is removed is shown once more, as it is now.

func deleteAgent(a *api, c *call) (answer, error) {
	command, err := decode(c, deleteAgentShape, func(p *fsm.DeleteAgent) {
		fromPath(c, &p.ID, "id", "/id")
		fateOf(c, &p.Conversations)
	})
	if err != nil {
		return answer{}, err
	}
	return a.changeAgent(c, command)
}

func deleteGroup(a *api, c *call) (answer, error) {
	command, err := decode(c, deleteShape, func(p *fsm.DeleteGroup) { fromPath(c, &p.ID, "id", "/id") })
	if err != nil {
		return answer{}, err
	}
	return changeGroup(a, c, command)
}

func deleteTeam(a *api, c *call) (answer, error) {
	command, err := decode(c, deleteShape, func(p *fsm.DeleteTeam) { fromPath(c, &p.ID, "id", "/id") })
	if err != nil {
		return answer{}, err
	}
	return a.changeTeam(c, command)
}
