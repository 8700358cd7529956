package cluster

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rondohq/rondo/fsm"
)

// TestLeaderCutOff is the smallest story that needs all of it: a command through
// a follower, the leader cut off, and the ring goes on where it was.
func TestLeaderCutOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		w := newWorld(t, 3, 1)
		defer w.close()
		w.setUpTeam(ctx, 3, nil)

		old := w.awaitLeader(ctx)
		for i := range 6 {
			if i == 3 {
				w.net.Isolate(old.name)
			}
			n := w.nodes[i%3]
			if n == old && i >= 3 {
				n = w.nodes[(i+1)%3]
			}
			if outcome := w.mustOn(ctx, n, open(conversation(i))); !outcome.Created {
				t.Fatalf("%s: %+v", conversation(i), outcome)
			}
			if got := assigneeOf(n.group().Latest(), conversation(i)); got != fmt.Sprintf("a%d", i%3) {
				t.Errorf("%s went to %s, want a%d", conversation(i), got, i%3)
			}
		}
		w.settle(ctx)
	})
}

// TestFailovers keeps clusters under load in virtual time while their leaders are
// cut off, crashed, half cut off, slowed down and replaced, and then checks
// everything that was promised. A failure prints its seed; the seed fixes the
// faults and the load, though not the order of goroutines.
func TestFailovers(t *testing.T) {
	stories := []failovers{
		{seed: 1, nodes: 3, changes: 60},
		{seed: 2, nodes: 3, changes: 60, skew: time.Hour},
		{seed: 3, nodes: 3, changes: 60, skew: -time.Hour},
		{seed: 4, nodes: 5, changes: 60},
		{seed: 5, nodes: 3, changes: 60},
	}
	total, wanted, installed := 0, 300, 0
	if testing.Short() {
		stories, wanted = []failovers{{seed: 5, nodes: 3, changes: 40, skew: time.Hour}}, 40
	}
	for _, f := range stories {
		t.Run(fmt.Sprintf("seed=%d nodes=%d skew=%s", f.seed, f.nodes, f.skew), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				changes, snapshots := f.run(t)
				total, installed = total+changes, installed+snapshots
			})
		})
	}
	if total < wanted {
		t.Errorf("void: %d changes of leader, want %d", total, wanted)
	}
	// One story alone may go by without a follower that needs a snapshot.
	if installed == 0 && !testing.Short() {
		t.Error("void: no snapshot was installed")
	}
}

// A failovers is one story of a cluster in trouble.
type failovers struct {
	seed    uint64
	nodes   int
	changes int           // of leader
	skew    time.Duration // of the first node's clock
}

const (
	stormAgents  = 5
	stormClients = 3
)

// run returns how many changes of leader there were, and how many snapshots were
// installed.
func (f failovers) run(t *testing.T) (changes, installed int) {
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Hour)
	defer cancel()
	began := time.Now()
	w := newDarkWorld(t, f.nodes, f.seed)
	w.nodes[0].skew.Store(int64(f.skew))
	for _, n := range w.nodes {
		w.boot(n)
	}
	defer w.close()
	w.setUpTeam(ctx, stormAgents, &fsm.RotationSettings{DrainBurst: new(uint32)})

	h := &history{}
	for i := range stormAgents {
		h.changes = append(h.changes, presenceChange{agentCalled(i), "available"})
	}
	storm := &storm{world: w, history: h, ctx: ctx}
	load, stopLoad := context.WithCancel(ctx)
	var working sync.WaitGroup
	for client := range stormClients {
		rng := rand.New(rand.NewPCG(f.seed, uint64(client)))
		working.Go(func() { storm.openMany(load, rng, client) })
	}
	working.Go(func() { storm.readMany(load, rand.New(rand.NewPCG(f.seed, 99))) })
	working.Go(func() { storm.comeAndGo(load, rand.New(rand.NewPCG(f.seed, 98))) })
	working.Go(func() { storm.closeMany(load, rand.New(rand.NewPCG(f.seed, 97))) })
	terms := storm.torment(f.changes)
	stopLoad()
	w.net.Heal()
	working.Wait()

	state := w.settle(ctx)
	counts := h.check(t, state, stormAgents)
	checkTerms(t, w, 0)
	installed = w.log.snapshotsInstalled()
	t.Logf("%d leader changes, %d opens, %d closes, %d presence changes, %d fenced reads; %+v; %d unknown, %d replayed, %d snapshots installed; %s of virtual time",
		terms, len(h.opens), len(h.closes), len(h.changes), h.reads, counts, h.unknown, h.replayed, installed, time.Since(began).Round(time.Second))
	if drift := time.Duration(state.NowMs-time.Now().UnixMilli()) * time.Millisecond; drift.Abs() > skewWarning {
		t.Errorf("the cluster's time is off the honest clocks by %s", drift)
	}
	for what, tooFew := range map[string]bool{
		"leader changes":      terms < f.changes,
		"opens":               len(h.opens) < 5*terms,
		"fenced reads":        h.reads < terms,
		"presence changes":    len(h.changes) < terms,
		"closes":              len(h.closes) < terms,
		"conversations wait":  counts.waits < terms/2,
		"served from a queue": counts.served < terms/2,
		"passed over":         counts.passed < terms,
		"unknown outcomes":    h.unknown == 0,
		"replayed answers":    h.replayed == 0,
	} {
		if tooFew {
			t.Errorf("void: too few %s", what)
		}
	}
	return terms, installed
}

