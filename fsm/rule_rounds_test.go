package fsm

import "testing"

// rounds lets time pass until a run has ended, or 2,000 timers have fired, and
// returns how often an event was told and the outcome of the run.
func (l *lab) rounds(event Event) (told int, outcome string) {
	l.t.Helper()
	for range 2000 {
		for _, rec := range l.records() {
			if rec.Event == event {
				told++
			}
			if rec.Event == RuleRan && rec.Outcome != OutcomeDone {
				return told, rec.Outcome
			}
		}
		due, ok := l.state.NextDue()
		if !ok {
			break
		}
		l.nowMs = max(l.nowMs, due)
		l.apply()
	}
	return told, ""
}

// TestRoundsAreLimited: a rule that snoozes what has woken goes round MaxRounds times,
// and says so; whatever is done with the conversation lets it begin anew.
func TestRoundsAreLimited(t *testing.T) {
	l := newLab(t)
	l.staff(2, RotationSettings{})
	c := ruleCalled("r")
	c.RuleBody = RuleBody{On: Trigger{On: OnReopened}, Steps: []Step{{Snooze: &SnoozeStep{Seconds: 1}}}}
	l.accept(c, PublishRule{"r"})
	l.accept(openIt("c1"), CloseConversation{"c1"})
	l.accept(ReopenConversation{"c1"})
	for range 2 {
		if told, outcome := l.rounds(ConversationSnoozed); told != MaxRounds || outcome != OutcomeTooManyRounds {
			t.Fatalf("it was put aside %d times, and ended with %q; want %d times and %s", told, outcome, MaxRounds, OutcomeTooManyRounds)
		}
		if now := l.conversation("c1"); now.Status != StatusOpen || now.leftToRule() {
			t.Fatalf("%+v, want it routed the usual way", now.Assignment)
		}
		l.accept(CloseConversation{"c1"})
		l.accept(ReopenConversation{"c1"})
	}
}

// TestWaitsOfARunAreLimited: a run that jumps back to a wait ends in the end.
func TestWaitsOfARunAreLimited(t *testing.T) {
	l := newLab(t)
	l.staff(2, RotationSettings{})
	c := ruleCalled("r")
	c.Steps = []Step{{Label: "top", Wait: &WaitStep{Seconds: 1}}, {Jump: &JumpStep{To: "top"}}}
	l.accept(c, PublishRule{"r"})
	l.accept(openIt("c1"))
	if told, outcome := l.rounds(RuleWaits); told != MaxWaitsOfRun || outcome != OutcomeTooManySteps {
		t.Fatalf("it waited %d times, and ended with %q; want %d times and %s", told, outcome, MaxWaitsOfRun, OutcomeTooManySteps)
	}
}

// TestWhoWaitsBehindTheTurn: runs that began to wait after a schedule had opened and
// closed again wait for its next opening, though the chore of the first is not through.
func TestWhoWaitsBehindTheTurn(t *testing.T) {
	l := newLab(t)
	l.accept(ruleCalled("r"), PublishRule{"r"})
	rule, _ := l.state.Rules.ByID("r")
	wait := func(h RunHandle, since uint64) {
		l.state.Runs.Put(Run{Handle: h, Rule: rule.Handle, Edition: rule.Edition,
			Pending: Pending{For: PendingOpened, Schedule: 7, SinceSeq: since}})
	}
	wait(1, l.state.Seq)
	tx := &Tx{State: l.state, progress: progress{steps: StepsPerEntry}}
	tx.Seq++
	scheduleFires(tx, 7, true)
	tx.Seq++ // it closes again, and another run comes to its wait
	wait(2, tx.Seq)
	l.apply()
	if _, waits := l.state.Runs.Get(1); waits {
		t.Error("who waited when it opened waits still")
	}
	if _, waits := l.state.Runs.Get(2); !waits {
		t.Error("who began to wait when it had closed goes on")
	}
}
