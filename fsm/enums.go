package fsm

// The enumerations of rows and records. Numbers stand in snapshots and in the
// record log, names in the API: neither ever changes, and new ones go to the
// end. A number that a newer version wrote reads as "unknown".

func nameOf(names []string, i int) string {
	if i < len(names) {
		return names[i]
	}
	return "unknown"
}

// numberOf returns 0, the default of every enumeration, for a name it does not
// know and for none.
func numberOf(names []string, name string) (int, bool) {
	for i, n := range names {
		if n == name {
			return i, true
		}
	}
	return 0, false
}

// An AgentKind says what takes the conversations.
type AgentKind uint8

const (
	Person AgentKind = iota
	Shared           // S1.8: an account of several people
	Bot
)

var agentKinds = []string{"person", "shared", "bot"}

func (k AgentKind) String() string { return nameOf(agentKinds, int(k)) }

// An AgentRole says what an agent may change besides her own work.
type AgentRole uint8

const (
	RoleAgent AgentRole = iota
	RoleSupervisor
	RoleAdmin
)

var agentRoles = []string{"agent", "supervisor", "admin"}

func (r AgentRole) String() string { return nameOf(agentRoles, int(r)) }

// An Order says what sorts a ring (requirements, decision 1).
type Order uint8

const (
	OrderName Order = iota // by collation key (S1.3, S2.3)
	OrderList              // as listed (S5.17)

	// OrderLeastRecent puts whoever has waited longest for a turn first (K22, K84).
	// A ring of its own (of an inbox, or of a restriction) goes round in the order in
	// which the agents were created, with its own cursor.
	OrderLeastRecent
)

var orders = []string{"name", "list", "least_recently_assigned"}

func (o Order) String() string { return nameOf(orders, int(o)) }

// A Strategy says who of those in a ring is picked.
type Strategy uint8

const (
	RoundRobin Strategy = iota // whose turn it is
	LeastOpen                  // who has the fewest open conversations; turns break ties
	Weighted                   // whose turn it is, members having as many turns as their weight
)

var strategies = []string{"round_robin", "least_open", "weighted"}

func (s Strategy) String() string { return nameOf(strategies, int(s)) }

// An OnReturn says what becomes of who could not be picked and now can.
type OnReturn uint8

const (
	WaitTurn OnReturn = iota // nothing: her turn comes as it would have (S2.6)
	GoNext                   // she goes first, once
)

var onReturns = []string{"wait_turn", "next"}

func (r OnReturn) String() string { return nameOf(onReturns, int(r)) }

// A Per says what has a ring of its own (requirements, decision 2).
type Per uint8

const (
	PerTeam Per = iota
	PerInbox
)

var pers = []string{"team", "inbox"}

func (p Per) String() string { return nameOf(pers, int(p)) }

// A FallbackTo says what happens when nobody may be picked (decision 5).
type FallbackTo uint8

const (
	FallbackWait FallbackTo = iota
	FallbackTeamInbox
	FallbackAgent
	FallbackTeam
)

var fallbacks = []string{"wait", "team_inbox", "agent", "team"}

func (f FallbackTo) String() string { return nameOf(fallbacks, int(f)) }

// A Mode says how an inbox assigns.
type Mode uint8

const (
	ModeManual Mode = iota // a person claims
	ModeRotation
	ModeDefaultAssignee // everything goes to one agent (S1.12)
)

var modes = []string{"manual", "rotation", "default_assignee"}

func (m Mode) String() string { return nameOf(modes, int(m)) }

// A KnownWithoutOwner says where a known contact goes who has no owner (decision 8).
type KnownWithoutOwner uint8

const (
	KnownToRotation KnownWithoutOwner = iota
	KnownToTeamInbox
)

var knownWithoutOwners = []string{"rotation", "team_inbox"}

func (k KnownWithoutOwner) String() string { return nameOf(knownWithoutOwners, int(k)) }

// A WhenOwnerAbsent says who gets what the contact of an absent owner writes
// (decision 7). The owner stays the owner in any case.
type WhenOwnerAbsent uint8

const (
	OwnerReassign WhenOwnerAbsent = iota // somebody else, as if there were no owner
	OwnerKeep                            // the owner all the same
	OwnerWait                            // the owner when she is back, unless somebody claims it before
)

var whenOwnerAbsents = []string{"reassign", "keep", "wait"}

func (w WhenOwnerAbsent) String() string { return nameOf(whenOwnerAbsents, int(w)) }

// A Direction says who began.
type Direction uint8

const (
	Inbound Direction = iota
	Outbound
)

var directions = []string{"inbound", "outbound"}

func (d Direction) String() string { return nameOf(directions, int(d)) }

// A ConversationStatus is where a conversation is in its life.
type ConversationStatus uint8

const (
	StatusOpen ConversationStatus = iota
	StatusClosed
	StatusPending // a bot has it, or a person has not let it in yet: no turn until it is handed off (K30)
	StatusSnoozed // its agent looks at it again later; it is not counted as open
)

