package fsm

import (
	"fmt"
	"iter"

	"github.com/rondohq/rondo/rotation"
)

// Asks are what a conversation asks of its team's rotation in place of the team's own
// policy. The zero value asks nothing. They are no restriction: none of them makes a
// cursor (decision 3), since who may take it now changes from moment to moment.
type Asks struct {
	AssignTo  uint8          `cbor:"1,keyasint,omitempty"` // 1 + rotation.Policy; 0: the team's
	Strategy  uint8          `cbor:"2,keyasint,omitempty"` // 1 + Strategy; 0: the team's
	FewerThan uint32         `cbor:"3,keyasint,omitempty"` // only who has fewer open ones; 0: anybody
	AnyLoad   bool           `cbor:"4,keyasint,omitempty"` // limits on open ones do not count for it
	Shift     ScheduleHandle `cbor:"5,keyasint,omitempty"` // only who is on a shift of it (S3.23); 0: anybody
}

// text is the canonical form: what asks alike stands in one line.
func (a Asks) text() string {
	if a == (Asks{}) {
		return ""
	}
	return fmt.Sprintf("\x01%d,%d,%d,%t,%d", a.AssignTo, a.Strategy, a.FewerThan, a.AnyLoad, a.Shift)
}

// over returns the team with the policy that a conversation asks for.
func (a Asks) over(team Team) Team {
	if a.AssignTo > 0 {
		team.Rotation.AssignTo = rotation.Policy(a.AssignTo - 1)
	}
	if a.Strategy > 0 {
		team.Rotation.Strategy = Strategy(a.Strategy - 1)
	}
	team.Rotation.IgnoreCapacity = team.Rotation.IgnoreCapacity || a.AnyLoad
	return team
}

// asksIn says whether something that waits in a team asks for a policy of its own.
func asksIn(s *State, team TeamHandle) bool { return s.Conversations.asking.Of(team) > 0 }

// asksAnywhere says whether anything that waits does.
func asksAnywhere(s *State) bool { return s.Conversations.asking.counts.Len() > 0 }

// verdictFor judges a member of a team for c, whose asks the verdict on her seat does
// not know. team is as c asks for it.
func verdictFor(s *State, team Team, c *Conversation, m Member) rotation.Verdict {
	agent, _ := s.Agents.Get(m.Agent)
	given := givenSince(m.Given, s.NowMs-team.Rate.WindowMs)
	presence := rotation.Judge(agent.Presence.Status, team.Rotation.AssignTo)
	switch {
	case agent.Pending:
		return rotation.NotOnboarded
	case presence != rotation.Eligible:
		return presence
	case asksOf(c).Shift != 0 && !onShift(s, asksOf(c).Shift, m.Agent):
		return rotation.OffShift
	case m.SettledMs != 0 && team.Rotation.AssignTo != rotation.AssignToAnyone:
		return rotation.Settling
	case hasOffer(s, m.Agent):
		return rotation.Offered
	case full(s, team, m.Agent), asksOf(c).FewerThan > 0 && loadOf(s, share{agent: m.Agent}) >= asksOf(c).FewerThan:
		return rotation.AtCapacity
	case team.Rate.Limit > 0 && len(given)/givenBytes >= int(team.Rate.Limit):
		return rotation.RateLimited
	case m.Draining && m.Allowance == 0:
		return rotation.DrainAllowance
	default:
		return rotation.Eligible
	}
}

// mayGet says whether an agent may be picked now for c, of a team where she may be
// picked for what asks nothing, or where something asks for another policy.
func mayGet(s *State, team Team, c *Conversation, agent AgentHandle) bool {
	if hasAsked(c, agent) || !demandOf(s, c).takes(agent) {
		return false
	}
	if asksOf(c) == (Asks{}) {
		return true
	}
	m, seated := s.Members.Of(team.Handle, agent)
	return seated && verdictFor(s, asksOf(c).over(team), c, m) == rotation.Eligible
}

// askedRing is a ring in which each seat is judged anew, by what a conversation asks.
type askedRing struct {
	rotation.Ring
	judge func(AgentHandle) rotation.Verdict
}

// askedOf returns the ring for c, which asks for something, and team as it asks for.
func askedOf(s *State, team Team, c *Conversation, ring rotation.Ring) rotation.Ring {
	return askedRing{ring, func(agent AgentHandle) rotation.Verdict {
		m, _ := s.Members.Of(team.Handle, agent)
		return verdictFor(s, team, c, m)
	}}
}

// After implements rotation.Ring.
func (r askedRing) After(cursor rotation.Key) iter.Seq[rotation.Seat] {
	return func(yield func(rotation.Seat) bool) {
		for seat := range r.Ring.After(cursor) {
			if seat.Verdict = r.judge(AgentHandle(seat.Agent)); !yield(seat) {
				return
			}
		}
	}
}

// Eligible implements rotation.Ring.
func (r askedRing) Eligible(cursor rotation.Key) iter.Seq[rotation.Key] {
	return func(yield func(rotation.Key) bool) {
		for seat := range r.After(cursor) {
			if seat.Verdict == rotation.Eligible && !yield(seat.Key) {
				return
			}
		}
	}
}
