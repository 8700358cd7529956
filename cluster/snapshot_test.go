package cluster

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/raft"

	"github.com/rondohq/rondo/cluster/sim"
	"github.com/rondohq/rondo/fsm"
	"github.com/rondohq/rondo/fsm/collation"
)

// TestSnapshotOfAQuietLog shows the trap with a plain FSM, and that the machine is
// not in it: after a change of configuration no command comes, and a snapshot is
// wanted all the same (raft.md 0.7).
func TestSnapshotOfAQuietLog(t *testing.T) {
	for name, test := range map[string]struct {
		fsm  func(m *machine) raft.FSM
		want string
	}{
		"plain FSM": {func(m *machine) raft.FSM { return struct{ raft.FSM }{m} }, "cannot take snapshot now"},
		"machine":   {func(m *machine) raft.FSM { return m }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := newMachine(hclog.NewNullLogger(), func(err error) { t.Error(err) }, func(string) error { return nil })
				r := bareRaft(t, test.fsm(m))
				defer func() {
					if err := r.Shutdown().Error(); err != nil {
						t.Error(err)
					}
				}()
				if err := r.Apply(fsm.EncodeEntry(fsm.Entry{MinSemantics: fsm.Semantics, TimeMs: 1}), time.Second).Error(); err != nil {
					t.Fatal(err)
				}
				if err := r.AddNonvoter("b", "nowhere", 0, 0).Error(); err != nil {
					t.Fatal(err)
				}
				err := r.Snapshot().Error()
				if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
					t.Errorf("snapshot: %v, want %q", err, test.want)
				}
			})
		})
	}
}

// TestSnapshotAfterMembershipChange is the same through our own node.
func TestSnapshotAfterMembershipChange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		w := newWorld(t, 3, 21)
		defer w.close()
		w.settle(ctx)
		leader := w.awaitLeader(ctx)
		if err := leader.group().replica.raft.AddNonvoter("n9", "n9", 0, 0).Error(); err != nil {
			t.Fatal(err)
		}
		for _, n := range w.nodes {
			w.await(ctx, n.name+" to know n9", func() bool { return len(n.group().replica.servers()) == 4 })
			w.await(ctx, "a snapshot on "+n.name, func() bool { return n.group().Snapshot() == nil })
		}
	})
}

// TestSnapshotReachesWhoWasAway while writes go on.
func TestSnapshotReachesWhoWasAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
		defer cancel()
		w := newWorld(t, 3, 22)
		defer w.close()
		w.setUpTeam(ctx, 3, nil)
		leader := w.awaitLeader(ctx)
		away := w.others(leader)[0]
		w.net.Isolate(away.name)
		write := func(i int) { w.mustOn(ctx, leader, open(conversation(i))) }
		i := 0
		for ; firstIndex(t, leader) <= away.group().replica.raft.LastIndex()+1; i++ {
			write(i)
		}
		w.net.Heal()
		for w.log.snapshotsInstalled() == 0 && ctx.Err() == nil {
			write(i)
			i++
		}
		if state := w.settle(ctx); state.Conversations.Len() != i {
			t.Errorf("%d conversations, want %d", state.Conversations.Len(), i)
		}
		outcome, _, err := w.do(ctx, only(away), time.Second, same(open(conversation(0))), "new key")
		if err != nil || outcome.Created {
			t.Errorf("the node that was away: %+v, %v", outcome, err)
		}
	})
}

func firstIndex(t *testing.T, n *simNode) uint64 {
	t.Helper()
	index, err := n.group().keeper.disk.Logs().FirstIndex()
	if err != nil {
		t.Fatal(err)
	}
	return index
}

// TestRestartFromSnapshot: every node comes back with everything, its keys too.
func TestRestartFromSnapshot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
		defer cancel()
		w := newWorld(t, 3, 23)
		defer w.close()
		w.setUpTeam(ctx, 3, nil)
		first, _, err := w.do(ctx, only(w.nodes[0]), time.Second, same(open("c")), "the key")
		if err != nil {
			t.Fatal(err)
		}
		for i := range 400 {
			w.must(ctx, open(conversation(i)))
		}
		before := w.settle(ctx)
		for _, n := range w.nodes {
			w.stop(n)
		}
		for _, n := range w.nodes {
			w.boot(n)
			if n.group().replica.restored == 0 {
				t.Errorf("%s did not start from a snapshot", n.name)
			}
		}
		after := w.settle(ctx)
		if after.Conversations.Len() != 401 || after.ClusterID != before.ClusterID || after.Index < before.Index {
			t.Errorf("%d conversations in cluster %s at %d; before %s at %d", after.Conversations.Len(), after.ClusterID, after.Index, before.ClusterID, before.Index)
		}
		again, _, err := w.do(ctx, only(w.nodes[1]), time.Second, same(open("c")), "the key")
		if err != nil || !again.Replayed || again.Decision != first.Decision {
			t.Errorf("the key was forgotten: %+v, %v", again, err)
		}
	})
}

