package cluster

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/raft"
)

const (
	transferTries = 3

	// transferLag is how many entries a successor may be behind.
	transferLag = 64
)

// ErrNoSuccessor says that no other voter is reachable and caught up.
var ErrNoSuccessor = errors.New("no other voter is reachable and caught up")

// A handover gives leadership to another node. Raft's own choice is not used: it
// may pick a dead peer that it has never reached (raft.md 1.6).
type handover struct {
	replica *replica
	peers   *peerage
	leader  *leaderWatch
	logger  hclog.Logger

	stuck stuckTransfers
}

// stuckTransfers are those to nodes that did not take the last of the log in time,
// in one term of Raft.
//
// A second one to such a node may wait for ever for a goroutine of Raft that has
// ended with the term, and then this node, should it lead again, refuses every
// entry because a transfer is in progress: a leader that cannot write. Only a
// restart cures it. So there is no second one.
type stuckTransfers struct {
	mu   sync.Mutex
	term uint64
	to   []string
}

func (s *stuckTransfers) add(term uint64, to string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if term != s.term {
		s.term, s.to = term, nil
	}
	s.to = append(s.to, to)
}

func (s *stuckTransfers) has(term uint64, to string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return term == s.term && slices.Contains(s.to, to)
}

// transfer is Group.Transfer. Of the voters that answer and are caught up it
// takes the one with the most of the log that suits says yes to.
func (h *handover) transfer(ctx context.Context, suits func(report) bool) error {
	var err error
	for range transferTries {
		if !h.replica.leads() {
			return nil
		}
		if err = h.transferOnce(ctx, suits); err == nil || ctx.Err() != nil {
			return err
		}
		sleep(ctx, 10*retryPause)
	}
	return err
}

func (h *handover) transferOnce(ctx context.Context, suits func(report) bool) error {
	term := h.replica.raft.CurrentTerm()
	successor, ok := h.successor(ctx, func(r report) bool { return suits(r) && !h.stuck.has(term, r.peer.id) })
	if !ok {
		return ErrNoSuccessor
	}
	changed := h.leader.next()
	future := h.replica.raft.LeadershipTransferToServer(raft.ServerID(successor.id), raft.ServerAddress(successor.address))
	if err := h.replica.await(ctx, future); err != nil {
		if !notAppended(err) { // those say that the transfer was not begun
			h.stuck.add(term, successor.id)
		}
		return fmt.Errorf("transfer leadership to %s: %w", successor.id, err)
	}
	select {
	case <-changed:
		h.logger.Info("leadership handed over", "to", successor.id)
		return nil
	case <-ctx.Done():
		return fmt.Errorf("transfer leadership to %s: %w", successor.id, ctx.Err())
	}
}

// successor does not wait for the slowest: who has the whole log is good enough.
func (h *handover) successor(ctx context.Context, suits func(report) bool) (best peer, found bool) {
	last, most := h.replica.raft.LastIndex(), uint64(0)
	ctx, cancel := context.WithTimeout(ctx, statsPatience)
	defer cancel()
	answers, asked, _ := h.peers.voters(ctx)
	for range asked {
		select {
		case a := <-answers:
			switch {
			case a.err != nil, a.stats.LastIndex+transferLag < last, !suits(a):
			case a.stats.LastIndex >= last:
				return a.peer, true
			case !found || a.stats.LastIndex > most:
				best, found, most = a.peer, true, a.stats.LastIndex
			}
		case <-ctx.Done():
			return best, found
		}
	}
	return best, found
}

func anybody(report) bool { return true }
