package fsm

// A RuleBody is what people write: when a rule is asked, whom it concerns, and what
// it does. It names things by their ids, which are looked up when it runs: what is
// gone by then is passed over, and told.
type RuleBody struct {
	On    Trigger    `json:"on" cbor:"1,keyasint"`
	When  *Condition `json:"when,omitempty" cbor:"2,keyasint,omitempty"` // nil: always
	Steps []Step     `json:"steps" cbor:"3,keyasint"`

	// EvenIfOwned lets its first assignment come before the owner of the contact
	// (decision 7).
	EvenIfOwned bool `json:"even_if_owned,omitempty" cbor:"4,keyasint,omitempty"`
}

// The triggers: what a rule may answer to. Each but the last four is about one
// conversation, or about a contact that has none at hand.
const (
	OnOpened           = "conversation_opened"   // S3.7; also a lead
	OnFirstInbound     = "first_inbound_message" // S2.10: the customer's first in a conversation
	OnReply            = "reply_to_outbound"     // S2.11: the customer's first in one that was begun outbound
	OnClosed           = "conversation_closed"
	OnReopened         = "conversation_reopened"
	OnTagApplied       = "tag_applied" // to a conversation or its contact (S4.22)
	OnTagRemoved       = "tag_removed"
	OnFieldChanged     = "field_changed"     // of a contact
	OnContactQualified = "contact_qualified" // S2.14
	OnFormSubmitted    = "form_submitted"    // S4.22
	OnNoReply          = "no_reply"          // nobody has answered the customer for N seconds (S3.26)
	OnRule             = "rule"              // only when another rule says so

	// For each open conversation that it concerns, one after another:
	OnPresence       = "presence_changed" // what the agent has
	OnScheduleOpened = "schedule_opened"  // what is in the trigger's team or inbox
	OnScheduleClosed = "schedule_closed"  // likewise
	OnShiftEnded     = "shift_ended"      // what those have who were on it and are on none now (S3.27)
)

// A Trigger is what a rule answers to. Its other members narrow it down; those that
// do not belong to On are refused.
type Trigger struct {
	On         string     `json:"on" cbor:"1,keyasint"`
	Inbox      InboxID    `json:"inbox,omitempty" cbor:"2,keyasint,omitempty"`
	Team       TeamID     `json:"team,omitempty" cbor:"3,keyasint,omitempty"`
	Tag        string     `json:"tag,omitempty" cbor:"4,keyasint,omitempty"` // "": any
	Field      string     `json:"field,omitempty" cbor:"5,keyasint,omitempty"`
	Form       string     `json:"form,omitempty" cbor:"6,keyasint,omitempty"`
	Schedule   ScheduleID `json:"schedule,omitempty" cbor:"7,keyasint,omitempty"`
	Shift      string     `json:"shift,omitempty" cbor:"8,keyasint,omitempty"`
	Status     string     `json:"status,omitempty" cbor:"9,keyasint,omitempty"`       // of presence_changed: the new one; "": any
	ForSeconds uint32     `json:"for_seconds,omitempty" cbor:"10,keyasint,omitempty"` // of no_reply: 1 to 30 days
}

