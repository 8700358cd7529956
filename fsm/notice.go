package fsm

import (
	"slices"
	"strings"
)

// A Notice says that somebody is to be told of a record: of what sort, and on
// which channels she wants it. It is part of the record, so it is decided once, on
// every node the same, and whoever delivers it needs to look at nothing else.
type Notice struct {
	_        struct{} `cbor:",toarray"`
	Agent    AgentHandle
	Kind     NoticeKind
	Channels Channels
}

// A NoticeKind says why somebody is told (decision 13). The numbers stand in
// records and in preferences, and are for ever.
type NoticeKind uint8

// The kinds, the most specific first: whom a record concerns in two ways is told
// once, in the first of them (K76).
const (
	NoticeNone       NoticeKind = iota
	NoticeAssigned              // it is hers now, or hers again
	NoticeReassigned            // it was hers and is somebody else's
	NoticeUnassigned            // it was hers and is nobody's
	NoticeMessage               // the customer wrote in what is hers
	NoticeFollowed              // the customer, whom she follows, wrote (S4.27)
	NoticeWaiting               // supervisors: a team's queue fills or waits too long, or its stand-in is absent
	NoticeHeld                  // supervisors: nobody has had it for a while, because a person said so
	NoticeOffered               // she may accept it
	NoticeEscalated             // supervisors: it has taken too long
	NoticeRule                  // a rule wants her to know
)

var noticeKinds = []string{"", "assigned", "reassigned", "unassigned", "message_received", "followed_message",
	"waiting", "held", "offered", "escalated",
	"rule"}

func (k NoticeKind) String() string { return nameOf(noticeKinds, int(k)) }

// ParseNoticeKind is the inverse of String.
func ParseNoticeKind(name string) (NoticeKind, bool) {
	i, ok := numberOf(noticeKinds, name)
	return NoticeKind(i), ok && i > 0
}

// NoticeKindNames returns the names of all kinds.
func NoticeKindNames() []string { return slices.Clone(noticeKinds[1:]) }

// Channels are the ways in which somebody is told, as a set.
type Channels uint8

// The channels.
const (
	ChannelList    Channels = 1 << iota // her list of notifications
	ChannelStream                       // GET /v1/events?notify=
	ChannelWebhook                      // whoever sends what her client does not fetch

	allChannels   = ChannelList | ChannelStream | ChannelWebhook
	channelsWidth = 3 // bits of allChannels
)

var channelNames = []string{"list", "stream", "webhook"}

// Names returns the names of the channels in a set.
func (c Channels) Names() []string {
	names := []string{}
	for i, name := range channelNames {
		if c&(1<<i) != 0 {
			names = append(names, name)
		}
	}
	return names
}

// ChannelsFor returns the channels on which an agent wants notices of a kind.
func (a Agent) ChannelsFor(kind NoticeKind) Channels {
	return allChannels &^ Channels(a.Muted>>mutedShift(kind))
}

func mutedShift(kind NoticeKind) int { return channelsWidth * (int(kind) - 1) }

// MaxLeadersTold bounds the supervisors and admins who are told of what nobody in
// particular supervises.
const MaxLeadersTold = 100

// noticesOf says who is to be told of a record about a conversation, or nil, as it
// will be stored. It never names the actor, nor anybody twice, nor a follower or a
// supervisor who may not see the inbox. It depends on nothing but what it is given.
func noticesOf(s *State, rec *Record, about *Conversation) []Notice {
	n := notices{state: s, rec: rec}
	switch rec.Event {
	case QueueWaiting, QueueAlert:
		n.leaders(rec.Team, NoticeWaiting, nil)
	case HeldAlert:
		inbox, _ := s.Inboxes.Get(rec.Inbox)
		n.leaders(rec.Team, NoticeHeld, &inbox)
	case ConversationEscalated:
		n.escalated()
	case RuleNotified:
		n.notified()
	case OfferMade:
		n.add(rec.Agent, NoticeOffered)
	}
	if about == nil {
		return n.list
	}
	n.decided(about)
	n.deserted(about)
	if customerWrote(rec, about) {
		n.add(about.holder(), NoticeMessage)
		n.followers(about)
	}
	return n.list
}

