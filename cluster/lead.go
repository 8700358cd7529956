package cluster

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/hashicorp/raft"

	"github.com/rondohq/rondo/fsm"
)

// What a leader does on its own: it takes office with a first entry, and ticks
// when the state has something due that no command asked for.

// principalNode is who a node is when it speaks for itself.
const principalNode = "system:node"

// clockPatience is how long a new leader waits for the clocks of the others.
const clockPatience = 300 * time.Millisecond

// watchOffice begins and ends terms as Raft says. Raft blocks while nobody reads
// its channel, so nothing here waits for Raft except in lead, which ends with
// its context.
func (g *Group) watchOffice(notify <-chan bool) {
	end := func() {}
	defer func() { end() }()
	for {
		select {
		case leads := <-notify:
			end()
			g.office.leave()
			end = func() {}
			if leads {
				end = g.beginLead()
			}
		case <-g.ctx.Done():
			g.office.leave()
			return
		}
	}
}

// beginLead leads in the background until the function it returns is called.
func (g *Group) beginLead() func() {
	ctx, cancel := context.WithCancel(g.ctx)
	var leading sync.WaitGroup
	leading.Go(func() { g.lead(ctx) })
	return func() {
		cancel()
		leading.Wait()
	}
}

func (g *Group) lead(ctx context.Context) {
	term := g.raft.CurrentTerm()
	for ctx.Err() == nil && g.raft.State() == raft.Leader {
		err := g.takeOffice(ctx, term)
		if err == nil {
			g.tick(ctx)
			return
		}
		g.options.Logger.Warn("could not take office yet", "term", term, "error", err)
		sleep(ctx, retryPause)
	}
}

// takeOffice writes the first entry of the term. Its success says that this node
// has applied everything that was committed before.
func (g *Group) takeOffice(ctx context.Context, term uint64) error {
	clocks, majority := g.askClocks(ctx)
	if err := ctx.Err(); err != nil {
		return err
	}
	state := g.Latest()
	clusterID := g.options.Disk.ClusterID()
	if clusterID == "" {
		return errors.New("this node knows no cluster id: it was bootstrapped by nobody")
	}
	c := newClock(state.NowMs, clocks, majority, time.Now())
	begin := fsm.NewItem(fsm.BeginTerm{
		Node: g.options.Self.ID, Term: term, Version: g.options.Self.Version,
		Semantics: fsm.Semantics, Collation: g.options.Self.Collation, ClusterID: clusterID,
	}, principalNode, "", mintedKey())
	begin.NotAfterMs = c.nowMs(time.Now()) + fsm.MintedKeyLifeMs
	done, err := g.append(ctx, c.nowMs(time.Now()), []fsm.Item{begin})
	if err != nil {
		return err
	}
	if r := done.outcomes[0].Rejection; r != nil {
		return r
	}

	// Entries of earlier terms may have been applied on the way, with later
	// stamps than we knew.
	if ahead := g.Latest().NowMs - c.nowMs(time.Now()); ahead > 0 {
		c.baseMs, c.aheadMs = c.baseMs+ahead, c.aheadMs+ahead
	}
	g.office.take(term, c)
	g.options.Logger.Info("leads", "term", term, "index", done.index)
	g.leader.announce() // whoever waits in the batcher may go on
	return nil
}

// tick proposes an entry without items whenever something is due.
func (g *Group) tick(ctx context.Context) {
	for ctx.Err() == nil {
		applied := g.machine.applied.next()
		due, ok := g.machine.nextDue()
		now, leads := g.office.stamp()
		if !leads {
			return
		}
		wait := time.Hour
		if ok {
			wait = time.Duration(max(due-now, 0)) * time.Millisecond
		}
		if wait == 0 {
			if _, err := g.Fence(ctx); err != nil {
				sleep(ctx, retryPause)
			}
			continue
		}
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-applied:
		case <-ctx.Done():
		}
		timer.Stop()
	}
}

// askClocks returns the wall clocks of the voters that answer in time, ours
// first, and how many of them are a majority. It does not wait for more.
func (g *Group) askClocks(ctx context.Context) (clocksMs []int64, majority int) {
	ctx, cancel := context.WithTimeout(ctx, clockPatience)
	defer cancel()
	clocksMs = []int64{g.options.Wall().UnixMilli()}
	peers, voters := g.peers()
	majority = voters/2 + 1

	answers := make(chan Stats, len(peers))
	for _, p := range peers {
		go func() {
			if s, err := g.askStats(ctx, p.address); err == nil {
				answers <- s
			}
		}()
	}
	for len(clocksMs) < majority {
		select {
		case s := <-answers:
			clocksMs = append(clocksMs, s.ClockMs)
		case <-ctx.Done():
			return clocksMs, majority
		}
	}
	return clocksMs, majority
}

// A peer is another server of Raft's configuration.
type peer struct {
	id, address string
	voter       bool
}

// peers returns the other servers and the number of voters, ourselves included.
func (g *Group) peers() (others []peer, voters int) {
	for _, s := range g.raft.GetConfiguration().Configuration().Servers {
		voter := s.Suffrage == raft.Voter
		if voter {
			voters++
		}
		if string(s.ID) != string(g.options.Self.ID) {
			others = append(others, peer{string(s.ID), string(s.Address), voter})
		}
	}
	return others, voters
}

// keepAnnounced makes the replicated node table say where this node is found.
func (g *Group) keepAnnounced() {
	for g.ctx.Err() == nil {
		want := g.options.Self.AnnounceNode
		if row, ok := g.Latest().Nodes.Get(want.ID); ok && sameNode(row, want) {
			return
		}
		if err := g.announce(want); err != nil {
			g.options.Logger.Debug("could not announce this node yet", "error", err)
			sleep(g.ctx, 200*time.Millisecond)
		}
	}
}

func sameNode(row fsm.Node, want fsm.AnnounceNode) bool {
	row.Revision = 0
	return row == fsm.Node{ID: want.ID, HTTP: want.HTTP, Cluster: want.Cluster, Zone: want.Zone,
		Region: want.Region, Version: want.Version, Semantics: want.Semantics}
}

func (g *Group) announce(want fsm.AnnounceNode) error {
	ctx, cancel := context.WithTimeout(g.ctx, 10*time.Second)
	defer cancel()
	outcome, _, err := g.Propose(ctx, fsm.NewItem(want, principalNode, "", mintedKey()))
	if err == nil && outcome.Rejection != nil {
		err = outcome.Rejection
	}
	if err != nil {
		return fmt.Errorf("announce node: %w", err)
	}
	return nil
}

// mintedKey returns a key for one call of our own.
func mintedKey() fsm.Key { return fsm.Key{Source: fsm.KeyMinted, Text: uuid.NewString()} }

func sleep(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
