package storage

import (
	"errors"
	"io"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/raft"
	"pgregory.net/rapid"
)

func TestMemDiskKeepsWhatReturned(t *testing.T) {
	disk := NewMemDisk(1)
	must(t, disk.Logs().StoreLog(&raft.Log{Index: 1, Term: 1, Data: []byte("a")}))
	must(t, disk.Stable().Set([]byte("k"), []byte("v")))
	sink, err := disk.Snapshots().Create(1, 1, 1, raft.Configuration{}, 1, nil)
	must(t, err)
	open, err := disk.Snapshots().Create(1, 9, 9, raft.Configuration{}, 1, nil)
	must(t, err)
	for _, s := range []raft.SnapshotSink{sink, open} {
		_, err := s.Write([]byte("state"))
		must(t, err)
	}
	must(t, sink.Close())

	next := disk.Crash()
	for name, err := range map[string]error{
		"log":      disk.Logs().StoreLog(&raft.Log{Index: 2}),
		"delete":   disk.Logs().DeleteRange(1, 1),
		"value":    disk.Stable().Set([]byte("k"), []byte("zombie")),
		"number":   disk.Stable().SetUint64([]byte("n"), 1),
		"snapshot": open.Close(),
	} {
		if !errors.Is(err, ErrCrashed) {
			t.Errorf("%s written after the crash: %v", name, err)
		}
	}
	var log raft.Log
	must(t, next.Logs().GetLog(1, &log))
	if last, _ := next.Logs().LastIndex(); last != 1 || string(log.Data) != "a" {
		t.Errorf("last %d, entry %q", last, log.Data)
	}
	if v, _ := next.Stable().Get([]byte("k")); string(v) != "v" {
		t.Errorf("value %q", v)
	}
	list, err := next.Snapshots().List()
	must(t, err)
	if len(list) != 1 || list[0].Index != 1 {
		t.Fatalf("snapshots %v", list)
	}
	_, r, err := next.Snapshots().Open(list[0].ID)
	must(t, err)
	if b, _ := io.ReadAll(r); string(b) != "state" {
		t.Errorf("snapshot %q", b)
	}
	// The image is one's own: the new disk writes, the old one sees nothing.
	must(t, next.Logs().StoreLog(&raft.Log{Index: 2, Term: 2}))
	if last, _ := disk.Logs().LastIndex(); last != 1 {
		t.Errorf("the old disk changed: last %d", last)
	}
}

// TestMemDiskLosesOrKeepsWhatWasUnderWay: both must happen, the same seed must
// choose the same, and the writer learns nothing.
func TestMemDiskLosesOrKeepsWhatWasUnderWay(t *testing.T) {
	outcome := func(seed uint64) (kept bool) {
		synctest.Test(t, func(t *testing.T) {
			disk := NewMemDisk(seed)
			disk.SetWriteDelay(time.Millisecond)
			done := make(chan error, 1)
			go func() { done <- disk.Logs().StoreLogs([]*raft.Log{{Index: 1}, {Index: 2}}) }()
			synctest.Wait()
			if last, _ := disk.Logs().LastIndex(); last != 0 {
				t.Fatal("visible before it was durable")
			}
			next := disk.Crash()
			if err := <-done; !errors.Is(err, ErrCrashed) {
				t.Fatalf("want ErrCrashed, got %v", err)
			}
			last, _ := next.Logs().LastIndex()
			if last == 1 {
				t.Fatal("half a transaction survived")
			}
			kept = last == 2
		})
		return kept
	}
	kept := 0
	for seed := range uint64(32) {
		first := outcome(seed)
		if first != outcome(seed) {
			t.Fatalf("seed %d chose twice differently", seed)
		}
		if first {
			kept++
		}
	}
	if kept == 0 || kept == 32 {
		t.Fatalf("kept %d of 32: no choice was made", kept)
	}
}

func TestMemDiskSharesNoMemory(t *testing.T) {
	disk := NewMemDisk(1)
	in := &raft.Log{Index: 1, Data: []byte("kept")}
	must(t, disk.Logs().StoreLog(in))
	in.Data[0] = 'X'
	var out raft.Log
	must(t, disk.Logs().GetLog(1, &out))
	out.Data[1] = 'X'
	must(t, disk.Logs().GetLog(1, &out))
	if string(out.Data) != "kept" {
		t.Fatalf("the disk changed to %q", out.Data)
	}
}

func TestMemDiskRetainsSnapshots(t *testing.T) {
	disk := NewMemDisk(1)
	for _, index := range []uint64{3, 1, 5, 4, 2} {
		sink, err := disk.Snapshots().Create(1, index, 1, raft.Configuration{}, 1, nil)
		must(t, err)
		must(t, sink.Close())
	}
	list, err := disk.Snapshots().List()
	must(t, err)
	var got []uint64
	for _, m := range list {
		got = append(got, m.Index)
	}
	if diff := cmp.Diff([]uint64{5, 4, 3}, got); diff != "" {
		t.Fatal(diff)
	}
}

// TestMemDiskIsBolt: whatever is written, the disk in memory answers as bolt
// does, or the simulation tests another product.
func TestMemDiskIsBolt(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		bolt := boltStores(t)
		mem := NewMemDisk(1).Stores()
		index := rapid.Uint64Range(1, 12)
		for range rapid.IntRange(1, 6).Draw(rt, "steps") {
			switch rapid.IntRange(0, 2).Draw(rt, "op") {
			case 0:
				logs := []*raft.Log{{Index: index.Draw(rt, "index"), Term: index.Draw(rt, "term"), Data: []byte("d")}}
				must(t, errors.Join(bolt.Logs.StoreLogs(logs), mem.Logs.StoreLogs(logs)))
			case 1:
				from, to := index.Draw(rt, "from"), index.Draw(rt, "to")
				must(t, errors.Join(bolt.Logs.DeleteRange(from, to), mem.Logs.DeleteRange(from, to)))
			case 2:
				v := []byte(rapid.StringN(0, 2, -1).Draw(rt, "value"))
				must(t, errors.Join(bolt.Stable.Set([]byte("k"), v), mem.Stable.Set([]byte("k"), v)))
			}
			if diff := cmp.Diff(look(bolt), look(mem)); diff != "" {
				rt.Fatalf("bolt (-) and memory (+) differ:\n%s", diff)
			}
		}
	})
}

func look(s Stores) []any {
	first, err1 := s.Logs.FirstIndex()
	last, err2 := s.Logs.LastIndex()
	value, err3 := s.Stable.Get([]byte("k"))
	_, err4 := s.Stable.GetUint64([]byte("absent"))
	seen := []any{first, last, string(value), text(err1), text(err2), text(err3), text(err4)}
	for i := uint64(1); i <= 12; i++ {
		var l raft.Log
		err := s.Logs.GetLog(i, &l)
		seen = append(seen, l.Term, string(l.Data), text(err))
	}
	return seen
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
