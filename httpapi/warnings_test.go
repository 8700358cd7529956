package httpapi

import (
	"math"
	"testing"

	"github.com/rondohq/rondo/fsm"
)

// TestWarningsAreSaid: every warning of the state has its sentence, and the edge
// says a thing once.
func TestWarningsAreSaid(t *testing.T) {
	all := fsm.Warnings(math.MaxUint32)
	if len(all.Names()) != len(warningDetails) {
		t.Errorf("the state knows %q, and there are %d sentences", all.Names(), len(warningDetails))
	}
	for _, w := range viewWarnings(all) {
		if w.Detail == "" {
			t.Errorf("%s has no sentence", w.Code)
		}
	}
	got := viewWarnings(fsm.WarnAssigneeAbsent|fsm.WarnAssigneeNotMember, warningView{"assignee_absent", "x"})
	if len(got) != 2 || got[0].Detail != "x" || got[1].Code != "assignee_not_member" {
		t.Errorf("%v", got)
	}
	if none := viewWarnings(0); none != nil {
		t.Errorf("%v of nothing", none)
	}
}
