package storage

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/raft"
	raftboltdb "github.com/hashicorp/raft-boltdb/v2"
)

const testDeadline = 30 * time.Second

// countingFSM counts what it is given and tells about every restore.
type countingFSM struct {
	mu       sync.Mutex
	restores int
	changed  chan struct{}
}

func (f *countingFSM) ApplyBatch(l []*raft.Log) []any {
	f.tell()
	return make([]any, len(l))
}
func (f *countingFSM) Apply(*raft.Log) any                 { return nil }
func (f *countingFSM) Snapshot() (raft.FSMSnapshot, error) { return oneByte{}, nil }
func (f *countingFSM) Restore(r io.ReadCloser) error {
	_, err := io.Copy(io.Discard, r)
	f.mu.Lock()
	f.restores++
	f.mu.Unlock()
	f.tell()
	return err
}

func (f *countingFSM) tell() {
	select {
	case f.changed <- struct{}{}:
	default:
	}
}

func (f *countingFSM) restored() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.restores
}

type oneByte struct{}

func (oneByte) Persist(s raft.SnapshotSink) error {
	if _, err := s.Write([]byte("x")); err != nil {
		return errors.Join(err, s.Cancel())
	}
	return s.Close()
}
func (oneByte) Release() {}

type installNode struct {
	raft   *raft.Raft
	fsm    *countingFSM
	stores Stores
	trans  *raft.InmemTransport
}

var installConfiguration = raft.Configuration{Servers: []raft.Server{{ID: "A", Address: "A"}, {ID: "B", Address: "B"}, {ID: "C", Address: "C"}}}

// newInstallNode has taken part in term 2, whose leader was C.
func newInstallNode(t *testing.T, id string, stores Stores) *installNode {
	t.Helper()
	_, trans := raft.NewInmemTransport(raft.ServerAddress(id))
	must(t, stores.Logs.StoreLog(&raft.Log{Index: 1, Term: 1, Type: raft.LogConfiguration, Data: raft.EncodeConfiguration(installConfiguration)}))
	must(t, stores.Stable.SetUint64([]byte(keyCurrentTerm), 2))
	return &installNode{fsm: &countingFSM{changed: make(chan struct{}, 1)}, stores: stores, trans: trans}
}

func (n *installNode) start(t *testing.T, id string, trailing uint64) {
	t.Helper()
	c := raft.DefaultConfig()
	c.LocalID = raft.ServerID(id)
	c.Logger = hclog.NewNullLogger()
	c.HeartbeatTimeout, c.ElectionTimeout = 300*time.Millisecond, 300*time.Millisecond
	c.LeaderLeaseTimeout = 200 * time.Millisecond
	c.CommitTimeout = 20 * time.Millisecond
	c.TrailingLogs = trailing
	var err error
	n.raft, err = raft.NewRaft(c, n.fsm, n.stores.Logs, n.stores.Stable, n.stores.Snapshots, n.trans)
	must(t, err)
	t.Cleanup(func() { must(t, n.raft.Shutdown().Error()) })
}

func inmemStores(t *testing.T) Stores {
	s := raft.NewInmemStore()
	return Stores{Logs: s, Stable: s, Snapshots: raft.NewInmemSnapshotStore()}
}

func boltStores(t *testing.T) Stores {
	dir := t.TempDir()
	bolt, err := raftboltdb.NewBoltStore(filepath.Join(dir, "raft.db"))
	must(t, err)
	t.Cleanup(func() { bolt.Close() })
	snapshots, err := raft.NewFileSnapshotStoreWithLogger(dir, SnapshotsRetained, hclog.NewNullLogger())
	must(t, err)
	return Stores{Logs: bolt, Stable: bolt, Snapshots: snapshots}
}

// TestInstallLivelock is hashicorp/raft#697: A and B have a snapshot at an
// index where C, leader of an older term, holds entries it never replicated.
func TestInstallLivelock(t *testing.T) {
	for kind, stores := range map[string]func(*testing.T) Stores{
		"inmem":   inmemStores,
		"bolt":    boltStores,
		"memdisk": func(*testing.T) Stores { return NewMemDisk(1).Stores() },
	} {
		for _, fix := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/decorated=%v", kind, fix), func(t *testing.T) {
				t.Parallel()
				testInstall(t, stores, fix)
			})
		}
	}
}

