package fsm

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// offering returns a lab with n agents who are there, in a team that asks.
func offering(t testing.TB, n int, rotation RotationSettings) *lab {
	l := newLab(t)
	rotation.OfferSeconds = number(60)
	l.staff(n, rotation)
	for i := range n {
		l.accept(available(i))
	}
	return l
}

// offerOf returns the open offer of agent i.
func (l *lab) offerOf(i int) Offer {
	l.t.Helper()
	offer, ok := l.state.Offers.OfAgent(l.agent(i))
	if !ok || offer.Because != WithdrawnNot {
		l.t.Fatalf("%s is not asked: %+v", agentID(i), offer)
	}
	return offer
}

// withdrawnOnly checks that the last entry withdrew an offer to agent 0 for a reason.
func (l *lab) withdrawnOnly(why Withdrawal) {
	l.t.Helper()
	for _, rec := range l.records() {
		if rec.Event == OfferWithdrawn && rec.Agent == l.agent(0) && rec.Reason == why.String() {
			return
		}
	}
	l.t.Errorf("nothing was withdrawn for %q: %v", why, l.told())
}

// TestEveryWithdrawal: for each reason there is a command by which an offer is
// withdrawn in the very entry.
func TestEveryWithdrawal(t *testing.T) {
	limited := PutAgent{ID: agentID(0), Name: string(agentID(0)), Limits: &LimitSettings{Open: number(1)}}
	for why, commands := range map[Withdrawal][]Command{
		WithdrawnDecided:  {CloseConversation{"c"}},
		WithdrawnPresence: {away(0)},
		WithdrawnMember:   {DeleteMember{Team: "t", Agent: agentID(0)}},
		WithdrawnAccess:   {putAgent(7), PutInboxAccess{"i", agentID(7)}},
		WithdrawnLimits:   {limited, AssignConversation{Conversation: "d", Agent: agentID(0)}},
		WithdrawnSkills:   {PutAgent{ID: agentID(0), Name: string(agentID(0))}},
	} {
		t.Run(why.String(), func(t *testing.T) {
			l := newLab(t)
			l.staff(1, RotationSettings{OfferSeconds: number(60)})
			open := OpenConversation{ID: "c", Inbox: "i", Contact: "p"}
			if why == WithdrawnSkills {
				l.accept(PutAgent{ID: agentID(0), Name: string(agentID(0)), Languages: []string{"es"}})
				open.Requires = &Requirement{Language: "es"}
			}
			l.accept(available(0), open, openIt("d"))
			l.offerOf(0)
			l.accept(commands...)
			l.withdrawnOnly(why)
		})
	}
}

// TestAReleaseWithdraws: who is let go is asked no longer, also where her status does
// not matter.
func TestAReleaseWithdraws(t *testing.T) {
	for _, to := range []string{toKeep, toRequeue} {
		l := offering(t, 2, RotationSettings{AssignTo: "anyone"})
		l.accept(openIt("c"))
		l.offerOf(0)
		l.accept(ReleaseAgent{Agent: agentID(0), To: to})
		l.withdrawnOnly(WithdrawnPresence)
		l.offerOf(1)
	}
}

// TestAShiftsEndWithdraws: a rule has asked for who is on shift. When the shift is
// over, or she is taken out of it, her offer is withdrawn.
func TestAShiftsEndWithdraws(t *testing.T) {
	hours := func(l *lab, agents ...RosterEntry) PutSchedule {
		c := office(horizon(l.nowMs, 3, Turn{AtMs: l.nowMs + 10_000, On: 0}), "late")
		c.Shifts[0].Agents = agents
		return c
	}
	for name, end := range map[string]func(*lab){
		"time":     func(l *lab) { l.nowMs += 10_000; l.apply() },
		"roster":   func(l *lab) { l.accept(hours(l, RosterEntry{Agent: agentID(1)})) },
		"of group": func(l *lab) { l.accept(DeleteGroupMember{"g", agentID(0)}) },
	} {
		t.Run(name, func(t *testing.T) {
			l := newLab(t)
			l.staff(2, RotationSettings{OfferSeconds: number(60)})
			l.accept(PutGroup{ID: "g", Name: "G"}, PutGroupMember{"g", agentID(0)})
			l.accept(hours(l, RosterEntry{Group: "g"}))
			l.accept(openIt("c"))
			c := l.conversation("c")
			row, _ := l.state.Schedules.ByID("office")
			c.Home, c.Narrowed = c.Assignment.Team, &Narrowing{Team: c.Assignment.Team, Asks: Asks{Shift: row.Handle}}
			l.state.Conversations.Put(c)
			l.accept(available(0))
			l.offerOf(0)
			end(l)
			l.withdrawnOnly(WithdrawnShift)
		})
	}
}

