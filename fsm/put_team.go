package fsm

import (
	"slices"

	"github.com/rondohq/rondo/rotation"
)

var _ = register[PutTeam](4, "team.put")

// PutTeam creates or replaces a team: its members and its rotation. Who stays
// keeps her place and who comes waits for her turn (S2.7), however the list is
// changed.
type PutTeam struct {
	ID       TeamID            `json:"id" cbor:"1,keyasint"`
	Name     string            `json:"name" cbor:"2,keyasint"`
	Members  []TeamMember      `json:"members" cbor:"3,keyasint,omitempty"`
	Rotation *RotationSettings `json:"rotation" cbor:"4,keyasint,omitempty"`

	Supervisors  []ListedAgent `json:"supervisors" cbor:"5,keyasint,omitempty"`
	SelfJoin     bool          `json:"self_join" cbor:"6,keyasint,omitempty"`
	WhenAway     string        `json:"when_away" cbor:"15,keyasint,omitempty"`
	DwellSeconds *uint32       `json:"dwell_seconds" cbor:"16,keyasint,omitempty"`
	Greeting     string        `json:"assignment_message" cbor:"19,keyasint,omitempty"` // S3.11; "": none

	AutoAssign       *bool   `json:"auto_assign" cbor:"18,keyasint,omitempty"` // true by default; see HandoverRules
	HeldAlertSeconds *uint32 `json:"held_alert_seconds" cbor:"25,keyasint,omitempty"`

	UnassignOnClose bool `json:"unassign_on_close" cbor:"17,keyasint,omitempty"`

	Capacity *CapacitySettings `json:"capacity" cbor:"20,keyasint,omitempty"`
	Rate     *RateSettings     `json:"rate" cbor:"21,keyasint,omitempty"`

	Escalations []EscalationSettings `json:"escalations" cbor:"30,keyasint,omitempty"`
}

// Check implements Command.
func (c PutTeam) Check() error {
	var check checker
	check.id("/id", string(c.ID))
	check.name("/name", c.Name)
	c.Rotation.check(&check)
	checkTeamMembers(&check, c.Members)
	checkListed(&check, "/supervisors", c.Supervisors, MaxSupervisors)
	check.oneOf("/when_away", c.WhenAway, whenAways...)
	checkGreeting(&check, "/assignment_message", c.Greeting)
	if n := c.DwellSeconds; n != nil && *n > MaxDwellSeconds {
		check.add("/dwell_seconds", "out_of_range", "%d, it must be from 0 to %d", *n, MaxDwellSeconds)
	}
	check.seconds("/held_alert_seconds", c.HeldAlertSeconds, 0)
	c.Capacity.check(&check)
	c.Rate.check(&check)
	checkEscalations(&check, c.ID, c.Escalations)
	return check.err()
}

func (c PutTeam) apply(tx *Tx) (Result, error) {
	old, known := tx.Teams.ByID(c.ID)
	if !known {
		old, _ = tx.Teams.everByID(c.ID)
	}
	roster, supervisors, capacity, escalations, err := c.resolve(tx)
	if err != nil {
		return Result{}, err
	}
	agents := expand(tx.State, roster)
	if err := refuseSeats(tx, Team{Handle: old.Handle, ID: c.ID}, roster, agents); err != nil {
		return Result{}, err
	}

	row := old
	if old.Handle == 0 {
		row = Team{Handle: TeamHandle(tx.mintSmall()), ID: c.ID}
	}
	row.Removed = false
	row.Name, row.Rotation = c.Name, c.Rotation.resolve(tx.State)
	row.Supervisors, row.SelfJoin, row.Greeting = supervisors, c.SelfJoin, c.Greeting
	row.UnassignOnClose = c.UnassignOnClose
	whenAway, _ := numberOf(whenAways, c.WhenAway)
	row.WhenAway, row.DwellMs = WhenAway(whenAway), int64(valueOr(c.DwellSeconds, 0))*1000
	row.HandoverRules = c.handoverRules()
	row.Capacity, row.Rate = capacity, c.Rate.resolve()
	row.Weights = weightings(tx.State, c.Members)
	row.Escalations = escalations
	row = reseatTeam(tx, old, row, roster, agents)
	escalateAnew(tx, old, row)
	return Result{Created: !known, Subject: Subject{NounTeam, uint64(row.Handle)}, Warnings: warnOfTeam(tx, row)}, nil
}

