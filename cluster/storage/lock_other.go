//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package storage

import "errors"

// ErrLocked: another process has the data directory open.
var ErrLocked = errors.New("data directory is in use")

// dirLock has nothing to hold where there is no flock: there bolt's own lock
// on raft.db keeps a second process out, without naming the first one.
type dirLock struct{}

func lockDir(string) (*dirLock, error) { return &dirLock{}, nil }

func (*dirLock) release() error { return nil }
