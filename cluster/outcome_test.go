package cluster

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/raft"

	"github.com/rondohq/rondo/cluster/wire"
	"github.com/rondohq/rondo/fsm"
)

// inWorld runs a story on a cluster of three with a leader, in virtual time.
func inWorld(t *testing.T, seed uint64, f func(ctx context.Context, t *testing.T, w *world, leader *simNode)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		w := newWorld(t, 3, seed)
		defer w.close()
		w.setUpTeam(ctx, 3, nil)
		w.settle(ctx)
		f(ctx, t, w, w.awaitLeader(ctx))
	})
}

// propose asks once.
func propose(ctx context.Context, n *simNode, patience time.Duration, c fsm.Command, key string) (fsm.Outcome, *Error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	outcome, _, err := n.group().Propose(ctx, itemOf(c, key))
	var failed *Error
	if err != nil && !errors.As(err, &failed) {
		failed = &Error{"not an *Error: " + err.Error(), "", 0, err}
	}
	return outcome, failed
}

// A mishap is what happens to a call on its way.
type mishap struct {
	// before makes the trouble and says which node is asked.
	before  func(ctx context.Context, w *world, leader *simNode) *simNode
	while   func(ctx context.Context, w *world, leader *simNode) // it is under way
	code    string                                               // "": committed at the first call
	outcome string
}

var mishaps = map[string]mishap{
	"none, on the leader": {before: onLeader},
	"none, on a follower": {before: onFollower},
	"the leader dies first": {before: func(ctx context.Context, w *world, leader *simNode) *simNode {
		w.stop(leader)
		return w.others(leader)[0]
	}},
	"the leader hands over first": {before: func(ctx context.Context, w *world, leader *simNode) *simNode {
		if err := leader.group().Transfer(ctx); err != nil {
			w.t.Error(err)
		}
		return leader
	}},
	"the leader is cut off meanwhile": {before: func(ctx context.Context, w *world, leader *simNode) *simNode {
		w.net.Isolate(leader.name)
		return leader
	}, code: CodeNoLeader, outcome: Unknown},
	"the follower is cut off first": {before: func(ctx context.Context, w *world, leader *simNode) *simNode {
		n := w.others(leader)[0]
		w.net.Isolate(n.name)
		w.await(ctx, "it to see that", func() bool { return !checkOf(n, "leader").OK })
		return n
	}, code: CodeNoLeader, outcome: Rejected},
	"the leader's answer is lost": {before: func(ctx context.Context, w *world, leader *simNode) *simNode {
		n := w.others(leader)[0]
		w.net.CutOneWay(leader.name, n.name)
		return n
	}, code: CodeDeadline, outcome: Unknown},
	"no majority": {before: func(ctx context.Context, w *world, leader *simNode) *simNode {
		for _, n := range w.others(leader) {
			w.stop(n)
		}
		w.await(ctx, "it to see that", func() bool { return !leader.group().replica.leads() })
		return leader
	}, code: CodeNoLeader, outcome: Rejected},
	"the node stops meanwhile": {before: onCutLeader, while: func(ctx context.Context, w *world, leader *simNode) {
		w.stop(leader)
	}, code: CodeShuttingDown, outcome: Unknown},
}

func onLeader(_ context.Context, _ *world, leader *simNode) *simNode   { return leader }
func onFollower(_ context.Context, w *world, leader *simNode) *simNode { return w.others(leader)[0] }
func onCutLeader(_ context.Context, w *world, leader *simNode) *simNode {
	w.net.Isolate(leader.name)
	return leader
}

// TestMishaps: whatever happens, a call ends as exactly one of committed, rejected
// or unknown, what is called rejected has not happened, and a client that asks
// again with its key has it done once.
func TestMishaps(t *testing.T) {
	for name, m := range mishaps {
		t.Run(name, func(t *testing.T) {
			inWorld(t, 31, func(ctx context.Context, t *testing.T, w *world, leader *simNode) {
				n := m.before(ctx, w, leader)
				// The patience of a caller who sees no new leader come.
				patience := 250 * time.Millisecond
				if m.code == "" || m.while != nil {
					patience = 10 * time.Second
				}
				var calling sync.WaitGroup
				if m.while != nil {
					calling.Go(func() {
						sleep(ctx, 20*time.Millisecond)
						m.while(ctx, w, leader)
					})
				}
				_, failed := propose(ctx, n, patience, open("c"), "key")
				calling.Wait()
				switch {
				case m.code == "" && failed != nil:
					t.Fatalf("got %v, want an outcome", failed)
				case m.code != "" && (failed == nil || failed.Code() != m.code || failed.Outcome() != m.outcome):
					t.Fatalf("got %v, want %s, %s", failed, m.code, m.outcome)
				}
				for _, n := range w.nodes {
					if n.life.Load() == nil {
						w.boot(n)
					}
				}
				state := w.settle(ctx)
				if m.outcome == Rejected && state.Conversations.Len() != 0 {
					t.Error("it was rejected and has happened")
				}
				outcome, failed := propose(ctx, w.nodes[0], 10*time.Second, open("c"), "key")
				if failed != nil || outcome.Rejection != nil {
					t.Fatalf("asked again: %v %v", failed, outcome.Rejection)
				}
				if state = w.settle(ctx); state.Conversations.Len() != 1 {
					t.Errorf("%d conversations, want 1", state.Conversations.Len())
				}
			})
		})
	}
}

