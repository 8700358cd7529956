package fsm

import (
	"fmt"
	"strconv"

	"pgregory.net/rapid"
)

// What the storm draws of rules and schedules. What it writes is well formed, if not
// sensible: rules go round in circles, set each other off, and name what is gone.

func stormRule(t *rapid.T) RuleID {
	return pickOne(t, []RuleID{"ra", "ra", "rb", "rb", "rc", "rd", "no-such"}, "rule")
}

func stormTag(t *rapid.T) string { return pickOne(t, []string{"spam", "vip", "ruled"}, "rule's tag") }

func stormSchedule(t *rapid.T) ScheduleID {
	return pickOne(t, []ScheduleID{"s", "s", "s", "z"}, "schedule")
}

// drawRules writes rules, and decides which of them are in force.
func (w *storm) drawRules(t *rapid.T) Command {
	id := stormRule(t)
	switch upTo(t, 14, "rules") {
	case 0, 1, 2, 3:
		rule := PutRule{ID: id, Name: "R", RuleBody: w.drawBody(t)}
		if upTo(t, 3, "placed") == 0 {
			rule.Place = new(uint32(1 + upTo(t, 3, "place")))
		}
		return rule
	case 4, 5, 6, 7, 8:
		return PublishRule{id}
	case 9:
		return pickOne(t, []Command{PauseRule{id}, ResumeRule{id}}, "force")
	case 10:
		return RollBackRule{id, w.drawRevision(t, id)}
	case 11:
		return OrderRules{pickOne(t, [][]RuleID{{"rb", "ra"}, {"ra"}, {id}}, "order")}
	case 12:
		return PutCriteria{pickOne(t, []*Condition{nil, {Field: "contact.tags", Op: "has", Value: "vip"}, {Field: "contact.field.f", Op: "set"}}, "criteria")}
	default:
		return DeleteRule{id}
	}
}

func (w *storm) drawRevision(t *rapid.T, id RuleID) uint64 {
	kept := []uint64{1}
	row, _ := w.state.Rules.ByID(id)
	for r := range w.state.Revisions.Of(Subject{NounRule, uint64(row.Handle)}) {
		kept = append(kept, r.Revision)
	}
	return pickOne(t, kept, "revision")
}

// drawRuled is what rules answer to, beside all the rest, and what becomes of runs.
func (w *storm) drawRuled(t *rapid.T) Command {
	run := w.drawRun(t)
	switch upTo(t, 11, "ruled") {
	case 0, 1:
		return SubmitForm{Inbox: stormInbox(t), ID: w.minted(), Form: pickOne(t, []string{"f1", "f2"}, "form"), From: Sender{stormAddress(t), secret},
			Fields: map[string]string{"f": pickOne(t, []string{"", "a", "b", secret}, "value")}, Tags: pickOne(t, [][]string{nil, {"vip"}}, "form's tags"),
			MintedContact: ContactID(w.minted())}
	case 2:
		return NoteConversation{w.conversation(t), w.minted()}
	case 3:
		return QualifyContact{stormContact(t)}
	case 4:
		return EndRun{run.Handle}
	case 5, 6, 7:
		answer := AnswerRun{WebhookTry: WebhookTry{run.Handle, max(run.Pending.Call, 1), max(run.Pending.Tries, 1)}, OK: upTo(t, 1, "ok") == 0, Status: 200}
		if answer.OK {
			answer.Values = map[string]string{"data.f": secret}
		} else {
			answer.Failure = pickOne(t, WebhookFailures(), "failure")
		}
		return answer
	case 8, 9:
		return PutContactTag{stormContact(t), "vip"}
	case 10:
		return EndRun{run.Handle}
	default:
		return DeleteContactTag{stormContact(t), "vip"}
	}
}

// drawRun draws a run that waits; one that waits for an answer, if there is any.
func (w *storm) drawRun(t *rapid.T) Run {
	runs := []Run{{Handle: 1 << 40}}
	for run := range w.state.Runs.All() {
		if run.Pending.For == PendingWebhook {
			runs = append(runs, run, run, run)
		}
		if runs = append(runs, run); len(runs) > 20 {
			break
		}
	}
	return pickOne(t, runs, "run")
}

func (w *storm) drawSchedule(t *rapid.T) Command {
	id := stormSchedule(t)
	row, _ := w.state.Schedules.ByID(id)
	switch upTo(t, 6, "hours") {
	case 0, 1, 2:
		return stormHours(id, stormAgent(t), upTo(t, 1, "presence") == 0, w.drawHorizon(t, 1))
	case 3, 4, 5:
		return ExtendSchedule{id, row.Revision, w.drawHorizon(t, len(row.Hours.Shifts))}
	default:
		return DeleteSchedule{id}
	}
}

