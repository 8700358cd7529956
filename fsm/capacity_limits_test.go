package fsm

import (
	"github.com/rondohq/rondo/rotation"
)

// capacityLimits are those of limits on open conversations, rates and weights.
func capacityLimits() []limit {
	agents := func(n int) *CapacitySettings {
		s := &CapacitySettings{Agents: map[AgentID]uint32{}}
		for i := range n {
			s.Agents[agentID(i)] = 1
		}
		return s
	}
	team := func(c PutTeam) Command {
		c.ID, c.Name = "t-capacity", "T"
		return c
	}
	inbox := func(s *CapacitySettings) Command { return PutInbox{ID: "i-capacity", Name: "I", Capacity: s} }
	agent := func(n int) Command {
		return PutAgent{ID: "a-capacity", Name: "A", Limits: &LimitSettings{Open: number(uint32(n))}}
	}
	open := func(n int) *CapacitySettings { return &CapacitySettings{Open: number(uint32(n))} }
	one := func(n int) *CapacitySettings {
		return &CapacitySettings{Agents: map[AgentID]uint32{agentID(0): uint32(n)}}
	}
	rate := func(limit, window int) Command {
		return team(PutTeam{Rate: &RateSettings{Limit: uint32(limit), WindowSeconds: uint32(window)}})
	}
	member := func(n int) Command {
		return team(PutTeam{Members: []TeamMember{{Agent: agentID(0), Weight: number(uint32(n))}}})
	}
	least := func(name string, build func(n int) Command, pointer, code string) limit {
		return limit{"no " + name, build(1), build(0), pointer, code}
	}
	ofTeam := func(s *CapacitySettings) Command { return team(PutTeam{Capacity: s}) }
	of := "/capacity/agents/" + string(agentID(0))
	list := []limit{
		sized("open of an agent", MaxOpenLimit, agent, "/limits/open", "out_of_range"),
		least("open of an agent", agent, "/limits/open", "out_of_range"),
		sized("rate", MaxRateLimit, func(n int) Command { return rate(n, 1) }, "/rate/limit", "out_of_range"),
		least("rate", func(n int) Command { return rate(n, 1) }, "/rate/limit", "required"),
		sized("rate window", MaxRateWindowSeconds, func(n int) Command { return rate(1, n) }, "/rate/window_seconds", "out_of_range"),
		least("rate window", func(n int) Command { return rate(1, n) }, "/rate/window_seconds", "required"),
		sized("weight", rotation.MaxWeight, member, "/members/0/weight", "out_of_range"),
		least("weight", member, "/members/0/weight", "out_of_range"),
		sized("weight of one", rotation.MaxWeight, func(n int) Command {
			return PutMember{Team: "t", Agent: agentID(0), Weight: number(uint32(n))}
		}, "/weight", "out_of_range"),
		least("weight of one", func(n int) Command {
			return PutMember{Team: "t", Agent: agentID(0), Weight: number(uint32(n))}
		}, "/weight", "out_of_range"),
	}
	for name, build := range map[string]func(*CapacitySettings) Command{"team": ofTeam, "inbox": inbox} {
		list = append(list,
			sized("capacity of "+name, MaxOpenLimit, func(n int) Command { return build(open(n)) }, "/capacity/open", "out_of_range"),
			least("capacity of "+name, func(n int) Command { return build(open(n)) }, "/capacity/open", "out_of_range"),
			sized("her capacity in "+name, MaxOpenLimit, func(n int) Command { return build(one(n)) }, of, "out_of_range"),
			least("her capacity in "+name, func(n int) Command { return build(one(n)) }, of, "out_of_range"),
			sized("members with capacity in "+name, MaxMembers, func(n int) Command { return build(agents(n)) }, "/capacity/agents", "too_many"))
	}
	return list
}
