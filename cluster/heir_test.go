package cluster

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/raft"
)

// slowTiming is so patient that whoever leads after seconds was told of a death.
var slowTiming = Timing{10 * time.Minute, 10 * time.Minute, 10 * time.Minute, 50 * time.Millisecond}

func inSlowWorld(t *testing.T, size int, seed uint64, f func(ctx context.Context, w *world, leader *simNode)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 24*time.Hour)
		defer cancel()
		w := newDarkWorld(t, size, seed)
		defer w.close()
		w.timing = slowTiming
		for _, n := range w.nodes {
			w.boot(n)
		}
		w.await(ctx, "a leader", func() bool { return w.leader() != nil })
		w.setUpTeam(ctx, 3, nil)
		w.settle(ctx)
		f(ctx, w, w.awaitLeader(ctx))
	})
}

func (n *simNode) term() uint64 { return n.group().replica.raft.CurrentTerm() }

// TestDeadLeaderIsReplacedAtOnce, by the first of the others, in one election: they
// do not run against each other. Of five, two may die one after another.
func TestDeadLeaderIsReplacedAtOnce(t *testing.T) {
	for _, size := range []int{3, 5} {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			inSlowWorld(t, size, 84, func(ctx context.Context, w *world, leader *simNode) {
				for range size / 2 {
					term, died := leader.term(), time.Now()
					leader.host.Crash()
					w.nodes = w.others(leader)
					defer func(dead *simNode) { w.nodes = append(w.nodes, dead) }(leader)
					leader = w.awaitLeader(ctx)
					if leader != w.nodes[0] || leader.term() != term+1 || time.Since(died) > time.Second {
						w.t.Errorf("after %s %s leads in term %d; want %s in term %d", time.Since(died), leader.name, leader.term(), w.nodes[0].name, term+1)
					}
					w.mustOn(ctx, leader, presence(0, "away"))
					w.await(ctx, "all to have it", func() bool { // or the first may lack it, and cannot win
						return !slices.ContainsFunc(w.nodes, func(n *simNode) bool {
							return n.group().replica.raft.LastIndex() < leader.group().replica.raft.LastIndex()
						})
					})
				}
			})
		})
	}
}

// TestNewestDeathIsLookedInto: a leader that dies while the death of the one before is
// still being looked into, which a second connection had told of, is not forgotten.
func TestNewestDeathIsLookedInto(t *testing.T) {
	for _, told := range [][]uint64{{2, 3}, {3, 2}, {2, 3, 2}, {3}} {
		h := &heir{suspicions: make(chan suspicion, 1)}
		for _, term := range told {
			h.suspect(suspicion{term: term})
		}
		if s := <-h.suspicions; s.term != 3 || len(h.suspicions) != 0 {
			t.Errorf("told of deaths in terms %d: looks into %d, and %d more", told, s.term, len(h.suspicions))
		}
	}
}

// TestHeirThatLacksEntriesIsFollowed: the first cannot win, since the other has more
// of the log, and the other does not wait for a heartbeat then.
func TestHeirThatLacksEntriesIsFollowed(t *testing.T) {
	inSlowWorld(t, 3, 85, func(ctx context.Context, w *world, leader *simNode) {
		others, term := w.others(leader), leader.term()
		w.net.CutOneWay(leader.name, others[0].name)
		w.mustOn(ctx, leader, presence(0, "away"))
		w.await(ctx, "the other to have it", func() bool {
			return others[1].group().replica.raft.LastIndex() == leader.group().replica.raft.LastIndex()
		})
		if others[0].group().replica.raft.LastIndex() >= leader.group().replica.raft.LastIndex() {
			t.Fatal("void: the first heir lacks nothing")
		}
		leader.host.Crash()
		w.net.Heal()
		died := time.Now()
		w.nodes = others
		defer func() { w.nodes = append(w.nodes, leader) }()
		if next := w.awaitLeader(ctx); next != others[1] || next.term() != term+2 || time.Since(died) > time.Second {
			t.Errorf("after %s %s leads in term %d, want %s in term %d", time.Since(died), next.name, next.term(), others[1].name, term+2)
		}
	})
}

