package httpapi

import (
	"slices"

	"github.com/rondohq/rondo/fsm"
)

// A warningView tells of a success that may surprise.
type warningView struct {
	Code   string `json:"code"`
	Detail string `json:"detail"`
}

// warningDetails says each warning of the state in a sentence; a test fails if one
// is missing. They hold no names: the things may have changed before a call is
// repeated, and its warnings are those of the first time.
var warningDetails = map[string]string{
	"assignee_absent":     "the assignee was not available and got it all the same; it stays there until somebody moves it",
	"assignee_not_member": "the assignee is not a member of the conversation's team; the conversation stays in that team",
	"fallback_absent":     "the fallback agent is not available and would get conversations all the same",
	"team_empty":          "an inbox sends to this team, and it has no members: what comes waits, or goes to its fallback",
	"still_picked":        "a team of hers does not look at the status and gives her conversations all the same",
	"team_unavailable":    "nobody in the team is available now: what comes waits, or goes to its fallback",
}

// viewWarnings shows the warnings of a command behind those that are known already;
// nil if there are none.
func viewWarnings(w fsm.Warnings, known ...warningView) []warningView {
	for _, code := range w.Names() {
		if !slices.ContainsFunc(known, func(v warningView) bool { return v.Code == code }) {
			known = append(known, warningView{code, warningDetails[code]})
		}
	}
	return known
}
