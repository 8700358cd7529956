package words

import (
	"fmt"

	"github.com/rondohq/rondo/fsm"
)

// passedOver says who was passed over before somebody was found.
func passedOver(s story) string {
	who, n := missing(s)
	switch n {
	case 0:
		return ""
	case 1:
		return "Next in line was " + who + ", who was passed over."
	default:
		return "Next in line were " + who + ", who were passed over."
	}
}

// absent says why nobody was found.
func absent(s story) string {
	who, n := missing(s)
	if n == 0 {
		return ""
	}
	return "Passed over: " + who + "."
}

// missing lists who was passed over, each with the one reason, and how many there
// are. Those beyond the ones that the record names are counted by reason.
func missing(s story) (who string, n uint32) {
	rest := map[string]uint32{}
	var reasons []string // as the record has them
	for _, c := range s.decision.Counts {
		reason := c.Verdict.String()
		if _, known := rest[reason]; !known {
			reasons = append(reasons, reason)
		}
		rest[reason] += c.N
		n += c.N
	}
	var parts []string
	for _, p := range s.decision.Passed {
		parts = append(parts, fmt.Sprintf("%s (%s)", agent(s.state, p.Agent), reasonOf(s, p)))
		if reason := p.Verdict.String(); rest[reason] > 0 {
			rest[reason]--
		}
	}
	var counts []string
	more := uint32(0)
	for _, reason := range reasons {
		if left := rest[reason]; left > 0 {
			more += left
			counts = append(counts, fmt.Sprintf("%d %s", left, verdict(reason)))
		}
	}
	if more > 0 {
		parts = append(parts, fmt.Sprintf("%d more (%s)", more, list(counts)))
	}
	return list(parts), max(n, uint32(len(s.decision.Passed)))
}

// reasonOf says what kept somebody from her turn, and since when, if her presence
// has not changed since.
func reasonOf(s story, p fsm.PassedOver) string {
	word := p.Verdict.String()
	said := verdict(word)
	row, ok := s.state.Agents.Get(p.Agent)
	if lacks := unmet(s, row); word == "requirement" && lacks != "" {
		return lacks
	}
	if ok && statuses[word] && row.Presence.Status.String() == word && row.Presence.SinceMs <= s.rec.TimeMs {
		said += " since " + since(row.Presence.SinceMs, s.rec.TimeMs)
	}
	return said
}

func verdict(word string) string {
	if said, known := verdicts[word]; known {
		return said
	}
	return plain(word)
}
