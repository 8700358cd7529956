package cluster

import (
	"context"
	"errors"
	"fmt"
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
	Commit    time.Duration // an idle leader tells the commit index this often
}

// LANTiming suits nodes on one machine or in one site: a leader that is silent is
// replaced within about a second. (One whose process died, sooner; see heir.)
var LANTiming = Timing{300 * time.Millisecond, 300 * time.Millisecond, 150 * time.Millisecond, 50 * time.Millisecond}

// A Caller sends frames to other nodes; see wire.Pool.
type Caller interface {
	Call(ctx context.Context, address string, f wire.Frame) (wire.Frame, error)
}

// GroupOptions is what a group runs on.
type GroupOptions struct {
	Self Identity
	Disk *storage.Disk
	Connections
	Timing  Timing
	Logger  hclog.Logger
	Upkeep  Upkeep
	Members MembersOptions

	// Wall is this node's wall clock; nil is time.Now. It is asked at the start
	// of a term and by other nodes, and never decides anything.
	Wall func() time.Time

	// Observe, if set, is called with every command of the log that this node
	// applies, in order, from Raft's goroutine; it must not block or keep it.
	Observe func(*raft.Log)

	// Fatal is called, from any goroutine, when the node must stop and be started
	// again: a disk that failed, an entry that cannot be understood.
	Fatal func(error)
}

// Connections lead to the other nodes.
type Connections struct {
	Transport raft.Transport
	Pool      Caller

	// Probe looks whether anybody listens at an address; see wire.Options.Probe.
	Probe func(ctx context.Context, address string) error
	// Stand makes our own Raft stand for election at once; see ballot.stand.
	Stand func(ctx context.Context) error
}

// Upkeep is what a node does for its own sake. The zero value is good.
type Upkeep struct {
	Snapshots  SnapshotPolicy
	Space      SpacePolicy
	Checkpoint time.Duration // how often the nodes compare their states; 0 is 10 minutes
}

// Identity is what a node announces.
type Identity struct {
	fsm.AnnounceNode
	PID       int
	Collation uint32 // version of the sort keys this binary computes
}

// A Group is one replicated state on this node: the desk takes proposals, the
// courier carries them, the replica keeps and applies them, and some parts run by
// themselves. All methods may be called from any goroutine.
type Group struct {
	id       uint64
	life     *lifetime
	replica  *replica
	desk     *desk
	keeper   *keeper
	handover *handover
	overview *overview
	heir     *heir

	// Members changes who belongs to the group.
	Members *Members
}

// OpenGroup starts group 0 from what is on its disk.
func OpenGroup(o GroupOptions) (*Group, error) {
	if err := errors.Join(errFrameEncoding, errFrameDecoding); err != nil {
		return nil, fmt.Errorf("frame codec: %w", err)
	}
	if o.Wall == nil {
		o.Wall = time.Now
	}
	if o.Upkeep.Checkpoint <= 0 {
		o.Upkeep.Checkpoint = defaultCheckpoint
	}
	life := newLifetime()
	notify := make(chan bool, 64)
	r, err := openReplica(o, life.ctx.Done(), notify)
	if err != nil {
		life.end()
		return nil, err
	}
	g := &Group{life: life, replica: r}
	leader := newLeaderWatch()
	leader.follow(r.raft, life)
	peers := &peerage{pool: o.Pool, group: g.id, replica: r}
	office := newOffice()
	g.heir = newHeir(o, r, leader)
	g.handover = &handover{replica: r, peers: peers, leader: leader, logger: o.Logger}
	space := newSpaceWatch(o, r, peers, g.handover)
	courier := &courier{replica: r, office: office, leader: leader, peers: peers, space: space}
	g.desk = &desk{
		batcher: newBatcher(life, courier), machine: r.machine, office: office,
		nudger: newNudger(life.ctx, r, o.Transport),
	}
	g.keeper = &keeper{replica: r, disk: o.Disk, policy: o.Upkeep.Snapshots.withDefaults(), logger: o.Logger}
	arrival := &arrival{self: o.Self.AnnounceNode, desk: g.desk, machine: r.machine, leader: leader, logger: o.Logger}
	clocks := &clockWatch{wall: o.Wall, peers: peers, replica: r, handover: g.handover, logger: o.Logger}
	points := &checkpoints{self: o.Self.ID, every: o.Upkeep.Checkpoint, replica: r, desk: g.desk, office: office, logger: o.Logger}
	replay := newReplayWatch(r, o.Logger)
	g.overview = &overview{
		self: o.Self, cluster: o.Disk.ClusterID, replica: r, office: office, peers: peers,
		arrival: arrival, clocks: clocks, space: space, more: []func() Check{replay.check, points.check},
	}
	g.Members = openMembers(o, g, peers, office, leader)
	g.overview.standing = g.Members.standing
	incumbent := &incumbent{
		self: o.Self, cluster: o.Disk.ClusterID, wall: o.Wall, replica: r, peers: peers,
		office: office, leader: leader, desk: g.desk, logger: o.Logger,
	}
	if err := g.keeper.inspect(); err != nil {
		return nil, errors.Join(err, g.Close())
	}
	life.running.Go(func() { incumbent.watch(life.ctx, notify) })
	life.running.Go(func() { g.keeper.run(life.ctx) })
	life.running.Go(func() { g.heir.run(life.ctx) })
	life.running.Go(func() { arrival.run(life.ctx) })
	life.running.Go(func() { clocks.run(life.ctx) })
	life.running.Go(func() { points.run(life.ctx) })
	life.running.Go(func() { space.run(life.ctx) })
	life.running.Go(func() { replay.run(life.ctx) })
	life.running.Go(func() { g.Members.pilot.run(life.ctx) })
	life.running.Go(func() { g.Members.standing.run(life.ctx) })
	return g, nil
}

