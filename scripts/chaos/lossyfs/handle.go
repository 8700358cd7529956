package lossyfs

import (
	"context"
	"os"
	"syscall"

	"github.com/hanwen/go-fuse/v2/fs"
	"github.com/hanwen/go-fuse/v2/fuse"
)

// A handle is an open file. It knows no locks: the kernel keeps them, since
// everybody who uses the disk is on this machine.
type handle struct {
	file *os.File
	disk *disk
}

// Read implements fs.FileReader.
func (h *handle) Read(_ context.Context, dest []byte, off int64) (fuse.ReadResult, syscall.Errno) {
	if errno := h.disk.faults.read(); errno != 0 {
		return nil, errno
	}
	return fuse.ReadResultFd(h.file.Fd(), off, len(dest)), 0
}

// Write implements fs.FileWriter.
func (h *handle) Write(_ context.Context, data []byte, off int64) (uint32, syscall.Errno) {
	written := 0
	errno := h.disk.change(true, func() error {
		err := h.disk.contents.beforeWrite(int(h.file.Fd()), off, int64(len(data)))
		if err == nil {
			written, err = h.file.WriteAt(data, off)
		}
		return err
	})
	return uint32(written), errno
}

// Allocate implements fs.FileAllocater. Space is not reserved; whoever needs it
// writes zeros then.
func (h *handle) Allocate(context.Context, uint64, uint64, uint32) syscall.Errno {
	return syscall.ENOTSUP
}

// Fsync implements fs.FileFsyncer. The backing file is not synced: the power that
// is cut is ours, not the machine's.
func (h *handle) Fsync(context.Context, uint32) syscall.Errno {
	return h.disk.change(false, func() error {
		var st syscall.Stat_t
		if err := syscall.Fstat(int(h.file.Fd()), &st); err != nil {
			return err
		}
		h.disk.contents.synced(st.Ino)
		return nil
	})
}

// Flush implements fs.FileFlusher: closing a file syncs nothing.
func (h *handle) Flush(context.Context) syscall.Errno { return 0 }

// Release implements fs.FileReleaser.
func (h *handle) Release(context.Context) syscall.Errno { return fs.ToErrno(h.file.Close()) }

// Getattr implements fs.FileGetattrer, for files that have lost their name.
func (h *handle) Getattr(_ context.Context, out *fuse.AttrOut) syscall.Errno {
	var st syscall.Stat_t
	if err := syscall.Fstat(int(h.file.Fd()), &st); err != nil {
		return fs.ToErrno(err)
	}
	out.FromStat(&st)
	return 0
}

// A dirHandle is an open directory.
type dirHandle struct {
	stream fs.DirStream
	node   *node
}

// Readdirent implements fs.FileReaddirenter.
func (h *dirHandle) Readdirent(context.Context) (*fuse.DirEntry, syscall.Errno) {
	if !h.stream.HasNext() {
		return nil, 0
	}
	entry, errno := h.stream.Next()
	return &entry, errno
}

// Seekdir implements fs.FileSeekdirer.
func (h *dirHandle) Seekdir(ctx context.Context, off uint64) syscall.Errno {
	seeker, ok := h.stream.(fs.FileSeekdirer)
	if !ok {
		return syscall.ENOTSUP
	}
	return seeker.Seekdir(ctx, off)
}

// Releasedir implements fs.FileReleasedirer.
func (h *dirHandle) Releasedir(context.Context, uint32) { h.stream.Close() }

// Fsyncdir implements fs.FileFsyncdirer.
func (h *dirHandle) Fsyncdir(context.Context, uint32) syscall.Errno {
	d := h.node.disk
	return d.change(false, func() error {
		var st syscall.Stat_t
		if err := syscall.Stat(h.node.path(), &st); err != nil {
			return err
		}
		return d.names.syncedDir(st.Ino)
	})
}
