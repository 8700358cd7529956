package fsm

import (
	"fmt"
	"strings"
	"testing"

	"github.com/rondohq/rondo/rotation"
)

// hours puts an inbox that waits for the schedule office, which opens after ms.
func (l *lab) hours(ms int64) {
	l.t.Helper()
	l.accept(office(horizon(l.nowMs, 0, Turn{AtMs: l.nowMs + ms, On: 1})))
	l.accept(PutInbox{ID: "i", Name: "I", Assignment: InboxAssignment{Mode: "rotation", Team: "t", Hours: "office", OutsideHours: "wait"}})
}

// TestManyWaitForTheMorning: they go on in the order in which they came, however
// many entries that takes, and what comes meanwhile waits behind them.
func TestManyWaitForTheMorning(t *testing.T) {
	const n = StepsPerEntry + 50
	l := newLab(t)
	l.staff(2, RotationSettings{})
	l.accept(available(0), available(1))
	l.hours(1000)
	for i := range n {
		l.accept(openIt(fmt.Sprintf("c%04d", i)))
	}
	l.nowMs += 1000
	var order []string
	look := func() {
		for _, rec := range l.records() {
			if rec.Event == ConversationRequeued {
				c, _ := l.state.Conversations.Get(rec.Conversation)
				order = append(order, string(c.ID))
			}
		}
	}
	l.accept(openIt("late"))
	look()
	if got := l.conversation("late").Assignment; got.Cause != CauseOutsideHours {
		t.Errorf("what came while others waited is %s (%s)", got.State, got.Cause)
	}
	for due, ok := l.state.NextDue(); ok && due <= l.nowMs; due, ok = l.state.NextDue() {
		l.apply()
		look()
	}
	if len(order) != n+1 || order[n] != "late" || order[0] != "c0000" || order[n-1] != fmt.Sprintf("c%04d", n-1) {
		t.Errorf("%d went on, from %s to %s", len(order), order[0], order[len(order)-1])
	}
}

// TestManyFollowAShift: an entry changes no more presences than it has steps, and
// the next ones go on until all have followed.
func TestManyFollowAShift(t *testing.T) {
	const n = StepsPerEntry + 100
	l := newLab(t)
	l.staff(n, RotationSettings{})
	put := office(horizon(l.nowMs, 0, Turn{AtMs: l.nowMs + 1000, On: 3}, Turn{AtMs: l.nowMs + 2000, On: 0}), "early")
	put.Presence = true
	for i := range n {
		put.Shifts[0].Agents = append(put.Shifts[0].Agents, RosterEntry{Agent: agentID(i)})
	}
	l.accept(put)
	there := func() (count int) {
		for i := range n {
			if l.status(i) == rotation.StatusAvailable {
				count++
			}
		}
		return count
	}
	l.nowMs += 1000
	l.apply()
	if got := there(); got == 0 || got > StepsPerEntry {
		t.Fatalf("%d follow in one entry", got)
	}
	l.nowMs += 1000 // it ends before all have begun
	for due, ok := l.state.NextDue(); ok && due <= l.nowMs; due, ok = l.state.NextDue() {
		before := there()
		l.apply()
		if got := there(); got-before > StepsPerEntry || before-got > StepsPerEntry {
			t.Fatal("an entry did more than its steps")
		}
	}
	if got := there(); got != 0 {
		t.Errorf("%d are still there after the shift", got)
	}
}

// TestAskSchedules: what rules ask is answered for now, with groups expanded, and a
// removed schedule is closed.
func TestAskSchedules(t *testing.T) {
	l := newLab(t)
	l.staff(3, RotationSettings{})
	l.group("g", 1)
	put := office(horizon(l.nowMs, 0, Turn{AtMs: l.nowMs + 1000, On: 3}), "early")
	put.Shifts[0].Agents = []RosterEntry{{Agent: agentID(0)}, {Group: "g"}}
	l.accept(put)
	row, _ := l.state.Schedules.ByID("office")
	ask := func() string {
		said := []string{fmt.Sprint(scheduleOpen(l.state, row.Handle))}
		for i := range 3 {
			said = append(said, fmt.Sprint(onShift(l.state, row.Handle, l.agent(i))))
		}
		return strings.Join(said, " ")
	}
	if got := ask(); got != "false false false false" {
		t.Errorf("before it begins: %s", got)
	}
	l.nowMs += 1000
	l.apply()
	if got := ask(); got != "true true true false" {
		t.Errorf("when it is on: %s", got)
	}
	l.accept(DeleteSchedule{"office"})
	if got := ask(); got != "false false false false" {
		t.Errorf("when it is removed: %s", got)
	}
}
