package cluster

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/rondohq/rondo/fsm"
	"github.com/rondohq/rondo/fsm/collation"
)

const (
	stormTeams   = 2
	stormAgents  = 4 // a team
	stormClients = 4
)

// A storm is the load on a world and what happens to it meanwhile.
type storm struct {
	*world
	history *history
	ctx     context.Context
	began   time.Time
	faults  []faultTime
	logbook *logbook
}

// setUp makes the teams. Nobody drains: whoever comes back takes all that waits.
func (s *storm) setUp() {
	s.t.Helper()
	s.must(s.ctx, fsm.PutContact{ID: "contact", Name: "Contact"})
	for team := range stormTeams {
		put := fsm.PutTeam{ID: teamCalled(team), Name: "Team", Rotation: &fsm.RotationSettings{DrainBurst: new(uint32)}}
		for i := range stormAgents {
			number := team*stormAgents + i
			id := agentCalled(number)
			s.must(s.ctx, fsm.PutAgent{ID: id, Name: string(id), SortKey: sortKey(string(id)), Collation: collation.Version})
			s.must(s.ctx, presence(number, "available"))
			put.Members = append(put.Members, fsm.TeamMember{Agent: id})
		}
		s.must(s.ctx, put)
		s.must(s.ctx, fsm.PutInbox{ID: inboxCalled(team), Name: "Inbox",
			Assignment: fsm.InboxAssignment{Mode: "rotation", Team: put.ID}})
	}
}

// now is the time for a history.
func (s *storm) now() int64 { return int64(time.Since(s.began)) + 1 }

// alive picks a node that runs.
func (s *storm) alive(rng *rand.Rand) *Node {
	for at, i := rng.IntN(len(s.nodes)), 0; ; i++ {
		if node := s.nodes[(at+i)%len(s.nodes)].life.Load(); node != nil {
			return node
		}
	}
}

// work runs the clients and the watchers until load ends; what they left unknown
// is asked for again by the function it returns, once everything is well.
func (s *storm) work(load context.Context, seed uint64) (settle func()) {
	var working sync.WaitGroup
	clients := make([]*client, stormClients)
	for i := range clients {
		clients[i] = &client{storm: s, number: i, rng: rand.New(rand.NewPCG(seed, uint64(100+i)))}
		working.Go(func() { clients[i].run(load) })
	}
	upheaval := &upheaval{storm: s, rng: rand.New(rand.NewPCG(seed, 400))}
	working.Go(func() { upheaval.run(load) })
	bustle := &bustle{storm: s, rng: rand.New(rand.NewPCG(seed, 500))}
	working.Go(func() { bustle.run(load) })
	ruling := newRuling(s, seed)
	working.Go(func() { ruling.run(load) })
	working.Go(func() { newRationing(s, seed).run(load) })
	working.Go(func() { newCaprice(s, seed).run(load) })
	working.Go(func() { newCourting(s, seed).run(load) })
	for i := range 2 {
		working.Go(func() { s.watch(load, i, rand.New(rand.NewPCG(seed, uint64(200+i)))) })
	}
	return func() {
		working.Wait()
		for _, c := range clients {
			c.settleUnknown()
		}
	}
}

// watch follows the records as a subscriber does who goes from node to node.
func (s *storm) watch(load context.Context, number int, rng *rand.Rand) {
	var last fsm.RecordID
	for ; load.Err() == nil; sleep(load, time.Duration(rng.IntN(600))*time.Millisecond) {
		state := s.alive(rng).group.Latest()
		for rec := range state.Records.From(last) {
			if rec.ID == last {
				continue
			}
			last = rec.ID
			s.history.note(func() {
				s.history.watched[number] = append(s.history.watched[number], watched{rec.ID, rec.Seq, rec.Event.String()})
			})
		}
	}
}

// A client calls one node after the other and keeps what it was told.
type client struct {
	*storm
	number  int
	rng     *rand.Rand
	calls   int
	wrote   [stormTeams]*op    // its last change, and the index it was told
	index   [stormTeams]uint64 // to read from
	unknown []pendingOp
}

// A pendingOp was given up while its outcome was unknown.
type pendingOp struct {
	op      *op
	command func() fsm.Command
}

func (c *client) run(load context.Context) {
	for ; load.Err() == nil; sleep(load, time.Duration(c.rng.IntN(350))*time.Millisecond) {
		team := c.rng.IntN(stormTeams)
		switch dice := c.rng.IntN(100); {
		case dice < 40:
			c.open(team)
		case dice < 65:
			c.act(team, []string{opClaim, opClose, opRequeue}[c.rng.IntN(3)])
		case dice < 68: // everybody goes, so that things wait
			for agent := range stormAgents {
				c.presence(team, agent, false)
			}
		case dice < 84:
			c.presence(team, c.rng.IntN(stormAgents), c.rng.IntN(4) > 0)
		case dice < 94:
			c.read(team)
		default:
			c.stale(team)
		}
	}
}

