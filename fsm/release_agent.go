package fsm

import "github.com/rondohq/rondo/rotation"

var _ = register[ReleaseAgent](46, "agent.release")

// ReleaseAgent lets an agent go for now, as when she is sick today: she is
// unavailable, and her open conversations go back to the rotation or stay with her,
// as the call says.
type ReleaseAgent struct {
	Agent  AgentID `json:"agent" cbor:"1,keyasint"`
	To     string  `json:"to" cbor:"2,keyasint"` // requeue, keep
	Reason string  `json:"reason" cbor:"3,keyasint,omitempty"`
	Until  string  `json:"until" cbor:"4,keyasint,omitempty"` // RFC 3339: then she is available again
}

// Check implements Command.
func (c ReleaseAgent) Check() error {
	var check checker
	check.id("/agent", string(c.Agent))
	check.text("/reason", c.Reason, MaxReasonRunes)
	if c.To == "" {
		check.add("/to", "required", "say what becomes of her conversations: one of requeue, keep is needed")
	}
	check.oneOf("/to", c.To, toRequeue, toKeep)
	checkTime(&check, "/until", c.Until)
	return check.err()
}

func (c ReleaseAgent) target(s *State) Target { return agentTarget(s, c.Agent, false) }

func (c ReleaseAgent) apply(tx *Tx) (Result, error) {
	agent, ok := tx.Agents.ByID(c.Agent)
	if !ok {
		return Result{}, reject(NotFound, "there is no agent %q", c.Agent)
	}
	untilMs, err := aheadOfNow(tx, "/until", c.Until)
	if err != nil {
		return Result{}, err
	}
	tx.emit(Record{Event: AgentReleased, Agent: agent.Handle}, nil)
	next := Presence{Status: rotation.StatusUnavailable, Reason: c.Reason, By: tx.actor, UntilMs: untilMs}
	if !agent.Presence.same(next) {
		become(tx, agent, next, "")
	}
	retract(tx, agent.Handle)
	if c.To == toRequeue {
		Chore{Kind: ChoreRequeue, Agent: agent.Handle, Because: AgentReleased}.begin(tx)
	}
	return Result{Subject: Subject{NounAgent, uint64(agent.Handle)}, Warnings: warnOfReleased(tx, agent)}, nil
}

// warnOfReleased says whether an agent may be picked all the same: in a team that
// does not look at her status.
func warnOfReleased(tx *Tx, agent Agent) Warnings {
	for handle := range tx.Members.TeamsOf(agent.Handle) {
		if m, _ := tx.Members.Of(handle, agent.Handle); m.Verdict == rotation.Eligible {
			return WarnStillPicked
		}
	}
	return 0
}
