package fsm

import (
	"fmt"
	"testing"
)

// TestRunsOfARemovedRuleEnd: a rule with more runs than an entry has steps for is
// deleted. They end a step each, what was left to them goes the usual way, none of them
// does anything in between, and the rule may be there again before the last has ended.
func TestRunsOfARemovedRuleEnd(t *testing.T) {
	l := newRuled(t)
	rule := inForce(l.state, "r", RuleBody{On: Trigger{On: OnTagApplied}, Steps: []Step{{Wait: &WaitStep{Seconds: 60}}, {SetPriority: &PriorityStep{}}}})
	const n = 2*StepsPerEntry + 10
	last := ConversationID("")
	for i := range n {
		last = ConversationID(fmt.Sprint("x", i))
		l.accept(OpenConversation{ID: last, Inbox: "i", Contact: "p"})
		c := l.conversation(last)
		c.Assignment = Assignment{State: StateManual, Cause: CauseRule, SinceMs: l.nowMs}
		l.state.Conversations.Put(c)
		run := Run{Handle: RunHandle(l.state.mint()), Rule: rule.Handle, Edition: rule.Edition, Conversation: c.Handle,
			Pending: Pending{For: PendingTime, Left: true, DueMs: l.nowMs + 60_000}}
		l.state.Runs.Put(run)
		l.state.Timers.Put(run.timer())
	}
	l.accept(DeleteRule{"r"})
	if ended := l.outcomes()[OutcomeRemoved]; ended == 0 || ended > StepsPerEntry || l.state.Editions.Len() != 0 {
		t.Fatalf("%d of %d runs ended in one entry, want at most %d; %d editions are kept", ended, n, StepsPerEntry, l.state.Editions.Len())
	}
	again := ruleCalled("r")
	again.RuleBody = RuleBody{On: Trigger{On: OnTagApplied}, Steps: []Step{{Wait: &WaitStep{Seconds: 60}}}}
	before := l.state.Runs.Len()
	l.accept(again, PublishRule{"r"}, PutTag{last, "x"})
	ended := l.outcomes()[OutcomeRemoved]
	if ended == 0 || ended > StepsPerEntry || l.state.Runs.Len() != before-ended+1 {
		t.Fatalf("%v, %d wait of %d; the rule that is there again begins anew", l.outcomes(), l.state.Runs.Len(), before)
	}
	for range 3 {
		l.nowMs++
		l.apply()
	}
	if l.state.Runs.Len() != 1 || l.state.Chores.Len() != 0 || l.state.Timers.Len() == 0 {
		t.Errorf("%d runs wait and %d chores are there, want the run of the new rule alone", l.state.Runs.Len(), l.state.Chores.Len())
	}
	if c := l.conversation("x0"); c.leftToRule() || c.Assignment.State != StateAssigned {
		t.Errorf("what was left to a run of the rule: %+v", c.Assignment)
	}
}
