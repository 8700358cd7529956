package cluster

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/raft"

	"github.com/rondohq/rondo/fsm"
)

var (
	simulateFor  = flag.Duration("simulate", 0, "run TestSimulation for so long, with new seeds, instead of the ordinary stories")
	simulateSeed = flag.Uint64("seed", 1, "the first seed of -simulate")
)

// A story is one world and what happens to it. The seed fixes the faults and the
// load, though not the order of goroutines.
type story struct {
	Seed    uint64
	Nodes   int
	Changes int  // of leader
	Clocks  bool // strobe that of a node
}

func (s story) String() string {
	return fmt.Sprintf("seed=%d_nodes=%d_changes=%d_clocks=%t", s.Seed, s.Nodes, s.Changes, s.Clocks)
}

// ordinaryStories force 2,000 changes of leader and a few more.
func ordinaryStories() (stories []story, changes int) {
	count, each := 20, 105
	if raceEnabled || testing.Short() {
		count, each = 4, 40
	}
	for i := range count {
		s := story{Seed: uint64(i + 1), Nodes: 3, Changes: each, Clocks: i%2 == 1}
		if i%4 == 3 {
			s.Nodes = 5
		}
		stories, changes = append(stories, s), changes+each
	}
	return stories, changes
}

// TestSimulation: see SIMULATION.md.
func TestSimulation(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(400)) // many small worlds
	total := &tellings{}
	if *simulateFor > 0 {
		simulateLong(t, total)
		return
	}
	stories, wanted := ordinaryStories()
	t.Run("worlds", func(t *testing.T) {
		for _, s := range stories {
			t.Run(s.String(), func(t *testing.T) {
				t.Parallel()
				r := s.tell(t)
				r.void(t, s)
				total.add(r)
			})
		}
	})
	t.Log(total)
	total.void(t, wanted)
}

// simulateLong tells one story after the other until the time is up.
func simulateLong(t *testing.T, total *tellings) {
	until := time.Now().Add(*simulateFor)
	for i := uint64(0); time.Now().Before(until) && !t.Failed(); i++ {
		s := story{Seed: *simulateSeed + i, Nodes: 3 + 2*int(i%4/3), Changes: 100, Clocks: i%2 == 1}
		t.Run(s.String(), func(t *testing.T) { total.add(s.tell(t)) })
		fmt.Printf("%s: %s\n", time.Now().Format(time.TimeOnly), total)
	}
}

// tell runs the story in a bubble of virtual time and judges it outside, where
// time is real. If anything is wrong, everything that is known is saved.
func (s story) tell(t *testing.T) told {
	e := &evidence{Story: s}
	defer func() {
		if t.Failed() {
			e.save(t)
		}
	}()
	r := s.bubble(t, e)
	verdict := e.judge()
	for _, wrong := range verdict.wrong {
		t.Error(wrong)
	}
	r.counts, r.removals, r.sentOn, r.bustle = verdict.counts, verdict.removals, verdict.sentOn, verdict.bustle
	t.Log(r)
	return r
}

// bubble runs the story in virtual time.
func (s story) bubble(t *testing.T, e *evidence) (r told) {
	synctest.Test(t, func(t *testing.T) { r = s.run(t, e) })
	return r
}

// run returns what was done, and leaves what was seen in e.
func (s story) run(t *testing.T, e *evidence) (r told) {
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Hour)
	defer cancel()
	w := newDarkWorld(t, s.Nodes, s.Seed)
	w.snapshots = SnapshotPolicy{Commands: 60, TrailingBytes: 1, Every: 200 * time.Millisecond}
	storm := &storm{world: w, history: newHistory(), ctx: ctx, began: time.Now(), logbook: newLogbook()}
	w.observe = storm.logbook.keep
	for _, n := range w.nodes {
		w.boot(n)
	}
	defer w.close()
	defer func() { // also when the test has been ended inside
		e.keep(storm)
	}()
	storm.setUp()

	load, stopLoad := context.WithCancel(ctx)
	settle := storm.work(load, s.Seed)
	var strobing sync.WaitGroup
	if s.Clocks {
		strobing.Go(func() { storm.strobe(load, rand.New(rand.NewPCG(s.Seed, 300))) })
	}
	r.changes = storm.torment(s.Changes, allFaults())
	stopLoad()
	storm.calm()
	strobing.Wait()
	settle()

	state := w.settle(ctx)
	e.final = snapshotOf(t, state)
	if drift := time.Duration(state.NowMs-time.Now().UnixMilli()) * time.Millisecond; drift.Abs() > mostDrift {
		t.Errorf("the cluster's time is off the honest clocks by %s", drift)
	}
	h := storm.history
	r.ops, r.unknown, r.settled, r.again = len(h.ops), h.unknown, h.settled, h.again
	r.reads, r.byFault, r.virtual = h.count(opRead, "")+h.count(opStale, ""), h.byFault, time.Since(storm.began)
	r.taken, r.installed = w.log.snapshots()
	return r
}

// A told is what a story has done.
type told struct {
	changes, ops, reads, unknown, settled, again, taken, installed, removals, sentOn int

	counts  ringCounts
	bustle  seenCounts
	byFault map[string]int
	virtual time.Duration
}

func (r told) String() string {
	return fmt.Sprintf("%d leader changes, %d calls, %d reads; %d answers unknown, %d of them settled, %d asked twice; %+v; %d snapshots taken, %d installed; %d agents removed, %d conversations sent on; %s of virtual time",
		r.changes, r.ops, r.reads, r.unknown, r.settled, r.again, r.counts, r.taken, r.installed, r.removals, r.sentOn, r.virtual.Round(time.Second))
}