// A storm is the load on a world and what happens to it meanwhile.
type storm struct {
	*world
	history *history
	ctx     context.Context
}

// torment does something to the leader until it has changed often enough. It
// returns the number of changes.
func (s *storm) torment(changes int) int {
	seen, last := 0, uint64(0)
	for seen < changes && s.ctx.Err() == nil {
		leader := s.awaitLeader(s.ctx)
		if term := leader.group().replica.raft.CurrentTerm(); term != last {
			seen, last = seen+1, term
		}
		sleep(s.ctx, time.Duration(s.rng.IntN(400))*time.Millisecond)
		s.disturb(leader)
	}
	return seen
}

func (s *storm) disturb(leader *simNode) {
	other := s.nodes[s.rng.IntN(len(s.nodes))]
	switch s.rng.IntN(9) {
	case 0, 1:
		s.net.Isolate(leader.name)
	case 2:
		s.crash(leader)
	case 3:
		s.crash(leader)
		s.crash(other)
	case 4: // a leader that is heard and hears nothing
		for _, n := range s.others(leader) {
			s.net.CutOneWay(n.name, leader.name)
		}
	case 5: // and the other way round
		for _, n := range s.others(leader) {
			s.net.CutOneWay(leader.name, n.name)
		}
	case 6:
		if err := leader.group().Transfer(s.ctx); err != nil {
			s.net.Isolate(leader.name) // nobody to take over just now
		}
	case 7: // a follower away long enough to need a snapshot, then the leader
		s.net.Isolate(other.name)
		s.outlast(leader, other)
		s.net.Heal()
		sleep(s.ctx, 300*time.Millisecond)
		s.net.Isolate(leader.name)
	case 8: // a slow network, then a crash in the middle of it
		for _, n := range s.others(leader) {
			s.net.Delay(leader.name, n.name, 40*time.Millisecond)
		}
		sleep(s.ctx, 300*time.Millisecond)
		for _, n := range s.others(leader) {
			s.net.Delay(leader.name, n.name, 0)
		}
		s.crash(leader)
	}
	sleep(s.ctx, time.Duration(500+s.rng.IntN(1500))*time.Millisecond)
	s.net.Heal()
	s.bury(5 * time.Second)
}

// outlast waits until the leader has cut its log beyond what the other node has.
func (s *storm) outlast(leader, other *simNode) {
	deadline := time.Now().Add(30 * time.Second)
	for leader != other && time.Now().Before(deadline) && leader.group().replica.leads() {
		first, err := leader.group().keeper.disk.Logs().FirstIndex()
		if err != nil || first > other.group().replica.raft.LastIndex()+1 {
			return
		}
		sleep(s.ctx, 100*time.Millisecond)
	}
}

// ask has a command done as a client does that is not sure to be heard: it asks
// another node each time, and sometimes asks again what was answered. It is done
// once all the same.
func (s *storm) ask(rng *rand.Rand, key string, c func() fsm.Command) (fsm.Outcome, bool) {
	pick := func() *simNode { return s.nodes[rng.IntN(len(s.nodes))] }
	patience := time.Duration(20+rng.IntN(1500)) * time.Millisecond
	outcome, unknown, err := s.do(s.ctx, pick, patience, c, key)
	if err != nil {
		s.t.Errorf("%s: %v", key, err)
		return outcome, false
	}
	if rng.IntN(10) == 0 {
		again, more, err := s.do(s.ctx, pick, patience, c, key)
		unknown += more
		if err != nil || !again.Replayed || again.Decision != outcome.Decision || again.Seq != outcome.Seq {
			s.t.Errorf("%s: the first answer was %+v, the second %+v, %v", key, outcome, again, err)
		}
	}
	s.history.note(func() {
		s.history.unknown += unknown
		if outcome.Replayed {
			s.history.replayed++
		}
	})
	if outcome.Rejection != nil {
		s.t.Errorf("%s: %v", key, outcome.Rejection)
		return outcome, false
	}
	return outcome, true
}

