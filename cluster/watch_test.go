package cluster

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rondohq/rondo/fsm"
)

// A sighting is what somebody was shown under an id, and where first.
type sighting struct{ content, node string }

// A watch follows the records of every node, through all its lives, as a stream of
// events does.
type watch struct {
	t    *testing.T
	mu   sync.Mutex
	seen map[fsm.RecordID]sighting
}

// follow returns the ids that a node has shown, in the order it did, once ctx has
// ended.
func (o *watch) follow(ctx context.Context, n *simNode) (ids []fsm.RecordID) {
	var last fsm.RecordID
	for {
		g := n.group()
		changed := g.Changed()
		for rec := range g.Latest().Records.From(fsm.RecordID{Index: last.Index, N: last.N + 1}) {
			o.note(rec, n.name)
			ids, last = append(ids, rec.ID), rec.ID
		}
		if ctx.Err() != nil {
			return ids
		}
		pause, done := context.WithTimeout(ctx, 50*time.Millisecond) // the node may have another life by then
		select {
		case <-changed:
		case <-pause.Done():
		}
		done()
	}
}

// note: an id stands for the same everywhere and for ever.
func (o *watch) note(rec fsm.Record, node string) {
	decision := rec.Decision
	rec.Decision = nil
	content := fmt.Sprintf("%+v", rec)
	if decision != nil {
		content += fmt.Sprintf("%+v", *decision)
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	first, known := o.seen[rec.ID]
	if !known {
		o.seen[rec.ID] = sighting{content, node}
	} else if first.content != content {
		o.t.Errorf("%s shows under %s\n%s\nand %s has shown\n%s", node, rec.ID, content, first.node, first.content)
	}
}

// TestWatch: whoever follows the events of any node, through crashes of leaders,
// restarts from snapshots and cuts of the network, is shown what the records hold
// at the end, in that order, and never anything that is taken back.
func TestWatch(t *testing.T) {
	for seed := range uint64(3) {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Minute)
			defer cancel()
			w := newWorld(t, 3, 900+seed)
			defer w.close()
			w.awaitLeader(ctx)
			w.setUpTeam(ctx, 3, nil)
			o := &watch{t: t, seen: map[fsm.RecordID]sighting{}}
			watching, stop := context.WithCancel(ctx)
			shown := make([][]fsm.RecordID, len(w.nodes))
			var watchers sync.WaitGroup
			for i, n := range w.nodes {
				watchers.Go(func() { shown[i] = o.follow(watching, n) })
			}
			anybody := func() *simNode { return w.nodes[w.rng.IntN(len(w.nodes))] }
			for i := range 240 {
				outcome, _, err := w.do(ctx, anybody, time.Second, same(open(conversation(i))), fmt.Sprint("open-", i))
				if err != nil || outcome.Rejection != nil {
					t.Fatal(err, outcome.Rejection)
				}
				switch {
				case i%40 == 20:
					w.crash(w.awaitLeader(ctx))
				case i%40 == 30:
					w.crash(anybody())
				}
				w.bury(time.Minute)
			}
			final := w.settle(ctx)
			var want []fsm.RecordID
			for rec := range final.Records.From(fsm.RecordID{}) {
				o.note(rec, "the end")
				want = append(want, rec.ID)
			}
			stop()
			watchers.Wait()
			for i, n := range w.nodes {
				if !slices.Equal(shown[i], want) {
					t.Errorf("%s has shown %d records, in the end there are %d", n.name, len(shown[i]), len(want))
				}
			}
			if len(o.seen) != len(want) {
				t.Errorf("%d ids were shown, %d are left", len(o.seen), len(want))
			}
		})
	}
}
