package httpapi

import (
	"maps"

	"github.com/rondohq/rondo/fsm"
)

// What the document says of limits, rates and weights.
func init() {
	const (
		open     = "How many at most; null is no limit."
		agents   = "The limits of single agents, by id, in place of `open`."
		weight   = "How many turns she has in a lap of a `weighted` rotation, from 1 to 100: while the same members can be picked, each gets exactly her weight in any stretch of as many turns as their weights add up to."
		capacity = "How many of its open conversations one agent has at most before automation gives her no more. A person may go beyond it, with a warning."
		rate     = "How many conversations automation gives one member within a window of time that slides; null is no limit."
		limit    = "How many, from 1 to 1000."
		window   = "The length of the window, up to a week."
		by       = "Which open conversations count for `least_open`: all that an agent has (`overall`), those of the `team`, or those of the conversation's `inbox`."
		respect  = "false: this rotation gives to members whatever number they have open."
	)
	maps.Copy(vocabulary, map[string][]string{"httpapi.rotationConfig.least_open_by": wordsOf(fsm.LeastOpenBy.String)})
	maps.Copy(componentNames, map[string]string{
		"fsm.TeamMember": "TeamMemberInput", "fsm.LimitSettings": "LimitsInput", "fsm.CapacitySettings": "CapacityInput", "fsm.RateSettings": "RateInput",
		"httpapi.teamMemberView": "TeamMember", "httpapi.limitsView": "Limits", "httpapi.capacityView": "Capacity", "httpapi.rateView": "Rate",
	})
	maps.Copy(abouts, map[string]string{
		"fsm.TeamMember": "An agent, or a group and so all who are in it.", "fsm.TeamMember.agent": "The id of an agent; or give `group`.",
		"fsm.TeamMember.group": "The id of a group; or give `agent`.", "fsm.TeamMember.weight": weight, "fsm.PutMember.weight": weight + " Left out: as it was, or 1.",
		"fsm.LimitSettings": "What an agent takes at most.", "fsm.LimitSettings.open": "How many open conversations in all; null is no limit.",
		"fsm.CapacitySettings": capacity, "fsm.CapacitySettings.open": open, "fsm.CapacitySettings.agents": agents,
		"fsm.RateSettings": rate, "fsm.RateSettings.limit": limit, "fsm.RateSettings.window_seconds": window,
		"fsm.PutAgent.limits": "What she takes at most, wherever it comes from.", "fsm.PutTeam.capacity": capacity, "fsm.PutTeam.rate": rate, "fsm.PutInbox.capacity": capacity,
		"fsm.RotationSettings.least_open_by": by, "fsm.RotationSettings.respect_capacity": respect + " true is the default.",

		"httpapi.teamMemberView": "An agent, or a group and so all who are in it.", "httpapi.teamMemberView.agent": "null: it is a group.",
		"httpapi.teamMemberView.group": "null: it is an agent.", "httpapi.teamMemberView.weight": weight,
		"httpapi.limitsView": "What an agent takes at most.", "httpapi.limitsView.open": "How many open conversations in all; null is no limit.",
		"httpapi.capacityView": capacity, "httpapi.capacityView.open": open, "httpapi.capacityView.agents": agents,
		"httpapi.rateView": rate, "httpapi.rateView.limit": limit, "httpapi.rateView.window_seconds": window,
		"httpapi.agentView.limits": "What she takes at most, wherever it comes from.", "httpapi.teamLimits.capacity": capacity, "httpapi.teamLimits.rate": rate,
		"httpapi.inboxView.capacity":           capacity,
		"httpapi.rotationConfig.least_open_by": by, "httpapi.rotationConfig.respect_capacity": respect,
	})
}
