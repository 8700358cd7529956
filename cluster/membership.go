package cluster

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/raft"

	"github.com/rondohq/rondo/cluster/storage"
	"github.com/rondohq/rondo/cluster/wire"
	"github.com/rondohq/rondo/fsm"
)

// A membership changes Raft's configuration on the leader, one change at a time.
// Every change names the configuration it was decided on, so that one decided by a
// leader that is none any more fails.
type membership struct {
	replica  *replica
	disk     *storage.Disk
	peers    *peerage
	office   *office
	desk     *desk
	handover *handover
	book     *book
	logger   hclog.Logger
	turn     chan struct{} // has room for the one who changes something
}

// carryOut is for the leader in office.
func (m *membership) carryOut(ctx context.Context, r memberRequest) (memberAnswer, error) {
	if !m.leads() {
		return memberAnswer{}, errNotReady
	}
	select {
	case m.turn <- struct{}{}:
		defer func() { <-m.turn }()
	case <-ctx.Done():
		return memberAnswer{}, fmt.Errorf("another change is under way: %w", ctx.Err())
	}
	switch r.Act {
	case actAdd:
		return m.add(ctx, r.ID, r.Address)
	case actRemove:
		return m.remove(ctx, r.ID)
	case actTransfer:
		return m.transfer(ctx, r.ID)
	default:
		return memberAnswer{}, refusal(CodeMalformed, "the leader does not know request %d: upgrade every node", r.Act)
	}
}

func (m *membership) leads() bool { return m.office.ready() && m.replica.leads() }

// add makes sure of who is there before anything is written.
func (m *membership) add(ctx context.Context, id, address string) (memberAnswer, error) {
	if _, port, err := net.SplitHostPort(address); address == "" || len(address) > fsm.MaxAddressBytes || err == nil && port == "" {
		return memberAnswer{}, refusal(CodeMalformed, "address: %q is not host:port of a cluster port, such as 10.0.0.4:4601", address)
	}
	found, err := m.peers.stats(ctx, address)
	switch {
	case errors.Is(err, wire.ErrOtherCluster):
		return memberAnswer{}, refusal(CodeOtherCluster, "the node at %s belongs to another cluster: start it with an empty data directory and a new node_id", address)
	case err != nil:
		return memberAnswer{}, refusal(CodeUnreachable, "no node answers at %s: start it first, and check its cluster.listen and cluster.advertise (%v)", address, err)
	case id != "" && id != found.NodeID:
		return memberAnswer{}, refusal(CodeIDTaken, "the node at %s is %q, not %q", address, found.NodeID, id)
	}
	servers := m.replica.servers()
	for _, s := range servers {
		if string(s.ID) == found.NodeID {
			return memberAnswer{ID: found.NodeID}, m.readdress(ctx, s, address, found)
		}
	}
	if no := m.stranger(servers, address, found); no != nil {
		return memberAnswer{}, no
	}
	if err := m.change(ctx, func(index uint64) raft.IndexFuture {
		return m.replica.raft.AddNonvoter(raft.ServerID(found.NodeID), raft.ServerAddress(address), index, enqueuePatience)
	}); err != nil {
		return memberAnswer{}, fmt.Errorf("add %s: %w", found.NodeID, err)
	}
	m.logger.Info("added a node, without a vote until it is stable", "id", found.NodeID, "address", address)
	return memberAnswer{ID: found.NodeID}, nil
}

// stranger returns why a node that is no member must not become one, or nil.
func (m *membership) stranger(servers []raft.Server, address string, found Stats) *Refusal {
	id := found.NodeID
	switch {
	case m.replica.machine.Latest().Nodes.IsForgotten(fsm.NodeID(id)):
		return refusal(CodeNodeRemoved, "%s was removed from this cluster for good: start the machine with an empty data directory and a new node_id (node_id = \"auto\" finds one)", id)
	case found.HasState:
		return refusal(CodeNodeHasState, "%s at %s has state of an earlier life: start it with an empty data directory and a new node_id", id, address)
	case len(servers) >= MaxServers:
		return refusal(CodeTooManyServers, "there are %d nodes, at most %d are allowed: remove one first", len(servers), MaxServers)
	}
	for _, s := range servers {
		if string(s.Address) == address {
			return refusal(CodeAddressTaken, "%s is the address of member %s: remove it first, or give %s another address", address, s.ID, id)
		}
	}
	return nil
}

// readdress follows a member that answers at a new address with its old disk.
func (m *membership) readdress(ctx context.Context, s raft.Server, address string, found Stats) error {
	id := string(s.ID)
	if _, known := m.replica.machine.Latest().Nodes.Known(fsm.NodeID(id)); known && !found.HasState {
		return wiped(id)
	}
	if string(s.Address) == address {
		return nil
	}
	if old, err := m.peers.stats(ctx, string(s.Address)); err == nil && old.NodeID == id && old.PID != found.PID {
		return refusal(CodeIDTaken, "%s answers at %s, where it is a member, and at %s: give one of the two another node_id and an empty data directory", id, s.Address, address)
	}
	if err := m.change(ctx, func(index uint64) raft.IndexFuture {
		if s.Suffrage == raft.Voter {
			return m.replica.raft.AddVoter(s.ID, raft.ServerAddress(address), index, enqueuePatience)
		}
		return m.replica.raft.AddNonvoter(s.ID, raft.ServerAddress(address), index, enqueuePatience)
	}); err != nil {
		return fmt.Errorf("follow %s to %s: %w", id, address, err)
	}
	m.logger.Info("a member has moved", "id", id, "from", s.Address, "to", address)
	return nil
}

