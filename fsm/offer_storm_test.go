package fsm

import (
	"slices"
	"testing"

	"github.com/rondohq/rondo/rotation"
	"pgregory.net/rapid"
)

func stormOffers(t *rapid.T) *uint32 { return limitOrNil(pickOne(t, []int{0, 0, 5, 30}, "offer")) }

// drawOffer answers an offer: mostly an open one, else one that has ended or never was.
func (w *storm) drawOffer(t *rapid.T) Command {
	list := []OfferHandle{99_999}
	for row := range w.state.Offers.All() {
		if row.End == OfferOpen {
			list = append(list, row.Handle, row.Handle)
		}
		list = append(list, row.Handle)
	}
	offer := list[len(list)-1-upTo(t, min(len(list)-1, 8), "offer")]
	if upTo(t, 1, "answer") == 0 {
		return AcceptOffer{offer}
	}
	return DeclineOffer{offer, pickOne(t, []string{"", "busy"}, "reason")}
}

// TestOffersStorm: in teams that offer, with people who come and go, limits, rates,
// fallbacks and rules of the house that change under way, the invariants of offers
// hold after every entry.
func TestOffersStorm(t *testing.T) {
	ends := map[OfferEnd]int{}
	why := map[Withdrawal]int{}
	laps := 0
	rapid.Check(t, func(t *rapid.T) {
		w := newStorm(t, map[string]int{})
		w.apply(t, []Item{
			w.item("system:setup", PutTeam{ID: "t", Name: "T", Members: []TeamMember{{Agent: "a"}, {Agent: "b"}, {Agent: "c"}}, Rotation: &RotationSettings{OfferSeconds: number(30)}}),
			w.item("system:setup", PutTeam{ID: "v", Name: "V", Members: []TeamMember{{Agent: "a"}, {Agent: "d"}}, Rotation: &RotationSettings{OfferSeconds: number(60), OfferPauseSeconds: number(5)}}),
			w.item("system:setup", PutInbox{ID: "k", Name: "K", Assignment: InboxAssignment{Mode: "rotation", Team: "v"}}),
			w.item("system:setup", DeleteRule{"ra"}), w.item("system:setup", DeleteRule{"rb"}),
		})
		most := 30
		if underRace {
			most = 6
		}
		for range upTo(t, most, "entries") {
			w.nowMs += pickOne(t, []int64{0, 0, 0, 1, 4_999, 5_000, 30_000, 60_000}, "passes")
			var items []Item
			for range upTo(t, 5, "items") {
				actor := pickOne(t, []string{"agent:a", "agent:c", "system:crm"}, "actor")
				items = append(items, w.item(actor, w.drawAroundOffers(t)))
			}
			w.apply(t, items)
		}
		for row := range w.state.Offers.All() {
			ends[row.End]++
			if row.End == OfferEndWithdrawn {
				why[row.Because]++
			}
		}
		for c := range w.state.Conversations.All() {
			laps += int(bit(c.Assignment.Cause == CauseDeclined))
		}
		w.calm(t)
	})
	if t.Failed() || underRace {
		return
	}
	// That each reason occurs is for TestEveryWithdrawal: here chance decides which do.
	if len(ends) < 5 || len(why) < 3 || laps == 0 {
		t.Errorf("offers ended %v, were withdrawn for %v, and %d waited when all had been asked: too few ways", ends, why, laps)
	}
}

// drawAroundOffers draws what matters to offers: half of it is arrivals and answers.
func (w *storm) drawAroundOffers(t *rapid.T) Command {
	switch upTo(t, 11, "around") {
	case 0, 1, 2:
		return OpenConversation{ID: ConversationID(w.minted()), Inbox: pickOne(t, []InboxID{"i", "i", "k"}, "inbox"), Contact: pickOne(t, []ContactID{"p", "q"}, "contact"),
			Priority: uint8(upTo(t, 1, "priority")), Requires: pickOne(t, []*Requirement{nil, nil, nil, {Language: "es"}}, "requires")}
	case 3, 4, 5:
		return w.drawOffer(t)
	case 6:
		return PutPresence{Agent: stormAgent(t), Status: pickOne(t, []string{"available", "available", "away", "in_break", "unavailable"}, "status")}
	case 7:
		agent := pickOne(t, []AgentID{"a", "b", "c", "d"}, "agent")
		return PutAgent{ID: agent, Name: string(agent), SortKey: sortKeyOf(string(agent)), Role: "supervisor", Languages: pickOne(t, [][]string{nil, {"es"}}, "languages"),
			Limits: &LimitSettings{Open: stormLimit(t)}}
	case 8:
		return pickOne(t, []Command{DeleteMember{Team: stormTeam(t), Agent: stormAgent(t)}, PutMember{Team: stormTeam(t), Agent: stormAgent(t)},
			PutInboxAccess{stormInbox(t), stormAgent(t)}, DeleteInboxAccess{stormInbox(t), stormAgent(t)}, PutGroupMember{"g", "b"}, DeleteGroupMember{"g", "b"}}, "people")
	case 9:
		return w.drawMove(t)
	default:
		return w.draw(t)
	}
}

