package cluster

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rondohq/rondo/fsm"
)

// TestReplay judges again what a failed simulation has saved (-replay DIR): the log
// goes through package fsm, which is exact, and the clients' history is held
// against it. If the log itself is at fault, the fewest entries that show it are
// written next to it. Without -replay it proves on a short story that what is
// saved is enough for that.
func TestReplay(t *testing.T) {
	if *replayDir == "" {
		replayOwnStory(t)
		return
	}
	e, err := readEvidence(*replayDir)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%s: %d entries, %d calls, %d faults", e.Story, len(e.Entries), len(e.Ops), len(e.Faults))
	for _, wrong := range e.judge().wrong {
		t.Error(wrong)
	}
	if !ringFails(e.Entries) {
		return
	}
	small := shrink(e.Entries, ringFails)
	_, wrong := recountLog(small)
	dir := filepath.Join(*replayDir, "small")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := (&evidence{Story: e.Story, Entries: small}).write(dir); err != nil {
		t.Fatal(err)
	}
	t.Errorf("%d of the entries are enough (%s): %v", len(small), dir, wrong)
}

func recountLog(entries []logged) (ringCounts, []string) {
	state, wrong := replay(entries)
	if len(wrong) > 0 {
		return ringCounts{}, nil // a log that cannot be applied shows nothing
	}
	return recount(state)
}

func ringFails(entries []logged) bool {
	_, wrong := recountLog(entries)
	return len(wrong) > 0
}

// shrink leaves out entries, in ever smaller runs, as long as what is left is bad.
func shrink(entries []logged, bad func([]logged) bool) []logged {
	for run := len(entries) / 2; run > 0; run /= 2 {
		for at := 0; at < len(entries); {
			less := slices.Concat(entries[:at], entries[min(at+run, len(entries)):])
			if bad(less) {
				entries = less
			} else {
				at += run
			}
		}
	}
	return entries
}

func TestShrink(t *testing.T) {
	var entries []logged
	for i := range 200 {
		entries = append(entries, logged{Index: uint64(i)})
	}
	small := shrink(entries, func(list []logged) bool {
		has := func(index uint64) bool {
			return slices.ContainsFunc(list, func(e logged) bool { return e.Index == index })
		}
		return has(17) && has(120) && has(199)
	})
	if len(small) != 3 {
		t.Errorf("%d entries are left, want 3", len(small))
	}
}

// replayOwnStory falsifies what a right story has left behind, in one thing each,
// saves it, and expects the same verdict of what was read back.
func replayOwnStory(t *testing.T) {
	e := &evidence{Story: story{Seed: 77, Nodes: 3, Changes: 6}}
	e.Story.bubble(t, e)
	last := func(kind string) *op {
		for _, o := range slices.Backward(e.Ops) {
			if o.Kind == kind && o.End == endDone && o.Refused == "" {
				return o
			}
		}
		t.Fatalf("void: no %s in the story", kind)
		return nil
	}
	for _, test := range []struct {
		name    string
		falsify func(e *evidence)
		want    string
	}{
		{"nothing", func(*evidence) {}, ""},
		{"an acknowledged call is not in the log", func(e *evidence) {
			ghost := *last(opOpen)
			ghost.Label += 1000
			e.Ops = append(slices.Clone(e.Ops), &ghost)
		}, "lost"},
		{"a turn went to another one", func(e *evidence) {
			o := last(opOpen)
			wrong := *o
			wrong.Assignee = (o.Assignee + 2) % stormAgents
			e.Ops = slices.Clone(e.Ops)
			e.Ops[slices.Index(e.Ops, o)] = &wrong
		}, "no order of its"},
		{"a rejected call was done", func(e *evidence) {
			wrong := *last(opOpen)
			wrong.End = endNever
			e.Ops = append(slices.Clone(e.Ops), &wrong)
		}, "answered as rejected"},
		{"a watcher saw a record twice", func(e *evidence) {
			seen := e.Watched[0]
			e.Watched = map[int][]watched{0: append(slices.Clone(seen[:3]), seen[2:]...)}
		}, "watcher 0"},
		{"the nodes' state is not the log's", func(e *evidence) {
			final, _ := e.finalIndex() // ticks may have come behind it
			e.Entries = slices.DeleteFunc(slices.Clone(e.Entries), func(l logged) bool { return l.Index == final })
		}, "does not lead to"},
		{"an entry is damaged", func(e *evidence) {
			e.Entries = slices.Clone(e.Entries)
			e.Entries[5].Data = append(slices.Clone(e.Entries[5].Data), 0)
		}, fsm.ErrCorrupt.Error()},
	} {
		copied := *e
		test.falsify(&copied)
		dir := t.TempDir()
		if err := copied.write(dir); err != nil {
			t.Fatal(err)
		}
		read, err := readEvidence(dir)
		if err != nil {
			t.Fatal(err)
		}
		fresh, saved := strings.Join(copied.judge().wrong, "\n"), strings.Join(read.judge().wrong, "\n")
		if fresh != saved {
			t.Errorf("%s: saved it is judged %q, fresh %q", test.name, saved, fresh)
		}
		if (test.want == "") != (fresh == "") || !strings.Contains(fresh, test.want) {
			t.Errorf("%s: judged %q, want %q", test.name, fresh, test.want)
		}
	}
}
