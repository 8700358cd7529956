package fsm

import (
	"iter"
	"slices"
)

// RuleStateNames returns the names of all states of a rule.
func RuleStateNames() []string { return slices.Clone(ruleStates) }

// Triggers returns the names of all triggers.
func Triggers() []string { return slices.Clone(ruleTriggers) }

var ruleTriggers = []string{OnOpened, OnFirstInbound, OnReply, OnClosed, OnReopened, OnTagApplied, OnTagRemoved, OnFieldChanged,
	OnContactQualified, OnFormSubmitted, OnNoReply, OnRule, OnPresence, OnScheduleOpened, OnScheduleClosed, OnShiftEnded}

// Behind yields the rules that are asked after the one at a place with a handle.
func (t Rules) Behind(place uint32, handle RuleHandle) iter.Seq[Rule] {
	return func(yield func(Rule) bool) {
		for row := range t.InOrder() {
			if (rulePlace{"", row.Place, row.Handle}).compare(rulePlace{"", place, handle}) > 0 && !yield(row) {
				return
			}
		}
	}
}