// checkOpenOffers: what must hold of offers between entries.
func checkOpenOffers(t *rapid.T, s *State) {
	armed := map[Timer]bool{}
	for timer := range s.Timers.All() {
		armed[timer] = timer.Kind == TimerOffer || timer.Kind == TimerOfferAgain
	}
	ofAgent, ofConversation := map[AgentHandle]bool{}, map[ConversationHandle]bool{}
	for row := range s.Offers.All() {
		if (row.End == OfferOpen) != (row.EndedMs == 0) || (row.End == OfferEndWithdrawn) && row.Because == WithdrawnNot {
			t.Fatalf("an offer that cannot be: %+v", row)
		}
		if row.End != OfferOpen {
			continue
		}
		c, _ := s.Conversations.Get(row.Conversation)
		switch {
		case ofAgent[row.Agent] || ofConversation[row.Conversation]:
			t.Fatalf("asked twice at once: %+v", row)
		case c.Assignment.State != StateOffered || c.Assignment.Offered != row.Agent || c.Assignment.Team != row.Team || c.Status != StatusOpen || c.Assignment.Assignee != 0:
			t.Fatalf("offer %+v of %s, which is %+v", row, c.ID, c.Assignment)
		case hasAsked(&c, row.Agent):
			t.Fatalf("%s is offered to %d once more in this lap: %v", c.ID, row.Agent, c.Asked)
		case row.Because == WithdrawnNot && !armed[row.timer()]:
			t.Fatalf("nothing ends offer %+v", row)
		case row.Because == WithdrawnNot && stale(s, row) != WithdrawnNot:
			t.Fatalf("offer %+v stands, though %s", row, stale(s, row))
		}
		delete(armed, row.timer())
		ofAgent[row.Agent], ofConversation[row.Conversation] = true, true
		for team := range s.Members.TeamsOf(row.Agent) {
			if m, _ := s.Members.Of(team, row.Agent); m.Verdict == rotation.Eligible {
				t.Fatalf("agent %d is asked, and may be picked in team %d", row.Agent, team)
			}
		}
	}
	checkAsked(t, s, ofConversation, armed)
}

// checkAsked is checkOpenOffers of conversations.
func checkAsked(t *rapid.T, s *State, offered map[ConversationHandle]bool, armed map[Timer]bool) {
	for c := range s.Conversations.All() {
		waits := c.Assignment.State == StateWaiting
		switch {
		case (c.Assignment.State == StateOffered) != offered[c.Handle], (c.Assignment.Offered != 0) != offered[c.Handle]:
			t.Fatalf("%s is %+v, an offer is open: %v", c.ID, c.Assignment, offered[c.Handle])
		case !slices.IsSorted(c.Asked), len(c.Asked) > 0 && !c.Assignment.queued():
			t.Fatalf("%s remembers %v, and is %+v", c.ID, c.Asked, c.Assignment)
		case (c.Assignment.AgainMs != 0) != (waits && len(c.Asked) > 0), c.Assignment.AgainMs != 0 && !armed[againTimer(&c)]:
			t.Fatalf("%s is %+v, asked %v: nobody will ever be asked again", c.ID, c.Assignment, c.Asked)
		}
		delete(armed, againTimer(&c))
	}
	for timer, of := range armed {
		if of && timer.DueMs > s.NowMs {
			t.Fatalf("timer %+v is for nothing", timer)
		}
	}
	for m := range s.Members.All() {
		if m.Verdict == rotation.Offered && !hasOffer(s, m.Agent) {
			t.Fatalf("agent %d cannot be picked in team %d for an offer that is not there", m.Agent, m.Team)
		}
	}
}
