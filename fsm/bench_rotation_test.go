package fsm

import (
	"fmt"
	"testing"
)

// BenchmarkRotation is one decision, in an entry of its own, in a team of 2,000:
// by either strategy, in each order, and with all or one of them there.
func BenchmarkRotation(b *testing.B) {
	for _, strategy := range []string{"round_robin", "least_open"} {
		for _, order := range []string{"name", "least_recently_assigned"} {
			for _, there := range []int{MaxMembers, 1} {
				b.Run(fmt.Sprintf("%s/%s/%d-of-%d", strategy, order, there, MaxMembers), func(b *testing.B) {
					l := newLab(b)
					l.staff(MaxMembers, RotationSettings{Strategy: strategy, Order: order})
					var arrive []Command
					for i := range there {
						arrive = append(arrive, available(MaxMembers-1-i))
					}
					for i := range MaxMembers { // nobody is without anything, which would be the end of the search
						arrive = append(arrive, openIt(fmt.Sprint("first-", i)))
					}
					l.acceptAll(arrive)
					for n := 0; b.Loop(); n++ {
						l.nowMs++
						l.apply(l.item(openIt(fmt.Sprint("c", n))))
					}
				})
			}
		}
	}
}

// restricted returns a lab with a team of 20, all away but those who are there, and
// 10,000 conversations that wait in 65 lines: 64 restrictions, and those without.
// Nobody meets a restriction.
func restricted(b *testing.B) *lab {
	const lines, waiting = MaxRestrictions + 1, 10_000
	l := newLab(b)
	l.staff(20, RotationSettings{DrainBurst: number(0)})
	var batch []Command
	for i := range waiting {
		c := OpenConversation{ID: ConversationID(fmt.Sprint("w", i)), Inbox: "i", Contact: "p"}
		if n := i % lines; n > 0 {
			c.Requires = &Requirement{Language: fmt.Sprint("l", n)}
		}
		batch = append(batch, c)
	}
	l.acceptAll(batch)
	if q, _ := l.queue(); q.Waiting != waiting {
		b.Fatalf("%d wait", q.Waiting)
	}
	l.forgetKeys()
	return l
}

// BenchmarkWaiting is what happens while 10,000 wait in 65 lines: one more arrives
// that nobody may take, one that somebody takes at once, somebody comes for whom
// nothing waits, and one waiting is served.
func BenchmarkWaiting(b *testing.B) {
	l := restricted(b)
	b.Run("one-more-waits", func(b *testing.B) {
		for n := 0; b.Loop(); n++ {
			l.nowMs++
			l.apply(l.item(OpenConversation{ID: ConversationID(fmt.Sprint(b.N, "-", l.minted)), Inbox: "i", Contact: "p", Requires: &Requirement{Language: "l7"}}))
		}
	})
	b.Run("somebody-comes-and-takes-one", func(b *testing.B) {
		l.accept(PutTeam{ID: "t", Name: "T", Members: []TeamMember{{Agent: agentID(0)}}, Rotation: &RotationSettings{DrainBurst: number(1)}})
		for b.Loop() {
			l.nowMs++
			l.apply(l.item(available(0)))
			l.apply(l.item(PutPresence{Agent: agentID(0), Status: "away"}))
		}
	})
	b.Run("somebody-comes-for-nothing", func(b *testing.B) {
		l := restricted(b)
		l.accept(available(0)) // takes those without a restriction
		for b.Loop() {
			l.nowMs++
			l.apply(l.item(available(1)), l.item(PutPresence{Agent: agentID(1), Status: "away"}))
		}
	})
	b.Run("taken-at-once", func(b *testing.B) {
		l := restricted(b)
		l.accept(available(0))
		for b.Loop() {
			l.nowMs++
			l.apply(l.item(openIt(fmt.Sprint("t", l.minted))))
		}
	})
}
