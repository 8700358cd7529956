package fsm

import (
	"iter"
	"slices"
)

// MaxRuns is how many runs may wait at once, of all rules.
const MaxRuns = 10_000

// The timers of rules.
const (
	TimerRun TimerKind = 90 // a run goes on, or has waited long enough
)

func (r Run) timer() Timer {
	return Timer{DueMs: r.Pending.DueMs, Kind: TimerRun, Ref: uint64(r.Handle)}
}

// About yields the runs for a conversation, or for a contact without one, the oldest
// first.
func (t Runs) About(conversation ConversationHandle, contact ContactHandle) iter.Seq[Run] {
	return func(yield func(Run) bool) {
		for key := range t.ofConversation.From(runAbout{conversation, contact, 0}) {
			if key.conversation != conversation || key.contact != contact {
				return
			}
			if row, ok := t.Get(key.run); ok && !yield(row) {
				return
			}
		}
	}
}

// OfRule yields the runs of a rule by edition and age, beginning behind a run.
func (t Runs) OfRule(rule RuleHandle, edition uint64, after RunHandle) iter.Seq[Run] {
	return func(yield func(Run) bool) {
		for key := range t.ofRule.From(runOf{rule, edition, after + 1}) {
			if key.rule != rule {
				return
			}
			if row, ok := t.Get(key.run); ok && !yield(row) {
				return
			}
		}
	}
}

// underWay says whether a run of a rule waits for the same conversation or contact.
// One that began before the rule was deleted does nothing any more, and is none.
func underWay(s *State, rule RuleHandle, conversation ConversationHandle, contact ContactHandle) bool {
	for run := range s.Runs.About(conversation, contact) {
		if run.Rule == rule && s.Editions.has(rule, run.Edition) {
			return true
		}
	}
	return false
}

// goOn lets a run that waits go on: met says whether what it waits for has come, or
// it has waited long enough; a word is the outcome if the rule says nothing for that.
func goOn(tx *Tx, f firing) {
	run, ok := tx.Runs.Get(f.run)
	if !ok || f.met && overtaken(tx.State, run) {
		return
	}
	co, known := resume(tx, run)
	takeUp(tx, co)
	defer layDown(tx)
	c, about := co.conversation(tx)
	if run.Pending.Left {
		tx.answers.left = append(tx.answers.left, firing{conversation: run.Conversation, origin: origin{because: run.Because}})
	}
	switch {
	case !known:
		co.end(tx, OutcomeRemoved)
	case run.Pending.For == PendingAssignment && about && c.Status == StatusClosed:
		co.end(tx, OutcomeClosed)
	case f.word != "" && nothingElse(co):
		co.end(tx, f.word)
	default:
		co.pass(run.Pending.For, f.met)
		co.proceed(tx)
	}
}

// resume takes a run out of those that wait. False: its rule was removed.
func resume(tx *Tx, run Run) (*course, bool) {
	tx.Runs.Delete(run.Handle)
	if run.Pending.DueMs > 0 {
		tx.Timers.Delete(run.timer())
	}
	rule, _ := tx.Rules.Get(run.Rule)
	edition, kept := tx.Editions.Get(editionKey{run.Rule, run.Edition})
	co := &course{run: run, rule: rule, by: run.By, pace: pace{at: int(run.At), number: int(run.At), failure: -1}}
	co.run.Pending = Pending{}
	co.about.form, co.about.agent = run.Form, run.Agent
	co.program = newProgram(edition.Body.Steps)
	return co, kept && !rule.Removed
}

// pass chooses the way behind what a run has waited for. An assignment and a
// webhook have a way for when it did not come, and the run stands at the step itself.
func (co *course) pass(waited PendingFor, met bool) {
	if waited != PendingAssignment && waited != PendingWebhook || co.at >= len(co.program) {
		return
	}
	in := co.program[co.at]
	co.at = in.next
	if !met {
		co.at = in.otherwise
	}
}

// wakeRuns lets the runs go on that wait for somebody to get a conversation: she has
// it, or it is closed.
func wakeRuns(tx *Tx, rec *Record, about *Conversation) {
	if !about.leftToRule() || about.Status != StatusOpen {
		noneLeft(tx, about.Handle)
	}
	got := rec.Decision != nil && rec.Decision.Assignee != 0
	if !got && about.Status != StatusClosed {
		return
	}
	c := about.Handle // or the loop would bring every conversation to the heap
	for run := range tx.Runs.About(c, 0) {
		if run.Pending.For == PendingAssignment {
			tx.answers.firings = append(tx.answers.firings, firing{conversation: c, going: going{run.Handle, true}})
		}
	}
}

// noneLeft takes a conversation from the runs to which it was left: somebody else has
// said what becomes of it. When it is left to a rule anew, they have no part in it.
func noneLeft(tx *Tx, c ConversationHandle) {
	var stale []Run
	for run := range tx.Runs.About(c, 0) {
		if run.Pending.Left {
			stale = append(stale, run)
		}
	}
	for _, run := range stale {
		run.Pending.Left = false
		tx.Runs.Put(run)
	}
}

// fireRules does what is due of the kinds that rules have, and says whether kind is
// one of them.
func fireRules(tx *Tx, t Timer) bool {
	switch t.Kind {
	case TimerRun:
		if webhookDue(tx, RunHandle(t.Ref)) {
			return true
		}
		tx.answers.firings = append(tx.answers.firings, firing{going: going{RunHandle(t.Ref), runDue(tx.State, RunHandle(t.Ref))}})
	case TimerNoReply:
		replyDue(tx, ConversationHandle(t.Ref))
	default:
		return false
	}
	return true
}

// runDue says whether a run whose time has come waited for just that.
func runDue(s *State, handle RunHandle) bool {
	run, _ := s.Runs.Get(handle)
	return run.Pending.For == PendingTime
}

// endRun ends a run that waits.
func endRun(tx *Tx, run Run, outcome string) {
	actor, via, was := tx.actor, tx.via, tx.focus
	co, _ := resume(tx, run)
	takeUp(tx, co)
	co.end(tx, outcome)
	layDown(tx)
	tx.actor, tx.via, tx.focus = actor, via, was
	if run.Pending.Left {
		tx.answers.firings = append(tx.answers.firings, firing{conversation: run.Conversation, origin: origin{because: run.Because, left: true}})
	}
}

// endRunsAbout ends the runs for a conversation, or for a contact without one, whose
// person is erased, and says whether there were any.
func endRunsAbout(tx *Tx, conversation ConversationHandle, contact ContactHandle) bool {
	runs := slices.Collect(tx.Runs.About(conversation, contact))
	for _, run := range runs {
		endRun(tx, run, OutcomeEnded)
	}
	return len(runs) > 0
}

// moveRuns makes runs about a contact those of the one of which it has become part.
// Where that has one of the same rule, the other ends.
func moveRuns(tx *Tx, from, into ContactHandle) {
	for _, run := range slices.Collect(tx.Runs.About(0, from)) {
		if underWay(tx.State, run.Rule, 0, into) {
			endRun(tx, run, OutcomeAlreadyRunning)
			continue
		}
		run.Contact = into
		tx.Runs.Put(run)
	}
}

// overtaken says whether what a run waits for has come and is gone again: somebody had
// the conversation, and another step gave it back before the run could go on.
func overtaken(s *State, run Run) bool {
	if run.Pending.For != PendingAssignment {
		return false
	}
	c, ok := s.Conversations.Get(run.Conversation)
	return ok && c.Status != StatusClosed && c.holder() == 0
}
