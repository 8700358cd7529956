package fsm

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

func faultsOf(t testing.TB, body string) string {
	t.Helper()
	var b RuleBody
	if err := json.Unmarshal([]byte(body), &b); err != nil {
		t.Fatalf("%s: %v", body, err)
	}
	var check checker
	b.check(&check, "")
	var faults []string
	for _, f := range check.fields {
		faults = append(faults, f.Pointer+" "+f.Code)
	}
	return strings.Join(faults, " ")
}

// TestTriggerFaults: what does not belong to a trigger is refused.
func TestTriggerFaults(t *testing.T) {
	for on, want := range map[string]string{
		`{}`:                                                         "/on/on required",
		`{"on":"conversation_open"}`:                                 "/on/on unknown_value",
		`{"on":"rule","inbox":"sms"}`:                                "/on/inbox unexpected",
		`{"on":"tag_applied","tag":"a"}`:                             "",
		`{"on":"tag_applied","form":"a"}`:                            "/on/form unexpected",
		`{"on":"no_reply"}`:                                          "/on/for_seconds required",
		`{"on":"no_reply","for_seconds":2592001}`:                    "/on/for_seconds out_of_range",
		`{"on":"no_reply","for_seconds":60,"inbox":"a b"}`:           "/on/inbox characters",
		`{"on":"presence_changed","status":"gone"}`:                  "/on/status unknown_value",
		`{"on":"schedule_opened","team":"t"}`:                        "/on/schedule required",
		`{"on":"schedule_opened","schedule":"h"}`:                    "/on required",
		`{"on":"shift_ended","schedule":"h","shift":"early"}`:        "",
		`{"on":"conversation_opened","for_seconds":5,"status":"up"}`: "/on/status unexpected /on/for_seconds unexpected /on/status unknown_value",
	} {
		if got := faultsOf(t, `{"on":`+on+`}`); got != want {
			t.Errorf("%s: %q, want %q", on, got, want)
		}
	}
}

