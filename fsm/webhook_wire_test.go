package fsm

func init() {
	samples = append(samples,
		AnswerRun{WebhookTry: WebhookTry{3, 12, 2}, OK: true, Status: 200, Failure: WebhookStatus, Values: map[string]string{"plan": "gold"}},
	)
}
