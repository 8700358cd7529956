package fsm

import (
	"fmt"
	"iter"
	"slices"
	"time"
)

// Limits of webhook steps; each is tested.
const (
	DefaultWebhookSeconds = 10  // a try may take
	MaxWebhookSeconds     = 60  //
	MaxWebhookRetries     = 5   // beyond the first try; after 1, 2, 4, 8 and 16 s
	MaxWebhookValueRunes  = 200 // of an answer that a field takes; longer ones are passed over

	// WebhookGraceMs is how long the state waits for the answer of a try beyond the
	// time that the server has: for a free place at the caller, and for the way of the
	// answer back. A leader that dies in the meantime is followed by one that calls
	// the same try again, if enough is left of it.
	WebhookGraceMs = 5000

	firstRetryMs = 1000
)

// A WebhookTry names a try for ever. A run that comes to a webhook step a second time
// makes another call; all tries of one have its number.
type WebhookTry struct {
	Run  RunHandle `json:"run" cbor:"1,keyasint"`
	Call uint64    `json:"call" cbor:"2,keyasint"` // Seq of its first try
	Try  uint8     `json:"try" cbor:"3,keyasint"`  // from 1
}

// A WebhookFailure says why a try failed, in a word for records and metrics.
type WebhookFailure string

// The failures. The caller tells all but the last, which the state finds itself too.
const (
	WebhookStatus     WebhookFailure = "status"      // neither 2xx nor 3xx; told as http_500 and so on
	WebhookRedirect   WebhookFailure = "redirect"    // is not followed
	WebhookConnection WebhookFailure = "connection"  // refused, reset, name not found
	WebhookTLS        WebhookFailure = "tls"         // its certificate does not verify
	WebhookTooLarge   WebhookFailure = "too_large"   // the answer
	WebhookNotJSON    WebhookFailure = "not_json"    // the answer, of which something was to be saved
	WebhookNotAllowed WebhookFailure = "not_allowed" // the leader's configuration does not list the host: no more tries
	WebhookTimedOut   WebhookFailure = "timed_out"
)

// WebhookFailures returns all of them.
func WebhookFailures() []WebhookFailure {
	return []WebhookFailure{WebhookStatus, WebhookRedirect, WebhookConnection, WebhookTLS, WebhookTooLarge, WebhookNotJSON,
		WebhookNotAllowed, WebhookTimedOut}
}

// Outcomes of a run whose webhook step failed and had nothing else to do.
const (
	OutcomeWebhookFailed     = "webhook_failed"
	OutcomeWebhookNotAllowed = "webhook_not_allowed"

	webhookAnswered = "answered" // outcome of webhook.answered
)

func (s WebhookStep) patienceMs() int64 {
	if s.TimeoutSeconds == 0 {
		return DefaultWebhookSeconds * 1000
	}
	return int64(s.TimeoutSeconds) * 1000
}

// begin makes the next try of a step: the first, or one more after a failure. The run
// then waits for the caller of the leader to bring the answer (AnswerRun), or for
// the end of the try. The caller of begin stores the run and sets its timer.
func (s WebhookStep) begin(tx *Tx, run *Run) {
	next := Pending{
		For: PendingWebhook, DueMs: tx.NowMs + s.patienceMs() + WebhookGraceMs,
		Tries: 1, Call: tx.Seq, Left: run.Pending.Left,
	}
	if before := run.Pending; before.Paused {
		next.Tries, next.Call = before.Tries+1, before.Call
	}
	run.Pending = next
	run.tellWebhook(tx, WebhookDue, "")
}

// fail ends a try. It says whether there will be another: then the run waits for it,
// and the caller of fail stores the run and sets its timer. Otherwise the step has
// failed, and outcome is that of the run if nothing stands in Otherwise.
func (s WebhookStep) fail(tx *Tx, run *Run, why WebhookFailure, status uint16) (again bool, outcome string) {
	word := string(why)
	if why == WebhookStatus {
		word = fmt.Sprintf("http_%d", status)
	}
	run.tellWebhook(tx, WebhookAnswered, word)
	tries := run.Pending.Tries
	switch {
	case why == WebhookNotAllowed:
		return false, OutcomeWebhookNotAllowed
	case tries > min(s.Retries, MaxWebhookRetries):
		return false, OutcomeWebhookFailed
	}
	run.Pending.Paused, run.Pending.DueMs = true, tx.NowMs+firstRetryMs<<(tries-1)
	return true, ""
}

