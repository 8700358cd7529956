package httpapi

import "github.com/rondohq/rondo/fsm"

var (
	unassignShape  = shapeOf[fsm.UnassignConversation]()
	requeueShape   = shapeOf[fsm.RequeueConversation]()
	passOnShape    = shapeOf[fsm.TransferConversation]()
	leaveTeamShape = shapeOf[fsm.RemoveFromTeam]()
	undoShape      = shapeOf[fsm.UndoDecision]()
)

// handoverRules are what a team does with what people give to it, and leave.
type handoverRules struct {
	AutoAssign       bool  `json:"auto_assign"`
	HeldAlertSeconds int64 `json:"held_alert_seconds"`
}

// believed sets from the query what a client believes, where many send no body. The
// body may repeat it. A parameter without a value is nobody, or none.
func believed[T ~string](c *call, name string, set *bool, field *T) {
	said, given := c.query[name]
	if !given {
		return
	}
	if (*set || *field != "") && *field != T(said) {
		c.faults = append(c.faults, inBody("/"+name, "differs", "it is another one in the query; leave it out"))
	}
	*set, *field = true, T(said)
}

func transferConversation(a *api, c *call) (answer, error) {
	command, err := decode(c, passOnShape, func(p *fsm.TransferConversation) { fromPath(c, &p.Conversation, "id", "/conversation") })
	if err != nil {
		return answer{}, err
	}
	return a.changeConversation(c, command)
}

func removeFromTeam(a *api, c *call) (answer, error) {
	command, err := decode(c, leaveTeamShape, func(p *fsm.RemoveFromTeam) {
		fromPath(c, &p.Conversation, "id", "/conversation")
		believed(c, "if_team", &p.IfTeam.Set, &p.IfTeam.Team)
		believed(c, "if_decision", new(bool), &p.IfDecision)
	})
	if err != nil {
		return answer{}, err
	}
	return a.changeConversation(c, command)
}

func undoDecision(a *api, c *call) (answer, error) {
	command, err := decode(c, undoShape, func(p *fsm.UndoDecision) { fromPath(c, &p.Decision, "id", "/decision") })
	if err != nil {
		return answer{}, err
	}
	return a.changeConversation(c, command)
}
