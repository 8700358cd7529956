package fsm

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

func ruleCalled(id string) PutRule {
	return PutRule{ID: RuleID(id), Name: "R", RuleBody: RuleBody{On: Trigger{On: OnOpened}, Steps: []Step{{Close: &PlainStep{}}}}}
}

// TestRulesAreLimited: one more rule than there may be is refused, a draft of one that
// is there is not, and one that is deleted makes room.
func TestRulesAreLimited(t *testing.T) {
	l := newLab(t)
	for i := range MaxRules {
		l.accept(ruleCalled(fmt.Sprint("r", i)))
	}
	beyond := ruleCalled("beyond")
	if r := l.refuse(beyond); r.Reason != TooManyRules {
		t.Errorf("rule %d: %+v", MaxRules+1, r)
	}
	l.accept(ruleCalled("r0"), DeleteRule{"r0"}, beyond)
	if n := l.state.Rules.Count(); n != MaxRules {
		t.Errorf("%d rules, want %d", n, MaxRules)
	}
}

func TestRuleFormLimits(t *testing.T) {
	at := func(place uint32) PutRule { c := ruleCalled("r"); c.Place = &place; return c }
	long := func(n int) PutRule {
		c := ruleCalled("r")
		c.Steps = []Step{{SendMessage: &MessageStep{Template: strings.Repeat("x", n)}}}
		return c
	}
	size := MaxRuleBytes - len(encode(long(1000).RuleBody)) + 1000 // both lengths take two bytes to write
	order := func(n int) OrderRules {
		var c OrderRules
		for i := range n {
			c.Rules = append(c.Rules, RuleID(fmt.Sprint("r", i)))
		}
		return c
	}
	for _, c := range []struct {
		name          string
		command       Command
		pointer, code string // "": allowed there
	}{
		{"place", at(MaxRulePlace), "/place", ""},
		{"place beyond", at(MaxRulePlace + 1), "/place", "out_of_range"},
		{"bytes", long(size), "/steps", ""},
		{"bytes beyond", long(size + 1), "/steps", "too_large"},
		{"order", order(MaxRules), "/rules", ""},
		{"order beyond", order(MaxRules + 1), "/rules", "too_many"},
		{"id", ruleCalled(text(MaxIDBytes)), "/id", ""},
		{"id beyond", ruleCalled(text(MaxIDBytes + 1)), "/id", "too_long"},
	} {
		var r *Rejection
		got := ""
		if errors.As(c.command.Check(), &r) {
			if i := slices.IndexFunc(r.Fields, func(f FieldError) bool { return f.Pointer == c.pointer }); i >= 0 {
				got = r.Fields[i].Code
			}
		}
		if got != c.code {
			t.Errorf("%s: %q at %s, want %q", c.name, got, c.pointer, c.code)
		}
	}
}

// TestEditionsOfRunsAreKept: what a rule said stays for as long as a run that began
// with it is under way, and no longer; deleting the rule ends its runs.
func TestEditionsOfRunsAreKept(t *testing.T) {
	l := newLab(t)
	l.accept(ruleCalled("r"), PublishRule{"r"})
	row, _ := l.state.Rules.ByID("r")
	l.state.Runs.Put(Run{Handle: 1, Rule: row.Handle, Edition: row.Edition})
	next := ruleCalled("r")
	next.Steps = append(next.Steps, Step{Reopen: &PlainStep{}})
	l.accept(next, PublishRule{"r"})
	if n := l.state.Editions.Len(); n != 2 {
		t.Fatalf("%d editions while a run of the first is under way, want 2", n)
	}
	l.state.Runs.Delete(1)
	tx := &Tx{State: l.state}
	dropEdition(tx, row.Handle, row.Edition)
	now, _ := l.state.Rules.ByID("r")
	dropEdition(tx, row.Handle, now.Edition)
	if _, kept := l.state.Editions.Get(editionKey{row.Handle, now.Edition}); !kept || l.state.Editions.Len() != 1 {
		t.Fatalf("%d editions are kept, want only the one in force", l.state.Editions.Len())
	}
	l.state.Runs.Put(Run{Handle: 2, Rule: row.Handle, Edition: now.Edition})
	l.accept(DeleteRule{"r"})
	if l.state.Editions.Len() != 0 || l.state.Runs.Len() != 0 {
		t.Errorf("%d editions and %d runs of a rule that was deleted", l.state.Editions.Len(), l.state.Runs.Len())
	}
}
