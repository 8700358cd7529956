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

// A courting is two teams that offer what comes, and one that gives and escalates.
// Offers are accepted, declined and left alone, answered twice at once, at their
// deadline and by others; people come and go, and decide something else. It does one
// thing after the other until its outcome is known, as a bustle does.
type courting struct {
	*bustle
	guests int
}

const (
	courtingAgents = 4 // the last one is in no team: what nobody wants falls to her
	courtingTeams  = 3 // the last one escalates
	courtingKeys   = 4_000_000
)

func courted(i int) fsm.AgentID               { return fsm.AgentID(fmt.Sprintf("o%d", i)) }
func courtingTeam(i int) fsm.TeamID           { return fsm.TeamID(fmt.Sprintf("ot%d", i)) }
func courtingInbox(i int) fsm.InboxID         { return fsm.InboxID(fmt.Sprintf("oi%d", i)) }
func courtingTalk(n int) fsm.ConversationID   { return fsm.ConversationID(fmt.Sprintf("om%d", n)) }
func courtingAddress(n int) string            { return fmt.Sprintf("courting%d@guests.test", n) }
func (k *courting) anyOf(of ...uint32) uint32 { return of[k.rng.IntN(len(of))] }

func newCourting(s *storm, seed uint64) *courting {
	return &courting{bustle: &bustle{storm: s, rng: rand.New(rand.NewPCG(seed, 900))}}
}

func (k *courting) run(load context.Context) {
	k.calls = courtingKeys
	for i := range courtingAgents {
		id := courted(i)
		k.ask("system:test", fsm.PutAgent{ID: id, Name: string(id), SortKey: sortKey(string(id)), Collation: collation.Version})
		k.ask("system:test", fsm.PutPresence{Agent: id, Status: "available"})
	}
	for i := courtingTeams - 1; i >= 0; i-- { // the first names the second
		k.ask("system:test", k.team(i))
		k.ask("system:test", fsm.PutInbox{ID: courtingInbox(i), Name: "Courting", Assignment: fsm.InboxAssignment{Mode: "rotation", Team: courtingTeam(i)}})
	}
	for ; load.Err() == nil; sleep(load, time.Duration(k.rng.IntN(2600))*time.Millisecond) {
		k.answer(load)
		switch dice := k.rng.IntN(20); {
		case dice < 8:
			k.arrive()
		case dice < 11:
			k.come()
		case dice < 13:
			k.ask("system:test", k.team(k.rng.IntN(courtingTeams)))
		default:
			k.meddle()
		}
	}
}

// team draws the settings of a team. No two steps of its escalations are equal.
func (k *courting) team(i int) fsm.Command {
	rotation := &fsm.RotationSettings{DrainBurst: new(uint32)}
	team := fsm.PutTeam{ID: courtingTeam(i), Name: "Courting", Rotation: rotation}
	for at := range courtingAgents - 1 {
		if at != k.rng.IntN(8) { // sometimes one is missing
			team.Members = append(team.Members, fsm.TeamMember{Agent: courted(at)})
		}
	}
	if i < courtingTeams-1 {
		rotation.OfferSeconds, rotation.OfferPauseSeconds = new(k.anyOf(5, 5, 7)), new(k.anyOf(2, 4))
		team.Escalations = []fsm.EscalationSettings{{When: "no_acceptance", AfterSeconds: 11, Do: "priority", Priority: new(uint8(3))}}
	}
	last := &fsm.FallbackSettings{To: "agent", Agent: courted(courtingAgents - 1), AfterSeconds: new(uint32(300))}
	switch {
	case i == courtingTeams-1:
		team.Escalations = k.escalations()
	case i == 0 && k.rng.IntN(2) == 0:
		rotation.Fallback = &fsm.FallbackSettings{To: "team", Team: courtingTeam(1), AfterSeconds: new(uint32(300)), Then: last}
	case k.rng.IntN(2) == 0:
		rotation.Fallback = last
	}
	return team
}

