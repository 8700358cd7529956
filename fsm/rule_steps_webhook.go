package fsm

// How a webhook is tried.
const (
	// DefaultWebhookSeconds is how long one try may take.
	DefaultWebhookSeconds = 10

	// WebhookGraceMs is how much longer than the try an answer may take to come back
	// through the log.
	WebhookGraceMs = 5000
)

// A webhook is called by the leader, outside the state: it learns of it by the
// webhook.due and by the run that waits, also after a failover, so it may be called
// more than once. Its answer comes back as run.answer. The run stands at the step.
func (s *WebhookStep) do(tx *Tx, co *course, in instruction) error {
	co.at = in.number
	co.pending = &Pending{For: PendingWebhook, Tries: 1, DueMs: tx.NowMs + s.tryMs()}
	return nil
}

// tryMs is how long an answer of one try is waited for.
func (s *WebhookStep) tryMs() int64 {
	seconds := int64(s.TimeoutSeconds)
	if seconds == 0 {
		seconds = DefaultWebhookSeconds
	}
	return seconds*1000 + WebhookGraceMs
}
