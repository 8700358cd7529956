package replay

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/rondohq/rondo/cmd/rondo/client"
)

// The bodies of the calls that set up a replay, as the API writes them.
type (
	limitsBody struct {
		Open int `json:"open"`
	}
	agentBody struct {
		Name   string      `json:"name"`
		Kind   string      `json:"kind"`
		Limits *limitsBody `json:"limits,omitempty"`
	}
	memberBody struct {
		Agent  string `json:"agent"`
		Weight int    `json:"weight,omitempty"`
	}
	fallbackBody struct {
		To string `json:"to"`
	}
	rotationBody struct {
		Strategy   string       `json:"strategy"`
		Order      string       `json:"order"`
		AssignTo   string       `json:"assign_to"`
		Per        string       `json:"per"`
		Fallback   fallbackBody `json:"fallback"`
		DrainBurst int          `json:"drain_burst"`
	}
	teamBody struct {
		Name     string       `json:"name"`
		Members  []memberBody `json:"members"`
		Rotation rotationBody `json:"rotation"`
	}
	channelBody struct {
		Kind    string `json:"kind"`
		Address string `json:"address"`
	}
	assignmentBody struct {
		Mode string `json:"mode"`
		Team string `json:"team"`
	}
	inboxBody struct {
		Name       string         `json:"name"`
		Channel    channelBody    `json:"channel"`
		Assignment assignmentBody `json:"assignment"`
	}
)

// A crew is the team and the inbox of a replay, and how the team shares its work.
type crew struct {
	team, inbox string
	strategy    string
	capacity    int   // open conversations an agent may have; 0: no limit
	weights     []int // of the agents in the plan's order; nil: all the same
}

func newCrew(prefix string) crew {
	return crew{team: prefix + "-team", inbox: prefix + "-inbox", strategy: RoundRobin}
}

// setUp creates the agents, one after another (agents whose names sort alike stand
// in the order they were made), then the team and the inbox.
func (p *player) setUp(ctx context.Context) error {
	members := make([]memberBody, len(p.plan.Agents))
	for i, agent := range p.plan.Agents {
		members[i].Agent = agent.ID
		if p.weights != nil {
			members[i].Weight = p.weights[i]
		}
		body := agentBody{Name: agent.Name, Kind: "person"}
		if p.capacity > 0 {
			body.Limits = &limitsBody{p.capacity}
		}
		if err := p.create(ctx, "/v1/agents/"+url.PathEscape(agent.ID), body); err != nil {
			return err
		}
	}
	team := teamBody{Name: "Replay " + p.plan.Prefix, Members: members, Rotation: rotationBody{
		Strategy: p.strategy, Order: "name", AssignTo: "available", Per: "team", Fallback: fallbackBody{"wait"},
		// The cluster's clock does not run at the log's pace, so an allowance
		// per minute would mean nothing: what waits is handed out at once.
		DrainBurst: 0,
	}}
	if err := p.create(ctx, "/v1/teams/"+url.PathEscape(p.team), team); err != nil {
		return err
	}
	inbox := inboxBody{Name: "Replay " + p.plan.Prefix,
		Channel:    channelBody{"sms", address(p.plan.Prefix, 99_999_999)},
		Assignment: assignmentBody{"rotation", p.team}}
	return p.create(ctx, "/v1/inboxes/"+url.PathEscape(p.inbox), inbox)
}

// create puts something that must be new: a second replay under one prefix would
// be checked against the decisions of the first.
func (p *player) create(ctx context.Context, path string, body any) error {
	meta, err := p.call(ctx, p.client, http.MethodPut, path, body, nil)
	if err != nil {
		return fmt.Errorf("create %s: %w", path, err)
	}
	if meta.Status != http.StatusCreated {
		return fmt.Errorf("%s is there already: the prefix %q has been used in this cluster, choose another or leave it out", path, p.plan.Prefix)
	}
	return nil
}

// call makes one call, with all its retries, and notes the index it was answered
// with.
func (p *player) call(ctx context.Context, c *client.Client, method, path string, body, out any) (*client.Meta, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, p.options.GiveUpAfter, fmt.Errorf("no answer within %v", p.options.GiveUpAfter))
	defer cancel()
	meta, err := c.Do(ctx, method, path, body, out)
	p.counters.retries.Add(int64(max(0, meta.Attempts-1)))
	if meta.Replayed {
		p.counters.replayed.Add(1)
	}
	if err != nil {
		if ctx.Err() != nil {
			err = fmt.Errorf("%w: %w", context.Cause(ctx), err)
		}
		return meta, err
	}
	if meta.Index == 0 {
		return meta, fmt.Errorf("%s answered without Rondo-Index: is it a Rondo node?", meta.Server)
	}
	for {
		seen := p.seen.Load()
		if meta.Index <= seen || p.seen.CompareAndSwap(seen, meta.Index) {
			return meta, nil
		}
	}
}

// sleepUntil waits for a moment of the real clock, or for the end of ctx.
func sleepUntil(ctx context.Context, due time.Time) error {
	wait := time.Until(due)
	if wait <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
