package lint

import (
	"github.com/rondohq/rondo/fsm"
)

// references finds ids of what is not there, or not any more.
func references(rule *judge) {
	j := naming{rule}
	j.inbox("/on/inbox", j.body.On.Inbox)
	j.team("/on/team", j.body.On.Team)
	j.schedule("/on/schedule", j.body.On.Schedule)
	j.shift("/on/shift", j.body.On.Schedule, j.body.On.Shift)
	j.steps(func(s fsm.Step, at place) { j.named(s, at.pointer) })
	j.trees(func(c *fsm.Condition, pointer string) { leaves(c, pointer, j.compared) })
}

// naming is a judge of what a rule names.
type naming struct{ *judge }

func (j naming) named(s fsm.Step, at string) {
	switch {
	case s.Assign != nil:
		j.agent(at+"/assign/agent", s.Assign.Agent)
		j.team(at+"/assign/team", s.Assign.Team)
		j.schedule(at+"/assign/on_shift", s.Assign.Schedule)
	case s.Move != nil:
		j.inbox(at+"/move/inbox", s.Move.Inbox)
		j.team(at+"/move/team", s.Move.Team)
	case s.Notify != nil:
		j.agent(at+"/notify/agent", s.Notify.Agent)
		j.team(at+"/notify/supervisors", s.Notify.Supervisors)
	case s.Follow != nil:
		j.agent(at+"/follow/agent", s.Follow.Agent)
	case s.Wait != nil:
		j.schedule(at+"/wait/schedule", s.Wait.Schedule)
	case s.TriggerRule != nil:
		j.triggered(at+"/trigger_rule/rule", s.TriggerRule.Rule)
	}
}

func (j naming) team(pointer string, id fsm.TeamID) {
	if _, ok := j.state.Teams.ByID(id); id != "" && !ok {
		j.err(UnknownTeam, pointer, "there is no team %q (any more): name another one, or create it first", id)
	}
}

func (j naming) agent(pointer string, id fsm.AgentID) {
	if _, ok := j.state.Agents.ByID(id); id != "" && !ok {
		j.err(UnknownAgent, pointer, "there is no agent %q (any more): name another one, or create her first", id)
	}
}

func (j naming) inbox(pointer string, id fsm.InboxID) {
	if _, ok := j.state.Inboxes.ByID(id); id != "" && !ok {
		j.err(UnknownInbox, pointer, "there is no inbox %q (any more): name another one, or create it first", id)
	}
}

func (j *judge) scheduleOf(id fsm.ScheduleID) (Schedule, bool) {
	if j.world.Schedule == nil || id == "" {
		return Schedule{}, false
	}
	return j.world.Schedule(id)
}

func (j naming) schedule(pointer string, id fsm.ScheduleID) {
	if _, ok := j.scheduleOf(id); id != "" && !ok {
		j.err(UnknownSchedule, pointer, "there is no schedule %q (any more): name another one, or create it first", id)
	}
}

func (j naming) shift(pointer string, of fsm.ScheduleID, name string) {
	if row, ok := j.scheduleOf(of); ok && name != "" && !row.has(name) {
		j.err(UnknownShift, pointer, "schedule %q has no shift %q: name one that it has", of, name)
	}
}

// triggered judges a rule that is to run behind this one.
func (j naming) triggered(pointer string, id fsm.RuleID) {
	row, ok := j.state.Rules.ByID(id)
	if id == j.id {
		return // ruleCycles says it
	}
	switch body := bodyInForce(row); {
	case !ok || row.Removed:
		j.err(UnknownRule, pointer, "there is no rule %q (any more): name another one, or write it first", id)
	case body == nil:
		j.warn(NotPublished, pointer, "rule %q is %s, so nothing happens here: publish it", id, row.State)
		if row.Draft.On.On != fsm.OnRule {
			j.err(NotOnRule, pointer, "rule %q answers to %s, so no other rule can set it off: its trigger must be %q", id, row.Draft.On.On, fsm.OnRule)
		}
	case body.On.On != fsm.OnRule:
		j.err(NotOnRule, pointer, "rule %q answers to %s, so no other rule can set it off: its trigger must be %q", id, body.On.On, fsm.OnRule)
	}
}

// bodyInForce returns what a rule does now; nil: nothing.
func bodyInForce(row fsm.Rule) *fsm.RuleBody {
	if row.Removed || row.State != fsm.RulePublished {
		return nil
	}
	return row.Live
}

// compared judges what a comparison is about and with what it compares.
func (j naming) compared(c *fsm.Condition, pointer string) {
	switch noun, _, _ := cutField(c.Field); noun {
	case "team":
		j.team(pointer+"/of", fsm.TeamID(c.Of))
	case "agent":
		j.agent(pointer+"/of", fsm.AgentID(c.Of))
	case "schedule":
		j.schedule(pointer+"/of", fsm.ScheduleID(c.Of))
	}
	for _, v := range values(c) {
		if noun, gone := j.gone(c, v); gone {
			j.warn(ValueUnknown, pointer, "there is no %s %q (any more), so nothing is ever equal to it: take it out, or name another one", noun, v)
		}
	}
}

// gone says whether a value is the id of something that is not there.
func (j naming) gone(c *fsm.Condition, value string) (noun string, gone bool) {
	ok := true
	switch c.Field {
	case fieldInbox:
		noun = "inbox"
		_, ok = j.state.Inboxes.ByID(fsm.InboxID(value))
	case fieldTeam:
		noun = "team"
		_, ok = j.state.Teams.ByID(fsm.TeamID(value))
	case fieldOwner, fieldAssignee:
		noun = "agent"
		_, ok = j.state.Agents.ByID(fsm.AgentID(value))
	case fieldShift:
		noun = "shift"
		row, known := j.scheduleOf(fsm.ScheduleID(c.Of))
		ok = !known || row.has(value)
	}
	return noun, !ok
}
