package fsm

import "slices"

var _ = register[PutGroup](40, "group.put")

// PutGroup creates or replaces a group. Wherever it stands, its new members are in
// and those who left it are out, at once (S5.7).
type PutGroup struct {
	ID      GroupID       `json:"id" cbor:"1,keyasint"`
	Name    string        `json:"name" cbor:"2,keyasint"`
	Members []ListedAgent `json:"members" cbor:"3,keyasint,omitempty"`
}

// Check implements Command.
func (c PutGroup) Check() error {
	var check checker
	check.id("/id", string(c.ID))
	check.name("/name", c.Name)
	checkListed(&check, "/members", c.Members, MaxMembers)
	return check.err()
}

func (c PutGroup) target(s *State) Target {
	row, ok := s.Groups.ByID(c.ID)
	return Target{NounGroup.String(), string(c.ID), ok, row.Revision, true}
}

func (c PutGroup) apply(tx *Tx) (Result, error) {
	var check checker
	members := resolveListed(tx.State, &check, "/members", c.Members)
	if err := check.as(UnknownReference); err != nil {
		return Result{}, err
	}
	old, known := tx.Groups.ByID(c.ID)
	if !known {
		old, _ = tx.Groups.everByID(c.ID)
	}
	row := old
	row.ID, row.Name, row.Members, row.Removed = c.ID, c.Name, members, false
	if err := refuseMoreGroups(tx, row.Handle, members); err != nil {
		return Result{}, err
	}
	if err := refuseRegroup(tx, row); err != nil {
		return Result{}, err
	}

	if row.Handle == 0 {
		row.Handle = GroupHandle(tx.mintSmall())
	}
	if !same(row, old) {
		changeGroup(tx, old, row)
	}
	return Result{Created: !known, Subject: Subject{NounGroup, uint64(row.Handle)}}, nil
}

// memberOf finds a group and an agent.
func groupAndAgent(tx *Tx, group GroupID, agent AgentID) (Group, Agent, error) {
	g, ok := tx.Groups.ByID(group)
	if !ok {
		return g, Agent{}, reject(NotFound, "there is no group %q", group)
	}
	a, ok := tx.Agents.ByID(agent)
	if !ok {
		return g, a, reject(NotFound, "there is no agent %q", agent)
	}
	return g, a, nil
}

func (g Group) has(agent AgentHandle) bool { return slices.Contains(g.Members, agent) }

// without returns the group without an agent.
func (g Group) without(agent AgentHandle) Group {
	g.Members = slices.DeleteFunc(slices.Clone(g.Members), func(h AgentHandle) bool { return h == agent })
	if len(g.Members) == 0 {
		g.Members = nil
	}
	return g
}
