//go:build !(darwin || freebsd || linux)

package storage

// spaceOf does not know: a full disk is then noticed by the write that fails.
func spaceOf(string) (Space, error) { return Space{}, nil }
