package httpapi

import "github.com/rondohq/rondo/fsm"

// An escalationView is a step that a team takes when something takes too long.
type escalationView struct {
	When         string  `json:"when"`
	AfterSeconds int64   `json:"after_seconds"`
	Do           string  `json:"do"`
	Team         *string `json:"team"`
	Agent        *string `json:"agent"`
	Priority     *uint8  `json:"priority"`
	OnlyFirst    bool    `json:"only_first"`
}

// An escalatedView is how far a conversation has come in the escalations of its team.
type escalatedView struct {
	Done []doneEscalationView `json:"done"` // since somebody answered, or a person decided; the first of them first
	Next *nextEscalationView  `json:"next"` // if nothing happens before; null: nothing is due
}

type doneEscalationView struct {
	Team    *string `json:"team"` // whose step it was
	Step    uint8   `json:"step"` // its number in the list of then, from 1
	When    string  `json:"when"`
	Do      string  `json:"do"`
	At      moment  `json:"at"`
	Outcome string  `json:"outcome"`
}

type nextEscalationView struct {
	Step uint8  `json:"step"`
	When string `json:"when"`
	Do   string `json:"do"`
	At   moment `json:"at"`
}

// An eventEscalation says which step an event tells of.
type eventEscalation struct {
	Step    uint8  `json:"step"` // from 1
	Outcome string `json:"outcome"`
}

func viewEscalations(v *fsm.State, steps []fsm.EscalationStep) []escalationView {
	list := make([]escalationView, 0, len(steps))
	for _, step := range steps {
		view := escalationView{When: step.When.String(), AfterSeconds: step.AfterMs / 1000, Do: step.Do.String(),
			Team: teamName(v, step.Team), Agent: agentName(v, step.Agent), OnlyFirst: step.OnlyFirst}
		if step.Do == fsm.EscalatePriority {
			view.Priority = &step.Priority
		}
		list = append(list, view)
	}
	return list
}

// viewEscalated shows nothing of what no step was done for and none is due.
func viewEscalated(v *fsm.State, row fsm.Conversation) *escalatedView {
	if row.Escalated == nil {
		return nil
	}
	view := escalatedView{Done: []doneEscalationView{}}
	for _, done := range row.Escalated.Done {
		view.Done = append(view.Done, doneEscalationView{Team: teamName(v, done.Team), Step: done.Number,
			When: done.Step.When.String(), Do: done.Step.Do.String(), At: moment(done.AtMs), Outcome: done.Outcome.String()})
	}
	if step, number, dueMs, ok := fsm.NextEscalation(v, row); ok {
		view.Next = &nextEscalationView{Step: number, When: step.When.String(), Do: step.Do.String(), At: moment(dueMs)}
	}
	if view.Next == nil && len(view.Done) == 0 {
		return nil
	}
	return &view
}

func viewEventEscalation(rec fsm.Record) *eventEscalation {
	if rec.Event != fsm.ConversationEscalated {
		return nil
	}
	return &eventEscalation{rec.Escalation, rec.Outcome}
}