// A Step is one thing that a rule does. Exactly one member besides Label is set.
type Step struct {
	Label string `json:"label,omitempty" cbor:"1,keyasint,omitempty"` // where a jump may go; each once in a rule

	Assign      *AssignStep   `json:"assign,omitempty" cbor:"2,keyasint,omitempty"`
	AddTag      *TagStep      `json:"add_tag,omitempty" cbor:"3,keyasint,omitempty"`
	RemoveTag   *TagStep      `json:"remove_tag,omitempty" cbor:"4,keyasint,omitempty"`
	SetField    *FieldStep    `json:"set_field,omitempty" cbor:"5,keyasint,omitempty"`    // of the contact
	SetPriority *PriorityStep `json:"set_priority,omitempty" cbor:"6,keyasint,omitempty"` //
	Move        *MoveStep     `json:"move,omitempty" cbor:"7,keyasint,omitempty"`
	SendMessage *MessageStep  `json:"send_assignment_message,omitempty" cbor:"8,keyasint,omitempty"`
	AddComment  *CommentStep  `json:"add_comment,omitempty" cbor:"9,keyasint,omitempty"`
	Notify      *NotifyStep   `json:"notify,omitempty" cbor:"10,keyasint,omitempty"`
	Follow      *FollowStep   `json:"follow,omitempty" cbor:"11,keyasint,omitempty"`
	Close       *PlainStep    `json:"close,omitempty" cbor:"12,keyasint,omitempty"`
	Reopen      *PlainStep    `json:"reopen,omitempty" cbor:"13,keyasint,omitempty"`
	Snooze      *SnoozeStep   `json:"snooze,omitempty" cbor:"14,keyasint,omitempty"`
	Branch      *BranchStep   `json:"branch,omitempty" cbor:"15,keyasint,omitempty"`
	Wait        *WaitStep     `json:"wait,omitempty" cbor:"16,keyasint,omitempty"`
	Jump        *JumpStep     `json:"jump,omitempty" cbor:"17,keyasint,omitempty"`
	TriggerRule *RuleStep     `json:"trigger_rule,omitempty" cbor:"18,keyasint,omitempty"`
	Webhook     *WebhookStep  `json:"webhook,omitempty" cbor:"19,keyasint,omitempty"`
	Requeue     *PlainStep    `json:"requeue,omitempty" cbor:"20,keyasint,omitempty"` // back to its team's rotation
}

// An AssignStep gives the conversation to somebody, or brings it to a team whose
// rotation does. Of a contact without a conversation it opens a lead. Exactly one of
// Agent, Team, Owner, Field and Nobody is set.
type AssignStep struct {
	Agent  AgentID `json:"agent,omitempty" cbor:"1,keyasint,omitempty"`
	Team   TeamID  `json:"team,omitempty" cbor:"2,keyasint,omitempty"`
	Owner  bool    `json:"owner,omitempty" cbor:"3,keyasint,omitempty"`  // of the contact
	Field  string  `json:"field,omitempty" cbor:"4,keyasint,omitempty"`  // of the contact, that holds the id of an agent (S4.21)
	Nobody bool    `json:"nobody,omitempty" cbor:"5,keyasint,omitempty"` // unassigned, and held

	AssignTeam // only with Team

	OnlyAvailable bool   `json:"only_available,omitempty" cbor:"6,keyasint,omitempty"` // not of Nobody: else it goes on with Otherwise at once (K94)
	FewerThan     uint32 `json:"fewer_than,omitempty" cbor:"7,keyasint,omitempty"`     // only agents with fewer open conversations (S3.30); 0: any
	WithinSeconds uint32 `json:"within_seconds,omitempty" cbor:"8,keyasint,omitempty"` // how long it may take; 0: as long as it takes
	Otherwise     []Step `json:"otherwise,omitempty" cbor:"9,keyasint,omitempty"`      // when nobody has it by then, or can have it at all
}

// An AssignTeam says how the team's rotation picks, where it is not as the team says.
type AssignTeam struct {
	Strategy    string       `json:"strategy,omitempty" cbor:"10,keyasint,omitempty"`  // round_robin, least_open, weighted
	AssignTo    string       `json:"assign_to,omitempty" cbor:"11,keyasint,omitempty"` // available, not_away, anyone (S3.9, S3.13)
	Requires    *Requirement `json:"requires,omitempty" cbor:"12,keyasint,omitempty"`
	Match       []string     `json:"match,omitempty" cbor:"13,keyasint,omitempty"`         // language, region: those of the contact are required
	IgnoreLimit bool         `json:"ignore_limits,omitempty" cbor:"14,keyasint,omitempty"` // respect_capacity false (decision 15)
	Schedule    ScheduleID   `json:"on_shift,omitempty" cbor:"15,keyasint,omitempty"`      // only who is on a shift of it (S3.23)
}

// Things that steps are about.
const (
	ofTheConversation = "conversation"
	ofTheContact      = "contact"
)

