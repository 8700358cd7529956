package httpapi

import (
	"maps"
	"slices"

	"github.com/rondohq/rondo/httpapi/templates"
)

// The operations that judge rules, and make them from templates.
func init() {
	maps.Copy(operations, map[string]operation{
		"GET /v1/rules/templates": {id: "listRuleTemplates", tag: "rules", summary: "Rules that are of use at once",
			about: "Each is a rule with places to fill in, and says what it needs. All on one page.", list: of[templateView](), call: "/v1/rules/templates"},
		"GET /v1/rules/templates/{name}": {id: "getRuleTemplate", tag: "rules", summary: "Fill in a template",
			about:   "With its parameters given, `rule` is what PUT /v1/rules/{id} takes, and `findings` say how it would be judged now. It changes nothing. Parameters that the template does not have are refused.",
			answers: ok[templateView](), call: "/v1/rules/templates/round-robin?team=sales"},
		"GET /v1/rules/{id}/lint": {id: "lintRule", tag: "rules", summary: "What is wrong with a rule?",
			about:   "Though its form is right: what it names is gone, nobody can take what it assigns, another rule always comes first, nobody is on shift at some hours. Errors keep the rule from being published (422 `lint`); warnings come along with the answer.",
			answers: ok[lintView]()},
	})
	maps.Copy(abouts, map[string]string{
		"httpapi.findingView.code":        "What is wrong, such as `nobody_eligible`.",
		"httpapi.findingView.rule":        "The rule; empty: it is not written yet.",
		"httpapi.lintView.rule":           "The rule.",
		"httpapi.templateView.name":       "How the template is called in paths.",
		"httpapi.templateView.parameters": "The places to fill in.",
		"httpapi.parameterView.name":      "How it is called in the query.",
		"httpapi.parameterView.about":     "What to give, in words.",
		"httpapi.parameterView.default":   "What it is when it is left out.",
		"httpapi.parameterView.required":  "It must be given.",
	})
	vocabulary["httpapi.findingView.severity"] = []string{"error", "warning"}
	vocabulary["httpapi.lintView.of"] = []string{ofDraft, ofLive}
	parameters["of"] = parameter{"The draft (the default), or what is in force.", `{"type":"string","enum":["draft","live"]}`}
	parameters["path name"] = parameter{"The name of the template.", ""}
	all, err := templates.All()
	if err != nil {
		panic(err)
	}
	for _, t := range all {
		for _, p := range t.Parameters {
			name := "/v1/rules/templates/{name} " + p.Name
			schema := `{"type":"string","maxLength":2000}`
			if p.Kind == templates.KindTeams {
				schema = `{"type":"string","maxLength":2000,"pattern":"^[^,]+=[^,]+(,[^,]+=[^,]+)*$"}`
			}
			parameters[name] = parameter{"Of templates that have it: " + p.About + ".", schema}
		}
	}
	exampleOrder = slices.Insert(exampleOrder, slices.Index(exampleOrder, "GET /v1/agents/{id}"), "GET /v1/rules/templates", "GET /v1/rules/templates/{name}")
}
