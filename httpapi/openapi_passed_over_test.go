package httpapi

import (
	"maps"

	"github.com/rondohq/rondo/rotation"
)

func init() {
	maps.Copy(operations, map[string]operation{
		"GET /v1/agents/{id}/passed-over": {id: "getPassedOver", tag: "agents", summary: "How often was she passed over, and why?",
			about: "Whose turn it would have been, by reason and by team, and the last 20 decisions. A decision names the first 32 whom it passed over, and counts those behind without their names: in a larger team they are missing here. " +
				"A call looks at no more than 100,000 records: where it is not `complete`, go on with next_page_token; each answer counts its own part.",
			answers: ok[passedOverView](), call: "/v1/agents/mallory/passed-over?since=2026-11-21T00:00:00Z"},
	})
	exampleOrder = append(exampleOrder, "GET /v1/agents/{id}/passed-over")
	maps.Copy(parameters, map[string]parameter{
		"/v1/agents/{id}/passed-over since": {"From this time on; left out: from the first decision that is kept.", `{"type":"string","format":"date-time"}`},
		"/v1/agents/{id}/passed-over until": {"Up to this time, not with it; left out: up to now.", `{"type":"string","format":"date-time"}`},
	})
	maps.Copy(vocabulary, map[string][]string{"httpapi.passedDecision.reason": wordsOf(rotation.Verdict.String)[1:]})
	maps.Copy(always, map[string]bool{"httpapi.passedDecision.at": true, "httpapi.passedDecision.conversation": true})
	maps.Copy(componentNames, map[string]string{"httpapi.passedOverView": "PassedOverSummary", "httpapi.passedDecision": "PassedOverDecision"})
	maps.Copy(abouts, map[string]string{
		"httpapi.passedOverView":                 "How often an agent was passed over, and why.",
		"httpapi.passedOverView.since":           "As it was asked; null: from the first decision that is kept.",
		"httpapi.passedOverView.until":           "As it was asked; null: up to now.",
		"httpapi.passedTally.total":              "How many decisions passed her over.",
		"httpapi.passedTally.by_reason":          "How many for each reason.",
		"httpapi.passedTally.by_team":            "How many in each team.",
		"httpapi.passedTally.first":              "When the first of them was made.",
		"httpapi.passedTally.last":               "When the last of them was made.",
		"httpapi.passedOverView.items":           "The last 20 of them, the newest first.",
		"httpapi.passedOverView.complete":        "Everything that was asked for has been looked at.",
		"httpapi.passedOverView.next_page_token": "Give it as page_token to go on; null: it is complete.",
		"httpapi.passedOverView.truncated":       "Older decisions that were asked for are no longer kept.",
		"httpapi.passedDecision":                 "A decision that passed her over.",
		"httpapi.passedDecision.decision":        "Its id.",
		"httpapi.passedDecision.at":              "When it was made.",
		"httpapi.passedDecision.reason":          "Why she was passed over.",
		"httpapi.passedDecision.assignee":        "Who was picked; null: nobody.",
	})
}