func testInstall(t *testing.T, stores func(*testing.T) Stores, fix bool) {
	const tail, committed = 60, 30
	cStores := stores(t)
	if fix {
		cStores.Snapshots = RepairInstalls(cStores.Snapshots, cStores.Logs)
	}
	a, b, c := newInstallNode(t, "A", inmemStores(t)), newInstallNode(t, "B", inmemStores(t)), newInstallNode(t, "C", cStores)
	var wrong []*raft.Log
	for i := uint64(2); i <= tail; i++ {
		wrong = append(wrong, &raft.Log{Index: i, Term: 2, Data: []byte("never replicated")})
	}
	must(t, c.stores.Logs.StoreLogs(wrong))
	connect(a, b)
	a.start(t, "A", 1)
	b.start(t, "B", 1)
	leader := waitForLeader(t, a, b)
	for range committed {
		must(t, leader.raft.Apply([]byte("good"), time.Second).Error())
	}
	must(t, leader.raft.Snapshot().Error())
	connect(a, b, c)
	c.start(t, "C", raft.DefaultConfig().TrailingLogs)
	more := leader.raft.Apply([]byte("more"), time.Second)
	must(t, more.Error())

	const loops = 50
	deadline := time.After(testDeadline)
	for {
		restored, caughtUp := c.fsm.restored(), c.raft.AppliedIndex() >= more.Index() && c.raft.LastIndex() == leader.raft.LastIndex()
		switch {
		case !fix && restored > loops:
			return
		case !fix && caughtUp && c.fsm.restored() <= loops:
			t.Fatalf("caught up after %d restores: the trap was not sprung, this test proves nothing", restored)
		case fix && caughtUp:
			if restored != 1 {
				t.Fatalf("restored %d times, want once", restored)
			}
			return
		}
		select {
		case <-c.fsm.changed:
		case <-time.After(10 * time.Millisecond):
		case <-deadline:
			t.Fatalf("restored %d times, applied %d of %d", restored, c.raft.AppliedIndex(), leader.raft.CommitIndex())
		}
	}
}

func connect(nodes ...*installNode) {
	for _, from := range nodes {
		for _, to := range nodes {
			if from != to {
				from.trans.Connect(to.trans.LocalAddr(), to.trans)
			}
		}
	}
}

func waitForLeader(t *testing.T, nodes ...*installNode) *installNode {
	t.Helper()
	deadline := time.After(testDeadline)
	for {
		for _, n := range nodes {
			if n.raft.State() == raft.Leader {
				return n
			}
		}
		select {
		case <-time.After(5 * time.Millisecond):
		case <-deadline:
			t.Fatal("no leader")
		}
	}
}

func TestRepairInstallsTouchesOnlyAConflict(t *testing.T) {
	for name, c := range map[string]struct {
		logs  []*raft.Log
		want  uint64
		close bool
	}{
		"conflict":           {[]*raft.Log{{Index: 5, Term: 2}, {Index: 6, Term: 2}}, 3, true},
		"same term":          {[]*raft.Log{{Index: 5, Term: 3, Data: []byte("kept")}}, 3, true},
		"nothing there":      {nil, 0, true},
		"cancelled conflict": {[]*raft.Log{{Index: 5, Term: 2}}, 2, false},
	} {
		t.Run(name, func(t *testing.T) {
			disk := NewMemDisk(1)
			must(t, disk.Logs().StoreLogs(c.logs))
			store := RepairInstalls(disk.Snapshots(), disk.Logs())
			sink, err := store.Create(1, 5, 3, raft.Configuration{}, 1, nil)
			must(t, err)
			if c.close {
				must(t, sink.Close())
			} else {
				must(t, sink.Cancel())
				must(t, sink.Close())
			}
			var got raft.Log
			if err := disk.Logs().GetLog(5, &got); err != nil && !errors.Is(err, raft.ErrLogNotFound) {
				t.Fatal(err)
			}
			if got.Term != c.want {
				t.Fatalf("term %d at the snapshot's index, want %d", got.Term, c.want)
			}
			if name == "same term" && string(got.Data) != "kept" {
				t.Fatal("a right entry was overwritten")
			}
		})
	}
}
