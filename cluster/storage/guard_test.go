package storage

import (
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/raft"
)

var errBroken = errors.New("input/output error")

// brokenStore fails everything while broken is set, then is well again: the
// disk whose second fsync says that all is fine.
type brokenStore struct {
	*raft.InmemStore
	broken    atomic.Bool
	hang      chan struct{}
	monotonic bool
	writes    int
}

func (b *brokenStore) step() error {
	if b.hang != nil {
		<-b.hang
	}
	if b.broken.Load() {
		return errBroken
	}
	b.writes++
	return nil
}

func (b *brokenStore) StoreLog(l *raft.Log) error { return b.StoreLogs([]*raft.Log{l}) }
func (b *brokenStore) StoreLogs(l []*raft.Log) error {
	return errors.Join(b.step(), b.InmemStore.StoreLogs(l))
}
func (b *brokenStore) DeleteRange(x, y uint64) error {
	return errors.Join(b.step(), b.InmemStore.DeleteRange(x, y))
}
func (b *brokenStore) Set(k, v []byte) error {
	return errors.Join(b.step(), b.InmemStore.Set(k, v))
}
func (b *brokenStore) SetUint64(k []byte, v uint64) error {
	return errors.Join(b.step(), b.InmemStore.SetUint64(k, v))
}
func (b *brokenStore) FirstIndex() (uint64, error) { return 1, b.step() }
func (b *brokenStore) LastIndex() (uint64, error)  { return 1, b.step() }
func (b *brokenStore) IsMonotonic() bool           { return b.monotonic }

func protect(b *brokenStore, o Options) (Stores, *Guard) {
	return Protect(Stores{Logs: b, Stable: b, Snapshots: raft.NewInmemSnapshotStore()}, o)
}

func TestGuardStopsAtTheFirstError(t *testing.T) {
	entry := &raft.Log{Index: 1, Term: 1}
	for name, op := range map[string]func(Stores) error{
		"StoreLog":    func(s Stores) error { return s.Logs.StoreLog(entry) },
		"StoreLogs":   func(s Stores) error { return s.Logs.StoreLogs([]*raft.Log{entry}) },
		"DeleteRange": func(s Stores) error { return s.Logs.DeleteRange(1, 1) },
		"Set":         func(s Stores) error { return s.Stable.Set([]byte("k"), []byte("v")) },
		"SetUint64":   func(s Stores) error { return s.Stable.SetUint64([]byte(keyLastVoteTerm), 3) },
		"FirstIndex":  func(s Stores) error { _, err := s.Logs.FirstIndex(); return err },
		"LastIndex":   func(s Stores) error { _, err := s.Logs.LastIndex(); return err },
	} {
		t.Run(name, func(t *testing.T) {
			b := &brokenStore{InmemStore: raft.NewInmemStore()}
			var fatal []error
			s, _ := protect(b, Options{Fatal: func(err error) { fatal = append(fatal, err) }})
			b.broken.Store(true)
			if err := op(s); !errors.Is(err, errBroken) {
				t.Fatalf("want the disk's error, got %v", err)
			}
			b.broken.Store(false)
			for range 2 {
				if err := s.Logs.StoreLog(entry); !errors.Is(err, ErrStopped) || !errors.Is(err, errBroken) {
					t.Fatalf("a write after the failure: %v", err)
				}
				if err := s.Stable.Set([]byte(keyLastVoteCand), []byte("x")); !errors.Is(err, ErrStopped) {
					t.Fatalf("a vote after the failure: %v", err)
				}
			}
			if len(fatal) != 1 || !errors.Is(fatal[0], errBroken) || b.writes != 0 {
				t.Fatalf("fatal %v, writes %d", fatal, b.writes)
			}
		})
	}
}

func TestGuardTakesTheTermOfADyingNode(t *testing.T) {
	b := &brokenStore{InmemStore: raft.NewInmemStore()}
	s, guard := protect(b, Options{})
	b.broken.Store(true)
	// Raft panics on this error; see GuardStable.
	if err := s.Stable.SetUint64([]byte(keyCurrentTerm), 9); err != nil {
		t.Fatal(err)
	}
	if guard.Failure() == nil {
		t.Fatal("the failed write went unnoticed")
	}
	well, wellGuard := protect(&brokenStore{InmemStore: raft.NewInmemStore()}, Options{})
	wellGuard.Close()
	if err := well.Stable.SetUint64([]byte(keyCurrentTerm), 9); err != nil {
		t.Errorf("a heartbeat after the close would end the process: %v", err)
	}
	if err := well.Stable.SetUint64([]byte(keyLastVoteTerm), 9); !errors.Is(err, ErrClosed) {
		t.Errorf("a vote after the close: %v", err)
	}
	b.broken.Store(false)
	if err := s.Stable.SetUint64([]byte(keyCurrentTerm), 10); err != nil || b.writes != 0 {
		t.Fatalf("%v, writes %d", err, b.writes)
	}
}

