package replay

import (
	"cmp"
	"fmt"
	"slices"
)

// A tenure is the time in which an agent had a ticket: from the step that gave it
// to her up to the step that closed it. until is -1 if nothing did.
type tenure struct{ from, until int }

// tenures finds them for each agent, from the decisions and the closings alone.
func tenures(c Course, list []caused) map[string][]tenure {
	closed := map[string]int{}
	for k, step := range c.Steps {
		if step.Kind == Close {
			closed[step.Of] = k
		}
	}
	byAgent := map[string][]tenure{}
	for _, d := range list {
		if d.Assignee == "" {
			continue
		}
		t := tenure{d.step, -1}
		if k, ok := closed[d.Conversation]; ok {
			t.until = k
		}
		byAgent[d.Assignee] = append(byAgent[d.Assignee], t)
	}
	return byAgent
}

// mostAtOnce returns the greatest number of tenures that overlap, and the step at
// which it is reached first. A place that a step frees is free for what the same
// step gives away.
func mostAtOnce(list []tenure) (most, step int) {
	type edge struct{ step, by int }
	var edges []edge
	for _, t := range list {
		if t.until >= 0 && t.until <= t.from {
			continue // closed before it was given: another check says so
		}
		edges = append(edges, edge{t.from, 1})
		if t.until >= 0 {
			edges = append(edges, edge{t.until, -1})
		}
	}
	slices.SortFunc(edges, func(a, b edge) int { return cmp.Or(cmp.Compare(a.step, b.step), cmp.Compare(a.by, b.by)) })
	now := 0
	for _, e := range edges {
		if now += e.by; now > most {
			most, step = now, e.step
		}
	}
	return most, step
}

// checkCapacity: nobody ever has more open than the limit. It knows nothing of
// queues, turns or presence: it lays the tenures of each agent over one another.
func checkCapacity(c Course, list []caused) *Check {
	check := newCheck(Capacity, "nobody has more open than the limit")
	if c.Capacity > 0 {
		check.Promise = fmt.Sprintf("nobody has more than %s open", thousands(int64(c.Capacity)))
	}
	byAgent, most := tenures(c, list), 0
	for _, agent := range c.Ring {
		n, at := mostAtOnce(byAgent[agent])
		most = max(most, n)
		if c.Capacity == 0 || n <= c.Capacity {
			continue
		}
		decision, ticket := "", ""
		for _, d := range list {
			if d.step == at && d.Assignee == agent {
				decision, ticket = d.ID, d.Conversation
			}
		}
		check.violate(decision, ticket, "%s has %d open at once, the limit is %d", agent, n, c.Capacity)
	}
	check.Examined = fmt.Sprintf("at most %s at once, %s", thousands(int64(most)), count(len(c.Ring), "agent"))
	return check
}
