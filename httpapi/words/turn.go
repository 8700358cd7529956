package words

import (
	"slices"
	"strings"

	"github.com/rondohq/rondo/fsm"
)

// demands returns what the conversation itself asked for, as the record has it.
func demands(s story) (list []demand) {
	for part := range strings.SplitSeq(s.decision.Restriction, ";") {
		if name, value, ok := strings.Cut(part, "="); ok {
			list = append(list, demand{name, value})
		}
	}
	return list
}

type demand struct{ name, value string }

// demandText says what somebody does who meets a demand, and who does not.
type demandText struct {
	met, unmet string // the value follows
	has        func(fsm.Agent) []string
}

var demandTexts = map[string]demandText{
	"language": {"speak ", "does not speak ", func(a fsm.Agent) []string { return a.Languages }},
	"region":   {"work in ", "does not work in ", func(a fsm.Agent) []string { return a.Regions }},
	"skill":    {"have skill ", "does not have skill ", func(a fsm.Agent) []string { return a.Skills }},
}

// onlyThose says what the conversation itself demands.
func onlyThose(s story) string {
	var parts []string
	for _, d := range demands(s) {
		said, known := demandTexts[d.name]
		switch inbox, there := s.state.Inboxes.ByID(fsm.InboxID(d.value)); {
		case known:
			parts = append(parts, said.met+d.value)
		case d.name == "inbox" && there:
			parts = append(parts, "are on the lists of inbox "+inbox.Name)
		default:
			parts = append(parts, "match "+d.name+"="+d.value)
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return "Only those who " + list(parts) + " could take it, and they take turns of their own."
}

// unmet says what somebody lacks of what the conversation asked for, as far as her
// row still shows it.
func unmet(s story, agent fsm.Agent) string {
	var parts []string
	for _, d := range demands(s) {
		if said, known := demandTexts[d.name]; known && !slices.Contains(said.has(agent), d.value) {
			parts = append(parts, said.unmet+d.value)
		}
	}
	return list(parts)
}

func lastTurn(s story) string {
	if s.decision.CursorBefore == 0 {
		return "Nobody had taken a turn yet."
	}
	return agent(s.state, s.decision.CursorBefore) + " took the last turn."
}

// byCredit says whether she went first without it being her turn.
func byCredit(s story) bool {
	return slices.Contains(s.decision.Notes, fsm.WentFirstRefunded) || slices.Contains(s.decision.Notes, fsm.WentFirstReturned)
}

// nextTurn says how the turn came to whoever got it.
func nextTurn(s story) string {
	switch {
	case byCredit(s):
		return assigneeName(s) + " went first"
	case len(s.decision.Counts) > 0:
		return "Then came " + assigneeName(s)
	case chosenOne(s) == s.decision.CursorBefore:
		return assigneeName(s) + " was next again"
	default:
		return assigneeName(s) + " was next"
	}
}

// chosen is nextTurn where the fewest open conversations count.
func chosen(s story) string {
	if byCredit(s) {
		return nextTurn(s)
	}
	return assigneeName(s) + " was chosen"
}