// TestStepFaults: each fault of a step stands at its node.
func TestStepFaults(t *testing.T) {
	for step, want := range map[string]string{
		`{}`:                                  " required",
		`{"close":{},"jump":{"to":"a"}}`:      "/jump ambiguous",
		`{"label":"a b","close":{}}`:          "/label characters",
		`{"assign":{}}`:                       "/assign required",
		`{"assign":{"agent":"a","team":"t"}}`: "/assign/team ambiguous",
		`{"assign":{"agent":"a","strategy":"least_open"}}`:                "/assign/strategy unexpected",
		`{"assign":{"team":"t","strategy":"random"}}`:                     "/assign/strategy unknown_value",
		`{"assign":{"nobody":true,"only_available":true}}`:                "/assign/only_available unexpected",
		`{"assign":{"owner":true,"within_seconds":5}}`:                    "/assign/within_seconds unexpected",
		`{"assign":{"nobody":true,"otherwise":[{"close":{}}]}}`:           "/assign/otherwise unexpected",
		`{"assign":{"team":"t","requires":{"skill":"a b"}}}`:              "/assign/requires/skill characters",
		`{"assign":{"team":"t","match":["language","shoe","language"]}}`:  "/assign/match too_many",
		`{"assign":{"team":"t","match":["language","language"]}}`:         "/assign/match/1 duplicate",
		`{"assign":{"team":"t","fewer_than":10001}}`:                      "/assign/fewer_than out_of_range",
		`{"assign":{"team":"t","within_seconds":5,"otherwise":[{}]}}`:     "/assign/otherwise/0 required",
		`{"add_tag":{"tag":"","of":"team"}}`:                              "/add_tag/tag required /add_tag/of unknown_value",
		`{"set_field":{"field":"a b"}}`:                                   "/set_field/field characters",
		`{"set_priority":{"priority":10}}`:                                "/set_priority/priority out_of_range",
		`{"move":{"inbox":"a","team":"b"}}`:                               "/move/team ambiguous",
		`{"send_assignment_message":{"template":"{{contact.phone}}"}}`:    "/send_assignment_message/template unknown_field",
		`{"add_comment":{}}`:                                              "/add_comment/note required",
		`{"notify":{}}`:                                                   "/notify required",
		`{"follow":{}}`:                                                   "/follow/agent required",
		`{"snooze":{}}`:                                                   "/snooze/seconds required",
		`{"branch":{}}`:                                                   "/branch/if required /branch required",
		`{"branch":{"if":{"all":[{"field":"x"}]},"else":[{"close":{}}]}}`: "/branch/if/all/0/field unknown_field",
		`{"wait":{}}`: "/wait required",
		`{"wait":{"seconds":5,"until":"opened"}}`:                          "/wait/until unexpected",
		`{"wait":{"schedule":"h","until":"noon"}}`:                         "/wait/until unknown_value",
		`{"jump":{"to":"nowhere"}}`:                                        "/jump/to unknown_label",
		`{"label":"here","jump":{"to":"here"}}`:                            "",
		`{"trigger_rule":{}}`:                                              "/trigger_rule/rule required",
		`{"webhook":{"url":"https://example.com:8443/a?b=c","retries":5}}`: "",
		`{"webhook":{"url":"ftp://example.com"}}`:                          "/webhook/url url",
		`{"webhook":{"url":"https://u:p@example.com"}}`:                    "/webhook/url url",
		`{"webhook":{"url":"https://example.com:0/"}}`:                     "/webhook/url url",
		`{"webhook":{"url":"https:///x"}}`:                                 "/webhook/url url",
		`{"webhook":{"url":"https://a/ b"}}`:                               "/webhook/url characters",
		`{"webhook":{"url":"https://a","timeout_seconds":61,"retries":6}}`: "/webhook/timeout_seconds out_of_range /webhook/retries out_of_range",
		`{"webhook":{"url":"https://a","save":{"plan":""}}}`:               "/webhook/save/plan required",
	} {
		want = strings.TrimSpace(strings.ReplaceAll(" "+want, " /", " /steps/0/"))
		if want == "required" {
			want = "/steps/0 required"
		}
		if got := faultsOf(t, `{"on":{"on":"rule"},"steps":[`+step+`]}`); got != want {
			t.Errorf("%s: %q, want %q", step, got, want)
		}
	}
	if got := faultsOf(t, `{"on":{"on":"rule"},"steps":[{"label":"a","close":{}},{"label":"a","close":{}}]}`); got != "/steps/1/label duplicate" {
		t.Error(got)
	}
}

func TestRuleLimits(t *testing.T) {
	nested := func(n int) string {
		step := `{"close":{}}`
		for range n - 1 {
			step = `{"branch":{"if":{"field":"form","op":"set"},"then":[` + step + `]}}`
		}
		return step
	}
	for n, want := range map[int]string{MaxStepDepth: "", MaxStepDepth + 1: "/steps/0" + strings.Repeat("/branch/then/0", MaxStepDepth-1) + "/branch/then too_deep"} {
		if got := faultsOf(t, `{"on":{"on":"rule"},"steps":[`+nested(n)+`]}`); got != want {
			t.Errorf("%d deep: %q", n, got)
		}
	}
	for n, want := range map[int]string{MaxSteps: "", MaxSteps + 1: "/steps too_many"} {
		steps := strings.Repeat(`{"close":{}},`, n-1) + `{"close":{}}`
		if got := faultsOf(t, `{"on":{"on":"rule"},"steps":[`+steps+`]}`); got != want {
			t.Errorf("%d steps: %q", n, got)
		}
	}
}

