package gossip

import (
	"sync"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/memberlist"
)

const maxMembers = 1024

// table is what gossip has heard. Memberlist calls it with locks of its own
// held, so it only notes, and wakes the publishing goroutine.
type table struct {
	silent
	self    string
	logger  hclog.Logger
	changed chan struct{}

	mu       sync.Mutex
	own      Meta
	address  string
	promised []byte
	nodes    map[string]Meta
}

func newTable(self string, logger hclog.Logger) *table {
	return &table{self: self, logger: logger, changed: make(chan struct{}, 1), nodes: map[string]Meta{}}
}

// setOwn makes sure that what NodeMeta returns later fits, hash included.
func (t *table) setOwn(m Meta) error {
	m.ID = t.self
	m.SeenHash = make([]byte, seenHashBytes)
	if _, err := m.encode(); err != nil {
		return err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	m.SeenHash = t.own.SeenHash
	t.own = m
	return nil
}

func (t *table) ownAddress() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.address
}

func (t *table) members() []Meta {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.sorted()
}

// sorted wants the mutex held. Of ourselves it says what we tell from now on,
// which gossip may not have brought back yet.
func (t *table) sorted() []Meta {
	metas := make([]Meta, 0, len(t.nodes))
	for id, m := range t.nodes {
		if id == t.self {
			m = t.own
		}
		metas = append(metas, m)
	}
	return sortedByID(metas)
}

// show puts the hash of what we see, or what we have promised, into what we
// tell, and returns that.
func (t *table) show() []byte {
	t.mu.Lock()
	t.own.SeenHash, t.promised = Show(t.promised, t.own.Expect, t.sorted())
	t.mu.Unlock()
	return t.NodeMeta(MaxMetaBytes)
}

func (t *table) tell() {
	select {
	case t.changed <- struct{}{}:
	default:
	}
}

func (t *table) note(n *memberlist.Node) {
	m, err := decodeMeta(n.Meta)
	if err != nil || m.ID != n.Name {
		t.logger.Warn("cannot read what a node tells about itself; is it of another version?", "node", n.Name, "error", err)
		// It is there, and has to be counted.
		m = Meta{ID: n.Name}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if _, known := t.nodes[n.Name]; !known && len(t.nodes) >= maxMembers {
		t.logger.Warn("too many nodes in gossip; ignored one", "node", n.Name, "max", maxMembers)
		return
	}
	if n.Name == t.self {
		// Only in here is a node of memberlist safe to read.
		t.address = n.Address()
	}
	t.nodes[n.Name] = m
	t.tell()
}

// NotifyJoin is called by memberlist.
func (t *table) NotifyJoin(n *memberlist.Node) { t.note(n) }

// NotifyUpdate is called by memberlist.
func (t *table) NotifyUpdate(n *memberlist.Node) { t.note(n) }

// NotifyLeave is called by memberlist, for the dead as well.
func (t *table) NotifyLeave(n *memberlist.Node) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.nodes, n.Name)
	t.tell()
}

// NotifyConflict is called by memberlist.
func (t *table) NotifyConflict(existing, other *memberlist.Node) {
	t.logger.Error("two nodes use the same id; stop one and give it an id of its own", "node", existing.Name, "address", existing.Address(), "other_address", other.Address())
}

// NodeMeta is called by memberlist.
func (t *table) NodeMeta(limit int) []byte {
	t.mu.Lock()
	defer t.mu.Unlock()
	raw, err := t.own.encode()
	if err != nil || len(raw) > limit {
		// setOwn has seen to it that this cannot happen.
		t.logger.Error("cannot tell the others about this node", "error", err)
		return nil
	}
	return raw
}

// silent is the part of memberlist.Delegate that nothing is sent through.
type silent struct{}

func (silent) NotifyMsg([]byte)                {}
func (silent) GetBroadcasts(int, int) [][]byte { return nil }
func (silent) LocalState(bool) []byte          { return nil }
func (silent) MergeRemoteState([]byte, bool)   {}