func TestGuardReportsAHungDisk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &brokenStore{InmemStore: raft.NewInmemStore(), hang: make(chan struct{})}
		fatal := make(chan error, 2)
		begin := time.Now()
		s, _ := protect(b, Options{Fatal: func(err error) { fatal <- err }})
		done := make(chan error, 1)
		go func() { done <- s.Logs.StoreLog(&raft.Log{Index: 1}) }()
		err := <-fatal
		if took := time.Since(begin); took != DefaultOpLimit {
			t.Fatalf("reported after %s: %v", took, err)
		}
		// The write ends well after all, but nobody may be told so.
		close(b.hang)
		if err := <-done; !errors.Is(err, ErrStopped) {
			t.Fatalf("acknowledged by a disk that was declared dead: %v", err)
		}
		if len(fatal) != 0 {
			t.Fatalf("reported twice: %v", <-fatal)
		}
	})
}

func TestGuardIsQuietInTimeAndAfterClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		mem := NewMemDisk(1)
		mem.SetWriteDelay(DefaultOpLimit - time.Millisecond)
		s, guard := Protect(mem.Stores(), Options{Fatal: func(err error) { t.Errorf("fatal: %v", err) }})
		if err := s.Logs.StoreLog(&raft.Log{Index: 1}); err != nil {
			t.Fatal(err)
		}
		mem.SetWriteDelay(2 * DefaultOpLimit)
		done := make(chan error, 1)
		go func() { done <- s.Logs.StoreLog(&raft.Log{Index: 2}) }()
		synctest.Wait()
		guard.Close()
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		if err := s.Logs.StoreLog(&raft.Log{Index: 3}); !errors.Is(err, ErrClosed) {
			t.Fatalf("want ErrClosed, got %v", err)
		}
		if err := s.Logs.GetLog(1, &raft.Log{}); !errors.Is(err, ErrClosed) {
			t.Fatalf("want ErrClosed, got %v", err)
		}
	})
}

func TestGuardMissingIsAnAnswer(t *testing.T) {
	s, guard := Protect(NewMemDisk(1).Stores(), Options{})
	if err := s.Logs.GetLog(1, &raft.Log{}); !errors.Is(err, raft.ErrLogNotFound) {
		t.Fatal(err)
	}
	if _, err := s.Stable.GetUint64([]byte(keyCurrentTerm)); err == nil || err.Error() != "not found" {
		t.Fatalf("Raft compares this text: %v", err)
	}
	if err := guard.Failure(); err != nil {
		t.Fatal(err)
	}
}

func TestGuardFindsCorruption(t *testing.T) {
	verify := func(l *raft.Log) error {
		if string(l.Data) != "good" {
			return errors.New("checksum differs")
		}
		return nil
	}
	for name, c := range map[string]struct {
		entry   raft.Log
		corrupt bool
	}{
		"a command whose checksum fits":  {raft.Log{Index: 5, Type: raft.LogCommand, Data: []byte("good")}, false},
		"a command whose checksum fails": {raft.Log{Index: 5, Type: raft.LogCommand, Data: []byte("goof")}, true},
		"an entry of Raft's own":         {raft.Log{Index: 5, Type: raft.LogNoop}, false},
		"an entry of another place":      {raft.Log{Index: 6, Type: raft.LogNoop}, true},
	} {
		t.Run(name, func(t *testing.T) {
			var fatal error
			guard := NewGuard(0, func(err error) { fatal = err })
			logs := GuardLogs(guard, oneEntry{&c.entry}, verify)
			err := logs.GetLog(5, &raft.Log{})
			if errors.Is(err, ErrCorrupt) != c.corrupt || errors.Is(fatal, ErrCorrupt) != c.corrupt {
				t.Fatalf("error %v, fatal %v", err, fatal)
			}
		})
	}
}

// oneEntry answers every index with the same entry.
type oneEntry struct{ entry *raft.Log }

func (oneEntry) FirstIndex() (uint64, error)          { return 1, nil }
func (oneEntry) LastIndex() (uint64, error)           { return 1, nil }
func (o oneEntry) GetLog(_ uint64, l *raft.Log) error { *l = *o.entry; return nil }
func (oneEntry) StoreLog(*raft.Log) error             { return nil }
func (oneEntry) StoreLogs([]*raft.Log) error          { return nil }
func (oneEntry) DeleteRange(uint64, uint64) error     { return nil }

func TestDecoratorsForwardOptionalInterfaces(t *testing.T) {
	for _, want := range []bool{true, false} {
		s, _ := protect(&brokenStore{InmemStore: raft.NewInmemStore(), monotonic: want}, Options{})
		m, ok := s.Logs.(raft.MonotonicLogStore)
		if !ok || m.IsMonotonic() != want {
			t.Errorf("IsMonotonic hidden (%v) or not %v", !ok, want)
		}
	}
	s, _ := Protect(NewMemDisk(1).Stores(), Options{})
	if s.Logs.(raft.MonotonicLogStore).IsMonotonic() {
		t.Error("a log that allows gaps calls itself monotonic")
	}
}
