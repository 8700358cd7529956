package cluster

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestReplayIsTold: a node that was started waits for a leader, says so, and says
// when it has applied what its log held.
func TestReplayIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		w := newWorld(t, 3, 73)
		defer w.close()
		w.setUpTeam(ctx, 3, nil)
		w.settle(ctx)
		for _, n := range w.nodes {
			w.stop(n)
		}
		n := w.nodes[0]
		w.boot(n) // no majority yet
		told := func() Check {
			for _, c := range n.group().Health() {
				if c.Name == "replay" {
					return c
				}
			}
			t.Fatal("nothing is said of the replay")
			return Check{}
		}
		if c := told(); c.OK || !strings.Contains(c.Detail, "wait for a leader") {
			t.Errorf("alone: %+v", c)
		}
		w.boot(w.nodes[1])
		w.boot(w.nodes[2])
		w.await(ctx, "the replay to end", func() bool { return told().OK })
	})
}
