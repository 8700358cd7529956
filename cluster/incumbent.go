package cluster

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/hashicorp/go-hclog"

	"github.com/rondohq/rondo/fsm"
)

// principalNode is who a node is when it speaks for itself.
const principalNode = "system:node"

const (
	// clockPatience is how long a new leader waits for the clocks of the others.
	clockPatience = 300 * time.Millisecond

	// longestWait is how long a leader sleeps when nothing is due.
	longestWait = time.Hour
)

// An incumbent is what a node does because it leads: it takes office with a first
// entry, and ticks when the state has something due that no command asked for.
type incumbent struct {
	self    Identity
	cluster func() string // id of the cluster, from the disk
	wall    func() time.Time
	replica *replica
	peers   *peerage
	office  *office
	leader  *leaderWatch
	desk    *desk
	logger  hclog.Logger
}

// watch begins and ends terms as Raft says. Raft blocks while nobody reads its
// channel, so nothing here waits for Raft except in lead, which ends with its
// context.
func (i *incumbent) watch(ctx context.Context, notify <-chan bool) {
	end := func() {}
	defer func() { end() }()
	for {
		select {
		case leads := <-notify:
			end()
			i.office.leave()
			end = func() {}
			if leads {
				end = i.begin(ctx)
			}
		case <-ctx.Done():
			i.office.leave()
			return
		}
	}
}

// begin leads in the background until the function it returns is called.
func (i *incumbent) begin(ctx context.Context) func() {
	ctx, cancel := context.WithCancel(ctx)
	var leading sync.WaitGroup
	leading.Go(func() { i.lead(ctx) })
	return func() {
		cancel()
		leading.Wait()
	}
}

func (i *incumbent) lead(ctx context.Context) {
	term := i.replica.raft.CurrentTerm()
	for ctx.Err() == nil && i.replica.leads() {
		err := i.takeOffice(ctx, term)
		if err == nil {
			i.tick(ctx, term)
			return
		}
		i.logger.Warn("could not take office yet", "term", term, "error", err)
		sleep(ctx, retryPause)
	}
}

// takeOffice writes the first entry of the term. Its success says that this node
// has applied everything that was committed before.
func (i *incumbent) takeOffice(ctx context.Context, term uint64) error {
	clusterID := i.cluster()
	if clusterID == "" {
		return errors.New("this node knows no cluster id: it was bootstrapped by nobody")
	}
	reading := i.askClocks(ctx)
	if err := ctx.Err(); err != nil {
		return err
	}
	c := newClock(reading, time.Now())
	begin := fsm.NewItem(fsm.BeginTerm{
		Node: i.self.ID, Term: term, Version: i.self.Version,
		Semantics: fsm.Semantics, Collation: i.self.Collation, ClusterID: clusterID,
	}, principalNode, "", mintedKey())
	begin.NotAfterMs = c.nowMs(time.Now()) + fsm.MintedKeyLifeMs
	limited, cancel := context.WithTimeout(ctx, appendLimit)
	defer cancel()
	done, err := i.replica.append(limited, c.nowMs(time.Now()), []fsm.Item{begin})
	if err != nil {
		return err
	}
	if r := done.outcomes[0].Rejection; r != nil {
		return r
	}

	// Entries of earlier terms may have been applied on the way, with later
	// stamps than we knew.
	i.office.take(term, c.atLeast(i.replica.machine.Latest().NowMs, time.Now()))
	i.logger.Info("leads", "term", term, "index", done.index)
	i.leader.announce() // whoever waits in the batcher may go on
	return nil
}

// tick proposes an entry without items whenever something is due.
func (i *incumbent) tick(ctx context.Context, term uint64) {
	for ctx.Err() == nil {
		applied := i.replica.machine.applied.next()
		due, ok := i.replica.machine.nextDue()
		now, leads := i.office.stamp(term)
		if !leads {
			return
		}
		wait := longestWait
		if ok {
			wait = time.Duration(max(due-now, 0)) * time.Millisecond
		}
		if wait == 0 {
			if _, err := i.desk.fence(WithOperator(ctx)); err != nil {
				sleep(ctx, retryPause)
			}
			continue
		}
		timer := time.NewTimer(min(wait, longestWait))
		select {
		case <-timer.C:
		case <-applied:
		case <-ctx.Done():
		}
		timer.Stop()
	}
}

// askClocks reads the wall clocks of the voters that answer in time. It does not
// wait for more than a majority if that tells what was to be expected: one of the
// others is often the leader that died. In doubt it hears all it can: among the
// first three of five, two wrong clocks are the majority.
func (i *incumbent) askClocks(ctx context.Context) clockReading {
	ctx, cancel := context.WithTimeout(ctx, clockPatience)
	defer cancel()
	answers, asked, voters := i.peers.voters(ctx)
	r := clockReading{clocksMs: []int64{i.wall().UnixMilli()}, majority: voters/2 + 1}
	r.stateMs = i.replica.machine.Latest().NowMs
	r.estimateMs = i.replica.machine.nowMs()
	for range asked {
		if len(r.clocksMs) >= r.majority && !r.doubtful() {
			break
		}
		select {
		case a := <-answers:
			if a.err == nil {
				r.clocksMs = append(r.clocksMs, a.stats.ClockMs)
			}
		case <-ctx.Done():
		}
	}
	r.stateMs = i.replica.machine.Latest().NowMs
	r.estimateMs = i.replica.machine.nowMs()
	return r
}

// mintedKey returns a key for one call of our own.
func mintedKey() fsm.Key { return fsm.Key{Source: fsm.KeyMinted, Text: uuid.NewString()} }
