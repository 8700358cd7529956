package lossyfs

import (
	"sync"
	"syscall"
	"time"
)

// Faults are what is wrong with a disk now. The zero value is a healthy disk.
type Faults struct {
	DelayMs int  `json:"delay_ms"` // before each write and sync
	Full    bool `json:"full"`     // what needs space fails with ENOSPC
	Hang    bool `json:"hang"`     // nothing that changes the disk returns
}

// faults holds them for the calls that come in.
type faults struct {
	mu   sync.Mutex
	now  Faults
	hung chan struct{} // closed when the disk does not hang any more; nil: it does not
	dead bool
}

func (f *faults) set(now Faults) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.now = now
	switch {
	case now.Hang && f.hung == nil:
		f.hung = make(chan struct{})
	case !now.Hang && f.hung != nil:
		close(f.hung)
		f.hung = nil
	}
}

// die makes every call fail from now on, those that hang included.
func (f *faults) die() {
	f.set(Faults{})
	f.mu.Lock()
	defer f.mu.Unlock()
	f.dead = true
}

// change is called before anything that changes the disk, without any lock held.
func (f *faults) change(needsSpace bool) syscall.Errno {
	f.mu.Lock()
	hung, delay := f.hung, time.Duration(f.now.DelayMs)*time.Millisecond
	f.mu.Unlock()
	if hung != nil {
		<-hung
	}
	if delay > 0 {
		<-time.After(delay)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case f.dead:
		return syscall.EIO
	case f.now.Full && needsSpace:
		return syscall.ENOSPC
	default:
		return 0
	}
}

// read is called before anything that reads.
func (f *faults) read() syscall.Errno {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.dead {
		return syscall.EIO
	}
	return 0
}
