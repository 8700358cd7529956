package cluster

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"
)

const hourMs = 3600 * 1000

func TestClockOfANewTerm(t *testing.T) {
	const now = 1_000_000_000_000
	for name, test := range map[string]struct {
		reading clockReading
		want    int64
	}{
		"the median of three":                  {clockReading{now, now, []int64{now + 2*hourMs, now + 5, now + 9}, 2}, now + 9},
		"a wrong clock does not count":         {clockReading{now, now, []int64{now - 2*hourMs, now + 5, now + 9}, 2}, now + 5},
		"after a night off, however far":       {clockReading{now, now + 9, []int64{now + 12*hourMs, now + 12*hourMs + 4, now + 12*hourMs + 9}, 2}, now + 12*hourMs + 4},
		"two, one an hour fast":                {clockReading{now, now + 50, []int64{now + hourMs, now + 60}, 2}, now + 60},
		"two, one an hour slow":                {clockReading{now, now + 50, []int64{now - hourMs, now + 60}, 2}, now + 60},
		"two, nothing to go by":                {clockReading{0, 0, []int64{now + hourMs, now}, 2}, now},
		"alone, a little ahead":                {clockReading{now, now, []int64{now + 9_000}, 2}, now + 9_000},
		"alone, an hour ahead":                 {clockReading{now, now, []int64{now + hourMs}, 2}, now + maxLoneJump.Milliseconds()},
		"alone, with no state to go by":        {clockReading{0, 0, []int64{now}, 2}, now},
		"alone, behind":                        {clockReading{now, now, []int64{now - hourMs}, 2}, now},
		"a majority of one, however far":       {clockReading{now, now, []int64{now + hourMs}, 1}, now + hourMs},
		"the state is ahead of all":            {clockReading{now, now, []int64{now - 9, now - 8, now - 7}, 2}, now},
		"four, two in the middle":              {clockReading{now, now + 70, []int64{now + 60, now + hourMs, now - hourMs, now + 65}, 3}, now + 65},
		"five with the outer two quite wrong":  {clockReading{now, now, []int64{now + hourMs, now + 1, now + 3, now + 2, now - hourMs}, 3}, now + 2},
		"idle for long, one clock an hour off": {clockReading{now, now + 9*hourMs, []int64{now + 10*hourMs, now + 9*hourMs + 3}, 2}, now + 9*hourMs + 3},
	} {
		t.Run(name, func(t *testing.T) {
			at := time.Now()
			c := newClock(test.reading, at)
			if got := c.nowMs(at); got != test.want {
				t.Errorf("the term begins at %+d ms, want %+d", got-now, test.want-now)
			}
		})
	}
}

// TestClockAheadRunsAtHalfSpeed until the nodes' clocks have caught up.
func TestClockAheadRunsAtHalfSpeed(t *testing.T) {
	at := time.Now()
	c := newClock(clockReading{stateMs: 5000, clocksMs: []int64{3000, 3000}, majority: 2}, at)
	for _, step := range []struct{ afterMs, want int64 }{{0, 5000}, {1000, 5500}, {3998, 6999}, {4000, 7000}, {5000, 8000}, {9000, 12000}} {
		if got := c.nowMs(at.Add(time.Duration(step.afterMs) * time.Millisecond)); got != step.want {
			t.Errorf("after %d ms it is %d, want %d", step.afterMs, got, step.want)
		}
	}
}

// TestClockNeverGoesBack whatever the nodes' clocks say and however often the
// leader changes, and it never stands still or outruns real time for long.
func TestClockNeverGoesBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		at, state := time.Now(), rapid.Int64Range(0, 100*hourMs).Draw(t, "state")
		for range rapid.IntRange(1, 5).Draw(t, "terms") {
			clocks := rapid.SliceOfN(rapid.Int64Range(1, 100*hourMs), 1, 5).Draw(t, "clocks")
			r := clockReading{state, state, clocks, rapid.IntRange(1, 5).Draw(t, "majority")}
			c := newClock(r, at)
			if c.nowMs(at) < state {
				t.Fatalf("the term begins at %d, the state was at %d", c.nowMs(at), state)
			}
			if len(clocks) < r.majority && state > 0 && c.nowMs(at) > state+maxLoneJump.Milliseconds() {
				t.Fatalf("a clock alone moved the time from %d to %d", state, c.nowMs(at))
			}
			if rapid.Bool().Draw(t, "applied on the way") {
				seen := c.nowMs(at) + rapid.Int64Range(-10_000, hourMs).Draw(t, "stamp")
				if c = c.atLeast(seen, at); c.nowMs(at) < seen {
					t.Fatalf("shows %d after an entry of %d", c.nowMs(at), seen)
				}
			}
			last := c.nowMs(at)
			for range rapid.IntRange(1, 20).Draw(t, "looks") {
				passed := rapid.Int64Range(0, 3*hourMs).Draw(t, "passed")
				at = at.Add(time.Duration(passed) * time.Millisecond)
				now := c.nowMs(at)
				if now-last < passed/2 || now-last > passed+1 {
					t.Fatalf("%d ms went by and the clock moved %d ms", passed, now-last)
				}
				last = now
			}
			state = last
		}
	})
}

