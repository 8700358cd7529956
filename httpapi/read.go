package httpapi

import (
	"fmt"
	"net/http"

	"github.com/rondohq/rondo/fsm"
)

func show(v *fsm.State, body any) (answer, error) {
	return answer{status: http.StatusOK, body: body, index: v.Index}, nil
}

// absent is the answer about a thing that is not there.
func absent(v *fsm.State, noun, id string) error {
	p := newProblem(http.StatusNotFound, string(fsm.NotFound), refusals[fsm.NotFound].title, fmt.Sprintf("there is no %s %q", noun, clip(id)))
	p.index = v.Index
	return p
}

func getAgent(a *api, c *call) (answer, error) {
	v, err := a.view(c)
	if err != nil {
		return answer{}, err
	}
	row, ok := v.Agents.ByID(fsm.AgentID(c.path["id"]))
	if !ok {
		return answer{}, absent(v, "agent", c.path["id"])
	}
	agent, _ := viewAgent(v, row)
	return show(v, agent)
}

func getInbox(a *api, c *call) (answer, error) {
	v, err := a.view(c)
	if err != nil {
		return answer{}, err
	}
	row, ok := v.Inboxes.ByID(fsm.InboxID(c.path["id"]))
	if !ok {
		return answer{}, absent(v, "inbox", c.path["id"])
	}
	return show(v, viewInbox(v, row))
}

func getContact(a *api, c *call) (answer, error) {
	v, err := a.view(c)
	if err != nil {
		return answer{}, err
	}
	row, ok := v.Contacts.ByID(fsm.ContactID(c.path["id"]))
	if !ok {
		return answer{}, absentContact(v, c.path["id"])
	}
	return show(v, viewContact(v, row))
}

func getConversation(a *api, c *call) (answer, error) {
	v, err := a.view(c)
	if err != nil {
		return answer{}, err
	}
	row, ok := visible(c, v, c.path["id"])
	if !ok {
		return answer{}, absent(v, "conversation", c.path["id"])
	}
	return show(v, viewConversation(v, row))
}

func getDecision(a *api, c *call) (answer, error) {
	id, err := fsm.ParseRecordID(c.path["id"])
	if err != nil {
		p := newProblem(http.StatusNotFound, string(fsm.NotFound), refusals[fsm.NotFound].title,
			fmt.Sprintf("%q is not the id of a decision; they look like 1042.0", clip(c.path["id"])))
		return answer{}, p
	}
	v, err := a.view(c)
	if err != nil {
		return answer{}, err
	}
	rec, ok := v.Records.ByID(id)
	if oldest := v.Records.Oldest(); !ok && id.Compare(v.Forgotten.Last) <= 0 {
		p := newProblem(http.StatusNotFound, "forgotten", "No longer kept",
			fmt.Sprintf("there may have been a decision %q; what is kept begins with %s", clip(c.path["id"]), oldest))
		p.index = v.Index
		return answer{}, p
	}
	if !ok || rec.Decision == nil || !seesDecision(c, v, rec) {
		return answer{}, absent(v, "decision", c.path["id"])
	}
	view, err := c.explainer(v)
	if err != nil {
		return answer{}, err
	}
	return show(v, view(rec))
}

// team finds the team of the path.
func (a *api) team(c *call) (*fsm.State, fsm.Team, error) {
	v, err := a.view(c)
	if err != nil {
		return nil, fsm.Team{}, err
	}
	row, ok := v.Teams.ByID(fsm.TeamID(c.path["id"]))
	if !ok {
		return nil, row, absent(v, "team", c.path["id"])
	}
	return v, row, nil
}

func getTeam(a *api, c *call) (answer, error) {
	v, row, err := a.team(c)
	if err != nil {
		return answer{}, err
	}
	return show(v, viewTeam(v, row))
}

func getMember(a *api, c *call) (answer, error) {
	v, row, err := a.team(c)
	if err != nil {
		return answer{}, err
	}
	agent, ok := v.Agents.ByID(fsm.AgentID(c.path["agent"]))
	if !ok {
		return answer{}, absent(v, "agent", c.path["agent"])
	}
	m, ok := v.Members.Of(row.Handle, agent.Handle)
	if !ok {
		return answer{}, absent(v, "member", c.path["agent"])
	}
	return show(v, shownSeat{viewSeat(agent, m), row.Revision})
}

func getRotation(a *api, c *call) (answer, error) {
	v, row, err := a.team(c)
	if err != nil {
		return answer{}, err
	}
	var inbox fsm.Inbox
	if id, given := c.query["inbox"]; given {
		var ok bool
		if inbox, ok = v.Inboxes.ByID(fsm.InboxID(id)); !ok || inbox.Team != row.Handle {
			return answer{}, unknownFilter(v, "inbox", "inbox", id)
		}
	}
	return show(v, viewRotation(v, row, inbox.Handle))
}

// unknownFilter is the answer to a filter that names nothing: an empty list
// would hide the slip.
func unknownFilter(v *fsm.State, parameter, noun, id string) error {
	f := inQuery(parameter, "unknown_"+noun, fmt.Sprintf("there is no %s %q", noun, clip(id)))
	p := newProblem(http.StatusUnprocessableEntity, string(fsm.UnknownReference), refusals[fsm.UnknownReference].title, f.String())
	p.body.Errors, p.index = []fault{f}, v.Index
	return p
}