// A diskNode is one node on a real directory in virtual time.
func openDiskNode(t *testing.T, dir string, log io.Writer) (*Node, error) {
	t.Helper()
	host := sim.NewNet().Host("n1")
	socket, err := host.Listen()
	if err != nil {
		t.Fatal(err)
	}
	return OpenNode(NodeOptions{
		Self: Identity{AnnounceNode: fsm.AnnounceNode{ID: "n1", HTTP: "n1:http", Cluster: "n1",
			Version: "test", Semantics: fsm.Semantics}, Collation: collation.Version},
		DataDir:   dir,
		Bootstrap: Bootstrap{InitialVoters: []Voter{{"n1", "n1"}}},
		Timing:    LANTiming,
		Upkeep:    Upkeep{Snapshots: SnapshotPolicy{TrailingBytes: 1, Every: time.Second}},
		Logger:    hclog.New(&hclog.LoggerOptions{Level: hclog.Info, Output: log}),
		Host: Host{Listener: socket,
			Dial: func(ctx context.Context, to string) (net.Conn, error) { return host.Dial(ctx, to) }},
	})
}

// TestDamagedSnapshot: when the newest snapshot cannot be read, an older one and
// the log behind it are enough, it is said, and a new one is taken. When the log
// does not reach back that far, the node refuses to start.
func TestDamagedSnapshot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
		defer cancel()
		dir, log := t.TempDir(), &logTail{}
		n, err := openDiskNode(t, dir, log)
		if err != nil {
			t.Fatal(err)
		}
		agents := 0
		snapshotMore := func(times int) {
			t.Helper()
			for range times {
				for range 140 { // more entries than are kept behind a snapshot
					if _, err := n.group.Fence(ctx); err != nil {
						t.Fatal(err)
					}
				}
				putAgent(ctx, t, n, agents)
				agents++
				if err := n.group.Snapshot(); err != nil {
					t.Fatal(err)
				}
			}
		}
		snapshotMore(3)
		if first, err := n.group.keeper.disk.Logs().FirstIndex(); err != nil || first < 140 {
			t.Fatalf("the log begins at %d: it was not cut (%v)", first, err)
		}
		putAgent(ctx, t, n, agents)
		agents++
		if err := n.Close(); err != nil {
			t.Fatal(err)
		}
		snapshots := snapshotsIn(t, dir)
		damage(t, snapshots[2])

		if n, err = openDiskNode(t, dir, log); err != nil {
			t.Fatal(err)
		}
		index, err := n.group.Fence(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if got := n.group.View(index).Agents.Len(); got != agents {
			t.Errorf("%d agents came back, want %d", got, agents)
		}
		for snapshotsIn(t, dir)[2] == snapshots[2] && ctx.Err() == nil {
			sleep(ctx, 100*time.Millisecond) // until the damaged one is not the newest any more
		}
		if !strings.Contains(log.tail(), "cannot be read") {
			t.Error("nobody was told")
		}
		snapshotMore(2)
		if err := n.Close(); err != nil {
			t.Fatal(err)
		}

		snapshots = snapshotsIn(t, dir)
		damage(t, snapshots[2])
		damage(t, snapshots[1])
		if n, err = openDiskNode(t, dir, log); err == nil {
			t.Error("the node started with a hole in its log", n.Close())
		} else if !strings.Contains(err.Error(), "empty data directory") {
			t.Errorf("the error does not say what to do: %v", err)
		}
	})
}

func putAgent(ctx context.Context, t *testing.T, n *Node, i int) {
	t.Helper()
	it := itemOf(fsm.PutAgent{ID: agentCalled(i), Name: "A", SortKey: sortKey("A"), Collation: collation.Version}, fmt.Sprint(i))
	if outcome, _, err := n.group.Propose(ctx, it); err != nil || !outcome.Created {
		t.Fatalf("%+v %v", outcome, err)
	}
}

