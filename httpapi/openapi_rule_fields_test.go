package httpapi

import (
	"maps"

	"github.com/rondohq/rondo/fsm"
)

func init() {
	maps.Copy(operations, map[string]operation{
		"GET /v1/rules/fields": {id: "listRuleFields", tag: "rules", summary: "What may conditions ask about?",
			about:   "Every field of a condition, with its type, the operators that it is compared by, and, where they are few, all its values. A name that ends in a dot is followed by a name of your own: contact.field.plan.",
			answers: ok[ruleFieldsView](), call: "/v1/rules/fields"},
		"POST /v1/rules/{id}/test": {id: "testRule", tag: "rules", summary: "Would a rule answer?",
			about: "Tries the draft, and what is in force, on a conversation, or on one that a contact would open in an inbox: as if what the rule waits for happened now. If it would not answer, the first condition that failed is named, with what was found there. Nothing is changed.",
			body:  of[ruleTrial](), answers: ok[ruleTrialView]()},
	})
	exampleOrder = append(exampleOrder, "GET /v1/rules/fields")
	maps.Copy(vocabulary, map[string][]string{
		"httpapi.ruleFieldView.type":  {string(fsm.FieldText), string(fsm.FieldSet), string(fsm.FieldNumber), string(fsm.FieldYesNo)},
		"httpapi.ruleTrialView.state": wordsOf(fsm.RuleState.String),
	})
	maps.Copy(abouts, map[string]string{
		"httpapi.ruleFieldsView":            "What conditions may ask about.",
		"httpapi.ruleFieldsView.items":      "In the order in which people are shown them.",
		"httpapi.ruleFieldView":             "A field that a condition may ask about.",
		"httpapi.ruleFieldView.of":          "What `of` names: the id of a team, an agent or a schedule; null: there is none.",
		"httpapi.ruleFieldView.of_required": "`of` may not be left out. Otherwise it stands for the team of the conversation, or for who has it.",
		"httpapi.ruleFieldView.operators":   "What it is compared by.",
		"httpapi.ruleFieldView.values":      "All that it may be; empty: anything.",
		"httpapi.ruleFieldView.max":         "Of a number: the greatest; null: any.",
		"httpapi.ruleFieldView.about":       "What it is, in a sentence.",
		"httpapi.ruleTrial":                 "On what a rule is tried.",
		"httpapi.ruleTrial.conversation":    "A conversation; or give `contact`, and `inbox` for a conversation that it would open.",
		"httpapi.ruleTrial.inbox":           "The inbox in which the contact would write.",
		"httpapi.ruleTrial.contact":         "Who would write.",
		"httpapi.ruleTrial.form":            "As if this form had been submitted.",
		"httpapi.ruleTrialView":             "Whether a rule would answer, if what it waits for happened now.",
		"httpapi.ruleFieldView.type":        "What its values are: `set` is a list of texts, `yes_no` is true or false.",
		"httpapi.ruleAnswerView.answers":    "It would answer.",
		"httpapi.ruleTrialView.rule":        "Its id.",
		"httpapi.ruleTrialView.state":       "How far it is.",
		"httpapi.ruleTrialView.index":       "Of the state that it was tried on.",
		"httpapi.ruleTrialView.draft":       "What people are writing.",
		"httpapi.ruleTrialView.live":        "What is in force, also while it is paused; null: nothing was published.",
		"httpapi.ruleAnswerView":            "Whether a rule would answer and, if not, what failed.",
		"httpapi.ruleAnswerView.on":         "What it waits for.",
		"httpapi.ruleAnswerView.pointer":    "Where in the rule the first thing stands that failed, as a JSON pointer; null: it would answer.",
		"httpapi.ruleAnswerView.because":    "What was found there, in words; null: it would answer.",
	})
	maps.Copy(componentNames, map[string]string{
		"httpapi.ruleFieldsView": "RuleFields", "httpapi.ruleFieldView": "RuleField", "httpapi.ruleTrial": "RuleTrial",
		"httpapi.ruleTrialView": "RuleTrialResult", "httpapi.ruleAnswerView": "RuleAnswer",
	})
}
