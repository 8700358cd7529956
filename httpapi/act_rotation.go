package httpapi

import "github.com/rondohq/rondo/fsm"

var (
	tagShape    = shapeOf[fsm.PutTag]()
	refundShape = shapeOf[fsm.RefundDecision]()
	resortShape = shapeOf[fsm.ResortRotation]()
)

func putTag(a *api, c *call) (answer, error) {
	command, err := decode(c, tagShape, func(p *fsm.PutTag) {
		fromPath(c, &p.Conversation, "id", "/conversation")
		fromPath(c, &p.Tag, "tag", "/tag")
	})
	if err != nil {
		return answer{}, err
	}
	return a.changeConversation(c, command)
}

func deleteTag(a *api, c *call) (answer, error) {
	command, err := decode(c, tagShape, func(p *fsm.DeleteTag) {
		fromPath(c, &p.Conversation, "id", "/conversation")
		fromPath(c, &p.Tag, "tag", "/tag")
	})
	if err != nil {
		return answer{}, err
	}
	return a.changeConversation(c, command)
}

func refundDecision(a *api, c *call) (answer, error) {
	command, err := decode(c, refundShape, func(p *fsm.RefundDecision) { fromPath(c, &p.Decision, "id", "/decision") })
	if err != nil {
		return answer{}, err
	}
	return a.changeConversation(c, command)
}

func resortRotation(a *api, c *call) (answer, error) {
	command, err := decode(c, resortShape, func(p *fsm.ResortRotation) { fromPath(c, &p.Team, "id", "/team") })
	if err != nil {
		return answer{}, err
	}
	return a.changeTeam(c, command)
}