// openMany opens conversations whose ids each sending mints anew, as a node does
// for a client that gives none: only the key says that two are the same.
func (s *storm) openMany(load context.Context, rng *rand.Rand, client int) {
	for i := 0; load.Err() == nil; i++ {
		key, called := fmt.Sprintf("open-%d-%d", client, i), time.Now()
		outcome, ok := s.ask(rng, key, func() fsm.Command {
			return fsm.OpenConversation{MintedID: fsm.ConversationID(fmt.Sprintf("m%x", rng.Uint64())), Inbox: "inbox", Contact: "contact"}
		})
		if ok {
			s.history.note(func() {
				s.history.opens = append(s.history.opens, opened{fsm.ConversationHandle(outcome.Subject.Handle), outcome.Decision, called, time.Now()})
			})
		}
		sleep(load, time.Duration(rng.IntN(250))*time.Millisecond)
	}
}

// comeAndGo changes presences, now and then everybody's, so that things wait.
func (s *storm) comeAndGo(load context.Context, rng *rand.Rand) {
	away := make([]bool, stormAgents)
	change := func(agent int, to bool) {
		status := "available"
		if to {
			status = "away"
		}
		if away[agent] == to {
			return
		}
		away[agent] = to
		key := fmt.Sprintf("presence-%d", len(s.history.changes))
		if _, ok := s.ask(rng, key, same(presence(agent, status))); ok {
			s.history.note(func() { s.history.changes = append(s.history.changes, presenceChange{agentCalled(agent), status}) })
		}
	}
	for load.Err() == nil {
		if rng.IntN(6) == 0 {
			for agent := range stormAgents {
				change(agent, true)
			}
			sleep(load, time.Duration(rng.IntN(200))*time.Millisecond)
		}
		for range 3 {
			change(rng.IntN(stormAgents), rng.IntN(2) == 0)
			sleep(load, time.Duration(rng.IntN(200))*time.Millisecond)
		}
	}
	for agent := range stormAgents {
		change(agent, false)
	}
}

// closeMany closes some of what was opened, waiting or not. A close is no
// repetition of itself: without its key the second one is refused.
func (s *storm) closeMany(load context.Context, rng *rand.Rand) {
	for next := 0; load.Err() == nil; sleep(load, time.Duration(rng.IntN(300))*time.Millisecond) {
		opens := s.history.acknowledged()
		if next >= len(opens) {
			continue
		}
		handle := opens[next].handle
		next += 1 + rng.IntN(3)
		c, ok := s.nodes[0].group().Latest().Conversations.Get(handle)
		if !ok {
			continue // that node has not heard of it yet
		}
		if _, ok := s.ask(rng, fmt.Sprintf("close-%d", handle), same(fsm.CloseConversation{Conversation: c.ID})); ok {
			s.history.note(func() { s.history.closes = append(s.history.closes, handle) })
		}
	}
}

// readMany reads through fences: what was acknowledged anywhere before the read
// began must be there.
func (s *storm) readMany(load context.Context, rng *rand.Rand) {
	for load.Err() == nil {
		before := s.history.acknowledged()
		n := s.nodes[rng.IntN(len(s.nodes))]
		attempt, cancel := context.WithTimeout(s.ctx, time.Second)
		group := n.group()
		index, err := group.Fence(attempt)
		cancel()
		if err == nil {
			state := group.View(index)
			s.history.note(func() { s.history.reads++ })
			// The newest are the ones that may be missing.
			for _, o := range before[max(0, len(before)-200):] {
				if _, ok := state.Conversations.Get(o.handle); !ok {
					s.history.note(func() {
						s.history.stale = append(s.history.stale, fmt.Sprintf("%s at index %d lacks %s", n.name, index, o.decision))
					})
				}
			}
		}
		sleep(load, time.Duration(rng.IntN(200))*time.Millisecond)
	}
}
