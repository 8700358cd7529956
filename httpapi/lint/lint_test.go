package lint

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/rondohq/rondo/fsm"
)

func TestNothingToSay(t *testing.T) {
	l := newLab(t)
	l.judge(opened(assign("sales")))
	l.judge(`{"on":{"on":"conversation_opened","inbox":"vault"},"steps":[{"assign":{"agent":"ana"}}]}`)
	l.judge(opened(`{"assign":{"owner":true,"only_available":true,"otherwise":[` + assign("sales") + `]}}`))
	l.judge(when(`{"all":[{"field":"contact.tags","op":"has","value":"vip"},{"field":"contact.language","op":"in","values":["de","en"]}]}`))
}

func TestReferences(t *testing.T) {
	l := newLab(t)
	l.world.Schedule = schedules{"office": schedule(shift("early"))}.get
	l.judge(`{"on":{"on":"conversation_opened","inbox":"no"},"steps":[`+assign("no")+`]}`,
		"error unknown_inbox /on/inbox", "error unknown_team /steps/0/assign/team")
	l.judge(`{"on":{"on":"schedule_opened","schedule":"no","team":"no"},"steps":[{"requeue":{}}]}`,
		"error unknown_team /on/team", "error unknown_schedule /on/schedule")
	l.judge(`{"on":{"on":"shift_ended","schedule":"office","shift":"late"},"steps":[{"requeue":{}}]}`, "error unknown_shift /on/shift")
	l.judge(`{"on":{"on":"shift_ended","schedule":"office","shift":"early"},"steps":[{"requeue":{}}]}`)
	l.judge(opened(`{"move":{"inbox":"no"}},{"move":{"team":"no"}},{"notify":{"agent":"no"}},{"notify":{"supervisors":"no"}},{"follow":{"agent":"no"}},{"wait":{"schedule":"no"}},{"trigger_rule":{"rule":"no"}},{"assign":{"agent":"no"}},{"assign":{"team":"sales","on_shift":"no"}}`),
		"error unknown_inbox /steps/0/move/inbox", "error unknown_team /steps/1/move/team", "error unknown_agent /steps/2/notify/agent",
		"error unknown_team /steps/3/notify/supervisors", "error unknown_agent /steps/4/follow/agent", "error unknown_schedule /steps/5/wait/schedule",
		"error unknown_rule /steps/6/trigger_rule/rule", "error unknown_agent /steps/7/assign/agent", "error unknown_schedule /steps/8/assign/on_shift")
	l.judge(opened(`{"branch":{"if":{"field":"contact.new","op":"is","value":"true"},"then":[`+assign("a")+`],"else":[`+assign("b")+`]}},{"webhook":{"url":"x","otherwise":[`+assign("c")+`]}}`),
		"error unknown_team /steps/0/branch/then/0/assign/team", "error unknown_team /steps/0/branch/else/0/assign/team",
		"error unknown_team /steps/1/webhook/otherwise/0/assign/team", "warning webhook_not_allowed /steps/1/webhook/url")
	l.judge(when(`{"all":[{"field":"team.queue_length","of":"no","op":"at_least","value":"3"},{"any":[{"field":"agent.status","of":"no","op":"is","value":"away"},{"not":{"field":"schedule.open","of":"no","op":"is","value":"true"}}]}]}`),
		"error unknown_team /when/all/0/of", "error unknown_agent /when/all/1/any/0/of", "error unknown_schedule /when/all/1/any/1/not/of")
	l.judge(when(`{"any":[{"field":"conversation.inbox","op":"in","values":["wa","no"]},{"field":"conversation.team","op":"is","value":"no"},{"field":"contact.owner","op":"is","value":"no"},{"field":"conversation.assignee","op":"is_not","value":"ana"},{"field":"schedule.shift","of":"office","op":"has","value":"late"}]}`),
		"warning value_unknown /when/any/0", "warning value_unknown /when/any/1", "warning value_unknown /when/any/2", "warning value_unknown /when/any/4")
}

func TestRemovedReference(t *testing.T) {
	l := newLab(t)
	text := opened(assign("vip"))
	l.apply(fsm.DeleteInbox{Inbox: "mail"})
	l.judge(text)
	l.apply(fsm.DeleteTeam{ID: "vip"})
	l.judge(text, "error unknown_team /steps/0/assign/team")
}

