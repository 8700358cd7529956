package httpapi

import (
	"encoding/json"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/rondohq/rondo/fsm"
	"github.com/rondohq/rondo/httpapi/words"
)

// A rule is written as a draft and has no effect before it is published (S3.12).

var (
	putRuleShape    = shapeOf[fsm.PutRule]()
	rollBackShape   = shapeOf[fsm.RollBackRule]()
	orderRulesShape = shapeOf[fsm.OrderRules]()
)

// reservedRules are ids that no rule may have: their paths mean something else.
var reservedRules = []string{"order", "templates", "fields"}

// A ruleView is what a rule does in certain cases, as a draft and in force.
type ruleView struct {
	ID      fsm.RuleID `json:"id"`
	Name    string     `json:"name"`
	Place   uint32     `json:"place"`   // among all rules: lower ones are asked first
	State   string     `json:"state"`   // draft, published, paused
	Edition *uint64    `json:"edition"` // revision that put in force what is, or was when it was paused; null: never published
	Changed bool       `json:"changed"` // the draft is another than what is in force
	ruleBodyView
	Live     *ruleBodyView `json:"live"` // what is in force, unless paused; null: never published
	Revision uint64        `json:"revision"`
	Warnings []warningView `json:"warnings,omitempty"`
}

// A ruleBodyView is what a rule says.
type ruleBodyView struct {
	On          fsm.Trigger    `json:"on"`            // what it answers to
	EvenIfOwned bool           `json:"even_if_owned"` // its first assignment comes before the owner of the contact
	When        *fsm.Condition `json:"when"`          // what must hold; null: nothing
	Steps       []fsm.Step     `json:"steps"`         // what it does, one after another
}

func (v ruleView) version() uint64 { return v.Revision }

func viewRule(row fsm.Rule) ruleView {
	view := ruleView{ID: row.ID, Name: row.Name, Place: row.Place, State: row.State.String(), ruleBodyView: viewRuleBody(row.Draft), Revision: row.Revision}
	if row.Live != nil {
		live := viewRuleBody(*row.Live)
		view.Live, view.Edition = &live, &row.Edition
	}
	view.Changed = view.Live == nil || string(jsonOf(view.ruleBodyView)) != string(jsonOf(view.Live))
	return view
}

func viewRuleBody(b fsm.RuleBody) ruleBodyView {
	return ruleBodyView{On: b.On, EvenIfOwned: b.EvenIfOwned, When: b.When, Steps: append([]fsm.Step{}, b.Steps...)}
}

var rulePatch = patchable{fsm.NounRule, putRuleShape,
	func(v *fsm.State, id string) (versioned, bool) {
		row, ok := v.Rules.ByID(fsm.RuleID(id))
		return viewRule(row), ok
	},
	asCommand(decodeRule), func(id string) fsm.Command { return fsm.PutRule{ID: fsm.RuleID(id)} }, changeRule}

var ruleRevisions = revisable{fsm.NounRule,
	func(v *fsm.State, id string) (uint64, bool) {
		row, ok := v.Rules.ByID(fsm.RuleID(id))
		return uint64(row.Handle), ok
	},
	rendered(func(_ *fsm.State, row fsm.Rule, _ fsm.Revision) any { return viewRule(row) }),
	[]string{"edition", "changed"}}

func decodeRule(c *call) (fsm.PutRule, error) {
	return decode(c, putRuleShape, func(p *fsm.PutRule) {
		fromPath(c, &p.ID, "id", "/id")
		if slices.Contains(reservedRules, string(p.ID)) {
			c.faults = append(c.faults, reserved(string(p.ID)))
		}
	})
}

func putRule(a *api, c *call) (answer, error) {
	command, err := decodeRule(c)
	if err != nil {
		return answer{}, err
	}
	return changeRule(a, c, command)
}

func deleteRule(a *api, c *call) (answer, error) {
	return actOnRule(a, c, deleteShape, func(p *fsm.DeleteRule) *fsm.RuleID { return &p.ID }, nil)
}

func publishRule(a *api, c *call) (answer, error) {
	return actOnRule(a, c, deleteShape, func(p *fsm.PublishRule) *fsm.RuleID { return &p.ID },
		func(p fsm.PublishRule) ([]warningView, error) { return lintedDraft(a, c, p.ID) })
}

func pauseRule(a *api, c *call) (answer, error) {
	return actOnRule(a, c, deleteShape, func(p *fsm.PauseRule) *fsm.RuleID { return &p.ID }, nil)
}

func resumeRule(a *api, c *call) (answer, error) {
	return actOnRule(a, c, deleteShape, func(p *fsm.ResumeRule) *fsm.RuleID { return &p.ID },
		func(p fsm.ResumeRule) ([]warningView, error) { return lintedLive(a, c, p.ID) })
}

func rollBackRule(a *api, c *call) (answer, error) {
	return actOnRule(a, c, rollBackShape, func(p *fsm.RollBackRule) *fsm.RuleID { return &p.ID },
		func(p fsm.RollBackRule) ([]warningView, error) { return lintedRevision(a, c, p.ID, p.Revision) })
}

