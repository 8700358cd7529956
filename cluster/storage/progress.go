package storage

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/go-hclog"
)

// progressEvery is how often a snapshot on its way is told in the log.
const progressEvery = 2 * time.Second

// What happens to a snapshot that is on its way.
const (
	Sending   = "sending a snapshot to a follower"
	Loading   = "loading a snapshot"
	Receiving = "receiving a snapshot from the leader"
	Writing   = "writing a snapshot"
)

// Progress tells what a disk is busy with for long: its opening, and every snapshot
// that is written, read, sent or received. Its methods may be called from any
// goroutine; it never blocks for anything but its own lock. There is one for each
// disk, and it may be made and looked at before the disk is open.
type Progress struct {
	logger hclog.Logger

	mu       sync.Mutex
	step     string
	passages []*passage
	expected int64 // size of the next snapshot that the leader sends; 0: not known
}

// A passage is a snapshot on its way.
type passage struct {
	what  string
	bytes int64
	size  int64 // 0: not known
	began time.Time
	told  time.Time
}

// NewProgress tells logger what takes long; it may be nil.
func NewProgress(logger hclog.Logger) *Progress {
	if logger == nil {
		logger = hclog.NewNullLogger()
	}
	return &Progress{logger: logger}
}

// Step says what is done until the next step, "" for nothing.
func (p *Progress) Step(what string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.step = what
}

// Expect says how large the snapshot is that the leader sends next.
func (p *Progress) Expect(bytes int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.expected = bytes
}

// Now describes the step, if there is one, and all snapshots on their way: how many
// bytes of how many, how fast, and how long it will take. It is "" when nothing
// takes long. Replacing says whether one of them is about to replace what this node
// has, so that what it has is old.
func (p *Progress) Now() (text string, replacing bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	var parts []string
	if p.step != "" {
		parts = append(parts, p.step)
	}
	for _, s := range p.passages {
		parts = append(parts, s.String())
		replacing = replacing || s.what == Loading || s.what == Receiving
	}
	return strings.Join(parts, "; "), replacing
}

// String describes a passage; the caller holds the lock.
func (s *passage) String() string {
	const mib = 1 << 20
	took := time.Since(s.began)
	rate := float64(s.bytes) / max(took.Seconds(), 0.001)
	if s.size <= 0 {
		return fmt.Sprintf("%s: %.1f MiB, %.1f MiB a second", s.what, float64(s.bytes)/mib, rate/mib)
	}
	text := fmt.Sprintf("%s: %.1f of %.1f MiB, %.1f MiB a second", s.what, float64(s.bytes)/mib, float64(s.size)/mib, rate/mib)
	if left := s.size - s.bytes; s.bytes > 0 && left > 0 {
		text += fmt.Sprintf(", about %s left", time.Duration(float64(left)/rate*float64(time.Second)).Round(time.Second))
	}
	return text
}

// begin counts a new passage. A size of 0 is not known.
func (p *Progress) begin(what string, size int64) *passage {
	now := time.Now()
	s := &passage{what: what, size: size, began: now, told: now}
	p.mu.Lock()
	defer p.mu.Unlock()
	if what == Receiving {
		s.size, p.expected = p.expected, 0
	}
	p.passages = append(p.passages, s)
	return s
}

// turn corrects what a passage is, once that is known.
func (p *Progress) turn(s *passage, what string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if what == Writing {
		s.size = 0 // what was expected is another one
	}
	s.what = what
}

// add counts bytes, and tells of a passage that takes long. It is called by the
// goroutine that moves them, so a passage that hangs is silent in the log, and
// still on /readyz.
func (p *Progress) add(s *passage, n int) {
	p.mu.Lock()
	s.bytes += int64(n)
	tell := time.Since(s.told) >= progressEvery
	text := ""
	if tell {
		s.told = time.Now()
		text = s.String()
	}
	p.mu.Unlock()
	if tell {
		p.logger.Info("a snapshot is on its way", "progress", text)
	}
}

// end forgets a passage; a second call does nothing.
func (p *Progress) end(s *passage) {
	p.mu.Lock()
	long := s.told.After(s.began) && slices.Contains(p.passages, s)
	p.passages = slices.DeleteFunc(p.passages, func(other *passage) bool { return other == s })
	text, took := s.String(), time.Since(s.began)
	p.mu.Unlock()
	if long {
		p.logger.Info("a snapshot is through", "progress", text, "took", took.Round(time.Millisecond))
	}
}