// TestRulesNameWhatIsThere: a rule is not put in force with a reference to nothing.
// With what a condition compares is no such reference.
func TestRulesNameWhatIsThere(t *testing.T) {
	l := deskOfRules(t)
	body := `{"on":{"on":"no_reply","for_seconds":5,"inbox":"%[1]s","team":"%[2]s"},
		"when":{"any":[{"field":"team.eligible","of":"%[2]s","op":"is","value":"true"},{"field":"conversation.assignee","op":"in","values":["ana","%[3]s"]}]},
		"steps":[{"assign":{"team":"%[2]s","otherwise":[{"follow":{"agent":"%[3]s"}}]}},{"branch":{"if":{"field":"conversation.inbox","op":"is","value":"%[1]s"},"else":[{"move":{"inbox":"%[1]s"}}]}}%[4]s]}`
	for arguments, want := range map[[4]string]string{
		{"sms", "sales", "ben", ""}: "",
		{"x", "y", "z", `,{"trigger_rule":{"rule":"other"}}`}: "/on/inbox unknown_inbox /on/team unknown_team /when/any/0/of unknown_team " +
			"/steps/0/assign/team unknown_team /steps/0/assign/otherwise/0/follow/agent unknown_agent " +
			"/steps/1/branch/else/0/move/inbox unknown_inbox /steps/2/trigger_rule/rule unknown_rule",
	} {
		var b RuleBody
		if err := json.Unmarshal(fmt.Appendf(nil, body, arguments[0], arguments[1], arguments[2], arguments[3]), &b); err != nil {
			t.Fatal(err)
		}
		id := RuleID("r" + arguments[0])
		l.accept(PutRule{ID: id, Name: "R", RuleBody: b})
		check := struct{ fields []FieldError }{}
		if want != "" {
			check.fields = l.refuse(PublishRule{id}).Fields
		} else {
			l.accept(PublishRule{id})
		}
		var faults []string
		for _, f := range check.fields {
			faults = append(faults, f.Pointer+" "+f.Code)
		}
		if got := strings.Join(faults, " "); got != want {
			t.Errorf("%v: %q, want %q", arguments, got, want)
		}
	}
}

// TestRulesAreTried: the answer names what failed, with what was found there.
func TestRulesAreTried(t *testing.T) {
	l := deskOfRules(t)
	c, _ := l.state.Conversations.ByID("c2")
	p2, _ := l.state.Contacts.ByID("p2")
	late, _ := l.state.Inboxes.ByID("late")
	for _, test := range []struct {
		body, pointer, says string
		q                   RuleQuestion
	}{
		{`{"on":{"on":"conversation_opened","inbox":"sms"},"when":{"field":"contact.vip","op":"is","value":"true"}}`, "", "", RuleQuestion{Conversation: c.Handle}},
		{`{"on":{"on":"conversation_opened","inbox":"late"}}`, "/on/inbox", "it answers in inbox late only; conversation.inbox is sms", RuleQuestion{Conversation: c.Handle}},
		{`{"on":{"on":"conversation_opened"},"when":{"all":[{"field":"contact.vip","op":"is","value":"true"},{"all":[{"field":"contact.tags","op":"has_any","values":["a","b"]}]}]}}`,
			"/when/all/1/all/0", "contact.tags is gold, vip, and has any a, b is asked for", RuleQuestion{Conversation: c.Handle}},
		{`{"on":{"on":"conversation_opened","inbox":"late"},"when":{"any":[{"field":"contact.vip","op":"is","value":"true"},{"field":"team.queue_length","op":"less_than","value":"2"}]}}`,
			"/when", "none of them holds: contact.vip is false, and is true is asked for; team.queue_length is 2, and less than 2 is asked for", RuleQuestion{Contact: p2.Handle, Inbox: late.Handle}},
		{`{"on":{"on":"conversation_opened"},"when":{"not":{"field":"contact.returning","op":"is","value":"true"}}}`,
			"/when", "it denies what holds: contact.returning is true", RuleQuestion{Contact: p2.Handle, Inbox: late.Handle}},
	} {
		var b RuleBody
		if err := json.Unmarshal([]byte(test.body), &b); err != nil {
			t.Fatal(err)
		}
		if got := b.Ask(l.state, test.q); got != (RuleAnswer{test.pointer == "", test.pointer, test.says}) {
			t.Errorf("%s: %+v", test.body, got)
		}
	}
}
