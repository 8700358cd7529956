package storage

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/raft"
	raftboltdb "github.com/hashicorp/raft-boltdb/v2"
)

// crashingStable lets a number of writes through and loses the rest, which is
// what a crash does.
type crashingStable struct {
	raft.StableStore
	left int
}

func (c *crashingStable) Set(k, v []byte) error {
	if c.left--; c.left < 0 {
		return ErrCrashed
	}
	return c.StableStore.Set(k, v)
}

func (c *crashingStable) SetUint64(k []byte, v uint64) error {
	if c.left--; c.left < 0 {
		return ErrCrashed
	}
	return c.StableStore.SetUint64(k, v)
}

// vote does what Raft does to save a vote: two writes.
func vote(s raft.StableStore, term uint64, candidate string) error {
	if err := s.SetUint64([]byte(keyLastVoteTerm), term); err != nil {
		return err
	}
	return s.Set([]byte(keyLastVoteCand), []byte(candidate))
}

// TestVoteTorn crashes a voter at every write of its vote for Y in term 6,
// after a vote for X in term 5, and then lets X, whose log is hopelessly old,
// ask a real Raft node for its vote in term 6 (hashicorp/raft#661).
func TestVoteTorn(t *testing.T) {
	for _, kind := range []string{"bolt", "inmem", "memdisk"} {
		for _, fix := range []bool{false, true} {
			granted := 0
			for writes := range 3 {
				t.Run(fmt.Sprintf("%s/decorated=%v/crash after %d writes", kind, fix, writes), func(t *testing.T) {
					logs, raw := voteStores(t, kind)
					stale, fresh := voteAfterCrash(t, logs, raw, fix, writes)
					if stale {
						granted++
					}
					if fix && stale {
						t.Error("the stale log got the vote")
					}
					if fix && !fresh {
						t.Error("the up-to-date log did not get the vote")
					}
				})
			}
			if !fix && granted == 0 {
				t.Errorf("%s: the trap was not sprung without the decorator: this test proves nothing", kind)
			}
		}
	}
}

func voteStores(t *testing.T, kind string) (raft.LogStore, raft.StableStore) {
	t.Helper()
	switch kind {
	case "inmem":
		s := raft.NewInmemStore()
		return s, s
	case "memdisk":
		d := NewMemDisk(1)
		return d.Logs(), d.Stable()
	}
	s, err := raftboltdb.NewBoltStore(filepath.Join(t.TempDir(), "raft.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s, s
}

func voteAfterCrash(t *testing.T, logs raft.LogStore, raw raft.StableStore, fix bool, writes int) (stale, fresh bool) {
	t.Helper()
	decorate := func(s raft.StableStore) raft.StableStore { return s }
	if fix {
		decorate = AtomicVotes
	}
	configuration := raft.Configuration{Servers: []raft.Server{{ID: "V", Address: "V"}, {ID: "X", Address: "X"}, {ID: "Y", Address: "Y"}}}
	entries := []*raft.Log{{Index: 1, Term: 1, Type: raft.LogConfiguration, Data: raft.EncodeConfiguration(configuration)}}
	for i := uint64(2); i <= 10; i++ {
		entries = append(entries, &raft.Log{Index: i, Term: 5, Type: raft.LogCommand})
	}
	must(t, logs.StoreLogs(entries))
	must(t, raw.SetUint64([]byte(keyCurrentTerm), 5))
	must(t, vote(decorate(raw), 5, "X"))
	must(t, raw.SetUint64([]byte(keyCurrentTerm), 6))
	if err := vote(decorate(&crashingStable{raw, writes}), 6, "Y"); err == nil && writes < 2 {
		t.Fatal("the crash did not happen")
	}
	address, trans := raft.NewInmemTransport("V")
	xAddress, xTrans := raft.NewInmemTransport("X")
	trans.Connect(xAddress, xTrans)
	xTrans.Connect(address, trans)
	c := raft.DefaultConfig()
	c.LocalID = "V"
	c.Logger = hclog.NewNullLogger()
	c.HeartbeatTimeout, c.ElectionTimeout = 20*time.Second, 20*time.Second
	node, err := raft.NewRaft(c, &countingFSM{}, logs, decorate(raw), raft.NewInmemSnapshotStore(), trans)
	must(t, err)
	defer func() { must(t, node.Shutdown().Error()) }()
	ask := func(index, term uint64) bool {
		var answer raft.RequestVoteResponse
		must(t, xTrans.RequestVote("V", address, &raft.RequestVoteRequest{
			RPCHeader:    raft.RPCHeader{ProtocolVersion: raft.ProtocolVersionMax, ID: []byte("X"), Addr: []byte("X")},
			Term:         6,
			LastLogIndex: index,
			LastLogTerm:  term,
		}, &answer))
		return answer.Granted
	}
	stale = ask(1, 1)
	// With the whole vote for Y on disk X gets nothing, however good its log.
	fresh = writes == 2 && !fix || ask(10, 5)
	return stale, fresh
}

func TestAtomicVotesKeepsAVoteOfTheSameTerm(t *testing.T) {
	s := AtomicVotes(NewMemDisk(1).Stable())
	must(t, vote(s, 6, "Y"))
	must(t, s.SetUint64([]byte(keyLastVoteTerm), 6))
	if candidate, err := s.Get([]byte(keyLastVoteCand)); err != nil || string(candidate) != "Y" {
		t.Fatalf("vote for %q, %v", candidate, err)
	}
}

// TestAtomicVotesReadsBlankAsNone: to Raft an empty value is a vote.
func TestAtomicVotesReadsBlankAsNone(t *testing.T) {
	raw := raft.NewInmemStore()
	must(t, raw.Set([]byte(keyLastVoteCand), []byte{}))
	if val, _ := raw.Get([]byte(keyLastVoteCand)); val == nil {
		t.Fatal("this store makes nil of it: the test proves nothing")
	}
	if val, err := AtomicVotes(raw).Get([]byte(keyLastVoteCand)); val != nil || err != nil {
		t.Fatalf("%v, %v", val, err)
	}
}

func TestAtomicVotesReportsABrokenDisk(t *testing.T) {
	s := AtomicVotes(&crashingStable{NewMemDisk(1).Stable(), 0})
	if err := vote(s, 1, "X"); err == nil {
		t.Fatal("a vote was saved on a broken disk")
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
