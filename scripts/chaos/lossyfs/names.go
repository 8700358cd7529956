package lossyfs

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
)

// A nameOp is a change of names that is not synced in all the directories it
// touched.
type nameOp struct {
	pending []uint64     // inodes of those directories
	undo    func() error // called in the reverse order of the changes
	limbo   string       // what to remove when the change lasts; or empty
}

// names are the changes of names that are not synced, in their order. The disk's
// mu guards them; every method makes the change and notes the way back.
type names struct {
	limbo    string // files that were removed and may come back
	ops      []nameOp
	minted   int // names in limbo
	contents *contents
	counts   *Counts
}

func (n *names) create(path string, flags int, mode uint32) (*os.File, error) {
	_, err := os.Lstat(path)
	fresh := errors.Is(err, fs.ErrNotExist)
	// Data is cut off by a call that is undone, never by opening.
	file, err := os.OpenFile(path, flags&^(os.O_TRUNC|os.O_APPEND|os.O_WRONLY)|os.O_RDWR|os.O_CREATE, os.FileMode(mode))
	if err != nil {
		return nil, err
	}
	if fresh {
		return file, n.note(func() error { return os.RemoveAll(path) }, "", filepath.Dir(path))
	}
	if flags&os.O_TRUNC != 0 {
		if err := n.contents.beforeResize(int(file.Fd()), 0); err != nil {
			return nil, errors.Join(err, file.Close())
		}
		return file, file.Truncate(0)
	}
	return file, nil
}

func (n *names) mkdir(path string, mode uint32) error {
	if err := os.Mkdir(path, os.FileMode(mode)); err != nil {
		return err
	}
	return n.note(func() error { return os.RemoveAll(path) }, "", filepath.Dir(path))
}

func (n *names) unlink(path string) error {
	limbo := n.mint()
	if err := os.Rename(path, limbo); err != nil {
		return err
	}
	return n.note(func() error { return os.Rename(limbo, path) }, limbo, filepath.Dir(path))
}

func (n *names) rmdir(path string) error {
	if err := syscall.Rmdir(path); err != nil {
		return err
	}
	return n.note(func() error { return os.Mkdir(path, 0o700) }, "", filepath.Dir(path))
}

func (n *names) rename(from, to string) error {
	limbo := ""
	if st, err := os.Lstat(to); err == nil && st.Mode().IsRegular() {
		limbo = n.mint()
		if err := os.Link(to, limbo); err != nil {
			return err
		}
	}
	if err := syscall.Rename(from, to); err != nil {
		if limbo != "" {
			err = errors.Join(err, os.Remove(limbo))
		}
		return err
	}
	undo := func() error {
		if err := os.Rename(to, from); err != nil || limbo == "" {
			return err
		}
		return os.Rename(limbo, to)
	}
	return n.note(undo, limbo, filepath.Dir(from), filepath.Dir(to))
}

func (n *names) mint() string {
	n.minted++
	return filepath.Join(n.limbo, strconv.Itoa(n.minted))
}

func (n *names) note(undo func() error, limbo string, dirs ...string) error {
	op := nameOp{undo: undo, limbo: limbo}
	for _, dir := range dirs {
		var st syscall.Stat_t
		if err := syscall.Stat(dir, &st); err != nil {
			return fmt.Errorf("look at a directory: %w", err)
		}
		if !slices.Contains(op.pending, st.Ino) {
			op.pending = append(op.pending, st.Ino)
		}
	}
	n.ops = append(n.ops, op)
	return nil
}

// syncedDir makes the names of a directory last.
func (n *names) syncedDir(inode uint64) error {
	n.counts.Syncs++
	var errs []error
	kept := n.ops[:0]
	for _, op := range n.ops {
		op.pending = slices.DeleteFunc(op.pending, func(dir uint64) bool { return dir == inode })
		if len(op.pending) > 0 {
			kept = append(kept, op)
			continue
		}
		errs = append(errs, n.bury(op.limbo))
	}
	clear(n.ops[len(kept):])
	n.ops = kept
	return errors.Join(errs...)
}

// bury removes what lies in limbo, and with it the way back to its content.
func (n *names) bury(limbo string) error {
	if limbo == "" {
		return nil
	}
	var st syscall.Stat_t
	if err := syscall.Lstat(limbo, &st); err == nil && st.Nlink == 1 {
		n.contents.forget(st.Ino)
	}
	return os.Remove(limbo)
}

func (n *names) rollBack(random *rand.Rand, torn bool) error {
	reached := 0
	if torn && len(n.ops) > 0 {
		reached = random.IntN(len(n.ops) + 1)
	}
	for i, op := range slices.Backward(n.ops) {
		if i < reached {
			break
		}
		n.counts.Dropped++
		if err := op.undo(); err != nil {
			return fmt.Errorf("roll back a name: %w", err)
		}
	}
	n.ops = nil
	return nil
}
