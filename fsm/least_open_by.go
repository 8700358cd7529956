package fsm

// A LeastOpenBy says which of an agent's open conversations count when the one
// with the fewest is looked for.
type LeastOpenBy uint8

const (
	LeastOpenOverall LeastOpenBy = iota // all she has
	LeastOpenByTeam                     // those of the team
	LeastOpenByInbox                    // those of the conversation's inbox
)

var leastOpenBys = []string{"overall", "team", "inbox"}

func (b LeastOpenBy) String() string { return nameOf(leastOpenBys, int(b)) }

// openBy returns how many open conversations count for an agent in a rotation,
// for what comes from an inbox.
func openBy(s *State, team Team, inbox InboxHandle) func(agent uint32) uint32 {
	at := share{}
	switch team.Rotation.LeastOpenBy {
	case LeastOpenByTeam:
		at.team = team.Handle
	case LeastOpenByInbox:
		at.inbox = inbox
	default:
	}
	return func(agent uint32) uint32 {
		at.agent = AgentHandle(agent)
		return loadOf(s, at)
	}
}
