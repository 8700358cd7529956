package httpapi

import "maps"

// What the document says of rotations, requirements and tags.
func init() {
	const (
		after    = "How long this step waits before it is taken, in seconds, counted from the step before."
		then     = "The next step, should this one not do; at most 8 in all."
		returns  = "What somebody who returns gets: `wait_turn`, her turn as it comes round, or `next`, the next conversation she may take, once."
		excluded = "Conversations with one of these tags are left to people."
		language = "It must be among the agent's languages."
		region   = "It must be among the agent's regions."
		skill    = "It must be among the agent's skills."
	)
	maps.Copy(abouts, map[string]string{
		"fsm.FallbackSettings.after_seconds": after,
		"fsm.FallbackSettings.then":          then,
		"fsm.FallbackSettings.team":          "The id of a team, for `to` team: its ring is asked, and the age of what waits is kept.",
		"fsm.RotationSettings.on_return":     returns,
		"fsm.RotationSettings.exclude_tags":  excluded,
		"fsm.RefundDecision.reason":          "Why the turn is given back, such as spam.",
		"fsm.Requirement.language":           language,
		"fsm.Requirement.region":             region,
		"fsm.Requirement.skill":              skill,

		"httpapi.fallbackView.after_seconds":  after,
		"httpapi.fallbackView.then":           then,
		"httpapi.rotationConfig.on_return":    returns,
		"httpapi.rotationConfig.exclude_tags": excluded,
		"httpapi.requiresView.language":       language,
		"httpapi.requiresView.region":         region,
		"httpapi.requiresView.skill":          skill,
		"httpapi.creditView.expires_at":       "She goes first until then.",
		"httpapi.absenceRules.when_away":      "What becomes of the open conversations of a member who goes.",
		"httpapi.absenceRules.dwell_seconds":  "How long somebody must have been available again to be picked.",
	})
}
