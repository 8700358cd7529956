package fsm

// do makes the first try of a webhook. The leader calls outside the state: it learns
// of it by the run that waits, also after a failover, so it may call more than once.
// Its answer comes back as run.answer. The run stands at the step until then.
func (s *WebhookStep) do(tx *Tx, co *course, in instruction) error {
	co.at, co.run.At = in.number, uint16(in.number)
	if tx.Runs.Len() < MaxRuns { // else the run ends, and nobody is to be told of a call
		s.begin(tx, &co.run)
	}
	co.pending = &co.run.Pending
	return nil
}

// nothingElse says whether the step at which a run stands has nothing to do in place
// of what has failed.
func nothingElse(co *course) bool {
	return co.at >= len(co.program) || co.program[co.at].otherwise == co.program[co.at].next
}
