package cluster

import (
	"context"
	"math"
	"testing"
	"time"
)

// TestAge: what a node has is as old as the beginning of the newest call that has
// ended there, whatever it heard of its leader since.
func TestAge(t *testing.T) {
	var m milestone
	if m.age() != math.MaxInt64 {
		t.Error("a node that knows nothing is not old without end")
	}
	inWorld(t, 44, func(ctx context.Context, t *testing.T, w *world, leader *simNode) {
		follower := w.others(leader)[0]
		began := time.Now()
		if _, err := follower.group().Fence(ctx); err != nil {
			t.Fatal(err)
		}
		if age := Age(follower.group()); age > time.Since(began) {
			t.Errorf("%s old right after a fence of %s", age, time.Since(began))
		}
		sleep(ctx, 5*time.Second) // the leader is heard all the time
		if age := Age(follower.group()); age < 5*time.Second || age > time.Since(began) {
			t.Errorf("%s old, 5 s after a fence", age)
		}
		// An older call that ends later makes nothing older.
		before := Age(follower.group())
		follower.group().desk.behind.reached(began.Add(-time.Second))
		if age := Age(follower.group()); age != before {
			t.Errorf("%s old, and %s a moment before", age, before)
		}
		if Applied(follower.group()) < 3 {
			t.Error("nothing is applied")
		}
	})
}
