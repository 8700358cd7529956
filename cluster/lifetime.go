package cluster

import (
	"context"
	"sync"
	"time"
)

// A lifetime is how long the parts of a group run: each has a goroutine or two,
// which end when it does.
type lifetime struct {
	ctx     context.Context
	end     context.CancelFunc
	running sync.WaitGroup
}

func newLifetime() *lifetime {
	ctx, cancel := context.WithCancel(context.Background())
	return &lifetime{ctx: ctx, end: cancel}
}

// sleep returns after d, or when ctx ends.
func sleep(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// within runs f and says whether it has ended in time. If it has not, its
// goroutine stays behind: only for what a process does on its way out.
func within(d time.Duration, f func()) bool {
	done := make(chan struct{})
	go func() {
		f()
		close(done)
	}()
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-done:
		return true
	case <-timer.C:
		return false
	}
}
