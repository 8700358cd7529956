package fsm

import (
	"fmt"
	"strings"
)

// ruled says of a decision which rule made it, and which were asked before.
func (s *script) ruled(d *Decision) string {
	var b strings.Builder
	if d.Rule != "" {
		fmt.Fprintf(&b, ", rule %s", d.Rule)
	}
	for _, m := range d.Missed {
		row, _ := s.state.Rules.Get(m.Rule)
		fmt.Fprintf(&b, ", not rule %s at %q", row.ID, m.Failed)
	}
	return b.String()
}
