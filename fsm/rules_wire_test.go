package fsm

// Samples of the commands of rules, for the golden file and for whoever goes
// through all commands.
func init() {
	samples = append(samples,
		PutRule{ID: "vip", Name: "VIP", Place: new(uint32(2)), RuleBody: sampleRule},
		DeleteRule{"vip"}, PublishRule{"vip"}, PauseRule{"vip"}, ResumeRule{"vip"}, RollBackRule{"vip", 70}, OrderRules{[]RuleID{"vip", "night"}},
		PutCriteria{&Condition{Any: []Condition{{Field: "contact.tags", Op: "has_any", Values: []string{"lead", "demo"}}, {Field: "contact.field.plan", Op: "is", Value: "pro"}}}},
	)
}

// sampleRule has every member of every step.
var sampleRule = RuleBody{
	On: Trigger{On: OnOpened, Inbox: "sms", Team: "sales", Tag: "vip", Field: "plan", Form: "landing", Schedule: "hours", Shift: "late", Status: "away", ForSeconds: 600},
	When: &Condition{All: []Condition{
		{Field: "contact.tags", Op: "has", Value: "vip"},
		{Not: &Condition{Field: "team.queue_length", Of: "sales", Op: "at_least", Value: "5"}},
		{Any: []Condition{{Field: "contact.language", Op: "in", Values: []string{"es", "pt"}}}},
	}},
	Steps: []Step{
		{Label: "first", Assign: &AssignStep{Agent: "ann", Owner: true, Field: "account_manager", Nobody: true, OnlyAvailable: true, FewerThan: 3, WithinSeconds: 60, Team: "sales",
			AssignTeam: AssignTeam{Strategy: "least_open", AssignTo: "not_away", Requires: &Requirement{"es", "EU", "vip"}, Match: []string{"language"}, IgnoreLimit: true, Schedule: "hours"},
			Otherwise:  []Step{{Requeue: &PlainStep{}}}}},
		{AddTag: &TagStep{"vip", "contact"}}, {RemoveTag: &TagStep{"new", ""}},
		{SetField: &FieldStep{"plan", "pro"}}, {SetPriority: &PriorityStep{2}}, {Move: &MoveStep{"sms", "sales"}},
		{SendMessage: &MessageStep{"Hello"}}, {AddComment: &CommentStep{"n1"}}, {Notify: &NotifyStep{"ann", true, "sales"}}, {Follow: &FollowStep{"ann"}},
		{Close: &PlainStep{}}, {Reopen: &PlainStep{}}, {Snooze: &SnoozeStep{60}},
		{Branch: &BranchStep{&Condition{Field: "contact.vip", Op: "is", Value: "true"}, []Step{{Jump: &JumpStep{"first"}}}, []Step{{Wait: &WaitStep{60, "hours", "opened"}}}}},
		{TriggerRule: &RuleStep{"night"}},
		{Webhook: &WebhookStep{"https://crm.example/x", 5, 2, map[string]string{"plan": "data.plan"}, []Step{{Close: &PlainStep{}}}}},
	},
	EvenIfOwned: true,
}

// laterRows are rows of tables that came later.
var laterRows = map[string]any{
	"rules":    Rule{1, "vip", "VIP", 2, RulePaused, sampleRule, 3, &sampleRule, 4, true},
	"editions": Edition{1, 3, sampleRule},
	"criteria": Criteria{&Condition{Field: "contact.vip", Op: "is", Value: "true"}, 3},
}
