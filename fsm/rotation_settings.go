package fsm

import "github.com/rondohq/rondo/rotation"

// A Rotation is how a team shares its work, as it stands in the state.
type Rotation struct {
	Strategy        uint8           `cbor:"1,keyasint"` // 0: round_robin, the only one yet
	Order           Order           `cbor:"2,keyasint"`
	AssignTo        rotation.Policy `cbor:"3,keyasint"`
	Per             Per             `cbor:"4,keyasint"`
	Fallback        FallbackTo      `cbor:"5,keyasint"`
	FallbackAgent   AgentHandle     `cbor:"6,keyasint,omitempty"` // for FallbackAgent
	DrainBurst      uint32          `cbor:"7,keyasint"`           // 0: no limit
	DrainIntervalMs int64           `cbor:"8,keyasint"`
	AlertAfterMs    int64           `cbor:"9,keyasint"` // 0: never
}

// drains says whether agents who come back take what waits in portions (decision
// 6). Only what waits can be drained, so other fallbacks know no allowance.
func (r Rotation) drains() bool { return r.Fallback == FallbackWait && r.DrainBurst > 0 }

// RoundRobinName is the name of the only strategy so far.
const RoundRobinName = "round_robin"

// The defaults of RotationSettings.
const (
	DefaultDrainBurst           = 3
	DefaultDrainIntervalSeconds = 60
	DefaultAlertAfterSeconds    = 300
)

// RotationSettings is a Rotation as clients write it. What is left out takes its
// default: the zero value is a rotation by name over the available, which waits
// when there are none.
type RotationSettings struct {
	Strategy             string            `json:"strategy" cbor:"1,keyasint,omitempty"`
	Order                string            `json:"order" cbor:"2,keyasint,omitempty"`
	AssignTo             string            `json:"assign_to" cbor:"3,keyasint,omitempty"`
	Per                  string            `json:"per" cbor:"4,keyasint,omitempty"`
	Fallback             *FallbackSettings `json:"fallback" cbor:"5,keyasint,omitempty"`
	DrainBurst           *uint32           `json:"drain_burst" cbor:"6,keyasint,omitempty"`
	DrainIntervalSeconds *uint32           `json:"drain_interval_seconds" cbor:"7,keyasint,omitempty"`
	AlertAfterSeconds    *uint32           `json:"alert_after_seconds" cbor:"8,keyasint,omitempty"`
}

// FallbackSettings says what happens when nobody may be picked.
type FallbackSettings struct {
	To    string  `json:"to" cbor:"1,keyasint,omitempty"`
	Agent AgentID `json:"agent" cbor:"2,keyasint,omitempty"`
}

func (r *RotationSettings) check(c *checker) {
	if r == nil {
		return
	}
	c.oneOf("/rotation/strategy", r.Strategy, RoundRobinName)
	c.oneOf("/rotation/order", r.Order, orders...)
	c.oneOf("/rotation/assign_to", r.AssignTo, "available", "not_away", "anyone")
	c.oneOf("/rotation/per", r.Per, pers...)
	c.seconds("/rotation/drain_interval_seconds", r.DrainIntervalSeconds, 1)
	c.seconds("/rotation/alert_after_seconds", r.AlertAfterSeconds, 0)
	if r.DrainBurst != nil && *r.DrainBurst > MaxMembers {
		c.add("/rotation/drain_burst", "too_large", "%d, at most %d are allowed; 0 means no limit", *r.DrainBurst, MaxMembers)
	}
	if f := r.Fallback; f != nil {
		c.oneOf("/rotation/fallback/to", f.To, fallbacks...)
		switch {
		case f.To == "agent":
			c.id("/rotation/fallback/agent", string(f.Agent))
		case f.Agent != "":
			c.add("/rotation/fallback/agent", "unexpected", `only "to":"agent" has an agent`)
		}
	}
}

func (c *checker) seconds(pointer string, n *uint32, least uint32) {
	if n != nil && (*n < least || *n > MaxSeconds) {
		c.add(pointer, "out_of_range", "%d, it must be from %d to %d", *n, least, MaxSeconds)
	}
}

// resolve returns the rotation that the settings stand for. They have passed
// check, and the fallback agent is known.
func (r *RotationSettings) resolve(fallback AgentHandle) Rotation {
	if r == nil {
		r = &RotationSettings{}
	}
	order, _ := numberOf(orders, r.Order)
	per, _ := numberOf(pers, r.Per)
	policy, _ := rotation.ParsePolicy(r.AssignTo)
	to := 0
	if r.Fallback != nil {
		to, _ = numberOf(fallbacks, r.Fallback.To)
	}
	return Rotation{
		Order:           Order(order),
		AssignTo:        policy,
		Per:             Per(per),
		Fallback:        FallbackTo(to),
		FallbackAgent:   fallback,
		DrainBurst:      valueOr(r.DrainBurst, DefaultDrainBurst),
		DrainIntervalMs: int64(valueOr(r.DrainIntervalSeconds, DefaultDrainIntervalSeconds)) * 1000,
		AlertAfterMs:    int64(valueOr(r.AlertAfterSeconds, DefaultAlertAfterSeconds)) * 1000,
	}
}

func valueOr(p *uint32, otherwise uint32) uint32 {
	if p == nil {
		return otherwise
	}
	return *p
}
