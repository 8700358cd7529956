package httpapi

import (
	"fmt"
	"net/http"

	"github.com/rondohq/rondo/fsm"
	"github.com/rondohq/rondo/httpapi/lint"
)

// codeLint is the answer to publishing a rule that cannot do what it says.
const codeLint = "lint"

// A findingView is one thing that is wrong with a rule, and what to do about it.
type findingView struct {
	Severity string     `json:"severity"` // an error keeps the rule from being published
	Code     string     `json:"code"`
	Rule     fsm.RuleID `json:"rule"`
	Pointer  string     `json:"pointer"` // of the step or the condition
	Detail   string     `json:"detail"`  // in words
}

// A lintView is how a rule is judged now.
type lintView struct {
	Rule        fsm.RuleID    `json:"rule"`
	Of          string        `json:"of"`          // draft, or what is live
	Revision    uint64        `json:"revision"`    // of the rule
	Publishable bool          `json:"publishable"` // there is no error
	Findings    []findingView `json:"findings"`    // errors first
}

func viewFindings(found []lint.Finding) []findingView {
	views := make([]findingView, 0, len(found))
	for _, f := range found {
		views = append(views, findingView{string(f.Severity), string(f.Code), f.Rule, f.Pointer, f.Detail})
	}
	return views
}

// worldOf returns what lint needs to know besides a state.
func worldOf(a *api, v *fsm.State) lint.World {
	return lint.World{Schedule: schedulesOf(v), WebhookAllowed: a.webhookAllowed}
}

const (
	ofDraft = "draft"
	ofLive  = "live"
)

func lintRule(a *api, c *call) (answer, error) {
	of, given := c.query["of"]
	if !given {
		of = ofDraft
	}
	if of != ofDraft && of != ofLive {
		return answer{}, invalid(inQuery("of", "unknown_value", fmt.Sprintf("%q is not one of draft, live", clip(of))))
	}
	v, err := a.view(c)
	if err != nil {
		return answer{}, err
	}
	row, ok := v.Rules.ByID(fsm.RuleID(c.path["id"]))
	if !ok {
		return answer{}, absent(v, "rule", c.path["id"])
	}
	body := &row.Draft
	if of == ofLive {
		body = row.Live
	}
	if body == nil {
		p := newProblem(http.StatusNotFound, string(fsm.NotFound), refusals[fsm.NotFound].title,
			fmt.Sprintf("rule %q was never published, so there is nothing live to look at: ask for of=draft", row.ID))
		p.index = v.Index
		return answer{}, p
	}
	found := lint.Rule(v, row.ID, *body, worldOf(a, v))
	return show(v, lintView{row.ID, of, row.Revision, lint.Errors(found) == 0, viewFindings(found)})
}

// lintedDraft judges the draft of a rule before it is put in force: errors are a
// refusal that lists them, warnings come along with the answer. What is not there,
// and a request whose key is known, are left to the command.
func lintedDraft(a *api, c *call, id fsm.RuleID) ([]warningView, error) {
	return linted(a, c, id, func(row fsm.Rule) *fsm.RuleBody { return &row.Draft })
}

// lintedLive is lintedDraft of what was in force when a rule was paused.
func lintedLive(a *api, c *call, id fsm.RuleID) ([]warningView, error) {
	return linted(a, c, id, func(row fsm.Rule) *fsm.RuleBody { return row.Live })
}

// lintedRevision is lintedDraft of what a rule said at a revision.
func lintedRevision(a *api, c *call, id fsm.RuleID, revision uint64) ([]warningView, error) {
	v, err := a.view(c)
	if err != nil {
		return nil, err
	}
	row, _ := v.Rules.ByID(id)
	for kept := range v.Revisions.Of(fsm.Subject{Noun: fsm.NounRule, Handle: uint64(row.Handle)}) {
		if kept.Revision != revision {
			continue
		}
		was, err := fsm.RowOf[fsm.Rule](kept)
		if err != nil {
			return nil, err
		}
		return linted(a, c, id, func(fsm.Rule) *fsm.RuleBody { return &was.Draft })
	}
	return nil, nil // the command says that there is no such revision
}

func linted(a *api, c *call, id fsm.RuleID, of func(fsm.Rule) *fsm.RuleBody) ([]warningView, error) {
	v, err := a.view(c)
	if err != nil {
		return nil, err
	}
	if _, known := v.Keys.Operation(c.key, v.NowMs); known {
		return nil, nil
	}
	row, ok := v.Rules.ByID(id)
	body := of(row)
	if !ok || body == nil {
		return nil, nil
	}
	return judged(v, lint.Rule(v, id, *body, worldOf(a, v)))
}

// judged turns findings into a refusal or warnings.
func judged(v *fsm.State, found []lint.Finding) (warnings []warningView, err error) {
	var faults []fault
	for _, f := range found {
		if f.Severity == lint.Error {
			faults = append(faults, inBody(f.Pointer, string(f.Code), f.Detail))
		} else {
			warnings = append(warnings, warningView{string(f.Code), fault{Pointer: &f.Pointer, Detail: f.Detail}.String()})
		}
	}
	if len(faults) == 0 {
		return warnings, nil
	}
	p := invalid(faults[:min(len(faults), maxFaults)]...)
	detail := p.body.Detail
	p = newProblem(http.StatusUnprocessableEntity, codeLint, "The rule cannot do what it says", detail)
	p.body.Errors, p.index = faults[:min(len(faults), maxFaults)], v.Index
	return nil, p
}
