package lossyfs

import (
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"sync"
	"syscall"
)

const (
	// sectorBytes is what a real disk writes whole or not at all.
	sectorBytes = 512

	// WriteBackBytes is how much of one file may be unsynced before it counts as
	// written back, as a kernel would do sooner or later.
	WriteBackBytes = 64 << 20
)

// A disk is what lies below the file system: the backing directory, and the way
// back to its last synced state. Its methods may be called from any goroutine.
type disk struct {
	mu       sync.Mutex
	backing  string
	contents contents
	names    names
	counts   *Counts
	faults   faults
}

// contents are the undo logs of files, by inode. The disk's mu guards them.
type contents struct {
	files  map[uint64]*fileLog
	counts *Counts
}

// Counts are what a disk has done since it was mounted.
type Counts struct {
	Writes  int `json:"writes"`
	Syncs   int `json:"syncs"`
	Dropped int `json:"dropped"` // writes and names that the cut took back
}

// A fileLog is how to undo what was written to one file. It keeps the file open,
// so that its inode is not used for another one meanwhile.
type fileLog struct {
	file   *os.File
	writes []write
	bytes  int
}

// A write is what stood there before.
type write struct {
	off    int64
	length int64  // of what was written; 0 for a change of size
	old    []byte // shorter than length at the end of the file
	size   int64  // of the file
}

func newDisk(backing, limbo string) *disk {
	d := &disk{backing: backing, counts: &Counts{}}
	d.contents = contents{files: map[uint64]*fileLog{}, counts: d.counts}
	d.names = names{limbo: limbo, contents: &d.contents, counts: d.counts}
	return d
}

// beforeWrite notes what a write of length bytes at off will cover. The caller
// holds mu and passes a descriptor of the file.
func (c *contents) beforeWrite(fd int, off, length int64) error {
	log, size, err := c.logOf(fd)
	if err != nil {
		return err
	}
	old := make([]byte, max(0, min(length, size-off)))
	if _, err := log.file.ReadAt(old, off); err != nil && err != io.EOF {
		return fmt.Errorf("keep what a write covers: %w", err)
	}
	c.counts.Writes++
	c.keep(log, write{off, length, old, size})
	return nil
}

// beforeResize notes what a change of size cuts off.
func (c *contents) beforeResize(fd int, to int64) error {
	log, size, err := c.logOf(fd)
	if err != nil {
		return err
	}
	old := make([]byte, max(0, size-to))
	if _, err := log.file.ReadAt(old, to); err != nil && err != io.EOF {
		return fmt.Errorf("keep what a truncation cuts off: %w", err)
	}
	c.keep(log, write{off: to, old: old, size: size})
	return nil
}

func (c *contents) keep(log *fileLog, w write) {
	log.writes = append(log.writes, w)
	if log.bytes += len(w.old) + int(w.length); log.bytes > WriteBackBytes {
		log.writes, log.bytes = nil, 0
	}
}

// logOf returns the log of an open file and the file's size.
func (c *contents) logOf(fd int) (*fileLog, int64, error) {
	var st syscall.Stat_t
	if err := syscall.Fstat(fd, &st); err != nil {
		return nil, 0, fmt.Errorf("look at a file: %w", err)
	}
	if log := c.files[st.Ino]; log != nil {
		return log, st.Size, nil
	}
	file, err := os.OpenFile(fmt.Sprintf("/proc/self/fd/%d", fd), os.O_RDWR, 0)
	if err != nil {
		return nil, 0, fmt.Errorf("open a file for its undo log: %w", err)
	}
	log := &fileLog{file: file}
	c.files[st.Ino] = log
	return log, st.Size, nil
}

// synced makes what was written to a file last.
func (c *contents) synced(inode uint64) {
	c.counts.Syncs++
	c.forget(inode)
}

func (c *contents) forget(inode uint64) {
	if log := c.files[inode]; log != nil {
		_ = log.file.Close() // nothing is written through it
		delete(c.files, inode)
	}
}

// cut takes the power away: what was not synced is gone, or, if torn, some of it.
// Nothing works any more afterwards; mount the backing directory anew.
func (d *disk) cut(seed uint64, torn bool) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.faults.die()
	random := rand.New(rand.NewPCG(seed, 1))
	for _, inode := range slices.Sorted(maps.Keys(d.contents.files)) {
		log := d.contents.files[inode]
		d.counts.Dropped += len(log.writes)
		if err := log.rollBack(random, torn); err != nil {
			return err
		}
		d.contents.forget(inode)
	}
	return d.names.rollBack(random, torn)
}

// rollBack brings a file back to what was synced, and then, if torn, writes a
// random half of the sectors that were not.
func (l *fileLog) rollBack(random *rand.Rand, torn bool) error {
	var reached map[int64][]byte
	if torn {
		var err error
		if reached, err = l.someSectors(random); err != nil {
			return err
		}
	}
	for _, w := range slices.Backward(l.writes) {
		if _, err := l.file.WriteAt(w.old, w.off); err != nil {
			return fmt.Errorf("roll back a write: %w", err)
		}
		if err := l.file.Truncate(w.size); err != nil {
			return fmt.Errorf("roll back a size: %w", err)
		}
	}
	for _, sector := range slices.Sorted(maps.Keys(reached)) {
		if _, err := l.file.WriteAt(reached[sector], sector*sectorBytes); err != nil {
			return fmt.Errorf("tear a file: %w", err)
		}
	}
	return nil
}

// someSectors reads a random half of the sectors that unsynced writes touched.
func (l *fileLog) someSectors(random *rand.Rand) (map[int64][]byte, error) {
	kept, seen := map[int64][]byte{}, map[int64]bool{}
	for _, w := range l.writes {
		for sector := w.off / sectorBytes; sector*sectorBytes < w.off+w.length; sector++ {
			if seen[sector] {
				continue
			}
			seen[sector] = true
			if random.IntN(2) == 0 {
				continue
			}
			data := make([]byte, sectorBytes)
			n, err := l.file.ReadAt(data, sector*sectorBytes)
			if err != nil && err != io.EOF {
				return nil, fmt.Errorf("read a torn sector: %w", err)
			}
			kept[sector] = data[:n]
		}
	}
	return kept, nil
}
