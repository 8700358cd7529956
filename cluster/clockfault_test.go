package cluster

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rondohq/rondo/fsm"
)

// TestTwoWrongClocksOfFive, the same hour fast, move the cluster's time by nothing,
// however often the leader changes, and be it to one of them: while most nodes can
// be asked, two are never the majority.
func TestTwoWrongClocksOfFive(t *testing.T) {
	for _, skew := range []time.Duration{time.Hour, -time.Hour} {
		t.Run(skew.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
				defer cancel()
				w := newWorld(t, 5, 71)
				defer w.close()
				w.settle(ctx)
				for _, n := range w.nodes[:2] {
					n.skew.Store(int64(skew))
				}
				for range 12 {
					leader := w.awaitLeader(ctx)
					w.net.Isolate(leader.name)
					w.awaitLeader(ctx, leader)
					w.net.Heal()
					sleep(ctx, 300*time.Millisecond)
				}
				state := w.settle(ctx)
				if drift := time.Duration(state.NowMs-time.Now().UnixMilli()) * time.Millisecond; drift.Abs() > time.Second {
					t.Errorf("the cluster's time is off by %s", drift)
				}
			})
		})
	}
}

// TestClocksDecideNothing: the same workload is played to a cluster whose clocks are
// right and to one in which a clock is an hour fast, one an hour slow and one jumps
// about, with the same changes of leader; every decision is the same.
func TestClocksDecideNothing(t *testing.T) {
	var honest, wrong []string
	synctest.Test(t, func(t *testing.T) { honest = playDecisions(t, func(*world, int) {}) })
	synctest.Test(t, func(t *testing.T) {
		wrong = playDecisions(t, func(w *world, step int) {
			w.nodes[0].skew.Store(int64(time.Hour))
			w.nodes[1].skew.Store(-int64(time.Hour))
			w.nodes[2].skew.Store(int64(time.Duration(step%5-2) * 30 * time.Minute))
		})
	})
	for i := range max(len(honest), len(wrong)) {
		if i >= len(honest) || i >= len(wrong) || honest[i] != wrong[i] {
			t.Fatalf("decision %d of %d and %d is another one with other clocks: %q and %q",
				i, len(honest), len(wrong), honest[min(i, len(honest)):min(i+1, len(honest))], wrong[min(i, len(wrong)):min(i+1, len(wrong))])
		}
	}
	if len(honest) < 150 {
		t.Errorf("void: %d decisions", len(honest))
	}
}

// playDecisions plays a workload, one call after the other, and returns what was
// decided, without times and ids.
func playDecisions(t *testing.T, wrong func(w *world, step int)) (decisions []string) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
	defer cancel()
	w := newWorld(t, 3, 72)
	defer w.close()
	w.setUpTeam(ctx, 4, &fsm.RotationSettings{DrainBurst: new(uint32)})
	rng := rand.New(rand.NewPCG(72, 1))
	for step := range 240 {
		wrong(w, step)
		if step%40 == 39 {
			leader := w.awaitLeader(ctx)
			w.net.Isolate(leader.name)
			w.awaitLeader(ctx, leader)
			w.net.Heal()
		}
		var c fsm.Command = open(conversation(step))
		switch dice := rng.IntN(10); {
		case dice < 2:
			c = presence(rng.IntN(4), []string{"away", "available"}[rng.IntN(2)])
		case dice == 2 && step%10 > 0:
			c = fsm.RequeueConversation{Conversation: conversation(step - step%10)}
		}
		if step%10 == 0 {
			c = open(conversation(step))
		}
		outcome, _, err := w.do(ctx, only(w.nodes[step%3]), 3*time.Second, same(c), fmt.Sprint("step-", step))
		if err != nil {
			t.Fatal(err)
		}
		if outcome.Rejection != nil {
			decisions = append(decisions, fmt.Sprint(step, outcome.Rejection.Reason))
		}
	}
	state := w.settle(ctx)
	for rec := range state.Records.From(fsm.RecordID{}) {
		if d := rec.Decision; d != nil {
			decision, was := *d, fsm.Was{}
			if d.Was != nil {
				was, decision.Was = *d.Was, nil
				was.SinceMs, was.QueueSeq = 0, 0 // numbers count what timers did, too
			}
			decisions = append(decisions, fmt.Sprint(rec.Conversation, rec.Event, decision, was))
		}
	}
	return decisions
}