// void fails a story that did too little to prove anything.
func (r told) void(t *testing.T, s story) {
	t.Helper()
	for what, tooFew := range map[string]bool{
		"leader changes":   r.changes < s.Changes,
		"calls":            r.ops < 4*s.Changes,
		"reads":            r.reads < s.Changes/3,
		"turns":            r.counts.turns < s.Changes,
		"passed over":      r.counts.passed < s.Changes/4,
		"unknown outcomes": r.unknown < s.Changes/20,
		"unknown, settled": r.settled < s.Changes/20,
		"asked twice":      r.again == 0,
		"snapshots":        r.taken < s.Changes/10,
	} {
		if tooFew {
			t.Errorf("void: too few %s", what)
		}
	}
}

// A tellings adds up stories.
type tellings struct {
	mu  sync.Mutex
	sum told
}

func (t *tellings) add(r told) {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := &t.sum
	s.changes, s.ops, s.reads = s.changes+r.changes, s.ops+r.ops, s.reads+r.reads
	s.unknown, s.settled, s.again = s.unknown+r.unknown, s.settled+r.settled, s.again+r.again
	s.taken, s.installed, s.virtual = s.taken+r.taken, s.installed+r.installed, s.virtual+r.virtual
	s.removals, s.sentOn = s.removals+r.removals, s.sentOn+r.sentOn
	s.counts = s.counts.plus(r.counts)
	if s.byFault == nil {
		s.byFault, s.bustle = map[string]int{}, seenCounts{}
	}
	s.bustle.add(r.bustle)
	for name, n := range r.byFault {
		s.byFault[name] += n
	}
}

func (t *tellings) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	var faults []string
	for _, name := range slices.Sorted(maps.Keys(t.sum.byFault)) {
		faults = append(faults, fmt.Sprintf("%d x %s", t.sum.byFault[name], name))
	}
	return fmt.Sprintf("%s; %s; %v", t.sum, strings.Join(faults, ", "), t.sum.bustle)
}

// void: one story alone may go by without one thing or the other.
func (t *tellings) void(test *testing.T, wanted int) {
	test.Helper()
	if t.sum.changes < wanted {
		test.Errorf("void: %d changes of leader, want %d", t.sum.changes, wanted)
	}
	if t.sum.counts.waits < wanted/10 || t.sum.counts.served < wanted/10 {
		test.Errorf("void: %d conversations waited, %d were served from a queue", t.sum.counts.waits, t.sum.counts.served)
	}
	if t.sum.counts.claims < wanted/50 {
		test.Errorf("void: %d claims", t.sum.counts.claims)
	}
	if t.sum.installed < wanted/50 {
		test.Errorf("void: %d snapshots were installed", t.sum.installed)
	}
	if t.sum.removals < wanted/50 || t.sum.sentOn == 0 {
		test.Errorf("void: %d agents were removed, %d conversations sent on", t.sum.removals, t.sum.sentOn)
	}
	for _, void := range bustleVoid(t.sum.bustle, wanted) {
		test.Errorf("void: %s", void)
	}
	for _, f := range allFaults() {
		if t.sum.byFault[f.name] == 0 {
			test.Errorf("void: the fault %q never happened", f.name)
		}
	}
}

// mostDrift is how far the cluster's time may be off the honest clocks. A leader that
// hears two clocks takes the one nearer to what it expects, and what it expects is as
// late as the newest entry was when it arrived: a second, on a paused node.
const mostDrift = 1500 * time.Millisecond

// A logbook is the log as the nodes have applied it.
type logbook struct {
	mu      sync.Mutex
	entries map[uint64]logged
	wrong   []string
}

// A logged entry is what a node had at an index when it applied it.
type logged struct {
	Index, Term uint64
	Data        []byte
}

func newLogbook() *logbook { return &logbook{entries: map[uint64]logged{}} }

// keep is called by every node for every command it applies: no two may ever have
// applied different ones at one index.
func (a *logbook) keep(entry *raft.Log) {
	a.mu.Lock()
	defer a.mu.Unlock()
	old, known := a.entries[entry.Index]
	if !known {
		a.entries[entry.Index] = logged{entry.Index, entry.Term, bytes.Clone(entry.Data)}
		return
	}
	if old.Term != entry.Term || !bytes.Equal(old.Data, entry.Data) {
		a.wrong = append(a.wrong, fmt.Sprintf("index %d was applied as an entry of term %d and as one of term %d", entry.Index, old.Term, entry.Term))
	}
}

func (a *logbook) list() []logged {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.SortedFunc(maps.Values(a.entries), func(x, y logged) int { return int(x.Index) - int(y.Index) })
}

// replay makes the state of a log, with nothing but package fsm.
func replay(entries []logged) (s *fsm.State, wrong []string) {
	s = fsm.NewState()
	return s, replayOn(s, entries)
}

// replayOn goes on from a state.
func replayOn(s *fsm.State, entries []logged) (wrong []string) {
	stamp, term, now := int64(0), uint64(0), int64(0)
	for _, e := range entries {
		entry, err := fsm.DecodeEntry(e.Data)
		if err == nil {
			now = s.NowMs
			_, err = s.Apply(e.Index, entry)
		}
		if err != nil {
			return append(wrong, fmt.Sprintf("entry %d: %v", e.Index, err))
		}
		// The first of a term is stamped by a leader that may not have applied all
		// that came before; everything after it knows better.
		if s.NowMs < now || e.Term == term && entry.TimeMs < stamp {
			wrong = append(wrong, fmt.Sprintf("time runs back: entry %d of term %d is stamped %d, after %d", e.Index, e.Term, entry.TimeMs, stamp))
		}
		stamp, term = s.NowMs, e.Term
	}
	return wrong
}
