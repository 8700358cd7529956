package cluster

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
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
