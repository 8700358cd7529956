package cluster

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rondohq/rondo/fsm"
)

// drainWorld has a team of which everybody is away while five conversations come.
// Who comes back takes one at once and one every ten seconds.
func drainWorld(ctx context.Context, w *world) {
	w.t.Helper()
	one, interval, never := uint32(1), uint32(10), uint32(0)
	team := fsm.PutTeam{ID: "team", Name: "Team", Members: []fsm.TeamMember{{Agent: "a0"}, {Agent: "a1"}, {Agent: "a2"}},
		Rotation: &fsm.RotationSettings{DrainBurst: &one, DrainIntervalSeconds: &interval, AlertAfterSeconds: &never}}
	w.must(ctx, team)
	for i := range 3 {
		w.must(ctx, presence(i, "away"))
	}
	for i := range 5 {
		w.must(ctx, open(conversation(i)))
	}
}

// TestTimersFireWithoutACommand on time, by the leader's own ticks, and go on
// under the next leader.
func TestTimersFireWithoutACommand(t *testing.T) {
	for name, failover := range map[string]bool{"one leader": false, "through a failover": true} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, 51, func(ctx context.Context, t *testing.T, w *world, leader *simNode) {
				drainWorld(ctx, w)
				w.must(ctx, presence(0, "available"))
				back := time.Now()
				if failover {
					sleep(ctx, 25*time.Second)
					w.net.Isolate(leader.name)
					w.awaitLeader(ctx, leader)
				}
				sleep(ctx, 60*time.Second-time.Since(back))
				var taken []time.Duration
				state := w.settle(ctx)
				for rec := range state.Records.From(fsm.RecordID{}) {
					if rec.Decision != nil && rec.Decision.Assignee != 0 {
						taken = append(taken, time.UnixMilli(rec.TimeMs).Sub(back))
					}
				}
				if len(taken) != 5 {
					t.Fatalf("%d were taken, after %v", len(taken), taken)
				}
				// A time is known to the millisecond, and an entry takes a few.
				for i, at := range taken {
					want := time.Duration(i) * 10 * time.Second
					if off := at - want; off < -20*time.Millisecond || off > time.Duration(i+1)*20*time.Millisecond {
						t.Errorf("number %d was taken after %s, want %s", i, at, want)
					}
				}
			})
		})
	}
}

// TestTimerDueWhileNobodyLed fires as soon as somebody does.
func TestTimerDueWhileNobodyLed(t *testing.T) {
	inWorld(t, 52, func(ctx context.Context, t *testing.T, w *world, leader *simNode) {
		drainWorld(ctx, w)
		w.must(ctx, presence(0, "available"))
		for _, n := range w.nodes {
			w.net.Isolate(n.name)
		}
		sleep(ctx, 15*time.Second)
		w.net.Heal()
		n := w.awaitLeader(ctx)
		w.await(ctx, "the timer to fire", func() bool { return n.group().Latest().Timers.Len() > 0 && assignedOf(n) == 2 })
	})
}

func assignedOf(n *simNode) (count int) {
	for rec := range n.group().Latest().Records.From(fsm.RecordID{}) {
		if rec.Decision != nil && rec.Decision.Assignee != 0 {
			count++
		}
	}
	return count
}

// TestIdleClusterProposesNothing but the ticks that the state asks for: the keys
// of what the nodes did for themselves expire within two minutes. Its nodes are
// slow, so that hours cost little.
func TestIdleClusterProposesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 24*time.Hour)
		defer cancel()
		w := newDarkWorld(t, 3, 53)
		defer w.close()
		w.timing = Timing{Heartbeat: 20 * time.Second, Election: 20 * time.Second, Lease: 10 * time.Second, Commit: time.Second}
		for _, n := range w.nodes {
			w.boot(n)
		}
		w.setUpTeam(ctx, 3, nil)
		w.settle(ctx)
		leader := w.awaitLeader(ctx)
		began := leader.group().replica.raft.LastIndex()
		sleep(ctx, 5*time.Minute)
		quiet := leader.group().replica.raft.LastIndex()
		if quiet == began || quiet > began+6 {
			t.Errorf("%d entries while keys expired", quiet-began)
		}
		night := 3 * time.Hour
		if testing.Short() {
			night = 30 * time.Minute
		}
		sleep(ctx, night)
		for _, n := range w.nodes {
			if last := n.group().replica.raft.LastIndex(); last != quiet {
				t.Errorf("%s: the log grew from %d to %d in a quiet night", n.name, quiet, last)
			}
		}
		if due, ok := leader.group().replica.machine.nextDue(); !ok || time.Until(time.UnixMilli(due)) < 12*time.Hour {
			t.Errorf("next due %s, %t", time.UnixMilli(due), ok)
		}
	})
}

// TestFirstOfATermIsItsBegin: a leader writes nothing before it has taken office,
// and what it stamps from then on is never earlier.
func TestFirstOfATermIsItsBegin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
		defer cancel()
		w := newDarkWorld(t, 3, 54)
		defer w.close()
		w.snapshots = SnapshotPolicy{} // the whole log stays
		for _, n := range w.nodes {
			w.boot(n)
		}
		w.setUpTeam(ctx, 3, nil)
		load, stop := context.WithCancel(ctx)
		var calling sync.WaitGroup
		for _, n := range w.nodes {
			calling.Go(func() {
				for i := 0; load.Err() == nil; i++ {
					key := n.name + string(conversation(i))
					if _, _, err := w.do(ctx, only(n), time.Second, same(open(fsm.ConversationID(key))), key); err != nil {
						t.Error(err)
					}
				}
			})
		}
		for range 8 {
			leader := w.awaitLeader(ctx)
			w.net.Isolate(leader.name)
			w.awaitLeader(ctx, leader)
			w.net.Heal()
			sleep(ctx, 500*time.Millisecond)
		}
		stop()
		calling.Wait()
		w.settle(ctx)
		checkTerms(t, w, 8)
	})
}

// checkTerms looks through the logs on all disks, which hold so many terms.
func checkTerms(t *testing.T, w *world, least int) {
	t.Helper()
	for _, n := range w.nodes {
		term, stamp, checked := uint64(0), int64(0), 0
		first := firstIndex(t, n)
		for index := first; index <= n.group().replica.raft.LastIndex(); index++ {
			log, entry, ok := commandAt(t, n, index)
			if !ok {
				continue
			}
			if log.Term != term && index > first+1 {
				checked++
				if len(entry.Items) != 1 || entry.Items[0].Kind.Name() != "term.begin" {
					t.Errorf("%s: term %d begins with entry %d of %d items", n.name, log.Term, index, len(entry.Items))
				}
			}
			if entry.TimeMs < stamp {
				t.Errorf("%s: entry %d is stamped %d, after %d", n.name, index, entry.TimeMs, stamp)
			}
			term, stamp = log.Term, entry.TimeMs
		}
		if checked < least {
			t.Errorf("void: only %d terms stand in the log of %s", checked, n.name)
		}
	}
}
