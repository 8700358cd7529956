package fsm

import (
	"slices"
	"testing"
)

// TestRemovalsWarnOfRules: who removes what a rule in force names is told so, and not
// for a draft, nor for a rule that is paused. What a condition compares with counts.
func TestRemovalsWarnOfRules(t *testing.T) {
	is := func(field, value string) *Condition { return &Condition{Field: field, Op: OpIs, Value: value} }
	for name, body := range map[string]RuleBody{
		"team":     {On: Trigger{On: OnOpened}, Steps: []Step{{Branch: &BranchStep{If: is("contact.vip", "true"), Then: []Step{{Assign: &AssignStep{Team: "team"}}}}}}},
		"agent":    {On: Trigger{On: OnOpened}, When: &Condition{Not: is("contact.owner", "agent")}, Steps: []Step{{Close: &PlainStep{}}}},
		"inbox":    {On: Trigger{On: OnOpened, Inbox: "inbox"}, Steps: []Step{{Close: &PlainStep{}}}},
		"schedule": {On: Trigger{On: OnOpened}, Steps: []Step{{Wait: &WaitStep{Schedule: "schedule", Until: "opened"}}}},
	} {
		for state, want := range map[string]Warnings{"draft": 0, "paused": 0, "published": WarnNamedByRules} {
			l := newLab(t)
			l.accept(PutAgent{ID: "agent", Name: "A"}, PutTeam{ID: "team", Name: "T"}, PutInbox{ID: "inbox", Name: "I"},
				PutSchedule{ID: "schedule", Name: "S", Zone: "UTC", Weekly: []WeeklyHours{{[]string{"mon"}, "09:00", "17:00"}}})
			l.accept(PutRule{ID: "r", Name: "R", RuleBody: body})
			if state != "draft" {
				l.accept(PublishRule{"r"})
			}
			if state == "paused" {
				l.accept(PauseRule{"r"})
			}
			remove := map[string]Command{"team": DeleteTeam{"team"}, "agent": DeleteAgent{ID: "agent"}, "inbox": DeleteInbox{"inbox"}, "schedule": DeleteSchedule{"schedule"}}
			noun := map[string]Noun{"team": NounTeam, "agent": NounAgent, "inbox": NounInbox, "schedule": NounSchedule}[name]
			named := slices.Equal(RulesNaming(l.state, noun, name), []RuleID{"r"})
			if got := l.accept(remove[name])[0].Result.Warnings; got&WarnNamedByRules != want || named != (want != 0) {
				t.Errorf("%s, %s: %v, named %v", name, state, got.Names(), named)
			}
		}
	}
}

// TestWhatWentBeforePublishing: what is deleted behind the writing of a rule is found
// when it is put in force, by publishing, resuming or rolling back.
func TestWhatWentBeforePublishing(t *testing.T) {
	l := newLab(t)
	body := ruleCalled("r")
	body.Steps = []Step{{Assign: &AssignStep{Team: "team"}}}
	l.accept(PutTeam{ID: "team", Name: "T"}, body, PublishRule{"r"})
	row, _ := l.state.Rules.ByID("r")
	l.accept(PauseRule{"r"}, DeleteTeam{"team"})
	for _, c := range []Command{PublishRule{"r"}, ResumeRule{"r"}, RollBackRule{"r", row.Revision}} {
		r := l.refuse(c)
		if r.Reason != UnknownReference || len(r.Fields) != 1 || r.Fields[0].Pointer != "/steps/0/assign/team" || r.Fields[0].Code != "unknown_team" {
			t.Errorf("%T: %+v", c, r)
		}
	}
	l.accept(PutTeam{ID: "team", Name: "T"}, ResumeRule{"r"})
}

// TestUnknownReferencesAreLimited: a refusal names the first of them only.
func TestUnknownReferencesAreLimited(t *testing.T) {
	for _, n := range []int{maxUnknownTold, maxUnknownTold + 1} {
		l := newLab(t)
		body := ruleCalled("r")
		body.Steps = slices.Repeat([]Step{{Follow: &FollowStep{Agent: "x"}}}, n)
		l.accept(body)
		if r := l.refuse(PublishRule{"r"}); len(r.Fields) != maxUnknownTold {
			t.Errorf("%d of %d are named", len(r.Fields), n)
		}
	}
}
