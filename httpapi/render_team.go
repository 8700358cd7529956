package httpapi

import (
	"github.com/rondohq/rondo/fsm"
)

type teamView struct {
	ID      fsm.TeamID       `json:"id"`
	Name    string           `json:"name"`
	Members []teamMemberView `json:"members"` // as listed
	Seats   []*string        `json:"seats"`

	Supervisors []listedView   `json:"supervisors"`
	SelfJoin    bool           `json:"self_join"`
	Rotation    rotationConfig `json:"rotation"`
	Revision    uint64         `json:"revision"`

	teamRules
	teamLimits

	Warnings []warningView `json:"warnings,omitempty"` // of the change that this answers
}

// teamRules are how a team deals with its people, with what is passed on, and with
// customers.
type teamRules struct {
	absenceRules
	handoverRules
	AssignmentMessage *string `json:"assignment_message"` // template; null: none

	Escalations []escalationView `json:"escalations"`
}

// absenceRules are what a team does when somebody goes away and comes back.
type absenceRules struct {
	WhenAway     string `json:"when_away"`
	DwellSeconds int64  `json:"dwell_seconds"`

	UnassignOnClose bool `json:"unassign_on_close"`
}

type rotationConfig struct {
	Strategy             string       `json:"strategy"`
	Order                string       `json:"order"`
	OnReturn             string       `json:"on_return"`
	LeastOpenBy          string       `json:"least_open_by"`
	RespectCapacity      bool         `json:"respect_capacity"`
	ExcludeTags          []string     `json:"exclude_tags"`
	AssignTo             string       `json:"assign_to"`
	Per                  string       `json:"per"`
	Fallback             fallbackView `json:"fallback"`
	DrainBurst           uint32       `json:"drain_burst"`
	DrainIntervalSeconds int64        `json:"drain_interval_seconds"`
	AlertAfterSeconds    int64        `json:"alert_after_seconds"`
	offerConfig
}

// An offerConfig is how a team asks instead of assigns.
type offerConfig struct {
	OfferSeconds      int64 `json:"offer_seconds"`
	OfferPauseSeconds int64 `json:"offer_pause_seconds"`
}

func viewTeam(v *fsm.State, row fsm.Team) teamView {
	now, _ := fsm.PresentRevision(v, fsm.Subject{Noun: fsm.NounTeam, Handle: uint64(row.Handle)})
	return viewTeamOf(v, row, now.Seats)
}

// viewTeamOf shows a team with these seats, as listed.
func viewTeamOf(v *fsm.State, row fsm.Team, seats []fsm.AgentHandle) teamView {
	names := make([]*string, 0, len(seats))
	var roster fsm.Roster
	for _, agent := range seats {
		names = append(names, agentName(v, agent))
		roster = append(roster, fsm.Participant{Agent: agent})
	}
	if row.Roster != nil {
		roster = row.Roster
	}
	return teamView{ID: row.ID, Name: row.Name, Members: viewTeamMembers(v, row, roster), Seats: names,
		Supervisors: viewListed(v, row.Supervisors), SelfJoin: row.SelfJoin,
		teamRules: teamRules{
			absenceRules{WhenAway: row.WhenAway.String(), DwellSeconds: row.DwellMs / 1000, UnassignOnClose: row.UnassignOnClose},
			handoverRules{AutoAssign: !row.ByHand, HeldAlertSeconds: row.HeldAlertSeconds()},
			orNull(row.Greeting), viewEscalations(v, row.Escalations),
		},
		teamLimits: teamLimits{viewCapacity(v, row.Capacity), viewRate(row.Rate)},
		Rotation:   viewRotationConfig(v, row.Rotation), Revision: row.Revision}
}

func viewRotationConfig(v *fsm.State, r fsm.Rotation) rotationConfig {
	const msPerSecond = 1000
	return rotationConfig{
		Strategy: r.Strategy.String(), Order: r.Order.String(), AssignTo: r.AssignTo.String(), Per: r.Per.String(),
		LeastOpenBy: r.LeastOpenBy.String(), RespectCapacity: !r.IgnoreCapacity,
		OnReturn: r.OnReturn.String(), ExcludeTags: orEmpty(r.ExcludeTags), Fallback: viewFallback(v, r.Steps()),
		DrainBurst: r.DrainBurst, DrainIntervalSeconds: r.DrainIntervalMs / msPerSecond, AlertAfterSeconds: r.AlertAfterMs / msPerSecond,
		offerConfig: offerConfig{OfferSeconds: r.OfferMs / msPerSecond, OfferPauseSeconds: r.Pause() / msPerSecond},
	}
}

// A rotationView is whose turn it is in a team, and why not the others'.
type rotationView struct {
	Team       fsm.TeamID `json:"team"`
	Strategy   string     `json:"strategy"`
	Order      string     `json:"order"`
	Per        string     `json:"per"`
	OrderStale bool       `json:"order_stale"` // somebody was renamed since she took her place
	rotationTurns
	Members []seatView  `json:"members"` // in the order of their turns
	Waiting waitingView `json:"waiting"`
}

type seatView struct {
	Agent           *string `json:"agent"`
	Eligible        bool    `json:"eligible"`
	Reason          *string `json:"reason"` // why not
	Position        uint32  `json:"position"`
	Draining        bool    `json:"draining"`
	Allowance       *uint32 `json:"allowance"` // what she may still take of the queue; null: no limit
	NextAllowanceAt moment  `json:"next_allowance_at"`
}

type waitingView struct {
	Count       uint32 `json:"count"`
	OldestSince moment `json:"oldest_since"`
	Alerted     bool   `json:"alerted"`
}

// viewRotation shows the rotation of a team, and the next turns in the ring that
// serves inbox: in a team with a ring for each inbox there are none without one.
func viewRotation(v *fsm.State, row fsm.Team, inbox fsm.InboxHandle) rotationView {
	view := rotationView{
		Team: row.ID, Strategy: row.Rotation.Strategy.String(), Order: row.Rotation.Order.String(), Per: row.Rotation.Per.String(),
		rotationTurns: viewTurns(v, row, inbox), Members: []seatView{}, Waiting: viewWaiting(v, row.Handle),
	}
	for _, m := range v.MembersOf(row.Handle) {
		agent, _ := v.Agents.Get(m.Agent)
		view.OrderStale = view.OrderStale || row.Rotation.Order == fsm.OrderName && m.Rank != agent.SortKey
		view.Members = append(view.Members, viewSeat(agent, m))
	}
	return view
}

func viewSeat(agent fsm.Agent, m fsm.Member) seatView {
	view := seatView{
		Agent: orNull(agent.ID), Eligible: m.Eligible(), Position: m.Position,
		Draining: m.Draining, NextAllowanceAt: moment(m.AllowanceMs),
	}
	if !view.Eligible {
		view.Reason = orNull(m.Verdict.String())
	}
	if m.Draining {
		view.Allowance = &m.Allowance
	}
	return view
}

func viewWaiting(v *fsm.State, team fsm.TeamHandle) waitingView {
	queue, ok := v.Queues.Get(team)
	if !ok {
		return waitingView{}
	}
	view := waitingView{Count: queue.Waiting, Alerted: queue.Alerted}
	for c := range v.Conversations.Queue(team) {
		view.OldestSince = moment(c.Assignment.SinceMs)
		break
	}
	return view
}
