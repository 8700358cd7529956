package fsm

import (
	"fmt"
	"strings"
)

// describeEscalation says which step a record of a transcript tells of, and what came
// of it.
func describeEscalation(b *strings.Builder, rec Record) {
	if rec.Event == ConversationEscalated {
		fmt.Fprintf(b, " step %d: %s", rec.Escalation, rec.Outcome)
	}
	for _, n := range rec.Notices {
		if n.Kind == NoticeEscalated {
			b.WriteString(", supervisors told")
			return
		}
	}
}

// askEscalation shows how far a conversation has come in the escalations of its team.
func (s *script) askEscalation(c Conversation) {
	e := c.Escalated
	if e == nil {
		fmt.Fprint(&s.out, "  none\n")
		return
	}
	text := []string{}
	for _, done := range e.Done {
		team, _ := s.state.Teams.Get(done.Team)
		text = append(text, fmt.Sprintf("%s %d %s %s", team.ID, done.Number, done.Step.Do, done.Outcome))
	}
	fmt.Fprintf(&s.out, "  given %d, done [%s]", e.Given, strings.Join(text, ", "))
	if step, number, due, ok := NextEscalation(s.state, c); ok {
		fmt.Fprintf(&s.out, ", next %d %s %s at %s", number, step.When, step.Do, clockTime(due)[11:19])
	}
	fmt.Fprintln(&s.out)
}
