package httpapi

import (
	"fmt"

	"github.com/rondohq/rondo/fsm"
)

type conversationView struct {
	ID      fsm.ConversationID `json:"id"`
	Inbox   *string            `json:"inbox"`
	Contact fsm.ContactID      `json:"contact"`
	conversationProgress
	conversationContent
	conversationLife
	Revision   uint64         `json:"revision"`
	Assignment assignmentView `json:"assignment"`
}

type conversationProgress struct {
	Direction string  `json:"direction"`
	Status    string  `json:"status"`
	Team      *string `json:"team"`
	Assignee  *string `json:"assignee"`
	OpenedAt  moment  `json:"opened_at"`
	ClosedAt  moment  `json:"closed_at"`

	RepliesTo *deskView `json:"replies_to"` // of an outbound one; null: its inbox

	Escalated *escalatedView `json:"escalated"` // null: no step was done, and none is due
}

type conversationContent struct {
	Attributes map[string]string `json:"attributes"`
	Priority   uint8             `json:"priority"`
	Tags       []string          `json:"tags"`
	Requires   requiresView      `json:"requires"`
	Followers  []string          `json:"followers"`
}

// conversationLife is what a conversation is, and what is known of its messages.
type conversationLife struct {
	Kind           string `json:"kind"`       // conversation, or lead
	Individual     bool   `json:"individual"` // a person chose its assignee, so another owner of the contact does not
	SnoozedUntil   moment `json:"snoozed_until"`
	Unread         uint32 `json:"unread"`
	LastInboundAt  moment `json:"last_inbound_at"`
	LastOutboundAt moment `json:"last_outbound_at"`
	FirstReplyAt   moment `json:"first_reply_at"`
}

// The words of a conversation's kind.
const (
	kindConversation = "conversation"
	kindLead         = "lead"
)

func viewLife(row fsm.Conversation) conversationLife {
	kind := kindConversation
	if row.Lead {
		kind = kindLead
	}
	return conversationLife{Kind: kind, Individual: row.Assignment.Individual, SnoozedUntil: moment(row.UntilMs), Unread: row.Talk.Unread, LastInboundAt: moment(row.Talk.InboundMs),
		LastOutboundAt: moment(row.Talk.OutboundMs), FirstReplyAt: moment(row.Talk.FirstReplyMs)}
}

type assignmentView struct {
	State  *string `json:"state"`
	Reason *string `json:"reason"`
	Since  moment  `json:"since"`

	Offer *offerTerms `json:"offer"` // to whom it is offered
	Asked []string    `json:"asked"` // who was offered it and did not take it, as long as they are not asked again
}

func viewConversation(v *fsm.State, row fsm.Conversation) conversationView {
	contact, _ := v.Contacts.Get(row.Contact)
	attributes := make(map[string]string, len(row.Attributes))
	for _, a := range row.Attributes {
		attributes[a.Name] = a.Value
	}
	return conversationView{
		ID: row.ID, Inbox: inboxName(v, row.Inbox), Contact: contact.ID,
		conversationProgress: conversationProgress{
			Direction: row.Direction.String(), Status: row.Status.String(),
			Team: teamName(v, row.Assignment.Team), Assignee: agentName(v, row.Assignment.Assignee),
			OpenedAt: moment(row.OpenedMs), ClosedAt: moment(row.ClosedMs),
			RepliesTo: viewDesk(v, row), Escalated: viewEscalated(v, row),
		},
		conversationContent: conversationContent{
			Attributes: attributes, Priority: row.Priority, Tags: orEmpty(row.Tags), Requires: viewRequires(row.Requires), Followers: followersOf(v, row.Contact),
		},
		conversationLife: viewLife(row),
		Revision:         row.Revision,
		Assignment: assignmentView{
			orNull(row.Assignment.State.String()), orNull(row.Assignment.Cause.String()), moment(row.Assignment.SinceMs),
			viewOpenOffer(v, row), agentNames(v, row.Asked),
		},
	}
}

// An actionView is the answer to every command about a conversation.
type actionView struct {
	Conversation *conversationView `json:"conversation"` // null: of a blocked contact with nothing open
	Decision     *decisionView     `json:"decision"`
	Warnings     []warningView     `json:"warnings,omitempty"`
}

// A receivedView is the answer to a message.
type receivedView struct {
	Opened   bool `json:"opened"`
	Reopened bool `json:"reopened"`
	Blocked  bool `json:"blocked"`
	actionView
}

// viewAction shows the conversation as it is now and the decision that the
// command led to, and returns the record of that decision.
func viewAction(d done) (actionView, fsm.Record, error) {
	if blocked(d) && d.Subject.Noun == fsm.NounContact {
		return actionView{Warnings: viewWarnings(d.Warnings)}, fsm.Record{}, nil
	}
	row, ok := d.view.Conversations.Get(fsm.ConversationHandle(d.Subject.Handle))
	if !ok {
		return actionView{}, fsm.Record{}, errLost(d.Subject)
	}
	shown := viewConversation(d.view, row)
	action := actionView{Conversation: &shown}
	if d.Decision.IsZero() {
		action.Warnings = viewWarnings(d.Warnings)
		return action, fsm.Record{}, nil
	}
	if !d.view.Forgotten.Last.IsZero() && d.Decision.Compare(d.view.Forgotten.Last) <= 0 {
		action.Warnings = viewWarnings(d.Warnings, warningView{"decision_forgotten",
			fmt.Sprintf("decision %s was made and is no longer kept", d.Decision)})
		return action, fsm.Record{}, nil
	}
	rec, ok := d.view.RecordOf(row, d.Decision)
	if !ok || rec.Decision == nil {
		return action, rec, fmt.Errorf("the decision %s of a command is not in the view", d.Decision)
	}
	decision := viewDecision(d.view, rec)
	action.Decision = &decision
	for _, note := range rec.Decision.Notes {
		if note == fsm.AssigneeAbsent {
			assignee, _ := d.view.Agents.Get(rec.Decision.Assignee)
			action.Warnings = append(action.Warnings, warningView{note.String(),
				fmt.Sprintf("%q is not available and got it all the same", assignee.ID)})
		}
	}
	action.Warnings = viewWarnings(d.Warnings, action.Warnings...)
	return action, rec, nil
}
