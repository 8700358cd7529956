package cluster

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/raft"

	"github.com/rondohq/rondo/cluster/storage"
	"github.com/rondohq/rondo/cluster/wire"
	"github.com/rondohq/rondo/fsm"
)

// Timing is how patient a group is with its leader. Lease <= Heartbeat <=
// Election.
type Timing struct {
	Heartbeat time.Duration // a follower waits this long before it stands for election
	Election  time.Duration // a candidate waits this long for votes
	Lease     time.Duration // a leader without a majority steps down after this long
	// Commit is how often a leader that appends nothing tells the commit index. A
	// call through a follower waits for that, so it is most of its latency when
	// little is going on.
	Commit time.Duration
}

// LANTiming suits nodes on one machine or in one site: a dead leader is replaced
// within about a second.
var LANTiming = Timing{300 * time.Millisecond, 300 * time.Millisecond, 150 * time.Millisecond, 5 * time.Millisecond}

// A Caller sends frames to other nodes; see wire.Pool.
type Caller interface {
	Call(ctx context.Context, address string, f wire.Frame) (wire.Frame, error)
}

// GroupOptions is what a group runs on.
type GroupOptions struct {
	Self      Identity
	Disk      *storage.Disk
	Transport raft.Transport
	Pool      Caller
	Timing    Timing
	Logger    hclog.Logger
	Snapshots SnapshotPolicy

	// Wall is this node's wall clock; nil is time.Now. It is asked at the start
	// of a term and by other nodes, and never decides anything.
	Wall func() time.Time

	// Fatal is called, from any goroutine, when the node must stop and be started
	// again: a disk that failed, an entry that cannot be understood.
	Fatal func(error)
}

// Identity is what a node announces.
type Identity struct {
	fsm.AnnounceNode
	PID       int
	Collation uint32 // version of the sort keys this binary computes
}

// A Group is one replicated state on this node. All methods may be called from
// any goroutine.
type Group struct {
	id      uint64
	options GroupOptions
	raft    *raft.Raft
	machine *machine
	batcher *batcher
	office  *office
	leader  *leaderWatch
	ctx     context.Context // ends when the group stops
	stop    context.CancelFunc
	running sync.WaitGroup
	futures sync.WaitGroup // asked of Raft and not answered yet
}

// OpenGroup starts group 0 from what is on its disk.
func OpenGroup(o GroupOptions) (*Group, error) {
	if err := errors.Join(errFrameEncoding, errFrameDecoding); err != nil {
		return nil, fmt.Errorf("frame codec: %w", err)
	}
	if o.Wall == nil {
		o.Wall = time.Now
	}
	o.Snapshots = o.Snapshots.withDefaults()
	ctx, cancel := context.WithCancel(context.Background())
	g := &Group{options: o, office: newOffice(), leader: newLeaderWatch(), ctx: ctx, stop: cancel}
	g.machine = newMachine(o.Logger, g.fatal, o.Disk.AdoptClusterID)

	notify := make(chan bool, 64)
	r, err := raft.NewRaft(raftConfig(o, notify), g.machine, o.Disk.Logs(), o.Disk.Stable(), o.Disk.Snapshots(), o.Transport)
	if err != nil {
		cancel()
		return nil, fmt.Errorf("start Raft: %w", err)
	}
	g.raft = r
	g.batcher = newBatcher(ctx, g)
	g.leader.follow(r, &g.running, ctx)
	g.running.Go(func() { g.watchOffice(notify) })
	g.running.Go(g.keepSnapshots)
	g.running.Go(g.keepAnnounced)
	return g, nil
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
	c.TrailingLogs = o.Snapshots.trailing(logLoad{})
	c.ShutdownOnRemove = false
	c.NoLegacyTelemetry = true
	c.NotifyCh = notify
	c.Logger = o.Logger.Named("raft")
	return c
}

// Handler answers the frames of other nodes.
func (g *Group) Handler() wire.Handler { return g.handle }

