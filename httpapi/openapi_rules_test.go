package httpapi

import (
	"maps"
	"strings"

	"github.com/rondohq/rondo/fsm"
)

// sentAndShown are types that an answer shows as they are sent: one schema is of both.
var sentAndShown = map[string]bool{"fsm.Trigger": true, "fsm.Condition": true, "fsm.Step": true}

// toldElsewhere are types in the body of a route that another route is asked about.
func toldElsewhere(path string) map[string]bool {
	switch {
	case strings.HasPrefix(path, "/v1/rules"):
		return map[string]bool{"fsm.Requirement": true}
	case path == "/v1/criteria":
		return map[string]bool{"fsm.Condition": true}
	default:
		return map[string]bool{}
	}
}

const ruleText = "A rule answers to one thing that happens (`on`), if what must hold does (`when`), with steps, one after another. " +
	"Rules are asked by their places; of those that answer to the same, the first whose conditions hold runs."

// Rules and criteria.
func init() {
	maps.Copy(parameters, map[string]parameter{
		"/v1/rules state": {"Only those in this state.", `{"type":"string","enum":["draft","published","paused"]}`},
		"/v1/rules on":    {"Only those that answer to this, as a draft or in force.", `{"type":"string","enum":["` + strings.Join(fsm.Triggers(), `","`) + `"]}`},
	})
	acts := func(more ...fsm.Reason) []fsm.Reason { return append(more, fsm.NotPermitted) }
	maps.Copy(operations, map[string]operation{
		"PUT /v1/rules/{id}": {id: "putRule", tag: "rules", summary: "Write the draft of a rule",
			about: ruleText + " What is put is a draft and has no effect: what is in force stays until it is published. Only the name and the place count at once. No rule may be called `order`, `templates` or `fields`.",
			body:  of[fsm.PutRule](), answers: okOrCreated[ruleView](), refusals: acts(fsm.TooManyRules),
			call: "/v1/rules/vip", sent: `{"name":"VIP","on":{"on":"conversation_opened"},"when":{"field":"contact.tags","op":"has","value":"vip"},"steps":[{"assign":{"agent":"mallory"}}]}`},
		"PATCH /v1/rules/{id}": {id: "patchRule", tag: "rules", summary: "Change single fields of a draft", about: patchText,
			body: of[fsm.PutRule](), answers: ok[ruleView](), refusals: acts(fsm.Outdated), call: "/v1/rules/vip", sent: `{"name":"VIPs"}`},
		"GET /v1/rules/{id}": {id: "getRule", tag: "rules", summary: "Look at a rule", answers: ok[ruleView](), call: "/v1/rules/vip"},
		"GET /v1/rules": {id: "listRules", tag: "rules", summary: "List rules", about: "As they are asked, or by their ids. Those of one place are asked in the order in which they were created.",
			list: of[ruleView](), call: "/v1/rules?on=conversation_opened"},
		"DELETE /v1/rules/{id}": {id: "deleteRule", tag: "rules", summary: "Delete a rule", about: "In force or not. Its runs end where they are. Rules that trigger it pass over that step.",
			body: of[fsm.DeleteRule](), answers: ok[ruleView](), refusals: acts()},
		"PUT /v1/rules/order": {id: "orderRules", tag: "rules", summary: "Say in which order rules are asked",
			about: "Those that are named come first, in this order; the others come behind them, in the order they have. The places are numbered anew, from 1. It counts at once.",
			body:  of[fsm.OrderRules](), answers: ok[ruleOrderView](), refusals: acts(fsm.UnknownReference), call: "/v1/rules/order", sent: `{"rules":["vip"]}`},
		"POST /v1/rules/{id}/publish": {id: "publishRule", tag: "rules", summary: "Put the draft of a rule in force",
			about: "In one moment: what happens from now on is answered by it. Runs under way end as they began. GET /v1/rules/{id}/diff shows before what it changes; give its revision as If-Match, and nothing else is published.",
			body:  of[fsm.PublishRule](), answers: ok[ruleView](), refusals: acts(fsm.UnknownReference), call: "/v1/rules/vip/publish"},
		"POST /v1/rules/{id}/pause": {id: "pauseRule", tag: "rules", summary: "Take a rule out of force", about: "It begins nothing any more; runs under way go on to their end.",
			body: of[fsm.PauseRule](), answers: ok[ruleView](), refusals: acts(fsm.NotPublished), call: "/v1/rules/vip/pause"},
		"POST /v1/rules/{id}/resume": {id: "resumeRule", tag: "rules", summary: "Put a paused rule in force again", about: "As it was when it was paused, whatever its draft has become since.",
			body: of[fsm.ResumeRule](), answers: ok[ruleView](), refusals: acts(fsm.UnknownReference, fsm.NotPublished), call: "/v1/rules/vip/resume"},
		"POST /v1/rules/{id}/rollback": {id: "rollBackRule", tag: "rules", summary: "Bring back what a rule said at a revision",
			about: "As its draft and in force, in one moment. The name and the place stay as they are. GET /v1/rules/{id}/revisions lists the revisions that are kept.",
			body:  of[fsm.RollBackRule](), answers: ok[ruleView](), refusals: acts(fsm.UnknownReference, fsm.UnknownRevision)},
		"GET /v1/rules/{id}/diff": {id: "diffRule", tag: "rules", summary: "What publishing a rule would change", about: "The draft against what is in force, or was when the rule was paused.",
			answers: ok[diffView](), call: "/v1/rules/vip/diff?explain=text"},

		"GET /v1/rules/{id}/revisions":                 {id: "listRuleRevisions", tag: "rules", summary: "The revisions of a rule", about: revisionsText, list: of[revisionView](), call: "/v1/rules/vip/revisions"},
		"GET /v1/rules/{id}/revisions/{revision}":      {id: "getRuleRevision", tag: "rules", summary: "Look at a revision of a rule", answers: ok[revisionDetail]()},
		"GET /v1/rules/{id}/revisions/{revision}/diff": {id: "diffRuleRevisions", tag: "rules", summary: "What a revision of a rule changed", about: diffText, answers: ok[diffView]()},

		"GET /v1/criteria": {id: "getCriteria", tag: "rules", summary: "When a contact counts as qualified", answers: ok[criteriaView](), call: "/v1/criteria"},
		"PUT /v1/criteria": {id: "putCriteria", tag: "rules", summary: "Say when a contact counts as qualified",
			about: "It counts from now on: who meets them already is qualified at the next change of the contact.",
			body:  of[fsm.PutCriteria](), answers: okOrCreated[criteriaView](), refusals: acts(), call: "/v1/criteria", sent: `{"qualified":{"field":"contact.tags","op":"has","value":"lead"}}`},
	})
	exampleOrder = append(exampleOrder, "PUT /v1/rules/{id}", "PATCH /v1/rules/{id}", "POST /v1/rules/{id}/publish", "GET /v1/rules/{id}", "GET /v1/rules", "PUT /v1/rules/order",
		"GET /v1/rules/{id}/diff", "POST /v1/rules/{id}/pause", "POST /v1/rules/{id}/resume", "GET /v1/rules/{id}/revisions", "PUT /v1/criteria", "GET /v1/criteria")
	maps.Copy(vocabulary, map[string][]string{"httpapi.ruleView.state": fsm.RuleStateNames()})
	maps.Copy(abouts, map[string]string{
		"fsm.PutRule":                   "A rule as it should be.",
		"fsm.PutRule.place":             "Among all rules, from 1: lower ones are asked first. Left out: it stays where it is, and a new one comes behind all others.",
		"fsm.PutRule.on":                "What it answers to.",
		"fsm.PutRule.when":              "What must hold; left out: nothing.",
		"fsm.PutRule.steps":             "What it does, one after another.",
		"fsm.PutRule.even_if_owned":     "Its first assignment comes before the owner of the contact.",
		"fsm.OrderRules":                "Which rules are asked first.",
		"fsm.OrderRules.rules":          "Their ids, in this order.",
		"fsm.PublishRule":               "Which to publish.",
		"fsm.PauseRule":                 "Which to pause.",
		"fsm.ResumeRule":                "Which to resume.",
		"fsm.RollBackRule":              "What is to be brought back.",
		"fsm.RollBackRule.revision":     "One that is kept.",
		"fsm.DeleteRule":                "Which to delete.",
		"fsm.PutCriteria":               "When a contact counts as qualified.",
		"fsm.PutCriteria.qualified":     "What must hold of the contact; null: only who is said to be qualified is.",
		"httpapi.ruleView.revision":     revisionText,
		"httpapi.criteriaView.revision": revisionText,
		"httpapi.ruleOrderView.rules":   "Their ids.",
		"fsm.Trigger.on":                "What has to happen.",
		"fsm.Trigger.inbox":             "Only in this inbox; of `reply_to_outbound` the inbox that the replies go to.",
		"fsm.Trigger.team":              "Only in this team; of `reply_to_outbound` the team that the replies go to.",
		"fsm.Trigger.field":             "Only this field of the contact; left out: any.",
		"fsm.Trigger.form":              "Only this form; left out: any.",
		"fsm.Trigger.schedule":          "Which schedule.",
		"fsm.Trigger.shift":             "Only this shift of the schedule; left out: any.",
		"fsm.Step":                      "One thing that a rule does: exactly one member besides `label`.",
		"fsm.Step.label":                "Where a `jump` may go; each once in a rule.",
		"fsm.TagStep.tag":               "Which tag.",
		"fsm.FieldStep.field":           "Which field of the contact.",
		"fsm.FieldStep.value":           "What it holds from then on; empty: the field goes.",
		"fsm.PriorityStep.priority":     "0 is normal, 9 the most urgent.",
		"fsm.MessageStep.template":      "What the customer is told, instead of the template of the team.",
		"fsm.CommentStep.note":          "The id of the note, in the system that keeps its text.",
		"fsm.NotifyStep.assignee":       "Who has the conversation.",
		"fsm.NotifyStep.supervisors":    "Those of this team.",
		"fsm.SnoozeStep.seconds":        "For how long.",
		"fsm.BranchStep.then":           "If it holds.",
		"fsm.BranchStep.else":           "If it does not.",
		"fsm.WaitStep.seconds":          "For so long; or until a schedule opens or closes.",
		"fsm.WaitStep.schedule":         "Which schedule is waited for.",
		"fsm.JumpStep.to":               "The label of the step with which it goes on.",
		"fsm.RuleStep.rule":             "Which rule. It answers to `rule`.",
		"fsm.WebhookStep.url":           "Its host must be on the list of hosts that the servers may call.",
		"fsm.Condition.all":             "All of these hold.",
		"fsm.Condition.any":             "One of these holds.",
		"fsm.Condition.not":             "This does not hold.",
		"fsm.Condition.values":          "Several values, of the operators that take them.",
		"httpapi.ruleView.warnings":     "What may surprise.",
		"httpapi.eventThings.rule":      "The rule.",
	})
}
