package cluster

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rondohq/rondo/fsm"
)

const (
	turnEveryMs = 60_000
	turnCount   = 15
)

// What a schedule does in turn: closed, open with the early shift, open with the late.
var turnCycle = []uint32{0, 0b011, 0b101}

// turnsFrom is a horizon with a turn a minute.
func turnsFrom(ms int64) fsm.Horizon {
	ahead := fsm.Horizon{Zones: "test", FromMs: ms, UntilMs: ms + 24*3600*1000, On: turnCycle[0]}
	for i := range turnCount {
		ahead.Turns = append(ahead.Turns, fsm.Turn{AtMs: ms + int64(i+1)*turnEveryMs, On: turnCycle[(i+1)%len(turnCycle)]})
	}
	return ahead
}

// TestTurnsAcrossFailovers: a schedule turns each minute, and around each turn the
// leader is cut off, crashes or goes on. Each turn is told once, in order, with the
// moment at which it was due, by an entry that is not older than that; nothing that
// has come since stands before it; and what comes while the schedule is closed waits
// for the next turn, with whoever leads then.
func TestTurnsAcrossFailovers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Hour)
		defer cancel()
		w := newWorld(t, 3, 41)
		defer w.close()
		w.setUpTeam(ctx, 3, nil)
		office := fsm.PutSchedule{ID: "office", Name: "Office", Zone: "UTC", Ahead: turnsFrom(w.awaitLeader(ctx).group().Latest().NowMs)}
		for i, name := range []string{"early", "late"} {
			office.Shifts = append(office.Shifts, fsm.Shift{Name: name, Days: []string{"mon"}, From: "00:00", To: "24:00", Agents: []fsm.RosterEntry{{Agent: agentCalled(i)}}})
		}
		w.must(ctx, office)
		w.must(ctx, fsm.PutInbox{ID: "inbox", Name: "Inbox", Assignment: fsm.InboxAssignment{Mode: "rotation", Team: "team", Hours: "office", OutsideHours: "wait"}})

		failovers := 0
		for i, turn := range office.Ahead.Turns {
			passUntil(turn.AtMs - turnEveryMs/2)
			w.must(ctx, open(conversation(i)))
			passUntil(turn.AtMs - int64(i%5)*250) // up to a second before it, and right at it
			failovers += w.trouble(ctx, i)
		}
		passUntil(office.Ahead.Turns[turnCount-1].AtMs + 1000)
		s := w.settle(ctx)
		if failovers < turnCount/2 {
			t.Errorf("void: %d changes of leaders", failovers)
		}
		checkTurns(t, s, office.Ahead)
		checkOfficeHours(t, s, office.Ahead)
	})
}

// passUntil lets virtual time pass.
func passUntil(ms int64) {
	time.Sleep(time.Until(time.UnixMilli(ms))) //tidy:sleep time is virtual, and what is due in it is what the test is about
}

// trouble takes the leader away, in two rounds of three, and waits until another one
// serves.
func (w *world) trouble(ctx context.Context, round int) (failovers int) {
	old := w.awaitLeader(ctx)
	switch round % 3 {
	case 0:
		w.net.Isolate(old.name)
		w.awaitLeader(ctx, old)
		w.net.Heal()
	case 1:
		w.crash(old) // it starts again at once, and may lead again
		w.awaitLeader(ctx)
	default:
		return 0
	}
	return 1
}

// checkTurns holds what was told against the horizon.
func checkTurns(t *testing.T, s *fsm.State, ahead fsm.Horizon) {
	t.Helper()
	row, _ := s.Schedules.ByID("office")
	var want, got []string
	on := ahead.On
	tell := func(event fsm.Event, shift string, dueMs int64) string {
		return fmt.Sprintf("%v %s %d", event, shift, dueMs-ahead.FromMs)
	}
	for _, turn := range ahead.Turns {
		for _, step := range []struct {
			now   uint32
			bit   uint32
			event fsm.Event
			shift string
		}{{on &^ turn.On, 2, fsm.ShiftEnded, "early"}, {on &^ turn.On, 4, fsm.ShiftEnded, "late"}, {on &^ turn.On, 1, fsm.ScheduleClosed, ""},
			{turn.On &^ on, 1, fsm.ScheduleOpened, ""}, {turn.On &^ on, 2, fsm.ShiftBegan, "early"}, {turn.On &^ on, 4, fsm.ShiftBegan, "late"}} {
			if step.now&step.bit != 0 {
				want = append(want, tell(step.event, step.shift, turn.AtMs))
			}
		}
		on = turn.On
	}
	turned := ahead.FromMs // up to which everything was told
	for rec := range s.Records.From(fsm.RecordID{}) {
		switch rec.Event {
		case fsm.ScheduleOpened, fsm.ScheduleClosed, fsm.ShiftBegan, fsm.ShiftEnded:
			got = append(got, tell(rec.Event, rec.Shift, rec.FromMs))
			turned = rec.FromMs
			if rec.TimeMs < rec.FromMs || rec.Schedule != row.Handle {
				t.Errorf("%v %s was told %d ms before it was due, of schedule %d", rec.Event, rec.Shift, rec.FromMs-rec.TimeMs, rec.Schedule)
			}
		default:
			if next := turned + turnEveryMs; rec.TimeMs >= next && next <= ahead.Turns[turnCount-1].AtMs {
				t.Errorf("%v of %d ms stands before the turn of %d ms", rec.Event, rec.TimeMs-ahead.FromMs, next-ahead.FromMs)
			}
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("told\n%q\nwant\n%q", got, want)
	}
}

// checkOfficeHours: what came while it was open was assigned by its own entry, and
// what came while it was closed by the turn that opened it.
func checkOfficeHours(t *testing.T, s *fsm.State, ahead fsm.Horizon) {
	t.Helper()
	opened, waited := map[fsm.ConversationHandle]int64{}, 0
	for rec := range s.Records.From(fsm.RecordID{}) {
		if rec.Event == fsm.ConversationOpened {
			opened[rec.Conversation] = rec.TimeMs
		}
		if rec.Decision == nil || rec.Decision.Assignee == 0 {
			continue
		}
		came := opened[rec.Conversation]
		delete(opened, rec.Conversation)
		turn := ahead.Turns[slices.IndexFunc(ahead.Turns, func(turn fsm.Turn) bool { return turn.AtMs > came })]
		switch isOpen := ahead.At(came)&1 == 1; {
		case isOpen && rec.TimeMs != came:
			t.Errorf("what came at %d ms, while it was open, was assigned at %d ms", came-ahead.FromMs, rec.TimeMs-ahead.FromMs)
		case !isOpen && (rec.TimeMs < turn.AtMs || rec.TimeMs >= turn.AtMs+turnEveryMs):
			t.Errorf("what came at %d ms, while it was closed, was assigned at %d ms", came-ahead.FromMs, rec.TimeMs-ahead.FromMs)
		case !isOpen:
			waited++
		}
	}
	if len(opened) != 0 || waited < turnCount/len(turnCycle) {
		t.Errorf("%d conversations were never assigned, %d waited for it to open", len(opened), waited)
	}
}
