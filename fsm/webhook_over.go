package fsm

// webhookDue does what is due of a run whose webhook step waits: the end of a try that
// nobody answered, or the beginning of the next one. It says whether that was it.
func webhookDue(tx *Tx, handle RunHandle) bool {
	run, _ := tx.Runs.Get(handle)
	step, ok := run.webhook(tx.State)
	switch {
	case !ok || run.Pending.For != PendingWebhook:
		return false
	case run.Pending.Paused:
		step.begin(tx, &run)
		tx.Runs.Put(run)
		tx.Timers.Put(run.timer())
	default:
		webhookFailed(tx, run, step, WebhookTimedOut, 0)
	}
	return true
}

// webhookFailed ends the try that is pending. The run waits for the next one, or goes
// on without an answer.
func webhookFailed(tx *Tx, run Run, step WebhookStep, why WebhookFailure, status uint16) {
	tx.Timers.Delete(run.timer())
	again, outcome := step.fail(tx, &run, why, status)
	if !again {
		webhookOver(tx, run, false, outcome)
		return
	}
	tx.Runs.Put(run)
	tx.Timers.Put(run.timer())
}

// webhookOver lets a run go on behind its webhook step: with the next step, or with
// those of Otherwise; without any it ends with outcome.
func webhookOver(tx *Tx, run Run, met bool, outcome string) {
	tx.answers.firings = append(tx.answers.firings, firing{conversation: run.Conversation, word: outcome, going: going{run.Handle, met}})
}
