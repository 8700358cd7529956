package fsm

import (
	"fmt"
	"strconv"
	"strings"
)

// The limits of escalations. After fewer than MinEscalationSeconds nobody could have
// done anything; see MaxSeconds for the most.
const (
	MaxEscalations       = 10
	MinEscalationSeconds = 5
)

// EscalationSettings are an EscalationStep as clients write it.
type EscalationSettings struct {
	When         string  `json:"when" cbor:"1,keyasint"`
	AfterSeconds uint32  `json:"after_seconds" cbor:"2,keyasint"`
	Do           string  `json:"do" cbor:"3,keyasint"`
	Team         TeamID  `json:"team" cbor:"4,keyasint,omitempty"`
	Agent        AgentID `json:"agent" cbor:"5,keyasint,omitempty"`
	Priority     *uint8  `json:"priority" cbor:"6,keyasint,omitempty"`
	OnlyFirst    bool    `json:"only_first" cbor:"7,keyasint,omitempty"`
}

func checkEscalations(c *checker, own TeamID, list []EscalationSettings) {
	if len(list) > MaxEscalations {
		c.add("/escalations", "too_many", "%d, at most %d are allowed", len(list), MaxEscalations)
		return
	}
	for i, one := range list {
		one.check(c, fmt.Sprintf("/escalations/%d", i), own)
	}
}

func (f EscalationSettings) check(c *checker, at string, own TeamID) {
	required(c, at+"/when", f.When, escalationWhens)
	required(c, at+"/do", f.Do, escalationDos)
	c.seconds(at+"/after_seconds", &f.AfterSeconds, MinEscalationSeconds)
	waits := f.When == WhenWaiting.String()
	if waits && f.Do == EscalateNext.String() {
		c.add(at+"/do", "unexpected", "what waits is given to whoever is next by itself; let it go to a team or an agent, or raise its priority")
	}
	if waits && f.OnlyFirst {
		c.add(at+"/only_first", "unexpected", "it is about who has a conversation, and nobody has what waits; leave it out")
	}
	switch {
	case f.Do == EscalateToTeam.String():
		c.id(at+"/team", string(f.Team))
		if f.Team == own && own != "" {
			c.add(at+"/team", "same", `it is the team itself; name another one, or let it go to the "next"`)
		}
	case f.Team != "":
		c.add(at+"/team", "unexpected", `only "do":"team" has a team`)
	}
	switch {
	case f.Do == EscalateToAgent.String():
		c.id(at+"/agent", string(f.Agent))
	case f.Agent != "":
		c.add(at+"/agent", "unexpected", `only "do":"agent" has an agent`)
	}
	switch {
	case f.Do != EscalatePriority.String():
		if f.Priority != nil {
			c.add(at+"/priority", "unexpected", `only "do":"priority" has a priority`)
		}
	case f.Priority == nil || *f.Priority < 1 || *f.Priority > MaxPriority:
		c.add(at+"/priority", "out_of_range", "say to which it is raised, from 1 to %d", MaxPriority)
	}
}

// required is oneOf for what has no default.
func required(c *checker, pointer, value string, allowed []string) {
	if value == "" {
		c.add(pointer, "required", "one of these is needed: %s", strings.Join(allowed, ", "))
		return
	}
	c.oneOf(pointer, value, allowed...)
}

func resolveEscalations(s *State, c *checker, list []EscalationSettings) (rows []EscalationStep) {
	for i, one := range list {
		at := fmt.Sprintf("/escalations/%d", i)
		agent, ok := s.Agents.ByID(one.Agent)
		if !ok && one.Agent != "" {
			c.add(at+"/agent", "unknown_agent", "there is no agent %q; create it first", one.Agent)
		}
		team, ok := s.Teams.ByID(one.Team)
		if !ok && one.Team != "" {
			c.add(at+"/team", "unknown_team", "there is no team %q; create it first", one.Team)
		}
		when, _ := numberOf(escalationWhens, one.When)
		do, _ := numberOf(escalationDos, one.Do)
		row := EscalationStep{EscalationWhen(when), int64(one.AfterSeconds) * 1000, EscalationDo(do), team.Handle, agent.Handle, 0, one.OnlyFirst}
		if one.Priority != nil {
			row.Priority = *one.Priority
		}
		rows = append(rows, row)
	}
	return rows
}

func quoted[T ~string](id T) string { return strconv.Quote(string(id)) }