func stormHours(id ScheduleID, agent AgentID, presence bool, ahead Horizon) PutSchedule {
	return PutSchedule{ID: id, Name: "S", Zone: "Europe/Berlin", Weekly: []WeeklyHours{{[]string{"mon"}, "09:00", "17:00"}}, Presence: presence,
		Shifts: []Shift{{Name: "early", Days: []string{"mon"}, From: "06:00", To: "14:00", Agents: []RosterEntry{{Agent: agent}, {Group: "g"}}}}, Ahead: ahead}
}

// drawHorizon draws moments, some so near that they come within the storm.
func (w *storm) drawHorizon(t *rapid.T, shifts int) Horizon {
	most := 1<<(1+min(shifts, 1)) - 1
	h := Horizon{Zones: pickOne(t, []string{"2026a", "2026b"}, "zones"), FromMs: w.nowMs - pickOne(t, []int64{0, 0, 5000}, "late"), On: uint32(upTo(t, most, "on"))}
	at := h.FromMs
	for range upTo(t, 5, "turns") {
		at += pickOne(t, []int64{1, 500, 60_000, 20 * 60_000, 3_600_000, 3 * dayMs}, "turn")
		h.Turns = append(h.Turns, Turn{AtMs: at, On: uint32(upTo(t, most, "on"))})
	}
	h.UntilMs = at + 1000
	return h
}

func (w *storm) drawBody(t *rapid.T) RuleBody {
	body := RuleBody{On: drawTrigger(t), EvenIfOwned: upTo(t, 3, "even if owned") == 0, Steps: w.drawSteps(t, 2)}
	if upTo(t, 2, "conditional") == 0 {
		body.When = drawCondition(t, 2)
	}
	if len(body.Steps) > 0 {
		body.Steps[0].Label = "top"
	}
	return body
}

func drawTrigger(t *rapid.T) Trigger {
	on := Trigger{On: pickOne(t, append([]string{OnOpened, OnOpened, OnOpened, OnOpened, OnReopened, OnNoReply, OnFirstInbound}, ruleTriggers...), "trigger")}
	narrow := upTo(t, 3, "narrow") == 0
	switch on.On {
	case OnTagApplied, OnTagRemoved:
		on.Tag = pickOne(t, []string{"", "vip", "ruled"}, "of tag")
	case OnFieldChanged:
		on.Field = pickOne(t, []string{"", "f"}, "of field")
	case OnFormSubmitted:
		on.Form = pickOne(t, []string{"", "f1"}, "of form")
	case OnPresence:
		on.Status = pickOne(t, []string{"", "away"}, "of status")
	case OnNoReply:
		on.ForSeconds = pickOne(t, []uint32{1, 60, 3600}, "for")
	case OnScheduleOpened, OnScheduleClosed:
		on.Schedule, on.Team = "s", "t"
	case OnShiftEnded:
		on.Schedule, on.Shift = "s", pickOne(t, []string{"", "early"}, "of shift")
	case OnRule, OnContactQualified:
	default:
		if narrow {
			on.Inbox = stormInbox(t)
		}
	}
	return on
}

func drawCondition(t *rapid.T, deep int) *Condition {
	if deep > 0 && upTo(t, 2, "tree") == 0 {
		a, b := drawCondition(t, deep-1), drawCondition(t, deep-1)
		return pickOne(t, []*Condition{{All: []Condition{*a, *b}}, {Any: []Condition{*a, *b}}, {Not: a}}, "tree")
	}
	return pickOne(t, []*Condition{
		{Field: "contact.new", Op: "is", Value: "true"}, {Field: "contact.tags", Op: "has_not", Value: "vip"}, {Field: "contact.owner", Op: "not_set"},
		{Field: "contact.field.f", Op: "is_not", Value: "b"}, {Field: "contact.qualified", Op: "is", Value: "false"}, {Field: "conversation.inbox", Op: "in", Values: []string{"i", "j"}},
		{Field: "conversation.tags", Op: "has", Value: "ruled"}, {Field: "conversation.unread", Op: "less_than", Value: "3"}, {Field: "conversation.assignee", Op: "set"},
		{Field: "team.eligible", Of: "t", Op: "is", Value: "true"}, {Field: "team.queue_length", Op: "at_most", Value: "2"}, {Field: "agent.open", Of: "a", Op: "at_least", Value: "1"},
		{Field: "schedule.open", Of: "s", Op: "is", Value: "true"}, {Field: "schedule.shift", Of: "s", Op: "has", Value: "early"}, {Field: "form", Op: "is", Value: "f1"},
	}, "condition")
}

