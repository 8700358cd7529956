package cluster

import (
	"context"
	"fmt"

	"github.com/hashicorp/raft"
)

// A ballot stands between the transport and Raft and lets a blank node vote for
// nobody but a founder: an empty disk cannot tell a node that is new from one that
// has voted and acknowledged and was wiped since, and a vote of the latter can
// elect a leader without what was acknowledged. A blank node is asked for its vote
// legitimately only before the cluster has any history; later it gets the log
// first. Who has a row in the node table is refused already (standing.admit); this
// is for candidates that are too far behind to know.
//
// The transport is embedded as it is, so that Raft finds all its optional
// interfaces (raft.md 1.5).
type ballot struct {
	*raft.NetworkTransport
	blank  func() bool
	expect func(bytes int64) // told the size of a snapshot that begins to come
	rpcs   chan raft.RPC
	done   <-chan struct{}
}

// foundersIndex is the index of the only entry a founder has: the configuration.
const foundersIndex = 1

func newBallot(t *raft.NetworkTransport, blank func() bool, expect func(int64), done <-chan struct{}) *ballot {
	return &ballot{t, blank, expect, make(chan raft.RPC), done}
}

// Consumer implements raft.Transport.
func (b *ballot) Consumer() <-chan raft.RPC { return b.rpcs }

// run passes on what comes in, until done.
func (b *ballot) run() {
	for {
		select {
		case rpc := <-b.NetworkTransport.Consumer():
			if b.refuses(rpc) {
				continue
			}
			select {
			case b.rpcs <- rpc:
			case <-b.done:
				return
			}
		case <-b.done:
			return
		}
	}
}

// stand makes our own Raft stand for election at once, without a pre-vote, and
// returns when it does: it is told what a leader tells its successor. A leader that
// is told so steps down, so whoever calls knows that this node does not lead.
func (b *ballot) stand(ctx context.Context) error {
	answer := make(chan raft.RPCResponse, 1)
	header := raft.RPCHeader{ProtocolVersion: raft.ProtocolVersionMax}
	select {
	case b.rpcs <- raft.RPC{Command: &raft.TimeoutNowRequest{RPCHeader: header}, RespChan: answer}:
	case <-b.done:
		return errStopping
	case <-ctx.Done():
		return fmt.Errorf("tell Raft to stand for election: %w", ctx.Err())
	}
	select {
	case a := <-answer:
		return a.Error
	case <-b.done:
		return errStopping
	}
}

// refuses answers a request for a vote with no, if it must.
func (b *ballot) refuses(rpc raft.RPC) bool {
	switch request := rpc.Command.(type) {
	case *raft.InstallSnapshotRequest:
		b.expect(request.Size)
	case *raft.RequestVoteRequest:
		if request.LastLogIndex > foundersIndex && b.blank() {
			rpc.Respond(&raft.RequestVoteResponse{RPCHeader: request.RPCHeader, Term: request.Term}, nil)
			return true
		}
	case *raft.RequestPreVoteRequest:
		if request.LastLogIndex > foundersIndex && b.blank() {
			rpc.Respond(&raft.RequestPreVoteResponse{RPCHeader: request.RPCHeader, Term: request.Term}, nil)
			return true
		}
	}
	return false
}
