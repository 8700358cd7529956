package lint

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/rondohq/rondo/fsm"
)

// cond reads "field op value,value".
func cond(text string) string {
	words := strings.SplitN(text, " ", 3)
	c := fsm.Condition{Field: words[0], Op: words[1]}
	if len(words) == 3 {
		if list := strings.Split(words[2], ","); len(list) > 1 {
			c.Values = list
		} else {
			c.Value = words[2]
		}
	}
	data, err := json.Marshal(c)
	if err != nil {
		return err.Error()
	}
	return string(data)
}

func all(texts ...string) string    { return join("all", texts) }
func either(texts ...string) string { return join("any", texts) }
func not(text string) string        { return `{"not":` + tree(text) + `}` }

func join(word string, texts []string) string {
	var list []string
	for _, text := range texts {
		list = append(list, tree(text))
	}
	return `{"` + word + `":[` + strings.Join(list, ",") + `]}`
}

func tree(text string) string {
	if strings.HasPrefix(text, "{") {
		return text
	}
	return cond(text)
}

func parse(t *testing.T, text string) *fsm.Condition {
	t.Helper()
	var c fsm.Condition
	if err := json.Unmarshal([]byte(tree(text)), &c); err != nil {
		t.Fatal(err)
	}
	return &c
}

// Whenever the first holds, so does the second; never the other way round, unless
// they say the same.
func TestImplies(t *testing.T) {
	for _, pair := range [][2]string{
		{"contact.language is de", "contact.language in de,en"},
		{"contact.language in de,en", "contact.language in de,en,fr"},
		{"contact.language is de", "contact.language is_not en"},
		{"contact.language is de", "contact.language set"},
		{"contact.language not_in de,en", "contact.language is_not de"},
		{"contact.tags has vip", "contact.tags has_any vip,gold"},
		{"contact.tags has_all vip,gold", "contact.tags has vip"},
		{"contact.tags has_all vip,gold", "contact.tags set"},
		{"conversation.age_seconds at_least 5", "conversation.age_seconds more_than 3"},
		{"conversation.priority is 2", "conversation.priority at_most 3"},
		{all("contact.new is true", "contact.language is de"), "contact.language is de"},
		{"contact.language is de", either("contact.language is de", "contact.new is true")},
		{either("contact.language is de", "contact.language is en"), "contact.language in de,en"},
		{all("contact.language is de", "contact.new is true"), all("contact.language set", "contact.new is true")},
		{not("contact.language set"), not("contact.language is de")},
		{"contact.language is de", not("contact.language is en")},
		{all("contact.vip is true", "contact.new is true"), "contact.tags has vip"},
		{all("conversation.source is ads", "contact.new is true"), "conversation.attribute.source is ads"},
	} {
		b, a := parse(t, pair[0]), parse(t, pair[1])
		if !implies(b, a) {
			t.Errorf("%s does not imply %s", pair[0], pair[1])
		}
		if implies(a, b) {
			t.Errorf("%s implies %s", pair[1], pair[0])
		}
	}
}

func TestImpliesNot(t *testing.T) {
	for _, pair := range [][2]string{
		{"contact.language is de", "contact.region is de"},
		{"contact.language starts_with d", "contact.language is de"},
		{"contact.tags has vip", "contact.tags has_all vip,gold"},
		{`{"field":"team.queue_length","of":"a","op":"at_least","value":"5"}`, `{"field":"team.queue_length","of":"b","op":"at_least","value":"5"}`},
		{either("contact.language is de", "contact.new is true"), "contact.language is de"},
		{not("contact.language is de"), "contact.language is_not de"},
		{"contact.language is_not de", "contact.language is en"},
	} {
		if implies(parse(t, pair[0]), parse(t, pair[1])) {
			t.Errorf("%s implies %s", pair[0], pair[1])
		}
	}
	if !implies(parse(t, "contact.new is true"), nil) || implies(nil, parse(t, "contact.new is true")) {
		t.Error("nil is no condition that always holds")
	}
}

