package fsm

import (
	"encoding/json"
	"math/rand/v2"
	"strings"
	"testing"
)

// FuzzConditionJSON: whatever JSON says, check and holds come to an end without a
// panic, and what was checked survives the log.
func FuzzConditionJSON(f *testing.F) {
	l := deskOfRules(f)
	about := l.about("c2")
	f.Add([]byte(`{"all":[{"field":"contact.tags","op":"has","value":"vip"},{"not":{"any":[{"field":"form","op":"set"}]}}]}`))
	f.Add([]byte(`{"field":"contact.field.a","of":"b","op":"in","values":["",""]}`))
	f.Add([]byte(`{"all":[],"any":[{}],"not":{}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var c Condition
		if json.Unmarshal(data, &c) != nil {
			return
		}
		var check checker
		c.check(&check, "/when")
		met, failed := c.holds(about)
		c.at(failed).says(&about)
		var again Condition
		if len(check.fields) > 0 {
			return
		}
		if err := decoding.Unmarshal(encode(c), &again); err != nil {
			t.Fatalf("what was checked cannot be read: %v", err)
		}
		if met2, failed2 := again.holds(about); met2 != met || failed2 != failed {
			t.Fatalf("%v at %q became %v at %q", met, failed, met2, failed2)
		}
	})
}

// FuzzRuleCBOR: no bytes make the decoder of rules panic, nor the checks behind it.
func FuzzRuleCBOR(f *testing.F) {
	l := deskOfRules(f)
	f.Add(encode(RuleBody{On: Trigger{On: OnOpened}, When: &Condition{Field: "form", Op: "set"}, Steps: []Step{{Assign: &AssignStep{Team: "sales"}}}}))
	f.Add([]byte(strings.Repeat("\xa1\x03", 10_000)))
	f.Fuzz(func(t *testing.T, data []byte) {
		var b RuleBody
		if decoding.Unmarshal(data, &b) != nil {
			return
		}
		var check checker
		b.check(&check, "")
		_ = b.refuseUnknown(l.state)
		b.Ask(l.state, RuleQuestion{})
	})
}

// TestDeepestRuleIsRead: what check lets pass can be read from an entry, and what is
// far deeper is refused by the decoder.
func TestDeepestRuleIsRead(t *testing.T) {
	when := Condition{Field: "contact.language", Op: "in", Values: []string{"es"}}
	for range MaxConditionDepth - 1 {
		when = Condition{All: []Condition{when}}
	}
	steps := []Step{{Assign: &AssignStep{Team: "t", AssignTeam: AssignTeam{Requires: &Requirement{Skill: "x"}}}}}
	for range MaxStepDepth - 1 {
		steps = []Step{{Branch: &BranchStep{If: &when, Then: steps}}}
	}
	body := RuleBody{On: Trigger{On: OnRule}, When: &when, Steps: steps}
	var check checker
	if body.check(&check, ""); len(check.fields) > 0 {
		t.Fatal(check.fields)
	}
	entry := Entry{MinSemantics: 1, Items: []Item{{Kind: 170, Body: encode(map[int]any{3: body})}}}
	if _, err := DecodeEntry(EncodeEntry(entry)); err != nil {
		t.Error(err)
	}
	deep := append([]byte(strings.Repeat("\xa1\x03", 10_000)), 0xa0)
	var c Condition
	if err := decoding.Unmarshal(deep, &c); err == nil {
		t.Error("10,000 deep and read")
	}
}

// dumbly is holds as one would write it without a thought for cost: node by node,
// the fields by their names.
func dumbly(c Condition, fields map[string]any) bool {
	switch {
	case len(c.All) > 0:
		n := 0
		for _, node := range c.All {
			if dumbly(node, fields) {
				n++
			}
		}
		return n == len(c.All)
	case len(c.Any) > 0:
		return !dumbly(Condition{All: denied(c.Any)}, fields)
	case c.Not != nil:
		return !dumbly(*c.Not, fields)
	}
	has := func(list []string, value string) bool {
		return strings.Contains("\n"+strings.Join(list, "\n")+"\n", "\n"+value+"\n")
	}
	switch value := fields[c.Field].(type) {
	case string:
		return map[string]bool{"is": value == c.Value, "is_not": value != c.Value, "in": has(c.Values, value), "not_in": !has(c.Values, value),
			"starts_with": strings.Index(value, c.Value) == 0, "contains": strings.Index(value, c.Value) >= 0, "set": len(value) > 0, "not_set": len(value) == 0}[c.Op]
	case []string:
		all, some := true, false
		for _, wanted := range c.Values {
			all, some = all && has(value, wanted), some || has(value, wanted)
		}
		return map[string]bool{"has": has(value, c.Value), "has_not": !has(value, c.Value), "has_any": some, "has_all": all, "set": len(value) > 0, "not_set": len(value) == 0}[c.Op]
	default:
		return false
	}
}

func denied(list []Condition) (all []Condition) {
	for i := range list {
		all = append(all, Condition{Not: &list[i]})
	}
	return all
}

// TestConditionsAgreeWithDumbOnes draws trees, and what fails must be what is named.
func TestConditionsAgreeWithDumbOnes(t *testing.T) {
	l := deskOfRules(t)
	about := l.about("c2")
	fields := map[string]any{"contact.tags": []string{"gold", "vip"}, "conversation.tags": []string{"billing"}, "contact.language": "es", "contact.region": "US-CA",
		"conversation.inbox": "sms", "contact.field.plan": "pro", "contact.field.none": ""}
	names := []string{"contact.tags", "conversation.tags", "contact.language", "contact.region", "conversation.inbox", "contact.field.plan", "contact.field.none"}
	words := []string{"gold", "vip", "billing", "es", "US", "US-CA", "sms", "pro", "p", "none"}
	r := rand.New(rand.NewPCG(1, 2))
	var draw func(depth int) Condition
	draw = func(depth int) Condition {
		list := make([]Condition, 0, 3)
		kind := r.IntN(4)
		for range 1 + r.IntN(3) {
			if depth > 1 && kind > 0 {
				list = append(list, draw(depth-1))
			}
		}
		switch {
		case len(list) == 0:
			field, _ := conditionFieldOf(names[r.IntN(len(names))])
			name := field.Name
			if strings.HasSuffix(name, ".") {
				name += []string{"plan", "none"}[r.IntN(2)]
			}
			c := Condition{Field: name, Op: operatorsOf[field.Type][r.IntN(len(operatorsOf[field.Type]))]}
			switch operatorTakes(c.Op) {
			case takesOne:
				c.Value = words[r.IntN(len(words))]
			case takesList:
				at := r.IntN(len(words) - 2)
				c.Values = words[at : at+1+r.IntN(2)]
			}
			return c
		case kind == 1:
			return Condition{All: list}
		case kind == 2:
			return Condition{Any: list}
		default:
			return Condition{Not: &list[0]}
		}
	}
	held := 0
	for range 5000 {
		c := draw(5)
		met, failed := c.holds(about)
		if met != dumbly(c, fields) {
			data, _ := json.Marshal(c)
			t.Fatalf("%s: %v", data, met)
		}
		if met {
			held++
		} else if node := c.at(failed); dumbly(*node, fields) || len(node.All) > 0 {
			t.Fatalf("%s is not what failed of %+v", failed, c)
		}
	}
	if held < 500 || held > 4500 {
		t.Errorf("%d of 5000 hold: the test tells little", held)
	}
}
