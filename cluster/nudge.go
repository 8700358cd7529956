package cluster

import (
	"sync"

	"github.com/hashicorp/raft"
)

// A nudger tells a follower at once what is committed. Raft tells it with the next
// entry, or when CommitTimeout is over; on a quiet cluster a call through a
// follower would wait for that, since it is answered when the follower has applied
// it: 90 ms instead of 2.
//
// What it sends is an AppendEntries of Raft without entries, which any leader may
// send at any time: the newest entry applied here stands for the one before and
// for the commit index, so a follower whose log differs there refuses it, as
// always. It is sent only by who leads in that very term.
type nudger struct {
	replica   *replica
	transport raft.Transport

	mu   sync.Mutex
	busy map[string]bool // nodes that are being told
}

// tell returns at once. A node that is being told already is told no more: the
// next time will do, and CommitTimeout is never far.
func (n *nudger) tell(id string) {
	target, ok := n.find(id)
	request, leads := n.request()
	if !ok || !leads || !n.begin(id) {
		return
	}
	go func() {
		defer n.end(id)
		var response raft.AppendEntriesResponse
		if err := n.transport.AppendEntries(target.ID, target.Address, request, &response); err != nil {
			return // Raft says enough about nodes that cannot be reached
		}
	}()
}

func (n *nudger) find(id string) (raft.Server, bool) {
	for _, s := range n.replica.servers() {
		if string(s.ID) == id && s.ID != n.replica.self {
			return s, true
		}
	}
	return raft.Server{}, false
}

// request is true for ever once it was true: the entry is committed, and no other
// node leads or has led in the term.
func (n *nudger) request() (*raft.AppendEntriesRequest, bool) {
	r := n.replica.raft
	term := r.CurrentTerm()
	leads := n.replica.leads()
	index, entryTerm := n.replica.machine.newest()
	if !leads || r.CurrentTerm() != term || index == 0 {
		return nil, false
	}
	address := n.transport.EncodePeer(n.replica.self, n.transport.LocalAddr())
	return &raft.AppendEntriesRequest{
		RPCHeader:         raft.RPCHeader{ProtocolVersion: raft.ProtocolVersionMax, ID: []byte(n.replica.self), Addr: address},
		Term:              term,
		Leader:            address,
		PrevLogEntry:      index,
		PrevLogTerm:       entryTerm,
		LeaderCommitIndex: index,
	}, true
}

func (n *nudger) begin(id string) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.busy[id] {
		return false
	}
	n.busy[id] = true
	return true
}

func (n *nudger) end(id string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.busy, id)
}