// open makes a conversation whose id each sending mints anew, as a node does for a
// client that gives none: only the key says that two are the same.
func (c *client) open(team int) {
	o := &op{Kind: opOpen, Team: team, Label: c.history.newLabel(team)}
	c.write(o, func() fsm.Command {
		return fsm.OpenConversation{MintedID: fsm.ConversationID(fmt.Sprintf("m%x", c.rng.Uint64())), Inbox: inboxCalled(team),
			Contact: "contact", Attributes: map[string]string{"label": fmt.Sprint(o.Label), "a": "1", "z": "2"}}
	})
}

func (c *client) act(team int, kind string) {
	known, ok := c.history.recent(team, c.rng.IntN(12))
	if kind == opClaim && c.rng.IntN(2) == 0 {
		known, ok = c.firstWaiting(team)
	}
	if !ok {
		return
	}
	o := &op{Kind: kind, Team: team, Label: known.label, Agent: c.rng.IntN(stormAgents)}
	c.write(o, same(map[string]fsm.Command{
		opClaim:   fsm.ClaimConversation{Conversation: known.id, Agent: agentCalled(team*stormAgents + o.Agent)},
		opClose:   fsm.CloseConversation{Conversation: known.id},
		opRequeue: fsm.RequeueConversation{Conversation: known.id},
	}[kind]))
}

// firstWaiting is what an agent would take who looks at a queue.
func (c *client) firstWaiting(team int) (acquainted, bool) {
	state := c.alive(c.rng).group.Latest()
	row, _ := state.Teams.ByID(teamCalled(team))
	for waits := range state.Conversations.Queue(row.Handle) {
		return acquainted{labelOf(waits), waits.ID}, true
	}
	return acquainted{}, false
}

func (c *client) presence(team, agent int, available bool) {
	status := "away"
	if available {
		status = "available"
	}
	o := &op{Kind: opPresence, Team: team, Agent: agent, Available: available}
	c.write(o, same(presence(team*stormAgents+agent, status)))
}

// write makes a change. It is tried until its outcome is known, or, now and then,
// given up: for good if the cluster says that it did not happen.
func (c *client) write(o *op, command func() fsm.Command) {
	c.calls++
	o.Client, o.Key, o.Call = c.number, fmt.Sprintf("%d-%d", c.number, c.calls), c.now()
	patience := time.Duration(20+c.rng.IntN(1200)) * time.Millisecond
	unsure := false
	for {
		failed := c.try(o, patience, command())
		switch {
		case failed == nil:
			if unsure {
				c.history.note(func() { c.history.settled++ })
			}
			c.askAgain(o, patience, command)
			return
		case failed.Outcome() == Unknown:
			unsure = true
			c.history.note(func() { c.history.unknown++ })
			if c.rng.IntN(3) == 0 {
				o.End = endUnknown
				c.unknown = append(c.unknown, pendingOp{o, command})
				c.history.note(func() { c.history.ops = append(c.history.ops, o) })
				return
			}
		case !unsure && c.rng.IntN(3) == 0:
			o.End = endNever
			c.history.note(func() { c.history.ops = append(c.history.ops, o) })
			return
		}
		sleep(c.ctx, 5*time.Millisecond)
		if c.ctx.Err() != nil {
			c.history.accuse("%s %s: no outcome until the end", o.Kind, o.Key)
			return
		}
	}
}

// try asks once, and fills in what it was told.
func (c *client) try(o *op, patience time.Duration, command fsm.Command) *Error {
	node := c.alive(c.rng)
	attempt, cancel := context.WithTimeout(c.ctx, patience)
	outcome, index, err := node.group.Propose(attempt, itemOf(command, o.Key))
	cancel()
	var failed *Error
	if errors.As(err, &failed) {
		return failed
	}
	if isExpired(outcome) { // refused, and not remembered
		return rejected(CodeDeadline, outcome.Rejection)
	}
	state := node.group.View(index)
	first := o.End == ""
	o.End, o.Return, o.Seq, o.Decision, o.Assignee = endDone, c.now(), outcome.Seq, outcome.Decision, nobody
	if r := outcome.Rejection; r != nil {
		o.Refused, o.Holder = r.Reason, string(r.Assignee)
	} else if rec, ok := state.Records.ByID(outcome.Decision); ok && rec.Decision != nil {
		o.Assignee = agentOf(state, rec.Decision.Assignee)
	}
	id := fsm.ConversationID("")
	if o.Kind == opOpen {
		row, ok := state.Conversations.Get(fsm.ConversationHandle(outcome.Subject.Handle))
		if !ok || labelOf(row) != o.Label {
			c.history.accuse("open %s was answered with conversation %d, which is not in that view", o.Key, outcome.Subject.Handle)
		}
		id = row.ID
	}
	c.wrote[o.Team], c.index[o.Team] = o, index
	c.history.note(func() {
		if first {
			c.history.ops = append(c.history.ops, o)
		}
		if o.Kind == opOpen {
			c.history.known[o.Team] = append(c.history.known[o.Team], acquainted{o.Label, id})
		}
	})
	return nil
}

