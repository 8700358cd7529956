package fsm

import "slices"

var _ = register[AnswerRun](179, "run.answer")

// MaxWebhookValues bounds the members that an answer brings.
const MaxWebhookValues = MaxAttributes

// AnswerRun brings a run what became of a try of its webhook step. The leader's
// caller proposes it (package httpapi/webhook). Only the try that is pending is
// answered; everything else comes too late, or twice, and is refused.
//
// The values are personal data, as fields of a contact are: they stand in the log and
// in the row, and in no record.
type AnswerRun struct {
	WebhookTry

	OK      bool              `json:"ok" cbor:"4,keyasint,omitempty"`
	Status  uint16            `json:"status" cbor:"5,keyasint,omitempty"`  // of HTTP; 0: there was none
	Failure WebhookFailure    `json:"failure" cbor:"6,keyasint,omitempty"` // why it is not OK
	Values  map[string]string `json:"values" cbor:"7,keyasint,omitempty"`  // member of the answer: value
}

// Check implements Command.
func (c AnswerRun) Check() error {
	var check checker
	if c.Run == 0 {
		check.add("/run", "required", "say which run it is for")
	}
	if c.Call == 0 {
		check.add("/call", "required", "say which call of the run it is for")
	}
	if c.Try == 0 || c.Try > MaxWebhookRetries+1 {
		check.add("/try", "out_of_range", "%d, it must be from 1 to %d", c.Try, MaxWebhookRetries+1)
	}
	if c.Status != 0 && (c.Status < 100 || c.Status > 999) {
		check.add("/status", "out_of_range", "%d, it must be a status of HTTP, or 0 if there was none", c.Status)
	}
	switch {
	case c.OK && c.Failure != "":
		check.add("/failure", "unexpected", "a try that went well has none")
	case !c.OK && !slices.Contains(WebhookFailures(), c.Failure):
		check.add("/failure", "unknown_value", "%q is not a reason why a try fails", clip(string(c.Failure)))
	case !c.OK && len(c.Values) > 0:
		check.add("/values", "unexpected", "a try that failed brings none")
	}
	if len(c.Values) > MaxWebhookValues {
		check.add("/values", "too_many", "%d, at most %d are allowed", len(c.Values), MaxWebhookValues)
		return check.err()
	}
	for _, v := range sortedAttributes(c.Values) {
		check.text(fieldPointer("/values", v.Name), v.Name, MaxNameRunes)
		check.text(fieldPointer("/values", v.Name), v.Value, MaxWebhookValueRunes)
	}
	return check.err()
}

// No agent brings answers: an admin may, as everywhere.
func (AnswerRun) allowed(*Tx, Agent) bool { return false }

func (c AnswerRun) apply(tx *Tx) (Result, error) {
	run, _ := tx.Runs.Get(c.Run)
	step, ok := run.webhook(tx.State)
	switch p := run.Pending; {
	case !ok || p.For != PendingWebhook || p.Paused || (WebhookTry{run.Handle, p.Call, p.Tries}) != c.WebhookTry:
		return Result{}, reject(NotFound, "no run waits for the answer of try %d of call %d of run %d: it was answered before, or its time was over", c.Try, c.Call, c.Run)
	case tx.NowMs >= p.DueMs:
		return Result{}, reject(NotFound, "the answer of try %d of call %d of run %d comes too late", c.Try, c.Call, c.Run)
	}
	if !c.OK {
		webhookFailed(tx, run, step, c.Failure, c.Status)
		return Result{Subject: Subject{NounRun, uint64(c.Run)}}, nil
	}
	run.tellWebhook(tx, WebhookAnswered, webhookAnswered)
	rule, _ := tx.Rules.Get(run.Rule)
	by, via := tx.actor, tx.via
	tx.actor, tx.via = rulePrincipal+string(rule.ID), by
	step.save(tx, &run, c.Values)
	tx.actor, tx.via = by, via
	webhookOver(tx, run, true, "")
	return Result{Subject: Subject{NounRun, uint64(c.Run)}}, nil
}
