package fsm

// endRunsOf ends the runs of a rule, where they are.
func endRunsOf(tx *Tx, rule RuleHandle, outcome string) {
	var under []RunHandle
	for key := range tx.Runs.ofRule.From(runOf{rule: rule}) {
		if key.rule != rule {
			break
		}
		under = append(under, key.run)
	}
	for _, handle := range under {
		run, _ := tx.Runs.Get(handle)
		tx.Runs.Delete(handle)
		tx.emit(Record{Event: RuleRan, Telling: Telling{Ruling: Ruling{Rule: rule, Edition: run.Edition, Run: handle, Step: run.At, Outcome: outcome}}}, nil)
		dropEdition(tx, rule, run.Edition)
	}
}
