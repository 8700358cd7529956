package storage

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/raft"
	raftboltdb "github.com/hashicorp/raft-boltdb/v2"
	"go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"
)

const (
	// DefaultOpLimit is how long one operation on the log may take before the
	// node is declared dead (hashicorp/raft#503).
	DefaultOpLimit = 10 * time.Second

	// SnapshotsRetained is how many snapshots are kept: when the newest fails
	// its checksum, Raft falls back to an older one (raft.md 1.4).
	SnapshotsRetained = 3

	boltOpenTimeout = time.Second
	dirMode         = 0o700
	fileMode        = 0o600
)

// Options say who opens a disk and whom to tell when it fails.
type Options struct {
	// NodeID is written into a new disk; a disk of another node is refused.
	NodeID string
	// Logger may be nil.
	Logger hclog.Logger
	// Fatal is called at most once, on the goroutine that met the failure, and
	// must not block. When it has been called this disk writes nothing any
	// more and the process must end: only a restart reads what is really on
	// the disk. Nil means that nobody is told, and writes are still refused.
	Fatal func(error)
	// Verify is called with every command read back from the log; an error
	// means that the disk has corrupted it, and is fatal. Nil checks nothing.
	Verify func(*raft.Log) error
	// OpLimit is how long one operation may take; 0 means DefaultOpLimit.
	OpLimit time.Duration
	// Progress is told what takes long, from the opening on; nil: one of the disk's
	// own, see Disk.Progress.
	Progress *Progress
}

// Stores are the three things hashicorp/raft keeps on disk.
type Stores struct {
	Logs      raft.LogStore
	Stable    raft.StableStore
	Snapshots raft.SnapshotStore
}

// Protect puts every decorator of this package around raw stores: fail-stop,
// watchdog and checksum (guard), atomic votes, and installs that cannot loop.
// Close the guard before the raw stores.
func Protect(raw Stores, o Options) (Stores, *Guard) {
	guard := NewGuard(o.OpLimit, o.Fatal)
	logs := GuardLogs(guard, raw.Logs, o.Verify)
	return Stores{
		Logs:      logs,
		Stable:    AtomicVotes(GuardStable(guard, raw.Stable)),
		Snapshots: RepairInstalls(GuardSnapshots(guard, raw.Snapshots), logs),
	}, guard
}

// Disk is one node's disk, opened and decorated. Its methods may be called
// from any goroutine.
type Disk struct {
	stores   Stores
	guard    *Guard
	identity *identity
	progress *Progress
	release  func() error
	dir      string // "" in memory
	space    func() (Space, error)

	closeOnce sync.Once
	closeErr  error
}

// Open opens the data directory dir, or makes it:
//
//	node-id              whose directory this is
//	cluster-id           which cluster it belongs to, written once
//	canary               written every two seconds, so that a hung disk is noticed
//	lock                 held while open; names the process
//	reserve              room kept for when the volume is nearly full
//	groups/0/raft.db     log and votes (bolt)
//	groups/0/snapshots/  the last three snapshots
//
// It refuses a directory that another process holds (ErrLocked), that belongs
// to another node (ErrOtherNode), or that has Raft state but no node-id.
func Open(dir string, o Options) (*Disk, error) {
	if o.Logger == nil {
		o.Logger = hclog.NewNullLogger()
	}
	if o.Progress == nil {
		o.Progress = NewProgress(o.Logger)
	}
	if err := makeDir(dir); err != nil {
		return nil, err
	}
	lock, err := lockDir(dir)
	if err != nil {
		return nil, err
	}
	disk, err := openLocked(dir, o, lock)
	if err != nil {
		return nil, errors.Join(err, lock.release())
	}
	return disk, nil
}

func groupDir(dir string) string { return filepath.Join(dir, "groups", "0") }

func openLocked(dir string, o Options, lock *dirLock) (*Disk, error) {
	group := groupDir(dir)
	_, statErr := os.Stat(filepath.Join(group, "raft.db"))
	ident, err := openIdentity(dirFiles(dir), o.NodeID, statErr == nil)
	if err != nil {
		return nil, fmt.Errorf("open data directory %s: %w", dir, err)
	}
	if err := os.MkdirAll(group, dirMode); err != nil {
		return nil, fmt.Errorf("make group directory: %w", err)
	}
	o.Progress.Step("opening the log, raft.db")
	defer o.Progress.Step("")
	bolt, err := openBolt(filepath.Join(group, "raft.db"))
	if err != nil {
		return nil, err
	}
	snapshots, err := openSnapshots(group, o.Logger)
	if err != nil {
		return nil, errors.Join(err, bolt.Close())
	}
	// bolt syncs its file but not the directory entry that names it.
	for _, d := range []string{group, filepath.Dir(group), dir} {
		if err := syncDir(d); err != nil {
			return nil, errors.Join(err, bolt.Close())
		}
	}
	stores, guard := Protect(Stores{Logs: bolt, Stable: bolt, Snapshots: snapshots}, o)
	ident.files = guardFiles(guard, ident.files)
	bird := keepCanary(dir, guard)
	release := func() error {
		bird.close()
		return errors.Join(bolt.Close(), lock.release())
	}
	stores.Snapshots = WatchSnapshots(o.Progress, stores.Snapshots)
	return &Disk{
		stores: stores, guard: guard, identity: ident, progress: o.Progress, release: release,
		dir: dir, space: func() (Space, error) { return spaceOf(dir) },
	}, nil
}

