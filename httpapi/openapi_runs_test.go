package httpapi

import (
	"maps"

	"github.com/rondohq/rondo/fsm"
)

// The operations about runs of rules, and about what sets rules off besides messages.
func init() {
	maps.Copy(operations, map[string]operation{
		"GET /v1/runs/{id}": {id: "getRun", tag: "rules", summary: "Look at a run of a rule that waits",
			about: "A run is there for as long as it waits. How it ended stands in an event, `rule.ran`, and in the story of its conversation.", answers: ok[runView]()},
		"DELETE /v1/runs/{id}": {id: "endRun", tag: "rules", summary: "End a run of a rule",
			about: "What it would still have done is not done. A conversation that was left to it goes the usual way of its inbox.",
			body:  of[fsm.EndRun](), answers: ok[runEndView](), refusals: []fsm.Reason{fsm.NotPermitted}},
		"GET /v1/rules/{id}/runs": {id: "listRuns", tag: "rules", summary: "The runs of a rule that wait",
			about: "By the edition with which they began, and then by age. Runs about conversations that you may not see are left out.", list: of[runView](), call: "/v1/rules/vip/runs"},
		"POST /v1/inboxes/{id}/forms": {id: "submitForm", tag: "inboxes", summary: "Somebody has submitted a form",
			about: "A prospect. Who has the address is the contact, or a new one is made; what the form does not say stays as it is, and so does whether the contact is known. It opens nothing by itself: rules that answer to `form_submitted` say what becomes of it. " +
				"The id is its key, as with messages: ask what became of it with GET /v1/operations/{key}?form_inbox=.",
			body: of[fsm.SubmitForm](), answers: okOrCreated[submittedView](), refusals: []fsm.Reason{fsm.ListFull, fsm.TooManyTags},
			call: "/v1/inboxes/sms/forms", sent: `{"id":"f1","form":"landing-1","from":{"address":"+15550177","name":"Dee"},"fields":{"plan":"gold"},"language":"es"}`},
		"POST /v1/conversations/{id}/notes": {id: "noteConversation", tag: "conversations", summary: "Somebody has left a note",
			about: "Its id, for the event `conversation.noted`. Its text is kept by whoever wrote it, and never here.",
			body:  of[fsm.NoteConversation](), answers: ok[actionView]()},
		"POST /v1/contacts/{id}/qualify": {id: "qualifyContact", tag: "contacts", summary: "Say that a contact is qualified",
			about: "Whatever the criteria: a bot that has asked the questions knows. Rules that answer to `contact_qualified` run. Once is enough; again changes nothing.",
			body:  of[fsm.QualifyContact](), answers: ok[contactView](), refusals: []fsm.Reason{fsm.MergedAway, fsm.ErasedContact}, call: "/v1/contacts/ben/qualify"},
	})
	exampleOrder = append(exampleOrder, "GET /v1/rules/{id}/runs", "POST /v1/inboxes/{id}/forms", "POST /v1/contacts/{id}/qualify")
	parameters["/v1/operations/{key} form_inbox"] = parameter{"The key is the id of a form that was submitted to this inbox.", `{"type":"string","minLength":1,"maxLength":64,"pattern":"^[A-Za-z0-9+.:@_-]+$"}`}
	maps.Copy(vocabulary, map[string][]string{
		"httpapi.runWaits.waits_for": wordsOf(fsm.PendingFor.String), "httpapi.runSubject.because": fsm.EventNames(), "httpapi.runEndView.outcome": {fsm.OutcomeEnded},
	})
	maps.Copy(componentNames, map[string]string{"httpapi.runView": "Run", "httpapi.runEndView": "RunEnd", "httpapi.submittedView": "SubmittedForm"})
	maps.Copy(abouts, map[string]string{
		"httpapi.runView":            "A rule under way, for as long as it waits.",
		"httpapi.runView.id":         "A number.",
		"httpapi.runView.rule":       "The rule.",
		"httpapi.runSubject.contact": "Whose conversation it is, or whom it is about.",
		"httpapi.runWaits.waits_for": "What ends the waiting.",
		"httpapi.runEndView":         "A run that was ended.",
		"httpapi.runEndView.id":      "Of the run.",
		"httpapi.runEndView.outcome": "How it ended: a person has ended it.",
		"fsm.EndRun":                 "Nothing: the path says it all.",
		"fsm.EndRun.run":             "The number of the run.",

		"httpapi.submittedView":         "What became of a form.",
		"httpapi.submittedView.contact": "Who has submitted it, as it is now.",
		"httpapi.submittedView.blocked": "The contact is blocked: nothing was changed, and nobody was told.",
		"fsm.SubmitForm":                "What somebody has filled in.",
		"fsm.SubmitForm.id":             "An id of your own. A form that is sent again gets the answer of the first time.",
		"fsm.SubmitForm.form":           "Which form it is: rules ask for it.",
		"fsm.SubmitForm.from":           "Who has submitted it.",
		"fsm.SubmitForm.fields":         "Of the contact; an empty value takes one away.",
		"fsm.SubmitForm.language":       "What the contact speaks. Left out: it stays as it is.",
		"fsm.SubmitForm.region":         "Where the contact is. Left out: it stays as it is.",
		"fsm.SubmitForm.tags":           "Of the contact, besides those it has.",
		"fsm.NoteConversation":          "A note, without its text.",
		"fsm.NoteConversation.id":       "The id of the note, in the system that keeps its text.",
		"fsm.QualifyContact":            "Nothing: the path says it all.",
	})
}
