package cluster

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/rondohq/rondo/fsm"
	"github.com/rondohq/rondo/fsm/collation"
)

// A rationing is two teams with rates, and limits that change all the time: of each
// agent, each team and each inbox. More comes than may be given, so windows have to
// slide and places to become free before it is, while leaders die and clocks jump. It
// does one thing after the other until its outcome is known, as a bustle does.
type rationing struct {
	*bustle
	opened int
}

const (
	rationingAgents = 3
	rationingKeys   = 2_000_000 // its calls are numbered from here
)

// rationingRates are the rates of the teams, which stay as they are.
var rationingRates = []fsm.RateSettings{{Limit: 2, WindowSeconds: 15}, {Limit: 3, WindowSeconds: 11}}

func rationed(i int) fsm.AgentID            { return fsm.AgentID(fmt.Sprintf("q%d", i)) }
func rationedTeam(i int) fsm.TeamID         { return fsm.TeamID(fmt.Sprintf("qt%d", i)) }
func rationedInbox(i int) fsm.InboxID       { return fsm.InboxID(fmt.Sprintf("qi%d", i)) }
func rationedTalk(n int) fsm.ConversationID { return fsm.ConversationID(fmt.Sprintf("qm%d", n)) }
func newRationing(s *storm, seed uint64) *rationing {
	return &rationing{bustle: &bustle{storm: s, rng: rand.New(rand.NewPCG(seed, 700))}}
}

func (r *rationing) run(load context.Context) {
	r.calls = rationingKeys
	for i := range rationingAgents {
		r.ask("system:test", r.agent(i))
		r.ask("system:test", fsm.PutPresence{Agent: rationed(i), Status: "available"})
	}
	r.ask("system:test", fsm.PutContact{ID: "qp", Name: "Contact"})
	for i := range rationingRates {
		r.ask("system:test", r.team(i))
		r.ask("system:test", r.inbox(i))
	}
	for ; load.Err() == nil; sleep(load, time.Duration(r.rng.IntN(1200))*time.Millisecond) {
		if r.rng.IntN(5) < 3 {
			r.arrive()
			continue
		}
		r.meddle()
	}
}

// arrive opens some conversations at once, each through another node.
func (r *rationing) arrive() {
	var arriving sync.WaitGroup
	for at := range 1 + r.rng.IntN(3) {
		r.opened++
		c := fsm.OpenConversation{MintedID: rationedTalk(r.opened), Inbox: rationedInbox(r.rng.IntN(len(rationingRates))), Contact: "qp"}
		arriving.Go(func() { r.send(at, "connector:test", c, string(c.MintedID)) })
	}
	arriving.Wait()
}

// limit draws one: often none, and else so low that it is reached.
func (r *rationing) limit(of ...uint32) *uint32 {
	if n := of[r.rng.IntN(len(of))]; n > 0 {
		return &n
	}
	return nil
}

func (r *rationing) agent(i int) fsm.Command {
	id := rationed(i)
	return fsm.PutAgent{ID: id, Name: string(id), SortKey: sortKey(string(id)), Collation: collation.Version,
		Limits: &fsm.LimitSettings{Open: r.limit(0, 0, 4, 6, 9)}}
}

func (r *rationing) capacity(of ...uint32) *fsm.CapacitySettings {
	c := &fsm.CapacitySettings{Open: r.limit(of...)}
	if n := r.limit(of...); n != nil && r.rng.IntN(2) == 0 {
		c.Agents = map[fsm.AgentID]uint32{rationed(1): *n}
	}
	return c
}

func (r *rationing) team(i int) fsm.Command {
	team := fsm.PutTeam{ID: rationedTeam(i), Name: "Rationed", Rate: &rationingRates[i], Capacity: r.capacity(0, 0, 3, 5),
		Rotation: &fsm.RotationSettings{DrainBurst: new(uint32), Strategy: []string{"round_robin", "least_open", "weighted"}[r.rng.IntN(3)]}}
	for at := i; at < rationingAgents; at++ { // the second team lacks one
		team.Members = append(team.Members, fsm.TeamMember{Agent: rationed(at), Weight: new(uint32(at + 1))})
	}
	return team
}

func (r *rationing) inbox(i int) fsm.Command {
	return fsm.PutInbox{ID: rationedInbox(i), Name: "Rationed", Capacity: r.capacity(0, 0, 0, 4, 6),
		Assignment: fsm.InboxAssignment{Mode: "rotation", Team: rationedTeam(i)}}
}

// meddle is what people do, who know neither limits nor rates.
func (r *rationing) meddle() {
	id, who := rationedTalk(max(1, r.opened-r.rng.IntN(14))), rationed(r.rng.IntN(rationingAgents))
	principal := principalOf(who)
	switch r.rng.IntN(16) {
	case 0, 1, 2, 3, 4, 5, 6:
		r.ask(principal, fsm.CloseConversation{Conversation: id})
	case 7:
		r.ask(principal, fsm.ClaimConversation{Conversation: id, Agent: who})
	case 8:
		r.ask(principal, fsm.RequeueConversation{Conversation: id})
	case 9:
		r.ask(principal, fsm.TransferConversation{Conversation: id, Team: rationedTeam(r.rng.IntN(len(rationingRates)))})
	case 10:
		r.ask(principal, fsm.UnassignConversation{Conversation: id})
	case 11, 12:
		r.ask(principal, fsm.PutPresence{Agent: who, Status: []string{"available", "available", "away"}[r.rng.IntN(3)]})
	case 13:
		r.ask("system:test", r.agent(r.rng.IntN(rationingAgents)))
	case 14:
		r.ask("system:test", r.team(r.rng.IntN(len(rationingRates))))
	default:
		r.ask("system:test", r.inbox(r.rng.IntN(len(rationingRates))))
	}
}
