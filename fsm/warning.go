package fsm

import "github.com/rondohq/rondo/rotation"

// Warnings are what may surprise whoever made a change that was carried out: a
// set of bits. They are judged by the state at that moment and kept with the key,
// so a repeated call gets those of the first. The bits stand in snapshots and are
// for ever.
type Warnings uint16

// The warnings.
const (
	WarnAssigneeAbsent    Warnings = 1 << iota // who got it is not available
	WarnAssigneeNotMember                      // who got it is not in the conversation's team
	WarnFallbackAbsent                         // the team's fallback agent is not available
	WarnTeamEmpty                              // nobody can ever take what an inbox sends to the team
	WarnTeamUnavailable                        // nobody in the team may be picked now
	WarnStillPicked                            // a team that does not look at the status picks her all the same
)

var warnings = []string{"assignee_absent", "assignee_not_member", "fallback_absent", "team_empty", "team_unavailable",
	"still_picked"}

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
	return w
}

// warnOfTeam judges a team that was changed. That it is empty matters once an inbox
// sends to it, and is not said of a team that is just being made.
func warnOfTeam(tx *Tx, team Team) (w Warnings) {
	if team.Rotation.Fallback == FallbackAgent {
		if agent, ok := tx.Agents.Get(team.Rotation.FallbackAgent); ok && agent.Presence.Status != rotation.StatusAvailable {
			w |= WarnFallbackAbsent
		}
	}
	if team.Members == 0 {
		for inbox := range tx.Inboxes.All() {
			if inbox.Mode == ModeRotation && inbox.Team == team.Handle {
				return w | WarnTeamEmpty
			}
		}
	}
	return w
}

// warnOfInbox judges the team that an inbox sends to.
func warnOfInbox(tx *Tx, inbox Inbox, team Team) Warnings {
	switch {
	case inbox.Mode != ModeRotation:
		return 0
	case team.Members == 0:
		return WarnTeamEmpty
	}
	for s := range tx.Members.Ring(team.Handle).After(rotation.Key{}) {
		if s.Verdict == rotation.Eligible || s.Verdict == rotation.DrainAllowance {
			return 0
		}
	}
	return WarnTeamUnavailable
}
