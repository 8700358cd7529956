package cluster

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/rondohq/rondo/fsm"
)

// A standing is whether this node may take part. A node that was removed, or whose
// disk was emptied while its id is in use, is told so by the others, and says it
// and serves no more. It never concludes that from a configuration it reads in its
// own log: while it catches up, the log speaks of times before it was added
// (hashicorp/vault#32099).
type standing struct {
	self    fsm.NodeID
	replica *replica
	peers   *peerage
	office  *office
	options MembersOptions
	rumours *rumours
	logger  hclog.Logger

	lost atomic.Pointer[Refusal]
}

const (
	standingEvery = time.Second

	// What a node tells another about it.
	askerKnown     = 1 // it has announced itself, and is a member
	askerForgotten = 2 // it was removed
)

// reason is Members.Standing.
func (s *standing) reason() error {
	if no := s.lost.Load(); no != nil {
		return no
	}
	return nil
}

func (s *standing) check() Check {
	if no := s.lost.Load(); no != nil {
		return Check{"membership", false, no.detail}
	}
	return Check{"membership", true, "this node was not removed"}
}

// Why Raft is kept from a node; Raft logs them five times a second, so they are
// short. What to do stands in the node's own log and in the list of nodes.
var (
	errRemovedPeer = errors.New("the node was removed from the cluster")
	errWipedPeer   = errors.New("the node is a member and its disk is empty")
	errUnsure      = errors.New("the node's disk is empty, and whether it always was is not known here yet")
)

// admit is gate.Admit: Raft does not speak with a node that was removed,
// or that has forgotten what it voted and acknowledged. A founder speaks with
// blank nodes before there is any history, a leader in office with those that have
// never announced themselves, and nobody else with any.
func (s *standing) admit(id string, blank bool) error {
	row, ok := s.replica.machine.Latest().Nodes.Get(fsm.NodeID(id))
	switch {
	case row.Forgotten:
		return errRemovedPeer
	case !blank:
		return nil
	case ok:
		return errWipedPeer
	case s.replica.raft.LastIndex() > foundersIndex && !s.office.ready():
		return errUnsure
	}
	return nil
}

func removedNode(id string) *Refusal {
	return refusal(CodeNotMember, "%s was removed from its cluster: stop it. To bring the machine back, start it with an empty data directory and a new node_id (node_id = \"auto\" finds one)", id)
}

// tell is what this node says of another that asks it.
func (s *standing) tell(asker string) uint8 {
	row, ok := s.replica.machine.Latest().Nodes.Get(fsm.NodeID(asker))
	switch {
	case !ok:
		return 0
	case row.Forgotten:
		return askerForgotten
	default:
		return askerKnown
	}
}

// run goes on until it has found that this node is out, or ctx ends.
func (s *standing) run(ctx context.Context) {
	for ctx.Err() == nil && s.lost.Load() == nil {
		if no := s.look(ctx); no != nil {
			s.lost.Store(no)
			s.logger.Error("this node takes no part any more", "reason", no.code, "detail", no.detail)
			return
		}
		sleep(ctx, standingEvery)
	}
}

func (s *standing) look(ctx context.Context) *Refusal {
	if s.replica.machine.Latest().Nodes.IsForgotten(s.self) {
		return removedNode(string(s.self))
	}
	_, leader := s.replica.raft.LeaderWithID()
	if leader != "" && time.Since(s.replica.raft.LastContact()) < staleContact || s.replica.leads() {
		return nil
	}
	blank := s.options.Blank() // before they are asked: they may fill it
	for _, told := range s.askAll(ctx) {
		switch {
		case told == askerForgotten:
			return removedNode(string(s.self))
		case told == askerKnown && blank:
			return wiped(string(s.self))
		}
	}
	return nil
}

// askAll asks everybody it can think of what they know of this node.
func (s *standing) askAll(ctx context.Context) []uint8 {
	addresses := map[string]bool{}
	for _, a := range s.options.Known() {
		addresses[a] = true
	}
	for _, heard := range s.rumours.list() {
		addresses[heard.address] = true
	}
	for _, server := range s.replica.servers() {
		if server.ID != s.replica.self {
			addresses[string(server.Address)] = true
		}
	}
	for row := range s.replica.machine.Latest().Nodes.All() {
		if !row.Forgotten && row.ID != s.self {
			addresses[row.Cluster] = true
		}
	}
	var mu sync.Mutex
	var told []uint8
	var asking sync.WaitGroup
	for a := range addresses {
		asking.Go(func() {
			if stats, err := s.peers.stats(ctx, a); err == nil {
				mu.Lock()
				defer mu.Unlock()
				told = append(told, stats.More.Asker)
			}
		})
	}
	asking.Wait()
	return told
}
