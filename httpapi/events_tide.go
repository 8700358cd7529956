package httpapi

import (
	"context"
	"sync"
	"time"

	"github.com/rondohq/rondo/fsm"
)

const (
	// tidePause is the least time between two waves. Each costs a clone of the
	// state, which makes the writes behind it a little dearer; so there are at most
	// fifty a second, however many streams and writes there are.
	tidePause = 20 * time.Millisecond

	// sharedMost bounds the records of a wave that are made into JSON once for
	// all; where more have come at once, each stream reads for itself.
	sharedMost = 1024
)

// A tide shows all streams of a node what is new: one view, and one rendering, for
// all of them. It rests while there is no stream.
type tide struct {
	cluster Cluster

	mu      sync.Mutex
	streams int
	wave    *wave // newest; nil while there is no stream
	stop    context.CancelFunc
}

// A wave is a view and what is new in it. It never changes. A stream holds it only
// while it copies from it, so that a slow client keeps no old ones.
type wave struct {
	view   *fsm.State
	after  fsm.RecordID // events are the records behind it
	last   fsm.RecordID // and up to this one, the newest of the view
	events []event      // nil: read the view
	next   chan struct{}
}

// join is called before now, and leave after it.
func (t *tide) join() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.streams++
	if t.streams > 1 {
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	t.stop = cancel
	v := t.cluster.View(0)
	t.wave = &wave{view: v, after: v.Records.Newest(), last: v.Records.Newest(), next: make(chan struct{})}
	go t.run(ctx)
}

func (t *tide) leave() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.streams--
	if t.streams == 0 {
		t.stop()
		t.wave = nil
	}
}

// now returns the newest wave.
func (t *tide) now() *wave {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.wave
}

// run looks for news until the last stream has gone.
func (t *tide) run(ctx context.Context) {
	for {
		changed := t.cluster.Changed()
		if !t.rise(ctx, t.cluster.View(0)) {
			return
		}
		pause(ctx, tidePause)
		select {
		case <-changed:
		case <-ctx.Done():
			return
		}
	}
}

// rise makes a wave of what is new, if anything is, and says whether to go on.
func (t *tide) rise(ctx context.Context, v *fsm.State) bool {
	before := t.now()
	if ctx.Err() != nil || before == nil {
		return false
	}
	newest := v.Records.Newest()
	if newest.Compare(before.last) <= 0 {
		return true
	}
	w := &wave{view: v, after: before.last, last: newest, next: make(chan struct{})}
	for rec := range v.Records.From(behind(before.last)) {
		if len(w.events) == sharedMost {
			w.events = nil
			break
		}
		w.events = append(w.events, viewEvent(v, rec))
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if ctx.Err() != nil {
		return false
	}
	t.wave = w
	close(before.next)
	return true
}

func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
