package fsm

import "github.com/rondohq/rondo/rotation"

var _ = register[PutPresence](3, "agent.presence")

// PutPresence says whether an agent takes conversations now: by herself, or by
// somebody for her (S2.18). It counts in every team at once (S2.19). What she has
// stays hers (S2.21), and when she comes back nobody's place in a ring has moved
// (S2.6).
type PutPresence struct {
	Agent  AgentID `json:"agent" cbor:"1,keyasint"`
	Status string  `json:"status" cbor:"2,keyasint"`
	Reason string  `json:"reason" cbor:"3,keyasint,omitempty"`
}

// Check implements Command.
func (c PutPresence) Check() error {
	var check checker
	check.id("/agent", string(c.Agent))
	check.text("/reason", c.Reason, MaxReasonRunes)
	if c.Status == "" {
		check.add("/status", "required", "one of available, away, unavailable, in_break is needed")
	}
	check.oneOf("/status", c.Status, "available", "away", "unavailable", "in_break")
	return check.err()
}

func (c PutPresence) apply(tx *Tx) (Result, error) {
	agent, ok := tx.Agents.ByID(c.Agent)
	if !ok {
		return Result{}, reject(NotFound, "there is no agent %q", c.Agent)
	}
	status, _ := rotation.ParseStatus(c.Status)
	result := Result{Subject: Subject{NounAgent, uint64(agent.Handle)}}
	if agent.Presence.Status == status && agent.Presence.Reason == c.Reason {
		return result, nil
	}

	since := tx.NowMs
	if agent.Presence.Status == status {
		since = agent.Presence.SinceMs
	}
	agent.Presence = Presence{Status: status, Reason: c.Reason, SinceMs: since, By: tx.actor}
	agent.Revision = tx.Seq
	tx.Agents.Put(agent)
	tx.emit(Record{Event: PresenceChanged, Agent: agent.Handle, Status: status}, nil)

	var returned []Team
	for handle := range tx.Members.TeamsOf(agent.Handle) {
		team, _ := tx.Teams.Get(handle)
		m, _ := tx.Members.Of(handle, agent.Handle)
		if rejudge(tx, team, m, status) {
			returned = append(returned, team)
		}
	}
	for _, team := range returned {
		serve(tx, team, PresenceChanged)
	}
	return result, nil
}
