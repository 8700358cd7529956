package cluster

import (
	"math"
	"sync/atomic"
	"time"

	"github.com/rondohq/rondo/fsm"
)

// Applied is the index that this node has applied in a group. Any goroutine may
// ask.
func Applied(g *Group) uint64 { return g.replica.machine.applied.now() }

// Age is how old Latest can be at most: everything that was acknowledged anywhere
// longer ago than that is in it. A call that has ended here tells that its
// beginning is behind us; how long ago a leader was heard does not, since a
// follower does not know what it has not received.
func Age(g *Group) time.Duration { return g.desk.behind.age() }

// Copy returns a state as new as Latest that is the caller's alone: it may apply
// entries to it, to see what would come of them, and nothing of that reaches the
// group. Each costs the machine some of its own copying afterwards, so whoever
// calls bounds how many there are at once. It may be called from any goroutine.
func Copy(g *Group) *fsm.State {
	m := g.replica.machine
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.state.Clone()
}

// A milestone is when the newest call began that this node has seen the end of.
type milestone struct{ at atomic.Pointer[time.Time] }

// reached notes the end of a call.
func (m *milestone) reached(began time.Time) {
	for at := m.at.Load(); at == nil || at.Before(began); at = m.at.Load() {
		if m.at.CompareAndSwap(at, &began) {
			return
		}
	}
}

func (m *milestone) age() time.Duration {
	at := m.at.Load()
	if at == nil {
		return math.MaxInt64
	}
	return time.Since(*at)
}