// TestALapEndsWithTheLast: c waits for the one agent who was not asked, since she has
// another offer. When that makes her full, or she goes, the fallback takes over at once.
func TestALapEndsWithTheLast(t *testing.T) {
	for name, last := range map[string]Command{"accepts": AcceptOffer{}, "goes": away(1)} {
		for _, fallback := range []*FallbackSettings{nil, {To: "team_inbox", AfterSeconds: number(900)}} {
			t.Run(fmt.Sprint(name, " ", fallback != nil), func(t *testing.T) {
				l := offering(t, 2, RotationSettings{Fallback: fallback})
				l.accept(PutAgent{ID: agentID(1), Name: string(agentID(1)), Limits: &LimitSettings{Open: number(1)}})
				l.accept(openIt("c"), openIt("d"))
				l.accept(DeclineOffer{Offer: l.offerOf(0).Handle})
				if c := l.conversation("c"); c.Assignment.State != StateWaiting || c.Assignment.Cause == CauseDeclined {
					t.Fatalf("c is %+v", c.Assignment)
				}
				if _, ok := last.(AcceptOffer); ok {
					last = AcceptOffer{l.offerOf(1).Handle}
				}
				l.accept(last)
				at := l.conversation("c").Assignment
				if fallback == nil && (at.State != StateWaiting || at.Cause != CauseDeclined) || fallback != nil && at.State != StateManual {
					t.Errorf("c is %+v", at)
				}
			})
		}
	}
}

// TestWhoseOfferItIs: who may not answer is told who may.
func TestWhoseOfferItIs(t *testing.T) {
	l := offering(t, 2, RotationSettings{})
	l.accept(PutAgent{ID: "x", Name: "X", Role: "agent"}, openIt("c"))
	r := l.refuse(AcceptOffer{l.offerOf(0).Handle})
	if r.Reason != NotPermitted || !strings.Contains(r.Detail, string(agentID(0))) || !strings.Contains(r.Detail, `team "t"`) {
		t.Errorf("refused: %+v", r)
	}
}

// TestNoMoreEndedOffersThanTheLimit: the oldest go, in portions.
func TestNoMoreEndedOffersThanTheLimit(t *testing.T) {
	l := newLab(t)
	const more = StepsPerEntry + 10
	for i := range MaxEndedOffers + more {
		l.state.Offers.Put(Offer{Handle: OfferHandle(i + 1), End: OfferEndDeclined, EndedMs: l.nowMs + int64(i)/1000})
	}
	l.apply()
	if n := l.state.Offers.Len(); n != MaxEndedOffers+10 {
		t.Fatalf("after one entry there are %d", n)
	}
	l.apply()
	l.apply()
	if _, kept := l.state.Offers.Get(more); kept || l.state.Offers.Len() != MaxEndedOffers {
		t.Fatalf("%d are kept", l.state.Offers.Len())
	}
}

// BenchmarkOfferLines: everything that waits was offered to others before, so each is a
// line of its own, and an agent accepts one and is asked for the next.
func BenchmarkOfferLines(b *testing.B) {
	for _, n := range []int{1000, 10_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			l := newLab(b)
			l.staff(500, RotationSettings{OfferSeconds: number(60), OfferPauseSeconds: number(3600)})
			l.acceptAll(openMany("c", n))
			draw := rand.New(rand.NewPCG(1, 2))
			for _, c := range slices.Collect(l.state.Conversations.All()) {
				for range 6 {
					alsoAsked(l.state, &c, l.agent(draw.IntN(500)))
				}
				c.Assignment.AgainMs = l.nowMs + 3_600_000
				l.state.Conversations.Put(c)
				l.state.Timers.Put(againTimer(&c))
			}
			for i := range 200 {
				l.accept(available(i))
			}
			i := 0
			for b.Loop() {
				offer, _ := l.state.Offers.OfAgent(l.agent(i % 200))
				l.accept(DeclineOffer{offer.Handle, ""})
				i++
			}
		})
	}
}
