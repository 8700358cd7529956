package lossyfs

import (
	"context"
	"os"
	"path/filepath"
	"syscall"

	"github.com/hanwen/go-fuse/v2/fs"
	"github.com/hanwen/go-fuse/v2/fuse"
)

// A node is a file or directory. What changes nothing is LoopbackNode's work;
// links and the like are refused, or they would change the disk behind our back.
type node struct {
	fs.LoopbackNode
	disk *disk
}

func (n *node) path(names ...string) string {
	return filepath.Join(append([]string{n.disk.backing, n.Path(n.Root())}, names...)...)
}

// change runs a change of the disk, unless a fault forbids it.
func (d *disk) change(needsSpace bool, do func() error) syscall.Errno {
	if errno := d.faults.change(needsSpace); errno != 0 {
		return errno
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if errno := d.faults.read(); errno != 0 { // the power may have been cut meanwhile
		return errno
	}
	return fs.ToErrno(do())
}

// Create implements fs.NodeCreater.
func (n *node) Create(ctx context.Context, name string, flags, mode uint32, out *fuse.EntryOut) (*fs.Inode, fs.FileHandle, uint32, syscall.Errno) {
	var file *os.File
	errno := n.disk.change(true, func() (err error) {
		file, err = n.disk.names.create(n.path(name), int(flags), mode)
		return err
	})
	if errno != 0 {
		return nil, nil, 0, errno
	}
	child, errno := n.LoopbackNode.Lookup(ctx, name, out)
	if errno != 0 {
		_ = file.Close()
		return nil, nil, 0, errno
	}
	return child, &handle{file, n.disk}, 0, 0
}

// Open implements fs.NodeOpener.
func (n *node) Open(_ context.Context, flags uint32) (fs.FileHandle, uint32, syscall.Errno) {
	if flags&syscall.O_ACCMODE == syscall.O_RDONLY {
		file, err := os.Open(n.path())
		return &handle{file, n.disk}, 0, fs.ToErrno(err)
	}
	var file *os.File
	errno := n.disk.change(false, func() (err error) {
		file, err = n.disk.names.create(n.path(), int(flags), 0o600)
		return err
	})
	return &handle{file, n.disk}, 0, errno
}

// Mkdir implements fs.NodeMkdirer.
func (n *node) Mkdir(ctx context.Context, name string, mode uint32, out *fuse.EntryOut) (*fs.Inode, syscall.Errno) {
	if errno := n.disk.change(true, func() error { return n.disk.names.mkdir(n.path(name), mode) }); errno != 0 {
		return nil, errno
	}
	return n.LoopbackNode.Lookup(ctx, name, out)
}

// Unlink implements fs.NodeUnlinker.
func (n *node) Unlink(_ context.Context, name string) syscall.Errno {
	return n.disk.change(false, func() error { return n.disk.names.unlink(n.path(name)) })
}

// Rmdir implements fs.NodeRmdirer.
func (n *node) Rmdir(_ context.Context, name string) syscall.Errno {
	return n.disk.change(false, func() error { return n.disk.names.rmdir(n.path(name)) })
}

// Rename implements fs.NodeRenamer.
func (n *node) Rename(_ context.Context, name string, parent fs.InodeEmbedder, newName string, flags uint32) syscall.Errno {
	to, ours := parent.(*node)
	if !ours || flags != 0 {
		return syscall.ENOTSUP
	}
	return n.disk.change(false, func() error { return n.disk.names.rename(n.path(name), to.path(newName)) })
}

// Setattr implements fs.NodeSetattrer.
func (n *node) Setattr(ctx context.Context, f fs.FileHandle, in *fuse.SetAttrIn, out *fuse.AttrOut) syscall.Errno {
	if size, ok := in.GetSize(); ok {
		errno := n.disk.change(true, func() error {
			file, err := os.OpenFile(n.path(), os.O_RDWR, 0)
			if err != nil {
				return err
			}
			defer file.Close()
			if err := n.disk.contents.beforeResize(int(file.Fd()), int64(size)); err != nil {
				return err
			}
			return file.Truncate(int64(size))
		})
		if errno != 0 {
			return errno
		}
		in.Valid &^= fuse.FATTR_SIZE
	}
	return n.LoopbackNode.Setattr(ctx, nil, in, out)
}

// OpendirHandle implements fs.NodeOpendirHandler.
func (n *node) OpendirHandle(context.Context, uint32) (fs.FileHandle, uint32, syscall.Errno) {
	if errno := n.disk.faults.read(); errno != 0 {
		return nil, 0, errno
	}
	stream, errno := fs.NewLoopbackDirStream(n.path())
	return &dirHandle{stream, n}, 0, errno
}

// The calls that nobody here needs.

// Link implements fs.NodeLinker.
func (n *node) Link(context.Context, fs.InodeEmbedder, string, *fuse.EntryOut) (*fs.Inode, syscall.Errno) {
	return nil, syscall.ENOTSUP
}

// Symlink implements fs.NodeSymlinker.
func (n *node) Symlink(context.Context, string, string, *fuse.EntryOut) (*fs.Inode, syscall.Errno) {
	return nil, syscall.ENOTSUP
}
