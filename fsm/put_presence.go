package fsm

import "github.com/rondohq/rondo/rotation"

var (
	_ = register[PutPresence](3, "agent.presence")
	_ = register[DeletePlan](61, "agent.presence_plan_delete")
)

// Limits of a presence.
const (
	MinLeaseSeconds = 10
	MaxLeaseSeconds = 3600

	// MaxPlanMs is how far ahead from and until may be: a year, and a day so that
	// the same date next year is never too far.
	MaxPlanMs = 367 * 24 * 3600 * 1000
)

// PutPresence says whether an agent takes conversations: by herself, or by
// somebody for her (S2.18). It counts in every team at once (S2.19). What she has
// stays hers (S2.21) unless a team's when_away says otherwise, and when she comes
// back nobody's place in a ring has moved (S2.6).
//
// Without From it holds at once and leaves a plan alone; with From it is her
// plan, in place of the one there was. At Until she is available again, or, with
// a lease, from the next heartbeat on.
type PutPresence struct {
	Agent        AgentID `json:"agent" cbor:"1,keyasint"`
	Status       string  `json:"status" cbor:"2,keyasint"`
	Reason       string  `json:"reason" cbor:"3,keyasint,omitempty"`
	From         string  `json:"from" cbor:"4,keyasint,omitempty"`  // RFC 3339
	Until        string  `json:"until" cbor:"5,keyasint,omitempty"` // RFC 3339
	LeaseSeconds *uint32 `json:"lease_seconds" cbor:"6,keyasint,omitempty"`
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
	checkTime(&check, "/from", c.From)
	checkTime(&check, "/until", c.Until)
	if c.Until != "" && c.Status == "available" {
		check.add("/until", "unexpected", `until is when she is available again; to end being available, send another status with "from"`)
	}
	if n := c.LeaseSeconds; n != nil && (*n < MinLeaseSeconds || *n > MaxLeaseSeconds) {
		check.add("/lease_seconds", "out_of_range", "%d, it must be from %d to %d", *n, MinLeaseSeconds, MaxLeaseSeconds)
	}
	return check.err()
}

func checkTime(c *checker, pointer, s string) {
	if ms, err := parseTime(s); err != nil || s != "" && ms <= 0 {
		c.add(pointer, "format", "not a time such as 2026-11-21T09:14:02Z")
	}
}

func (c PutPresence) apply(tx *Tx) (Result, error) {
	agent, ok := tx.Agents.ByID(c.Agent)
	if !ok {
		return Result{}, reject(NotFound, "there is no agent %q", c.Agent)
	}
	fromMs, untilMs, err := c.times(tx.NowMs)
	if err != nil {
		return Result{}, err
	}

	result := Result{Subject: Subject{NounAgent, uint64(agent.Handle)}}
	status, _ := rotation.ParseStatus(c.Status)
	leaseMs := int64(valueOr(c.LeaseSeconds, 0)) * 1000
	if fromMs > 0 {
		replan(tx, agent, Plan{Status: status, Reason: c.Reason, FromMs: fromMs, UntilMs: untilMs, LeaseMs: leaseMs, By: tx.actor})
		return result, nil
	}
	next := Presence{Status: status, Reason: c.Reason, By: tx.actor, UntilMs: untilMs, Lease: leaseFrom(tx, leaseMs)}
	if agent.Presence.same(next) {
		prolong(tx, agent)
		return result, nil
	}
	become(tx, agent, next, "")
	return result, nil
}

// times refuses what is past or absurdly far.
func (c PutPresence) times(nowMs int64) (fromMs, untilMs int64, err error) {
	fromMs, _ = parseTime(c.From)
	untilMs, _ = parseTime(c.Until)
	var check checker
	checkAhead(&check, "/from", fromMs, nowMs, "leave it out to act now")
	checkAhead(&check, "/until", untilMs, nowMs, "leave it out if nobody knows until when")
	if fromMs > 0 && untilMs > 0 && untilMs <= fromMs {
		check.add("/until", "order", "it must be behind from")
	}
	return fromMs, untilMs, check.err()
}

// ahead refuses a time that is past or absurdly far; 0 is none.
func checkAhead(c *checker, pointer string, ms, nowMs int64, hint string) {
	switch {
	case ms == 0:
	case ms <= nowMs:
		c.add(pointer, "past", "it is past; %s", hint)
	case ms > nowMs+MaxPlanMs:
		c.add(pointer, "too_far", "it is more than a year ahead")
	}
}

// aheadOfNow reads the time until when something shall be so.
func aheadOfNow(tx *Tx, pointer, text string) (ms int64, err error) {
	ms, _ = parseTime(text)
	var check checker
	checkAhead(&check, pointer, ms, tx.NowMs, "leave it out if nobody knows until when")
	return ms, check.err()
}

// replan gives an agent a plan in place of the one she has; the zero plan is
// none.
func replan(tx *Tx, agent Agent, plan Plan) {
	event := PresencePlanned
	if plan.FromMs == 0 {
		event = PlanCancelled
	}
	tx.Timers.Delete(agent.planTimer())
	agent.Plan, agent.Revision = plan, tx.Seq
	if plan.FromMs > 0 {
		tx.Timers.Put(agent.planTimer())
	}
	tx.Agents.Put(agent)
	tx.emit(Record{Event: event, Agent: agent.Handle, Status: plan.Status,
		Telling: Telling{Reason: plan.Reason, FromMs: plan.FromMs, UntilMs: plan.UntilMs}}, nil)
}

func (a Agent) planTimer() Timer {
	return Timer{DueMs: a.Plan.FromMs, Kind: TimerPlan, Agent: a.Handle}
}

// DeletePlan cancels what is planned; the presence stays as it is.
type DeletePlan struct {
	Agent AgentID `json:"agent" cbor:"1,keyasint"`
}

// Check implements Command.
func (c DeletePlan) Check() error {
	var check checker
	check.id("/agent", string(c.Agent))
	return check.err()
}

func (c DeletePlan) apply(tx *Tx) (Result, error) {
	agent, ok := tx.Agents.ByID(c.Agent)
	switch {
	case !ok:
		return Result{}, reject(NotFound, "there is no agent %q", c.Agent)
	case agent.Plan.FromMs == 0:
		return Result{}, reject(NotFound, "agent %q has no plan", c.Agent)
	}
	replan(tx, agent, Plan{})
	return Result{Subject: Subject{NounAgent, uint64(agent.Handle)}}, nil
}

func (c DeletePlan) target(s *State) Target { return agentTarget(s, c.Agent, false) }