// Handler answers the frames of other nodes.
func (g *Group) Handler() wire.Handler {
	return func(ctx context.Context, from string, f wire.Frame) wire.Frame {
		switch f.Kind {
		case wire.Propose, wire.Fence:
			return g.desk.serve(ctx, from, f)
		case wire.Stats:
			stats := g.overview.stats()
			stats.More.Asker = g.Members.standing.tell(from)
			return answer(stats)
		case wire.Members:
			return g.Members.clerk.serve(ctx, f)
		default:
			return refuse(codeBadFrame, fmt.Sprintf("frame kind %d is unknown to this binary", f.Kind))
		}
	}
}

// Propose carries an item to the leader and returns what became of it, and the
// index of an entry that this node has applied since. It fills in NotAfterMs.
// The error, if any, is an *Error; with ctx it gives up.
func (g *Group) Propose(ctx context.Context, it fsm.Item) (fsm.Outcome, uint64, error) {
	if err := g.Members.out(); err != nil {
		return fsm.Outcome{}, 0, err
	}
	return g.desk.propose(ctx, it)
}

// Fence returns an index that this node has applied and that is at least as new
// as everything acknowledged anywhere before the call: the view at that index is
// linearizable. It costs a share of one entry, however many readers wait. The
// error, if any, is an *Error; with ctx it gives up.
//
// An entry of our own is needed: Raft's VerifyLeader counts heartbeats that were
// under way before it was called (raft.md 0.2).
func (g *Group) Fence(ctx context.Context) (uint64, error) {
	if err := g.Members.out(); err != nil {
		return 0, err
	}
	return g.desk.fence(ctx)
}

// WaitApplied returns when this node has applied index. The error, if any, is an
// *Error.
func (g *Group) WaitApplied(ctx context.Context, index uint64) error {
	if err := g.replica.machine.applied.wait(ctx, index); err != nil {
		return rejected(CodeDeadline, err)
	}
	return nil
}

// View returns a state at least as new as index, which this node has applied. Of
// the views that are new enough it is the one that was made last, so View(0) may
// be of any age; see Latest.
func (g *Group) View(index uint64) *fsm.State { return g.replica.machine.View(index) }

// Latest returns the newest state this node has. How old that is depends on when
// it last heard from a leader; see CaughtUp.
func (g *Group) Latest() *fsm.State { return g.replica.machine.Latest() }

// Changed returns a channel that is closed when this node has next applied
// something. Whoever waits for news takes the channel first, then looks at Latest,
// and then waits: so nothing falls in between.
func (g *Group) Changed() <-chan struct{} { return g.replica.machine.applied.next() }

// CaughtUp says whether this node has, since it was started, once had everything
// that was acknowledged before. Until then it has gone back in time, to what is on
// its disk, and must not answer reads without a fence (raft.md 1.1). Afterwards
// what it has may be old, and never older than before.
//
// A node that takes no part any more (Members.Standing) has not.
func (g *Group) CaughtUp() bool { return g.desk.knowsTime.Load() && g.Members.Standing() == nil }

// Nodes describes every server of Raft's configuration, in its order. It asks
// each, and waits half a second for those that do not answer.
func (g *Group) Nodes(ctx context.Context) []NodeStatus { return g.overview.nodes(ctx) }

// Health says whether this node can serve, line by line.
func (g *Group) Health() []Check { return append(g.overview.health(), g.keeper.check()) }

// Transfer hands leadership to a voter that answers and is caught up, and returns
// when this node knows the next leader or none. It does nothing on a node that
// does not lead; without such a voter the error is ErrNoSuccessor.
func (g *Group) Transfer(ctx context.Context) error { return g.handover.transfer(ctx, anybody) }

// Snapshot writes a snapshot of what has been applied, and cuts the log. It fails
// during a transfer of leadership and while a change of membership is not
// committed; try again.
func (g *Group) Snapshot() error { return g.keeper.take(g.life.ctx) }

// Close stops the group: what waits is answered, Raft is shut down. It does not
// hand over leadership; see Transfer. Should Raft not stop in 10 s, it gives up
// and says so; the goroutines of Raft are left behind then.
func (g *Group) Close() error {
	g.life.end()
	<-g.desk.batcher.stopped
	err := g.replica.close()
	if !within(stopPatience, g.life.running.Wait) {
		err = errors.Join(err, errors.New("parts of the group are still running"))
	}
	return err
}
