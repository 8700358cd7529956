package fsm

import "pgregory.net/rapid"

// Limits, rates and weights of the storm: often none, and else so small that they
// are reached.

func stormLimit(t *rapid.T) *uint32 { return limitOrNil(pickOne(t, []int{0, 0, 1, 2, 4}, "limit")) }

func stormWeight(t *rapid.T) *uint32 { return limitOrNil(pickOne(t, []int{0, 0, 1, 3}, "weight")) }

func stormCapacity(t *rapid.T) *CapacitySettings {
	if upTo(t, 1, "capacity") == 0 {
		return nil
	}
	return &CapacitySettings{Open: stormLimit(t), Agents: pickOne(t, []map[AgentID]uint32{nil, {"a": 1}, {"b": 2, "c": 1}}, "agents' limits")}
}

func stormRate(t *rapid.T) *RateSettings {
	return pickOne(t, []*RateSettings{nil, nil, {Limit: 1, WindowSeconds: 60}, {Limit: 2, WindowSeconds: 3600}}, "rate")
}