func TestTeams(t *testing.T) {
	l := newLab(t)
	off := false
	l.apply(fsm.PutTeam{ID: "hand", Name: "By hand", Members: team("ana"), AutoAssign: &off})
	l.apply(fsm.PutTeam{ID: "spare", Name: "Spare", Rotation: &fsm.RotationSettings{Fallback: &fsm.FallbackSettings{To: "team", Team: "sales"}}})
	l.apply(fsm.PutTeam{ID: "last", Name: "Last", Rotation: &fsm.RotationSettings{Fallback: &fsm.FallbackSettings{To: "agent", Agent: "ana"}}})
	l.apply(fsm.PutTeam{ID: "claim", Name: "Claim", Rotation: &fsm.RotationSettings{Fallback: &fsm.FallbackSettings{To: "team_inbox"}}})
	l.apply(fsm.PutTeam{ID: "nowhere", Name: "Nowhere", Rotation: &fsm.RotationSettings{Fallback: &fsm.FallbackSettings{To: "team", Team: "empty"}}})
	l.judge(opened(assign("empty")), "error team_empty /steps/0/assign/team")
	l.judge(opened(`{"move":{"team":"empty"}}`), "error team_empty /steps/0/move/team")
	l.judge(opened(assign("nowhere")), "error team_empty /steps/0/assign/team")
	for _, id := range []string{"spare", "last", "claim"} {
		l.judge(opened(assign(id)), "warning team_empty /steps/0/assign/team")
	}
	l.judge(opened(assign("hand")), "warning team_by_hand /steps/0/assign/team")
	l.judge(opened(assign("vip")), "warning team_not_in_rotation /steps/0/assign/team")
	l.apply(fsm.PutInbox{ID: "web", Name: "Web", Assignment: fsm.InboxAssignment{Mode: "rotation", Team: "vip"}})
	l.judge(opened(assign("vip")))
}

func TestNobodyEligible(t *testing.T) {
	l := newLab(t)
	step := func(more string) string { return opened(`{"assign":{"team":"sales"` + more + `}}`) }
	const want = "error nobody_eligible /steps/0/assign"
	l.judge(step(`,"requires":{"language":"de","skill":"support"}`))
	l.judge(step(`,"requires":{"language":"en","skill":"support"}`), want)
	l.judge(step(`,"requires":{"region":"eu"}`), want)
	l.judge(step(`,"match":["language"]`))
	l.judge(step(`,"match":["region"]`), "warning nobody_eligible /steps/0/assign") // contacts without a region are taken
	l.judge(step(`,"requires":{"region":"eu"},"otherwise":[{"close":{}}]`), "warning nobody_eligible /steps/0/assign")
	l.judge(opened(assign("night")), want)
	l.apply(fsm.PutTeam{ID: "night", Name: "Night", Members: team("dora"), Rotation: &fsm.RotationSettings{Fallback: &fsm.FallbackSettings{To: "team_inbox"}}})
	l.judge(opened(assign("night")), "warning nobody_eligible /steps/0/assign")

	// What the rule knows of the contact and the inbox counts.
	known := func(condition, more string) string {
		return `{"on":{"on":"conversation_opened"},"when":` + condition + `,"steps":[{"assign":{"team":"sales"` + more + `}}]}`
	}
	french := `{"field":"contact.language","op":"is","value":"fr"}`
	l.judge(known(french, `,"match":["language"]`), want)
	l.judge(known(strings.Replace(french, "fr", "de", 1), `,"match":["language"]`))
	l.judge(opened(`{"branch":{"if":`+french+`,"then":[{"assign":{"team":"sales","match":["language"]}}]}}`), "error nobody_eligible /steps/0/branch/then/0/assign")
	l.judge(opened(`{"branch":{"if":` + french + `,"then":[{"close":{}}],"else":[{"assign":{"team":"sales","match":["language"]}}]}}`))
	vault := `{"on":{"on":"conversation_opened","inbox":"vault"},"steps":[%s{"assign":{"team":"sales","requires":{"language":"%s"}}}]}`
	l.judge(fmt.Sprintf(vault, "", "de"))
	l.judge(fmt.Sprintf(vault, "", "en"), want)
	l.judge(fmt.Sprintf(vault, `{"move":{"inbox":"wa"}},`, "en"))
}

func TestAgents(t *testing.T) {
	l := newLab(t)
	in := func(inbox, steps string) string {
		return `{"on":{"on":"conversation_opened","inbox":"` + inbox + `"},"steps":[` + steps + `]}`
	}
	l.judge(in("vault", `{"assign":{"agent":"ben"}}`), "error agent_no_access /steps/0/assign/agent")
	l.judge(in("vault", `{"notify":{"agent":"ben"}},{"follow":{"agent":"ben"}}`), "warning agent_no_access /steps/0/notify/agent", "warning agent_no_access /steps/1/follow/agent")
	l.judge(in("wa", `{"assign":{"agent":"ben"}}`))
	l.judge(opened(`{"assign":{"agent":"ben"}}`), "warning agent_no_access /steps/0/assign/agent")
	l.judge(`{"on":{"on":"conversation_opened"},"when":{"all":[{"field":"conversation.inbox","op":"is","value":"vault"}]},"steps":[{"assign":{"agent":"ben"}}]}`, "error agent_no_access /steps/0/assign/agent")
	l.judge(in("wa", `{"assign":{"agent":"dora"}}`), "warning agent_not_onboarded /steps/0/assign/agent")
	l.apply(fsm.PutAgent{ID: "ben", Name: "Ben", Role: "admin"})
	l.judge(in("vault", `{"assign":{"agent":"ben"}}`))
}

