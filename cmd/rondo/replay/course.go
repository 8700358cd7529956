package replay

import (
	"time"
)

// The strategies that are compared, as the API names them.
const (
	RoundRobin = "round_robin"
	LeastOpen  = "least_open"
	Weighted   = "weighted"
)

// CapacityMax is the greatest limit on open conversations that the server takes.
const CapacityMax = 100_000

// A Course is the history of a log that was played in its own order, one step
// after another, to a desk whose agents may have a limit. Each step was answered
// before the next was sent, so what the cluster decided up to the answer of a step,
// and after that of the step before, was caused by that step and by nothing else:
// that is how a decision gets its moment in the log, whatever the cluster's clock
// said.
type Course struct {
	History
	Strategy string
	Capacity int   // open conversations an agent may have; 0: no limit
	Weights  []int // of the agents, as Ring lists them; read for Weighted only
	Steps    []Played
}

// A Played is one step, as it was asked and answered.
type Played struct {
	At   time.Time // in the log
	Kind Kind
	Of   string // id of the agent or of the ticket
	By   uint64 // index of its answer
}

// A caused is a decision with the number of the step that caused it. A decision
// behind the last answer has the number len(Steps): nothing caused it.
type caused struct {
	placed
	step int
}

// causes finds for each decision, in their order, the step that caused it.
func (c *Course) causes() []caused {
	list := make([]caused, 0, len(c.Decisions))
	step := 0
	for _, d := range ordered(c.Decisions) {
		for step < len(c.Steps) && c.Steps[step].By < d.index {
			step++
		}
		list = append(list, caused{d, step})
	}
	return list
}

// ExamineCourse checks a course. Like Examine it is pure and asks nobody.
func ExamineCourse(c Course) *Findings {
	f := &Findings{Assigned: map[string]int{}, FairShare: map[string]float64{}, Waiting: []string{}, ClosedWaiting: []string{}}
	list := c.causes()
	turns, queue, moments := checkDesk(c, list)
	f.Checks = []*Check{checkDecided(c.History, f), checkOrder(c.History), turns, queue, checkCapacity(c, list)}
	fair := checkFairness(c.History, moments, f)
	if c.Strategy == RoundRobin { // the others promise something else
		f.Checks = append(f.Checks, fair)
	}
	return f
}
