package httpapi

import "github.com/rondohq/rondo/fsm"

type assigningView struct {
	Mode              string  `json:"mode"`
	Team              *string `json:"team"`
	Agent             *string `json:"agent"`
	AssignUnknown     bool    `json:"assign_unknown"`
	KnownWithoutOwner string  `json:"known_without_owner"`
	WhenOwnerAbsent   string  `json:"when_owner_absent"`
	LastAssignee      bool    `json:"last_assignee"`
	SetOwner          string  `json:"set_owner"`
	Reassign          string  `json:"reassign"`

	inboxBesides
}

// inboxBesides is what an inbox does besides choosing among people.
type inboxBesides struct {
	Bot          *string `json:"bot"`
	Hours        *string `json:"hours"`
	OutsideHours string  `json:"outside_hours"`
}

func viewInbox(v *fsm.State, row fsm.Inbox) inboxView {
	return inboxView{
		ID: row.ID, Name: row.Name,
		Channel: channelView{orNull(row.Channel.Kind), orNull(row.Channel.Address)},
		Assignment: assigningView{
			Mode: row.Mode.String(), Team: teamName(v, row.Team), Agent: agentName(v, row.Rules.DefaultAssignee),
			AssignUnknown: !row.Rules.HoldUnknown, KnownWithoutOwner: row.Rules.KnownWithoutOwner.String(),
			WhenOwnerAbsent: row.Rules.WhenOwnerAbsent.String(), LastAssignee: row.Rules.LastAssignee,
			SetOwner: row.Rules.SetOwner.String(), Reassign: row.Rules.Reassign.String(),
			inboxBesides: inboxBesides{agentName(v, row.Rules.Bot), scheduleName(v, row.Rules.Hours), row.Rules.Outside.String()},
		},
		Access: viewRoster(v, row.People.Access), Members: viewRoster(v, row.People.Members),
		Capacity: viewCapacity(v, row.Capacity), Revision: row.Revision,
	}
}

// A deskView is who gets the reply to an outbound conversation.
type deskView struct {
	Team  *string `json:"team,omitempty"`
	Inbox *string `json:"inbox,omitempty"`
}

func viewDesk(v *fsm.State, row fsm.Conversation) *deskView {
	desk := row.RepliesTo
	if desk == (fsm.Desk{}) || row.Lead {
		return nil
	}
	return &deskView{teamName(v, desk.Team), inboxName(v, desk.Inbox)}
}