// OpenMem opens a disk in memory with the same identity rules and the same
// decorators as Open, so that simulations run what production runs.
func OpenMem(mem *MemDisk, o Options) (*Disk, error) {
	hasLog, err := raft.HasExistingState(mem.Logs(), mem.Stable(), mem.Snapshots())
	if err != nil {
		return nil, fmt.Errorf("look for Raft state: %w", err)
	}
	ident, err := openIdentity(mem.files(), o.NodeID, hasLog)
	if err != nil {
		return nil, fmt.Errorf("open disk in memory: %w", err)
	}
	stores, guard := Protect(mem.Stores(), o)
	ident.files = guardFiles(guard, ident.files)
	if o.Progress == nil {
		o.Progress = NewProgress(o.Logger)
	}
	stores.Snapshots = WatchSnapshots(o.Progress, stores.Snapshots)
	return &Disk{
		stores: stores, guard: guard, identity: ident, progress: o.Progress, release: func() error { return nil },
		space: func() (Space, error) { return memSpace(mem), nil },
	}, nil
}

func openBolt(path string) (*raftboltdb.BoltStore, error) {
	store, err := raftboltdb.New(raftboltdb.Options{
		Path: path,
		BoltOptions: &bbolt.Options{
			Timeout: boltOpenTimeout,
			// A freelist rewritten at every commit doubles the latency after
			// a large truncation; without it opening scans the file once.
			NoFreelistSync: true,
			FreelistType:   bbolt.FreelistMapType,
		},
		// NoSync stays false for ever: 111 of 300 acknowledged entries were
		// lost with it (raft.md 1.4). The time format is that of the transport.
		NoSync: false,
	})
	switch {
	case errors.Is(err, berrors.ErrTimeout):
		return nil, fmt.Errorf("open %s: another process has held the file for %s; stop it, or give this node a directory of its own: %w", path, boltOpenTimeout, err)
	case err != nil:
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	return store, nil
}

func openSnapshots(group string, logger hclog.Logger) (*raft.FileSnapshotStore, error) {
	store, err := raft.NewFileSnapshotStoreWithLogger(group, SnapshotsRetained, logger.Named("snapshot"))
	if err != nil {
		return nil, fmt.Errorf("open snapshots: %w", err)
	}
	// What a crash left half written is never used and never removed by the
	// library, which warns about it at every listing.
	dir := filepath.Join(group, "snapshots")
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("list snapshots: %w", err)
	}
	for _, e := range entries {
		if e.IsDir() && strings.HasSuffix(e.Name(), ".tmp") {
			if err := os.RemoveAll(filepath.Join(dir, e.Name())); err != nil {
				return nil, fmt.Errorf("remove unfinished snapshot: %w", err)
			}
			logger.Info("removed a snapshot that a crash left unfinished", "snapshot", e.Name())
		}
	}
	return store, nil
}

// Logs is the decorated log: raft.Config wants it as LogStore.
func (d *Disk) Logs() raft.LogStore { return d.stores.Logs }

// Stable is the decorated store of term and vote.
func (d *Disk) Stable() raft.StableStore { return d.stores.Stable }

// Snapshots is the decorated snapshot store.
func (d *Disk) Snapshots() raft.SnapshotStore { return d.stores.Snapshots }

// Progress tells what the disk is busy with for long.
func (d *Disk) Progress() *Progress { return d.progress }

// NodeID is the node whose disk this is.
func (d *Disk) NodeID() string { return d.identity.nodeID }

// ClusterID is the cluster this disk belongs to, "" until AdoptClusterID.
func (d *Disk) ClusterID() string { return d.identity.cluster() }

// AdoptClusterID makes the disk belong to a cluster, durably, before it
// returns. Adopting the same id again does nothing; another one fails with
// ErrOtherCluster and changes nothing.
func (d *Disk) AdoptClusterID(id string) error { return d.identity.adopt(id) }

// HasState tells whether Raft has ever written here: a node with state never
// bootstraps.
func (d *Disk) HasState() (bool, error) {
	has, err := raft.HasExistingState(d.stores.Logs, d.stores.Stable, d.stores.Snapshots)
	if err != nil {
		return false, fmt.Errorf("look for Raft state: %w", err)
	}
	return has, nil
}

// Close lets go of the directory. Call it when Raft has shut down; whatever
// still comes is refused with ErrClosed and is not fatal. A second call
// returns what the first one did.
func (d *Disk) Close() error {
	d.closeOnce.Do(func() {
		d.guard.Close()
		if err := d.release(); err != nil {
			d.closeErr = fmt.Errorf("close disk: %w", err)
		}
	})
	return d.closeErr
}
