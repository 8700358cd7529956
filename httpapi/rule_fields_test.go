package httpapi

import (
	"strings"
	"testing"

	"github.com/rondohq/rondo/fsm"
)

// deepBody is the body of rules, to be read as a command's part is.
type deepBody struct {
	fsm.RuleBody
}

// TestDeepRules: the deepest rule can be read, and none is deep enough to hurt.
func TestDeepRules(t *testing.T) {
	s := shapeOf[deepBody]()
	leaf := `{"field":"contact.language","op":"in","values":["es"]}`
	when := strings.Repeat(`{"all":[`, fsm.MaxConditionDepth-1) + leaf + strings.Repeat("]}", fsm.MaxConditionDepth-1)
	steps := `[{"branch":{"if":` + when + `,"then":[{"assign":{"team":"t","strategy":"least_open"}}]}}]`
	for range fsm.MaxStepDepth - 2 {
		steps = `[{"branch":{"if":` + when + `,"then":` + steps + `}}]`
	}
	for body, wanted := range map[string]string{
		`{"on":{"on":"rule"},"when":` + when + `,"steps":` + steps + `}`:                                       "",
		`{"when":` + strings.Repeat(`{"not":`, 10_000) + `{}` + strings.Repeat("}", 10_000) + `}`:              "too_deep",
		`{"when":` + strings.Repeat(`{"all":[`, 10_000):                                                        "too_deep",
		`{"steps":` + strings.Repeat(`[{"branch":{"then":`, 5_000) + `[]` + strings.Repeat("}}]", 5_000) + `}`: "too_deep",
	} {
		c := &call{route: &routes[0], body: []byte(body)}
		_, err := read[deepBody](c, s)
		code := ""
		if len(c.faults) > 0 {
			code = c.faults[0].Code
		}
		if code != wanted || (err != nil) != (wanted != "") {
			t.Errorf("%.60s: %v", body, c.faults)
		}
	}
}

// TestRuleFields: the catalogue has all that is needed to write a condition.
func TestRuleFields(t *testing.T) {
	h := newHandler(t, newMachine(t))
	if r := do(h, "GET", "/v1/rules/fields", ""); r.status != 200 || !strings.Contains(r.body, `"contact.tags"`) || !strings.Contains(r.body, `"has_any"`) {
		t.Errorf("%d %s", r.status, r.body)
	}
	if r := do(h, "POST", "/v1/rules/none/test", `{"contact":"p"}`); r.status != 404 {
		t.Errorf("%d %s", r.status, r.body)
	}
	if r := do(h, "POST", "/v1/rules/none/test", `{"contacts":"p"}`); r.status != 400 || !strings.Contains(r.body, `did you mean \"contact\"`) {
		t.Errorf("%d %s", r.status, r.body)
	}
}
