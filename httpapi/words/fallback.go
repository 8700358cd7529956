package words

import (
	"fmt"
	"time"

	"github.com/rondohq/rondo/fsm"
)

// stepOf says which step of which fallback this is, and when that comes.
func stepOf(s story) string {
	if s.decision.FallbackStep == nil {
		return ""
	}
	number := int(*s.decision.FallbackStep)
	home, step, found := stepThen(s, number)
	whose, after := "its fallback", ""
	if found {
		whose = "the fallback of team " + home.Name
		if ms := waitOf(home, number); ms > 0 {
			after = ", due after " + length(ms)
		}
	}
	if found && step.To == fsm.FallbackTeam {
		return fmt.Sprintf("Nobody in team %s could take it. Step %d of %s%s, passes it on to %s.", home.Name, number+1, whose, after, teamName(s))
	}
	return fmt.Sprintf("This is step %d of %s%s.", number+1, whose, after)
}

// stepThen finds the team whose fallback has the step that led here. The record
// does not name it: it is the team where the conversation was before, that of its
// inbox, or this one.
func stepThen(s story, number int) (fsm.Team, fsm.FallbackStep, bool) {
	inbox, _ := s.state.Inboxes.Get(s.rec.Inbox)
	before, _ := decisionBefore(s)
	for _, handle := range []fsm.TeamHandle{before.Team, s.rec.Team, inbox.Team} {
		team := teamThen(s.state, handle, s.rec.Seq)
		if steps := team.Rotation.Steps(); handle != 0 && number < len(steps) && leads(s, steps[number]) {
			return team, steps[number], true
		}
	}
	return fsm.Team{}, fsm.FallbackStep{}, false
}

func leads(s story, step fsm.FallbackStep) bool {
	switch step.To {
	case fsm.FallbackTeam:
		return s.decision.Kind != fsm.DecidedFallback && step.Team == s.rec.Team
	case fsm.FallbackAgent:
		return s.decision.Kind == fsm.DecidedFallback && step.Agent == s.decision.Assignee
	case fsm.FallbackTeamInbox:
		return s.decision.Kind == fsm.DecidedFallback && s.decision.Assignee == 0
	default:
		return false
	}
}

// waitOf is how long after the step before it a step is due: what waits between
// them counts.
func waitOf(team fsm.Team, number int) int64 {
	ms := int64(0)
	for i, step := range team.Rotation.Steps() {
		if ms += step.AfterMs; i == number {
			break
		}
		if step.To != fsm.FallbackWait {
			ms = 0
		}
	}
	return ms
}

// later says what becomes of what waits because of this decision, if it waits on.
func later(s story) string {
	row, ok := s.state.Conversations.Get(s.rec.Conversation)
	if !ok || row.Assignment.State != fsm.StateWaiting || !isLatest(s, row) {
		return ""
	}
	step, dueMs, ok := fsm.NextFallback(s.state, row)
	if !ok {
		return ""
	}
	to := "to the team inbox"
	switch step.To {
	case fsm.FallbackAgent:
		to = "to " + agent(s.state, step.Agent)
	case fsm.FallbackTeam:
		team, _ := s.state.Teams.Get(step.Team)
		to = "on to team " + team.Name
	}
	return "If nobody can take it by then, it goes " + to + " at " + at(dueMs).Format(timeLayout) + " UTC."
}

// length says how long, in the largest unit that is exact.
func length(ms int64) string {
	for _, unit := range []struct {
		of   time.Duration
		name string
	}{{24 * time.Hour, "day"}, {time.Hour, "hour"}, {time.Minute, "minute"}} {
		if n := ms / unit.of.Milliseconds(); n > 0 && ms%unit.of.Milliseconds() == 0 {
			return plural(n, unit.name)
		}
	}
	return plural(ms/1000, "second")
}

func plural(n int64, unit string) string {
	if n == 1 {
		return "1 " + unit
	}
	return fmt.Sprintf("%d %ss", n, unit)
}
