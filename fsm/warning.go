package fsm

import "github.com/rondohq/rondo/rotation"

// Warnings are what may surprise whoever made a change that was carried out: a
// set of bits. They are judged by the state at that moment and kept with the key,
// so a repeated call gets those of the first. The bits stand in snapshots and are
// for ever.
type Warnings uint32

// The warnings.
const (
	WarnAssigneeAbsent           Warnings = 1 << iota // who got it is not available
	WarnAssigneeNotMember                             // who got it is not in the conversation's team
	WarnFallbackAbsent                                // the team's fallback agent is not available
	WarnTeamEmpty                                     // nobody can ever take what an inbox sends to the team
	WarnTeamUnavailable                               // nobody in the team may be picked now
	WarnStillPicked                                   // a team that does not look at the status picks her all the same
	WarnRotationTurnedOff                             // by another mode (S1.13)
	WarnDefaultAssigneeTurnedOff                      // by another mode
	WarnDefaultAssigneeAbsent                         // she would get conversations all the same
	WarnDefaultAssigneeNoAccess                       // likewise, without access to the inbox
	WarnAssigneeNoAccess                              // who got it has no access to its inbox
	WarnMemberNoAccess                                // who is a member of the inbox without access is never picked (S5.8)
	WarnInboxNobody                                   // nobody in the team may take what the inbox brings
	WarnNarrowed                                      // what was open to everybody no longer is
	WarnOwnerAbsent                                   // the new owner is not available
	WarnRepliesNoRotation                             // the inbox that replies go to has no rotation (S2.13)
	WarnRefundedAbsent                                // who goes first may not be picked now
	WarnContactBlocked                                // what the contact writes reaches nobody, and this did not
	WarnOverCapacity                                  // who got it has more than the limits allow
	WarnTurnsByInbox                                  // a turn by an inbox's ring makes nobody the one served last
	WarnNamedByRules                                  // rules in force name what was removed
)

var warnings = []string{"assignee_absent", "assignee_not_member", "fallback_absent", "team_empty", "team_unavailable",
	"still_picked",
	"rotation_turned_off", "default_assignee_turned_off", "default_assignee_absent", "default_assignee_no_access",
	"assignee_no_access", "member_no_access", "inbox_nobody", "list_narrowed", "owner_absent", "replies_no_rotation",
	"refunded_absent", "contact_blocked", "over_capacity",
	"turns_by_inbox",
	"named_by_rules",
}

// Names returns the codes of the warnings, in the order of their bits.
func (w Warnings) Names() (names []string) {
	for i, name := range warnings {
		if w&(1<<i) != 0 {
			names = append(names, name)
		}
	}
	return names
}

// warnOfAssignee judges who was given a conversation by a person.
func warnOfAssignee(tx *Tx, row Conversation, agent Agent) (w Warnings) {
	if agent.Presence.Status != rotation.StatusAvailable {
		w |= WarnAssigneeAbsent
	}
	if team := row.Assignment.Team; team != 0 {
		if _, member := tx.Members.Of(team, agent.Handle); !member {
			w |= WarnAssigneeNotMember
		}
	}
	if overLimit(tx.State, row) {
		w |= WarnOverCapacity
	}
	if inbox, _ := tx.Inboxes.Get(row.Inbox); !hasAccess(tx.State, inbox, agent.Handle) {
		w |= WarnAssigneeNoAccess
	}
	return w
}

// warnOfTeam judges a team that was changed. That it is empty matters once an inbox
// sends to it, and is not said of a team that is just being made.
func warnOfTeam(tx *Tx, team Team) (w Warnings) {
	for _, step := range team.Rotation.Steps() {
		if agent, ok := tx.Agents.Get(step.Agent); ok && agent.Presence.Status != rotation.StatusAvailable {
			w |= WarnFallbackAbsent
		}
	}
	if team.Rotation.Order == OrderLeastRecent && team.Rotation.Per == PerInbox {
		w |= WarnTurnsByInbox
	}
	if team.Members == 0 {
		for inbox := range tx.Inboxes.All() {
			if inbox.Mode == ModeRotation && inbox.Team == team.Handle && !inbox.Removed {
				return w | WarnTeamEmpty
			}
		}
	}
	return w
}
