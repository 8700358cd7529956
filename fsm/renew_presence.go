package fsm

import "github.com/rondohq/rondo/rotation"

var _ = register[RenewPresence](60, "presence.renew")

// MaxRenewed bounds the agents of one RenewPresence, so that an entry in which
// they all come back stays short.
const MaxRenewed = 256

// RenewPresence says that these agents have been heard of: each lease begins
// anew, and who was awaited is available again. Nothing else is recorded. A node
// sends one for all the agents whose heartbeats it holds. Who is not there any
// more, or has no lease, is passed over: the others must not pay for it.
type RenewPresence struct {
	Agents []AgentID `json:"agents" cbor:"1,keyasint"`
}

// Check implements Command.
func (c RenewPresence) Check() error {
	var check checker
	switch {
	case len(c.Agents) == 0:
		check.add("/agents", "required", "name one agent at least")
	case len(c.Agents) > MaxRenewed:
		check.add("/agents", "too_many", "%d, at most %d are allowed", len(c.Agents), MaxRenewed)
		return check.err()
	}
	for _, id := range c.Agents {
		check.id("/agents", string(id))
	}
	return check.err()
}

func (c RenewPresence) apply(tx *Tx) (Result, error) {
	for _, id := range c.Agents {
		agent, ok := tx.Agents.ByID(id)
		lease := agent.Presence.Lease
		switch {
		case !ok || lease.PeriodMs == 0:
		case lease.Awaiting:
			become(tx, agent, Presence{Status: rotation.StatusAvailable, Reason: ReasonHeartbeat, By: tx.actor, Lease: leaseFrom(tx, lease.PeriodMs)}, "")
		default:
			prolong(tx, agent)
		}
	}
	return Result{}, nil
}

// prolong begins a lease anew, if there is one that runs. It tells nobody, and the
// revision stays: whoever has seen the agent knows all there is to know.
func prolong(tx *Tx, agent Agent) {
	lease := &agent.Presence.Lease
	if lease.PeriodMs > 0 && !lease.Awaiting {
		lease.ExpiresMs = tx.NowMs + lease.PeriodMs
		tx.Agents.Put(agent)
	}
}
