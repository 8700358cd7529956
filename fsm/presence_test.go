package fsm

import (
	"fmt"
	"testing"
	"time"

	"github.com/rondohq/rondo/rotation"
)

// leased makes an agent available for as long as she is heard of.
func leased(i int, seconds uint32) Command {
	return PutPresence{Agent: agentID(i), Status: "available", LeaseSeconds: &seconds}
}

func (l *lab) status(i int) rotation.Status {
	l.t.Helper()
	row, _ := l.state.Agents.ByID(agentID(i))
	return row.Presence.Status
}

// TestNewTermEndsNoLease: a leader that begins a night later, in the very entry
// in which every lease is long over, gives each a whole period.
func TestNewTermEndsNoLease(t *testing.T) {
	l := newLab(t)
	l.staff(2, RotationSettings{})
	l.accept(leased(0, 10), leased(1, 3600))
	l.nowMs += 8 * 3600 * 1000
	l.accept(BeginTerm{Node: "n2", Term: 2, ClusterID: "test"})
	l.nowMs += 9_999
	l.apply()
	if l.status(0) != rotation.StatusAvailable || l.status(1) != rotation.StatusAvailable {
		t.Fatal("somebody was marked as gone by a change of leaders")
	}
	l.nowMs++
	l.apply()
	if l.status(0) != rotation.StatusUnavailable || l.status(1) != rotation.StatusAvailable {
		t.Fatal("a lease of 10 s should be over 10 s after the term began, and one of an hour should not")
	}
}

// TestHeartbeatsCostNoTimers: a renewal changes one row, and says nothing.
func TestHeartbeatsCostNoTimers(t *testing.T) {
	l := newLab(t)
	l.staff(1, RotationSettings{})
	l.accept(leased(0, 30))
	before, _ := l.state.Agents.ByID(agentID(0))
	records := l.state.Records.Newest()
	for range 100 {
		l.nowMs += 10_000
		l.accept(RenewPresence{[]AgentID{agentID(0)}})
	}
	after, _ := l.state.Agents.ByID(agentID(0))
	switch {
	case l.status(0) != rotation.StatusAvailable:
		t.Error("she was heard of all the time and is not available")
	case l.state.Records.Newest() != records:
		t.Error("a heartbeat left a record")
	case after.Revision != before.Revision:
		t.Error("a heartbeat changed the revision")
	case l.timers() != 1:
		t.Errorf("%d timers for one lease", l.timers())
	}
	l.nowMs += 30_000
	l.apply()
	if l.status(0) != rotation.StatusUnavailable {
		t.Error("nobody heard of her for a period, and she is still available")
	}
}

// TestManyGoBack in portions: an entry does no more than its steps, and the next
// ones go on until all are back.
func TestManyGoBack(t *testing.T) {
	const n = StepsPerEntry + 100
	l := newLab(t)
	l.staff(2, RotationSettings{})
	l.accept(PutTeam{ID: "t", Name: "T", WhenAway: "at_once", Members: []TeamMember{{Agent: agentID(0)}, {Agent: agentID(1)}}}, available(0))
	for i := range n {
		l.accept(openIt(fmt.Sprint("c", i)))
	}
	l.accept(available(1), PutPresence{Agent: agentID(0), Status: "away"})
	agents := [2]Agent{}
	for i := range agents {
		agents[i], _ = l.state.Agents.ByID(agentID(i))
	}
	entries := 0
	for due, ok := l.state.NextDue(); ok && due <= l.nowMs; due, ok = l.state.NextDue() {
		before := l.state.OpenOf(agents[1].Handle)
		l.apply()
		if entries++; l.state.OpenOf(agents[1].Handle)-before > StepsPerEntry {
			t.Fatal("an entry did more than its steps")
		}
	}
	if left := l.state.OpenOf(agents[0].Handle); left != 0 || entries < 2 {
		t.Errorf("%d are left with her after %d entries", left, entries)
	}
	losses := 0
	gone, _ := l.state.Agents.ByID(agentID(0))
	for range LossesOf(l.state, gone) {
		losses++
	}
	if losses != n {
		t.Errorf("%d losses are linked, want %d", losses, n)
	}
}

// TestOneWhoReturnsKeepsTheRest: what has not gone back yet stays hers.
func TestOneWhoReturnsKeepsTheRest(t *testing.T) {
	l := newLab(t)
	l.staff(2, RotationSettings{})
	l.accept(PutTeam{ID: "t", Name: "T", WhenAway: "at_once", Members: []TeamMember{{Agent: agentID(0)}, {Agent: agentID(1)}}}, available(0))
	l.accept(openIt("c1"))
	l.accept(available(1), PutPresence{Agent: agentID(0), Status: "away"}, available(0))
	l.apply()
	agent, _ := l.state.Agents.ByID(agentID(0))
	if l.state.OpenOf(agent.Handle) != 1 || l.timers() != 0 {
		t.Error("she was back before anything was given away, and lost it")
	}
}

// TestPositionOfSomebodyElse: a page token that was made up shows nothing.
func TestPositionOfSomebodyElse(t *testing.T) {
	l := newLab(t)
	l.staff(2, RotationSettings{})
	l.accept(available(0), available(1))
	a, _ := l.state.Agents.ByID(agentID(0))
	b, _ := l.state.Agents.ByID(agentID(1))
	for _, at := range []Position{b.LatestPresence, a.LatestPresence + 1, 1, 1 << 60} {
		for rec := range PresenceHistory(l.state, a, at) {
			t.Errorf("position %d shows %v", at, rec.ID)
		}
	}
}

// TestPlanLimits: a year is the most, and in the millisecond of now is too late.
func TestPlanLimits(t *testing.T) {
	l := newLab(t)
	l.staff(1, RotationSettings{})
	at := func(ms int64) string { return time.UnixMilli(ms).UTC().Format(time.RFC3339Nano) }
	for _, field := range []string{"/from", "/until"} {
		put := func(ms int64) Command {
			if field == "/from" {
				return PutPresence{Agent: agentID(0), Status: "away", From: at(ms)}
			}
			return PutPresence{Agent: agentID(0), Status: "away", Until: at(ms)}
		}
		for _, ms := range []int64{l.nowMs, l.nowMs + MaxPlanMs + 1} {
			if r := l.refuse(put(ms)); r.Reason != Invalid || r.Fields[0].Pointer != field {
				t.Errorf("%+v", r)
			}
		}
		l.accept(put(l.nowMs+1), put(l.nowMs+MaxPlanMs))
	}
}