var conversationStatuses = []string{"open", "closed", "pending", "snoozed"}

func (s ConversationStatus) String() string { return nameOf(conversationStatuses, int(s)) }

// ParseConversationStatus is the inverse of String.
func ParseConversationStatus(name string) (ConversationStatus, bool) {
	i, ok := numberOf(conversationStatuses, name)
	return ConversationStatus(i), ok
}

// An AssignmentState says who has a conversation, or what it waits for.
type AssignmentState uint8

const (
	StateNone     AssignmentState = iota // closed or snoozed, and nobody's
	StateAssigned                        // to Assignee
	StateWaiting                         // in its team's queue
	StateHeld                            // a person said "unassigned" (decision 11)
	StateManual                          // a person must claim
	StateOutbound                        // nobody has replied yet (decision 10)
	StateOffered                         // to somebody who has not accepted it yet
)

var assignmentStates = []string{"", "assigned", "waiting", "held", "manual", "outbound", "offered"}

func (s AssignmentState) String() string { return nameOf(assignmentStates, int(s)) }

// ParseAssignmentState is the inverse of String.
func ParseAssignmentState(name string) (AssignmentState, bool) {
	i, ok := numberOf(assignmentStates, name)
	return AssignmentState(i), ok && i > 0
}

// A Cause says why a conversation is in the state it is in.
type Cause uint8

const (
	CauseNone       Cause = iota
	NoOneAvailable        // nobody in the ring may be picked
	NoMembers             // K26
	QueueAhead            // others wait in front of it
	CauseMode             // the inbox is manual
	CauseFallback         // the team's fallback is team_inbox
	CauseOutbound         // S1.15
	CauseUnassigned       // a person took the assignee away

	CauseUnknownSender     // and the inbox does not assign those (K11)
	CauseKnownWithoutOwner // and the inbox leaves those to people (decision 8)
	CauseOwnerAbsent       // it is given to the owner when she is back
	CauseExcluded          // it has a tag that the team's rotation leaves alone (K66)

	CausePending     // nobody gets it before it is handed off (K30)
	CauseTransferred // to a team that leaves it to people (K67)
	CauseClosed      // its agent was let go when it was closed (S3.25)

	CauseOutsideHours // nobody gets it before its inbox opens
	CauseRule         // a rule has it, and says later who gets it
	CauseAfterHours   // it came while its inbox was closed, which leaves that to people

	CauseDeclined // everybody who may be picked was asked, and nobody accepted
)

var causes = []string{"", "no_one_available", "no_members", "queue_ahead", "mode", "fallback", "outbound", "unassigned",
	"unknown_sender", "known_without_owner", "owner_absent", "excluded",
	"pending", "transferred", "closed",
	"outside_hours", "rule", "after_hours",
	"declined",
}

func (c Cause) String() string { return nameOf(causes, int(c)) }

// A DecisionKind says how a decision was reached.
type DecisionKind uint8

const (
	DecidedNothing DecisionKind = iota
	DecidedRotation
	DecidedLeastOpen
	DecidedOwner // of the contact
	DecidedLastAssignee
	DecidedDefaultAssignee // of the inbox (K2)
	DecidedRule            // reserved
	DecidedFallback
	DecidedOffer // it is offered to whoever's turn it is, or she has accepted it
	DecidedClaim
	DecidedManual
	DecidedTransfer   // reserved
	DecidedRequeue    // reserved
	DecidedEscalation // it has taken too long, and the team's escalation gives it on
	DecidedUnassign
	DecidedWaiting
	DecidedUndo // reserved
	DecidedBot  // the inbox's bot has it first (K91)
)

var decisionKinds = []string{"", "rotation", "least_open", "owner", "last_assignee", "default_assignee", "rule",
	"fallback", "offer", "claim", "manual", "transfer", "requeue", "escalation", "unassign", "waiting", "undo", "bot"}

func (k DecisionKind) String() string { return nameOf(decisionKinds, int(k)) }

// A Note is something a person would want to know about a decision.
type Note uint8

const (
	NoteNone       Note = iota
	AssigneeAbsent      // the one who got it is not available (K13, K108)

	OwnerAbsent        // the contact's owner is not available, so it went another way
	OwnerNoAccess      // the contact's owner has no access to the inbox
	LastAssigneeAbsent // who had the contact last may not be picked now
	WentFirstRefunded  // a turn of hers was refunded: she goes first, the cursor stays
	WentFirstReturned  // she came back to a team where who returns goes next; the cursor stays

	OverCapacity // a person gave her more than her limits allow

	BotAbsent // the inbox's bot is not there, so it went to people at once

	RuleGaveNobody // a rule had it and gave it to nobody, so it went the usual way
)

var notes = []string{"", "assignee_absent",
	"owner_absent", "owner_no_access", "last_assignee_absent", "turn_refunded", "returned",
	"over_capacity",
	"bot_absent",
	"rule_gave_nobody",
}

func (n Note) String() string { return nameOf(notes, int(n)) }
