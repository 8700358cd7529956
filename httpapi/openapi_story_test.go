package httpapi

import (
	"maps"

	"github.com/rondohq/rondo/fsm"
)

func init() {
	maps.Copy(operations, map[string]operation{
		"GET /v1/conversations/{id}/story": {id: "getStory", tag: "conversations", summary: "What has happened to it, and why, in plain words",
			about: "Everything from its beginning on, each with its time: what came, which rule answered and where the conditions of those before it ended, whose turn it was, who was passed over and why. Of more than 500 moments the newest are told. " +
				"With `text` the answer is plain text, a line for each. Sentences may be written better at any time; programs read the fields beside them.",
			answers: ok[storyView](), call: "/v1/conversations/c1/story"},
	})
	exampleOrder = append(exampleOrder, "GET /v1/conversations/{id}/story")
	maps.Copy(parameters, map[string]parameter{
		"/v1/conversations/{id}/story text": {"Given without a value, or true: plain text.", `{"type":"string","enum":["","true"]}`},
	})
	maps.Copy(vocabulary, map[string][]string{"httpapi.momentView.event": fsm.EventNames()})
	maps.Copy(always, map[string]bool{"httpapi.momentView.at": true})
	maps.Copy(componentNames, map[string]string{"httpapi.storyView": "Story", "httpapi.momentView": "StoryMoment", "httpapi.missedView": "RuleMissed", "httpapi.ruleRunView": "RulePreview"})
	maps.Copy(abouts, map[string]string{
		"httpapi.storyView":                 "All that has happened to one conversation, in plain words.",
		"httpapi.storyView.moments":         "The oldest first.",
		"httpapi.storyView.truncated":       "There was more before: it is not told, or not kept.",
		"httpapi.momentView":                "One thing that has happened.",
		"httpapi.momentView.id":             "Of the event, as in /v1/events.",
		"httpapi.momentView.rule":           "The rule that did it, or whose run it was.",
		"httpapi.momentView.rule_revision":  "Its edition.",
		"httpapi.momentView.outcome":        "How a run of the rule ended: " + runOutcomes,
		"httpapi.decisionRule.rules_missed": "Published rules that were asked before and did not answer, at most 16.",
		"httpapi.missedView":                "A rule that was asked and did not answer.",
		"httpapi.missedView.rule":           "Its id; null: it is removed since.",
		"httpapi.missedView.failed":         "The first node of its condition that was not met, such as /all/1; empty: the condition itself.",
		"httpapi.previewView.rules":         "The rules that would answer, in the order in which they would run.",
		"httpapi.momentView.at":             "The cluster's time.",
		"httpapi.momentView.event":          "What it was, as in /v1/events.",
		"httpapi.momentView.actor":          "Who did it.",
		"httpapi.momentView.sentence":       "What has happened, in plain words.",
		"httpapi.ruleRunView.rule":          "Its id.",
		"httpapi.ruleRunView":               "A rule that would answer.",
		"httpapi.ruleRunView.rule_revision": "Its edition.",
		"httpapi.ruleRunView.outcome":       "As it would end, or `waits`: it would go on later. " + runOutcomes,
	})
}

// runOutcomes say how a run may end.
const runOutcomes = "`done`; `failed`: it passed over what could not be done; `too_many_steps`: of one run without a wait, of all that one event has set off, or a run came to wait too often; " +
	"`too_deep`: rules have set each other off again and again; `too_many_rounds`: rules have snoozed it 100 times in a row, and nobody has done anything with it; " +
	"`already_running`: an earlier run of the rule waits; `too_many_runs`: as many wait as may; `decided_by_person`: a person has decided otherwise; `removed`: its rule was; " +
	"`conversation_closed`; `ended`: by a person; `webhook_failed`; `webhook_not_allowed`."
