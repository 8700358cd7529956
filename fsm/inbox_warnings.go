package fsm

import "github.com/rondohq/rondo/rotation"

// warnOfInbox judges who gets what an inbox brings.
func warnOfInbox(tx *Tx, inbox Inbox, team Team) (w Warnings) {
	switch inbox.Mode {
	case ModeRotation:
		w = warnOfTurns(tx, team, inbox)
	case ModeDefaultAssignee:
		agent, _ := tx.Agents.Get(inbox.Rules.DefaultAssignee)
		if agent.Presence.Status != rotation.StatusAvailable {
			w |= WarnDefaultAssigneeAbsent
		}
		if !hasAccess(tx.State, inbox, agent.Handle) {
			w |= WarnDefaultAssigneeNoAccess
		}
	}
	if len(inbox.People.Access) == 0 {
		return w
	}
	for _, agent := range expand(tx.State, inbox.People.Members) {
		if !hasAccess(tx.State, inbox, agent.Handle) {
			return w | WarnMemberNoAccess
		}
	}
	return w
}

// warnOfTurns says if nobody can take a turn in a team for an inbox.
func warnOfTurns(tx *Tx, team Team, inbox Inbox) Warnings {
	if team.Members == 0 {
		return WarnTeamEmpty
	}
	w := WarnInboxNobody
	for s := range tx.Members.Ring(team.Handle).After(rotation.Key{}) {
		if !inboxAllows(tx.State, inbox, AgentHandle(s.Agent)) {
			continue
		}
		if s.Verdict == rotation.Eligible || s.Verdict == rotation.DrainAllowance {
			return 0
		}
		w = WarnTeamUnavailable
	}
	return w
}

// warnOfMode says what a new mode has turned off (S1.12, S1.13).
func warnOfMode(a InboxAssignment, old, row Inbox) (w Warnings) {
	if old.Handle != 0 && old.Mode == ModeRotation && row.Mode != ModeRotation {
		w |= WarnRotationTurnedOff
	}
	named := a.Agent != "" || old.Handle != 0 && old.Mode == ModeDefaultAssignee
	if named && row.Mode != ModeDefaultAssignee {
		w |= WarnDefaultAssigneeTurnedOff
	}
	return w
}

// warnOfReplies judges where the reply to an outbound conversation will go: it is
// told before there is one (S2.13).
func warnOfReplies(tx *Tx, c Conversation) Warnings {
	if team, named := tx.Teams.Get(c.RepliesTo.Team); named {
		own, _ := tx.Inboxes.Get(c.Inbox)
		return warnOfTurns(tx, team, own)
	}
	inbox, named := tx.Inboxes.Get(c.RepliesTo.Inbox)
	switch {
	case !named:
		return 0
	case inbox.Mode != ModeRotation:
		return WarnRepliesNoRotation
	}
	team, _ := tx.Teams.Get(inbox.Team)
	return warnOfTurns(tx, team, inbox)
}

func warnOfOwner(owner Agent) Warnings {
	if owner.Presence.Status != rotation.StatusAvailable {
		return WarnOwnerAbsent
	}
	return 0
}
