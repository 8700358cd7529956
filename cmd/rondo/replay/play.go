package replay

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rondohq/rondo/cmd/rondo/client"
)

// A player plays a plan. One goroutine calls setUp, play and history, in this
// order; play has workers of its own, all gone when it returns.
type player struct {
	plan    *Plan
	client  *client.Client
	options Options
	crew

	seen     atomic.Uint64 // the highest index any answer has named
	counters *counters
	tickets  []Ticket         // as in the plan; each written by the worker that has it
	opened   []chan struct{}  // closed when a ticket's opening is answered
	presence []PresenceChange // in the order made
}

func newPlayer(plan *Plan, c *client.Client, o Options) *player {
	p := &player{
		plan: plan, client: c, options: o, crew: newCrew(plan.Prefix),
		tickets: make([]Ticket, len(plan.Tickets)), opened: make([]chan struct{}, len(plan.Tickets)),
	}
	for i, t := range plan.Tickets {
		p.tickets[i].ID = t.ID
		p.opened[i] = make(chan struct{})
	}
	p.counters = newCounters(plan.Steps, o.Speed)
	return p
}

// play goes through the steps. Arrivals and closings run in parallel, spread over
// the nodes; a change of presence waits for all of them and they for it, so the
// order of the decisions among themselves is the cluster's, and who was eligible
// for each is known.
func (p *player) play(ctx context.Context) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var workers, pending sync.WaitGroup
	work := make(chan Step)
	for i := range p.options.Parallel {
		c := p.client.StartAt(i)
		workers.Go(func() {
			for step := range work {
				if err := p.ticketStep(ctx, c, step); err != nil {
					stop(err)
				} else {
					p.counters.step(step)
				}
				pending.Done()
			}
		})
	}
	p.dispatch(ctx, stop, work, &pending)
	close(work)
	workers.Wait()
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return nil
}

// dispatch hands out the steps until all are done or ctx has ended.
func (p *player) dispatch(ctx context.Context, stop context.CancelCauseFunc, work chan<- Step, pending *sync.WaitGroup) {
	defer pending.Wait()
	started := time.Now()
	for _, step := range p.plan.Steps {
		if p.options.Speed > 0 {
			pace := float64(step.At.Sub(p.plan.Steps[0].At)) / p.options.Speed
			if sleepUntil(ctx, started.Add(time.Duration(pace))) != nil {
				return
			}
		}
		if step.Kind == Arrive || step.Kind == Close {
			pending.Add(1)
			select {
			case work <- step:
			case <-ctx.Done():
				pending.Done()
				return
			}
			continue
		}
		pending.Wait()
		if ctx.Err() != nil {
			return
		}
		if err := p.presenceStep(ctx, p.client, step); err != nil {
			stop(err)
			return
		}
		p.counters.step(step)
	}
}

type presenceBody struct {
	Status string `json:"status"`
}

func (p *player) presenceStep(ctx context.Context, c *client.Client, step Step) error {
	agent, status := p.plan.Agents[step.Of], "available"
	if step.Kind == Unavailable {
		status = "unavailable"
	}
	span := Span{After: p.seen.Load()}
	meta, err := p.call(ctx, c, http.MethodPut, "/v1/agents/"+url.PathEscape(agent.ID)+"/presence", presenceBody{status}, nil)
	if err != nil {
		return fmt.Errorf("make %s (%s) %s: %w", agent.Name, agent.ID, status, err)
	}
	span.By = meta.Index
	p.presence = append(p.presence, PresenceChange{Agent: agent.ID, Available: step.Kind == Available, Span: span})
	return nil
}

func (p *player) ticketStep(ctx context.Context, c *client.Client, step Step) error {
	plan := p.plan.Tickets[step.Of]
	if step.Kind == Arrive {
		if err := p.open(ctx, c, step.Of); err != nil {
			return fmt.Errorf("open %s (%s): %w", plan.Case, plan.ID, err)
		}
		return nil
	}
	select {
	case <-p.opened[step.Of]:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	span := Span{After: p.seen.Load()}
	meta, err := p.call(ctx, c, http.MethodPost, "/v1/conversations/"+url.PathEscape(plan.ID)+"/close", struct{}{}, nil)
	if err != nil {
		return fmt.Errorf("close %s (%s): %w", plan.Case, plan.ID, err)
	}
	span.By = meta.Index
	p.tickets[step.Of].Closed = &span
	return nil
}

type fromBody struct {
	Address string `json:"address"`
	Name    string `json:"name"`
}

type openBody struct {
	ID         string            `json:"id"`
	Inbox      string            `json:"inbox"`
	From       fromBody          `json:"from"`
	Direction  string            `json:"direction"`
	Attributes map[string]string `json:"attributes"`
}

// open opens a ticket and keeps what the cluster answered.
func (p *player) open(ctx context.Context, c *client.Client, of int) error {
	plan, ticket := p.plan.Tickets[of], &p.tickets[of]
	body := openBody{ID: plan.ID, Inbox: p.inbox, From: fromBody{plan.Address, plan.Case},
		Direction: "inbound", Attributes: plan.Attributes}
	var answer struct {
		Decision Decision `json:"decision"`
	}
	ticket.Opened.After = p.seen.Load()
	meta, err := p.call(ctx, c, http.MethodPost, "/v1/conversations", body, &answer)
	if err != nil {
		return err
	}
	ticket.Opened.By = meta.Index
	ticket.Answer = Answer{Decision: answer.Decision.ID, Assignee: answer.Decision.Assignee}
	close(p.opened[of])
	return nil
}