// resolve refuses references to nothing, all of them at once.
func (c PutTeam) resolve(tx *Tx) (roster Roster, supervisors []AgentHandle, capacity Capacity, escalations []EscalationStep, err error) {
	var check checker
	roster = resolveRoster(tx.State, &check, "/members", entriesOf(c.Members))
	supervisors = resolveListed(tx.State, &check, "/supervisors", c.Supervisors)
	capacity = c.Capacity.resolve(tx.State, &check)
	escalations = resolveEscalations(tx.State, &check, c.Escalations)
	if c.Rotation != nil {
		c.Rotation.Fallback.refer(tx.State, c.ID, &check)
	}
	if err := check.as(UnknownReference); err != nil {
		return nil, nil, Capacity{}, nil, err
	}
	if c.Rotation != nil {
		return roster, supervisors, capacity, escalations, c.Rotation.Fallback.refuseCycle(tx.State, c.ID)
	}
	return roster, supervisors, capacity, escalations, nil
}

// refuseMoreTeams keeps a presence change bounded: it touches every team of the
// agent.
func refuseMoreTeams(tx *Tx, team TeamHandle, agent Agent) error {
	if _, member := tx.Members.Of(team, agent.Handle); member {
		return nil
	}
	n := 0
	for range tx.Members.TeamsOf(agent.Handle) {
		n++
	}
	if n >= MaxTeamsOfAgent {
		return reject(TooManyTeams, "agent %q is in %d teams already; leave one first", agent.ID, n)
	}
	return nil
}

// reseat brings the members of a team to the given list and says whether that
// changed anything. Ranks are kept, unless the order is a list, or becomes
// another one; then the cursors are carried to the new ranks.
func reseat(tx *Tx, team Team, before Order, agents []Agent) (changed bool) {
	ring := slices.Collect(tx.Members.Ring(team.Handle).After(rotation.Key{}))
	rerank := team.Rotation.Order == OrderList || team.Rotation.Order != before
	number := numbering(tx, team, before, ring)

	keep := make([]AgentHandle, 0, len(agents))
	for _, a := range agents {
		keep = append(keep, a.Handle)
	}
	slices.Sort(keep)
	for _, s := range ring {
		if _, stays := slices.BinarySearch(keep, AgentHandle(s.Agent)); !stays {
			unseat(tx, team.Handle, AgentHandle(s.Agent))
			changed = true
		}
	}
	for i, a := range agents {
		m, member := tx.Members.Of(team.Handle, a.Handle)
		row := m
		if !member {
			row = Member{Team: team.Handle, Agent: a.Handle, JoinedMs: tx.NowMs, Verdict: rotation.Unavailable}
		}
		row.Position, row.Weight = uint32(i), weightOf(tx.State, team, a.Handle)
		if !member || rerank {
			row.Rank = rankOf(tx, team.Rotation.Order, a, number(a, uint32(i)))
		}
		if row != m {
			tx.Members.Put(row)
			changed = true
		}
	}
	if rerank {
		carryCursors(tx, team, before, ring)
	}
	return changed
}

// unseat removes a member with her timer. Her cursor outlives her.
func unseat(tx *Tx, team TeamHandle, agent AgentHandle) {
	if m, ok := tx.Members.Of(team, agent); ok {
		loseCredits(tx, m)
		tx.Timers.Delete(m.timer())
		tx.Timers.Delete(m.settledTimer())
		tx.Timers.Delete(m.rateTimer())
		tx.Members.Delete(team, agent)
		reviewOffer(tx, agent)
	}
}

// reconsider judges every member anew and serves the queue: the team has changed.
func reconsider(tx *Tx, team Team) {
	if !team.Rotation.drains() {
		endDraining(tx, team)
	}
	for _, s := range slices.Collect(tx.Members.Ring(team.Handle).After(rotation.Key{})) {
		m, _ := tx.Members.Of(team.Handle, AgentHandle(s.Agent))
		agent, _ := tx.Agents.Get(m.Agent)
		rejudge(tx, team, m, agent)
		ownerReturns(tx, m.Agent, TeamChanged)
	}
	if q, ok := tx.Queues.Get(team.Handle); ok {
		oldest, _ := oldestIn(tx.Conversations, team.Handle)
		setAlert(tx, &q, team, oldest.Assignment.SinceMs)
		tx.Queues.Put(q)
		serve(tx, team, TeamChanged)
	}
	fallDue(tx, team.Handle, TeamChanged)
	tx.waits = append(tx.waits, team.Handle)
}
