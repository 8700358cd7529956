package cluster

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"testing"
	"time"

	"github.com/fxamacker/cbor/v2"
	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/raft"

	"github.com/rondohq/rondo/cluster/sim"
	"github.com/rondohq/rondo/cluster/storage"
	"github.com/rondohq/rondo/fsm"
	"github.com/rondohq/rondo/fsm/collation"
)

// A world is a whole cluster in virtual time: real nodes with real Raft and the
// real cluster port, on a memory network and disks that can be crashed.
type world struct {
	t     *testing.T
	net   *sim.Net
	rng   *rand.Rand
	nodes []*simNode
}

// A simNode is one machine of the world, through all its lives.
type simNode struct {
	name    string
	disk    *storage.MemDisk
	node    *Node
	host    *sim.Host
	zombies []*Node // cut off, to be shut down at the end
	skew    time.Duration
}

func newWorld(t *testing.T, size int, seed uint64) *world {
	t.Helper()
	w := &world{t: t, net: sim.NewNet(), rng: rand.New(rand.NewPCG(seed, 1))}
	for i := range size {
		w.nodes = append(w.nodes, &simNode{name: fmt.Sprintf("n%d", i+1), disk: storage.NewMemDisk(seed + uint64(i))})
	}
	for _, n := range w.nodes {
		n.disk.SetWriteDelay(time.Millisecond)
		w.boot(n)
	}
	return w
}

func (w *world) voters() (voters []Voter) {
	for _, n := range w.nodes {
		voters = append(voters, Voter{n.name, n.name})
	}
	return voters
}

func (w *world) boot(n *simNode) {
	w.t.Helper()
	n.host = w.net.Host(n.name)
	socket, err := n.host.Listen()
	if err != nil {
		w.t.Fatal(err)
	}
	disk, err := storage.OpenMem(n.disk, storage.Options{NodeID: n.name, Verify: VerifyLog})
	if err != nil {
		w.t.Fatal(err)
	}
	host := n.host
	n.node, err = OpenNode(NodeOptions{
		Self: Identity{AnnounceNode: fsm.AnnounceNode{ID: fsm.NodeID(n.name), HTTP: n.name + ":http",
			Cluster: n.name, Version: "test", Semantics: fsm.Semantics}, Collation: collation.Version},
		Bootstrap: Bootstrap{InitialVoters: w.voters()},
		Timing:    Timing{300 * time.Millisecond, 300 * time.Millisecond, 150 * time.Millisecond, 50 * time.Millisecond},
		Snapshots: SnapshotPolicy{Commands: 150, TrailingBytes: 1, Every: 200 * time.Millisecond},
		Logger:    hclog.NewNullLogger(),
		Host: Host{Disk: disk, Listener: socket,
			Dial: func(ctx context.Context, to string) (net.Conn, error) { return host.Dial(ctx, to) },
			Wall: func() time.Time { return time.Now().Add(n.skew) }},
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

// crash cuts the power of a machine and starts it again at once from what its
// disk had kept. The old process lives on, unable to reach anybody, until the
// end: Raft may leave futures hanging when it is shut down under load.
func (w *world) crash(n *simNode) {
	w.t.Helper()
	n.disk = n.disk.Crash()
	n.zombies = append(n.zombies, n.node)
	w.boot(n)
}

func (w *world) leader() *simNode {
	for _, n := range w.nodes {
		if n.node.group.raft.State() == raft.Leader && n.node.group.office.ready() {
			return n
		}
	}
	return nil
}

// awaitLeader waits until somebody is in office.
func (w *world) awaitLeader(ctx context.Context) *simNode {
	w.t.Helper()
	for ctx.Err() == nil {
		if n := w.leader(); n != nil {
			return n
		}
		sleep(ctx, 10*time.Millisecond)
	}
	return nil
}

func (w *world) close() {
	w.t.Helper()
	for _, n := range w.nodes {
		for _, z := range append(n.zombies, n.node) {
			if err := z.Close(); err != nil {
				w.t.Errorf("close %s: %v", n.name, err)
			}
		}
	}
}

// do proposes a command on a node until it has an outcome, as a client that
// retries with its key does.
func (w *world) do(ctx context.Context, n *simNode, c fsm.Command, key string) (fsm.Outcome, error) {
	it := fsm.NewItem(c, "system:test", "", fsm.Key{Source: fsm.KeyClient, Scope: "system:test", Text: key})
	for {
		attempt, cancel := context.WithTimeout(ctx, 3*time.Second)
		outcome, _, err := n.node.group.Propose(attempt, it)
		cancel()
		var failed *Error
		if err == nil || ctx.Err() != nil || !errors.As(err, &failed) {
			return outcome, err
		}
		sleep(ctx, 5*time.Millisecond)
	}
}

// must does what no client loses: the setting up.
func (w *world) must(ctx context.Context, c fsm.Command) {
	w.t.Helper()
	outcome, err := w.do(ctx, w.nodes[0], c, fmt.Sprintf("setup-%d", w.rng.Uint64()))
	if err != nil || outcome.Rejection != nil {
		w.t.Fatalf("%T: %v %v", c, err, outcome.Rejection)
	}
}

// setUpTeam makes agents a0, a1, ... available, in one team with one inbox.
func (w *world) setUpTeam(ctx context.Context, agents int) {
	w.t.Helper()
	team := fsm.PutTeam{ID: "team", Name: "Team"}
	for i := range agents {
		id := fsm.AgentID(fmt.Sprintf("a%d", i))
		w.must(ctx, fsm.PutAgent{ID: id, Name: string(id), SortKey: cbor.ByteString(collation.Key(string(id))), Collation: collation.Version})
		w.must(ctx, fsm.PutPresence{Agent: id, Status: "available"})
		team.Members = append(team.Members, fsm.TeamMember{Agent: id})
	}
	w.must(ctx, team)
	w.must(ctx, fsm.PutInbox{ID: "inbox", Name: "Inbox", Assignment: fsm.InboxAssignment{Mode: "rotation", Team: "team"}})
	w.must(ctx, fsm.PutContact{ID: "contact", Name: "Contact"})
}

// settle heals everything and returns the state all nodes have come to.
func (w *world) settle(ctx context.Context) *fsm.State {
	w.t.Helper()
	w.net.Heal()
	var states []*fsm.State
	for _, n := range w.nodes {
		index, err := n.node.group.Fence(ctx)
		if err != nil {
			w.t.Fatalf("%s does not come back: %v", n.name, err)
		}
		states = append(states, n.node.group.View(index))
	}
	// The fences are entries too: wait until each node has them all.
	last := states[len(states)-1].Index
	var first []byte
	for i, n := range w.nodes {
		if err := n.node.group.WaitApplied(ctx, last); err != nil {
			w.t.Fatal(err)
		}
		states[i] = n.node.group.View(last)
	}
	for i, s := range states {
		if s.Index != states[0].Index {
			// A tick came in between; compare at the newest index.
			return w.settle(ctx)
		}
		var b bytes.Buffer
		if err := s.WriteSnapshot(&b); err != nil {
			w.t.Fatal(err)
		}
		if i == 0 {
			first = b.Bytes()
		} else if !bytes.Equal(first, b.Bytes()) {
			w.t.Fatalf("%s and %s differ at index %d", w.nodes[0].name, w.nodes[i].name, s.Index)
		}
	}
	return states[0]
}
