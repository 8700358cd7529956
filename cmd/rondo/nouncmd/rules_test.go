package nouncmd

import (
	"strings"
	"testing"
)

// Every action on rules sends the one call that its row says.
func TestRuleActionsCall(t *testing.T) {
	const rule = `{"id":"vip","name":"VIP","place":1,"state":"published","edition":7,"changed":false,"on":{"on":"conversation_opened"},"steps":[],"live":{},"revision":8}`
	for _, c := range []struct{ args, line, body, answer string }{
		{"rule list --state draft --sort id", "GET /v1/rules?limit=50&sort=id&state=draft", "", `{"items":[],"next_page_token":null}`},
		{"rule publish vip", "POST /v1/rules/vip/publish", "", rule},
		{"rule pause vip", "POST /v1/rules/vip/pause", "", rule},
		{"rule resume vip", "POST /v1/rules/vip/resume", "", rule},
		{"rule rollback vip 17", "POST /v1/rules/vip/rollback", `{"revision":17}`, rule},
		{"rule delete vip", "DELETE /v1/rules/vip", "", rule},
		{"rule order vip night", "PUT /v1/rules/order", `{"rules":["vip","night"]}`, `{"rules":["vip","night"]}`},
		{"rule diff vip", "GET /v1/rules/vip/diff", "", `{"changes":[]}`},
		{"rule diff vip 17", "GET /v1/rules/vip/revisions/17/diff", "", `{"changes":[]}`},
		{"rule revisions vip", "GET /v1/rules/vip/revisions", "", `{"items":[],"next_page_token":null}`},
		{"rule diff vip --explain", "GET /v1/rules/vip/diff?explain=text", "", `{"changes":[],"explanation":"Nothing differs."}`},
		{"rule diff vip 17 12 --explain", "GET /v1/rules/vip/revisions/17/diff?against=12&explain=text", "", `{"changes":[],"explanation":"Nothing differs."}`},
		{"rule runs list vip", "GET /v1/rules/vip/runs?limit=50", "", `{"items":[],"next_page_token":null}`},
		{"rule runs end 42", "DELETE /v1/runs/42", "", `{"id":"42","outcome":"ended"}`},
		{"conversation note c1 --id n7", "POST /v1/conversations/c1/notes", `{"id":"n7"}`, `{"conversation":{"id":"c1","status":"open"},"decision":null}`},
		{"contact submit-form site landing --id f1 --from ann@x --field plan=pro --tags a,b", "POST /v1/inboxes/site/forms",
			`{"fields":{"plan":"pro"},"form":"landing","from":{"address":"ann@x"},"id":"f1","tags":["a","b"]}`, `{"contact":{"id":"p1","owner":"ana"},"decision":null,"blocked":false}`},
		{"contact qualify p1", "POST /v1/contacts/p1/qualify", "", `{"id":"p1"}`},
		{"contact criteria show", "GET /v1/criteria", "", `{"qualified":null,"revision":0}`},
		{"rule show vip", "GET /v1/rules/vip", "", rule},
	} {
		out, asked, err := run(t, 200, c.answer, strings.Fields(c.args)...)
		if err != nil || len(asked) != 1 || asked[0].line != c.line || asked[0].body != c.body {
			t.Errorf("%s: %v, asked %v\n%s\nwant %q with %q", c.args, err, asked, out, c.line, c.body)
		}
	}
}

// People count steps from 1; programs get the index.
func TestRunsAreShown(t *testing.T) {
	const one = `{"id":"42","rule":"vip","rule_revision":7,"conversation":"c1","contact":"p1","because":"conversation.opened","actor":"agent:ann",
		"waits_for":"schedule_opened","until":null,"schedule":"office","tries":null,"step":3,"place":"2.1","left":true}`
	for args, want := range map[string]string{
		"rule runs show 42": "Run 42 of rule vip (edition 7), conversation c1, contact p1\nbegan with conversation.opened by agent:ann\n" +
			"waits for schedule opened: office\ngoes on with step 2.1\nthe conversation is left to it: anybody may claim it meanwhile\n",
		"rule runs show 42 -o name": "42\n",
	} {
		if out, _, err := run(t, 200, one, strings.Fields(args)...); err != nil || out != want {
			t.Errorf("%s: %v\n%s", args, err, out)
		}
	}
	out, _, err := run(t, 200, `{"items":[`+one+`],"next_page_token":null}`, "rule", "runs", "list", "vip")
	if err != nil || !strings.Contains(out, "NEXT STEP") || !strings.Contains(out, " 2.1 ") {
		t.Errorf("%v\n%s", err, out)
	}
	for _, c := range []struct{ answer, want string }{
		{`{"contact":{"id":"p1","owner":"ana"},"decision":{"id":"9.1"},"blocked":false}`, "contact p1 is ana's; decision 9.1\n"},
		{`{"contact":{"id":"p1","owner":null},"decision":null,"blocked":true}`, "contact p1 is blocked: nothing happens\n"},
	} {
		if out, _, err := run(t, 200, c.answer, "contact", "submit-form", "site", "landing", "--from", "ann@x"); err != nil || out != c.want {
			t.Errorf("%v %q, want %q", err, out, c.want)
		}
	}
}

// A rule is shown as people read it.
func TestRuleIsShownInWords(t *testing.T) {
	const rule = `{"id":"vip","name":"VIP","place":2,"state":"published","edition":7,"changed":true,"revision":9,"even_if_owned":true,
		"on":{"on":"tag_applied","tag":"vip"},
		"when":{"all":[{"field":"contact.tags","op":"has","value":"vip"},{"any":[{"field":"team.queue_length","of":"sales","op":"at_least","value":"5"},
			{"not":{"field":"contact.language","op":"in","values":["es","pt"]}}]}]},
		"steps":[{"label":"first","assign":{"agent":"ann","only_available":true,"otherwise":[{"requeue":{}}]}},
			{"branch":{"if":{"field":"contact.vip","op":"is","value":"true"},"then":[{"close":{}}],"else":[{"jump":{"to":"first"}}]}}],
		"live":{"on":{"on":"tag_applied"},"when":null,"even_if_owned":false,"steps":[{"close":{}}]}}`
	const want = `vip: VIP (place 2, published, edition 7, revision 9)
What is in force:
on tag_applied
do
  1. close
Its draft:
on tag_applied tag vip
when
  all of
    contact.tags has vip
    any of
      team.queue_length of sales at least 5
      not
        contact.language in es, pt
even if the contact has an owner
do
  1. [first] assign agent ann, only available
     otherwise
       1.1. requeue
  2. branch
     if
       contact.vip is true
     then
       2.1. close
     else
       2.2. jump to first
`
	out, _, err := run(t, 200, rule, "rule", "show", "vip")
	if err != nil || out != want {
		t.Errorf("%v\n%s\nwant\n%s", err, out, want)
	}
}
