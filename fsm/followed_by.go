package fsm

import "iter"

// FollowedBy yields the contacts whom an agent follows (S4.24), in the order of
// their handles. Nobody follows anybody yet: the table of followers is joined here.
func FollowedBy(_ *State, _ AgentHandle) iter.Seq[ContactHandle] {
	return func(func(ContactHandle) bool) {}
}
