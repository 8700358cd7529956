package fsm

import (
	"cmp"
	"slices"

	"github.com/rondohq/rondo/rotation"
)

// How many open conversations an agent may have: in all, in a team and in an
// inbox. All limits must hold (K59, K65, K100), and automation never exceeds
// them: who is at a limit is passed over as at_capacity, and what waits goes on
// as soon as she has a place. A person may, and is told so.
//
// The limits of the agent and of the team are part of the verdict on her seat.
// That of an inbox depends on the conversation, so it narrows the ring as a demand
// does, but has no cursor of its own (decision 3).

// Limits are what an agent takes at most, wherever it comes from. 0 is no limit.
type Limits struct {
	Open uint32 `cbor:"1,keyasint,omitempty"`
}

// A Capacity is how many open conversations of a team, or of an inbox, one agent
// takes at most.
type Capacity struct {
	Open   uint32       `cbor:"1,keyasint,omitempty"` // for everybody; 0: no limit
	Agents []AgentLimit `cbor:"2,keyasint,omitempty"` // instead of it, sorted by agent; replaced, never changed
}

// An AgentLimit is one agent's own limit.
type AgentLimit struct {
	_     struct{} `cbor:",toarray"`
	Agent AgentHandle
	Open  uint32
}

// Of returns the limit of an agent; 0 is none.
func (c Capacity) Of(agent AgentHandle) uint32 {
	at, own := slices.BinarySearchFunc(c.Agents, agent, func(l AgentLimit, agent AgentHandle) int { return cmp.Compare(l.Agent, agent) })
	if own {
		return c.Agents[at].Open
	}
	return c.Open
}

func (c Capacity) limits() bool { return c.Open > 0 || len(c.Agents) > 0 }

func (c Capacity) equal(other Capacity) bool {
	return c.Open == other.Open && slices.Equal(c.Agents, other.Agents)
}

func (c Capacity) without(agent AgentHandle) Capacity {
	c.Agents = orNil(slices.DeleteFunc(slices.Clone(c.Agents), func(l AgentLimit) bool { return l.Agent == agent }))
	return c
}

// unlimited says whether there are no limits at all: then none has to be looked for,
// at each of the many places where one might count.
func unlimited(s *State) bool {
	return s.Agents.limited.Len() == 0 && s.Teams.limited.Len() == 0 && s.Inboxes.limited.Len() == 0
}

// limitOn returns the limit on a share; 0 is none. Where no row of the kind has any
// it looks at none.
func limitOn(s *State, at share) uint32 {
	switch {
	case at.inbox != 0:
		if s.Inboxes.limited.Len() == 0 {
			return 0
		}
		inbox, _ := s.Inboxes.Get(at.inbox)
		return inbox.Capacity.Of(at.agent)
	case at.team != 0:
		if s.Teams.limited.Len() == 0 {
			return 0
		}
		team, _ := s.Teams.Get(at.team)
		return team.Capacity.Of(at.agent)
	case s.Agents.limited.Len() == 0:
		return 0
	default:
		agent, _ := s.Agents.Get(at.agent)
		return agent.Limits.Open
	}
}

func reached(s *State, at share) bool {
	limit := limitOn(s, at)
	return limit > 0 && loadOf(s, at) >= limit
}

// full says whether an agent can take nothing more that the rotation of a team
// gives: she has come to her own limit, or to the team's.
func full(s *State, team Team, agent AgentHandle) bool {
	return !team.Rotation.IgnoreCapacity && (reached(s, share{agent: agent}) ||
		team.Handle != 0 && reached(s, share{agent: agent, team: team.Handle}))
}

// inboxFull says whether an agent can take nothing more of c's inbox.
func inboxFull(s *State, c *Conversation, agent AgentHandle) bool {
	return c.Inbox != 0 && !asksOf(c).AnyLoad && reached(s, share{agent: agent, inbox: c.Inbox}) && !ignoresCapacity(s, c.Assignment.Team)
}

func ignoresCapacity(s *State, team TeamHandle) bool {
	row, _ := s.Teams.Get(team)
	return row.Rotation.IgnoreCapacity
}

// crowded says whether any limit forbids automation to give c, as a conversation
// of a team, to an agent who does not have it yet.
func crowded(s *State, c *Conversation, team TeamHandle, agent AgentHandle) bool {
	if unlimited(s) {
		return false
	}
	m, member := s.Members.Of(team, agent)
	return member && (m.Verdict == rotation.RateLimited || ratedByOffer(s, m)) || crowdedBy(s, c, team, agent)
}

