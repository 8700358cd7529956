package httpapi

import (
	"fmt"
	"slices"
	"strings"

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

	"rotation_turned_off":         "the inbox assigned by rotation until now; with the new mode it takes no more turns",
	"default_assignee_turned_off": "an inbox has one mode: in this one its default assignee gets nothing, and is not kept",
	"default_assignee_absent":     "the default assignee is not available and would get conversations all the same",
	"default_assignee_no_access":  "the default assignee has no access to the inbox and would get conversations all the same",
	"assignee_no_access":          "the assignee has no access to the conversation's inbox and got it all the same",
	"member_no_access":            "not all members of the inbox have access to it; who has none is never picked",
	"inbox_nobody":                "nobody in the team may take what this inbox brings: see its access and its members; what comes waits, or goes to the team's fallback",
	"list_narrowed":               "the list was empty, which let everybody in; now only those who are listed are",
	"owner_absent":                "the owner is not available now; until she is, the inbox's when_owner_absent says who gets what the contact writes",
	"replies_no_rotation":         "the inbox that the replies go to has no rotation",
	"refunded_absent":             "who goes first now is not available; she does so at the next pick she may take, within 24 hours",
	"contact_blocked":             "the contact is blocked: what it writes reaches nobody, and nothing was opened",
	"over_capacity":               "the assignee has more open conversations now than the limits allow; automation gives her nothing before she is below them",
	"turns_by_inbox":              "with one ring for each inbox nobody's place moves by a turn: each ring goes round in the order in which the agents were created; for least_recently_assigned set per to team, or give each inbox a team of its own",
	"named_by_rules":              "rules in force name what was removed; publish them without it: GET /v1/rules/{id}/lint?of=live says where",
}

// namedByRules shows the warning that rules name what was removed, with their ids as
// long as they do. A repeated call may find other rules than the first, or none: then it
// is left to the sentence without names.
func namedByRules(d done, noun fsm.Noun, id string) []warningView {
	if d.Warnings&fsm.WarnNamedByRules == 0 {
		return nil
	}
	rules := fsm.RulesNaming(d.view, noun, id)
	if len(rules) == 0 {
		return nil
	}
	const shown = 10
	names, more := make([]string, 0, shown), ""
	for _, rule := range rules[:min(len(rules), shown)] {
		names = append(names, string(rule))
	}
	if n := len(rules) - shown; n > 0 {
		more = fmt.Sprintf(" and %d more", n)
	}
	return []warningView{{"named_by_rules", fmt.Sprintf("rules in force name this %s: %s%s; publish them without it: GET /v1/rules/{id}/lint?of=live says where",
		noun, strings.Join(names, ", "), more)}}
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
