package fsm

// dropEdition forgets what a rule said, unless it is in force or paused, or a run
// that began with it is under way. Whoever puts another edition in force calls it,
// and whoever ends a run, behind that.
func dropEdition(tx *Tx, rule RuleHandle, edition uint64) {
	row, _ := tx.Rules.Get(rule)
	if row.Edition == edition && !row.Removed {
		return
	}
	run, ok := first(tx.Runs.ofRule.From(runOf{rule: rule, edition: edition}))
	if ok && run.rule == rule && run.edition == edition {
		return
	}
	tx.Editions.Delete(rule, edition)
}
