package fsm

import (
	"fmt"
	"testing"
)

// newRuled is a lab with an agent, a team, an inbox, a contact and a conversation.
func newRuled(t *testing.T) *lab {
	l := newLab(t)
	l.accept(
		PutAgent{ID: "a", Name: "A"}, PutPresence{Agent: "a", Status: "available"},
		PutTeam{ID: "t", Name: "T", Members: []TeamMember{{Agent: "a"}}},
		PutInbox{ID: "i", Name: "I", Assignment: InboxAssignment{Mode: "rotation", Team: "t"}},
		PutContact{ID: "p", Name: "P"},
		OpenConversation{ID: "c", Inbox: "i", Contact: "p"},
	)
	return l
}

// outcomes returns how the runs of the last entry have ended.
func (l *lab) outcomes() map[string]int {
	ended := map[string]int{}
	for _, rec := range l.records() {
		if rec.Event == RuleRan {
			ended[rec.Outcome]++
		}
	}
	return ended
}

// TestRunsAtOnceAreBounded: a rule that answers to each of many tags of one command
// runs for as many as may, and the rest is told once, and dropped.
func TestRunsAtOnceAreBounded(t *testing.T) {
	for _, n := range []int{MaxTags, MaxTags + 1} {
		l := newRuled(t)
		inForce(l.state, "r", RuleBody{On: Trigger{On: OnTagApplied}})
		inForce(l.state, "f", RuleBody{On: Trigger{On: OnFieldChanged}})
		var tags []string
		for i := range MaxTags {
			tags = append(tags, fmt.Sprint("t", i))
		}
		fields := map[string]string{}
		for i := range n - MaxTags {
			fields[fmt.Sprint("f", i)] = "x"
		}
		l.accept(PutContact{ID: "p", Name: "P", Tags: tags, Fields: fields})
		got := l.outcomes()
		if got[OutcomeDone] != min(n, MaxRunsAtOnce) || got[OutcomeTooManySteps] != max(0, min(1, n-MaxRunsAtOnce)) {
			t.Errorf("%d things happened: %v", n, got)
		}
	}
}

// TestStepsAtOnceAreBounded: also when no run by itself does too many.
func TestStepsAtOnceAreBounded(t *testing.T) {
	l := newRuled(t)
	var steps []Step
	for range 50 {
		steps = append(steps, Step{SetPriority: &PriorityStep{}})
	}
	inForce(l.state, "r", RuleBody{On: Trigger{On: OnTagApplied}, Steps: steps})
	var tags []string
	for i := range 12 {
		tags = append(tags, fmt.Sprint("t", i))
	}
	l.accept(PutContact{ID: "p", Name: "P", Tags: tags})
	if got := l.outcomes(); got[OutcomeDone] != MaxStepsAtOnce/50 || got[OutcomeTooManySteps] != 1 {
		t.Errorf("%v", got)
	}
}

// TestRunsThatWaitAreBounded: one more than may ends where it would have to wait, and
// one at most waits of a rule for a conversation.
func TestRunsThatWaitAreBounded(t *testing.T) {
	l := newRuled(t)
	rule := inForce(l.state, "r", RuleBody{On: Trigger{On: OnTagApplied}, Steps: []Step{{Wait: &WaitStep{Seconds: 3600}}}})
	l.accept(PutTag{"c", "x"})
	l.accept(PutTag{"c", "y"})
	if got := l.outcomes(); got[OutcomeAlreadyRunning] != 1 || l.state.Runs.Len() != 1 {
		t.Errorf("a second run beside one that waits: %v, %d wait", got, l.state.Runs.Len())
	}
	for l.state.Runs.Len() < MaxRuns {
		l.state.Runs.Put(Run{Handle: RunHandle(l.state.mint()), Rule: rule.Handle, Edition: rule.Edition, Conversation: 1 << 40})
	}
	l.accept(OpenConversation{ID: "d", Inbox: "i", Contact: "p"}, PutTag{"d", "x"})
	if got := l.outcomes(); got[OutcomeTooManyRuns] != 1 || l.state.Runs.Len() != MaxRuns {
		t.Errorf("beyond %d that wait: %v, %d wait", MaxRuns, got, l.state.Runs.Len())
	}
}

// TestLeftIsNeverDropped: what was left to a rule that gives it to nobody goes the
// usual way, when its run ends and not before.
func TestLeftIsNeverDropped(t *testing.T) {
	l := newRuled(t)
	rule := inForce(l.state, "r", RuleBody{On: Trigger{On: OnTagApplied}, Steps: []Step{{Wait: &WaitStep{Seconds: 60}}}})
	c := l.conversation("c")
	c.Assignment = Assignment{State: StateManual, Cause: CauseRule, SinceMs: l.nowMs}
	l.state.Conversations.Put(c)
	l.accept(PutTag{"c", "x"})
	if run, _ := first(l.state.Runs.OfRule(rule.Handle, 0, 0)); !run.Pending.Left || l.conversation("c").Assignment.Cause != CauseRule {
		t.Errorf("it is not left to a run that waits: %+v", run)
	}
	l.nowMs += 60_000
	l.apply()
	if c := l.conversation("c"); c.Assignment.State != StateAssigned || l.state.Runs.Len() != 0 {
		t.Errorf("behind the run it is %s", c.Assignment.State)
	}
}

// TestStepsOfAnEntryAreBounded: runs that are due at once, each of which does as much
// as a run may, do not all do it in one entry. The next ones go on at once.
func TestStepsOfAnEntryAreBounded(t *testing.T) {
	l := newRuled(t)
	inForce(l.state, "r", RuleBody{On: Trigger{On: OnOpened}, Steps: []Step{{Wait: &WaitStep{Seconds: 60}},
		{Label: "again", SetPriority: &PriorityStep{}}, {Jump: &JumpStep{To: "again"}}}})
	const runs = 20
	for i := range runs {
		l.accept(OpenConversation{ID: ConversationID(fmt.Sprint("c", i)), Inbox: "i", Contact: "p"})
	}
	l.nowMs += 60_000
	entries := 0
	for l.state.Runs.Len() > 0 && entries < 2*runs {
		l.apply()
		if got := l.outcomes()[OutcomeTooManySteps]; got > StepsPerEntry/MaxStepsOfRun+1 {
			t.Fatalf("%d runs of %d steps in one entry", got, MaxStepsOfRun)
		}
		entries++
		if due, ok := l.state.NextDue(); l.state.Runs.Len() > 0 && (!ok || due > l.nowMs) {
			t.Fatal("runs are due, and nobody is told")
		}
	}
	if l.state.Runs.Len() > 0 {
		t.Errorf("%d runs wait after %d entries", l.state.Runs.Len(), entries)
	}
}
