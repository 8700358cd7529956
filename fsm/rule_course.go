package fsm

import "cmp"

// How a run may end; it stands in the record of its end.
const (
	OutcomeDone            = "done"
	OutcomeFailed          = "failed"              // it went to its end, and passed over what could not be done; the first such step is named
	OutcomeTooManySteps    = "too_many_steps"      // of this run, or of all that one event has set off
	OutcomeTooDeep         = "too_deep"            // too many rules have set each other off
	OutcomeTooManyRounds   = "too_many_rounds"     // rules have put it aside again and again, and nobody has done anything with it
	OutcomeAlreadyRunning  = "already_running"     // an earlier run of the rule for the same conversation waits
	OutcomeTooManyRuns     = "too_many_runs"       // it had to wait, and as many wait as may
	OutcomeDecidedByPerson = "decided_by_person"   // what it was about to do, or what a step passed over was, a person has decided otherwise
	OutcomeRemoved         = "removed"             // its rule was
	OutcomeClosed          = "conversation_closed" // while it waited for somebody to get it
	OutcomeEnded           = "ended"               // by a person, or because its contact was erased
)

// A course is a run while its steps are carried out, without waiting, one after
// another.
type course struct {
	run     Run
	rule    Rule
	by      string   // who set it off
	about   firing   // what it answers to; of one that has waited, no more than whom it is about
	missed  []Missed // the rules that were asked before; of one that has waited: none
	program program

	pace
	halt
}

// A pace is how far a run has come.
type pace struct {
	at      int    // the next step
	number  int    // the step at hand
	steps   int    // carried out so far
	failure int    // number of the first step that could not be done; -1: none
	why     string // the outcome that says so
}

// A halt is why a step was the last one for now.
type halt struct {
	outcome string   // it has ended the run
	pending *Pending // it has to wait
}

// newCourse begins a run of a rule, with its edition of now.
func newCourse(tx *Tx, rule Rule, f firing) *course {
	co := &course{
		run: Run{
			Handle: RunHandle(tx.mint()), Rule: rule.Handle, Edition: rule.Edition, Conversation: f.conversation,
			BegunSeq: cmp.Or(f.begunSeq, tx.Seq), Because: f.because, Depth: f.depth, Form: f.form, Agent: f.agent,
		},
		rule: rule, program: newProgram(rule.Live.Steps), about: f, pace: pace{failure: -1},
	}
	if f.conversation == 0 {
		row, _ := tx.Contacts.Get(f.contact)
		co.run.Contact = survivorOf(tx.State, row).Handle
	}
	return co
}

// An act is what a step does, with the rows of now.
type act interface {
	// do refuses first, then changes. A Rejection says why it could not be done: the
	// step is passed over, and told.
	do(tx *Tx, co *course, in instruction) error
}

// decisive marks acts that say who has a conversation or what becomes of it: they
// never overwrite what a person has decided since the run began, or holds.
type decisive interface{ decides() }

// act returns the one thing that a step does, or nil.
func (s *Step) act() act {
	for _, a := range []struct {
		has bool
		act act
	}{
		{s.Assign != nil, s.Assign}, {s.AddTag != nil, addTag{s.AddTag}}, {s.RemoveTag != nil, removeTag{s.RemoveTag}},
		{s.SetField != nil, s.SetField}, {s.SetPriority != nil, s.SetPriority}, {s.Move != nil, s.Move},
		{s.SendMessage != nil, s.SendMessage}, {s.AddComment != nil, s.AddComment}, {s.Notify != nil, s.Notify},
		{s.Follow != nil, s.Follow}, {s.Close != nil, closing{}}, {s.Reopen != nil, reopening{}}, {s.Snooze != nil, s.Snooze},
		{s.Branch != nil, s.Branch}, {s.Wait != nil, s.Wait}, {s.Jump != nil, s.Jump}, {s.TriggerRule != nil, s.TriggerRule},
		{s.Webhook != nil, s.Webhook}, {s.Requeue != nil, requeueing{}},
	} {
		if a.has {
			return a.act
		}
	}
	return nil
}

