package cluster

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/raft"

	"github.com/rondohq/rondo/cluster/archive"
	"github.com/rondohq/rondo/cluster/storage"
	"github.com/rondohq/rondo/fsm"
)

const (
	// enqueuePatience is how long Raft may be too busy to take an entry.
	enqueuePatience = time.Second

	// stopPatience is how long Raft may take to stop.
	stopPatience = 10 * time.Second
)

// A replica is this node's copy of the group: the log that Raft keeps equal
// everywhere, and the machine that applies it. It appends what it is told, on
// the leader only; who may tell it is not its business (office.go).
type replica struct {
	self    raft.ServerID
	raft    *raft.Raft
	machine *machine
	futures ledger
	timing  Timing
	hangUp  func() error // ends the calls of Raft to other nodes

	restored uint64 // index of the snapshot that it was started from, or 0
}

// openReplica starts Raft from what is on the disk. Raft tells notify when this
// node begins and ceases to lead, and blocks while nobody reads it.
func openReplica(o GroupOptions, stopping <-chan struct{}, notify chan<- bool) (*replica, error) {
	die := func(err error) {
		o.Logger.Error("this node must stop", "error", err)
		o.Fatal(err)
	}
	r := &replica{
		self:    raft.ServerID(o.Self.ID),
		machine: newMachine(o.Logger, die, o.Disk.AdoptClusterID),
		futures: ledger{stopping: stopping},
		timing:  o.Timing,
		hangUp:  func() error { return nil },
	}
	r.machine.observe = o.Observe
	if t, ok := o.Transport.(raft.WithClose); ok {
		r.hangUp = t.Close
	}
	var err error
	if r.raft, err = startRaft(o, r.machine, notify); err != nil {
		return nil, whyNoStart(err, unreadable(r.machine))
	}
	// Raft has fallen back to an older snapshot without a word.
	if err := unreadable(r.machine); curesNothing(err) {
		return nil, errors.Join(err, r.close())
	}
	if r.restored, err = strconv.ParseUint(r.raft.Stats()["last_snapshot_index"], 10, 64); err != nil {
		return nil, errors.Join(fmt.Errorf("ask Raft for its snapshot: %w", err), r.close())
	}
	return r, nil
}

// whyNoStart says more than Raft does when it cannot read any snapshot; restore is
// why the last one that was whole could not be restored, or nil.
func whyNoStart(err, restore error) error {
	switch {
	case curesNothing(restore):
		return restore
	case strings.Contains(err.Error(), "failed to load any existing snapshots"):
		err = errors.New("no snapshot in groups/0/snapshots can be read: check the disk, " +
			"start this node with an empty data directory and a new id, and remove the old one from the cluster; " +
			"if no node can start, found a new cluster on a saved snapshot (rondo snapshot restore)")
	}
	return errors.Join(fmt.Errorf("start Raft: %w", err), restore)
}

// curesNothing says whether a snapshot could not be restored for a reason that an
// older one does not cure, as it cures damage.
func curesNothing(restore error) bool {
	return errors.Is(restore, archive.ErrNewer) || errors.Is(restore, storage.ErrOtherCluster)
}

// startRaft turns the one panic into an error that Raft meets a damaged disk
// with: it fell back to an older snapshot, and the log does not reach back to it.
func startRaft(o GroupOptions, m *machine, notify chan<- bool) (r *raft.Raft, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the log does not continue the snapshot that could be read (%v): "+
				"start this node with an empty data directory and a new id, and remove the old one from the cluster", p)
		}
	}()
	return raft.NewRaft(raftConfig(o, notify), m, o.Disk.Logs(), o.Disk.Stable(), o.Disk.Snapshots(), o.Transport)
}