func TestContradict(t *testing.T) {
	for _, pair := range [][2]string{
		{"contact.language is de", "contact.language is en"},
		{"contact.language in de,en", "contact.language in fr,it"},
		{"contact.language in de,en", "contact.language not_in de,en,fr"},
		{"contact.language is de", "contact.language is_not de"},
		{"contact.language set", "contact.language not_set"},
		{"contact.language is de", "contact.language not_set"},
		{"contact.language is de", "contact.language starts_with en"},
		{"contact.tags has_all vip,gold", "contact.tags has_not vip"},
		{"conversation.priority at_least 3", "conversation.priority less_than 3"},
		{"contact.new is true", "contact.returning is true"},
		{"contact.new is true", "contact.new is false"},
		{"contact.vip is false", "contact.tags has vip"},
		{"contact.language is de", not("contact.language in de,en")},
		{all("contact.language is de", "contact.new is true"), either("contact.language is en", "contact.new is false")},
	} {
		for range 2 {
			pair[0], pair[1] = pair[1], pair[0]
			if !contradict(parse(t, pair[0]), parse(t, pair[1])) {
				t.Errorf("%s may hold with %s", pair[0], pair[1])
			}
		}
	}
	for _, pair := range [][2]string{
		{"contact.language is de", "contact.language is DE"},
		{"conversation.priority is 2", "conversation.priority is 02"},
		{"contact.tags has vip", "contact.tags has gold"},
		{"contact.language is de", "contact.region is en"},
		{"contact.language is_not de", "contact.language not_set"},
		{"conversation.priority at_least 3", "conversation.priority at_most 3"},
		{"contact.new is false", "contact.returning is false"},
		{not("contact.language is de"), not("contact.language is en")},
		{either("contact.language is de", "contact.new is true"), "contact.language is en"},
	} {
		if contradict(parse(t, pair[0]), parse(t, pair[1])) {
			t.Errorf("%s contradicts %s", pair[0], pair[1])
		}
	}
}

// A question about trees that are as large as they may be ends.
func TestLogicIsBounded(t *testing.T) {
	deep := func(word, leaf string) string {
		text := cond(leaf)
		for i := range 9 {
			text = `{"` + word + `":[` + text + `,` + strings.TrimSuffix(strings.Repeat(cond(fmt.Sprintf("contact.field.f%d is x", i))+",", 6), ",") + `]}`
		}
		return text
	}
	l := &logic{}
	l.implies(parse(t, deep("all", "contact.field.x is 1")), parse(t, deep("any", "contact.field.y is 1")))
	if l.steps > 2*maxSteps {
		t.Errorf("%d steps", l.steps)
	}
}

func TestNeverHolds(t *testing.T) {
	l := newLab(t)
	l.judge(when(all("contact.language is de", "contact.new is true", "contact.language is en")), "error never_holds /when/all/2")
	l.judge(when(all("contact.language is de", all("contact.new is true", "contact.language not_set"))), "error never_holds /when/all/1/all/1")
	l.judge(when(all("contact.language is de", either("contact.language is en", "contact.language is fr"))), "error never_holds /when/all/1")
	l.judge(when(all("contact.language is de", either("contact.language is en", "contact.new is true"))), "warning choice_never_holds /when/all/1/any/0")
	l.judge(when(either(all("contact.new is true", "contact.new is false"), "contact.new is true")), "warning choice_never_holds /when/any/0/all/1")
	l.judge(`{"on":{"on":"conversation_opened","inbox":"wa"},"when":`+cond("conversation.inbox is mail")+`,"steps":[{"close":{}}]}`, "error never_holds /when")
	l.judge(`{"on":{"on":"reply_to_outbound"},"when":`+cond("conversation.direction is inbound")+`,"steps":[{"close":{}}]}`, "error never_holds /when")
	branch := func(c string) string { return opened(`{"branch":{"if":` + c + `,"then":[{"close":{}}]}}`) }
	l.judge(branch(all("contact.new is true", "contact.returning is true")), "warning never_holds /steps/0/branch/if/all/1")
	l.judge(branch(either(all("contact.new is true", "contact.returning is true"), "contact.vip is true")), "warning choice_never_holds /steps/0/branch/if/any/0/all/1")
}

