package webhook

import (
	"testing"

	"github.com/rondohq/rondo/fsm"
)

// Whatever a server says, its answer is one that the cluster takes: one that is
// refused is called for again and again.
func TestAnswerIsTaken(t *testing.T) {
	values, err := pickMembers([]byte(`{"lines":"a\nb","nul":"\u0000","plan":"gold","empty":"","broken":"\ud800"}`),
		[]string{"broken", "empty", "lines", "nul", "plan"})
	if err != nil {
		t.Fatal(err)
	}
	answer := fsm.AnswerRun{WebhookTry: fsm.WebhookTry{Run: 1, Call: 1, Try: 1}, OK: true, Status: 200, Values: values}
	if err := answer.Check(); err != nil {
		t.Error(err)
	}
	if _, taken := values["lines"]; taken || values["plan"] != "gold" {
		t.Errorf("got %v", values)
	}
}
