package cluster

import (
	"errors"
	"sync/atomic"

	"github.com/rondohq/rondo/cluster/storage"
)

// A gate says whom Raft may speak with (standing.admit), and whether our own disk
// is blank: Raft has never written to it. It hears of who ended a connection.
type gate struct {
	disk    *storage.Disk
	written atomic.Bool // for ever, once true
	group   atomic.Pointer[Group]
}

var errStarting = errors.New("this node is starting")

// Admit implements wire.Gate.
func (g *gate) Admit(id string, blank bool) error {
	group := g.group.Load()
	if group == nil {
		return errStarting
	}
	return group.Members.standing.admit(id, blank)
}

// Blank implements wire.Gate. A disk that cannot be read is not a blank one.
func (g *gate) Blank() bool {
	if g.written.Load() {
		return false
	}
	if has, err := g.disk.HasState(); err != nil || has {
		g.written.Store(true)
		return false
	}
	return true
}

// Lost implements wire.Gate.
func (g *gate) Lost(id string) {
	if group := g.group.Load(); group != nil {
		group.heir.lost(id)
	}
}
