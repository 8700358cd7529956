package fsm

import (
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// checkRules: what rules and schedules leave behind is in order.
func (w *storm) checkRules(t *rapid.T) {
	s := w.state
	busy := s.Chores.Len() > 0
	if due, ok := s.NextDue(); ok && due <= s.NowMs {
		busy = true
	}
	checkEditions(t, s)
	w.checkRuns(t, busy)
	checkRuleTimers(t, s, busy)
	for c := range s.Conversations.All() {
		if c.leftToRule() && c.Status == StatusOpen && !awaited(s, c.Handle) {
			t.Fatalf("%s is left to a rule, and none is under way that says who gets it", c.ID)
		}
	}
}

// checkEditions: each rule in force has what it says, and nothing else is kept but
// what runs began with.
func checkEditions(t *rapid.T, s *State) {
	wanted := map[editionKey]bool{}
	for rule := range s.Rules.InOrder() {
		if rule.Live == nil {
			continue
		}
		key := editionKey{rule.Handle, rule.Edition}
		if kept, ok := s.Editions.Get(key); !ok || !same(kept.Body, *rule.Live) {
			t.Fatalf("what is kept of rule %s as edition %d is not what is in force", rule.ID, rule.Edition)
		}
		wanted[key] = true
	}
	for run := range s.Runs.All() {
		wanted[editionKey{run.Rule, run.Edition}] = true
	}
	for edition := range s.Editions.All() {
		if !wanted[editionKey{edition.Rule, edition.Edition}] {
			t.Fatalf("edition %d of rule %d is kept, and nobody needs it", edition.Edition, edition.Rule)
		}
	}
}

// checkRuns: each run has a rule, its edition, something that it is about, and at most
// one of its rule is about that.
func (w *storm) checkRuns(t *rapid.T, busy bool) {
	s := w.state
	type about struct {
		rule         RuleHandle
		conversation ConversationHandle
		contact      ContactHandle
	}
	seen := map[about]RunHandle{}
	for run := range s.Runs.All() {
		rule, known := s.Rules.Get(run.Rule)
		edition, kept := s.Editions.Get(editionKey{run.Rule, run.Edition})
		c, talks := s.Conversations.Get(run.Conversation)
		contact, _ := s.Contacts.Get(run.Contact)
		subject := about{run.Rule, run.Conversation, run.Contact}
		switch other, twice := seen[subject]; {
		case !known || rule.Removed || !kept:
			t.Fatalf("run %+v goes on with a rule that is gone", run)
		case int(run.At) > len(newProgram(edition.Body.Steps)):
			t.Fatalf("run %+v goes on behind the end of its rule", run)
		case twice:
			t.Fatalf("runs %d and %d of rule %s are about the same", other, run.Handle, rule.ID)
		case (run.Conversation == 0) == (run.Contact == 0), run.Conversation != 0 && !talks:
			t.Fatalf("run %+v is about nothing, or two things", run)
		case run.Pending.For == PendingNothing:
			t.Fatalf("run %+v waits for nothing", run)
		case run.Pending.For == PendingAssignment && c.Status == StatusClosed, run.Pending.For == PendingAssignment && c.holder() != 0:
			t.Fatalf("run %+v waits for what has come: %+v", run, c.Assignment)
		case run.Pending.Left && talks && c.Status == StatusOpen && !c.leftToRule() && c.Assignment.Cause == CauseRule:
			t.Fatalf("%s is left to run %d, and %s", c.ID, run.Handle, c.Assignment.State)
		case !busy && (contact.MergedInto != 0 || contact.ErasedMs != 0):
			t.Fatalf("run %+v is about a contact that is none any more", run)
		}
		seen[subject] = run.Handle
		w.met["run waits for "+pendingNames[run.Pending.For]]++
	}
}

var pendingNames = []string{"nothing", "time", "a schedule to open", "a schedule to close", "an assignment", "a webhook"}

// checkRuleTimers: timers, and those who wait for them, match one to one.
func checkRuleTimers(t *rapid.T, s *State, busy bool) {
	armed := map[TimerKind]int{}
	for timer := range s.Timers.All() {
		armed[timer.Kind]++
		ok := true
		switch timer.Kind {
		case TimerRun:
			run, there := s.Runs.Get(RunHandle(timer.Ref))
			ok = there && run.timer() == timer
		case TimerNoReply:
			c, there := s.Conversations.Get(ConversationHandle(timer.Ref))
			ok = there && replyTimer(&c) == timer && c.Status == StatusOpen && c.Talk.SinceMs != 0
		case TimerSchedule:
			row, there := s.Schedules.Get(ScheduleHandle(timer.Ref))
			ok = there && !row.Removed && row.timer() == timer
		}
		if !ok || !busy && timer.DueMs <= s.NowMs {
			t.Fatalf("timer %+v is nobody's, or was forgotten at %d", timer, s.NowMs)
		}
	}
	wanted := map[TimerKind]int{}
	for run := range s.Runs.All() {
		wanted[TimerRun] += int(bit(run.Pending.DueMs > 0))
	}
	for c := range s.Conversations.All() {
		wanted[TimerNoReply] += int(bit(c.Talk.DueMs > 0))
	}
	for row := range s.Schedules.FromID("") {
		wanted[TimerSchedule] += int(bit(len(row.Ahead.Turns) > 0))
	}
	for _, kind := range []TimerKind{TimerRun, TimerNoReply, TimerSchedule} {
		if armed[kind] != wanted[kind] {
			t.Fatalf("%d timers of kind %d are set, and %d are waited for", armed[kind], kind, wanted[kind])
		}
	}
}

// ruleFloors are what storms of rules must have seen, so that one that did too little
// is void.
var ruleFloors = map[string]int{
	"rule ran: " + OutcomeDone: 20, "rule ran: " + OutcomeFailed: 5, "decided by a rule": 20,
	"run waits for time": 5, "run waits for a webhook": 5, // for a schedule, or somebody: seldom, and in transcripts
	"schedule opened": 20, "shift ended": 10,
}

// followRules counts what the records of an entry tell of rules.
func (w *storm) followRules(t *rapid.T, index uint64) {
	for rec := range w.state.Records.From(RecordID{index, 0}) {
		switch rec.Event {
		case RuleRan:
			w.met["rule ran: "+rec.Outcome]++
		case ScheduleOpened:
			w.met["schedule opened"]++
		case ShiftEnded:
			w.met["shift ended"]++
		}
		if d := rec.Decision; d != nil && d.Rule != "" {
			w.met["decided by a rule"]++
			if rec.Rule != 0 && rec.Edition != d.RuleRevision {
				t.Fatalf("decision %+v of rule %s edition %d stands in a record of edition %d", d, d.Rule, d.RuleRevision, rec.Edition)
			}
		}
	}
}

// checkRuleFloors complains of storms that did too little.
func checkRuleFloors(t *testing.T, met map[string]int) {
	t.Helper()
	for _, what := range slices.Sorted(maps.Keys(ruleFloors)) {
		if least := ruleFloors[what]; met[what] < least {
			t.Errorf("void: %d times: %s; want %d", met[what], what, least)
		}
	}
}
