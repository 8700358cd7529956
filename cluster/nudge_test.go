package cluster

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/raft"
)

// TestFollowerAnswersAtOnce also when nothing else happens, and not only when Raft
// next tells it what is committed.
func TestFollowerAnswersAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
		defer cancel()
		w := newDarkWorld(t, 3, 81)
		defer w.close()
		w.timing.Commit = 2 * time.Second
		for _, n := range w.nodes {
			w.boot(n)
		}
		w.setUpTeam(ctx, 3, nil)
		w.settle(ctx)
		leader := w.awaitLeader(ctx)
		for _, n := range w.others(leader) {
			for i := range 5 {
				sleep(ctx, 20*time.Second) // no entries, no traffic but heartbeats
				began := time.Now()
				w.mustOn(ctx, n, open(conversation(i)))
				if took := time.Since(began); took > 20*time.Millisecond {
					t.Errorf("%s took %s for a call", n.name, took)
				}
			}
		}
	})
}

// TestNudgeIsTrue: only a leader nudges, it says nothing that is not committed, and
// a node whose log differs refuses it.
func TestNudgeIsTrue(t *testing.T) {
	inWorld(t, 82, func(ctx context.Context, t *testing.T, w *world, leader *simNode) {
		follower := w.others(leader)[0]
		if _, leads := follower.group().desk.nudger.request(); leads {
			t.Error("a follower would nudge")
		}
		index := w.mustOn(ctx, leader, open("c")).Index
		request, leads := leader.group().desk.nudger.request()
		if !leads || request.LeaderCommitIndex != index || request.PrevLogEntry != index || request.Term != leader.group().replica.raft.CurrentTerm() {
			t.Fatalf("after entry %d: %+v", index, request)
		}
		if commit := leader.group().replica.raft.CommitIndex(); request.LeaderCommitIndex > commit {
			t.Errorf("nudges to %d, committed is %d", request.LeaderCommitIndex, commit)
		}
		before := follower.group().replica.raft.CommitIndex()
		for name, change := range map[string]func(*raft.AppendEntriesRequest){
			"another entry at this index": func(r *raft.AppendEntriesRequest) { r.PrevLogTerm += 7 },
			"an entry it lacks":           func(r *raft.AppendEntriesRequest) { r.PrevLogEntry += 7 },
		} {
			wrong := *request
			change(&wrong)
			wrong.LeaderCommitIndex = before + 100
			var response raft.AppendEntriesResponse
			err := leader.group().desk.nudger.transport.AppendEntries(raft.ServerID(follower.name), raft.ServerAddress(follower.name), &wrong, &response)
			if after := follower.group().replica.raft.CommitIndex(); err != nil || response.Success || after > index {
				t.Errorf("%s: success %t, %v, commit %d to %d", name, response.Success, err, before, after)
			}
		}
		w.net.Isolate(leader.name)
		w.awaitLeader(ctx, leader)
		if _, leads := leader.group().desk.nudger.request(); leads {
			t.Error("a node that lost leadership would nudge")
		}
		w.settle(ctx)
	})
}

// TestEveryCallIsNudged: a call that ends while its node is being told of an
// earlier entry does not wait until Raft next tells it what is committed.
func TestEveryCallIsNudged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
		defer cancel()
		w := newDarkWorld(t, 3, 83)
		defer w.close()
		w.timing.Commit = 2 * time.Second
		for _, n := range w.nodes {
			w.boot(n)
		}
		w.setUpTeam(ctx, 3, nil)
		w.settle(ctx)
		leader := w.awaitLeader(ctx)
		n := w.others(leader)[0]
		w.net.Delay(leader.name, n.name, 5*time.Millisecond)
		for step := range 60 {
			// Between two calls; then nothing. The second ends while its node is told
			// of the first.
			gap := 10*time.Millisecond + time.Duration(step-30)*10*time.Microsecond
			var calling sync.WaitGroup
			for i := range 2 {
				calling.Go(func() {
					sleep(ctx, time.Duration(i)*gap)
					began := time.Now()
					c := conversation(2*step + i)
					if _, _, err := w.do(ctx, only(n), 10*time.Second, same(open(c)), string(c)); err != nil {
						t.Error(err)
					}
					if took := time.Since(began); took > 200*time.Millisecond {
						t.Errorf("call %d of two with %s between them took %s", i, gap, took)
					}
				})
			}
			calling.Wait()
		}
	})
}

// A behindTransport answers for a node that lacks so many entries.
type behindTransport struct {
	raft.Transport
	lacks, asked atomic.Uint64
}

func (b *behindTransport) AppendEntries(_ raft.ServerID, _ raft.ServerAddress, request *raft.AppendEntriesRequest, response *raft.AppendEntriesResponse) error {
	b.asked.Add(1)
	response.LastLog = request.PrevLogEntry - b.lacks.Load()
	response.Success = b.lacks.Load() == 0
	return nil
}

// TestNudgeLeavesAloneWhoIsFarBehind: it logs a warning for each. A node to which an
// entry is still on its way is told a few times.
func TestNudgeLeavesAloneWhoIsFarBehind(t *testing.T) {
	inWorld(t, 89, func(ctx context.Context, t *testing.T, w *world, leader *simNode) {
		g := leader.group()
		transport := &behindTransport{Transport: g.desk.nudger.transport}
		n := newNudger(ctx, g.replica, transport)
		for _, c := range []struct{ lacks, asked uint64 }{
			{0, 1000},         // one for each
			{nudgeLag + 1, 4}, // one every 250 ms
			{0, 1000},
			{1, 4 * nudgeTries}, // the entry may be on its way
		} {
			transport.lacks.Store(c.lacks)
			transport.asked.Store(0)
			for range 1000 {
				n.tell(w.others(leader)[0].name)
				sleep(ctx, time.Millisecond)
			}
			if asked := transport.asked.Load(); asked != c.asked {
				t.Errorf("a node that lacks %d entries was asked %d times in a second, want %d", c.lacks, asked, c.asked)
			}
			sleep(ctx, time.Second)
		}
	})
}
