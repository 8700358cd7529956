package fsm

import (
	"strings"
	"testing"
)

// Every step has the place that people count it by, in the order of its index.
func TestStepPlace(t *testing.T) {
	closes := Step{Close: &PlainStep{}}
	steps := []Step{
		closes,
		{Branch: &BranchStep{Then: []Step{closes, {Assign: &AssignStep{Otherwise: []Step{closes}}}}, Else: []Step{closes}}},
		closes,
	}
	var places []string
	for n := range sizeOf(steps) + 1 {
		places = append(places, placeOf(steps, n, "", 1))
	}
	if got, want := strings.Join(places, " "), "1 2 2.1 2.2 2.2.1 2.3 3 "; got != want {
		t.Errorf("places are %q, want %q", got, want)
	}
	if place, kept := StepPlace(NewState(), 1, 1, 0); place != "" || kept {
		t.Errorf("of an edition that is not kept: %q, %t", place, kept)
	}
}
