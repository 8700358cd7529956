package fsm

import (
	"testing"
	"time"
)

// TestUndoWakesWhatIsSnoozed: a decision that is taken back while the conversation is
// put off opens it, or it would wait in a queue and be counted there twice.
func TestUndoWakesWhatIsSnoozed(t *testing.T) {
	l := newLab(t)
	l.staff(2, RotationSettings{})
	l.accept(openIt("c"))
	claim := l.accept(ClaimConversation{Conversation: "c", Agent: agentID(0)})[0].Decision
	l.accept(SnoozeConversation{"c", timeText(l.nowMs + 60_000)})
	l.accept(UndoDecision{Decision: claim.String()})
	if c := l.conversation("c"); c.Status != StatusOpen || c.Assignment.State != StateWaiting || c.UntilMs != 0 {
		t.Fatalf("it is %s, %s until %d", c.Status, c.Assignment.State, c.UntilMs)
	}
	l.nowMs += 60_000
	l.apply()
	if q, _ := l.queue(); q.Waiting != 1 {
		t.Errorf("%d wait in the queue, want 1", q.Waiting)
	}
	l.accept(available(1))
	if _, waits := l.queue(); waits || l.state.OpenOf(handleOf(l, 1)) != 1 {
		t.Error("it was not given to who came")
	}
}

// TestUndoOfAReopenKeepsTheHome: what was passed on to a team stays with that.
func TestUndoOfAReopenKeepsTheHome(t *testing.T) {
	l := newLab(t)
	l.staff(1, RotationSettings{})
	l.accept(available(0), PutTeam{ID: "u", Name: "U"}, openIt("c"), TransferConversation{Conversation: "c", Team: "u"}, CloseConversation{"c"})
	home := l.conversation("c").Home
	reopened := l.accept(ReopenConversation{"c"})[0].Decision
	l.accept(UndoDecision{Decision: reopened.String()})
	if c := l.conversation("c"); home == 0 || c.Home != home || c.Assignment.State != StateHeld {
		t.Errorf("its home is %d, want %d: %+v", c.Home, home, c.Assignment)
	}
}

// TestHeldAndPutOff: supervisors are told of what is held when it has been awake for
// as long as its team lets it; until then nothing happens again and again.
func TestHeldAndPutOff(t *testing.T) {
	const minute = 60_000
	alerts := func(l *lab) (n int) {
		for rec := range l.state.Records.From(RecordID{}) {
			if rec.Event == HeldAlert {
				n++
			}
		}
		return n
	}
	start := func(t *testing.T) *lab {
		l := newLab(t)
		l.accept(putAgent(0), PutTeam{ID: "t", Name: "T", HeldAlertSeconds: new(uint32(60))},
			PutInbox{ID: "i", Name: "I", Assignment: InboxAssignment{Team: "t"}}, PutContact{ID: "p", Name: "P"}, openIt("c"))
		return l
	}
	l := start(t)
	l.accept(UnassignConversation{Conversation: "c"}, SnoozeConversation{"c", timeText(l.nowMs + 1000*minute)})
	entries := 0
	for end := l.nowMs + 500*minute; ; entries++ {
		due, ok := l.state.NextDue()
		if !ok || due > end {
			break
		}
		l.nowMs = max(l.nowMs, due)
		l.apply()
	}
	if entries > 10 || alerts(l) != 0 {
		t.Errorf("%d entries did something, and %d alerts were given, while it was put off", entries, alerts(l))
	}
	l.accept(ReopenConversation{"c"})
	if l.nowMs += minute - 1; len(l.apply()) > 0 || alerts(l) != 0 {
		t.Error("an alert comes too early")
	}
	if l.nowMs++; len(l.apply()) > 0 || alerts(l) != 1 {
		t.Errorf("%d alerts a minute after it woke, want 1", alerts(l))
	}
	if l.nowMs += 2000 * minute; len(l.apply()) > 0 || alerts(l) != 1 {
		t.Errorf("%d alerts of one episode", alerts(l))
	}

	pending := start(t)
	pending.accept(OpenConversation{ID: "d", Inbox: "i", Contact: "p", Status: "pending"}, UnassignConversation{Conversation: "d"})
	pending.nowMs += minute
	if pending.apply(); alerts(pending) != 1 {
		t.Errorf("%d alerts of what is pending and nobody has, want 1", alerts(pending))
	}
}

func timeText(ms int64) string { return time.UnixMilli(ms).UTC().Format(time.RFC3339Nano) }
