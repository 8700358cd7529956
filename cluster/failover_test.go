package cluster

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"
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