// Propose carries an item to the leader and returns what became of it, and the
// index of an entry that this node has applied since. It fills in NotAfterMs.
// The error, if any, is an *Error; with ctx it gives up.
func (g *Group) Propose(ctx context.Context, it fsm.Item) (fsm.Outcome, uint64, error) {
	for {
		it.NotAfterMs = g.machine.nowMs() + fsm.MintedKeyLifeMs
		r := g.submit(ctx, &it)
		switch {
		case r.err != nil:
			return fsm.Outcome{}, 0, r.err
		case isExpired(r.outcome) && ctx.Err() == nil:
			// No copy was applied, and it was not late: this node did not know the
			// cluster's time, since it had not caught up. Now it has.
			continue
		default:
			return r.outcome, r.index, nil
		}
	}
}

// Fence returns an index that this node has applied and that is at least as new
// as everything acknowledged anywhere before the call: the view at that index is
// linearizable. It costs a share of one entry, however many readers wait.
//
// An entry of our own is needed: Raft's VerifyLeader counts heartbeats that were
// under way before it was called (raft.md 0.2).
func (g *Group) Fence(ctx context.Context) (uint64, error) {
	r := g.submit(ctx, nil)
	if r.err != nil {
		return 0, r.err
	}
	return r.index, nil
}

func (g *Group) submit(ctx context.Context, it *fsm.Item) result {
	p := newProposal(ctx, it)
	g.batcher.submit(p)
	return p.await()
}

// WaitApplied returns when this node has applied index.
func (g *Group) WaitApplied(ctx context.Context, index uint64) error {
	if err := g.machine.applied.wait(ctx, index); err != nil {
		return rejected(CodeDeadline, err)
	}
	return nil
}

// View returns a state at least as new as index, which this node has applied.
func (g *Group) View(index uint64) *fsm.State { return g.machine.View(index) }

// Latest returns the newest state this node has, however old that is.
func (g *Group) Latest() *fsm.State { return g.machine.Latest() }

// carry implements carrier.
func (g *Group) carry(ctx context.Context, items []fsm.Item) (carried, error) {
	if stamp, leads := g.office.stamp(); leads {
		return g.append(ctx, stamp, items)
	}
	address, id := g.raft.LeaderWithID()
	switch {
	case id == "":
		return carried{}, errNoLeader
	case id == raft.ServerID(g.options.Self.ID):
		return carried{}, errNotReady
	}
	// When the leader changes, the old one's answer is not worth waiting for.
	ctx, cancel := g.leader.until(ctx)
	defer cancel()
	return g.forward(ctx, string(address), items)
}

// retry implements carrier.
func (g *Group) retry() <-chan struct{} { return g.leader.next() }

// append makes one Raft entry of the items and waits for its outcomes.
func (g *Group) append(ctx context.Context, stampMs int64, items []fsm.Item) (carried, error) {
	for i := range items {
		items[i].NotAfterMs = min(items[i].NotAfterMs, stampMs+fsm.MintedKeyLifeMs)
	}
	data := fsm.EncodeEntry(fsm.Entry{MinSemantics: fsm.Semantics, TimeMs: stampMs, Items: items})
	if err := understood(data); err != nil {
		return carried{}, err
	}
	future := g.raft.Apply(data, time.Second)
	if err := g.await(ctx, future); err != nil {
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

// await waits for a future without trusting it to answer: 44 of 100 never did
// after a shutdown (hashicorp/raft#498).
func (g *Group) await(ctx context.Context, f raft.Future) error {
	answered := make(chan error, 1)
	g.futures.Go(func() { answered <- f.Error() })
	select {
	case err := <-answered:
		return err
	case <-ctx.Done():
		return fmt.Errorf("wait for Raft: %w", ctx.Err())
	case <-g.ctx.Done():
	}
	// It may have answered in the same moment.
	select {
	case err := <-answered:
		return err
	default:
		return raft.ErrRaftShutdown
	}
}

// understood makes sure that we can read what we are about to make everybody
// read: an entry that cannot be decoded stops the whole cluster.
func understood(data []byte) error {
	entry, err := fsm.DecodeEntry(data)
	if err != nil {
		return fmt.Errorf("own entry: %w", err)
	}
	for _, it := range entry.Items {
		if _, err := fsm.DecodeItem(it); err != nil {
			return fmt.Errorf("own entry: %w", err)
		}
	}
	return nil
}

func (g *Group) fatal(err error) {
	g.options.Logger.Error("this node must stop", "error", err)
	g.options.Fatal(err)
}
