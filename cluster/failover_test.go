package cluster

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
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
		w.setUpTeam(ctx, 3)

		old := w.awaitLeader(ctx)
		for i := range 6 {
			if i == 3 {
				w.net.Isolate(old.name)
			}
			n := w.nodes[i%3]
			if n == old && i >= 3 {
				n = w.nodes[(i+1)%3]
			}
			id := fsm.ConversationID(fmt.Sprintf("c%d", i))
			outcome, err := w.do(ctx, n, fsm.OpenConversation{ID: id, Inbox: "inbox", Contact: "contact"}, string(id))
			if err != nil || !outcome.Created {
				t.Fatalf("%s: %+v %v", id, outcome, err)
			}
			if got := assigneeOf(n.node.group.Latest(), id); got != fmt.Sprintf("a%d", i%3) {
				t.Errorf("%s went to %s, want a%d", id, got, i%3)
			}
		}
		w.settle(ctx)
	})
}

func assigneeOf(s *fsm.State, id fsm.ConversationID) string {
	c, _ := s.Conversations.ByID(id)
	a, _ := s.Agents.Get(c.Assignment.Assignee)
	return string(a.ID)
}

// TestFailovers keeps a cluster under load in virtual time while its leaders are
// cut off, crashed, half cut off, slowed down and replaced, and then checks
// everything that was promised. A failure prints its seed; the seed fixes the
// faults and the load, though not the order of goroutines.
func TestFailovers(t *testing.T) {
	changes := 300
	if testing.Short() {
		changes = 40
	}
	for seed := uint64(1); changes > 0; seed++ {
		synctest.Test(t, func(t *testing.T) {
			changes -= runFailovers(t, seed, min(changes, 60))
		})
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

// runFailovers returns how many changes of leader there were.
func runFailovers(t *testing.T, seed uint64, changes int) int {
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Hour)
	defer cancel()
	const agents = 5
	w := newWorld(t, 3, seed)
	defer w.close()
	w.setUpTeam(ctx, agents)

	h := &history{}
	load, stopLoad := context.WithCancel(ctx)
	var working sync.WaitGroup
	for client := range 4 {
		rng := rand.New(rand.NewPCG(seed, uint64(client)))
		working.Go(func() { w.openMany(ctx, load, h, rng, client) })
	}
	working.Go(func() { w.readMany(ctx, load, h, rand.New(rand.NewPCG(seed, 99))) })
	terms := w.torment(ctx, changes)
	stopLoad()
	w.net.Heal()
	working.Wait()

	state := w.settle(ctx)
	h.check(t, state, agents)
	t.Logf("seed %d: %d leader changes, %d conversations, %d fenced reads, %v of virtual time",
		seed, terms, len(h.opens), h.reads, time.Duration(state.NowMs)*time.Millisecond-946684800*time.Second)
	if len(h.opens) < 5*terms || h.reads < terms {
		t.Errorf("void: too little was done: %d conversations and %d reads in %d terms", len(h.opens), h.reads, terms)
	}
	return terms
}

// torment does something to the leader until it has changed often enough. It
// returns the number of changes.
func (w *world) torment(ctx context.Context, changes int) int {
	seen, last := 0, uint64(0)
	for seen < changes && ctx.Err() == nil {
		leader := w.awaitLeader(ctx)
		if leader == nil {
			break
		}
		if term := leader.node.group.raft.CurrentTerm(); term != last {
			seen, last = seen+1, term
		}
		sleep(ctx, time.Duration(w.rng.IntN(400))*time.Millisecond)
		w.disturb(ctx, leader)
	}
	return seen
}

func (w *world) disturb(ctx context.Context, leader *simNode) {
	other := w.nodes[w.rng.IntN(len(w.nodes))]
	switch w.rng.IntN(8) {
	case 0, 1:
		w.net.Isolate(leader.name)
	case 2:
		w.crash(leader)
	case 3:
		w.crash(leader)
		w.crash(other)
	case 4: // a leader that is heard and hears nothing
		for _, n := range w.nodes {
			if n != leader {
				w.net.CutOneWay(n.name, leader.name)
			}
		}
	case 5: // and the other way round
		for _, n := range w.nodes {
			if n != leader {
				w.net.CutOneWay(leader.name, n.name)
			}
		}
	case 6:
		if err := leader.node.group.Transfer(ctx); err != nil {
			w.net.Isolate(leader.name) // nobody to take over just now
		}
	case 7: // a follower away long enough to need a snapshot, then the leader
		w.net.Isolate(other.name)
		sleep(ctx, 3*time.Second)
		w.net.Heal()
		w.net.Isolate(leader.name)
	}
	sleep(ctx, time.Duration(500+w.rng.IntN(1500))*time.Millisecond)
	w.net.Heal()
}

// A history is what the clients saw.
type history struct {
	mu    sync.Mutex
	opens []opened
	reads int
	stale []string
}

// An opened is a conversation that was acknowledged.
type opened struct {
	id               fsm.ConversationID
	decision         fsm.RecordID
	called, returned time.Time
}

func (h *history) acknowledged() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.opens)
}

