package httpapi

import "github.com/rondohq/rondo/fsm"

// limitsView are an agent's own limits; null is none.
type limitsView struct {
	Open *uint32 `json:"open"`
}

// A capacityView is how many open conversations of a team or an inbox one agent
// takes at most.
type capacityView struct {
	Open   *uint32           `json:"open"` // null: no limit
	Agents map[string]uint32 `json:"agents"`
}

// teamLimits are what a team gives one member at most.
type teamLimits struct {
	Capacity capacityView `json:"capacity"`
	Rate     *rateView    `json:"rate"`
}

type rateView struct {
	Limit         uint32 `json:"limit"`
	WindowSeconds int64  `json:"window_seconds"`
}

// A teamMemberView is a member of a team, or a group of them, as listed.
type teamMemberView struct {
	Agent  *string `json:"agent"`
	Group  *string `json:"group"`
	Weight uint32  `json:"weight"`
}

func viewLimits(l fsm.Limits) limitsView { return limitsView{limitOrNull(l.Open)} }

func limitOrNull(n uint32) *uint32 {
	if n == 0 {
		return nil
	}
	return &n
}

func viewCapacity(v *fsm.State, c fsm.Capacity) capacityView {
	view := capacityView{Open: limitOrNull(c.Open), Agents: map[string]uint32{}}
	for _, l := range c.Agents {
		if name := agentName(v, l.Agent); name != nil {
			view.Agents[*name] = l.Open
		}
	}
	return view
}

func viewRate(r fsm.Rate) *rateView {
	if r.Limit == 0 {
		return nil
	}
	return &rateView{r.Limit, r.WindowMs / 1000}
}

func viewTeamMembers(v *fsm.State, row fsm.Team, roster fsm.Roster) []teamMemberView {
	list := make([]teamMemberView, 0, len(roster))
	for i, p := range viewRoster(v, roster) {
		list = append(list, teamMemberView{p.Agent, p.Group, row.WeightOf(roster[i])})
	}
	return list
}
