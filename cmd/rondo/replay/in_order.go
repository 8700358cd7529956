package replay

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/rondohq/rondo/cmd/rondo/client"
)

// playInOrder plays the steps one after another, each to another node, and returns
// how they were answered. It is slower than play, and every run comes to the same:
// the order among the decisions is the log's, not that of calls which overtake one
// another.
func (p *player) playInOrder(ctx context.Context) ([]Played, error) {
	var clients []*client.Client
	for i := range p.client.Servers() {
		clients = append(clients, p.client.StartAt(i))
	}
	played := make([]Played, 0, len(p.plan.Steps))
	started := time.Now()
	for i, step := range p.plan.Steps {
		if p.options.Speed > 0 {
			pace := float64(step.At.Sub(p.plan.Steps[0].At)) / p.options.Speed
			if err := sleepUntil(ctx, started.Add(time.Duration(pace))); err != nil {
				return nil, err
			}
		}
		done, err := p.stepInOrder(ctx, clients[i%len(clients)], step)
		if err != nil {
			return nil, err
		}
		played = append(played, done)
		p.counters.step(step)
	}
	return played, nil
}

func (p *player) stepInOrder(ctx context.Context, c *client.Client, step Step) (Played, error) {
	done := Played{At: step.At, Kind: step.Kind}
	before := p.seen.Load()
	if step.Kind == Arrive || step.Kind == Close {
		done.Of = p.plan.Tickets[step.Of].ID
		if err := p.ticketStep(ctx, c, step); err != nil {
			return done, err
		}
	} else {
		done.Of = p.plan.Agents[step.Of].ID
		if err := p.presenceStep(ctx, c, step); err != nil {
			return done, err
		}
	}
	if done.By = p.seen.Load(); done.By == before {
		return done, fmt.Errorf("the answer about %s names no later index than the one before it (%d), so its decisions cannot be told apart: %w",
			done.Of, before, errNotInOrder)
	}
	return done, nil
}

var errNotInOrder = errors.New("the cluster answered a change with an index of the past")
