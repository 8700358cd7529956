package fsm

import "github.com/rondohq/rondo/rotation"

// A contact's owner gets what the contact writes (decision 7), without a turn. Who
// is absent then, and whose inbox says that it waits for her, gets it when she is
// back: until then it is in the team inbox, where anybody may claim it.

// toOwner gives c to the owner of its contact, or leaves it for her. False: it
// goes the way of a contact without an owner.
func toOwner(tx *Tx, c *Conversation, inbox Inbox, owner AgentHandle, event Event) bool {
	full := crowded(tx.State, c, inbox.Team, owner)
	access, there := hasAccess(tx.State, inbox, owner), !full && pickable(tx, inbox.Team, owner)
	rule := inbox.Rules.WhenOwnerAbsent
	switch {
	case access && there, access && rule == OwnerKeep && !full:
		giveOwner(tx, c, inbox.Team, owner, event)
		return true
	case access && rule != OwnerReassign: // even who keeps them all is given no more than she takes
		give(tx, c,
			Assignment{State: StateManual, Cause: CauseOwnerAbsent, SinceMs: tx.NowMs, Team: inbox.Team, For: owner},
			Decision{Kind: DecidedWaiting, Trigger: event, Before: c.Assignment.Assignee, Cause: CauseOwnerAbsent}, event)
		return true
	case !access:
		tx.notes = append(tx.notes, OwnerNoAccess)
	default:
		tx.notes = append(tx.notes, OwnerAbsent)
	}
	return false
}

func giveOwner(tx *Tx, c *Conversation, team TeamHandle, owner AgentHandle, event Event) {
	give(tx, c,
		Assignment{State: StateAssigned, SinceMs: tx.NowMs, Team: team, Assignee: owner},
		Decision{Kind: DecidedOwner, Trigger: event, Before: c.Assignment.Assignee}, event)
}

// pickable says whether an agent is there for a team: by the verdict on her seat,
// or, if she has none in it, by her status. Being given what is hers takes no turn,
// so a drain allowance does not count. Whether she has a place for it, crowded says.
func pickable(tx *Tx, team TeamHandle, handle AgentHandle) bool {
	if m, member := tx.Members.Of(team, handle); member {
		return m.Verdict == rotation.Eligible || m.Verdict == rotation.DrainAllowance
	}
	agent, ok := tx.Agents.shown(handle)
	return ok && !agent.Pending && agent.Presence.Status == rotation.StatusAvailable
}

// ownerOf returns the owner of a contact; one who was removed is none.
func ownerOf(s *State, contact Contact) AgentHandle {
	owner, _ := s.Agents.shown(contact.Owner)
	return owner.Handle
}

// giveLate gives an agent what has waited for her: only its assignment is new.
func giveLate(tx *Tx, c *Conversation, owner AgentHandle, trigger Event) {
	kind := DecidedOwner
	if c.Assignment.Cause == CauseMode {
		kind = DecidedDefaultAssignee
	}
	give(tx, c,
		Assignment{State: StateAssigned, SinceMs: tx.NowMs, Team: c.Assignment.Team, Assignee: owner},
		Decision{Kind: kind, Trigger: trigger}, ConversationAssigned)
}
