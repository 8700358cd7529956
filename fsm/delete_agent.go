package fsm

var _ = register[DeleteAgent](44, "agent.delete")

// DeleteAgent removes an agent from the company: out of teams, groups and all other
// lists. Her open conversations go back to the rotation, or stay with her name on
// them, as the call says. Her row stays, so that records can name her, without what
// is personal.
type DeleteAgent struct {
	ID            AgentID `json:"id" cbor:"1,keyasint"`
	Conversations string  `json:"conversations" cbor:"2,keyasint,omitempty"` // requeue (default), keep
}

// Check implements Command.
func (c DeleteAgent) Check() error {
	var check checker
	check.id("/id", string(c.ID))
	check.oneOf("/conversations", c.Conversations, toRequeue, toKeep)
	return check.err()
}

func (c DeleteAgent) target(s *State) Target { return agentTarget(s, c.ID, false) }

func (c DeleteAgent) apply(tx *Tx) (Result, error) {
	agent, ok := tx.Agents.ByID(c.ID)
	if !ok {
		return Result{}, reject(NotFound, "there is no agent %q", c.ID)
	}
	if err := refuseInUse(tx.State, "agent", string(c.ID), agent.Handle, usesOfAgent); err != nil {
		return Result{}, err
	}

	agent.Removed, agent.Email, agent.Fields = true, "", nil
	agent.Revision = tx.Seq
	tx.Agents.Put(agent)
	tx.emit(Record{Event: AgentRemoved, Agent: agent.Handle}, nil)
	for _, depart := range departures {
		depart(tx, agent)
	}
	if c.Conversations != toKeep {
		Chore{Kind: ChoreRequeue, Agent: agent.Handle, Because: AgentRemoved}.begin(tx)
	}
	return Result{Subject: Subject{NounAgent, uint64(agent.Handle)}, Warnings: warnOfRules(tx.State, NounAgent, string(agent.ID))}, nil
}