// customerWrote says whether a record tells of something that the customer wrote.
func customerWrote(rec *Record, about *Conversation) bool {
	switch rec.Event {
	case MessageReceived:
		return true
	case ConversationOpened:
		return about.Direction == Inbound && !about.Lead
	case ConversationReopened:
		return rec.MessageID != ""
	default:
		return false
	}
}

// holder returns who has a conversation now; 0: nobody.
func (c Conversation) holder() AgentHandle {
	if c.Assignment.State != StateAssigned {
		return 0
	}
	return c.Assignment.Assignee
}

// notices are gathered for one record.
type notices struct {
	state *State
	rec   *Record
	list  []Notice
}

// decided tells who got a conversation and who had it.
func (n *notices) decided(about *Conversation) {
	d := n.rec.Decision
	if d == nil || d.Cause == CauseRule {
		return // it is told when a rule has decided
	}
	again := n.rec.Event == ConversationReopened && !customerWrote(n.rec, about)
	switch before := hadBefore(n.state, d, about); {
	case d.Assignee != before || d.Assignee != d.Before:
		n.add(d.Assignee, NoticeAssigned)
		if d.Assignee != 0 {
			n.add(before, NoticeReassigned)
		} else {
			n.add(before, NoticeUnassigned)
		}
	case again:
		n.add(d.Assignee, NoticeAssigned)
	}
}

// add tells an agent, unless there is nobody to tell. Each record asks it for a few
// by name, and for followers, of whom each is one once.
func (n *notices) add(agent AgentHandle, kind NoticeKind) {
	if agent == 0 || slices.ContainsFunc(n.list, func(have Notice) bool { return have.Agent == agent }) {
		return
	}
	row, there := n.state.Agents.Get(agent)
	if !there || row.Removed || n.isActor(row.ID) {
		return
	}
	if channels := row.ChannelsFor(kind); channels != 0 {
		n.list = append(n.list, Notice{Agent: agent, Kind: kind, Channels: channels})
	}
}

func (n *notices) isActor(agent AgentID) bool {
	id, isAgent := strings.CutPrefix(n.rec.Actor, "agent:")
	return isAgent && id == string(agent)
}

func (n *notices) followers(about *Conversation) {
	if n.state.Followers.Len() == 0 {
		return
	}
	inbox, _ := n.state.Inboxes.Get(about.Inbox)
	for agent := range n.state.Followers.Of(customerOf(n.state, *about).Handle) {
		if mayFollowIn(n.state, inbox, agent) {
			n.add(agent, NoticeFollowed)
		}
	}
}

// mayFollowIn says whether an agent may be told of what comes to an inbox that is
// not her own work: she has access, or is an admin.
func mayFollowIn(s *State, inbox Inbox, agent AgentHandle) bool {
	if hasAccess(s, inbox, agent) {
		return true
	}
	row, _ := s.Agents.Get(agent)
	return row.Role == RoleAdmin
}

// leaders tells the supervisors of a team; where it has none who may see the inbox,
// all supervisors and admins, so that nothing is forgotten (S5.14). A nil inbox is
// no restriction.
func (n *notices) leaders(handle TeamHandle, kind NoticeKind, inbox *Inbox) {
	team, _ := n.state.Teams.Get(handle)
	found := false
	for _, agent := range team.Supervisors {
		if inbox == nil || mayFollowIn(n.state, *inbox, agent) {
			n.add(agent, kind)
			found = true
		}
	}
	if found {
		return
	}
	asked := 0
	for agent := range n.state.Agents.leaders.From(0) {
		if asked++; asked > MaxLeadersTold {
			return
		}
		if inbox == nil || mayFollowIn(n.state, *inbox, agent) {
			n.add(agent, kind)
		}
	}
}
