package fsm

import "github.com/rondohq/rondo/rotation"

// A Presence is what an agent, or somebody for her, last said of her status, or
// what became of that since. It is global: away is away in every team (S2.19).
type Presence struct {
	Status  rotation.Status `cbor:"1,keyasint"`
	Reason  string          `cbor:"2,keyasint,omitempty"`
	SinceMs int64           `cbor:"3,keyasint"`
	By      string          `cbor:"4,keyasint"`           // principal (K6)
	UntilMs int64           `cbor:"5,keyasint,omitempty"` // when she returns; 0: when somebody says so
	Lease   Lease           `cbor:"6,keyasint,omitzero"`
}

// A Lease makes a presence depend on heartbeats (K82): who is available and is
// not heard of for a period becomes unavailable, and available again by the next
// heartbeat. Away, in break or unavailable she takes nothing that a lease could
// end, so it rests. The zero value is no lease: the presence stays as it is.
type Lease struct {
	PeriodMs  int64 `cbor:"1,keyasint"`
	ExpiresMs int64 `cbor:"2,keyasint"`           // unless a leader has begun since: Presence.LeaseExpiresMs
	Awaiting  bool  `cbor:"3,keyasint,omitempty"` // unavailable until the next heartbeat

	// TimerMs is when the timer of the lease is due, never behind its end. It is
	// not moved by heartbeats: once due, it is set anew.
	TimerMs int64 `cbor:"4,keyasint,omitempty"`
}

// A Plan is a presence that is to begin later. An agent has one at most.
type Plan struct {
	Status  rotation.Status `cbor:"1,keyasint"`
	Reason  string          `cbor:"2,keyasint,omitempty"`
	FromMs  int64           `cbor:"3,keyasint"` // 0: there is no plan
	UntilMs int64           `cbor:"4,keyasint,omitempty"`
	LeaseMs int64           `cbor:"5,keyasint,omitempty"`
	By      string          `cbor:"6,keyasint"` // who planned it
}

// The reasons of changes that no person made.
const (
	ReasonLeaseExpired = "lease_expired"
	ReasonHeartbeat    = "heartbeat"
	ReasonUntilPassed  = "until_passed"
)

// same says whether a change from p to next would tell nobody anything.
func (p Presence) same(next Presence) bool {
	return p.Status == next.Status && p.Reason == next.Reason && p.UntilMs == next.UntilMs &&
		p.Lease.PeriodMs == next.Lease.PeriodMs && p.Lease.Awaiting == next.Lease.Awaiting
}

// LeaseExpiresMs returns when, in state s, a presence ends unless a heartbeat comes,
// or 0 if it depends on none now. A leader that has begun since gives every lease a whole
// period, since nobody could renew one while there was none.
func (p Presence) LeaseExpiresMs(s *State) int64 {
	if p.Lease.PeriodMs == 0 || p.Status != rotation.StatusAvailable {
		return 0
	}
	return max(p.Lease.ExpiresMs, s.LeaseGraceMs+p.Lease.PeriodMs)
}

// become gives an agent another presence, tells it, and serves the teams in which
// she may be picked now. The agent is stored; planned says who planned it, if it
// was. It is the only way in which a status changes.
func become(tx *Tx, agent Agent, next Presence, planned string) {
	was := agent.Presence
	next.SinceMs = tx.NowMs
	if next.Status == was.Status {
		next.SinceMs = was.SinceMs
	}
	disarm(tx, agent)
	if next.UntilMs > 0 {
		tx.Timers.Put(Timer{DueMs: next.UntilMs, Kind: TimerUntil, Agent: agent.Handle})
	}
	next.Lease.TimerMs = 0
	if due := next.LeaseExpiresMs(tx.State); due > 0 {
		next.Lease.TimerMs = due
		tx.Timers.Put(Timer{DueMs: due, Kind: TimerLease, Agent: agent.Handle})
	}

	if was.Status == rotation.StatusAvailable && next.Status != was.Status {
		agent.LeftMs = tx.NowMs
	}
	agent.Presence, agent.Revision = next, tx.Seq
	agent.LatestPresence = tx.emit(Record{
		Event: PresenceChanged, Agent: agent.Handle, Status: next.Status, Previous: agent.LatestPresence,
		Telling: Telling{Reason: next.Reason, UntilMs: next.UntilMs, PlannedBy: planned},
	}, nil)
	tx.Agents.Put(agent)
	inTeams(tx, agent)
}

