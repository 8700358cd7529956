package cluster

import (
	"context"
	"maps"
	"sync"
	"time"

	"github.com/hashicorp/raft"
)

const (
	// nudgeLag is how many entries may be on their way to a node that is worth
	// telling; on a quiet cluster it is one.
	nudgeLag = 8

	// nudgeTries is how often it is told what it has not got yet.
	nudgeTries = 5

	// nudgePause is how long a node is left alone that lacks more than that, or that
	// was told in vain so often. It catches up with Raft's own calls, and logs a
	// warning for each of ours.
	nudgePause = 250 * time.Millisecond
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
	ctx       context.Context // ends when the group stops
	replica   *replica
	transport raft.Transport

	mu   sync.Mutex
	busy map[string]bool      // nodes that are being told; true: and have to be told again
	rest map[string]time.Time // nodes that were told in vain, and until when they are left alone
}

func newNudger(ctx context.Context, r *replica, t raft.Transport) *nudger {
	return &nudger{ctx: ctx, replica: r, transport: t, busy: map[string]bool{}, rest: map[string]time.Time{}}
}

// tell returns at once. A node that is being told already is told once more
// afterwards: what it is being told may be older.
func (n *nudger) tell(id string) {
	if !n.begin(id) {
		return
	}
	go func() {
		for once := true; once || n.again(id); once = false {
			n.send(id)
		}
	}()
}

// send tries again while the node has not got the entry yet: it may be committed
// by others, and still be on its way to this one. A node that lacks more, or that was
// told in vain, is left alone for a while. Raft tells it after CommitTimeout in any
// case.
func (n *nudger) send(id string) {
	if n.rests(id) {
		return
	}
	began := time.Now()
	for try := 0; try < nudgeTries && time.Since(began) < n.replica.timing.Commit && n.ctx.Err() == nil; try++ {
		sent := time.Now()
		target, ok := n.find(id)
		request, leads := n.request()
		if !ok || !leads {
			return
		}
		var response raft.AppendEntriesResponse
		err := n.transport.AppendEntries(target.ID, target.Address, request, &response)
		if err != nil || response.Success {
			return // Raft says enough about nodes that cannot be reached
		}
		if response.LastLog+nudgeLag < request.PrevLogEntry {
			break
		}
		sleep(n.ctx, max(time.Since(sent), time.Millisecond)) // what is under way takes as long as an answer
	}
	n.letRest(id)
}

func (n *nudger) rests(id string) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return time.Now().Before(n.rest[id])
}

// letRest forgets the others whose rest is over: nodes come and go.
func (n *nudger) letRest(id string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	now := time.Now()
	maps.DeleteFunc(n.rest, func(_ string, until time.Time) bool { return !now.Before(until) })
	n.rest[id] = now.Add(nudgePause)
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

// begin says whether nobody is telling the node anything.
func (n *nudger) begin(id string) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	_, busy := n.busy[id]
	n.busy[id] = busy
	return !busy
}

// again says whether there is more to tell, and otherwise ends it.
func (n *nudger) again(id string) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	more := n.busy[id]
	if more {
		n.busy[id] = false
	} else {
		delete(n.busy, id)
	}
	return more
}
