package cluster

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
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
	t         *testing.T
	net       *sim.Net
	rng       *rand.Rand
	nodes     []*simNode
	snapshots SnapshotPolicy
	timing    Timing
	members   MembershipPolicy
	log       *logTail
	observe   func(*raft.Log) // sees what every node applies; nil: nobody looks

	checkpoint time.Duration
}

// A simNode is one machine of the world, through all its lives.
type simNode struct {
	name    string // of the machine: its address
	id      string // of the node; "" is name
	disk    *storage.MemDisk
	host    *sim.Host
	life    atomic.Pointer[Node]
	log     *nodeLog
	zombies []zombie     // cut off, to be shut down a while later
	skew    atomic.Int64 // time.Duration by which its clock is fast
}

func (n *simNode) group() *Group { return n.life.Load().group }

// A zombie is a life of a machine that a crash has cut off.
type zombie struct {
	node *Node
	died time.Time
}

// newWorld makes a cluster of size nodes called n1, n2, ... and starts them.
func newWorld(t *testing.T, size int, seed uint64) *world {
	t.Helper()
	w := newDarkWorld(t, size, seed)
	for _, n := range w.nodes {
		w.boot(n)
	}
	return w
}

// newDarkWorld makes the machines and starts none.
func newDarkWorld(t *testing.T, size int, seed uint64) *world {
	t.Helper()
	w := &world{
		t: t, net: sim.NewNet(), rng: rand.New(rand.NewPCG(seed, 1)), log: &logTail{}, timing: LANTiming,
		snapshots: SnapshotPolicy{Commands: 150, TrailingBytes: 1, Every: 200 * time.Millisecond},
	}
	for i := range size {
		n := &simNode{name: fmt.Sprintf("n%d", i+1), disk: storage.NewMemDisk(seed + uint64(i))}
		n.disk.SetWriteDelay(time.Millisecond)
		w.nodes = append(w.nodes, n)
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
	w.bootAs(n, Bootstrap{InitialVoters: w.voters()})
}

func (w *world) bootAs(n *simNode, b Bootstrap) {
	w.t.Helper()
	n.host = w.net.Host(n.name)
	socket, err := n.host.Listen()
	if err != nil {
		w.t.Fatal(err)
	}
	id := cmp.Or(n.id, n.name)
	disk, err := storage.OpenMem(n.disk, storage.Options{NodeID: id, Verify: VerifyLog})
	if err != nil {
		w.t.Fatal(err)
	}
	host := n.host
	n.log = &nodeLog{logTail: w.log}
	node, err := OpenNode(NodeOptions{
		Self: Identity{AnnounceNode: fsm.AnnounceNode{ID: fsm.NodeID(id), HTTP: n.name + ":http",
			Cluster: n.name, Version: "test", Semantics: fsm.Semantics}, PID: 1, Collation: collation.Version},
		Bootstrap: b,
		Timing:    w.timing,
		Upkeep:    Upkeep{Snapshots: w.snapshots, Checkpoint: w.checkpoint}, Members: w.members,
		Logger: hclog.New(&hclog.LoggerOptions{Name: n.name, Level: hclog.Info, Output: n.log}),
		Host: Host{Disk: disk, Listener: socket,
			Dial:    func(ctx context.Context, to string) (net.Conn, error) { return host.Dial(ctx, to) },
			Wall:    func() time.Time { return time.Now().Add(time.Duration(n.skew.Load())) },
			Observe: w.observe},
	})
	if err != nil {
		w.t.Fatal(err)
	}
	n.life.Store(node)
}

// crash cuts the power of a machine and starts it again at once from what its
// disk had kept. The old process lives on, unable to reach anybody, until the
// burial: Raft may leave futures hanging when it is shut down under load.
func (w *world) crash(n *simNode) {
	w.t.Helper()
	n.disk = n.disk.Crash()
	n.zombies = append(n.zombies, zombie{n.life.Load(), time.Now()})
	n.log.mute.Store(true)
	w.boot(n)
}

// bury shuts down the zombies that died some time ago.
func (w *world) bury(ago time.Duration) {
	w.t.Helper()
	for _, n := range w.nodes {
		n.zombies = slices.DeleteFunc(n.zombies, func(z zombie) bool {
			if time.Since(z.died) < ago {
				return false
			}
			if err := z.node.Close(); err != nil {
				w.t.Errorf("close a life of %s: %v", n.name, err)
			}
			return true
		})
	}
}

// stop ends a node in good order; boot starts it again.
func (w *world) stop(n *simNode) {
	w.t.Helper()
	if err := n.life.Load().Close(); err != nil {
		w.t.Errorf("close %s: %v", n.name, err)
	}
	n.host.Crash()
	n.life.Store(nil)
}

func (w *world) close() {
	w.t.Helper()
	if w.t.Failed() {
		w.t.Logf("the last of the nodes' logs:\n%s", w.log.tail())
	}
	w.bury(0)
	for _, n := range w.nodes {
		if n.life.Load() != nil {
			n.log.mute.Store(true)
			w.stop(n)
		}
	}
}

func (w *world) leader() *simNode {
	for _, n := range w.nodes {
		if n.life.Load() != nil && n.group().replica.leads() && n.group().overview.office.ready() {
			return n
		}
	}
	return nil
}

// awaitLeader waits until somebody is in office who is none of those.
func (w *world) awaitLeader(ctx context.Context, not ...*simNode) *simNode {
	w.t.Helper()
	var found *simNode
	w.await(ctx, "a leader", func() bool {
		found = w.leader()
		return found != nil && !slices.Contains(not, found)
	})
	return found
}

// await looks every few milliseconds of virtual time until yes says so.
func (w *world) await(ctx context.Context, what string, yes func() bool) {
	w.t.Helper()
	for !yes() {
		if ctx.Err() != nil {
			w.t.Fatalf("waited in vain for %s", what)
		}
		sleep(ctx, 5*time.Millisecond)
	}
}

// others are all nodes but one.
func (w *world) others(not *simNode) []*simNode {
	return slices.DeleteFunc(slices.Clone(w.nodes), func(n *simNode) bool { return n == not })
}

func clientKey(text string) fsm.Key {
	return fsm.Key{Source: fsm.KeyClient, Scope: "system:test", Text: text}
}

func itemOf(c fsm.Command, key string) fsm.Item {
	return fsm.NewItem(c, "system:test", "", clientKey(key))
}

// do proposes a command until it has an outcome, as a client that retries with
// its key does, on a node of pick each time, waiting for patience at most.
func (w *world) do(ctx context.Context, pick func() *simNode, patience time.Duration, c func() fsm.Command, key string) (outcome fsm.Outcome, unknown int, err error) {
	for {
		attempt, cancel := context.WithTimeout(ctx, patience)
		outcome, _, err = pick().group().Propose(attempt, itemOf(c(), key))
		cancel()
		var failed *Error
		if err == nil || ctx.Err() != nil || !errors.As(err, &failed) {
			return outcome, unknown, err
		}
		if failed.Outcome() == Unknown {
			unknown++
		}
		sleep(ctx, 5*time.Millisecond)
	}
}

func only(n *simNode) func() *simNode       { return func() *simNode { return n } }
func same(c fsm.Command) func() fsm.Command { return func() fsm.Command { return c } }
func sortKey(name string) cbor.ByteString   { return cbor.ByteString(collation.Key(name)) }
func agentCalled(i int) fsm.AgentID         { return fsm.AgentID(fmt.Sprintf("a%d", i)) }
func conversation(i int) fsm.ConversationID { return fsm.ConversationID(fmt.Sprintf("c%d", i)) }
func open(id fsm.ConversationID) fsm.Command {
	return fsm.OpenConversation{ID: id, Inbox: "inbox", Contact: "contact"}
}
func presence(agent int, s string) fsm.Command {
	return fsm.PutPresence{Agent: agentCalled(agent), Status: s}
}

// must does what no client loses: the setting up.
func (w *world) must(ctx context.Context, c fsm.Command) fsm.Outcome {
	w.t.Helper()
	return w.mustOn(ctx, w.nodes[0], c)
}

func (w *world) mustOn(ctx context.Context, n *simNode, c fsm.Command) fsm.Outcome {
	w.t.Helper()
	outcome, _, err := w.do(ctx, only(n), 3*time.Second, same(c), fmt.Sprintf("must-%d", w.rng.Uint64()))
	if err != nil || outcome.Rejection != nil {
		w.t.Fatalf("%T: %v %v", c, err, outcome.Rejection)
	}
	return outcome
}

// setUpTeam makes agents a0, a1, ... available, in one team with one inbox.
func (w *world) setUpTeam(ctx context.Context, agents int, settings *fsm.RotationSettings) {
	w.t.Helper()
	team := fsm.PutTeam{ID: "team", Name: "Team", Rotation: settings}
	for i := range agents {
		id := agentCalled(i)
		w.must(ctx, fsm.PutAgent{ID: id, Name: string(id), SortKey: sortKey(string(id)), Collation: collation.Version})
		w.must(ctx, presence(i, "available"))
		team.Members = append(team.Members, fsm.TeamMember{Agent: id})
	}
	w.must(ctx, team)
	w.must(ctx, fsm.PutInbox{ID: "inbox", Name: "Inbox", Assignment: fsm.InboxAssignment{Mode: "rotation", Team: "team"}})
	w.must(ctx, fsm.PutContact{ID: "contact", Name: "Contact"})
}

func assigneeOf(s *fsm.State, id fsm.ConversationID) string {
	c, _ := s.Conversations.ByID(id)
	a, _ := s.Agents.Get(c.Assignment.Assignee)
	return string(a.ID)
}

// settle heals everything and returns the state all nodes have come to, byte for
// byte the same.
func (w *world) settle(ctx context.Context) *fsm.State {
	w.t.Helper()
	w.net.Heal()
	for {
		var states []*fsm.State
		newest := uint64(0)
		for _, n := range w.nodes {
			index, err := n.group().Fence(ctx)
			if err != nil {
				w.t.Fatalf("%s does not come back: %v", n.name, err)
			}
			newest = max(newest, index)
		}
		for _, n := range w.nodes {
			if err := n.group().WaitApplied(ctx, newest); err != nil {
				w.t.Fatal(err)
			}
			states = append(states, n.group().Latest())
		}
		other := slices.IndexFunc(states, func(s *fsm.State) bool { return s.Index != states[0].Index })
		if other >= 0 {
			continue // something came in between; look again
		}
		first := snapshotOf(w.t, states[0])
		for i, s := range states {
			if !bytes.Equal(first, snapshotOf(w.t, s)) {
				w.t.Fatalf("%s and %s differ at index %d", w.nodes[0].name, w.nodes[i].name, s.Index)
			}
		}
		return states[0]
	}
}

func snapshotOf(t *testing.T, s *fsm.State) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := s.WriteSnapshot(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// A logTail keeps the end of what the nodes log, and counts some lines.
type logTail struct {
	mu       sync.Mutex
	lines    []string
	installs int
	taken    int // snapshots
}

const tailLines = 60

// A nodeLog is the log of one life of a machine.
type nodeLog struct {
	*logTail
	mute atomic.Bool // it is dead, and has nothing to say that matters
}

func (l *nodeLog) Write(p []byte) (int, error) {
	if l.mute.Load() {
		return len(p), nil
	}
	return l.logTail.Write(p)
}

func (l *logTail) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if bytes.Contains(p, []byte("Installed remote snapshot")) {
		l.installs++
	}
	if bytes.Contains(p, []byte("snapshot taken")) {
		l.taken++
	}
	if len(l.lines) == 2*tailLines {
		l.lines = append(l.lines[:0], l.lines[tailLines:]...)
	}
	l.lines = append(l.lines, string(p))
	return len(p), nil
}

func (l *logTail) tail() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Join(l.lines[max(0, len(l.lines)-tailLines):], "")
}

func (l *logTail) snapshotsInstalled() int {
	_, installed := l.snapshots()
	return installed
}

func (l *logTail) snapshots() (taken, installed int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.taken, l.installs
}

// anyCommand makes agent a0 and returns a command about it.
func anyCommand(w *world, ctx context.Context) fsm.Command {
	w.t.Helper()
	w.must(ctx, fsm.PutAgent{ID: "a0", Name: "A0", SortKey: sortKey("A0"), Collation: collation.Version})
	return presence(0, "available")
}

// checkOf is one line of a node's health.
func checkOf(n *simNode, name string) Check {
	for _, c := range n.group().Health() {
		if c.Name == name {
			return c
		}
	}
	return Check{}
}
