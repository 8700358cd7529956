package fsm

import "slices"

// An Event says what has happened. It is also the trigger of a decision.
type Event uint8

const (
	EventNone Event = iota
	TermBegun
	NodeAnnounced
	AgentChanged
	PresenceChanged
	TeamChanged
	InboxChanged
	ContactChanged
	ConversationOpened
	MessageReceived
	ConversationAssigned
	ConversationUnassigned
	ConversationRequeued
	ConversationIsClosed
	ConversationReopened
	QueueWaiting  // a team's queue began to fill: once an episode
	QueueAlert    // its oldest has waited for alert_after_seconds: once an episode
	AllowanceDue  // a drain interval has passed
	QueueResumed  // the queue is served further, after an entry had done its share
	MembersJoined // reserved
	NodeForgotten
	GroupChanged
	PresencePlanned
	PlanCancelled
	ConversationReturned // its agent has gone, and her team's when_away gives it back
	AgentRemoved
	GroupRemoved
	TeamRemoved
	AgentReleased
	MemberRemoved
	RotationResorted
	FallbackDue          // what waits has waited as long as its fallback says
	ConversationTagged   // a tag was put
	ConversationUntagged // a tag was taken away
	TurnRefunded         // whoever took it goes first once

	ConversationSnoozed     // until a time, or a message
	ConversationHandedOff   // by the bot, to people
	ConversationPrioritized // its priority was changed
	ConversationTransferred // to another team
	ConversationRead        // somebody has read what the customer wrote
	MessageSent             // somebody wrote to the customer
	HeldAlert               // nobody has had it for a while, because a person said so
	DecisionUndone          // a decision was taken back
	ContactFollowed         // by an agent
	ContactUnfollowed
	ContactMerged        // another contact became part of it
	ContactErased        // nothing of the person is left
	AssignmentMessageDue // the customer is to be told who has the conversation (S3.11)
	NotificationsRead
	PreferencesChanged // what an agent wants to be told
	ViewChanged
	ViewRemoved
	WindowPassed // a rate window lets somebody take more

	ScheduleChanged
	ScheduleRemoved
	ScheduleOpened
	ScheduleClosed
	ShiftBegan
	ShiftEnded

	RuleChanged     // its draft, its name
	RuleRemoved     //
	RuleIsPublished // its draft is in force now, or an older edition is again
	RuleIsPaused
	RulesOrdered
	RuleWaits         // a run of it goes on later
	RuleRan           // a run of it has ended
	ContactQualified  // it meets the criteria (S2.14)
	CriteriaChanged   // for being qualified
	FormSubmitted     // by a contact (S4.22)
	ConversationNoted // somebody has left a note; its text is not kept
	ConversationMoved // to another inbox
	WebhookDue        // somebody has to call it
	WebhookAnswered   //
	RuleNotified      // a rule has somebody told

	OfferMade             // to whoever's turn it is
	OfferAccepted         // by her, or by a supervisor for her
	OfferDeclined         //
	OfferTimedOut         // nobody answered it
	OfferWithdrawn        // she may not be picked any more, or somebody else has decided
	ConversationEscalated // it has taken too long
)

var events = []string{"", "term.begun", "node.announced", "agent.changed", "agent.presence_changed", "team.changed",
	"inbox.changed", "contact.changed", "conversation.opened", "message.received", "conversation.assigned",
	"conversation.unassigned", "conversation.requeued", "conversation.closed", "conversation.reopened",
	"queue.waiting", "queue.alert", "allowance.due", "queue.resumed", "members.joined", "node.forgotten",
	"group.changed", "agent.presence_planned", "agent.presence_plan_cancelled", "conversation.returned",
	"agent.removed", "group.removed", "team.removed", "agent.released", "team.member_removed",
	"rotation.resorted", "fallback.due", "conversation.tagged", "conversation.untagged", "turn.refunded",
	"conversation.snoozed", "conversation.handed_off", "conversation.priority_changed", "conversation.transferred",
	"conversation.read", "message.sent", "conversation.held_alert", "decision.undone", "contact.followed",
	"contact.unfollowed", "contact.merged", "contact.erased", "assignment.message_due", "notifications.read",
	"agent.preferences_changed", "view.changed", "view.removed", "window.passed",
	"schedule.changed", "schedule.removed", "schedule.opened", "schedule.closed", "shift.began", "shift.ended",
	"rule.changed", "rule.removed", "rule.published", "rule.paused", "rules.ordered", "rule.waits", "rule.ran",
	"contact.qualified", "criteria.changed", "form.submitted", "conversation.noted", "conversation.moved",
	"webhook.due", "webhook.answered", "rule.notified",
	"offer.made", "offer.accepted", "offer.declined", "offer.timed_out", "offer.withdrawn", "conversation.escalated"}

func (e Event) String() string { return nameOf(events, int(e)) }

// EventNames returns the names of all events that a record may have.
func EventNames() []string { return slices.Clone(events[1:]) }
