package fsm

import "github.com/rondohq/rondo/rotation"

// A Rotation is how a team shares its work, as it stands in the state.
type Rotation struct {
	Strategy        Strategy        `cbor:"1,keyasint"`
	Order           Order           `cbor:"2,keyasint"`
	AssignTo        rotation.Policy `cbor:"3,keyasint"`
	Per             Per             `cbor:"4,keyasint"`
	FallbackChain                   // 5, 6, 20 to 22
	DrainBurst      uint32          `cbor:"7,keyasint"` // 0: no limit
	DrainIntervalMs int64           `cbor:"8,keyasint"`
	AlertAfterMs    int64           `cbor:"9,keyasint"` // 0: never
	OnReturn        OnReturn        `cbor:"23,keyasint,omitempty"`
	ExcludeTags     []string        `cbor:"24,keyasint,omitempty"` // sorted
	LeastOpenBy     LeastOpenBy     `cbor:"31,keyasint,omitempty"`
	IgnoreCapacity  bool            `cbor:"30,keyasint,omitempty"` // "regardless of how many open" (S3.9)
	OfferMs         int64           `cbor:"32,keyasint,omitempty"` // 0: it assigns; else how long an offer is open
	OfferPauseMs    int64           `cbor:"33,keyasint,omitempty"` // after which those who were asked are asked again; 0: the default
}

// drains says whether agents who come back take what waits in portions (decision
// 6).
func (r Rotation) drains() bool { return r.DrainBurst > 0 }

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
	OnReturn             string            `json:"on_return" cbor:"20,keyasint,omitempty"`
	ExcludeTags          []string          `json:"exclude_tags" cbor:"21,keyasint,omitempty"`
	LeastOpenBy          string            `json:"least_open_by" cbor:"31,keyasint,omitempty"`
	RespectCapacity      *bool             `json:"respect_capacity" cbor:"30,keyasint,omitempty"` // true (default)
	OfferSeconds         *uint32           `json:"offer_seconds" cbor:"32,keyasint,omitempty"`
	OfferPauseSeconds    *uint32           `json:"offer_pause_seconds" cbor:"33,keyasint,omitempty"`
}

func (r *RotationSettings) check(c *checker) {
	if r == nil {
		return
	}
	c.oneOf("/rotation/strategy", r.Strategy, strategies...)
	c.oneOf("/rotation/order", r.Order, orders...)
	c.oneOf("/rotation/least_open_by", r.LeastOpenBy, leastOpenBys...)
	if r.Strategy == Weighted.String() && r.Order == OrderLeastRecent.String() {
		c.add("/rotation/order", "ambiguous", "weights already say how often each has a turn; take the order name or list, or the strategy round_robin")
	}
	c.oneOf("/rotation/assign_to", r.AssignTo, "available", "not_away", "anyone")
	c.oneOf("/rotation/per", r.Per, pers...)
	c.seconds("/rotation/drain_interval_seconds", r.DrainIntervalSeconds, 1)
	c.seconds("/rotation/alert_after_seconds", r.AlertAfterSeconds, 0)
	if r.DrainBurst != nil && *r.DrainBurst > MaxMembers {
		c.add("/rotation/drain_burst", "too_large", "%d, at most %d are allowed; 0 means no limit", *r.DrainBurst, MaxMembers)
	}
	checkOffers(c, r)
	c.oneOf("/rotation/on_return", r.OnReturn, onReturns...)
	checkTags(c, "/rotation/exclude_tags", r.ExcludeTags)
	r.Fallback.check(c)
}

func (c *checker) seconds(pointer string, n *uint32, least uint32) {
	if n != nil && (*n < least || *n > MaxSeconds) {
		c.add(pointer, "out_of_range", "%d, it must be from %d to %d", *n, least, MaxSeconds)
	}
}

// resolve returns the rotation that the settings stand for. They have passed
// check, and what they name is known.
func (r *RotationSettings) resolve(s *State) Rotation {
	if r == nil {
		r = &RotationSettings{}
	}
	strategy, _ := numberOf(strategies, r.Strategy)
	order, _ := numberOf(orders, r.Order)
	per, _ := numberOf(pers, r.Per)
	policy, _ := rotation.ParsePolicy(r.AssignTo)
	by, _ := numberOf(leastOpenBys, r.LeastOpenBy)
	onReturn, _ := numberOf(onReturns, r.OnReturn)
	return Rotation{
		Strategy:        Strategy(strategy),
		Order:           Order(order),
		AssignTo:        policy,
		Per:             Per(per),
		FallbackChain:   r.Fallback.resolve(s),
		DrainBurst:      valueOr(r.DrainBurst, DefaultDrainBurst),
		DrainIntervalMs: int64(valueOr(r.DrainIntervalSeconds, DefaultDrainIntervalSeconds)) * 1000,
		AlertAfterMs:    int64(valueOr(r.AlertAfterSeconds, DefaultAlertAfterSeconds)) * 1000,
		OnReturn:        OnReturn(onReturn),
		ExcludeTags:     sortedTags(r.ExcludeTags),
		LeastOpenBy:     LeastOpenBy(by),
		IgnoreCapacity:  r.RespectCapacity != nil && !*r.RespectCapacity,
		OfferMs:         int64(valueOr(r.OfferSeconds, 0)) * 1000,
		OfferPauseMs:    r.offerPauseMs(),
	}
}

func valueOr(p *uint32, otherwise uint32) uint32 {
	if p == nil {
		return otherwise
	}
	return *p
}
