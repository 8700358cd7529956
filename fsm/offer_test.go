package fsm

import (
	"testing"
	"time"
)

// openOffers counts the offers that are open.
func (l *lab) openOffers() int { return l.state.Offers.ofAgent.Len() }

// TestManyOffersAreWithdrawnInPortions: when a whole team may not have what was offered
// any more, no entry does more than its share, nothing can be accepted meanwhile, and
// all waits in the end, with its age.
func TestManyOffersAreWithdrawnInPortions(t *testing.T) {
	const n = 600
	l := newLab(t)
	l.staff(n, RotationSettings{OfferSeconds: number(60)})
	var come []Command
	for i := range n {
		come = append(come, available(i))
	}
	l.acceptAll(come)
	l.acceptAll(openMany("c", n))
	if l.openOffers() != n {
		t.Fatalf("%d offers are open, want %d", l.openOffers(), n)
	}
	l.accept(putAgent(n), PutInboxAccess{"i", agentID(n)})
	for round := 0; l.openOffers() > 0; round++ {
		before := l.openOffers()
		var last OfferHandle
		for handle := range l.state.Offers.stale.From(0) {
			last = handle
		}
		if r := l.apply(l.item(AcceptOffer{last}))[0].Rejection; r == nil || r.Reason != OfferEnded {
			t.Fatalf("the answer to a stale offer: %+v", r)
		}
		if withdrawn := before - l.openOffers(); withdrawn > StepsPerEntry+2 || withdrawn == 0 || round > 5 {
			t.Fatalf("round %d withdrew %d", round, withdrawn)
		}
	}
	if l.waiting() != n {
		t.Fatalf("%d wait, want %d", l.waiting(), n)
	}
	for c := range l.state.Conversations.All() {
		if c.Assignment.SinceMs != c.OpenedMs || len(c.Asked) > 0 {
			t.Fatalf("%s waits since %d, opened at %d, asked %v", c.ID, c.Assignment.SinceMs, c.OpenedMs, c.Asked)
		}
	}
}

// TestEndedOffersAreForgotten: what became of an offer is known for a day.
func TestEndedOffersAreForgotten(t *testing.T) {
	l := newLab(t)
	l.staff(1, RotationSettings{OfferSeconds: number(60)})
	l.accept(available(0), openIt("c"))
	offer, open := l.state.Offers.OfAgent(l.agent(0))
	if !open {
		t.Fatal("nobody was asked")
	}
	l.accept(AcceptOffer{offer.Handle})
	l.nowMs += OfferKeptMs
	l.apply()
	if r := l.refuse(AcceptOffer{offer.Handle}); r.Reason != OfferEnded {
		t.Fatalf("a day later: %+v", r)
	}
	l.nowMs += time.Second.Milliseconds()
	l.apply()
	if r := l.refuse(AcceptOffer{offer.Handle}); r.Reason != NotFound {
		t.Fatalf("after a day: %+v", r)
	}
}

// TestALapAsksEverybodyOnce: where nobody ever answers, each conversation is offered to
// each member once, and again to somebody when the pause is over.
func TestALapAsksEverybodyOnce(t *testing.T) {
	const n = 5
	l := newLab(t)
	l.staff(n, RotationSettings{OfferSeconds: number(5), OfferPauseSeconds: number(3600)})
	for i := range n {
		l.accept(available(i))
	}
	l.acceptAll(openMany("c", n))
	for range 3 * n {
		l.nowMs += 5000
		l.apply()
	}
	type ask struct {
		conversation ConversationHandle
		agent        AgentHandle
	}
	asked := map[ask]int{}
	for rec := range l.state.Records.From(RecordID{}) {
		if rec.Event == OfferMade {
			asked[ask{rec.Conversation, rec.Agent}]++
		}
	}
	for at, times := range asked {
		if times != 1 {
			t.Errorf("conversation %d was offered to agent %d %d times in a lap", at.conversation, at.agent, times)
		}
	}
	if len(asked) != n*n || l.waiting() != n {
		t.Errorf("%d offers were made, want %d; %d wait, want %d", len(asked), n*n, l.waiting(), n)
	}
	l.nowMs += 3600 * 1000
	l.apply()
	if l.openOffers() != n {
		t.Errorf("%d offers are open after the pause, want %d", l.openOffers(), n)
	}
}
