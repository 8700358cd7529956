package httpapi

import (
	"net/url"

	"github.com/rondohq/rondo/fsm"
)

// An event is a record as clients see it. Streams share it.
type event struct {
	record fsm.Record
	json   []byte
}

// An eventView is a CloudEvent (version 1.0, structured JSON). Its data holds ids
// and no personal data, like the record, but for the text of an assignment message.
type eventView struct {
	SpecVersion string    `json:"specversion"`
	ID          string    `json:"id"`
	Source      string    `json:"source"` // the cluster
	Type        string    `json:"type"`   // such as conversation.opened
	Time        moment    `json:"time"`   // the cluster's
	Subject     *string   `json:"subject,omitempty"`
	Data        eventData `json:"data"`
}

type eventData struct {
	Seq      uint64 `json:"seq"` // of the command
	Actor    string `json:"actor"`
	Asserted bool   `json:"asserted"` // the actor is believed, not proven
	eventThings
	eventTelling
	Notices  []noticeView  `json:"notices"` // who is told
	Message  *messageView  `json:"message"`
	Decision *decisionView `json:"decision"` // as of GET /v1/decisions/{id}
}

// eventThings are the ids of what the event is about.
type eventThings struct {
	Conversation *string `json:"conversation"`
	Contact      *string `json:"contact"`
	Inbox        *string `json:"inbox"`
	Team         *string `json:"team"`
	Agent        *string `json:"agent"`
	Status       *string `json:"status"` // of the agent, where it has changed
	Node         *string `json:"node"`
	Group        *string `json:"group"`
	View         *string `json:"view"`
	Schedule     *string `json:"schedule"`
	Rule         *string `json:"rule"`
}

// eventTelling is what an event says besides.
type eventTelling struct {
	Tags      []string `json:"tags"`       // that were put or taken away
	Refunds   *string  `json:"refunds"`    // the decision whose turn was given back
	From      moment   `json:"from"`       // when a planned presence begins
	Until     moment   `json:"until"`      // when a presence, planned or not, ends
	PlannedBy *string  `json:"planned_by"` // who had planned the presence that begins now
	Merged    *string  `json:"merged"`     // the contact that has become part of this one
	Shift     *string  `json:"shift"`      // that began or ended
	Priority  *uint8   `json:"priority"`   // that it has now, where it was changed

	eventRun

	AssignmentMessage *string `json:"assignment_message"` // what the customer is to be told, in the words of now
}

func viewTelling(v *fsm.State, rec fsm.Record) eventTelling {
	merged, _ := v.Contacts.Get(rec.Other)
	told := eventTelling{Tags: append([]string{}, rec.Tags...), From: moment(rec.FromMs), Until: moment(rec.UntilMs), PlannedBy: orNull(rec.PlannedBy), Merged: orNull(merged.ID), Shift: orNull(rec.Shift), eventRun: viewEventRun(rec)}
	if rec.Event == fsm.ConversationPrioritized {
		told.Priority = &rec.Priority
	}
	if !rec.Refunds.IsZero() {
		id := rec.Refunds.String()
		told.Refunds = &id
	}
	return told
}

type messageView struct {
	ID     string `json:"id"`
	SentAt moment `json:"sent_at"` // what the channel says
}

// viewEvent shows a record with the names of v, which is at least as new.
func viewEvent(v *fsm.State, rec fsm.Record) event {
	contact, _ := v.Contacts.Get(rec.Contact)
	group, _ := v.Groups.Get(rec.Group)
	schedule, _ := v.Schedules.Get(rec.Schedule)
	things := eventThings{
		Conversation: conversationName(v, rec.Conversation), Contact: orNull(contact.ID), Inbox: inboxName(v, rec.Inbox),
		Team: teamName(v, rec.Team), Agent: agentName(v, rec.Agent), Node: orNull(rec.Node), Group: orNull(group.ID),
		View:     viewName(v, rec.View),
		Schedule: orNull(schedule.ID), Rule: ruleName(v, rec.Rule),
	}
	if rec.Event == fsm.PresenceChanged || rec.Event == fsm.PresencePlanned {
		things.Status = orNull(rec.Status.String())
	}
	shown := eventView{
		SpecVersion: "1.0", ID: rec.ID.String(), Source: "/clusters/" + url.PathEscape(v.ClusterID),
		Type: rec.Event.String(), Time: moment(rec.TimeMs), Subject: things.subject(),
		Data: eventData{Seq: rec.Seq, Actor: rec.Actor, Asserted: rec.Via == asserted, eventThings: things, eventTelling: viewTelling(v, rec), Notices: viewNotices(v, rec)},
	}
	if text, due := fsm.AssignmentMessage(v, rec); due {
		shown.Data.AssignmentMessage = &text
	}
	if rec.MessageID != "" {
		shown.Data.Message = &messageView{rec.MessageID, moment(rec.SentMs)}
	}
	if rec.Decision != nil {
		decision := viewDecision(v, rec)
		shown.Data.Decision = &decision
	}
	return event{rec, jsonOf(shown)}
}

// subject is the path below /v1 of what the event is about: the narrowest of its
// things.
func (t *eventThings) subject() *string {
	for _, thing := range []struct {
		path string
		id   *string
	}{
		{"conversations/", t.Conversation}, {"agents/", t.Agent}, {"contacts/", t.Contact},
		{"inboxes/", t.Inbox}, {"teams/", t.Team}, {"cluster/nodes/", t.Node}, {"groups/", t.Group}, {"views/", t.View}, {"schedules/", t.Schedule}, {"rules/", t.Rule},
	} {
		if thing.id != nil {
			path := thing.path + url.PathEscape(*thing.id)
			return &path
		}
	}
	return nil
}