func (w *world) openMany(ctx, load context.Context, h *history, rng *rand.Rand, client int) {
	for i := 0; load.Err() == nil; i++ {
		id := fsm.ConversationID(fmt.Sprintf("c%d-%d", client, i))
		called := time.Now()
		for try := 0; ; try++ {
			// A client may ask another node each time, and ask again what was
			// answered: it is done once.
			n := w.nodes[rng.IntN(len(w.nodes))]
			attempt, cancel := context.WithTimeout(ctx, time.Second)
			outcome, err := w.do(attempt, n, fsm.OpenConversation{ID: id, Inbox: "inbox", Contact: "contact"}, string(id))
			cancel()
			if err != nil && ctx.Err() == nil {
				continue
			}
			if err == nil && !outcome.Decision.IsZero() {
				h.mu.Lock()
				h.opens = append(h.opens, opened{id, outcome.Decision, called, time.Now()})
				h.mu.Unlock()
			}
			break
		}
		sleep(ctx, time.Duration(rng.IntN(60))*time.Millisecond)
	}
}

// readMany reads through fences: what was acknowledged anywhere before the read
// began must be there.
func (w *world) readMany(ctx, load context.Context, h *history, rng *rand.Rand) {
	for load.Err() == nil {
		before := h.acknowledged()
		n := w.nodes[rng.IntN(len(w.nodes))]
		attempt, cancel := context.WithTimeout(ctx, time.Second)
		index, err := n.node.group.Fence(attempt)
		cancel()
		if err == nil {
			state := n.node.group.View(index)
			h.mu.Lock()
			h.reads++
			for _, o := range h.opens[:before] {
				if _, ok := state.Conversations.ByID(o.id); !ok {
					h.stale = append(h.stale, fmt.Sprintf("%s at index %d lacks %s", n.name, index, o.id))
				}
			}
			h.mu.Unlock()
		}
		sleep(ctx, time.Duration(rng.IntN(80))*time.Millisecond)
	}
}

// check holds the history against the state that all nodes agree on.
func (h *history) check(t *testing.T, s *fsm.State, agents int) {
	t.Helper()
	for _, line := range h.stale {
		t.Errorf("stale read: %s", line)
	}
	for _, o := range h.opens {
		c, ok := s.Conversations.ByID(o.id)
		if !ok {
			t.Errorf("lost: %s was acknowledged as %s", o.id, o.decision)
			continue
		}
		if rec, _ := s.Records.At(c.Opening); rec.ID != o.decision {
			t.Errorf("reordered: %s was acknowledged as %s and is %s", o.id, o.decision, rec.ID)
		}
	}
	h.checkRing(t, s, agents)
	h.checkOrder(t)
}

// checkRing: everybody is available, so the k-th turn is the k-th agent's, and
// each conversation takes exactly one.
func (h *history) checkRing(t *testing.T, s *fsm.State, agents int) {
	turns, decided := 0, map[fsm.ConversationHandle]bool{}
	for rec := range s.Records.From(fsm.RecordID{}) {
		if rec.Decision == nil {
			continue
		}
		a, _ := s.Agents.Get(rec.Decision.Assignee)
		if want := fsm.AgentID(fmt.Sprintf("a%d", turns%agents)); a.ID != want {
			t.Fatalf("turn %d, record %s, went to %s, want %s", turns, rec.ID, a.ID, want)
		}
		if decided[rec.Conversation] {
			t.Fatalf("repeated: record %s decides its conversation again", rec.ID)
		}
		decided[rec.Conversation] = true
		turns++
	}
	if turns != s.Conversations.Len() {
		t.Errorf("%d turns for %d conversations", turns, s.Conversations.Len())
	}
}

// checkOrder: what was answered before another was asked for stands before it.
func (h *history) checkOrder(t *testing.T) {
	byReturn, byCall := slices.Clone(h.opens), slices.Clone(h.opens)
	slices.SortFunc(byReturn, func(a, b opened) int { return a.returned.Compare(b.returned) })
	slices.SortFunc(byCall, func(a, b opened) int { return a.called.Compare(b.called) })
	var newest fsm.RecordID
	done := 0
	for _, o := range byCall {
		for done < len(byReturn) && byReturn[done].returned.Before(o.called) {
			if byReturn[done].decision.Compare(newest) > 0 {
				newest = byReturn[done].decision
			}
			done++
		}
		if o.decision.Compare(newest) < 0 {
			t.Errorf("reordered: %s got %s after %s was acknowledged", o.id, o.decision, newest)
		}
	}
}
