package fsm

import (
	"slices"
	"strings"
)

// A guarded command is not for everybody. The others are: who works with
// conversations may do what they need.
type guarded interface {
	// allowed says whether the agent who asks may have it carried out.
	allowed(tx *Tx, by Agent) bool
}

// A forbidding command says itself why an agent may not do it.
type forbidding interface {
	forbids(tx *Tx, by Agent) string
}

// permit refuses what the role of the agent who asks does not allow. Systems and
// connectors may do everything; so may, until there are tokens, an agent whom the
// cluster does not know.
func permit(tx *Tx, c Command) error {
	g, ok := c.(guarded)
	if !ok {
		return nil
	}
	id, isAgent := strings.CutPrefix(tx.actor, "agent:")
	by, known := tx.Agents.everByID(AgentID(id))
	switch {
	case !isAgent || !known:
		return nil
	case by.Removed:
		return reject(NotPermitted, "agent %q was removed and may not change this; ask an admin", by.ID)
	case by.Role == RoleAdmin || g.allowed(tx, by):
		return nil
	}
	if f, ok := c.(forbidding); ok {
		return reject(NotPermitted, "%s", f.forbids(tx, by))
	}
	return reject(NotPermitted, "agent %q has the role %s, which does not allow this; ask a supervisor or an admin", by.ID, by.Role)
}

// Permitted judges by a view what Apply would judge by the state: for what a node
// answers without asking the cluster. It returns nil, or why not.
func Permitted(view *State, actor string, c Command) *Rejection {
	r, _ := permit(&Tx{State: view, actor: actor}, c).(*Rejection) //nolint:errorlint // permit gives nothing else
	return r
}

// For admins only.

func (PutAgent) allowed(*Tx, Agent) bool          { return false }
func (DeleteAgent) allowed(*Tx, Agent) bool       { return false }
func (PutGroup) allowed(*Tx, Agent) bool          { return false }
func (PutGroupMember) allowed(*Tx, Agent) bool    { return false }
func (DeleteGroupMember) allowed(*Tx, Agent) bool { return false }
func (DeleteGroup) allowed(*Tx, Agent) bool       { return false }
func (DeleteTeam) allowed(*Tx, Agent) bool        { return false }
func (PutInbox) allowed(*Tx, Agent) bool          { return false }
func (PutInboxAccess) allowed(*Tx, Agent) bool    { return false }
func (DeleteInboxAccess) allowed(*Tx, Agent) bool { return false }
func (PutInboxMember) allowed(*Tx, Agent) bool    { return false }
func (DeleteInboxMember) allowed(*Tx, Agent) bool { return false }
func (DeleteInbox) allowed(*Tx, Agent) bool       { return false }

// A team is changed by supervisors too: by all, or by its own. Who supervises it is
// no matter for these.
func (c PutTeam) allowed(tx *Tx, by Agent) bool {
	team, ok := tx.Teams.ByID(c.ID)
	if !ok || !supervises(team, by) {
		return false
	}
	var check checker
	return slices.Equal(resolveListed(tx.State, &check, "", c.Supervisors), team.Supervisors)
}

// Members come and go by a supervisor, or by themselves where the team allows it.
func (c PutMember) allowed(tx *Tx, by Agent) bool    { return mayMove(tx, c.Team, c.Agent, by) }
func (c DeleteMember) allowed(tx *Tx, by Agent) bool { return mayMove(tx, c.Team, c.Agent, by) }

func mayMove(tx *Tx, id TeamID, agent AgentID, by Agent) bool {
	team, _ := tx.Teams.ByID(id)
	return supervises(team, by) || team.SelfJoin && agent == by.ID
}

// A ring is sorted anew by who may change the team.
func (c ResortRotation) allowed(tx *Tx, by Agent) bool {
	team, _ := tx.Teams.ByID(c.Team)
	return supervises(team, by)
}

// A turn is given back by a supervisor: whoever decided on her own turns would be
// judge in her own cause.
func (RefundDecision) allowed(_ *Tx, by Agent) bool { return by.Role == RoleSupervisor }

// Presence is said by oneself, or by a supervisor for somebody.
func (c PutPresence) allowed(_ *Tx, by Agent) bool {
	return c.Agent == by.ID || by.Role == RoleSupervisor
}
func (c DeletePlan) allowed(_ *Tx, by Agent) bool {
	return c.Agent == by.ID || by.Role == RoleSupervisor
}

// A heartbeat is that of one's own client; a gateway is a system or a connector.
func (c RenewPresence) allowed(_ *Tx, by Agent) bool {
	return by.Role == RoleSupervisor || !slices.ContainsFunc(c.Agents, func(id AgentID) bool { return id != by.ID })
}
func (c ReleaseAgent) allowed(_ *Tx, by Agent) bool {
	return c.Agent == by.ID || by.Role == RoleSupervisor
}

func supervises(team Team, agent Agent) bool {
	return agent.Role == RoleSupervisor || slices.Contains(team.Supervisors, agent.Handle)
}
