package cluster

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/raft"

	"github.com/rondohq/rondo/cluster/storage"
	"github.com/rondohq/rondo/cluster/wire"
	"github.com/rondohq/rondo/fsm"
)

// NodeOptions is what a node runs on.
type NodeOptions struct {
	Self      Identity // its Cluster is the address that others reach it under
	DataDir   string
	Bind      string // address of the cluster port
	Bootstrap Bootstrap
	Gossip    *GossipOptions // nil: none
	Timing    Timing
	Upkeep    Upkeep
	Members   MembershipPolicy
	Logger    hclog.Logger
	Host      Host
}

// Host replaces the machine underneath a node, for the simulation, or looks at it.
// Nil fields are the real thing, unseen.
type Host struct {
	Disk     *storage.Disk
	Listener net.Listener
	Dial     func(ctx context.Context, address string) (net.Conn, error)
	Wall     func() time.Time
	Observe  func(*raft.Log) // see GroupOptions; nil: nobody looks

	// Progress tells what a real disk is busy with, also before OpenNode returns.
	Progress *storage.Progress
}

// A Node is one machine of the cluster: its disk, its port, its connections, and
// the group it runs. All methods may be called from any goroutine.
type Node struct {
	options  NodeOptions
	disk     *storage.Disk
	listener *wire.Listener
	pool     *wire.Pool
	group    *Group
	peers    *discovery
	fatal    chan error
	ctx      context.Context
	stop     context.CancelFunc
	running  sync.WaitGroup
}

// OpenNode starts a node. It serves as soon as a leader is known; a new cluster
// is bootstrapped in the background, by one node (see Bootstrap).
func OpenNode(o NodeOptions) (*Node, error) {
	ctx, cancel := context.WithCancel(context.Background())
	n := &Node{options: o, fatal: make(chan error, 1), ctx: ctx, stop: cancel}
	if err := n.open(); err != nil {
		return nil, errors.Join(err, n.Close())
	}
	n.running.Go(n.bootstrap)
	return n, nil
}

func (n *Node) open() (err error) {
	o := n.options
	if n.disk = o.Host.Disk; n.disk == nil {
		n.disk, err = storage.Open(o.DataDir, storage.Options{
			NodeID: string(o.Self.ID), Logger: o.Logger.Named("storage"), Fatal: n.die, Verify: VerifyLog, Progress: o.Host.Progress,
		})
		if err != nil {
			return fmt.Errorf("open data directory: %w", err)
		}
	}
	gate := &gate{disk: n.disk}
	options := wire.Options{
		NodeID: string(o.Self.ID), ClusterID: n.disk.ClusterID, Adopt: n.disk.AdoptClusterID,
		Gate:   gate,
		Logger: o.Logger.Named("wire"), Dial: o.Host.Dial, Listener: o.Host.Listener,
	}
	if n.listener, err = wire.Listen(o.Bind, options); err != nil {
		return fmt.Errorf("open cluster port: %w", err)
	}
	if n.pool, err = wire.NewPool(options); err != nil {
		return fmt.Errorf("open connections: %w", err)
	}
	layer := n.listener.RaftLayer(advertised(o.Self.Cluster))
	transport := newBallot(wire.NewTransport(layer, wire.TransportConfig{Logger: o.Logger.Named("raft")}), gate.Blank, n.disk.Progress().Expect, n.ctx.Done())
	n.running.Go(transport.run)
	n.group, err = OpenGroup(GroupOptions{
		Self: o.Self, Disk: n.disk, Connections: Connections{transport, n.pool, options.Probe, transport.stand}, Timing: o.Timing,
		Logger: o.Logger, Upkeep: o.Upkeep, Wall: o.Host.Wall, Observe: o.Host.Observe, Fatal: n.die,
		Members: MembersOptions{Policy: o.Members, Blank: gate.Blank, Known: n.knownAddresses},
	})
	if err != nil {
		return errors.Join(fmt.Errorf("open group 0 of data directory %s: %w", o.DataDir, err), transport.Close())
	}
	gate.group.Store(n.group)
	n.listener.Handle(n.group.Handler())
	n.peers, err = discover(n)
	return err
}

// knownAddresses are those of the nodes that this one was told to look for.
func (n *Node) knownAddresses() []string {
	var list []string
	for _, v := range n.options.Bootstrap.InitialVoters {
		if v.ID != string(n.options.Self.ID) {
			list = append(list, v.Address)
		}
	}
	return list
}

// advertised is an address as Raft wants it; it is not resolved here, since the
// name must stay good when its address changes.
type advertised string

// Network implements net.Addr.
func (advertised) Network() string { return "tcp" }

func (a advertised) String() string { return string(a) }

// die reports the first reason why this node must stop.
func (n *Node) die(err error) {
	select {
	case n.fatal <- err:
	default:
	}
}

// Fatal yields the reason why this node must stop at once, and be started again.
// The owner exits without waiting: a shutdown may hang for the same reason.
func (n *Node) Fatal() <-chan error { return n.fatal }

// Group returns the group that the node runs.
func (n *Node) Group() *Group { return n.group }

// Close stops the node without handing over leadership; call Group.Transfer
// before. It gives up after a while on what does not stop.
func (n *Node) Close() error {
	n.stop()
	var errs []error
	if n.peers != nil {
		errs = append(errs, n.peers.close())
	}
	n.running.Wait()
	if n.group != nil {
		errs = append(errs, n.group.Close())
	}
	if n.pool != nil {
		errs = append(errs, n.pool.Close())
	}
	if n.listener != nil {
		errs = append(errs, n.listener.Close())
	}
	if n.disk != nil {
		errs = append(errs, n.disk.Close())
	}
	return errors.Join(errs...)
}

// Semantics is the newest meaning of commands that this binary knows.
const Semantics = fsm.Semantics