// actOnRule makes a command of the rule that the path names. judge looks at what the
// command would put in force before it is proposed; nil: it puts nothing.
func actOnRule[C fsm.Command](a *api, c *call, s *shape, id func(*C) *fsm.RuleID, judge func(C) ([]warningView, error)) (answer, error) {
	command, err := decode(c, s, func(p *C) { fromPath(c, id(p), "id", "/id") })
	if err != nil {
		return answer{}, err
	}
	var warnings []warningView
	if judge != nil {
		if warnings, err = judge(command); err != nil {
			return answer{}, err
		}
	}
	return changeLinted(a, c, command, warnings)
}

func changeRule(a *api, c *call, command fsm.Command) (answer, error) {
	return changeLinted(a, c, command, nil)
}

// changeLinted is changeRule of what puts a rule in force, and may surprise.
func changeLinted(a *api, c *call, command fsm.Command, linted []warningView) (answer, error) {
	d, err := a.propose(c, command)
	if err != nil {
		return answer{}, err
	}
	row, ok := d.view.Rules.Get(fsm.RuleHandle(d.Subject.Handle))
	if !ok {
		return answer{}, errLost(d.Subject)
	}
	rule := viewRule(row)
	rule.Warnings = append(viewWarnings(d.Warnings), linted...)
	return d.answer(rule), nil
}

func getRule(a *api, c *call) (answer, error) {
	v, err := a.view(c)
	if err != nil {
		return answer{}, err
	}
	row, ok := v.Rules.ByID(fsm.RuleID(c.path["id"]))
	if !ok {
		return answer{}, absent(v, "rule", c.path["id"])
	}
	return show(v, viewRule(row))
}

// listRules lists rules as they are asked, or in the order of their ids.
func listRules(a *api, c *call) (answer, error) {
	parts := 2
	if by := strings.TrimPrefix(c.query["sort"], "-"); by == sortID {
		parts = 1
	}
	l, v, err := listed(a, c, parts)
	if err != nil {
		return answer{}, err
	}
	state, ofState := c.query["state"]
	if words := fsm.RuleStateNames(); ofState && !slices.Contains(words, state) {
		return answer{}, invalid(inQuery("state", "unknown_value", fmt.Sprintf("%q is not one of %s", clip(state), strings.Join(words, ", "))))
	}
	on, ofTrigger := c.query["on"]
	if triggers := fsm.Triggers(); ofTrigger && !slices.Contains(triggers, on) {
		return answer{}, invalid(inQuery("on", "unknown_value", fmt.Sprintf("%q is not one of %s", clip(on), strings.Join(triggers, ", "))))
	}
	keep := func(row fsm.Rule) bool {
		return (!ofState || row.State.String() == state) && (!ofTrigger || row.Draft.On.On == on || row.Live != nil && row.Live.On.On == on)
	}
	view := func(row fsm.Rule) (any, int) { return viewRule(row), 0 }
	if l.by == sortID {
		return byIDWhere(v, l, v.Rules, keep, func(row fsm.Rule) fsm.RuleID { return row.ID }, view)
	}
	return byPair(v, l, rowsOf[fsm.Rule]{rows: v.Rules.InOrder(), keep: keep, view: view},
		func(row fsm.Rule) (uint64, uint64) { return uint64(row.Place), uint64(row.Handle) },
		func(place, handle uint64) iter.Seq[fsm.Rule] {
			return v.Rules.Behind(uint32(min(place, fsm.MaxRulePlace)), fsm.RuleHandle(handle)) //nolint:gosec // a token of ours; any number is a place in the order
		})
}

// A ruleOrderView is all rules, as they are asked.
type ruleOrderView struct {
	Rules []fsm.RuleID `json:"rules"`
}

func orderRules(a *api, c *call) (answer, error) {
	command, err := decode(c, orderRulesShape, func(*fsm.OrderRules) {})
	if err != nil {
		return answer{}, err
	}
	d, err := a.propose(c, command)
	if err != nil {
		return answer{}, err
	}
	order := ruleOrderView{Rules: []fsm.RuleID{}}
	for row := range d.view.Rules.InOrder() {
		order.Rules = append(order.Rules, row.ID)
	}
	return d.answer(order), nil
}

// diffRule shows what publishing the draft would change.
func diffRule(a *api, c *call) (answer, error) {
	explained, err := c.explained()
	if err != nil {
		return answer{}, err
	}
	v, err := a.view(c)
	if err != nil {
		return answer{}, err
	}
	row, ok := v.Rules.ByID(fsm.RuleID(c.path["id"]))
	if !ok {
		return answer{}, absent(v, "rule", c.path["id"])
	}
	rule := viewRule(row)
	before, err := objectOf(rule.Live)
	if err != nil {
		return answer{}, err
	}
	after, err := objectOf(rule.ruleBodyView)
	if err != nil {
		return answer{}, err
	}
	view := diffView{Revision: row.Revision, Against: row.Edition, Changes: []changeView{}}
	changes := words.CompareDeep(before, after)
	for _, change := range changes {
		view.Changes = append(view.Changes, changeView(change))
	}
	if explained {
		view.Explanation = words.Differences(changes)
	}
	return show(v, view)
}

// objectOf is what the JSON of a view says; of nil it is nothing.
func objectOf(view any) (map[string]any, error) {
	var shown map[string]any
	if err := json.Unmarshal(jsonOf(view), &shown); err != nil {
		return nil, fmt.Errorf("show what a rule says: %w", err)
	}
	if shown == nil {
		shown = map[string]any{}
	}
	return shown, nil
}

func ruleName(v *fsm.State, h fsm.RuleHandle) *string {
	row, _ := v.Rules.Get(h)
	return orNull(row.ID)
}