// raftConfig fills in what raft.md asks for. Batching is ours, so Raft's own is
// off; snapshots are triggered by us, since Raft counts entries and ours are fat.
func raftConfig(o GroupOptions, notify chan<- bool) *raft.Config {
	c := raft.DefaultConfig()
	c.LocalID = raft.ServerID(o.Self.ID)
	c.HeartbeatTimeout = o.Timing.Heartbeat
	c.ElectionTimeout = o.Timing.Election
	c.LeaderLeaseTimeout = o.Timing.Lease
	c.CommitTimeout = o.Timing.Commit
	c.MaxAppendEntries = 64
	c.BatchApplyCh = false
	c.SnapshotThreshold = math.MaxUint64
	c.SnapshotInterval = 24 * time.Hour
	c.TrailingLogs = neverCut
	c.ShutdownOnRemove = false
	c.NoLegacyTelemetry = true
	c.NotifyCh = notify
	c.Logger = o.Logger.Named("raft")
	return c
}

// append makes one Raft entry of the items, stamped with the cluster's time, and
// waits for its outcomes. No item may be applied later than its key is kept,
// whatever the node that sent it believed the time to be.
func (r *replica) append(ctx context.Context, stampMs int64, items []fsm.Item) (carried, error) {
	for i := range items {
		items[i].NotAfterMs = min(items[i].NotAfterMs, stampMs+fsm.MintedKeyLifeMs)
	}
	data := fsm.EncodeEntry(fsm.Entry{MinSemantics: fsm.Semantics, TimeMs: stampMs, Items: items})
	if err := understood(data); err != nil {
		return carried{}, err
	}
	future := r.raft.Apply(data, enqueuePatience)
	if err := r.await(ctx, future); err != nil {
		if notAppended(err) {
			return carried{}, err
		}
		return carried{}, fmt.Errorf("%w: %w", err, errUncertain)
	}
	switch response := future.Response().(type) {
	case []fsm.Outcome:
		return carried{response, future.Index()}, nil
	default:
		return carried{}, fmt.Errorf("the entry could not be applied: %v: %w", response, errUncertain)
	}
}

// understood makes sure that we can read what we are about to make everybody
// read: an entry that cannot be decoded stops the whole cluster.
func understood(data []byte) error {
	entry, err := fsm.DecodeEntry(data)
	if err != nil {
		return fmt.Errorf("read own entry: %w: %w", err, errNotUnderstood)
	}
	for _, it := range entry.Items {
		if _, err := fsm.DecodeItem(it); err != nil {
			return fmt.Errorf("read own entry: %w: %w", err, errNotUnderstood)
		}
	}
	return nil
}

// notAppended says whether an error of Raft means that the entry is in nobody's
// log and never will be (raft.md 1.2). Everything else is unknown.
func notAppended(err error) bool {
	return errors.Is(err, raft.ErrNotLeader) ||
		errors.Is(err, raft.ErrEnqueueTimeout) ||
		errors.Is(err, raft.ErrLeadershipTransferInProgress)
}

// await waits for a future of Raft; see ledger.
func (r *replica) await(ctx context.Context, f raft.Future) error { return r.futures.await(ctx, f) }

// A peer is another server of Raft's configuration.
type peer struct {
	id, address string
	voter       bool
}

// peers returns the other servers and the number of voters, this one included.
func (r *replica) peers() (others []peer, voters int) {
	for _, s := range r.servers() {
		voter := s.Suffrage == raft.Voter
		if voter {
			voters++
		}
		if s.ID != r.self {
			others = append(others, peer{string(s.ID), string(s.Address), voter})
		}
	}
	return others, voters
}

func (r *replica) servers() []raft.Server {
	return r.raft.GetConfiguration().Configuration().Servers
}

func (r *replica) leads() bool { return r.raft.State() == raft.Leader }

// close shuts Raft down. Answers that it still owes are waited for first: it
// gives them while it runs (a leader without a majority within its lease), and
// perhaps never afterwards. Its calls to nodes that do not answer are ended, or
// each would keep it for ten seconds.
func (r *replica) close() error {
	r.futures.settle(2 * r.timing.Heartbeat)
	down := r.raft.Shutdown()
	err := r.hangUp()
	if !within(stopPatience, func() { err = errors.Join(err, down.Error()) }) {
		return fmt.Errorf("shut down Raft: no answer for %s", stopPatience)
	}
	if err != nil {
		return fmt.Errorf("shut down Raft: %w", err)
	}
	return nil
}