func wiped(id string) *Refusal {
	return refusal(CodeNodeWiped, "%s is a member, and its disk is empty: it may have voted or acknowledged what it no longer knows. "+
		"Start it with a new node_id (node_id = \"auto\" finds one), and remove %s: rondo cluster remove %s", id, id, id)
}

// remove takes the vote away first, then the place, then the id.
func (m *membership) remove(ctx context.Context, id string) (memberAnswer, error) {
	done := memberAnswer{ID: id}
	servers := m.book.survey(ctx)
	switch no := mayRemove(servers, id); {
	case no != nil && no.code == CodeUnknownNode && m.replica.machine.Latest().Nodes.IsForgotten(fsm.NodeID(id)):
		return done, nil // by an earlier try
	case no != nil:
		return done, no
	case id == string(m.replica.self):
		return done, m.yield(ctx)
	}
	for _, s := range m.replica.servers() {
		if string(s.ID) != id || s.Suffrage != raft.Voter {
			continue
		}
		if err := m.change(ctx, func(index uint64) raft.IndexFuture {
			return m.replica.raft.DemoteVoter(s.ID, index, enqueuePatience)
		}); err != nil {
			return done, fmt.Errorf("take the vote of %s: %w", id, err)
		}
	}
	if err := m.change(ctx, func(index uint64) raft.IndexFuture {
		return m.replica.raft.RemoveServer(raft.ServerID(id), index, enqueuePatience)
	}); err != nil {
		return done, fmt.Errorf("remove %s: %w", id, err)
	}
	m.logger.Info("removed a node", "id", id)
	return done, m.forget(ctx, id)
}

// yield hands over, so that the next leader can remove this node.
func (m *membership) yield(ctx context.Context) error {
	if err := m.handover.transfer(ctx, anybody); err != nil {
		return noSuccessor(err)
	}
	return fmt.Errorf("the next leader removes this node: %w", errNotReady)
}

func noSuccessor(err error) error {
	if errors.Is(err, ErrNoSuccessor) {
		return refusal(CodeNoSuccessor, "%v: bring another voter back, and wait until it has caught up (rondo cluster status)", err)
	}
	return fmt.Errorf("hand over: %w: %w", err, errUncertain)
}

// forget writes the removal into the node table. Should it fail, the leader does
// it later (autopilot).
func (m *membership) forget(ctx context.Context, id string) error {
	outcome, _, err := m.desk.propose(ctx, fsm.NewItem(fsm.ForgetNode{ID: fsm.NodeID(id)}, principalNode, "", mintedKey()))
	if err == nil && outcome.Rejection != nil {
		err = outcome.Rejection
	}
	if err != nil {
		return fmt.Errorf("forget %s: %w: %w", id, err, errUncertain)
	}
	return nil
}

// transfer makes id the leader, or the best of the others.
func (m *membership) transfer(ctx context.Context, id string) (memberAnswer, error) {
	if id == string(m.replica.self) {
		return memberAnswer{ID: id}, nil
	}
	others, _ := m.replica.peers()
	member, votes := false, false
	for _, p := range others {
		if p.id == id {
			member, votes = true, p.voter
		}
	}
	switch {
	case id != "" && !member:
		return memberAnswer{}, refusal(CodeUnknownNode, "there is no node %q in the cluster", id)
	case id != "" && !votes:
		return memberAnswer{}, refusal(CodeNoSuccessor, "%s has no vote (yet) and cannot lead", id)
	}
	suits := anybody
	if id != "" {
		suits = func(r report) bool { return r.peer.id == id }
	}
	if err := m.handover.transfer(ctx, suits); err != nil {
		return memberAnswer{}, noSuccessor(err)
	}
	for ctx.Err() == nil && !m.replica.leads() {
		if _, next := m.replica.raft.LeaderWithID(); next != "" && next != m.replica.self {
			return memberAnswer{ID: string(next)}, nil
		}
		sleep(ctx, retryPause)
	}
	return memberAnswer{}, fmt.Errorf("nobody else leads yet: %w", errUncertain)
}

// change makes one change of Raft's configuration, decided on the newest that this
// node has applied: GetConfiguration().Index() is always 0 (raft.md 0.6).
func (m *membership) change(ctx context.Context, make func(index uint64) raft.IndexFuture) error {
	index, err := m.configuredAt()
	if err != nil {
		return err
	}
	err = m.replica.await(ctx, make(index))
	switch {
	case err == nil:
		return nil
	case notAppended(err):
		return err
	case strings.Contains(err.Error(), "configuration changed since"):
		return refusal(CodeMembershipMoved, "the membership has changed meanwhile; look at it (rondo cluster status) and try again")
	default:
		return fmt.Errorf("%w: %w", err, errUncertain)
	}
}

// configuredAt is the index of the entry with the configuration in force: that of
// the log, or that of a snapshot which stands for the log.
func (m *membership) configuredAt() (uint64, error) {
	index := m.replica.machine.applied.configuredAt()
	list, err := m.disk.Snapshots().List()
	if err != nil {
		return 0, fmt.Errorf("list snapshots: %w", err)
	}
	for _, s := range list {
		index = max(index, s.ConfigurationIndex)
	}
	return index, nil
}
