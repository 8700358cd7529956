package cluster

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/raft"

	"github.com/rondohq/rondo/fsm"
)

// An autopilot is what the leader does about the membership by itself: it adds
// empty nodes that gossip has found, follows members that have moved, gives votes
// to those that are stable, and, if it is told to, removes the dead. It makes one
// change at a time, and looks again before the next.
type autopilot struct {
	members *membership
	policy  MembershipPolicy
	logger  hclog.Logger

	rumours *rumours
	told    map[string]string // what was said last about each node, so that it is said once
}

// pilotPatience is how long one round may take.
const pilotPatience = 10 * time.Second

// run goes on until ctx ends.
func (p *autopilot) run(ctx context.Context) {
	for ctx.Err() == nil {
		if p.members.leads() {
			round, cancel := context.WithTimeout(ctx, pilotPatience)
			if err := p.round(round); err != nil && ctx.Err() == nil {
				p.logger.Debug("no change of membership", "error", err)
			}
			cancel()
		}
		sleep(ctx, p.policy.Every)
	}
}

// round makes at most one change.
func (p *autopilot) round(ctx context.Context) error {
	m := p.members
	select {
	case m.turn <- struct{}{}:
		defer func() { <-m.turn }()
	case <-ctx.Done():
		return fmt.Errorf("wait for a turn: %w", ctx.Err())
	}
	servers := m.book.survey(ctx)
	if done, err := p.forgetGone(ctx); done || err != nil {
		return err
	}
	if done, err := p.listen(ctx, servers); done || err != nil {
		return err
	}
	if s, ok := nextVoter(servers, p.policy); ok {
		err := m.change(ctx, func(index uint64) raft.IndexFuture {
			return m.replica.raft.AddVoter(raft.ServerID(s.id), raft.ServerAddress(s.address), index, enqueuePatience)
		})
		if err != nil {
			return fmt.Errorf("give %s a vote: %w", s.id, err)
		}
		p.logger.Info("gave a node a vote", "id", s.id, "stable_for", s.healthyFor.Round(time.Millisecond))
		return nil
	}
	if s, ok := nextDead(servers, p.policy); ok {
		p.logger.Warn("removes a node that has been silent for too long", "id", s.id, "silent_for", s.silentFor.Round(time.Second))
		_, err := m.remove(ctx, s.id)
		return err
	}
	return nil
}

// forgetGone finishes removals that a leader did not live to finish.
func (p *autopilot) forgetGone(ctx context.Context) (done bool, err error) {
	m := p.members
	gone, ok := p.gone()
	if !ok {
		return false, nil
	}
	// Raft shows configurations that are not committed. What has been there since
	// before a fence is.
	if _, err := m.desk.fence(ctx); err != nil {
		return false, err
	}
	if again, ok := p.gone(); !ok || again != gone {
		return false, nil
	}
	return true, m.forget(ctx, string(gone))
}

// gone returns a node of the table that is no server.
func (p *autopilot) gone() (fsm.NodeID, bool) {
	servers := map[fsm.NodeID]bool{}
	for _, s := range p.members.replica.servers() {
		servers[fsm.NodeID(s.ID)] = true
	}
	for row := range p.members.replica.machine.Latest().Nodes.All() {
		if !row.Forgotten && !servers[row.ID] {
			return row.ID, true
		}
	}
	return "", false
}

// listen looks at what gossip suggests, and at where members say they are found.
func (p *autopilot) listen(ctx context.Context, servers []server) (done bool, err error) {
	members := map[string]server{}
	for _, s := range servers {
		members[s.id] = s
	}
	for _, s := range p.suggestions(servers) {
		known, isMember := members[s.id]
		if isMember && known.address == s.address {
			delete(p.told, s.id)
			continue
		}
		_, err := p.members.add(ctx, s.id, s.address)
		var no *Refusal
		if !errors.As(err, &no) {
			return true, err
		}
		p.say(s.id, no)
	}
	return false, nil
}

// suggestions are those of gossip, and then the addresses that members have
// announced and gossip does not speak of.
func (p *autopilot) suggestions(servers []server) []suggestion {
	list := slices.Clone(p.rumours.list())
	spoken := map[string]bool{}
	for _, s := range list {
		spoken[s.id] = true
	}
	nodes := p.members.replica.machine.Latest().Nodes
	for _, s := range servers {
		if row, ok := nodes.Known(fsm.NodeID(s.id)); ok && !spoken[s.id] && row.Cluster != s.address {
			list = append(list, suggestion{s.id, row.Cluster})
		}
	}
	return list
}

// maxTold bounds what is remembered of nodes that are no members.
const maxTold = 1024

// say warns of a node that cannot be taken, once until the reason changes.
func (p *autopilot) say(id string, no *Refusal) {
	if p.told[id] == no.code {
		return
	}
	if len(p.told) >= maxTold {
		clear(p.told)
	}
	p.told[id] = no.code
	p.logger.Warn("a node cannot become a member", "id", id, "reason", no.code, "detail", no.detail)
}
