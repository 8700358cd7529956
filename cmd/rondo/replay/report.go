package replay

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"time"
)

// A Report is the outcome of a replay. Its JSON names do not change.
type Report struct {
	Prefix        string        `json:"prefix"` // of all ids
	Team          string        `json:"team"`
	Inbox         string        `json:"inbox"`
	OK            bool          `json:"ok"` // all checks hold
	Log           LogReport     `json:"log"`
	Run           RunReport     `json:"run"`
	Agents        []AgentReport `json:"agents"` // in the order of their turns
	Totals        TotalReport   `json:"totals"`
	Checks        []*Check      `json:"checks"`
	TicketsReport               // those without anybody
}

// A TicketsReport lists the tickets that nobody was given. They are no violation:
// each has a record that says why.
type TicketsReport struct {
	Waiting       []string `json:"waiting"`
	ClosedWaiting []string `json:"closed_while_waiting"`
}

// A LogReport says what was played.
type LogReport struct {
	Events  int       `json:"events"`
	Tickets int       `json:"tickets"`
	First   time.Time `json:"first"` // of the log's times
	Last    time.Time `json:"last"`
}

// A RunReport says how it went.
type RunReport struct {
	Servers          []string `json:"servers"`
	Seconds          float64  `json:"seconds"`
	Steps            int      `json:"steps"`
	PresenceChanges  int      `json:"presence_changes"`
	StepsPerSecond   float64  `json:"steps_per_second"`
	TicketsPerSecond float64  `json:"tickets_per_second"`
	Retries          int64    `json:"retries"`  // attempts beyond the first
	Replayed         int64    `json:"replayed"` // of them, those whose call had been done already
}

// An AgentReport compares what was with what Rondo would have done.
type AgentReport struct {
	ID              string  `json:"id"`
	Name            string  `json:"name"`
	ReallyTaken     *int    `json:"really_taken"` // tickets she took first in the log; null: none
	Assigned        int     `json:"assigned"`
	EligibleSeconds int64   `json:"eligible_seconds"` // in the log's time
	FairShare       float64 `json:"fair_share"`       // of each turn taken while she was eligible: 1 / all who were
}

// A TotalReport sums the agents up.
type TotalReport struct {
	ReallyTaken     int     `json:"really_taken"`
	Assigned        int     `json:"assigned"`
	EligibleSeconds int64   `json:"eligible_seconds"`
	FairShare       float64 `json:"fair_share"`
}

func newReport(log *Log, p *player, took time.Duration, f *Findings) *Report {
	steps, tickets := len(p.plan.Steps), len(p.plan.Tickets)
	seconds := max(took.Seconds(), 1e-3)
	r := &Report{
		Prefix: p.plan.Prefix, Team: p.team, Inbox: p.inbox, OK: f.OK(),
		Log: LogReport{Events: len(log.Events), Tickets: tickets, First: log.Events[0].At, Last: log.Events[len(log.Events)-1].At},
		Run: RunReport{
			Servers: p.client.Servers(), Seconds: round(seconds, 3), Steps: steps, PresenceChanges: len(p.presence),
			StepsPerSecond: round(float64(steps)/seconds, 1), TicketsPerSecond: round(float64(tickets)/seconds, 1),
			Retries: p.counters.retries.Load(), Replayed: p.counters.replayed.Load(),
		},
		Checks: f.Checks, TicketsReport: TicketsReport{f.Waiting, f.ClosedWaiting},
		Totals: TotalReport{ReallyTaken: p.plan.Taken},
	}
	for _, a := range p.plan.Agents {
		row := AgentReport{ID: a.ID, Name: a.Name, Assigned: f.Assigned[a.ID],
			EligibleSeconds: int64(a.Eligible / time.Second), FairShare: round(f.FairShare[a.ID], 3)}
		if a.Taken > 0 {
			row.ReallyTaken = new(a.Taken)
		}
		r.Agents = append(r.Agents, row)
		r.Totals.Assigned += row.Assigned
		r.Totals.EligibleSeconds += row.EligibleSeconds
		r.Totals.FairShare += f.FairShare[a.ID]
	}
	r.Totals.FairShare = round(r.Totals.FairShare, 3)
	return r
}

func round(x float64, digits int) float64 {
	scale := math.Pow10(digits)
	return math.Round(x*scale) / scale
}

// write writes the report to w in one of the forms of Options.
func (r *Report) write(w io.Writer, form string) error {
	return writeAs(w, form, r, r.writeText)
}

// writeAs writes what a replay has found, whose text is its own.
func writeAs(w io.Writer, form string, found any, text func(io.Writer) error) error {
	switch form {
	case FormText:
		return text(w)
	case FormJSON:
		encoder := json.NewEncoder(w)
		encoder.SetIndent("", "  ")
		return encoder.Encode(found)
	default:
		return fmt.Errorf("format %q is not known", form)
	}
}
