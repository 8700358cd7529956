package replay

import (
	"io"
	"slices"
	"time"
)

// A Comparison is the outcome of a replay that compares strategies. Its JSON names
// do not change.
type Comparison struct {
	Prefix      string           `json:"prefix"`   // of all ids
	OK          bool             `json:"ok"`       // all checks of all strategies hold
	Capacity    *int             `json:"capacity"` // open conversations an agent may have; null: no limit
	Percentiles string           `json:"percentiles"`
	LeftOut     string           `json:"left_out"` // a strategy, and why; empty: none
	Log         LogReport        `json:"log"`
	Run         RunReport        `json:"run"`
	Strategies  []StrategyReport `json:"strategies"`
}

// A StrategyReport is what one strategy came to.
type StrategyReport struct {
	Strategy string  `json:"strategy"`
	OK       bool    `json:"ok"`
	Team     string  `json:"team"`
	Inbox    string  `json:"inbox"`
	Seconds  float64 `json:"seconds"` // of the real clock, that it was played in
	Outcome
	MostOpen int           `json:"most_open"` // at once, of any agent
	Agents   []AgentOfDesk `json:"agents"`    // in the order of the ring
	Checks   []*Check      `json:"checks"`
}

// An AgentOfDesk is what one strategy gave an agent.
type AgentOfDesk struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	ReallyTaken *int   `json:"really_taken"` // tickets she took first in the log; null: none
	Weight      *int   `json:"weight"`       // null: the strategy knows none
	Assigned    int    `json:"assigned"`
	MostOpen    int    `json:"most_open"` // at once
}

func newComparison(log *Log, list []*contestant, all *counters, took time.Duration, o Options) *Comparison {
	seconds := max(took.Seconds(), 1e-3)
	r := &Comparison{Prefix: o.Prefix, OK: true, Percentiles: "nearest_rank",
		Log: LogReport{Events: len(log.Events), First: log.Events[0].At, Last: log.Events[len(log.Events)-1].At}}
	if o.Compare.Capacity > 0 {
		r.Capacity = &o.Compare.Capacity
	}
	tickets := 0
	for _, c := range list {
		s := newStrategyReport(c)
		r.OK = r.OK && s.OK
		r.Strategies = append(r.Strategies, s)
		r.Log.Tickets = s.Conversations
		r.Run.Servers = c.client.Servers()
		r.Run.PresenceChanges += len(c.presence)
		tickets += s.Conversations
	}
	r.Run.Seconds, r.Run.Steps = round(seconds, 3), all.total
	r.Run.StepsPerSecond, r.Run.TicketsPerSecond = round(float64(all.total)/seconds, 1), round(float64(tickets)/seconds, 1)
	r.Run.Retries, r.Run.Replayed = all.retries.Load(), all.replayed.Load()
	return r
}

func newStrategyReport(c *contestant) StrategyReport {
	list, findings := c.course.causes(), ExamineCourse(c.course)
	s := StrategyReport{Strategy: c.strategy, OK: findings.OK(), Team: c.team, Inbox: c.inbox, Seconds: round(c.took.Seconds(), 3),
		Outcome: measure(c.course, list), Checks: findings.Checks}
	had := tenures(c.course, list)
	for i, a := range c.plan.Agents {
		most, _ := mostAtOnce(had[a.ID])
		row := AgentOfDesk{ID: a.ID, Name: a.Name, Assigned: len(had[a.ID]), MostOpen: most}
		if a.Taken > 0 {
			row.ReallyTaken = new(a.Taken)
		}
		if c.weights != nil {
			row.Weight = new(c.weights[i])
		}
		s.MostOpen = max(s.MostOpen, most)
		s.Agents = append(s.Agents, row)
	}
	return s
}

// A spread is the least, the median (nearest rank) and the most of something.
type spread struct{ least, median, most int64 }

func spreadOf(agents []AgentOfDesk, of func(AgentOfDesk) int) spread {
	var list []int64
	for _, a := range agents {
		list = append(list, int64(of(a)))
	}
	slices.Sort(list)
	if len(list) == 0 {
		return spread{}
	}
	return spread{list[0], NearestRank(list, 50), list[len(list)-1]}
}

// write writes the comparison to w in one of the forms of Options.
func (r *Comparison) write(w io.Writer, form string) error {
	return writeAs(w, form, r, r.writeText)
}
