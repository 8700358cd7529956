package httpapi

import (
	"slices"

	"github.com/rondohq/rondo/fsm"
)

var (
	putGroupShape       = shapeOf[fsm.PutGroup]()
	putGroupMemberShape = shapeOf[fsm.PutGroupMember]()
)

func decodeGroup(c *call) (fsm.PutGroup, error) {
	return decode(c, putGroupShape, func(p *fsm.PutGroup) { fromPath(c, &p.ID, "id", "/id") })
}

func putGroup(a *api, c *call) (answer, error) {
	command, err := decodeGroup(c)
	if err != nil {
		return answer{}, err
	}
	return changeGroup(a, c, command)
}

func putGroupMember(a *api, c *call) (answer, error) {
	command, err := decode(c, putGroupMemberShape, func(p *fsm.PutGroupMember) {
		fromPath(c, &p.Group, "id", "/group")
		fromPath(c, &p.Agent, "agent", "/agent")
	})
	if err != nil {
		return answer{}, err
	}
	return changeGroup(a, c, command)
}

func deleteGroupMember(a *api, c *call) (answer, error) {
	command, err := decode(c, putGroupMemberShape, func(p *fsm.DeleteGroupMember) {
		fromPath(c, &p.Group, "id", "/group")
		fromPath(c, &p.Agent, "agent", "/agent")
	})
	if err != nil {
		return answer{}, err
	}
	return changeGroup(a, c, command)
}

func changeGroup(a *api, c *call, command fsm.Command) (answer, error) {
	d, err := a.propose(c, command)
	if err != nil {
		return answer{}, err
	}
	row, ok := d.view.Groups.Get(fsm.GroupHandle(d.Subject.Handle))
	if !ok {
		return answer{}, errLost(d.Subject)
	}
	return d.answer(viewGroup(d.view, row)), nil
}

func getGroup(a *api, c *call) (answer, error) {
	v, err := a.view(c)
	if err != nil {
		return answer{}, err
	}
	row, ok := v.Groups.ByID(fsm.GroupID(c.path["id"]))
	if !ok {
		return answer{}, absent(v, "group", c.path["id"])
	}
	return show(v, viewGroup(v, row))
}

func listGroups(a *api, c *call) (answer, error) {
	l, v, err := listed(a, c, 1)
	if err != nil {
		return answer{}, err
	}
	return byID(v, l, v.Groups, func(row fsm.Group) fsm.GroupID { return row.ID },
		func(row fsm.Group) (any, int) { return viewGroup(v, row), len(row.Members) })
}

type groupView struct {
	ID       fsm.GroupID  `json:"id"`
	Name     string       `json:"name"`
	Members  []listedView `json:"members"` // as listed
	Teams    []fsm.TeamID `json:"teams"`
	Revision uint64       `json:"revision"`
}

// A listedView is an agent in a list.
type listedView struct {
	Agent *string `json:"agent"`
}

func (v groupView) version() uint64 { return v.Revision }

func viewGroup(v *fsm.State, row fsm.Group) groupView {
	view := groupView{ID: row.ID, Name: row.Name, Members: viewListed(v, row.Members), Teams: []fsm.TeamID{}, Revision: row.Revision}
	for h := range v.Teams.OfGroup(row.Handle) {
		team, _ := v.Teams.Get(h)
		view.Teams = append(view.Teams, team.ID)
	}
	slices.Sort(view.Teams)
	return view
}

func viewListed(v *fsm.State, agents []fsm.AgentHandle) []listedView {
	list := make([]listedView, 0, len(agents))
	for _, h := range agents {
		list = append(list, listedView{agentName(v, h)})
	}
	return list
}

// A participantView is an agent or a group in a list that may hold both.
type participantView struct {
	Agent *string `json:"agent"`
	Group *string `json:"group"`
}

func viewRoster(v *fsm.State, roster fsm.Roster) []participantView {
	list := make([]participantView, 0, len(roster))
	for _, p := range roster {
		group, _ := v.Groups.Get(p.Group)
		list = append(list, participantView{agentName(v, p.Agent), orNull(group.ID)})
	}
	return list
}

func groupsOf(v *fsm.State, agent fsm.AgentHandle) []fsm.GroupID {
	groups := []fsm.GroupID{}
	for h := range v.Groups.OfAgent(agent) {
		group, _ := v.Groups.Get(h)
		groups = append(groups, group.ID)
	}
	slices.Sort(groups)
	return groups
}