// askAgain repeats what was answered: the answer is the same.
func (c *client) askAgain(o *op, patience time.Duration, command func() fsm.Command) {
	if c.rng.IntN(10) > 0 {
		return
	}
	attempt, cancel := context.WithTimeout(c.ctx, patience)
	defer cancel()
	outcome, _, err := c.alive(c.rng).group.Propose(attempt, itemOf(command(), o.Key))
	if err != nil || isExpired(outcome) {
		return
	}
	if !outcome.Replayed || outcome.Seq != o.Seq || outcome.Decision != o.Decision {
		c.history.accuse("%s %s was number %d, decision %s; asked again it is %+v", o.Kind, o.Key, o.Seq, o.Decision, outcome)
	}
	c.history.note(func() { c.history.again++ })
}

// settleUnknown asks for what was given up, but leaves some unknown for ever.
func (c *client) settleUnknown() {
	for _, p := range c.unknown {
		if c.rng.IntN(12) == 0 {
			continue
		}
		for c.try(p.op, 5*time.Second, p.command()) != nil {
			if c.ctx.Err() != nil {
				c.history.accuse("%s %s: no outcome in a healed cluster", p.op.Kind, p.op.Key)
				return
			}
			sleep(c.ctx, 50*time.Millisecond)
		}
		c.history.note(func() { c.history.settled++ })
	}
}

// read reads through a fence.
func (c *client) read(team int) {
	o := &op{Client: c.number, Kind: opRead, Team: team, Call: c.now()}
	node := c.alive(c.rng)
	attempt, cancel := context.WithTimeout(c.ctx, time.Second)
	defer cancel()
	index, err := node.group.Fence(attempt)
	if err != nil {
		return
	}
	c.saw(o, node.group.View(index))
}

// stale reads what a node has, but not older than the client's own last change,
// wherever it was made. So its place is somewhere between that change and now.
func (c *client) stale(team int) {
	wrote := c.wrote[team]
	if wrote == nil {
		return
	}
	o := &op{Client: c.number, Kind: opStale, Team: team, Call: wrote.Call}
	node := c.alive(c.rng)
	attempt, cancel := context.WithTimeout(c.ctx, 500*time.Millisecond)
	defer cancel()
	if err := node.group.WaitApplied(attempt, c.index[team]); err != nil {
		return
	}
	state := node.group.View(c.index[team])
	if state.Seq < wrote.Seq {
		c.history.accuse("a view at index %d lacks change %d, which is in it", c.index[team], wrote.Seq)
	}
	c.saw(o, state)
}

func (c *client) saw(o *op, state *fsm.State) {
	o.View, o.Seq, o.End, o.Return = viewOf(state, o.Team), state.Seq, endDone, c.now()
	c.history.note(func() { c.history.ops = append(c.history.ops, o) })
}

// torment does something to the leader until it has changed so often. It returns
// the number of changes.
func (s *storm) torment(changes int, faults []fault) (seen int) {
	s.awaitLeader(s.ctx)
	for last := s.term(); seen < changes && s.ctx.Err() == nil; {
		leader := s.awaitLeader(s.ctx)
		sleep(s.ctx, time.Duration(s.rng.IntN(300))*time.Millisecond)
		f := faults[s.rng.IntN(len(faults))]
		if len(s.nodes) < f.nodes {
			continue
		}
		s.faults = append(s.faults, faultTime{time.Duration(s.now()), f.name, leader.name})
		s.history.byFault[f.name]++
		f.do(s, leader)
		s.awaitChange(last, 3*time.Second)
		s.calm()
		s.awaitLeader(s.ctx)
		if term := s.term(); term > last {
			seen, last = seen+1, term
		}
		s.bury(5 * time.Second)
	}
	return seen
}

// term is the newest term in which a leader is in office.
func (s *storm) term() uint64 {
	if leader := s.leader(); leader != nil {
		return leader.group().replica.raft.CurrentTerm()
	}
	return 0
}

// awaitChange waits until somebody leads in a newer term, but not for ever: some
// faults change no leader.
func (s *storm) awaitChange(last uint64, patience time.Duration) {
	until := time.Now().Add(patience)
	for s.ctx.Err() == nil && time.Now().Before(until) {
		newer := slices.ContainsFunc(s.nodes, func(n *simNode) bool {
			node := n.life.Load()
			return node != nil && node.group.replica.leads() && node.group.overview.office.ready() &&
				node.group.replica.raft.CurrentTerm() > last
		})
		if newer {
			return
		}
		sleep(s.ctx, 20*time.Millisecond)
	}
}