// TestUnknownIsAppliedOnce: the answer is lost, the command is in the log, and its
// repetition gets what became of it.
func TestUnknownIsAppliedOnce(t *testing.T) {
	inWorld(t, 32, func(ctx context.Context, t *testing.T, w *world, leader *simNode) {
		follower := w.others(leader)[0]
		w.net.CutOneWay(leader.name, follower.name)
		if _, failed := propose(ctx, follower, 200*time.Millisecond, open("c"), "key"); failed == nil || failed.Outcome() != Unknown {
			t.Fatalf("got %v, want unknown", failed)
		}
		w.net.Heal()
		again, failed := propose(ctx, follower, 10*time.Second, open("c"), "key")
		if failed != nil || !again.Replayed || !again.Created {
			t.Errorf("got %+v %v, want the first outcome, replayed", again, failed)
		}
	})
}

// TestNodeThatDoesNotKnowTheTime asks before it stamps what it sends, or it would
// come too late; its callers notice nothing.
func TestNodeThatDoesNotKnowTheTime(t *testing.T) {
	inWorld(t, 33, func(ctx context.Context, t *testing.T, w *world, leader *simNode) {
		late := w.others(leader)[0]
		w.stop(late)
		sleep(ctx, 10*time.Minute)
		w.mustOn(ctx, leader, open(conversation(1)))
		w.boot(late)
		// It knows the leader before it knows what has happened: slow entries, quick
		// frames.
		late.disk.SetWriteDelay(200 * time.Millisecond)
		// Raft waits up to ten seconds before it tries again who was away for long.
		outcome, failed := propose(ctx, late, 30*time.Second, open(conversation(2)), "key")
		if failed != nil || !outcome.Created {
			t.Errorf("got %+v %v, want a new conversation", outcome, failed)
		}
		late.disk.SetWriteDelay(time.Millisecond)
		// Should it be wrong all the same, it finds out by the answer.
		late.group().replica.machine.setBack(10 * time.Minute)
		outcome, failed = propose(ctx, late, 10*time.Second, open(conversation(4)), "another key")
		if failed != nil || !outcome.Created {
			t.Errorf("got %+v %v, want a new conversation", outcome, failed)
		}
		// And when nothing ever tells it, it says so instead of trying for ever.
		d := &desk{machine: late.group().replica.machine}
		d.knowsTime.Store(true)
		life := newLifetime()
		c := &fakeCarrier{answer: expires}
		d.batcher = newBatcher(life, c)
		outcome, _, err := d.propose(ctx, itemOf(open(conversation(3)), "other"))
		life.end()
		life.running.Wait()
		if err != nil || !isExpired(outcome) || c.count() != restamps+1 {
			t.Errorf("got %+v %v after %d tries", outcome, err, c.count())
		}
	})
}

// setBack makes a machine believe that it is earlier.
func (m *machine) setBack(d time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.tip.at += d
}

// TestItemsDoNotOutliveTheirKeys: a node that believes to be in the future cannot
// make an item that is applied after its key is forgotten.
func TestItemsDoNotOutliveTheirKeys(t *testing.T) {
	inWorld(t, 34, func(ctx context.Context, t *testing.T, w *world, leader *simNode) {
		it := itemOf(open("c"), "key")
		it.NotAfterMs = math.MaxInt64
		reply := serveItems(t, ctx, leader, it)
		if reply.ErrorCode != "" {
			t.Fatal(reply.ErrorText)
		}
		var done proposeAnswer
		if err := frameDecoding.Unmarshal(reply.Payload, &done); err != nil {
			t.Fatal(err)
		}
		_, entry, _ := commandAt(t, leader, done.Index)
		if got, most := entry.Items[0].NotAfterMs, entry.TimeMs+fsm.MintedKeyLifeMs; got > most {
			t.Errorf("the item lives until %d, its key until %d", got, most)
		}
	})
}

func serveItems(t *testing.T, ctx context.Context, n *simNode, items ...fsm.Item) wire.Frame {
	t.Helper()
	payload, err := frameEncoding.Marshal(proposeRequest{Items: items})
	if err != nil {
		t.Fatal(err)
	}
	return n.group().Handler()(ctx, "n9", wire.Frame{Kind: wire.Propose, Payload: payload})
}

// commandAt reads an entry of the log, if it is a command of ours.
func commandAt(t *testing.T, n *simNode, index uint64) (log raft.Log, entry fsm.Entry, ok bool) {
	t.Helper()
	if err := n.group().keeper.disk.Logs().GetLog(index, &log); err != nil {
		if errors.Is(err, raft.ErrLogNotFound) {
			return log, entry, false // a snapshot was installed: there is a gap
		}
		t.Fatal(err)
	}
	if log.Type != raft.LogCommand {
		return log, entry, false
	}
	entry, err := fsm.DecodeEntry(log.Data)
	if err != nil {
		t.Fatal(err)
	}
	return log, entry, true
}

