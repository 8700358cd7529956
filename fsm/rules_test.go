package fsm

import (
	"encoding/json"
	"fmt"
	"strings"
)

// describeRule renders what a record tells of a rule.
func (s *script) describeRule(b *strings.Builder, rec Record) {
	rule, ok := s.state.Rules.Get(rec.Rule)
	if !ok {
		return
	}
	fmt.Fprintf(b, " %s", rule.ID)
	if rec.Edition != 0 {
		fmt.Fprintf(b, " edition %d", rec.Edition)
	}
	if rec.Outcome != "" {
		fmt.Fprintf(b, ", %s at step %d", rec.Outcome, rec.Step)
	}
}

// askRules answers "rules", "rule ID" and "rule ID live".
func (s *script) askRules(words []string) {
	if words[0] == "rules" {
		for row := range s.state.Rules.InOrder() {
			fmt.Fprintf(&s.out, "  %d %s %s\n", row.Place, row.ID, row.State)
		}
		fmt.Fprintf(&s.out, "  editions: %d\n", s.state.Editions.Len())
		return
	}
	row, _ := s.state.Rules.ByID(RuleID(words[1]))
	body := &row.Draft
	if len(words) > 2 {
		body = row.Live
	}
	data, err := json.Marshal(body)
	if err != nil {
		s.t.Fatal(err)
	}
	fmt.Fprintf(&s.out, "  %s, edition %d, revision %d: %s\n", row.State, row.Edition, row.Revision, data)
}
