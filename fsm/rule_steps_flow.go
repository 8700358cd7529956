package fsm

// The steps that say with what a run goes on, and when.

func (s *BranchStep) do(tx *Tx, co *course, in instruction) error {
	met, _ := s.If.holds(co.firing().facts(tx.State))
	co.at = in.otherwise
	if met {
		co.at = in.then
	}
	return nil
}

func (s *JumpStep) do(_ *Tx, co *course, _ instruction) error {
	at, ok := co.program.labelled(s.To)
	if !ok {
		return reject(NotFound, "no step has the label %q", s.To)
	}
	co.at = at
	return nil
}

// A run that waits for a schedule that is as it should be already goes on at once;
// one whose schedule is gone does not wait.
func (s *WaitStep) do(tx *Tx, co *course, _ instruction) error {
	if s.Schedule == "" {
		co.pending = &Pending{For: PendingTime, DueMs: tx.NowMs + int64(s.Seconds)*1000}
		return nil
	}
	handle, open, ok := scheduleNow(tx.State, s.Schedule)
	switch closes := s.Until == untilClosed; {
	case !ok:
		return reject(NotFound, "there is no schedule %q", s.Schedule)
	case closes && open:
		co.pending = &Pending{For: PendingClosed, Schedule: handle}
	case !closes && !open:
		co.pending = &Pending{For: PendingOpened, Schedule: handle}
	}
	return nil
}

const untilClosed = "closed"

// scheduleNow returns a schedule, and whether it is open now; false: there is none.
func scheduleNow(s *State, id ScheduleID) (handle ScheduleHandle, open, ok bool) {
	handle, ok = scheduleNamed(s, id)
	return handle, ok && scheduleOpen(s, handle), ok
}

// The other rule runs behind this one, with what is there by then.
func (s *RuleStep) do(tx *Tx, co *course, _ instruction) error {
	rule, ok := tx.Rules.ByID(s.Rule)
	switch {
	case !ok:
		return reject(NotFound, "there is no rule %q", s.Rule)
	case rule.State != RulePublished || rule.Live == nil || rule.Live.On.On != OnRule:
		return reject(NotFound, "rule %q is not in force, or does not answer to other rules", s.Rule)
	}
	f := co.firing()
	f.on, f.rule, f.origin, f.seconds = OnRule, rule.Handle, origin{because: co.run.Because, form: f.form}, 0
	fire(tx, f)
	return nil
}
