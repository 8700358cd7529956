package storage

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/raft"
)

func open(t *testing.T, dir, node string) *Disk {
	t.Helper()
	d, err := Open(dir, Options{NodeID: node, Fatal: func(err error) { t.Errorf("fatal: %v", err) }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}

func TestDiskKeepsWhatWasWritten(t *testing.T) {
	dir := t.TempDir()
	d := open(t, dir, "n1")
	if has, err := d.HasState(); err != nil || has {
		t.Fatalf("new disk has state: %v, %v", has, err)
	}
	if err := d.Logs().StoreLog(&raft.Log{Index: 1, Term: 1, Type: raft.LogNoop}); err != nil {
		t.Fatal(err)
	}
	if err := d.Stable().SetUint64([]byte(keyCurrentTerm), 7); err != nil {
		t.Fatal(err)
	}
	sink, err := d.Snapshots().Create(1, 1, 1, raft.Configuration{}, 0, nil0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := sink.Write([]byte("state")); err != nil {
		t.Fatal(err)
	}
	if err := sink.Close(); err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	again := open(t, dir, "n1")
	if has, err := again.HasState(); err != nil || !has {
		t.Fatalf("state is lost: %v, %v", has, err)
	}
	if term, err := again.Stable().GetUint64([]byte(keyCurrentTerm)); err != nil || term != 7 {
		t.Fatalf("term %d, %v", term, err)
	}
	if list, err := again.Snapshots().List(); err != nil || len(list) != 1 {
		t.Fatalf("snapshots %v, %v", list, err)
	}
}

// nil0 is what FileSnapshotStore needs of a transport: to encode no peers.
var _, nil0 = raft.NewInmemTransport("")

func TestDiskRefusesAnotherNode(t *testing.T) {
	dir := t.TempDir()
	if err := open(t, dir, "n1").Close(); err != nil {
		t.Fatal(err)
	}
	_, err := Open(dir, Options{NodeID: "n2"})
	if !errors.Is(err, ErrOtherNode) || !strings.Contains(err.Error(), `"n1"`) || !strings.Contains(err.Error(), `"n2"`) {
		t.Fatalf("want ErrOtherNode naming both, got %v", err)
	}
	open(t, dir, "n1")
}

func TestDiskRefusesStateWithoutNodeID(t *testing.T) {
	dir := t.TempDir()
	if err := open(t, dir, "n1").Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(dir, "node-id")); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir, Options{NodeID: "n1"}); !errors.Is(err, ErrOtherNode) {
		t.Fatalf("want ErrOtherNode, got %v", err)
	}
}

func TestDiskRefusesBadIDs(t *testing.T) {
	for _, id := range []string{"", "a b", "a\n", strings.Repeat("x", maxIDBytes+1)} {
		if _, err := Open(t.TempDir(), Options{NodeID: id}); err == nil {
			t.Errorf("node id %q was taken", id)
		}
	}
}

func TestDiskAdoptsOneClusterForEver(t *testing.T) {
	dir := t.TempDir()
	d := open(t, dir, "n1")
	if id := d.ClusterID(); id != "" {
		t.Fatalf("new disk is of cluster %q", id)
	}
	for range 2 {
		if err := d.AdoptClusterID("c1"); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	again := open(t, dir, "n1")
	if err := again.AdoptClusterID("c2"); !errors.Is(err, ErrOtherCluster) {
		t.Fatalf("want ErrOtherCluster, got %v", err)
	}
	if id := again.ClusterID(); id != "c1" {
		t.Fatalf("cluster id became %q", id)
	}
}

func TestDiskRemovesUnfinishedSnapshots(t *testing.T) {
	dir := t.TempDir()
	if err := open(t, dir, "n1").Close(); err != nil {
		t.Fatal(err)
	}
	left := filepath.Join(dir, "groups", "0", "snapshots", "1-1-1.tmp")
	if err := os.MkdirAll(left, dirMode); err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	d, err := Open(dir, Options{NodeID: "n1", Logger: hclog.New(&hclog.LoggerOptions{Output: &log})})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if _, err := os.Stat(left); !errors.Is(err, os.ErrNotExist) || !strings.Contains(log.String(), "1-1-1.tmp") {
		t.Fatalf("still there (%v), log %q", err, log.String())
	}
}

// TestDiskRefusesSecondProcess starts a real second process: a lock that only
// works inside one process protects nothing.
func TestDiskRefusesSecondProcess(t *testing.T) {
	if dir := os.Getenv("RONDO_TEST_LOCK_DIR"); dir != "" {
		_, err := Open(dir, Options{NodeID: "n1"})
		if errors.Is(err, ErrLocked) {
			t.Logf("refused: %v", err)
			return
		}
		t.Fatalf("second process was let in: %v", err)
	}
	dir := t.TempDir()
	d := open(t, dir, "n1")
	child := exec.Command(os.Args[0], "-test.run=^TestDiskRefusesSecondProcess$", "-test.v")
	child.Env = append(os.Environ(), "RONDO_TEST_LOCK_DIR="+dir)
	out, err := child.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "held by process "+strconv.Itoa(os.Getpid())) {
		t.Fatalf("%v\n%s", err, out)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	open(t, dir, "n1")
}

func TestOpenMemKeepsIdentityRules(t *testing.T) {
	mem := NewMemDisk(1)
	d, err := OpenMem(mem, Options{NodeID: "n1"})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.AdoptClusterID("c1"); err != nil {
		t.Fatal(err)
	}
	after := mem.Crash()
	if _, err := OpenMem(after, Options{NodeID: "n2"}); !errors.Is(err, ErrOtherNode) {
		t.Fatalf("want ErrOtherNode, got %v", err)
	}
	again, err := OpenMem(after, Options{NodeID: "n1"})
	if err != nil || again.ClusterID() != "c1" {
		t.Fatalf("%v, %v", again, err)
	}
}

// TestBoltSyncs: every commit is synced. Only a power cut tells the difference, so
// the setting itself is looked at, through every layer.
func TestBoltSyncs(t *testing.T) {
	store, err := openBolt(filepath.Join(t.TempDir(), "raft.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	}()
	db := reflect.ValueOf(store).Elem().FieldByName("conn").Elem()
	for _, name := range []string{"NoSync", "NoGrowSync"} {
		if db.FieldByName(name).Bool() {
			t.Errorf("bolt is opened with %s", name)
		}
	}
}
