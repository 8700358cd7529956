package conformance

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// toldMost bounds of how many conversations a failure tells the decisions.
const toldMost = 6

// A Failure says at which line a case failed, and what was seen instead.
type Failure struct {
	At        string   `json:"at"`   // cases/K7.txt:6
	Step      string   `json:"step"` // the line
	Expected  string   `json:"expected,omitempty"`
	Got       string   `json:"got"`
	Decisions []string `json:"decisions"` // a line each: what was decided about the conversations
}

// A mismatch is what a looking step returns: not so.
type mismatch struct{ expected, got string }

func (m *mismatch) Error() string { return "expected " + m.expected + ", got " + m.got }

// expect compares what people read.
func expect(expected, got string) error {
	if expected == got {
		return nil
	}
	return &mismatch{expected, got}
}

func expectList(expected, got []string) error {
	show := func(list []string) string {
		if len(list) == 0 {
			return "nobody or nothing"
		}
		return strings.Join(list, ", ")
	}
	return expect(show(expected), show(got))
}

// failureOf tells a failure with all that helps to understand it.
func failureOf(ctx context.Context, w *world, c *Case, s step, err error) *Failure {
	f := &Failure{At: fmt.Sprintf("cases/%s.txt:%d", c.ID, s.line), Step: s.text, Got: w.plain(err.Error())}
	if m, ok := err.(*mismatch); ok { //nolint:errorlint // steps return it bare
		f.Expected, f.Got = m.expected, m.got
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	older := max(0, len(w.talks.ids)-toldMost)
	if older > 0 {
		f.Decisions = append(f.Decisions, fmt.Sprintf("(and %d older conversations)", older))
	}
	for i, id := range w.talks.ids[older:] {
		list, err := w.decisionsOf(ctx, id)
		if err != nil {
			f.Decisions = append(f.Decisions, fmt.Sprintf("conversation %d: its decisions cannot be read: %v", older+i+1, err))
			break
		}
		for _, d := range list {
			f.Decisions = append(f.Decisions, fmt.Sprintf("conversation %d: %s", older+i+1, w.tell(d)))
		}
	}
	return f
}

// tell writes a decision on one line.
func (w *naming) tell(d tree) string {
	says := fmt.Sprintf("%s %s %s at %s", d.text("id"), d.text("at"), d.text("kind"), d.text("trigger"))
	if reason := d.text("reason"); reason != "" {
		says += " because " + reason
	}
	says += ", to " + w.agent(d.text("assignee"))
	if passed := w.passedOver(d); len(passed) > 0 {
		says += "; passed over " + strings.Join(passed, ", ")
	}
	if d.at("consumed_turn") == true {
		says += fmt.Sprintf("; a turn, after %s", w.agent(d.text("cursor_before")))
	}
	if restriction := d.text("restriction"); restriction != "" {
		says += "; only " + restriction
	}
	return says
}

// passedOver writes each of them as "B: away".
func (w *naming) passedOver(d tree) []string {
	var list []string
	for _, p := range d.each("passed_over") {
		list = append(list, w.agent(p.text("agent"))+": "+p.text("reason"))
	}
	return list
}
