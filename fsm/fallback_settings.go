package fsm

import (
	"fmt"
	"strings"
)

// MaxFallbackSteps bounds a chain of fallbacks.
const MaxFallbackSteps = 8

// FallbackSettings says what happens when nobody may be picked: at once, or
// after so many seconds. Then is the next step, for when this one was no help:
// after a wait, or when nobody may be picked in the other team either. The
// seconds of each step count from the one before it.
type FallbackSettings struct {
	To           string            `json:"to" cbor:"1,keyasint,omitempty"`
	Agent        AgentID           `json:"agent" cbor:"2,keyasint,omitempty"`
	Team         TeamID            `json:"team" cbor:"3,keyasint,omitempty"`
	AfterSeconds *uint32           `json:"after_seconds" cbor:"4,keyasint,omitempty"`
	Then         *FallbackSettings `json:"then" cbor:"5,keyasint,omitempty"`
}

// each calls visit with every step and the JSON pointer to it.
func (f *FallbackSettings) each(visit func(pointer string, f *FallbackSettings)) {
	pointer := "/rotation/fallback"
	for ; f != nil; f, pointer = f.Then, pointer+"/then" {
		visit(pointer, f)
	}
}

func (f *FallbackSettings) check(c *checker) {
	steps := 0
	f.each(func(pointer string, f *FallbackSettings) {
		if steps++; steps > MaxFallbackSteps {
			if steps == MaxFallbackSteps+1 {
				c.add(pointer, "too_many", "at most %d steps are allowed", MaxFallbackSteps)
			}
			return
		}
		c.oneOf(pointer+"/to", f.To, fallbacks...)
		c.seconds(pointer+"/after_seconds", f.AfterSeconds, 0)
		switch {
		case f.To == FallbackAgent.String():
			c.id(pointer+"/agent", string(f.Agent))
		case f.Agent != "":
			c.add(pointer+"/agent", "unexpected", `only "to":"agent" has an agent`)
		}
		switch {
		case f.To == FallbackTeam.String():
			c.id(pointer+"/team", string(f.Team))
		case f.Team != "":
			c.add(pointer+"/team", "unexpected", `only "to":"team" has a team`)
		}
		if f.Then != nil && (f.To == FallbackAgent.String() || f.To == FallbackTeamInbox.String()) {
			c.add(pointer+"/then", "unexpected", "nothing comes after %q: it always succeeds", f.To)
		}
	})
}

// refer refuses references to nothing. The team itself is not one of them, since
// it may be new: that is a cycle.
func (f *FallbackSettings) refer(s *State, team TeamID, c *checker) {
	f.each(func(pointer string, f *FallbackSettings) {
		if _, ok := s.Agents.ByID(f.Agent); !ok && f.Agent != "" {
			c.add(pointer+"/agent", "unknown_agent", "there is no agent %q; create it first", f.Agent)
		}
		if _, ok := s.Teams.ByID(f.Team); !ok && f.Team != "" && f.Team != team {
			c.add(pointer+"/team", "unknown_team", "there is no team %q; create it first", f.Team)
		}
	})
}

// refuseCycle refuses a chain by which a conversation could come back to a team
// that it has left: it would go round for ever. The path is named.
func (f *FallbackSettings) refuseCycle(s *State, team TeamID) error {
	home, _ := s.Teams.ByID(team)
	clean := map[TeamHandle]bool{} // no way home from there
	var search func(at TeamHandle) []string
	search = func(at TeamHandle) []string {
		row, _ := s.Teams.Get(at)
		if at == home.Handle {
			return []string{string(row.ID)}
		}
		if clean[at] {
			return nil
		}
		clean[at] = true
		for _, step := range row.Rotation.steps() {
			if step.To != FallbackTeam {
				continue
			}
			if path := search(step.Team); path != nil {
				return append([]string{string(row.ID)}, path...)
			}
		}
		return nil
	}
	var found *Rejection
	f.each(func(pointer string, f *FallbackSettings) {
		if f.Team == "" || found != nil {
			return
		}
		next, known := s.Teams.ByID(f.Team)
		path := []string{string(team)}
		if known && f.Team != team {
			path = search(next.Handle)
		}
		if path == nil {
			return
		}
		detail := fmt.Sprintf("conversations would go round for ever: %s; choose another team", strings.Join(append([]string{string(team)}, path...), " -> "))
		found = &Rejection{Reason: FallbackCycle, Detail: detail, Fields: []FieldError{{pointer + "/team", string(FallbackCycle), detail}}}
	})
	if found == nil {
		return nil
	}
	return found
}

// resolve returns the chain that the settings stand for.
func (f *FallbackSettings) resolve(s *State) FallbackChain {
	var list []FallbackStep
	f.each(func(_ string, f *FallbackSettings) {
		to, _ := numberOf(fallbacks, f.To)
		agent, _ := s.Agents.ByID(f.Agent)
		team, _ := s.Teams.ByID(f.Team)
		list = append(list, FallbackStep{FallbackTo(to), agent.Handle, team.Handle, int64(valueOr(f.AfterSeconds, 0)) * 1000})
	})
	if list == nil {
		return FallbackChain{}
	}
	chain := FallbackChain{Fallback: list[0].To, FallbackAgent: list[0].Agent, FallbackTeam: list[0].Team, FallbackAfterMs: list[0].AfterMs}
	if len(list) > 1 {
		chain.Then = list[1:]
	}
	return chain
}

// A FallbackChain is what happens, step by step, when nobody may be picked.
type FallbackChain struct {
	Fallback        FallbackTo     `cbor:"5,keyasint"`
	FallbackAgent   AgentHandle    `cbor:"6,keyasint,omitempty"` // for FallbackAgent
	FallbackTeam    TeamHandle     `cbor:"20,keyasint,omitempty"`
	FallbackAfterMs int64          `cbor:"21,keyasint,omitempty"`
	Then            []FallbackStep `cbor:"22,keyasint,omitempty"`
}

// A FallbackStep is one step of a chain.
type FallbackStep struct {
	To      FallbackTo  `cbor:"1,keyasint"`
	Agent   AgentHandle `cbor:"2,keyasint,omitempty"`
	Team    TeamHandle  `cbor:"3,keyasint,omitempty"`
	AfterMs int64       `cbor:"4,keyasint,omitempty"` // since the step before
}

// Steps returns the chain as it was put, the first step first.
func (c FallbackChain) Steps() []FallbackStep {
	return append([]FallbackStep{{c.Fallback, c.FallbackAgent, c.FallbackTeam, c.FallbackAfterMs}}, c.Then...)
}

// A numberedStep is a step that does something, with its number in the chain.
type numberedStep struct {
	FallbackStep
	number uint8
}

// steps returns what the chain does: its waits are added to what comes after
// them, and what would follow the last of all is waiting.
func (c FallbackChain) steps() []numberedStep {
	var list []numberedStep
	waitMs := int64(0)
	for i, step := range c.Steps() {
		waitMs += step.AfterMs
		if step.To == FallbackWait {
			continue
		}
		step.AfterMs, waitMs = waitMs, 0
		list = append(list, numberedStep{step, uint8(i)})
	}
	return list
}
