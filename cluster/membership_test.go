package cluster

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/raft"

	"github.com/rondohq/rondo/cluster/storage"
	"github.com/rondohq/rondo/fsm"
)

// inGrowingWorld is a cluster of one, n1, that hears of every machine there is.
func inGrowingWorld(t *testing.T, seed uint64, f func(ctx context.Context, t *testing.T, w *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Hour)
		defer cancel()
		w := newDarkWorld(t, 1, seed)
		defer w.close()
		w.boot(w.nodes[0])
		w.hears(w.nodes[0])
		w.setUpTeam(ctx, 3, nil)
		f(ctx, t, w)
	})
}

// hears lets a node know of all machines that run.
func (w *world) hears(n *simNode) {
	all := func() (list []suggestion) {
		for _, other := range w.machines() {
			if other != n && other.life.Load() != nil {
				id := other.id
				if id == "" {
					id = other.name
				}
				list = append(list, suggestion{id, other.name})
			}
		}
		return list
	}
	n.group().Members.suggest(all)
}

var worldMu sync.Mutex // of world.nodes, in tests that grow

func (w *world) machines() []*simNode {
	worldMu.Lock()
	defer worldMu.Unlock()
	return slices.Clone(w.nodes)
}

// arrives starts an empty machine.
func (w *world) arrives(name string) *simNode {
	n := &simNode{name: name, disk: storage.NewMemDisk(uint64(len(name)) + w.rng.Uint64())}
	n.disk.SetWriteDelay(time.Millisecond)
	w.bootAs(n, Bootstrap{})
	worldMu.Lock()
	w.nodes = append(w.nodes, n)
	worldMu.Unlock()
	w.hears(n)
	return n
}

// goes removes a node through another, and takes its machine away.
func (w *world) goes(ctx context.Context, through, n *simNode) {
	w.t.Helper()
	if err := through.group().Members.Remove(ctx, n.name); err != nil {
		w.t.Fatalf("remove %s: %v", n.name, err)
	}
	w.await(ctx, n.name+" to know", func() bool { return codeOf(n.group().Members.Standing()) == CodeNotMember })
	worldMu.Lock()
	w.nodes = slices.DeleteFunc(w.nodes, func(other *simNode) bool { return other == n })
	worldMu.Unlock()
	w.stop(n)
}

func codeOf(err error) string {
	var no *Refusal
	if errors.As(err, &no) {
		return no.Code()
	}
	return ""
}

// roll is the configuration as a node sees it: its voters and the others.
func roll(n *simNode) (voters, others []string) {
	for _, s := range n.group().replica.servers() {
		if s.Suffrage == raft.Voter {
			voters = append(voters, string(s.ID))
		} else {
			others = append(others, string(s.ID))
		}
	}
	return voters, others
}

func (w *world) awaitVoters(ctx context.Context, n *simNode, count int) {
	w.t.Helper()
	w.await(ctx, fmt.Sprint(count, " voters"), func() bool {
		voters, others := roll(n)
		return len(voters) == count && len(others) == 0
	})
}

// TestGrowAndShrink: 1 to 3 to 5 to 3 to 1 under a load through every member, the
// founder leaving on the way. Nobody who retries fails; nothing is lost or done
// twice.
func TestGrowAndShrink(t *testing.T) {
	inGrowingWorld(t, 201, func(ctx context.Context, t *testing.T, w *world) {
		load := startLoad(ctx, w)
		w.arrives("n2")
		w.arrives("n3")
		w.awaitVoters(ctx, w.nodes[0], 3)
		w.arrives("n4")
		w.arrives("n5")
		w.awaitVoters(ctx, w.nodes[0], 5)
		checkNodeTable(t, w.settle(ctx), 5, 0)
		// The leader goes first, through itself.
		leader := w.awaitLeader(ctx)
		w.goes(ctx, leader, leader)
		w.goes(ctx, w.nodes[0], w.nodes[3])
		w.goes(ctx, w.nodes[1], w.nodes[0])
		w.goes(ctx, w.nodes[0], w.nodes[1])
		sleep(ctx, time.Minute)
		load.stop(t)
		s := w.settle(ctx)
		checkNodeTable(t, s, 1, 4)
		load.check(t, s)
		if voters, others := roll(w.nodes[0]); len(voters) != 1 || len(others) != 0 {
			t.Errorf("left are %v and %v", voters, others)
		}
	})
}

func checkNodeTable(t *testing.T, s *fsm.State, known, forgotten int) {
	t.Helper()
	if s.Nodes.CountKnown() != known || s.Nodes.Len() != known+forgotten {
		t.Errorf("the table has %d nodes and %d rows, want %d and %d", s.Nodes.CountKnown(), s.Nodes.Len(), known, known+forgotten)
	}
}

// A memberLoad is a client that opens conversations through whoever is there.
type memberLoad struct {
	quit context.CancelFunc
	done sync.WaitGroup
	mu   sync.Mutex
	acks map[fsm.ConversationID]fsm.RecordID
	errs []error
}