// crowdedBy is crowded by what she has open, whatever she was given of late.
func crowdedBy(s *State, c *Conversation, handle TeamHandle, agent AgentHandle) bool {
	team, _ := s.Teams.Get(handle)
	team = asksOf(c).over(team)
	return full(s, team, agent) ||
		c.Inbox != 0 && !team.Rotation.IgnoreCapacity && reached(s, share{agent: agent, inbox: c.Inbox})
}

// exceeds says whether giving c to somebody takes her over a limit. What counts
// for her already does not.
func exceeds(s *State, c *Conversation, next Assignment) bool {
	if unlimited(s) || asksOf(c).AnyLoad {
		return false
	}
	row, team := *c, TeamHandle(0)
	row.Assignment = next
	to := shareOf(&row)
	if to.agent == 0 {
		return false
	}
	if team = to.team; ignoresCapacity(s, team) {
		return false
	}
	var from share
	if old, ok := s.Conversations.Get(c.Handle); ok {
		from = shareOf(&old)
	}
	return from.agent != to.agent && reached(s, share{agent: to.agent}) ||
		team != 0 && from.inTeam() != to.inTeam() && reached(s, share{agent: to.agent, team: team}) ||
		to.inbox != 0 && from.inInbox() != to.inInbox() && reached(s, share{agent: to.agent, inbox: to.inbox})
}

// overLimit says whether an agent has more than a limit allows, of those that
// count for a conversation she has.
func overLimit(s *State, c Conversation) bool {
	at := shareOf(&c)
	if at.agent == 0 || asksOf(&c).AnyLoad || ignoresCapacity(s, at.team) {
		return false
	}
	over := func(at share) bool {
		limit := limitOn(s, at)
		return limit > 0 && loadOf(s, at) > limit
	}
	return over(share{agent: at.agent}) || at.team != 0 && over(share{agent: at.agent, team: at.team}) ||
		at.inbox != 0 && over(share{agent: at.agent, inbox: at.inbox})
}

// fillVacancies gives what waits to those who have a place again: in all teams
// where the limit counted, beginning with the one whose queue has the most urgent
// and oldest conversation.
func fillVacancies(tx *Tx) {
	for watchLimits(tx); len(tx.vacant) > 0; watchLimits(tx) {
		list := tx.vacant
		tx.vacant = nil
		tx.because, tx.said, tx.undoes = EventNone, "", RecordID{} // that was of what freed the place
		for _, v := range list {
			fillVacancy(tx, v)
		}
	}
}

func fillVacancy(tx *Tx, v vacancy) {
	agent, _ := tx.Agents.Get(v.agent)
	var teams []Team
	for handle := range tx.Members.TeamsOf(v.agent) {
		if v.team != 0 && v.team != handle {
			continue
		}
		team, _ := tx.Teams.Get(handle)
		m, _ := tx.Members.Of(handle, v.agent)
		if rejudge(tx, team, m, agent) || v.inbox != 0 && m.Verdict == rotation.Eligible {
			teams = append(teams, team)
		}
	}
	mostUrgentFirst(tx, teams)
	for _, team := range teams {
		serveFor(tx, team, v.agent, v.because)
	}
	if v.because.endsOffer() {
		endLaps(tx, v)
	}
	ownerReturns(tx, v.agent, v.because)
}

// mostUrgentFirst sorts teams by the most urgent and oldest that waits in them: with
// few places, no team must starve behind another.
func mostUrgentFirst(tx *Tx, teams []Team) {
	head := func(team Team) (at place, waits bool) {
		at, waits = first(tx.Conversations.queues.From(place{team: team.Handle}))
		waits = waits && at.team == team.Handle
		at.team = 0
		return at, waits
	}
	slices.SortStableFunc(teams, func(a, b Team) int {
		first, waits := head(a)
		second, too := head(b)
		switch {
		case waits && !too:
			return -1
		case too && !waits:
			return 1
		default:
			return first.compare(second)
		}
	})
}

// also adds to whom a turn passed over the agent of a fallback, who is at a limit.
func also(turn rotation.Turn, agent AgentHandle) ([]rotation.Seat, []rotation.Count) {
	named := func(s rotation.Seat) bool { return AgentHandle(s.Agent) == agent }
	if len(turn.Passed) >= rotation.PassedOverLimit || slices.ContainsFunc(turn.Passed, named) {
		return turn.Passed, turn.Counts
	}
	list := append(slices.Clip(turn.Passed), rotation.Seat{Key: rotation.Key{Agent: uint32(agent)}, Verdict: rotation.AtCapacity})
	counts := slices.Clone(turn.Counts)
	at, found := slices.BinarySearchFunc(counts, rotation.AtCapacity, func(c rotation.Count, v rotation.Verdict) int { return cmp.Compare(c.Verdict, v) })
	if !found {
		counts = slices.Insert(counts, at, rotation.Count{Verdict: rotation.AtCapacity})
	}
	counts[at].N++
	return list, counts
}