// tellWebhook writes a record of a run's webhook.
func (r *Run) tellWebhook(tx *Tx, event Event, outcome string) {
	rec := Record{Event: event, Contact: r.Contact,
		Telling: Telling{Ruling: Ruling{Rule: r.Rule, Edition: r.Edition, Run: r.Handle, Step: r.At, Outcome: outcome}}}
	c, ok := tx.Conversations.Get(r.Conversation)
	if !ok {
		tx.emit(rec, nil)
		return
	}
	tx.emit(rec, &c)
	tx.Conversations.Put(c)
}

// save puts the members of an answer that a step wants into fields of the contact, an
// empty one takes the field away. What no field may hold, and what the contact has no
// room for, is passed over.
func (s WebhookStep) save(tx *Tx, run *Run, values map[string]string) {
	contact, ok := run.customer(tx.State)
	if !ok {
		return
	}
	fields := map[string]string{}
	for _, f := range contact.Fields {
		fields[f.Name] = f.Value
	}
	for _, wanted := range sortedAttributes(s.Save) { // field, member
		value, told := values[wanted.Value]
		_, had := fields[wanted.Name]
		switch {
		case !told || !fitsField(wanted.Name, value) || !had && len(fields) >= MaxAttributes:
		case value == "":
			delete(fields, wanted.Name)
		default:
			fields[wanted.Name] = value
		}
	}
	row := contact
	row.Fields = sortedAttributes(fields)
	putContact(tx, row, contact)
}

func fitsField(name, value string) bool {
	var check checker
	check.id("", name)
	return check.err() == nil && FitsWebhookValue(value)
}

// FitsWebhookValue says whether an answer may bring a value: at most
// MaxWebhookValueRunes characters, none of them a control character.
func FitsWebhookValue(value string) bool {
	var check checker
	check.text("", value, MaxWebhookValueRunes)
	return check.err() == nil
}

// customer returns the contact that a run is about, unless it is erased.
func (r Run) customer(s *State) (Contact, bool) {
	contact, _ := s.Contacts.Get(r.Contact)
	if c, ok := s.Conversations.Get(r.Conversation); ok {
		contact = customerOf(s, c)
	}
	contact = survivorOf(s, contact)
	return contact, contact.Handle != 0 && contact.ErasedMs == 0
}

// A DueWebhook is a try that somebody has to make.
type DueWebhook struct {
	WebhookTry

	Rule         RuleID
	Conversation ConversationID // "": the run is about a contact alone
	Contact      ContactID
	URL          string
	Members      []string // of the answer that are wanted, sorted
	Timeout      time.Duration
	BegunMs      int64
	EndMs        int64 // the state waits no longer
}

// DueWebhooks yields the tries that wait for an answer, oldest run first. Anybody may
// call it, with a view.
func DueWebhooks(view *State) iter.Seq[DueWebhook] {
	return func(yield func(DueWebhook) bool) {
		for key := range view.Runs.pending.From(runPending{waits: PendingWebhook}) {
			if key.waits != PendingWebhook {
				return
			}
			run, _ := view.Runs.Get(key.run)
			if run.Pending.Paused {
				continue
			}
			if due, ok := run.dueWebhook(view); ok && !yield(due) {
				return
			}
		}
	}
}

func (r Run) dueWebhook(view *State) (DueWebhook, bool) {
	step, ok := r.webhook(view)
	if !ok {
		return DueWebhook{}, false
	}
	rule, _ := view.Rules.Get(r.Rule)
	c, _ := view.Conversations.Get(r.Conversation)
	contact, _ := r.customer(view)
	members := make([]string, 0, len(step.Save))
	for _, wanted := range sortedAttributes(step.Save) {
		members = append(members, wanted.Value)
	}
	slices.Sort(members)
	return DueWebhook{
		WebhookTry: WebhookTry{r.Handle, r.Pending.Call, r.Pending.Tries},
		Rule:       rule.ID, Conversation: c.ID, Contact: contact.ID, URL: step.URL, Members: slices.Compact(members),
		Timeout: time.Duration(step.patienceMs()) * time.Millisecond,
		BegunMs: r.Pending.DueMs - step.patienceMs() - WebhookGraceMs, EndMs: r.Pending.DueMs,
	}, true
}

// webhook returns the step that a run is at.
func (r Run) webhook(s *State) (WebhookStep, bool) {
	edition, _ := s.Editions.Get(editionKey{r.Rule, r.Edition})
	steps := newProgram(edition.Body.Steps)
	if int(r.At) >= len(steps) || steps[r.At].step.Webhook == nil {
		return WebhookStep{}, false
	}
	return *steps[r.At].step.Webhook, true
}