func TestOrder(t *testing.T) {
	l := newLab(t)
	rule := func(on, condition string) string {
		if condition != "" {
			condition = `"when":` + tree(condition) + `,`
		}
		return `{"on":` + on + `,` + condition + `"steps":[{"close":{}}]}`
	}
	const opens, wa = `{"on":"conversation_opened"}`, `{"on":"conversation_opened","inbox":"wa"}`
	l.publish("vip", rule(opens, "contact.tags has vip"))
	l.publish("wa", rule(wa, ""))
	l.draft("paused", rule(opens, ""))
	const never = "warning rule_never_reached /on"
	l.judge(rule(opens, ""))
	l.judge(rule(opens, all("contact.new is true", "contact.vip is true")), never)
	l.judge(rule(wa, "contact.new is true"), never)
	l.judge(rule(`{"on":"conversation_closed","inbox":"wa"}`, "contact.vip is true"))
	l.publish("inbox", rule(`{"on":"tag_applied"}`, "conversation.inbox is wa"))
	l.judge(rule(`{"on":"tag_applied","inbox":"wa"}`, ""), never)
	l.judge(rule(`{"on":"tag_applied","inbox":"mail"}`, ""))
	l.publish("any", rule(`{"on":"field_changed","field":"plan"}`, ""))
	l.judge(rule(`{"on":"field_changed"}`, ""))
	l.judge(rule(`{"on":"field_changed","field":"plan"}`, ""), never)

	// Each of these has its own time, or is set off by name.
	for _, on := range []string{`{"on":"no_reply","for_seconds":60}`, `{"on":"rule"}`} {
		l.publish("first", rule(on, ""))
		l.judge(rule(on, ""))
	}

	// A rule that stands before others hides them.
	row, _ := l.state.Rules.ByID("vip")
	row.ID, row.Handle, row.Place = "new", 9000, 0
	l.state.Rules.Put(row)
	l.judge(rule(opens, ""), "warning hides_rule /on", "warning hides_rule /on")
	l.judge(rule(opens, "contact.vip is true"), "warning hides_rule /on")
}

func TestFlow(t *testing.T) {
	l := newLab(t)
	const tag = `{"label":"again","add_tag":{"tag":"x"}}`
	const jump = `{"jump":{"to":"again"}}`
	branch := func(then, otherwise string) string {
		return `{"branch":{"if":` + cond("contact.new is true") + `,"then":[` + then + `],"else":[` + otherwise + `]}}`
	}
	const loop = "error loop_without_wait "
	l.judge(opened(tag+","+jump), loop+"/steps/1/jump/to")
	l.judge(opened(`{"label":"again","jump":{"to":"again"}}`), loop+"/steps/0/jump/to")
	l.judge(opened(tag + `,{"wait":{"seconds":5}},` + jump))
	l.judge(opened(tag+","+branch(jump, "")), "warning loop_without_wait /steps/1/branch/then/0/jump/to")
	l.judge(opened(tag+","+branch(jump, jump)), loop+"/steps/1/branch/then/0/jump/to")
	l.judge(opened(tag+`,{"assign":{"team":"sales","within_seconds":60,"otherwise":[`+jump+`]}}`), "warning loop_without_wait /steps/1/assign/otherwise/0/jump/to")
	l.world.WebhookAllowed = func(string) bool { return true }
	l.judge(opened(tag + `,{"webhook":{"url":"https://x.example/"}},` + jump))
	l.judge(opened(`{"jump":{"to":"end"}},{"close":{}},{"label":"end","reopen":{}}`), "warning step_never_reached /steps/1")
	l.judge(opened(branch(`{"jump":{"to":"end"}},{"close":{}},{"requeue":{}}`, "")+`,{"label":"end","reopen":{}}`), "warning step_never_reached /steps/0/branch/then/1")
	l.judge(opened(branch(`{"jump":{"to":"end"}}`, `{"jump":{"to":"end"}}`)+`,`+branch(`{"close":{}}`, "")+`,{"label":"end","reopen":{}}`), "warning step_never_reached /steps/1")
	l.judge(opened(branch(`{"jump":{"to":"end"}}`, "") + `,{"close":{}},{"label":"end","reopen":{}}`))
}