func (k *courting) escalations() (steps []fsm.EscalationSettings) {
	for _, step := range []fsm.EscalationSettings{
		{When: "no_acceptance", AfterSeconds: 5, Do: "supervisors"},
		{When: "no_reply", AfterSeconds: 6, Do: "next"},
		{When: "no_first_reply", AfterSeconds: 8, Do: "priority", Priority: new(uint8(5))},
		{When: "waiting", AfterSeconds: 7, Do: "team", Team: courtingTeam(1)},
		{When: "no_reply", AfterSeconds: 13, Do: "supervisors"},
		{When: "no_first_reply", AfterSeconds: 30, Do: "agent", Agent: courted(courtingAgents - 1)},
	} {
		if k.rng.IntN(4) > 0 {
			steps = append(steps, step)
		}
	}
	return steps
}

// arrive is one who writes, or two at once, each through another node.
func (k *courting) arrive() {
	var arriving sync.WaitGroup
	for at := range 1 + k.rng.IntN(2) {
		k.guests++
		c := fsm.ReceiveMessage{Inbox: courtingInbox(k.rng.IntN(courtingTeams)), ID: fmt.Sprintf("courting-%d", k.guests),
			From:          fsm.Sender{Address: courtingAddress(k.guests)},
			MintedContact: fsm.ContactID(fmt.Sprintf("oc%d", k.guests)), MintedID: courtingTalk(k.guests)}
		arriving.Go(func() { k.send(at, "connector:test", c, c.ID) })
	}
	arriving.Wait()
}

// come lets somebody go, or come back.
func (k *courting) come() {
	who := courted(k.rng.IntN(courtingAgents - 1))
	status := []string{"available", "available", "away"}[k.rng.IntN(3)]
	k.ask(principalOf(who), fsm.PutPresence{Agent: who, Status: status})
}

// answer answers an open offer, in one of the ways in which people and programs do.
func (k *courting) answer(load context.Context) {
	state, i := k.alive(k.rng).group.Latest(), k.rng.IntN(courtingAgents-1)
	agent, _ := state.Agents.ByID(courted(i))
	offer, open := state.Offers.OfAgent(agent.Handle)
	if !open {
		return
	}
	who, other := principalOf(agent.ID), principalOf(courted((i+1)%(courtingAgents-1)))
	accept, decline := fsm.AcceptOffer{Offer: offer.Handle}, fsm.DeclineOffer{Offer: offer.Handle, Reason: "busy"}
	switch k.rng.IntN(14) {
	case 0, 1, 12, 13:
		k.ask(who, accept)
	case 2, 3, 4:
		k.ask(who, decline)
	case 5, 6: // whoever is asked answers on three screens
		var meeting sync.WaitGroup
		for at, c := range []fsm.Command{accept, accept, decline} {
			k.calls++
			key := fmt.Sprint(k.calls)
			meeting.Go(func() { k.send(at, who, c, key) })
		}
		meeting.Wait()
	case 7: // at the deadline
		sleep(load, time.Duration(offer.DueMs-state.NowMs+k.rng.Int64N(400)-200)*time.Millisecond)
		k.ask(who, accept)
	case 8: // whom nobody has asked
		k.ask(other, accept)
	case 9: // twice, and the second time too late
		k.ask("system:desk", decline)
		k.ask(who, accept)
	}
}

// meddle is what people do, who have no offers in mind.
func (k *courting) meddle() {
	i := k.rng.IntN(courtingAgents - 1)
	n := max(1, k.guests-k.rng.IntN(10))
	id, who := courtingTalk(n), courted(i)
	principal := principalOf(who)
	switch k.rng.IntN(14) {
	case 0, 1, 2:
		k.ask(principal, fsm.CloseConversation{Conversation: id})
	case 3:
		k.ask(principal, fsm.ClaimConversation{Conversation: id, Agent: who})
	case 4:
		k.ask(principal, fsm.RequeueConversation{Conversation: id})
	case 5:
		k.ask(principal, fsm.TransferConversation{Conversation: id, Team: courtingTeam(k.rng.IntN(courtingTeams))})
	case 6:
		k.ask(principal, fsm.UnassignConversation{Conversation: id})
	case 7:
		k.ask(principal, fsm.ReadConversation{Conversation: id})
	case 8, 9, 10:
		k.message(id, "outbound")
	default:
		k.message(id, "inbound")
	}
}

func (k *courting) message(id fsm.ConversationID, direction string) {
	k.ask("connector:test", fsm.AddMessage{Conversation: id, ID: fmt.Sprintf("courting-again-%d", k.calls), Direction: direction,
		MintedID: fsm.ConversationID(fmt.Sprintf("on%d", k.calls))})
}