// inTeams judges an agent anew in each of her teams after her presence has changed.
// Where she has gone from a team that gives her work back, that follows.
func inTeams(tx *Tx, agent Agent) {
	for handle := range tx.Members.TeamsOf(agent.Handle) {
		team, _ := tx.Teams.Get(handle)
		giveBackLater(tx, team, agent)
	}
	rejudgeEverywhere(tx, agent, PresenceChanged)
}

// disarm stops the timers of the presence that an agent has.
func disarm(tx *Tx, agent Agent) {
	p := agent.Presence
	tx.Timers.Delete(Timer{DueMs: p.UntilMs, Kind: TimerUntil, Agent: agent.Handle})
	tx.Timers.Delete(Timer{DueMs: p.Lease.TimerMs, Kind: TimerLease, Agent: agent.Handle})
}

// lapse ends a lease, unless a heartbeat or a new leader has prolonged it.
func lapse(tx *Tx, agent Agent) {
	lease := agent.Presence.Lease
	due := agent.Presence.LeaseExpiresMs(tx.State)
	if tx.newTerm {
		// This entry begins a term, after its timers: they must not come first.
		due = max(due, tx.NowMs+lease.PeriodMs)
	}
	if due > tx.NowMs {
		agent.Presence.Lease.TimerMs = due
		tx.Timers.Put(Timer{DueMs: due, Kind: TimerLease, Agent: agent.Handle})
		tx.Agents.Put(agent)
		return
	}
	become(tx, agent, awaiting(tx, lease, ReasonLeaseExpired), "")
}

// awaiting is the presence of somebody whose client is to be heard of first.
func awaiting(tx *Tx, lease Lease, reason string) Presence {
	return Presence{Status: rotation.StatusUnavailable, Reason: reason, By: tx.actor,
		Lease: Lease{PeriodMs: lease.PeriodMs, ExpiresMs: lease.ExpiresMs, Awaiting: true}}
}

// comeBack ends a presence that was given a time; with a lease, only a heartbeat
// shows that she is there. Who follows her shifts comes back with the next of them.
func comeBack(tx *Tx, agent Agent) {
	if follows, on := shiftsOf(tx.State, agent.Handle); follows && !on {
		become(tx, agent, offDuty(tx, agent.Presence.Lease), "")
		return
	}
	if agent.Presence.Lease.PeriodMs > 0 {
		become(tx, agent, awaiting(tx, agent.Presence.Lease, ReasonUntilPassed), "")
		return
	}
	become(tx, agent, Presence{Status: rotation.StatusAvailable, Reason: ReasonUntilPassed, By: tx.actor}, "")
}

// beginPlan makes a plan the presence.
func beginPlan(tx *Tx, agent Agent) {
	plan := agent.Plan
	agent.Plan = Plan{}
	next := Presence{Status: plan.Status, Reason: plan.Reason, By: plan.By, UntilMs: plan.UntilMs, Lease: leaseFrom(tx, plan.LeaseMs)}
	if agent.Presence.same(next) {
		agent.Revision = tx.Seq
		tx.Agents.Put(agent)
		return
	}
	become(tx, agent, next, plan.By)
}

func leaseFrom(tx *Tx, periodMs int64) Lease {
	if periodMs == 0 {
		return Lease{}
	}
	return Lease{PeriodMs: periodMs, ExpiresMs: tx.NowMs + periodMs}
}

// firePresence does what is due of the kinds that presence has, and says whether
// kind is one of them.
func firePresence(tx *Tx, t Timer) bool {
	agent, _ := tx.Agents.Get(t.Agent)
	switch t.Kind {
	case TimerSettled:
		hasSettled(tx, agent, t.Team)
	case TimerPlan:
		beginPlan(tx, agent)
	case TimerUntil:
		comeBack(tx, agent)
	case TimerLease:
		lapse(tx, agent)
	case TimerGiveBack:
		giveBack(tx, agent, t)
	default:
		return false
	}
	return true
}
