package storage

import (
	"errors"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/hashicorp/raft"
)

// ErrCrashed: the disk in memory was crashed, the writer no longer exists.
var ErrCrashed = errors.New("disk has crashed")

// MemDisk is a disk in memory that can be crashed, for tests and simulation.
// A write is durable when it returns, whole or not at all, like a transaction
// of bolt; a snapshot is there once its Close has returned.
//
// It may be used from any goroutine and runs under testing/synctest: it holds
// no lock while it waits.
type MemDisk struct {
	mu      sync.Mutex
	image   image
	delay   time.Duration
	space   Space
	rng     *rand.Rand
	pending []*pendingWrite
	crashed chan struct{}
}

// image is what survives a crash. Entries and snapshots in it are never
// changed, only replaced, so copying the containers copies the image.
type image struct {
	entries   []*raft.Log // by index, gaps allowed
	values    map[string][]byte
	numbers   map[string]uint64
	files     map[string]string
	snapshots []*memSnapshot // newest first
}

// pendingWrite is a write under way: begun, not returned.
type pendingWrite struct{ apply func(*image) }

// NewMemDisk makes an empty disk. The seed decides what a crash keeps of the
// writes under way.
func NewMemDisk(seed uint64) *MemDisk {
	return newMemDisk(rand.New(rand.NewPCG(seed, 0)), image{
		values:  map[string][]byte{},
		numbers: map[string]uint64{},
		files:   map[string]string{},
	})
}

func newMemDisk(rng *rand.Rand, img image) *MemDisk {
	return &MemDisk{image: img, rng: rng, crashed: make(chan struct{})}
}

// SetSpace makes the disk say that it is so full; without it, nothing is known.
func (d *MemDisk) SetSpace(s Space) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.space = s
}

func memSpace(d *MemDisk) Space {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.space
}

// SetWriteDelay makes every later write take d, as an fsync does: only then is
// there something under way for a crash to lose. A long delay is a hung disk.
func (d *MemDisk) SetWriteDelay(delay time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.delay = delay
}

// Crash cuts the power: it returns a new disk with what was durable, while of
// each write under way the seed decides whether it is there. This disk accepts
// no write any more (ErrCrashed, also for those under way) and never touches
// the image again. It can still be read: Raft panics when it cannot read an
// entry it knows of, and the cut off node has to live until its callers have
// their answers. Crashing twice gives the same image again.
func (d *MemDisk) Crash() *MemDisk {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.isCrashed() {
		for _, w := range d.pending {
			if d.rng.IntN(2) == 0 {
				w.apply(&d.image)
			}
		}
		d.pending = nil
		close(d.crashed)
	}
	next := newMemDisk(rand.New(rand.NewPCG(d.rng.Uint64(), d.rng.Uint64())), d.image.clone())
	next.delay = d.delay
	return next
}

// Stores are the raw stores of the disk, without decorators; see OpenMem.
func (d *MemDisk) Stores() Stores {
	return Stores{Logs: d.Logs(), Stable: d.Stable(), Snapshots: d.Snapshots()}
}

// Logs is the raw log.
func (d *MemDisk) Logs() raft.LogStore { return memLogs{d} }

// Stable is the raw store of term and vote.
func (d *MemDisk) Stable() raft.StableStore { return memStable{d} }

// Snapshots is the raw snapshot store; it retains SnapshotsRetained.
func (d *MemDisk) Snapshots() raft.SnapshotStore { return memSnapshots{d} }

func (d *MemDisk) files() files { return memFiles{d} }

// isCrashed wants the mutex held.
func (d *MemDisk) isCrashed() bool {
	select {
	case <-d.crashed:
		return true
	default:
		return false
	}
}

func (d *MemDisk) read(f func(*image)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	f(&d.image)
}

func (d *MemDisk) write(apply func(*image)) error {
	d.mu.Lock()
	if d.isCrashed() {
		d.mu.Unlock()
		return ErrCrashed
	}
	if d.delay == 0 {
		apply(&d.image)
		d.mu.Unlock()
		return nil
	}
	w := &pendingWrite{apply: apply}
	d.pending = append(d.pending, w)
	delay := d.delay
	d.mu.Unlock()

	timer := time.NewTimer(delay)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-d.crashed:
		return ErrCrashed
	}
	return d.finish(w)
}

func (d *MemDisk) finish(w *pendingWrite) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.isCrashed() {
		return ErrCrashed
	}
	w.apply(&d.image)
	d.pending = slices.DeleteFunc(d.pending, func(p *pendingWrite) bool { return p == w })
	return nil
}

func (i *image) clone() image {
	return image{
		entries:   slices.Clone(i.entries),
		values:    maps.Clone(i.values),
		numbers:   maps.Clone(i.numbers),
		files:     maps.Clone(i.files),
		snapshots: slices.Clone(i.snapshots),
	}
}

type memFiles struct{ disk *MemDisk }

func (f memFiles) read(name string) (content string, err error) {
	f.disk.read(func(i *image) { content = i.files[name] })
	return content, nil
}

func (f memFiles) write(name, content string) error {
	return f.disk.write(func(i *image) { i.files[name] = content })
}