// TestHeirStandsForNothingElse than a refusal by the leader of its term, and once.
func TestHeirStandsForNothingElse(t *testing.T) {
	inSlowWorld(t, 3, 86, func(ctx context.Context, w *world, leader *simNode) {
		others := w.others(leader)
		var stood, probed atomic.Int64
		told := func(on *simNode, lost string, answer error) (int64, int64) {
			stood.Store(0)
			probed.Store(0)
			h := on.group().heir
			h.links.Probe = func(_ context.Context, address string) error {
				if address != leader.name {
					t.Errorf("looked at %s, the leader is %s", address, leader.name)
				}
				probed.Add(1)
				return answer
			}
			h.links.Stand = func(context.Context) error { stood.Add(1); return nil }
			h.lost(lost)
			sleep(ctx, 5*time.Second)
			return probed.Load(), stood.Load()
		}
		refused := fmt.Errorf("probe: %w", os.NewSyscallError("connect", syscall.ECONNREFUSED))
		for _, c := range []struct {
			name           string
			on             *simNode
			lost           string
			answer         error
			probed, stands int64
		}{
			{"the port is open", others[0], leader.name, nil, probes, 0},
			{"time-out", others[0], leader.name, context.DeadlineExceeded, 1, 0},
			{"reset", others[0], leader.name, syscall.ECONNRESET, 1, 0},
			{"no route", others[0], leader.name, syscall.EHOSTUNREACH, 1, 0},
			{"another follower is lost", others[0], others[1].name, refused, 0, 0},
			{"the leader itself is told", leader, leader.name, refused, 0, 0},
			{"the leader loses a follower", leader, others[0].name, refused, 0, 0},
			{"dead", others[0], leader.name, refused, 1, 1},
			{"dead, told again in the same term", others[0], leader.name, refused, 0, 0},
			{"dead, the second heir", others[1], leader.name, refused, 1, 1},
		} {
			if probed, stands := told(c.on, c.lost, c.answer); probed != c.probed || stands != c.stands {
				t.Errorf("%s: looked %d times and stood %d times, want %d and %d", c.name, probed, stands, c.probed, c.stands)
			}
		}
	})
}

// TestHeirOfAnOlderTerm: while it looked, leadership was handed over.
func TestHeirOfAnOlderTerm(t *testing.T) {
	inSlowWorld(t, 3, 87, func(ctx context.Context, w *world, leader *simNode) {
		var looked atomic.Bool // later ones are of the world's end
		for _, n := range w.others(leader) {
			h := n.group().heir
			h.links.Probe = func(context.Context, string) error {
				if looked.Swap(true) {
					return nil
				}
				if err := leader.group().Transfer(ctx); err != nil {
					t.Error(err)
				}
				w.awaitLeader(ctx, leader)
				return syscall.ECONNREFUSED
			}
			h.links.Stand = func(context.Context) error {
				t.Errorf("%s stands against a leader that has followed", n.name)
				return nil
			}
		}
		term := leader.term()
		w.others(leader)[1].group().heir.lost(leader.name)
		next := w.awaitLeader(ctx, leader)
		sleep(ctx, 5*time.Second)
		if w.leader() != next || next.term() != term+1 {
			t.Errorf("term %d became %d", term, next.term())
		}
	})
}

// TestMistakeCostsOneElection: both followers are made to believe that the leader is
// dead while it lives. It is deposed once, and nothing is lost.
func TestMistakeCostsOneElection(t *testing.T) {
	inSlowWorld(t, 3, 88, func(ctx context.Context, w *world, leader *simNode) {
		term := leader.term()
		for _, n := range w.others(leader) {
			n.group().heir.links.Probe = func(context.Context, string) error { return syscall.ECONNREFUSED }
			n.group().heir.lost(leader.name)
		}
		next := w.awaitLeader(ctx, leader)
		w.mustOn(ctx, leader, presence(0, "away"))
		sleep(ctx, 5*time.Second)
		if w.leader() != next || next.term() != term+1 || next != w.others(leader)[0] {
			t.Errorf("%s leads in term %d after one mistake in term %d", next.name, next.term(), term)
		}
		w.settle(ctx)
	})
}

// TestPlaceOfAnHeir among the voters that may follow.
func TestPlaceOfAnHeir(t *testing.T) {
	servers := []raft.Server{{ID: "d"}, {ID: "b", Suffrage: raft.Nonvoter}, {ID: "c"}, {ID: "a"}, {ID: "e"}}
	for id, want := range map[raft.ServerID]int{"d": 1, "c": 0, "e": 2} {
		if place, voter := placeAmong(servers, id, "a"); place != want || !voter {
			t.Errorf("%s: place %d, voter %t; want place %d", id, place, voter, want)
		}
	}
	for _, id := range []raft.ServerID{"b", "z"} {
		if _, voter := placeAmong(servers, id, "a"); voter {
			t.Errorf("%s may stand and is no voter", id)
		}
	}
}

// TestStandGivesUp when Raft is busy for too long, or the node stops.
func TestStandGivesUp(t *testing.T) {
	done := make(chan struct{})
	b := newBallot(nil, nil, nil, done)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := b.stand(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("busy: %v", err)
	}
	close(done)
	if err := b.stand(t.Context()); !errors.Is(err, errStopping) {
		t.Errorf("stopping: %v", err)
	}
}
