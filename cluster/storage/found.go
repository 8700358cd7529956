package storage

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/raft"
)

// ErrNotEmpty: a directory that was to be new has something in it.
var ErrNotEmpty = errors.New("data directory is not empty")

// A Foundation is what the first node of a new cluster starts from.
type Foundation struct {
	NodeID    string
	ClusterID string
	Address   string // of its cluster port, as others will reach it
	Index     uint64 // of the last entry that the snapshot holds; at least 1
	Term      uint64 // not before that of any entry it holds; at least 1

	// Write writes the snapshot. Its error undoes the foundation.
	Write func(io.Writer) error
}

// Found makes dir, which must be empty or not there, the disk of a node whose
// Raft begins at a snapshot, with itself as the only voter. It is called offline,
// by one process.
//
// A crash on the way leaves a directory without a node-id, which Open refuses.
// Errors are ErrLocked for the directory of a running node, ErrNotEmpty, or those
// of the disk.
func Found(dir string, f Foundation) error {
	if f.Index == 0 || f.Term == 0 {
		return fmt.Errorf("found a cluster at index %d of term %d: the snapshot holds nothing yet", f.Index, f.Term)
	}
	if err := errors.Join(checkID("node id", f.NodeID), checkID("cluster id", f.ClusterID)); err != nil {
		return err
	}
	if err := os.MkdirAll(dir, dirMode); err != nil {
		return fmt.Errorf("make data directory: %w", err)
	}
	if err := wantEmpty(dir); err != nil {
		return err
	}
	lock, err := lockDir(dir)
	if err != nil {
		return err
	}
	if err := f.found(dir); err != nil {
		return errors.Join(err, clear(dir), lock.release())
	}
	return lock.release()
}

// wantEmpty tells the directory of a running node from one that is merely used.
func wantEmpty(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("look into data directory: %w", err)
	}
	var found []string
	for _, e := range entries {
		if e.Name() != "lost+found" {
			found = append(found, e.Name())
		}
	}
	if len(found) == 0 {
		return nil
	}
	if _, err := os.Stat(filepath.Join(dir, lockFile)); err == nil {
		lock, err := lockDir(dir)
		if err != nil {
			return err
		}
		if err := lock.release(); err != nil {
			return err
		}
	}
	return fmt.Errorf("%w: %s has %s in it; give an empty directory, or move what is there away first", ErrNotEmpty, dir, found[0])
}

// clear removes what a failed foundation has written into a directory that was
// empty before.
func clear(dir string) error {
	var errs []error
	for _, name := range []string{"groups", clusterIDFile, nodeIDFile, lockFile} {
		errs = append(errs, os.RemoveAll(filepath.Join(dir, name)))
	}
	return errors.Join(errs...)
}

// found writes the node's id last: it is what makes the directory a node's.
func (f Foundation) found(dir string) error {
	group := groupDir(dir)
	if err := os.MkdirAll(group, dirMode); err != nil {
		return fmt.Errorf("make group directory: %w", err)
	}
	bolt, err := openBolt(filepath.Join(group, "raft.db"))
	if err != nil {
		return err
	}
	// Raft must not vote or lead in a term that the snapshot has seen.
	if err := errors.Join(bolt.SetUint64([]byte(keyCurrentTerm), f.Term), bolt.Close()); err != nil {
		return fmt.Errorf("write the term: %w", err)
	}
	if err := f.snapshot(group); err != nil {
		return err
	}
	for _, d := range []string{group, filepath.Dir(group), dir} {
		if err := syncDir(d); err != nil {
			return err
		}
	}
	if err := dirFiles(dir).write(clusterIDFile, f.ClusterID); err != nil {
		return err
	}
	return dirFiles(dir).write(nodeIDFile, f.NodeID)
}

func (f Foundation) snapshot(group string) error {
	store, err := openSnapshots(group, hclog.NewNullLogger())
	if err != nil {
		return err
	}
	voters := raft.Configuration{Servers: []raft.Server{{
		Suffrage: raft.Voter, ID: raft.ServerID(f.NodeID), Address: raft.ServerAddress(f.Address),
	}}}
	_, transport := raft.NewInmemTransport(raft.ServerAddress(f.Address)) // writes addresses, calls nobody
	sink, err := store.Create(raft.SnapshotVersionMax, f.Index, f.Term, voters, 1, transport)
	if err != nil {
		return fmt.Errorf("make snapshot: %w", err)
	}
	if err := f.Write(sink); err != nil {
		return errors.Join(err, sink.Cancel())
	}
	if err := sink.Close(); err != nil {
		return fmt.Errorf("finish snapshot: %w", err)
	}
	return nil
}
