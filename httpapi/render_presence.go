package httpapi

import "github.com/rondohq/rondo/fsm"

type presenceView struct {
	Status       string    `json:"status"`
	Reason       *string   `json:"reason"`
	Since        moment    `json:"since"`
	By           string    `json:"by"`
	Until        moment    `json:"until"`
	LeaseSeconds *int64    `json:"lease_seconds"`
	LeaseExpires moment    `json:"lease_expires"`
	Planned      *planView `json:"planned"`
}

type planView struct {
	Status       string  `json:"status"`
	Reason       *string `json:"reason"`
	From         moment  `json:"from"`
	Until        moment  `json:"until"`
	LeaseSeconds *int64  `json:"lease_seconds"`
	By           string  `json:"by"`
}

func viewPresence(v *fsm.State, row fsm.Agent) presenceView {
	p := row.Presence
	view := presenceView{
		Status: p.Status.String(), Reason: orNull(p.Reason), Since: moment(p.SinceMs), By: p.By, Until: moment(p.UntilMs),
		LeaseSeconds: seconds(p.Lease.PeriodMs), LeaseExpires: moment(p.LeaseExpiresMs(v)),
	}
	if plan := row.Plan; plan.FromMs != 0 {
		view.Planned = &planView{plan.Status.String(), orNull(plan.Reason), moment(plan.FromMs), moment(plan.UntilMs), seconds(plan.LeaseMs), plan.By}
	}
	return view
}

// seconds shows a length of time; 0 is null.
func seconds(ms int64) *int64 {
	if ms == 0 {
		return nil
	}
	return new(ms / 1000)
}

// A presenceSpan is what an agent was for a time.
type presenceSpan struct {
	ID        string  `json:"id"` // of the event
	Status    string  `json:"status"`
	Reason    *string `json:"reason"`
	From      moment  `json:"from"`
	To        moment  `json:"to"`    // null: she still is
	Until     moment  `json:"until"` // what was said of its end
	By        string  `json:"by"`
	PlannedBy *string `json:"planned_by"`
}

// A pastPresence is a record of a presence, with the time at which the next one
// followed; 0: none yet.
type pastPresence struct {
	fsm.Record
	toMs int64
}

func viewSpan(p pastPresence) presenceSpan {
	return presenceSpan{
		ID: p.ID.String(), Status: p.Status.String(), Reason: orNull(p.Reason), From: moment(p.TimeMs), To: moment(p.toMs),
		Until: moment(p.UntilMs), By: p.Actor, PlannedBy: orNull(p.PlannedBy),
	}
}
