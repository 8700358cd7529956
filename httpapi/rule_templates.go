package httpapi

import (
	"fmt"
	"maps"
	"slices"

	"github.com/rondohq/rondo/fsm"
	"github.com/rondohq/rondo/httpapi/lint"
	"github.com/rondohq/rondo/httpapi/templates"
)

// A templateView is a rule with places to fill in.
type templateView struct {
	Name       string          `json:"name"`
	Title      string          `json:"title"`    // the name of the rule, unless it gets another one
	Sentence   string          `json:"sentence"` // what it does
	Needs      []string        `json:"needs"`    // what must be set up for it
	Parameters []parameterView `json:"parameters"`

	// Rule is the rule with the parameters filled in, as PUT /v1/rules/{id} takes it;
	// null: what is required was not given.
	Rule     any           `json:"rule"`
	Findings []findingView `json:"findings"` // of the rule, if it is there
}

// A parameterView is a place to fill in.
type parameterView struct {
	Name     string  `json:"name"`
	Kind     string  `json:"kind"` // team, agent, inbox, schedule, seconds, teams (pairs such as de=support-de,fr=support-fr) ...
	About    string  `json:"about"`
	Default  *string `json:"default"`
	Required bool    `json:"required"`
}

func viewTemplate(t templates.Template) templateView {
	view := templateView{Name: t.Name, Title: t.Title, Sentence: t.Sentence, Needs: append([]string{}, t.Needs...), Parameters: []parameterView{}, Findings: []findingView{}}
	for _, p := range t.Parameters {
		shown := parameterView{Name: p.Name, Kind: string(p.Kind), About: p.About, Required: p.Required()}
		if p.Default != "" {
			shown.Default = &p.Default
		}
		view.Parameters = append(view.Parameters, shown)
	}
	return view
}

// templateParameters are those of all templates: which of them one has is judged
// when it is filled in. A file that cannot be read gives none, and a test fails.
func templateParameters() []string {
	names, err := templates.Parameters()
	if err != nil {
		return nil
	}
	return names
}

func listTemplates(a *api, c *call) (answer, error) {
	v, err := a.view(c)
	if err != nil {
		return answer{}, err
	}
	all, err := templates.All()
	if err != nil {
		return answer{}, err
	}
	list := listView{Items: []any{}}
	for _, t := range all {
		list.Items = append(list.Items, viewTemplate(t))
	}
	return show(v, list)
}

func getTemplate(a *api, c *call) (answer, error) {
	v, err := a.view(c)
	if err != nil {
		return answer{}, err
	}
	t, ok, err := templates.Named(c.path["name"])
	if err != nil {
		return answer{}, err
	}
	if !ok {
		return answer{}, absent(v, "template", c.path["name"])
	}
	view := viewTemplate(t)
	values := maps.Clone(map[string]string(c.query))
	for _, name := range readParameters {
		delete(values, name)
	}
	needed := slices.ContainsFunc(t.Parameters, templates.Parameter.Required)
	if len(values) == 0 && needed {
		return show(v, view)
	}
	filled, faults, err := t.Fill(values)
	if err != nil {
		return answer{}, fmt.Errorf("fill in a template: %w", err)
	}
	if len(faults) > 0 {
		var list []fault
		for _, f := range faults {
			list = append(list, inQuery(f.Parameter, f.Code, f.Detail))
		}
		return answer{}, invalid(list[:min(len(list), maxFaults)]...)
	}
	view.Rule = filled.Document
	view.Findings = viewFindings(lint.Rule(v, fsm.RuleID(""), filled.RuleBody, worldOf(a, v)))
	return show(v, view)
}
