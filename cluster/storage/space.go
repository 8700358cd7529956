//go:build darwin || freebsd || linux

package storage

import (
	"fmt"
	"syscall"
)

// spaceOf asks the volume of dir what this process may still write there.
func spaceOf(dir string) (Space, error) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(dir, &s); err != nil {
		return Space{}, fmt.Errorf("ask for the free space of %s: %w", dir, err)
	}
	size := uint64(s.Bsize)
	return Space{Free: uint64(s.Bavail) * size, Total: uint64(s.Blocks) * size, Known: true}, nil
}