func TestSkewOf(t *testing.T) {
	const h = time.Hour
	for name, test := range map[string]struct {
		ahead []time.Duration // of every clock, our own first
		want  time.Duration
	}{
		"alone":                      {[]time.Duration{0}, 0},
		"two cannot tell":            {[]time.Duration{0, h}, 0},
		"two cannot tell, reversed":  {[]time.Duration{0, -h}, 0},
		"three, ours is right":       {[]time.Duration{0, h, -1}, 0},
		"three, ours is fast":        {[]time.Duration{0, h, h + 5}, h},
		"three, ours is slow":        {[]time.Duration{0, -h, -h - 5}, -h},
		"four, ours is in the midst": {[]time.Duration{0, h, -h, 7}, 0},
		"four, ours is fast":         {[]time.Duration{0, h, h + 1, h + 2}, h},
		"five, ours is fast":         {[]time.Duration{0, h, h + 1, h + 2, h + 3}, h + 1},
	} {
		if got := skewOf(test.ahead); got != test.want {
			t.Errorf("%s: %s, want %s", name, got, test.want)
		}
	}
}

// TestNodeWithAWrongClock warns, is not ready and does not lead for long, and the
// cluster's time goes on as if it were not there.
func TestNodeWithAWrongClock(t *testing.T) {
	for _, skew := range []time.Duration{time.Hour, -time.Hour} {
		t.Run(skew.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
				defer cancel()
				w := newWorld(t, 3, 7)
				defer w.close()
				wrong := w.awaitLeader(ctx)
				w.must(ctx, anyCommand(w, ctx))
				before := wrong.group().Latest().NowMs
				wrong.skew.Store(int64(skew))
				w.awaitLeader(ctx, wrong)
				w.await(ctx, "its health to say so", func() bool { return !checkOf(wrong, "clock").OK })
				for _, n := range w.others(wrong) {
					if c := checkOf(n, "clock"); !c.OK {
						t.Errorf("%s: %+v", n.name, c)
					}
				}
				// Wherever leadership goes, and be it to the wrong one, time is as it
				// would have been.
				for range 6 {
					leader := w.awaitLeader(ctx)
					w.net.Isolate(leader.name)
					w.awaitLeader(ctx, leader)
					w.net.Heal()
				}
				state := w.settle(ctx)
				if drift := time.Duration(state.NowMs-time.Now().UnixMilli()) * time.Millisecond; drift.Abs() > time.Second || state.NowMs < before {
					t.Errorf("the cluster's time is off by %s", drift)
				}
				wrong.skew.Store(0)
				w.await(ctx, "its health to be well again", func() bool { return checkOf(wrong, "clock").OK })
			})
		})
	}
}

// TestNightOff: a cluster that was off follows the nodes' clocks at once, and what
// expired meanwhile has expired.
func TestNightOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 24*time.Hour)
		defer cancel()
		w := newWorld(t, 3, 8)
		defer w.close()
		w.must(ctx, anyCommand(w, ctx))
		before := w.settle(ctx).NowMs
		for _, n := range w.nodes {
			w.stop(n)
		}
		sleep(ctx, 12*time.Hour)
		for _, n := range w.nodes {
			w.boot(n)
		}
		state := w.settle(ctx)
		if off := time.Duration(state.NowMs-before) * time.Millisecond; off < 12*time.Hour || off > 12*time.Hour+time.Minute {
			t.Errorf("the cluster's time went on by %s in a night of 12 h", off)
		}
	})
}