func (w *storm) drawSteps(t *rapid.T, deep int) (steps []Step) {
	for range upTo(t, 3, "steps") {
		if deep > 0 && upTo(t, 2, "who") == 0 {
			steps = append(steps, Step{Assign: w.drawAssign(t, deep)})
			continue
		}
		steps = append(steps, w.drawStep(t, deep))
	}
	return steps
}

func (w *storm) drawStep(t *rapid.T, deep int) Step {
	switch kind := upTo(t, 19, "step"); {
	case kind == 0:
		return Step{AddTag: &TagStep{stormTag(t), pickOne(t, []string{"", ofTheContact}, "of")}}
	case kind == 1:
		return Step{RemoveTag: &TagStep{stormTag(t), pickOne(t, []string{"", ofTheContact}, "of")}}
	case kind == 2:
		return Step{SetField: &FieldStep{"f", pickOne(t, []string{"", "a", "b"}, "value")}}
	case kind == 3:
		return Step{SetPriority: &PriorityStep{uint8(upTo(t, 10, "priority"))}}
	case kind == 4:
		return Step{Move: pickOne(t, []*MoveStep{{Inbox: stormInbox(t)}, {Team: stormTeam(t)}}, "move")}
	case kind == 5:
		return Step{SendMessage: &MessageStep{"Hello {{agent.name}}"}}
	case kind == 6:
		return Step{AddComment: &CommentStep{"n" + strconv.Itoa(w.n)}}
	case kind == 7:
		return Step{Notify: pickOne(t, []*NotifyStep{{Agent: stormAgent(t)}, {Assignee: true}, {Supervisors: "t"}}, "notify")}
	case kind == 8:
		return Step{Follow: &FollowStep{stormAgent(t)}}
	case kind < 13:
		return pickOne(t, []Step{{Close: &PlainStep{}}, {Reopen: &PlainStep{}}, {Requeue: &PlainStep{}}, {Snooze: &SnoozeStep{60}}}, "life")
	case kind == 13 && deep > 0:
		return Step{Branch: &BranchStep{drawCondition(t, 1), append(w.drawSteps(t, deep-1), Step{SetPriority: &PriorityStep{1}}), w.drawSteps(t, deep-1)}}
	case kind < 16:
		return Step{Wait: pickOne(t, []*WaitStep{{Seconds: 1}, {Seconds: 60}, {Seconds: 40 * 60}, {Schedule: "s", Until: "opened"}, {Schedule: "s", Until: "closed"}}, "wait")}
	case kind == 16:
		return Step{Jump: &JumpStep{"top"}}
	case kind == 17:
		return Step{TriggerRule: &RuleStep{stormRule(t)}}
	default:
		return Step{Webhook: &WebhookStep{URL: fmt.Sprintf("https://crm.example/%d", w.n), TimeoutSeconds: 5, Retries: uint8(upTo(t, 1, "retries")),
			Save: map[string]string{"f": "data.f"}, Otherwise: w.drawSteps(t, max(deep-1, 0)*upTo(t, 1, "else"))}}
	}
}

func (w *storm) drawAssign(t *rapid.T, deep int) *AssignStep {
	free := upTo(t, 3, "free") == 0
	switch upTo(t, 8, "assign") {
	case 0:
		return &AssignStep{Agent: stormAgent(t), OnlyAvailable: free, Otherwise: w.drawSteps(t, deep-1)}
	case 1:
		return &AssignStep{Owner: true, FewerThan: uint32(upTo(t, 2, "fewer")), Otherwise: w.drawSteps(t, deep-1)}
	case 2:
		return &AssignStep{Field: "f", OnlyAvailable: free}
	case 3:
		return &AssignStep{Nobody: true}
	default:
		within := pickOne(t, []uint32{0, 1, 60, 3600}, "within")
		how := pickOne(t, []AssignTeam{{}, {}, {}, {Strategy: "least_open"}, {AssignTo: "anyone"}, {AssignTo: "not_away", IgnoreLimit: true}, {Schedule: "s"},
			{Match: []string{"language"}}, {Requires: &Requirement{Skill: "vip"}}}, "how")
		return &AssignStep{Team: stormTeam(t), AssignTeam: how, OnlyAvailable: free, WithinSeconds: within, Otherwise: w.drawSteps(t, deep-1)}
	}
}
