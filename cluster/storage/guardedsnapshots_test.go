package storage

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/hashicorp/raft"
)

// brokenSnapshots fails at one step.
type brokenSnapshots struct {
	raft.SnapshotStore
	at string
}

type brokenSink struct {
	raft.SnapshotSink
	at string
}

func (s brokenSnapshots) Create(v raft.SnapshotVersion, index, term uint64, c raft.Configuration, ci uint64, trans raft.Transport) (raft.SnapshotSink, error) {
	if s.at == "create" {
		return nil, errBroken
	}
	sink, err := s.SnapshotStore.Create(v, index, term, c, ci, trans)
	return brokenSink{sink, s.at}, err
}

func (s brokenSink) Write(p []byte) (int, error) {
	if s.at == "write" {
		return 0, errBroken
	}
	return s.SnapshotSink.Write(p)
}

func (s brokenSink) Close() error {
	if s.at == "close" {
		return errBroken
	}
	return s.SnapshotSink.Close()
}

// TestGuardStopsAtASnapshotThatFails, whichever step of it does.
func TestGuardStopsAtASnapshotThatFails(t *testing.T) {
	for _, at := range []string{"create", "write", "close", "nowhere"} {
		t.Run(at, func(t *testing.T) {
			mem := NewMemDisk(1)
			var fatal error
			s, _ := Protect(Stores{mem.Logs(), mem.Stable(), brokenSnapshots{mem.Snapshots(), at}}, Options{Fatal: func(err error) { fatal = err }})
			_, trans := raft.NewInmemTransport("a")
			sink, err := s.Snapshots.Create(1, 1, 1, raft.Configuration{}, 1, trans)
			if err == nil {
				_, err = io.WriteString(sink, "state")
			}
			if err == nil {
				err = sink.Close()
			}
			broken := at != "nowhere"
			if errors.Is(err, errBroken) != broken || errors.Is(fatal, errBroken) != broken || !broken && err != nil {
				t.Errorf("error %v, fatal %v", err, fatal)
			}
			if err := s.Logs.StoreLog(&raft.Log{Index: 1}); errors.Is(err, ErrStopped) != broken {
				t.Errorf("the log afterwards: %v", err)
			}
		})
	}
}

// TestCanary: a disk that is gone is noticed on a node that writes nothing.
func TestCanary(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := filepath.Join(t.TempDir(), "data")
		fatal := make(chan error, 1)
		d, err := Open(dir, Options{NodeID: "n1", Fatal: func(err error) { fatal <- err }})
		if err != nil {
			t.Fatal(err)
		}
		if err := os.RemoveAll(dir); err != nil {
			t.Fatal(err)
		}
		if err := <-fatal; !strings.Contains(err.Error(), "write canary") {
			t.Errorf("it says %v", err)
		}
		if err := d.AdoptClusterID("c"); !errors.Is(err, ErrStopped) {
			t.Errorf("the identity afterwards: %v", err)
		}
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
}