type (
	// A TagStep puts or takes away a tag.
	TagStep struct {
		Tag string `json:"tag" cbor:"1,keyasint"`
		Of  string `json:"of,omitempty" cbor:"2,keyasint,omitempty"` // conversation (default) or contact
	}
	// A FieldStep sets a field of the contact; an empty value takes it away.
	FieldStep struct {
		Field string `json:"field" cbor:"1,keyasint"`
		Value string `json:"value,omitempty" cbor:"2,keyasint,omitempty"`
	}
	// A PriorityStep sets the priority.
	PriorityStep struct {
		Priority uint8 `json:"priority" cbor:"1,keyasint"`
	}
	// A MoveStep brings the conversation to another inbox, or passes it on to a team
	// as a person would.
	MoveStep struct {
		Inbox InboxID `json:"inbox,omitempty" cbor:"1,keyasint,omitempty"`
		Team  TeamID  `json:"team,omitempty" cbor:"2,keyasint,omitempty"`
	}
	// A MessageStep has the customer told who has the conversation: the template of
	// the team, or this one (S3.11).
	MessageStep struct {
		Template string `json:"template,omitempty" cbor:"1,keyasint,omitempty"`
	}
	// A CommentStep leaves a note: its id and who wrote it, never its text.
	CommentStep struct {
		Note string `json:"note" cbor:"1,keyasint"`
	}
	// A NotifyStep tells an agent, the assignee, or the supervisors of a team.
	NotifyStep struct {
		Agent       AgentID `json:"agent,omitempty" cbor:"1,keyasint,omitempty"`
		Assignee    bool    `json:"assignee,omitempty" cbor:"2,keyasint,omitempty"`
		Supervisors TeamID  `json:"supervisors,omitempty" cbor:"3,keyasint,omitempty"`
	}
	// A FollowStep makes an agent follow the contact.
	FollowStep struct {
		Agent AgentID `json:"agent" cbor:"1,keyasint"`
	}
	// A PlainStep has nothing to say.
	PlainStep struct{}
	// A SnoozeStep puts the conversation aside for a time.
	SnoozeStep struct {
		Seconds uint32 `json:"seconds" cbor:"1,keyasint"`
	}
	// A BranchStep does the one or the other.
	BranchStep struct {
		If   *Condition `json:"if" cbor:"1,keyasint"`
		Then []Step     `json:"then,omitempty" cbor:"2,keyasint,omitempty"`
		Else []Step     `json:"else,omitempty" cbor:"3,keyasint,omitempty"`
	}
	// A WaitStep goes on later: after a time, or when a schedule opens or closes.
	WaitStep struct {
		Seconds  uint32     `json:"seconds,omitempty" cbor:"1,keyasint,omitempty"`
		Schedule ScheduleID `json:"schedule,omitempty" cbor:"2,keyasint,omitempty"`
		Until    string     `json:"until,omitempty" cbor:"3,keyasint,omitempty"` // opened (default) or closed
	}
	// A JumpStep goes on at a label.
	JumpStep struct {
		To string `json:"to" cbor:"1,keyasint"`
	}
	// A RuleStep has another rule, whose trigger is "rule", run behind this one.
	RuleStep struct {
		Rule RuleID `json:"rule" cbor:"1,keyasint"`
	}
	// A WebhookStep calls a URL and goes on with its answer. Its values become fields
	// of the contact, as Save says.
	WebhookStep struct {
		URL            string            `json:"url" cbor:"1,keyasint"`
		TimeoutSeconds uint16            `json:"timeout_seconds,omitempty" cbor:"2,keyasint,omitempty"` // of one try; 0: 10
		Retries        uint8             `json:"retries,omitempty" cbor:"3,keyasint,omitempty"`         // tries beyond the first; at most 5
		Save           map[string]string `json:"save,omitempty" cbor:"4,keyasint,omitempty"`            // field of the contact: member of the answer
		Otherwise      []Step            `json:"otherwise,omitempty" cbor:"5,keyasint,omitempty"`       // when it failed
	}
)
