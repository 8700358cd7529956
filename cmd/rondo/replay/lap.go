package replay

import "slices"

// A lap is the checker's own idea of whose turn it is: the slots of all agents in
// the order in which they come round, and the one that was used last. In a round
// robin everybody has one slot; in a weighted rotation an agent of weight w has w,
// at even distances; who has the fewest open conversations is looked for from
// the last slot on.
type lap struct {
	leastOpen bool
	agents    int
	slots     []int // the agent of each
	last      int   // the slot used last; -1 before the first
}

// A passing is somebody whose turn it would have been, and why it was not.
type passing struct {
	agent  int
	reason string
}

func newLap(c Course) *lap {
	l := &lap{leastOpen: c.Strategy == LeastOpen, agents: len(c.Ring), last: -1}
	for agent := range c.Ring {
		l.slots = append(l.slots, agent)
	}
	if c.Strategy == Weighted {
		l.slots = weightedSlots(c.Weights)
	}
	return l
}

// weightedSlots lists the slots of a weighted lap. The nth of an agent with weight
// w, the ith of a ring of size, stands at (n + (i + 1/2)/size) / w of the way round;
// of two at one place the one who stands first in the ring comes first.
func weightedSlots(weights []int) []int {
	type slot struct{ agent, n, of int } // n of the way round, in parts of which there are of
	var slots []slot
	size := len(weights)
	for agent, weight := range weights {
		for n := range weight {
			slots = append(slots, slot{agent, 2*size*n + 2*agent + 1, 2 * size * weight})
		}
	}
	slices.SortStableFunc(slots, func(a, b slot) int { return a.n*b.of - b.n*a.of })
	agents := make([]int, len(slots))
	for i, s := range slots {
		agents[i] = s.agent
	}
	return agents
}

// next returns the slot whose turn it is, -1 if nobody may be picked, and who is
// passed over on the way to it. objection is why an agent may not be picked, ""
// if she may; open is how many conversations she has.
func (l *lap) next(objection func(agent int) string, open []int) (int, []passing) {
	best := -1
	l.each(func(slot int) bool {
		agent := l.slots[slot]
		if objection(agent) != "" || best >= 0 && open[agent] >= open[l.slots[best]] {
			return true
		}
		best = slot
		return l.leastOpen
	})
	var passed []passing
	if best < 0 {
		for i := range l.agents {
			agent := (l.lastAgent() + 1 + i) % l.agents
			passed = append(passed, passing{agent, objection(agent)})
		}
		return -1, passed
	}
	seen := make([]bool, l.agents)
	l.each(func(slot int) bool {
		agent := l.slots[slot]
		if slot == best || seen[agent] {
			return slot != best
		}
		seen[agent] = true
		reason := objection(agent)
		if reason == "" {
			reason = reasonBusier
		}
		passed = append(passed, passing{agent, reason})
		return true
	})
	return best, passed
}

// each goes once round, from behind the last slot, while yield says so.
func (l *lap) each(yield func(slot int) bool) {
	for i := range l.slots {
		if !yield((l.last + 1 + i) % len(l.slots)) {
			return
		}
	}
}

// lastAgent returns who took the last turn, -1 at the top.
func (l *lap) lastAgent() int {
	if l.last < 0 {
		return -1
	}
	return l.slots[l.last]
}

// take moves on to the next slot of an agent.
func (l *lap) take(agent int) {
	l.each(func(slot int) bool {
		if l.slots[slot] == agent {
			l.last = slot
			return false
		}
		return true
	})
}
