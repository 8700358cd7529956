package storage

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// makeDir makes a directory and whatever is missing above it, so that they are
// still there after a power loss: the name of a directory is an entry of its
// parent, and lasts only once the parent is synced.
func makeDir(dir string) error {
	dir = filepath.Clean(dir)
	parents := []string{filepath.Dir(dir)} // always: an earlier process may have died before it synced
	for at := parents[0]; at != filepath.Dir(at); at = filepath.Dir(at) {
		if _, err := os.Stat(at); !errors.Is(err, fs.ErrNotExist) {
			break
		}
		parents = append(parents, filepath.Dir(at))
	}
	if err := os.MkdirAll(dir, dirMode); err != nil {
		return fmt.Errorf("make data directory: %w", err)
	}
	for _, parent := range parents {
		// Who may not read the parent did not make the directory, either.
		if err := syncDir(parent); err != nil && !errors.Is(err, fs.ErrPermission) {
			return fmt.Errorf("make data directory: %w", err)
		}
	}
	return nil
}
