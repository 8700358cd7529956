package storage

import (
	"errors"
	"os"
	"path/filepath"
	"time"
)

const (
	canaryFile  = "canary"
	canaryEvery = 2 * time.Second
)

// A canary writes and syncs a few bytes every two seconds, so that a disk that
// hangs or fails is noticed on a node that has nothing to write: a leader on such
// a disk would go on telling its followers that all is well (hashicorp/raft#503).
type canary struct {
	stop  chan struct{}
	ended chan struct{}
}

// keepCanary starts one, under a guard. It ends by itself when a write fails.
func keepCanary(dir string, g *Guard) *canary {
	c := &canary{stop: make(chan struct{}), ended: make(chan struct{})}
	go func() {
		defer close(c.ended)
		ticker := time.NewTicker(canaryEvery)
		defer ticker.Stop()
		for {
			select {
			case <-ticker.C:
				if g.write("write canary", func() error { return sing(filepath.Join(dir, canaryFile)) }) != nil {
					return // the guard has said it
				}
			case <-c.stop:
				return
			}
		}
	}()
	return c
}

func sing(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY, fileMode)
	if err != nil {
		return err
	}
	_, err = f.WriteString("canary\n")
	return errors.Join(err, f.Sync(), f.Close())
}

// close waits for a write under way, unless the disk hangs.
func (c *canary) close() {
	close(c.stop)
	timer := time.NewTimer(canaryEvery)
	defer timer.Stop()
	select {
	case <-c.ended:
	case <-timer.C:
	}
}