func startLoad(ctx context.Context, w *world) *memberLoad {
	run, quit := context.WithCancel(ctx)
	l := &memberLoad{quit: quit, acks: map[fsm.ConversationID]fsm.RecordID{}}
	for worker := range 3 {
		l.done.Go(func() {
			for i := 0; run.Err() == nil; i++ {
				turn := i
				pick := func() *simNode {
					turn++
					all := w.machines()
					return all[(turn+worker)%len(all)]
				}
				id := fsm.ConversationID(fmt.Sprintf("load%d-%d", worker, i))
				outcome, _, err := w.do(ctx, running(pick), time.Second, same(open(id)), string(id))
				l.note(id, outcome, err)
				sleep(run, 30*time.Millisecond)
			}
		})
	}
	return l
}

// running skips machines that are being taken away.
func running(pick func() *simNode) func() *simNode {
	return func() *simNode {
		for {
			if n := pick(); n.life.Load() != nil {
				return n
			}
		}
	}
}

func (l *memberLoad) note(id fsm.ConversationID, outcome fsm.Outcome, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case err != nil:
		l.errs = append(l.errs, fmt.Errorf("%s: %w", id, err))
	case outcome.Rejection != nil:
		l.errs = append(l.errs, fmt.Errorf("%s: %w", id, outcome.Rejection))
	default:
		l.acks[id] = outcome.Decision
	}
}

func (l *memberLoad) stop(t *testing.T) {
	t.Helper()
	l.quit()
	l.done.Wait()
	for _, err := range l.errs {
		t.Error(err)
	}
}

func (l *memberLoad) check(t *testing.T, s *fsm.State) {
	t.Helper()
	if len(l.acks) < 100 {
		t.Errorf("void: only %d calls", len(l.acks))
	}
	decided := map[fsm.RecordID]fsm.ConversationID{}
	for id, decision := range l.acks {
		if _, ok := s.Conversations.ByID(id); !ok || decided[decision] != "" {
			t.Errorf("%s was acknowledged with %v (also %q); is it there: %v", id, decision, decided[decision], ok)
		}
		decided[decision] = id
	}
	if s.Conversations.Len() != len(l.acks) {
		t.Errorf("%d conversations, %d were acknowledged", s.Conversations.Len(), len(l.acks))
	}
}

// TestNoVoteBeforeItIsEarned: a node that joins has no vote while it is behind,
// nor before it has been stable for ten seconds.
func TestNoVoteBeforeItIsEarned(t *testing.T) {
	inGrowingWorld(t, 202, func(ctx context.Context, t *testing.T, w *world) {
		leader := w.nodes[0]
		began := time.Now()
		w.arrives("n2")
		lame := w.arrives("n3")
		w.await(ctx, "n3 to be added", func() bool { _, others := roll(leader); return slices.Contains(others, "n3") })
		w.net.Cut(leader.name, lame.name)
		for i := range 400 {
			w.mustOn(ctx, leader, open(conversation(i)))
		}
		sleep(ctx, time.Minute)
		if voters, _ := roll(leader); len(voters) != 1 {
			t.Fatalf("%v vote, and n3 hears nothing", voters)
		}
		w.net.Heal()
		healed := time.Now()
		w.await(ctx, "n3 to vote", func() bool {
			voters, _ := roll(leader)
			return slices.Contains(voters, "n3")
		})
		if behind := leader.group().replica.raft.LastIndex() - lame.group().replica.machine.applied.now(); behind > 250 {
			t.Errorf("it votes and is %d entries behind", behind)
		}
		if since := time.Since(healed); since < 10*time.Second {
			t.Errorf("it votes %s after it could catch up, %s after it came", since, time.Since(began))
		}
	})
}

// TestUnreachableJoiner: it is refused, or, should it vanish later, stays without
// a vote; the cluster decides on all the while (raft.md 1.7).
func TestUnreachableJoiner(t *testing.T) {
	inGrowingWorld(t, 203, func(ctx context.Context, t *testing.T, w *world) {
		leader := w.nodes[0]
		if _, err := leader.group().Members.Add(ctx, "n9", "n9"); codeOf(err) != CodeUnreachable {
			t.Errorf("a node that is not there: %v", err)
		}
		w.arrives("n2")
		ghost := w.arrives("n3")
		w.await(ctx, "n3 to be added", func() bool { _, others := roll(leader); return slices.Contains(others, "n3") })
		w.stop(ghost)
		sleep(ctx, 5*time.Minute)
		w.mustOn(ctx, leader, open("c"))
		if voters, others := roll(leader); len(voters) != 1 || len(others) != 2 {
			t.Errorf("voters %v, others %v", voters, others)
		}
		if err := leader.group().Members.Remove(ctx, "n3"); err != nil {
			t.Errorf("remove a dead node without a vote: %v", err)
		}
	})
}
