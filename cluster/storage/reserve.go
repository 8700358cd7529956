package storage

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// A Space is how full a volume is, in bytes.
type Space struct {
	Free, Total uint64
	Known       bool // false: this system or this disk does not say
}

// A Reserve is a file that takes up room which nobody needs, to be given back when
// the volume is nearly full: what an operator does then must still be written
// (raft.md 1.6). One goroutine uses it.
type Reserve struct {
	path  string
	bytes uint64
}

const reserveFile = "reserve"

// Held says whether the reserve is there.
func (r *Reserve) Held() bool {
	info, err := os.Stat(r.path)
	return err == nil && uint64(info.Size()) >= r.bytes
}

// Bytes is how large the reserve is when it is held.
func (r *Reserve) Bytes() uint64 { return r.bytes }

// Hold takes up the room, really, on every kind of volume. An error leaves nothing
// behind.
func (r *Reserve) Hold() error {
	if r.bytes == 0 || r.Held() {
		return nil
	}
	f, err := os.OpenFile(r.path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, fileMode)
	if err != nil {
		return fmt.Errorf("hold reserve: %w", err)
	}
	if err = errors.Join(allocate(f, r.bytes), f.Close()); err != nil {
		return errors.Join(fmt.Errorf("hold reserve: %w", err), r.Release())
	}
	return nil
}

func writeZeros(f *os.File, bytes uint64) error {
	piece := make([]byte, 1<<20)
	for bytes > 0 {
		n, err := f.Write(piece[:min(bytes, uint64(len(piece)))])
		if err != nil {
			return err
		}
		bytes -= uint64(n)
	}
	return nil
}

// Release gives the room back.
func (r *Reserve) Release() error {
	if err := os.Remove(r.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("release reserve: %w", err)
	}
	return nil
}

// Space returns how full the volume of this disk is.
func (d *Disk) Space() (Space, error) { return d.space() }

// Reserve returns the reserve file of this disk, which is not held yet; nil for a
// disk in memory.
func (d *Disk) Reserve(bytes uint64) *Reserve {
	if d.dir == "" {
		return nil
	}
	return &Reserve{filepath.Join(d.dir, reserveFile), bytes}
}