// TestBadFramesReachNoLog: what another node sends is checked before anything else
// is done with it, since one bad item would stop every node.
func TestBadFramesReachNoLog(t *testing.T) {
	inWorld(t, 35, func(ctx context.Context, t *testing.T, w *world, leader *simNode) {
		unknown, garbage := itemOf(open("c"), "a"), itemOf(open("c"), "b")
		unknown.Kind = 60000
		garbage.Body = []byte{0x61, 0xff} // not UTF-8
		many := make([]fsm.Item, fsm.MaxEntryItems+1)
		for i := range many {
			many[i] = itemOf(open(conversation(i)), fmt.Sprint(i))
		}
		w.settle(ctx)
		before := leader.group().replica.raft.LastIndex()
		for name, got := range map[string]wire.Frame{
			"an unknown kind":  serveItems(t, ctx, leader, unknown),
			"a wrong body":     serveItems(t, ctx, leader, garbage),
			"too many items":   serveItems(t, ctx, leader, many...),
			"one of two wrong": serveItems(t, ctx, leader, itemOf(open("d"), "d"), unknown),
			"not CBOR":         leader.group().Handler()(ctx, "n9", wire.Frame{Kind: wire.Propose, Payload: []byte("hello")}),
			"an unknown frame": leader.group().Handler()(ctx, "n9", wire.Frame{Kind: 200}),
		} {
			if got.ErrorCode != codeBadFrame || got.ErrorText == "" {
				t.Errorf("%s: %q %q, want %q", name, got.ErrorCode, got.ErrorText, codeBadFrame)
			}
		}
		follower := w.others(leader)[0]
		if got := serveItems(t, ctx, follower, itemOf(open("c"), "e")); got.ErrorCode != codeNotLeader {
			t.Errorf("a follower answers %q, want %q", got.ErrorCode, codeNotLeader)
		}
		if after := leader.group().replica.raft.LastIndex(); after != before {
			t.Errorf("the log went from %d to %d", before, after)
		}
		// The same from a caller of this node.
		for _, n := range []*simNode{leader, follower} {
			_, _, err := n.group().Propose(ctx, unknown)
			var failed *Error
			if !errors.As(err, &failed) || failed.Code() != CodeNotUnderstood || failed.Outcome() != Rejected {
				t.Errorf("%s: %v, want not_understood", n.name, err)
			}
		}
		large := open("c").(fsm.OpenConversation)
		large.Attributes = map[string]string{"a": strings.Repeat("x", fsm.MaxEntryBytes)}
		if _, failed := propose(ctx, follower, time.Second, large, "large"); failed == nil || failed.Code() != CodeTooLarge || failed.Outcome() != Rejected {
			t.Errorf("got %v, want too_large", failed)
		}
	})
}

// TestSlowDiskOfTheLeader: an append that takes long is waited for, and not put
// into the log a second time.
func TestSlowDiskOfTheLeader(t *testing.T) {
	inWorld(t, 36, func(ctx context.Context, t *testing.T, w *world, leader *simNode) {
		before := leader.group().replica.raft.LastIndex()
		leader.disk.SetWriteDelay(7 * time.Second)
		outcome, failed := propose(ctx, leader, 30*time.Second, open("c"), "key")
		leader.disk.SetWriteDelay(time.Millisecond)
		if failed != nil || !outcome.Created {
			t.Fatalf("got %+v %v", outcome, failed)
		}
		copies := 0
		for index := before + 1; index <= leader.group().replica.raft.LastIndex(); index++ {
			_, entry, _ := commandAt(t, leader, index)
			copies += len(entry.Items)
		}
		if copies != 1 {
			t.Errorf("the item is in the log %d times", copies)
		}
	})
}

// TestGroupCommit: what waits travels together, on the leader and on a follower.
func TestGroupCommit(t *testing.T) {
	for _, where := range []string{"leader", "follower"} {
		t.Run(where, func(t *testing.T) {
			inWorld(t, 37, func(ctx context.Context, t *testing.T, w *world, leader *simNode) {
				n := leader
				if where == "follower" {
					n = w.others(leader)[0]
				}
				before := leader.group().replica.raft.LastIndex()
				var calling sync.WaitGroup
				for i := range 500 {
					calling.Go(func() {
						if outcome, failed := propose(ctx, n, 10*time.Second, open(conversation(i)), fmt.Sprint(i)); failed != nil || !outcome.Created {
							t.Errorf("%+v %v", outcome, failed)
						}
					})
					calling.Go(func() {
						if _, err := n.group().Fence(ctx); err != nil {
							t.Error(err)
						}
					})
				}
				calling.Wait()
				// The first alone or not, then 256 and the rest; a frame's items enter
				// the leader's queue one by one, so each may be cut once more.
				if n := leader.group().replica.raft.LastIndex() - before; n > 8 {
					t.Errorf("500 proposals and 500 fences took %d entries", n)
				}
				if got := w.settle(ctx).Conversations.Len(); got != 500 {
					t.Errorf("%d conversations", got)
				}
			})
		})
	}
}
