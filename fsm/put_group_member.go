package fsm

import "slices"

var (
	_ = register[PutGroupMember](41, "group.member_put")
	_ = register[DeleteGroupMember](42, "group.member_delete")
)

// PutGroupMember adds one agent to a group, so that two people who edit it never
// overwrite each other's list.
type PutGroupMember struct {
	Group GroupID `json:"group" cbor:"1,keyasint"`
	Agent AgentID `json:"agent" cbor:"2,keyasint"`
}

// Check implements Command.
func (c PutGroupMember) Check() error { return checkGroupMember(c.Group, c.Agent) }

func checkGroupMember(group GroupID, agent AgentID) error {
	var check checker
	check.id("/group", string(group))
	check.id("/agent", string(agent))
	return check.err()
}

func (c PutGroupMember) target(s *State) Target { return groupSeatTarget(s, c.Group, c.Agent, true) }
func (c DeleteGroupMember) target(s *State) Target {
	return groupSeatTarget(s, c.Group, c.Agent, false)
}

// groupSeatTarget is about a place in a group; what a client has seen of it, it
// has seen of the group.
func groupSeatTarget(s *State, group GroupID, agent AgentID, creates bool) Target {
	g, ok := s.Groups.ByID(group)
	a, known := s.Agents.ByID(agent)
	return Target{"member", string(agent), ok && known && g.has(a.Handle), g.Revision, creates && ok && known}
}

func (c PutGroupMember) apply(tx *Tx) (Result, error) {
	old, agent, err := groupAndAgent(tx, c.Group, c.Agent)
	if err != nil {
		return Result{}, err
	}
	result := Result{Subject: Subject{NounGroup, uint64(old.Handle)}}
	if old.has(agent.Handle) {
		return result, nil
	}
	if len(old.Members) >= MaxMembers {
		return Result{}, reject(TeamFull, "group %q has %d members, the most a group may have", old.ID, len(old.Members))
	}
	row := old
	row.Members = append(slices.Clone(old.Members), agent.Handle)
	if err := refuseMoreGroups(tx, row.Handle, row.Members); err != nil {
		return Result{}, err
	}
	if err := refuseRegroup(tx, row); err != nil {
		return Result{}, err
	}
	changeGroup(tx, old, row)
	result.Created = true
	return result, nil
}

// DeleteGroupMember takes one agent out of a group, and of every team she is in
// only through it. What she has stays hers.
type DeleteGroupMember struct {
	Group GroupID `json:"group" cbor:"1,keyasint"`
	Agent AgentID `json:"agent" cbor:"2,keyasint"`
}

// Check implements Command.
func (c DeleteGroupMember) Check() error { return checkGroupMember(c.Group, c.Agent) }

func (c DeleteGroupMember) apply(tx *Tx) (Result, error) {
	old, agent, err := groupAndAgent(tx, c.Group, c.Agent)
	if err != nil {
		return Result{}, err
	}
	if !old.has(agent.Handle) {
		return Result{}, reject(NotFound, "agent %q is not in group %q", agent.ID, old.ID)
	}
	changeGroup(tx, old, old.without(agent.Handle))
	return Result{Subject: Subject{NounGroup, uint64(old.Handle)}}, nil
}
