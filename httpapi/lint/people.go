package lint

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rondohq/rondo/fsm"
)

// targets judges the teams that a rule brings conversations to: whether anybody in
// them can ever take one.
func targets(rule *judge) {
	j := people{rule}
	j.steps(func(s fsm.Step, at place) {
		switch {
		case s.Assign != nil && s.Assign.Team != "":
			if j.turns(at.pointer+"/assign/team", s.Assign.Team) {
				j.eligible(at, *s.Assign)
			}
		case s.Move != nil && s.Move.Team != "":
			j.turns(at.pointer+"/move/team", s.Move.Team)
		}
	})
}

// people is a judge of who may take what a rule assigns.
type people struct{ *judge }

// turns judges the rotation of a team by itself (S2.13), and says whether it has
// members.
func (j people) turns(pointer string, id fsm.TeamID) (members bool) {
	team, ok := j.state.Teams.ByID(id)
	if !ok {
		return false // references says it
	}
	if team.Members == 0 {
		if way := j.wayOut(team); way != "" {
			j.warn(TeamEmpty, pointer, "nobody is in team %q, so all of it goes to %s by the team's fallback: add members, or name that one here", id, way)
		} else {
			j.err(TeamEmpty, pointer, "nobody is in team %q, so what the rule brings waits for ever: add members, or name another team", id)
		}
		return false
	}
	if team.ByHand {
		j.warn(TeamByHand, pointer, "team %q gives out nothing by itself, so a person must claim what the rule brings: set auto_assign of the team, or name another one", id)
	}
	if ids := j.idleInboxes(team); len(ids) > 0 {
		j.warn(TeamNotInRotation, pointer, "no inbox of team %q is in mode rotation (%s); what this rule brings takes turns all the same: turn the rotation on, or name another team", id, short(ids))
	}
	return true
}

// idleInboxes returns the inboxes of a team if none of them is in mode rotation. A
// team without any is one that rules choose (S3.15), which is as it should be.
func (j people) idleInboxes(team fsm.Team) (ids []string) {
	for inbox := range j.state.Inboxes.FromID("") {
		switch {
		case inbox.Team != team.Handle:
		case inbox.Mode == fsm.ModeRotation:
			return nil
		default:
			ids = append(ids, string(inbox.ID)+": "+inbox.Mode.String())
		}
	}
	return ids
}

// wayOut says where the fallback of a team leads; "": nowhere.
func (j people) wayOut(team fsm.Team) string {
	for _, step := range team.Rotation.Steps() {
		switch step.To {
		case fsm.FallbackTeamInbox:
			return "whoever claims it"
		case fsm.FallbackAgent:
			if agent, ok := j.state.Agents.Get(step.Agent); ok && !agent.Removed {
				return fmt.Sprintf("agent %q", agent.ID)
			}
		case fsm.FallbackTeam:
			if next, ok := j.state.Teams.Get(step.Team); ok && !next.Removed && next.Members > 0 {
				return fmt.Sprintf("team %q", next.ID)
			}
		}
	}
	return ""
}

// eligible judges whether any member of a team could ever take what a step assigns.
func (j people) eligible(at place, step fsm.AssignStep) {
	team, _ := j.state.Teams.ByID(step.Team)
	inbox := j.inboxAt(at)
	if j.anybody(at, step, inbox, team) {
		return
	}
	why := j.wants(at, step, inbox)
	if why == "" {
		why = "is onboarded"
	}
	if way := j.wayOut(team); way != "" {
		j.warn(NobodyEligible, at.pointer+"/assign", "nobody in team %q %s, so all of it goes to %s by the team's fallback: change the members, or what the step asks", team.ID, why, way)
		return
	}
	if len(step.Otherwise) > 0 {
		j.warn(NobodyEligible, at.pointer+"/assign", "nobody in team %q %s, so it goes on with what stands in otherwise: change the members, or what the step asks", team.ID, why)
		return
	}
	if step.Match = certain(step.Match, requiredAt(at, step)); j.anybody(at, step, inbox, team) { // not every contact has what is matched
		j.warn(NobodyEligible, at.pointer+"/assign", "nobody in team %q %s, so what comes from a contact that has one waits for ever: change the members, or what the step asks", team.ID, why)
		return
	}
	j.err(NobodyEligible, at.pointer+"/assign", "nobody in team %q %s, so nobody can ever take it: change the members, or what the step asks", team.ID, why)
}

// certain returns what is matched whatever the contact: the rule knows its value.
func certain(match []string, known fsm.Requirement) []string {
	return slices.DeleteFunc(slices.Clone(match), func(name string) bool {
		return name == "language" && known.Language == "" || name == "region" && known.Region == ""
	})
}

