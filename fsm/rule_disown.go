package fsm

// ChoreDisowned ends the runs of a rule that was deleted, a step of an entry each.
const ChoreDisowned ChoreKind = 22

// disown forgets all that a rule has ever said, so that no run of it does anything
// any more, and begins the chore that ends them.
func disown(tx *Tx, rule Rule) {
	for {
		edition, ok := first(tx.Editions.From(editionKey{rule: rule.Handle}))
		if !ok || edition.Rule != rule.Handle {
			break
		}
		tx.Editions.Delete(edition.Rule, edition.Edition)
	}
	if _, waits := nextDisowned(tx.State, rule.Handle); waits {
		Chore{Kind: ChoreDisowned, Because: RuleRemoved, OfRule: OfRule{Rule: rule.Handle}}.begin(tx)
	}
}

// nextDisowned returns a run of a rule whose edition is gone. Those that began behind
// the return of the rule have a later one.
func nextDisowned(s *State, rule RuleHandle) (Run, bool) {
	run, ok := first(s.Runs.OfRule(rule, 0, 0))
	return run, ok && !s.Editions.has(rule, run.Edition)
}

// endDisowned does one step of such a chore. What was left to the run goes the usual way.
func endDisowned(tx *Tx, c Chore) {
	run, found := nextDisowned(tx.State, c.Rule)
	if !found {
		tx.Chores.Delete(c)
		return
	}
	if !tx.step() {
		return
	}
	tx.asTimer()
	tx.actor, tx.via = c.Actor, c.Via
	endRun(tx, run, OutcomeRemoved)
	tx.rearm()
	runRules(tx)
}

// has says whether what a rule said is kept.
func (t Editions) has(rule RuleHandle, edition uint64) bool {
	_, ok := t.Get(editionKey{rule, edition})
	return ok
}
