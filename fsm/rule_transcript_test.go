package fsm

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// publish puts a rule in force, as publishing its draft would: "vip {...}".
func (s *script) publish(line string) {
	s.t.Helper()
	id, text, _ := strings.Cut(line, " ")
	var body RuleBody
	d := json.NewDecoder(strings.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&body); err != nil {
		s.t.Fatalf("rule %s: %v", line, err)
	}
	inForce(s.state, RuleID(id), body)
	inForce(s.replica, RuleID(id), body)
}

// inForce puts a rule in force behind all others, or in place of its old edition.
func inForce(s *State, id RuleID, body RuleBody) Rule {
	row, known := s.Rules.ByID(id)
	if !known {
		row = Rule{Handle: RuleHandle(s.mintSmall()), ID: id, Name: string(id), Place: uint32(s.Rules.Count() + 1)}
	}
	s.Seq++
	row.Draft, row.Live, row.State, row.Edition, row.Revision = body, &body, RulePublished, s.Seq, s.Seq
	s.Rules.Put(row)
	s.Editions.Put(Edition{Rule: row.Handle, Edition: row.Edition, Body: body})
	return row
}

func (s *script) describeRuling(b *strings.Builder, rec Record) {
	if rec.Note != "" {
		fmt.Fprintf(b, " note %s", rec.Note)
	}
	rule, ok := s.state.Rules.Get(rec.Rule)
	if !ok {
		return
	}
	switch rec.Event {
	case RuleChanged, RuleRemoved, RuleIsPublished, RuleIsPaused:
		s.describeRule(b, rec)
	case RuleRan:
		fmt.Fprintf(b, " %s: %s at %d", rule.ID, rec.Outcome, rec.Step)
	case WebhookAnswered:
		fmt.Fprintf(b, " step %d: %s", rec.Step, rec.Outcome)
	case RuleWaits:
		fmt.Fprintf(b, " %s: at %d", rule.ID, rec.Step)
	default:
		fmt.Fprintf(b, " step %d", rec.Step)
	}
}

// askRuns shows the runs that wait.
func (s *script) askRuns() {
	for run := range s.state.Runs.All() {
		rule, _ := s.state.Rules.Get(run.Rule)
		fmt.Fprintf(&s.out, "  %s at %d", rule.ID, run.At)
		if run.Pending.For == PendingWebhook {
			fmt.Fprintf(&s.out, ", run %d, call %d, try %d, paused %v", run.Handle, run.Pending.Call, run.Pending.Tries, run.Pending.Paused)
		}
		if c, ok := s.state.Conversations.Get(run.Conversation); ok {
			fmt.Fprintf(&s.out, " for %s", c.ID)
		}
		if run.Pending.DueMs > 0 {
			fmt.Fprintf(&s.out, ", in %v", time.Duration(run.Pending.DueMs-s.nowMs)*time.Millisecond)
		}
		if run.Pending.Left {
			fmt.Fprint(&s.out, ", left to it")
		}
		fmt.Fprintln(&s.out)
	}
}
