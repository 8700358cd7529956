package lint

// A Code names a kind of finding. Codes are part of the API and never change.
type Code string

// The codes, and what each says.
const (
	UnknownTeam     Code = "unknown_team"     // it is not there, or was removed
	UnknownAgent    Code = "unknown_agent"    //
	UnknownInbox    Code = "unknown_inbox"    //
	UnknownSchedule Code = "unknown_schedule" //
	UnknownShift    Code = "unknown_shift"    //
	UnknownRule     Code = "unknown_rule"     //
	UnknownZone     Code = "unknown_zone"     // this node does not know the zone of a schedule

	TeamEmpty         Code = "team_empty"           // nobody is in the team
	TeamByHand        Code = "team_by_hand"         // the team takes no turns by itself
	TeamNotInRotation Code = "team_not_in_rotation" // S2.13: no inbox of the team is in mode rotation
	NobodyEligible    Code = "nobody_eligible"      // nobody in the team can ever take it
	AgentNotOnboarded Code = "agent_not_onboarded"  //
	AgentNoAccess     Code = "agent_no_access"      // she may not see what comes by the inbox

	FallbackCycle Code = "fallback_cycle" // a fallback brings it back to where nobody took it
	RuleCycle     Code = "rule_cycle"     // rules that set each other off
	NotOnRule     Code = "not_on_rule"    // a rule that answers to something else is to be set off
	NotPublished  Code = "not_published"  // a rule without effect is to be set off

	LoopWithoutWait  Code = "loop_without_wait"  // a jump goes round within one moment
	GoesRound        Code = "goes_round"         // the rule brings about what it answers to
	StepNeverReached Code = "step_never_reached" //

	NeverHolds        Code = "never_holds"        // the condition of the rule or a branch
	ChoiceNeverHolds  Code = "choice_never_holds" // one of several ways in which a condition holds
	ValueUnknown      Code = "value_unknown"      // compared with the id of nothing
	RuleNeverReached  Code = "rule_never_reached" // another rule always answers first
	HidesRule         Code = "hides_rule"         // another rule is never reached because of this one
	WaitPastSnooze    Code = "wait_past_snooze"
	WebhookNotAllowed Code = "webhook_not_allowed"
	NoAssignStep      Code = "no_assign_step" // even_if_owned says nothing

	NoCover       Code = "no_cover"        // hours in which nobody is on shift
	NobodyOnShift Code = "nobody_on_shift" // in no hour is anybody
)