func TestFallbackCycle(t *testing.T) {
	l := newLab(t)
	l.apply(fsm.PutTeam{ID: "third", Name: "Third", Members: team("cleo"), Rotation: &fsm.RotationSettings{Fallback: &fsm.FallbackSettings{To: "team", Team: "sales"}}})
	l.apply(fsm.PutTeam{ID: "second", Name: "Second", Members: team("cleo"), Rotation: &fsm.RotationSettings{Fallback: &fsm.FallbackSettings{To: "team", Team: "third"}}})
	step := func(first, then string) string {
		return opened(`{"assign":{"team":"` + first + `","within_seconds":60,"otherwise":[` + assign(then) + `]}}`)
	}
	l.judge(step("sales", "second"), "warning fallback_cycle /steps/0/assign/otherwise/0/assign/team")
	l.judge(step("second", "sales"))
	l.judge(step("sales", "sales"))
}

func TestOtherRules(t *testing.T) {
	l := newLab(t)
	const on = `{"on":{"on":"rule"},"steps":[%s]}`
	trigger := func(rule string) string { return `{"trigger_rule":{"rule":"` + rule + `"}}` }
	l.publish("leaf", fmt.Sprintf(on, `{"close":{}}`))
	l.publish("back", fmt.Sprintf(on, trigger("new")))
	l.publish("via", fmt.Sprintf(on, trigger("back")))
	l.publish("later", fmt.Sprintf(on, `{"wait":{"seconds":5}},`+trigger("new")))
	l.publish("perhaps", fmt.Sprintf(on, `{"branch":{"if":{"field":"contact.new","op":"is","value":"true"},"then":[`+trigger("new")+`]}}`))
	l.publish("other", opened(`{"close":{}}`))
	l.draft("draft", fmt.Sprintf(on, `{"close":{}}`))
	l.draft("otherdraft", opened(`{"close":{}}`))
	rule := func(id string) string { return fmt.Sprintf(on, trigger(id)) }
	const at = " /steps/0/trigger_rule/rule"
	l.judge(rule("leaf"))
	l.judge(rule("later"))
	l.judge(rule("new"), "error rule_cycle"+at)
	l.judge(rule("back"), "error rule_cycle"+at)
	l.judge(rule("via"), "error rule_cycle"+at)
	l.judge(rule("perhaps"), "warning rule_cycle"+at)
	l.judge(rule("draft"), "warning not_published"+at)
	l.judge(rule("other"), "error not_on_rule"+at)
	l.judge(rule("otherdraft"), "error not_on_rule"+at, "warning not_published"+at)
}

func TestSmallSlips(t *testing.T) {
	l := newLab(t)
	l.judge(opened(`{"snooze":{"seconds":60}},{"wait":{"seconds":61}}`), "warning wait_past_snooze /steps/1/wait/seconds")
	l.judge(opened(`{"snooze":{"seconds":60}},{"wait":{"seconds":40}},{"wait":{"seconds":40}}`), "warning wait_past_snooze /steps/2/wait/seconds")
	l.judge(opened(`{"snooze":{"seconds":60}},{"wait":{"seconds":60}}`))
	l.judge(opened(`{"snooze":{"seconds":60}},{"reopen":{}},{"wait":{"seconds":61}}`))
	hook := opened(`{"webhook":{"url":"https://crm.example/score"}}`)
	l.judge(hook, "warning webhook_not_allowed /steps/0/webhook/url")
	l.world.WebhookAllowed = func(url string) bool { return strings.HasPrefix(url, "https://crm.example/") }
	l.judge(hook)
	l.judge(opened(`{"webhook":{"url":"https://other.example/"}}`), "warning webhook_not_allowed /steps/0/webhook/url")
	l.judge(`{"on":{"on":"conversation_opened"},"even_if_owned":true,"steps":[{"close":{}}]}`, "warning no_assign_step /even_if_owned")
	l.judge(`{"on":{"on":"conversation_opened"},"even_if_owned":true,"steps":[{"branch":{"if":{"field":"contact.new","op":"is","value":"true"},"then":[` + assign("sales") + `]}}]}`)
}

// Findings are bounded, errors come first, and each says something to do.
func TestFindings(t *testing.T) {
	l := newLab(t)
	steps := strings.Repeat(`{"follow":{"agent":"ben"}},`, MaxFindings+10)
	found := Rule(l.state, "new", body(t, opened(steps+assign("no"))), World{})
	if len(found) != MaxFindings || found[0].Code != UnknownTeam || found[1].Code != AgentNoAccess || Errors(found) != 1 {
		t.Errorf("%d findings: %+v", len(found), found[:2])
	}
	advice := regexp.MustCompile(`: [a-z].*`)
	for _, f := range found {
		if f.Rule != "new" || !advice.MatchString(f.Detail) {
			t.Errorf("%+v", f)
		}
	}
}