// snapshotsIn lists the snapshots of a data directory, oldest first.
func snapshotsIn(t *testing.T, dir string) []string {
	t.Helper()
	list, err := filepath.Glob(filepath.Join(dir, "groups", "0", "snapshots", "*-*-*[0-9]"))
	if err != nil || len(list) != 3 {
		t.Fatalf("snapshots %v, %v", list, err)
	}
	return list
}

func damage(t *testing.T, snapshot string) {
	t.Helper()
	file := filepath.Join(snapshot, "state.bin")
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	data[len(data)/2] ^= 1
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

// A fakeSink is a snapshot on a disk that may be full.
type fakeSink struct {
	bytes.Buffer
	full bool
}

func (s *fakeSink) Write(p []byte) (int, error) {
	if s.full {
		return 0, errors.New("disk full")
	}
	return s.Buffer.Write(p)
}
func (*fakeSink) Close() error  { return nil }
func (*fakeSink) Cancel() error { return nil }
func (*fakeSink) ID() string    { return "fake" }

// TestFailedSnapshotIsWantedAgain: only what has reached the disk counts as done.
func TestFailedSnapshotIsWantedAgain(t *testing.T) {
	m := newMachine(hclog.NewNullLogger(), func(err error) { t.Error(err) }, func(string) error { return nil })
	apply := func(index uint64) {
		m.Apply(&raft.Log{Index: index, Type: raft.LogCommand, Data: fsm.EncodeEntry(fsm.Entry{MinSemantics: fsm.Semantics,
			Items: []fsm.Item{itemOf(fsm.PutContact{ID: fsm.ContactID(fmt.Sprint(index)), Name: "C"}, fmt.Sprint(index))}})})
	}
	persist := func(full bool, meanwhile uint64) error {
		s, err := m.Snapshot()
		if err != nil {
			t.Fatal(err)
		}
		defer s.Release()
		apply(meanwhile)
		return s.Persist(&fakeSink{full: full})
	}
	apply(1)
	if err := persist(true, 2); err == nil || m.load.now().commands != 2 {
		t.Errorf("after a failure %d commands are to be snapshotted, want 2 (%v)", m.load.now().commands, err)
	}
	if err := persist(false, 3); err != nil || m.load.now().commands != 1 || m.load.now().entries != 1 {
		t.Errorf("after a success %+v are left, want one (%v)", m.load.now(), err)
	}
}

// TestSnapshotBeforeTheFirstTerm knows no cluster, and can be restored.
func TestSnapshotBeforeTheFirstTerm(t *testing.T) {
	adopted := []string{}
	m := newMachine(hclog.NewNullLogger(), func(err error) { t.Error(err) }, func(id string) error {
		adopted = append(adopted, id)
		return nil
	})
	s, err := m.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	sink := &fakeSink{}
	if err := s.Persist(sink); err != nil {
		t.Fatal(err)
	}
	if err := m.Restore(io.NopCloser(bytes.NewReader(sink.Bytes()))); err != nil || len(adopted) > 0 {
		t.Errorf("restore: %v, adopted %v", err, adopted)
	}
	whole := sink.Bytes()
	for cut := range len(whole) {
		if err := m.Restore(io.NopCloser(bytes.NewReader(whole[:cut]))); err == nil {
			t.Errorf("the first %d of %d bytes pass for a snapshot", cut, len(whole))
		}
	}
}

func TestTrailing(t *testing.T) {
	p := SnapshotPolicy{}.withDefaults()
	for name, test := range map[string]struct {
		load logLoad
		want uint64
	}{
		"nothing known": {logLoad{}, 64 << 20 / (4 << 10)},
		"fat entries":   {logLoad{entries: 10, commands: 2560, bytes: 10 * 256 << 10}, 256},
		"the fattest":   {logLoad{entries: 1, commands: 256, bytes: 64 << 20}, 128},
		"tiny entries":  {logLoad{entries: 100, bytes: 100 * 20}, 65536},
		"ordinary ones": {logLoad{entries: 100, commands: 800, bytes: 100 * 2048}, 64 << 20 / 2048},
	} {
		if got := p.trailing(test.load); got != test.want {
			t.Errorf("%s: %d entries, want %d", name, got, test.want)
		}
	}
}
