package httpapi

import (
	"fmt"

	"github.com/rondohq/rondo/fsm"
	"github.com/rondohq/rondo/httpapi/words"
)

// With explain=text a decision, or a difference, says in plain words what
// happened and why. It is a field beside the others rather than a text of its own:
// lists keep their pages, programs keep the fields they read, and a person who asks
// for the one thing sees both. Package words has the sentences.

const explainText = "text"

// explained says whether a call wants plain words.
func (c *call) explained() (bool, error) {
	how, given := c.query["explain"]
	if given && how != explainText {
		return false, invalid(inQuery("explain", "unknown_value", fmt.Sprintf("%q is not %s, which is all there is", clip(how), explainText)))
	}
	return given, nil
}

// explainer returns the view of decisions that a call wants.
func (c *call) explainer(v *fsm.State) (func(fsm.Record) decisionView, error) {
	explained, err := c.explained()
	if err != nil {
		return nil, err
	}
	return func(rec fsm.Record) decisionView {
		view := viewDecision(v, rec)
		if explained {
			view.Explanation = words.Decision(v, rec)
		}
		return view
	}, nil
}