// proceed carries out steps until the run ends or has to wait.
func (co *course) proceed(tx *Tx) {
	tx.answers.runs++
	for co.at < len(co.program) {
		if co.steps >= MaxStepsOfRun || tx.answers.steps >= MaxStepsAtOnce {
			co.end(tx, OutcomeTooManySteps)
			return
		}
		co.steps++
		tx.answers.steps++
		in := co.program[co.at]
		co.number, co.at = in.number, in.next
		co.carryOut(tx, in)
		switch {
		case co.outcome != "":
			co.end(tx, co.outcome)
			return
		case co.pending != nil:
			co.wait(tx)
			return
		}
	}
	if co.failure >= 0 {
		co.number = co.failure
		co.end(tx, co.why)
		return
	}
	co.end(tx, OutcomeDone)
}

// carryOut does one step. Automation need not show that it knows what a person has
// decided: overruled looks at it instead.
func (co *course) carryOut(tx *Tx, in instruction) {
	tx.begin()
	tx.seen = true
	a := in.step.act()
	if a == nil {
		return
	}
	if _, decides := a.(decisive); decides && co.overruled(tx) {
		co.outcome = OutcomeDecidedByPerson
		return
	}
	if err := a.do(tx, co, in); err != nil {
		r, bug := asRejection(err)
		if bug != nil {
			tx.answers.bug = bug
		}
		if co.failure < 0 {
			co.failure, co.why = in.number, OutcomeFailed
			if r != nil && r.Reason == DecidedByPerson {
				co.why = OutcomeDecidedByPerson
			}
		}
	}
	tx.rearm()
}

// conversation returns what the run is about, as it is now; false: it is about a
// contact that has none at hand.
func (co *course) conversation(tx *Tx) (Conversation, bool) {
	return tx.Conversations.Get(co.run.Conversation)
}

// contact returns the contact of it, as it is now.
func (co *course) contact(tx *Tx) (Contact, bool) {
	if c, ok := co.conversation(tx); ok {
		contact := customerOf(tx.State, c)
		return contact, contact.ErasedMs == 0
	}
	row, ok := tx.Contacts.Get(co.run.Contact)
	row = survivorOf(tx.State, row)
	return row, ok && row.ErasedMs == 0
}

// firing returns what the conditions of the run's branches are asked about.
func (co *course) firing() firing {
	f := co.about
	f.conversation, f.contact = co.run.Conversation, co.run.Contact
	return f
}

// wait keeps the run until what it waits for has come.
func (co *course) wait(tx *Tx) {
	if tx.Runs.Len() >= MaxRuns {
		co.end(tx, OutcomeTooManyRuns)
		return
	}
	if co.run.Waits++; co.run.Waits > MaxWaitsOfRun {
		co.end(tx, OutcomeTooManySteps)
		return
	}
	c, about := co.conversation(tx)
	co.run.Pending = *co.pending
	co.run.Pending.Left = about && c.leftToRule()
	co.run.Pending.SinceSeq = tx.Seq
	co.run.At, co.run.By = uint16(co.at), co.by
	tx.Runs.Put(co.run)
	if co.run.Pending.DueMs > 0 {
		tx.Timers.Put(co.run.timer())
	}
	co.tell(tx, RuleWaits, Telling{UntilMs: co.run.Pending.DueMs, Ruling: Ruling{Step: co.run.At}})
}

// end is the end of a run, which is not stored, or not any more.
func (co *course) end(tx *Tx, outcome string) {
	co.tell(tx, RuleRan, Telling{Ruling: Ruling{Step: uint16(co.number), Outcome: outcome}})
	dropEdition(tx, co.run.Rule, co.run.Edition)
}

// tell writes a record about the run. What a step did stands in records of its own.
func (co *course) tell(tx *Tx, event Event, telling Telling) {
	tx.begin()
	telling.Rule, telling.Edition, telling.Run = co.run.Rule, co.run.Edition, co.run.Handle
	if c, ok := co.conversation(tx); ok {
		tx.emit(Record{Event: event, Telling: telling}, &c)
		tx.Conversations.Put(c)
		return
	}
	tx.emit(Record{Event: event, Contact: co.run.Contact, Telling: telling}, nil)
}
