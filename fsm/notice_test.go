package fsm

import (
	"fmt"
	"strings"
)

// askNotices answers "told", who is to be told of the last entry, and
// "notifications AGENT".
func (s *script) askNotices(words []string) {
	if words[0] == "notifications" {
		agent, _ := s.state.Agents.ByID(AgentID(words[1]))
		_, unread := s.state.Notifications.Counts(agent.Handle)
		fmt.Fprintf(&s.out, "  %d unread", unread)
		for row := range s.state.Notifications.Of(agent.Handle) {
			fmt.Fprintf(&s.out, ", %s %s%s", row.Record, row.Kind, map[bool]string{true: " (read)"}[row.Read])
		}
		fmt.Fprintln(&s.out)
		return
	}
	for rec := range s.state.Records.From(RecordID{s.state.Index, 0}) {
		for _, n := range rec.Notices {
			fmt.Fprintf(&s.out, "  %s tells %s %s by %s\n", rec.ID, s.name(n.Agent), n.Kind, strings.Join(n.Channels.Names(), ", "))
		}
		if text, due := AssignmentMessage(s.state, rec); due {
			fmt.Fprintf(&s.out, "  %s says %q\n", rec.ID, text)
		}
	}
}
