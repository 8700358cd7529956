package rotation

// A Verdict says whether a member may be picked, and if not, the ONE reason
// why. The numbers stand in decision records: they are for ever, and new ones
// go to the end.
type Verdict uint8

const (
	Eligible       Verdict = iota // may be picked
	Away                          // S2.19: away is away everywhere
	InBreak                       // S5.10
	Unavailable                   // S5.10
	AtCapacity                    // has as many open conversations as a limit allows (K59, K65, K100)
	RateLimited                   // was given as many of late as the team's rate allows (K53)
	NoAccess                      // may not see the conversation's inbox (S5.8)
	NotOnboarded                  // S1.4: her account is not set up yet
	Declined                      // was asked in this lap, and did not accept (K99)
	OffShift                      // reserved
	DrainAllowance                // has had her share of the queue for now
	Excluded                      // reserved
	Settling                      // has come back a moment ago (dwell_seconds)
	Requirement                   // lacks what the conversation requires
	Busier                        // has more open conversations than who was picked
	Offered                       // has an offer that she has not answered yet
	verdictCount
)

var verdictNames = [verdictCount]string{
	"eligible", "away", "in_break", "unavailable", "at_capacity", "rate_limited",
	"no_access", "not_onboarded", "declined", "off_shift", "drain_allowance", "excluded",
	"settling", "requirement", "busier", "offered",
}

// String returns the name the API uses, or "unknown" for a number that a newer
// version may have written.
func (v Verdict) String() string {
	if v < verdictCount {
		return verdictNames[v]
	}
	return "unknown"
}

// A Status is what an agent says of herself. The numbers stand in snapshots and
// in the log.
type Status uint8

const (
	StatusUnavailable Status = iota // the zero value: a new agent takes nothing yet
	StatusAvailable
	StatusAway
	StatusInBreak
	statusCount
)

var statusNames = [statusCount]string{"unavailable", "available", "away", "in_break"}

// String returns the name the API uses.
func (s Status) String() string {
	if s < statusCount {
		return statusNames[s]
	}
	return "unknown"
}

// ParseStatus is the inverse of String.
func ParseStatus(name string) (Status, bool) {
	for i, n := range statusNames {
		if n == name {
			return Status(i), true
		}
	}
	return 0, false
}

// A Policy says which statuses a team accepts (requirements, decision 4).
type Policy uint8

const (
	AssignToAvailable Policy = iota // only those who say so (S1.2, S5.9)
	AssignToNotAway                 // everybody but the away (S2.19)
	AssignToAnyone                  // the status is not looked at (S5.12)
	policyCount
)

var policyNames = [policyCount]string{"available", "not_away", "anyone"}

// String returns the name the API uses.
func (p Policy) String() string {
	if p < policyCount {
		return policyNames[p]
	}
	return "unknown"
}

// ParsePolicy is the inverse of String.
func ParsePolicy(name string) (Policy, bool) {
	for i, n := range policyNames {
		if n == name {
			return Policy(i), true
		}
	}
	return 0, false
}

// Judge says whether an agent of this status may be picked under the policy.
// Limits that depend on more than the agent (drain allowance, capacity) are
// added by the caller, after a favourable verdict.
func Judge(status Status, policy Policy) Verdict {
	switch {
	case policy == AssignToAnyone, status == StatusAvailable:
		return Eligible
	case status == StatusAway:
		return Away
	case policy == AssignToNotAway:
		return Eligible
	case status == StatusInBreak:
		return InBreak
	default:
		return Unavailable
	}
}
