package fsm

// A State is everything the nodes agree on. Package doc: see apply.go.
//
// It is a value that is copied by Clone and in no other way: plain assignment
// shares the trees, and rows would change behind the copy's back. Snapshot, read
// view and test fixture are all clones.
type State struct {
	Meta

	Agents        Agents
	Groups        Groups
	Teams         Teams
	Members       Members
	Cursors       Cursors
	Credits       Credits
	Inboxes       Inboxes
	Contacts      Contacts
	Conversations Conversations
	Queues        Queues
	Timers        Timers
	Chores        Chores
	Keys          Keys
	Nodes         Nodes
	Revisions     Revisions
	Followers     Followers
	Notifications Notifications
	Views         Views
	Schedules     Schedules
	Rules         Rules
	Editions      Editions
	Runs          Runs
	Offers        Offers
	Records       Records
}

// Meta is what the state knows about itself.
type Meta struct {
	Index uint64 `cbor:"1,keyasint"` // Raft index of the last entry applied
	Seq   uint64 `cbor:"2,keyasint"` // counts items, timers fired and queues resumed
	NowMs int64  `cbor:"3,keyasint"` // the cluster's time: never back

	// Chain is H(n) = SHA-256(H(n-1), packed records of entry n). Entries without
	// records leave it as it was, so it can be recomputed from the records alone.
	Chain [32]byte `cbor:"4,keyasint"`

	ClusterID  string   `cbor:"5,keyasint"`
	Semantics  uint32   `cbor:"6,keyasint"` // meaning of commands in force
	Collation  uint32   `cbor:"7,keyasint"` // version of the sort keys in force
	Term       uint64   `cbor:"8,keyasint"` // of the last term.begin
	Leader     NodeID   `cbor:"9,keyasint"` // who began it
	LastHandle uint64   `cbor:"10,keyasint"`
	Settings   Settings `cbor:"11,keyasint"`

	// LastSmall numbers agents, teams and inboxes. Their handles have 32 bits,
	// which conversations and contacts would use up within months on a busy cluster.
	LastSmall uint32 `cbor:"12,keyasint"`

	Forgotten Forgotten `cbor:"13,keyasint,omitzero"` // of the records

	Checkpoint Checkpoint `cbor:"14,keyasint,omitzero"` // the newest

	LeaseGraceMs int64 `cbor:"15,keyasint,omitempty"` // when the term began: no lease is older
}

// Settings are limits that all nodes share, since they decide outcomes.
type Settings struct {
	MaxKeys     uint64 `cbor:"1,keyasint"`
	RecordBytes uint64 `cbor:"2,keyasint,omitempty"` // 0: DefaultRecordBytes; see forgetRecords

	Criteria Criteria `cbor:"15,keyasint,omitzero"`
}

// NewState returns the state before the first entry.
func NewState() *State {
	return &State{
		Meta:          Meta{Semantics: Semantics, Settings: Settings{MaxKeys: DefaultMaxKeys}},
		Agents:        newAgents(),
		Groups:        newGroups(),
		Teams:         newTeams(),
		Members:       newMembers(),
		Cursors:       newCursors(),
		Credits:       newCredits(),
		Inboxes:       newInboxes(),
		Contacts:      newContacts(),
		Conversations: newConversations(),
		Queues:        newQueues(),
		Timers:        newTimers(),
		Chores:        newChores(),
		Keys:          newKeys(),
		Nodes:         newNodes(),
		Revisions:     newRevisions(),
		Followers:     newFollowers(),
		Notifications: newNotifications(),
		Views:         newViews(),
		Schedules:     newSchedules(),
		Rules:         newRules(),
		Editions:      newEditions(),
		Runs:          newRuns(),
		Offers:        newOffers(),
		Records:       newRecords(),
	}
}

// Clone returns a copy that later changes to s do not reach, in microseconds
// whatever the size. It writes to s, so whoever calls it must hold s as if to
// apply an entry. The copy may be read by many goroutines at once.
func (s *State) Clone() *State {
	return &State{
		Meta:          s.Meta,
		Agents:        s.Agents.clone(),
		Groups:        s.Groups.clone(),
		Teams:         s.Teams.clone(),
		Members:       s.Members.clone(),
		Cursors:       s.Cursors.clone(),
		Credits:       s.Credits.clone(),
		Inboxes:       s.Inboxes.clone(),
		Contacts:      s.Contacts.clone(),
		Conversations: s.Conversations.clone(),
		Queues:        s.Queues.clone(),
		Timers:        s.Timers.clone(),
		Chores:        s.Chores.clone(),
		Keys:          s.Keys.clone(),
		Nodes:         s.Nodes.clone(),
		Revisions:     s.Revisions.clone(),
		Followers:     s.Followers.clone(),
		Notifications: s.Notifications.clone(),
		Views:         s.Views.clone(),
		Schedules:     s.Schedules.clone(),
		Rules:         s.Rules.clone(),
		Editions:      s.Editions.clone(),
		Runs:          s.Runs.clone(),
		Offers:        s.Offers.clone(),
		Records:       s.Records.clone(),
	}
}

// mint returns a handle for a conversation or a contact that was never used
// before.
func (s *State) mint() uint64 {
	s.LastHandle++
	return s.LastHandle
}

// mintSmall does so for an agent, a team or an inbox.
func (s *State) mintSmall() uint32 {
	s.LastSmall++
	return s.LastSmall
}