// anybody says whether a member of a team could take what a step assigns.
func (j people) anybody(at place, step fsm.AssignStep, inbox fsm.Inbox, team fsm.Team) bool {
	return slices.ContainsFunc(j.state.MembersOf(team.Handle), func(m fsm.Member) bool { return j.mayTake(at, step, inbox, m.Agent) })
}

// inboxAt returns the inbox of what comes to a step, if the rule says it.
func (j people) inboxAt(at place) fsm.Inbox {
	id, _ := at.givenValue(fieldInbox)
	inbox, _ := j.state.Inboxes.ByID(fsm.InboxID(id))
	return inbox
}

func (j people) mayTake(at place, step fsm.AssignStep, inbox fsm.Inbox, handle fsm.AgentHandle) bool {
	agent, ok := j.state.Agents.Get(handle)
	if !ok || agent.Pending || !fsm.InboxAllows(j.state, inbox, handle) {
		return false
	}
	required := requiredAt(at, step)
	if !required.MetBy(agent) {
		return false
	}
	return (!slices.Contains(step.Match, "language") || required.Language != "" || len(agent.Languages) > 0) &&
		(!slices.Contains(step.Match, "region") || required.Region != "" || len(agent.Regions) > 0)
}

// requiredAt returns what a step asks for certain: what it says, and what the
// contact is known to have there.
func requiredAt(at place, step fsm.AssignStep) (r fsm.Requirement) {
	if step.Requires != nil {
		r = *step.Requires
	}
	if value, ok := at.givenValue(fieldLanguage); ok && r.Language == "" && slices.Contains(step.Match, "language") {
		r.Language = value
	}
	if value, ok := at.givenValue(fieldRegion); ok && r.Region == "" && slices.Contains(step.Match, "region") {
		r.Region = value
	}
	return r
}

// wants says in words what nobody has.
func (j people) wants(at place, step fsm.AssignStep, inbox fsm.Inbox) string {
	var parts []string
	r := requiredAt(at, step)
	for _, part := range []struct{ name, value string }{{"language", r.Language}, {"region", r.Region}, {"skill", r.Skill}} {
		if part.value != "" {
			parts = append(parts, part.name+" "+part.value)
		} else if slices.Contains(step.Match, part.name) {
			parts = append(parts, "a "+part.name)
		}
	}
	says := ""
	if len(parts) > 0 {
		says = "has " + strings.Join(parts, " and ")
	}
	if inbox.Handle != 0 && len(inbox.People.Access)+len(inbox.People.Members) > 0 {
		if says != "" {
			says += " and "
		}
		says += fmt.Sprintf("may take what comes by inbox %q", inbox.ID)
	}
	return says
}

// agents judges the agents that a rule names: whether they may see what they get.
func agents(rule *judge) {
	j := people{rule}
	j.steps(func(s fsm.Step, at place) {
		switch {
		case s.Assign != nil && s.Assign.Agent != "":
			agent, ok := j.state.Agents.ByID(s.Assign.Agent)
			if ok && agent.Pending {
				j.warn(AgentNotOnboarded, at.pointer+"/assign/agent", "agent %q is not onboarded: she gets it all the same; name another one until she is", agent.ID)
			}
			j.access(Error, at, at.pointer+"/assign/agent", s.Assign.Agent)
		case s.Notify != nil:
			j.access(Warning, at, at.pointer+"/notify/agent", s.Notify.Agent)
		case s.Follow != nil:
			j.access(Warning, at, at.pointer+"/follow/agent", s.Follow.Agent)
		}
	})
}

// access judges whether an agent may see what she gets. Where the rule does not say
// from which inbox it comes it is a warning.
func (j people) access(severity Severity, at place, pointer string, id fsm.AgentID) {
	agent, ok := j.state.Agents.ByID(id)
	if !ok {
		return
	}
	if inbox := j.inboxAt(at); inbox.Handle != 0 {
		if !fsm.HasAccess(j.state, inbox, agent) {
			j.add(severity, AgentNoAccess, pointer, "agent %q has no access to inbox %q, so she may not see it: give her access, or name another one", id, inbox.ID)
		}
		return
	}
	var closed []string
	for inbox := range j.state.Inboxes.FromID("") {
		if !fsm.HasAccess(j.state, inbox, agent) {
			closed = append(closed, string(inbox.ID))
		}
	}
	if len(closed) > 0 {
		j.warn(AgentNoAccess, pointer, "agent %q has no access to what comes by inbox %s: give her access, or let the trigger name another inbox", id, short(closed))
	}
}

// short lists a few of many.
func short(ids []string) string {
	const enough = 3
	if len(ids) <= enough {
		return strings.Join(ids, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(ids[:enough], ", "), len(ids)-enough)
}
