package lossyfs

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"syscall"

	"github.com/hanwen/go-fuse/v2/fs"
	"github.com/hanwen/go-fuse/v2/fuse"
)

// Paths say where a disk is: Backing and Limbo on one file system, Mount where the
// database works, Control where Dial finds the process that serves it.
type Paths struct {
	Backing, Limbo, Mount, Control string
}

// An order is what a client tells the process: one thing, one JSON line.
type order struct {
	Faults *Faults `json:"faults,omitempty"`
	Cut    *cut    `json:"cut,omitempty"`
}

type cut struct {
	Seed uint64 `json:"seed"`
	Torn bool   `json:"torn"`
}

type reply struct {
	Counts Counts `json:"counts"`
	Error  string `json:"error,omitempty"`
}

// Serve mounts a disk and serves it until alive ends; then it unmounts. It writes
// "ready" and a line feed to ready once the disk may be used. The database must be
// another process.
func Serve(p Paths, alive io.Reader, ready io.Writer) (err error) {
	for _, dir := range []string{p.Backing, p.Limbo, p.Mount} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return fmt.Errorf("make the directories of a disk: %w", err)
		}
	}
	d := newDisk(p.Backing, p.Limbo)
	root := &fs.LoopbackRoot{Path: p.Backing}
	root.NewNode = func(data *fs.LoopbackRoot, _ *fs.Inode, _ string, _ *syscall.Stat_t) fs.InodeEmbedder {
		return &node{fs.LoopbackNode{RootData: data}, d}
	}
	top := root.NewNode(root, nil, "", nil)
	root.RootNode = top
	server, err := fs.Mount(p.Mount, top, &fs.Options{MountOptions: fuse.MountOptions{
		DirectMountStrict: true, FsName: p.Backing, Name: "lossyfs", MaxWrite: 1 << 20,
	}})
	if err != nil {
		return fmt.Errorf("mount a disk (root and /dev/fuse are needed): %w", err)
	}
	defer func() {
		d.faults.set(Faults{})
		if e := syscall.Unmount(p.Mount, syscall.MNT_DETACH); e != nil && !errors.Is(e, syscall.EINVAL) {
			err = errors.Join(err, fmt.Errorf("unmount %s: %w", p.Mount, e))
		}
	}()
	_ = os.Remove(p.Control) // of a process before this one
	listener, err := net.Listen("unix", p.Control)
	if err != nil {
		return fmt.Errorf("listen for orders: %w", err)
	}
	defer listener.Close()
	go d.obey(listener)
	if _, err := io.WriteString(ready, "ready\n"); err != nil {
		return fmt.Errorf("say that the disk is ready: %w", err)
	}
	_, _ = io.Copy(io.Discard, alive) // only its end counts
	_ = server
	return nil
}

// obey takes orders until the listener is closed.
func (d *disk) obey(listener net.Listener) {
	for {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		go func() {
			defer conn.Close()
			in, out := json.NewDecoder(conn), json.NewEncoder(conn)
			for {
				var o order
				if in.Decode(&o) != nil || out.Encode(d.do(o)) != nil {
					return
				}
			}
		}()
	}
}

func (d *disk) do(o order) reply {
	var err error
	switch {
	case o.Faults != nil:
		d.faults.set(*o.Faults)
	case o.Cut != nil:
		err = d.cut(o.Cut.Seed, o.Cut.Torn)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	r := reply{Counts: *d.counts}
	if err != nil {
		r.Error = err.Error()
	}
	return r
}
