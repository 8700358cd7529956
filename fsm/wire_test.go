package fsm

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/crc32"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/rondohq/rondo/rotation"
)

const wireGolden = "testdata/wire.golden"

// samples holds one command of every kind with every field set.
var samples = []Command{
	BeginTerm{Node: "n1", Term: 7, Version: "v0.1.0", Semantics: 1, Collation: 1, ClusterID: "cl-1"},
	PutAgent{ID: "chris", Name: "Chris Brisson", Kind: "person", SortKey: "\x16\x1d\x00", Collation: 1},
	PutPresence{Agent: "chris", Status: "away", Reason: "lunch"},
	PutTeam{ID: "sales", Name: "Sales", Members: []TeamMember{{Agent: "chris"}, {Agent: "mallory"}}, Rotation: &RotationSettings{
		Strategy: "round_robin", Order: "list", AssignTo: "not_away", Per: "inbox",
		Fallback:   &FallbackSettings{To: "agent", Agent: "boss"},
		DrainBurst: new(uint32(0)), DrainIntervalSeconds: new(uint32(1)), AlertAfterSeconds: new(uint32(300))}},
	PutInbox{ID: "sms", Name: "SMS", Channel: Channel{"sms", "+15550100"}, Assignment: InboxAssignment{Mode: "rotation", Team: "sales"}},
	PutContact{ID: "p1", Name: "Ann", Addresses: []string{"+15550111", "ann@example.com"}},
	OpenConversation{ID: "c1", Inbox: "sms", Contact: "p1", From: &Sender{"+15550111", "Ann"}, Direction: "inbound",
		Attributes: map[string]string{"order": "42", "area": "uk"}, MintedContact: "p9", MintedID: "c9"},
	ReceiveMessage{Inbox: "sms", ID: "SM1", Direction: "inbound", From: Sender{"+15550111", "Ann"}, SentAt: "2026-11-21T09:14:02Z",
		MintedContact: "p9", MintedID: "c9"},
	AssignConversation{Conversation: "c1", Agent: "uk", IfAssignee: Expectation{Set: true, Agent: "chris"}},
	UnassignConversation{Conversation: "c1"},
	ClaimConversation{Conversation: "c1", Agent: "uk"},
	RequeueConversation{Conversation: "c1"},
	CloseConversation{"c1"},
	ReopenConversation{"c1"},
	AnnounceNode{ID: "n1", HTTP: "127.0.0.1:4600", Cluster: "127.0.0.1:4601", Zone: "a", Region: "eu", Version: "v0.1.0", Semantics: 1},
	PutMember{Team: "sales", Agent: "uk"},
	DeleteMember{Team: "sales", Agent: "uk"},
	ForgetNode{"n4"},
	BeginCheckpoint{},
	ReportCheckpoint{Node: "n1", Index: 7, Hash: [32]byte{8}},
	PutGroup{ID: "uk", Name: "UK", Members: []ListedAgent{{"chris"}}},
	PutGroupMember{"uk", "chris"},
	DeleteGroupMember{"uk", "chris"},
	RenewPresence{[]AgentID{"chris", "mallory"}},
	DeletePlan{"chris"},
	DeleteGroup{"uk"},
	DeleteAgent{"chris", "keep"},
	DeleteTeam{"sales"},
	ReleaseAgent{Agent: "chris", To: "requeue", Reason: "sick"},
	PutInboxAccess{"sms", "uk"},
	DeleteInboxAccess{"sms", "uk"},
	PutInboxMember{"sms", "uk"},
	DeleteInboxMember{"sms", "uk"},
	DeleteInbox{"sms"},
	PutContactOwner{Contact: "p1", Agent: "uk"},
	DeleteContactOwner{Contact: "p1"},
	FollowContact{"p1", "uk"},
	UnfollowContact{"p1", "uk"},
	FollowConversation{"c1", "uk"},
	UnfollowConversation{"c1", "uk"},
	ReadNotifications{"uk", "1042.3", []string{"1042.0"}},
	PutPreferences{"uk", NoticePreferences{Assigned: &ChannelPreferences{new(false), new(false), new(true)}, Reassigned: &ChannelPreferences{},
		Unassigned: &ChannelPreferences{}, Message: &ChannelPreferences{}, Followed: &ChannelPreferences{}, Waiting: &ChannelPreferences{},
		Held: &ChannelPreferences{}, Offered: &ChannelPreferences{}, Escalated: &ChannelPreferences{}}},
	ResortRotation{"sales"},
	RefundDecision{"1042.0", "spam"},
	PutTag{"c1", "spam"},
	DeleteTag{"c1", "spam"},
	PutContactTag{"p1", "vip"},
	DeleteContactTag{"p1", "vip"},
	AssignContact{"p1", "sales", "c9"},
	MergeContacts{"p1", "p2"},
	EraseContact{"p1"},
	PutView{"hers", "Ann's", "ann", "sales", "assignee=ann,bob&status=open", "-activity"},
	DeleteView{"hers"},
	PutSchedule{ID: "office", Name: "Office", Zone: "Europe/Berlin", Weekly: []WeeklyHours{{[]string{"mon", "tue"}, "09:00", "17:30"}},
		Exceptions: []ScheduleException{{Date: "2026-12-24", From: "09:00", To: "12:00"}, {Date: "2026-12-25", Closed: true, Name: "Christmas"}},
		Shifts:     []Shift{{"early", []string{"mon"}, "06:00", "14:00", []RosterEntry{{Agent: "chris"}, {Group: "uk"}}}}, Ahead: sampleHorizon},
	DeleteSchedule{"office"},
	ExtendSchedule{"office", 7, sampleHorizon},
}

func sampleEntry(c Command) Entry {
	it := NewItem(c, "agent:mallory", "asserted", Key{KeyClient, "agent:mallory", "key-1"})
	it.NotAfterMs = 1_800_000_060_000
	return Entry{Format: EntryFormat, MinSemantics: 1, TimeMs: 1_800_000_000_000, Items: []Item{it}}
}

// goldenLines returns what must never change, each with its name.
func goldenLines() (lines [][2]string) {
	add := func(name, value string) { lines = append(lines, [2]string{name, value}) }
	for _, r := range registrations {
		add(fmt.Sprintf("kind %d", r.kind), r.name)
	}
	add("entry of nothing", hex.EncodeToString(EncodeEntry(Entry{MinSemantics: 1, TimeMs: 1_800_000_000_000})))
	for _, c := range samples {
		add("entry of "+kindOf(c).Name(), hex.EncodeToString(EncodeEntry(sampleEntry(c))))
	}
	for _, name := range slices.Sorted(maps.Keys(laterSamples)) {
		add(name, hex.EncodeToString(EncodeEntry(sampleEntry(laterSamples[name]))))
	}
	for _, name := range slices.Sorted(maps.Keys(laterRecords)) {
		add(name, hex.EncodeToString(encode(laterRecords[name])))
	}
	add("entry with a precondition", hex.EncodeToString(EncodeEntry(conditionalEntry())))
	add("entry with an amendment", hex.EncodeToString(EncodeEntry(amendingEntry())))
	for _, key := range []Key{{KeyMessage, "sms", "SM1"}, {KeyClient, "agent:mallory", "key-1"}, {KeyMinted, "", "01J"}} {
		hash := key.Hash()
		add(fmt.Sprint("key of source ", key.Source), hex.EncodeToString(key.Bytes())+" "+hex.EncodeToString(hash[:]))
	}
	add("rejection", hex.EncodeToString(encode(sampleRejection)))
	add("rejection of a lost race", hex.EncodeToString(encode(lostRejection)))
	add("record", hex.EncodeToString(encode(sampleRecord)))
	add("record of a group", hex.EncodeToString(encode(sampleGroupRecord)))
	add("record without anything", hex.EncodeToString(encode(Record{})))
	rows := sampleRows()
	maps.Copy(rows, laterRows)
	for _, name := range slices.Sorted(maps.Keys(rows)) {
		add("row of "+name, hex.EncodeToString(encode(rows[name])))
	}
	enums := map[string][]string{
		"set owner": setOwners,
		"event":     events, "decision": decisionKinds, "cause": causes, "note": notes, "state": assignmentStates, "status": conversationStatuses,
		"order": orders, "per": pers, "fallback": fallbacks, "mode": modes, "direction": directions, "agent kind": agentKinds, "role": agentRoles,
		"notice": noticeKinds, "channel": channelNames, "when away": whenAways, "known without owner": knownWithoutOwners, "when owner absent": whenOwnerAbsents,
	}
	for _, name := range slices.Sorted(maps.Keys(enums)) {
		for i, n := range enums[name] {
			add(fmt.Sprintf("%s %d", name, i), n)
		}
	}
	for v := range rotation.Settling + 1 {
		add(fmt.Sprintf("verdict %d", v), v.String())
	}
	for s := range rotation.StatusInBreak + 1 {
		add(fmt.Sprintf("presence %d", s), s.String())
	}
	return lines
}

var sampleHorizon = Horizon{Zones: "2025c", FromMs: 1_800_000_000_000, UntilMs: 1_803_000_000_000, On: 3, Turns: []Turn{{AtMs: 1_800_000_000_001, On: 1}, {AtMs: 1_800_000_000_002, On: 0}}}

var sampleRecord = Record{
	ID: RecordID{1042, 1}, Seq: 77, TimeMs: 1_800_000_000_000, Actor: "agent:mallory", Via: "asserted", Event: ConversationAssigned,
	Conversation: 11, Contact: 12, Agent: 3, Team: 4, Inbox: 5, Status: rotation.StatusAway, Previous: 1<<segmentBits | 99,
	Node: "n1", MessageID: "SM1", SentMs: 1_800_000_000_001,
	Decision: &Decision{
		Kind: DecidedFallback, Trigger: MessageReceived, Assignee: 3, Before: 6, CursorBefore: 7, CursorAfter: 8, Turn: true,
		Passed: []PassedOver{{Agent: 9, Verdict: rotation.Away}, {Agent: 10, Verdict: rotation.DrainAllowance}},
		Counts: []Count{{Verdict: rotation.Away, N: 1}, {Verdict: rotation.DrainAllowance, N: 40}}, Notes: []Note{AssigneeAbsent},
		Cause: CauseFallback, Restriction: "area=uk", Rule: "r1", RuleRevision: 2, FallbackStep: new(uint8(1)),
	},
}

var sampleGroupRecord = Record{ID: RecordID{1043, 0}, Seq: 78, TimeMs: 1_800_000_000_000, Actor: "agent:mallory", Event: GroupChanged, Group: 9}

// sampleRows are what snapshots are made of.
func sampleRows() map[string]any {
	return map[string]any{
		"header": snapshotHeader{snapshotMagic, SnapshotFormat, Meta{Index: 1, Seq: 2, NowMs: 3, Chain: [32]byte{4}, ClusterID: "cl-1", Semantics: 1,
			Collation: 1, Term: 5, Leader: "n1", LastHandle: 6, Settings: Settings{MaxKeys: 7}, LastSmall: 8}},
		"header, records forgotten": snapshotHeader{snapshotMagic, SnapshotFormat, Meta{Index: 1, Settings: Settings{RecordBytes: 2},
			Forgotten: Forgotten{Segments: 3, Last: RecordID{4, 5}, Chain: [32]byte{6}, Early: 7}}},
		"header, checkpoint": snapshotHeader{snapshotMagic, SnapshotFormat, Meta{Index: 1,
			Checkpoint: Checkpoint{Index: 2, BegunMs: 3, Reports: []CheckpointReport{{"n1", [32]byte{4}}}}}},
		"table":   snapshotTable{"agents", 3},
		"segment": snapshotSegment{RecordID{1, 2}, []byte{3}},
		"agents": Agent{Handle: 1, ID: "chris", Name: "Chris", SortKey: "\x01", Kind: Shared, CreatedMs: 2, Revision: 3,
			Presence: Presence{Status: rotation.StatusAway, Reason: "lunch", SinceMs: 4, By: "agent:chris"}},
		"agents, attributes": Agent{Handle: 1, ID: "chris", Abilities: Abilities{[]string{"es"}, []string{"EU"}, []string{"vip"}},
			Email: "chris@example.com", Role: RoleAdmin, Pending: true, Fields: []Attribute{{"desk", "4"}}, Removed: true},
		"teams, groups": Team{Handle: 1, ID: "sales", Roster: Roster{{Agent: 2}, {Group: 3}}, Supervisors: []AgentHandle{4}, SelfJoin: true, Removed: true},
		"chores":        Chore{Kind: ChoreRehome, Agent: 1, Team: 2, Because: AgentRemoved, Actor: "agent:boss", Via: "asserted", BegunMs: 3, Resume: 4},
		"groups":        Group{Handle: 1, ID: "uk", Name: "UK", Members: []AgentHandle{2}, Revision: 3, Removed: true},
		"agents, planned": Agent{Handle: 1, ID: "chris", Name: "Chris", Presence: Presence{Status: rotation.StatusUnavailable, By: "system:timer", UntilMs: 5,
			Lease: Lease{PeriodMs: 6, ExpiresMs: 7, Awaiting: true, TimerMs: 8}},
			Plan: Plan{rotation.StatusAway, "dentist", 9, 10, 11, "agent:boss"}, LeftMs: 12, LatestPresence: 13, LatestLoss: 14},
		"teams, when away":    Team{Handle: 1, ID: "sales", WhenAway: AtOnce, DwellMs: 2},
		"members, settling":   Member{Team: 1, Agent: 2, Rank: "\x01", Verdict: rotation.Settling, SettledMs: 3},
		"timers, resumed":     Timer{DueMs: 1, Kind: TimerGiveBack, Team: 2, Agent: 3, Resume: 4},
		"header, lease grace": snapshotHeader{snapshotMagic, SnapshotFormat, Meta{Index: 1, LeaseGraceMs: 2}},
		"teams": Team{Handle: 1, ID: "sales", Name: "Sales", Members: 2, Revision: 3, Rotation: Rotation{Order: OrderList, AssignTo: rotation.AssignToAnyone,
			Per: PerInbox, FallbackChain: FallbackChain{Fallback: FallbackAgent, FallbackAgent: 4}, DrainBurst: 5, DrainIntervalMs: 6, AlertAfterMs: 7}},
		"teams, by hand":           Team{Handle: 1, ID: "sales", HandoverRules: HandoverRules{ByHand: true, HeldAlertMs: 60_000}},
		"conversations, passed on": Conversation{Handle: 1, ID: "c1", Decided: 12, Home: 6},
		"inboxes, of supervisors":  Inbox{Handle: 1, ID: "sms", Rules: InboxRules{Reassign: ReassignSupervisors}},
		"members":                  Member{Team: 1, Agent: 2, Rank: "\x01", Position: 3, Verdict: rotation.Away, JoinedMs: 4, Draining: true, Allowance: 5, AllowanceMs: 6},
		"cursors":                  Cursor{Team: 1, Inbox: 2, Restriction: "area=uk", Rank: "\x01", Agent: 3, UsedSeq: 4},
		"inboxes":                  Inbox{Handle: 1, ID: "sms", Name: "SMS", Channel: Channel{"sms", "+1"}, Mode: ModeRotation, Team: 2, Revision: 3},
		"inboxes, with people": Inbox{Handle: 1, ID: "sms", Name: "SMS", Mode: ModeDefaultAssignee, Team: 2, Revision: 3, Removed: true,
			People: InboxPeople{Access: Roster{{Agent: 4}, {Group: 5}}, Members: Roster{{Agent: 6}}},
			Rules:  InboxRules{DefaultAssignee: 7, HoldUnknown: true, KnownWithoutOwner: KnownToTeamInbox, WhenOwnerAbsent: OwnerWait, LastAssignee: true}},
		"contacts":                 Contact{Handle: 1, ID: "p1", Name: "Ann", Addresses: []string{"+1"}, Known: true, CreatedMs: 2, Revision: 3},
		"contacts, with traits":    Contact{Handle: 1, ID: "p1", Traits: Traits{[]string{"vip"}, []Attribute{{"shoe", "44"}}, "es", "EU", true}},
		"contacts, ended":          Contact{Handle: 1, ID: "p1", End: End{2, 3}},
		"chores of a contact":      Chore{Kind: ChoreOwner, Agent: 1, Because: ContactChanged, Resume: 4, OfContact: OfContact{5, 6}},
		"inboxes, set owner":       Inbox{Handle: 1, ID: "sms", Rules: InboxRules{SetOwner: FirstAssigneeOwns}},
		"contacts, qualified":      Contact{Handle: 1, ID: "p1", Revision: 3, QualifiedMs: 5},
		"chores of rules":          Chore{Kind: ChoreRule, Because: ScheduleOpened, OfRule: OfRule{"schedule_opened", 7, "early", PendingOpened, 0, 0}},
		"conversations, in rounds": Conversation{Handle: 1, ID: "c1", Willed: Willed{Rounds: 38}},
		"chores of rules, whose":   Chore{Kind: ChoreDisowned, Because: RuleRemoved, Actor: "agent:boss", OfRule: OfRule{Rule: 8}},
		"chores of rules, since":   Chore{Kind: ChoreRule, Because: ScheduleOpened, OfRule: OfRule{Schedule: 7, Waits: PendingOpened, Seq: 24}},
		"conversations, willed":    Conversation{Handle: 1, ID: "c1", Willed: Willed{36, 37, 0}},
		"conversations, waited":    Conversation{Handle: 1, ID: "c1", Talk: Talk{Patience: Patience{5, 60, 7}}},
		"contacts, owned":          Contact{Handle: 1, ID: "p1", Revision: 3, Owner: 4},
		"conversations, for an owner, of a desk": Conversation{Handle: 1, ID: "c1", RepliesTo: Desk{2, 3},
			Assignment: Assignment{State: StateManual, Cause: CauseOwnerAbsent, SinceMs: 5, For: 7}},
		"conversations": Conversation{Handle: 1, ID: "c1", Inbox: 2, Contact: 3, Direction: Outbound, Status: StatusClosed, Priority: 4,
			Assignment: Assignment{State: StateWaiting, Cause: QueueAhead, SinceMs: 5, Team: 6, Assignee: 7, QueueSeq: 8}, OpenedMs: 9, ClosedMs: 10,
			Attributes: []Attribute{{"area", "uk"}}, Opening: 11, Latest: 12, Revision: 13},
		"conversations, leads":     Conversation{Handle: 1, ID: "c1", Contact: 3, Lead: true, Assignment: Assignment{State: StateAssigned, Assignee: 7, Individual: true}},
		"conversations, talked in": Conversation{Handle: 1, ID: "c1", Status: StatusSnoozed, UntilMs: 5, Talk: Talk{Unread: 1, InboundMs: 2, OutboundMs: 3, FirstReplyMs: 4}},
		"rejections, merged":       Rejection{Reason: MergedAway, Detail: "x", Contact: "p1"},
		"queues":                   Queue{Team: 1, Waiting: 2, SinceMs: 3, AlertMs: 4, Alerted: true, Unserved: true},
		"timers":                   Timer{DueMs: 1, Kind: TimerAllowance, Team: 2, Agent: 3},
		"keys": KeyRow{Hash: KeyHash{1}, Request: KeyHash{2}, ExpiresMs: 3, Created: true, Subject: Subject{NounConversation, 4}, Decision: RecordID{5, 6},
			Rejection: &Rejection{Reason: AlreadyAssigned, Detail: "x", Fields: []FieldError{{"/a", "b", "c"}}, Assignee: "uk", Decision: RecordID{7, 8}, Differs: []string{"inbox"}},
			Seq:       9, Index: 10},
		"keys, warned": KeyRow{Hash: KeyHash{1}, Request: KeyHash{2}, ExpiresMs: 3, Subject: Subject{NounTeam, 4}, Seq: 9, Index: 10,
			Warnings: WarnFallbackAbsent | WarnTeamEmpty},
		"nodes": Node{ID: "n1", HTTP: "h", Cluster: "c", Zone: "z", Region: "r", Version: "v", Semantics: 1, Revision: 2},
		"teams, rules": Team{Rotation: Rotation{Strategy: LeastOpen, Order: OrderLeastRecent, OnReturn: GoNext, ExcludeTags: []string{"spam"},
			FallbackChain: FallbackChain{Fallback: FallbackTeam, FallbackTeam: 2, FallbackAfterMs: 3, Then: []FallbackStep{{FallbackAgent, 4, 5, 6}}}}},
		"members, returned": Member{Returns: Returns{Was: true, ReturnSeq: 1}},
		"credits":           Credit{Team: 1, Agent: 2, Seq: 3, ExpiresMs: 4, Decision: RecordID{5, 6}, Inbox: 7, Restriction: "area=uk", Reason: "spam", Spent: true},
		"timers, credit":    Timer{DueMs: 1, Kind: TimerCredit, Team: 2, Agent: 3, Ref: 4},
		"conversations, tagged": Conversation{Tags: []string{"spam"}, Requires: Requirement{"es", "EU", "vip"},
			Assignment: Assignment{Progress: Progress{Chain: 1, Step: 2, StepMs: 3}}},
		"record, refund":            Record{Refunds: RecordID{1, 2}},
		"agents, muted":             Agent{Handle: 1, ID: "chris", Muted: 2},
		"teams, assignment message": Team{Handle: 1, ID: "sales", Greeting: "Hello"},
		"conversations, greeted":    Conversation{Handle: 1, ID: "c1", Greeted: 2},
		"followers":                 Follow{1, 2, 3},
		"notifications":             Notification{Agent: 1, Kind: NoticeAssigned, Read: true, Team: 2, Record: RecordID{3, 4}, Conversation: 5, TimeMs: 6},
		"views":                     View{1, "hers", "Ann's", 2, 3, "assignee=ann&status=open", "-activity", 4, true},
		"nodes, removed":            Node{ID: "n4", Forgotten: true, Revision: 3},

		"conversations, snoozed": Conversation{Handle: 1, ID: "c1", Status: StatusSnoozed, UntilMs: 2, Lead: true, Talk: Talk{Unread: 3, InboundMs: 4, OutboundMs: 5, FirstReplyMs: 6}},
		"teams, on close":        Team{Handle: 1, ID: "sales", UnassignOnClose: true},
		"teams, deserted":        Team{Handle: 1, ID: "sales", Deserted: true},
		"inboxes, its bot":       Inbox{Handle: 1, ID: "sms", Rules: InboxRules{Bot: 2}},
		"timers, snooze":         Timer{DueMs: 1, Kind: TimerWake, Ref: 2},
		"schedules": Schedule{Handle: 1, ID: "office", Name: "Office", Zone: "Europe/Berlin", Revision: 2, Removed: true, Ahead: sampleHorizon, Hours: ScheduleHours{
			[]HoursRow{{3, 540, 1050}}, []ExceptionRow{{20811, true, 1, 2, "Christmas"}}, []ShiftRow{{"early", HoursRow{1, 360, 840}, Roster{{Agent: 3}, {Group: 4}}}}}},
		"inboxes, office hours": Inbox{Handle: 1, ID: "sms", Rules: InboxRules{OfficeHours: OfficeHours{2, OutsideWait}}},
		"schedules, presence":   Schedule{Handle: 1, ID: "office", Presence: true},
		"timers, shift":         Timer{DueMs: 1, Kind: TimerShift, Ref: 2, Agent: 3, Resume: 4<<32 | 8},
		"timers, hours":         Timer{DueMs: 1, Kind: TimerHours, Ref: 2},
		"timers, schedule":      Timer{DueMs: 1, Kind: TimerSchedule, Ref: 2},

		"conversations, offered": Conversation{Handle: 1, ID: "c1", Assignment: Assignment{State: StateOffered, Offered: 4}, Asked: []AgentHandle{2, 3}},
		"offers":                 Offer{1, 2, 3, 4, 5, 6, 7, OfferEndDeclined, 8, RecordID{9, 1}, 0},
		"conversations, escalated": Conversation{Handle: 1, ID: "c1", Escalated: &Escalation{2, 3,
			[]DoneEscalation{{2, 1, 4, EscalationStep{WhenNoReply, 5, EscalateToAgent, 6, 7, 8, true}, EscalationAtCapacity}}, []AgentHandle{9}, 10, 11, 12, 13, true}},
		"teams, escalations":      Team{Handle: 1, ID: "sales", Escalations: []EscalationStep{{WhenNoReply, 5, EscalateToAgent, 6, 7, 8, true}}},
		"conversations, narrowed": Conversation{Handle: 1, ID: "c1", Narrowed: &Narrowing{4, Requirement{Language: "de"}, Asks{3, 2, 5, true, 7}}},
		"agents, limits":          Agent{Handle: 1, ID: "chris", Limits: Limits{Open: 2}},
		"teams, limits": Team{Handle: 1, ID: "sales", Capacity: Capacity{2, []AgentLimit{{Agent: 3, Open: 4}}}, Rate: Rate{5, 6},
			Weights: []Weighting{{Participant: Participant{Agent: 3}, Weight: 7}}},
		"inboxes, capacity": Inbox{Handle: 1, ID: "sms", Capacity: Capacity{Open: 2}},
		"members, limits":   Member{Team: 1, Agent: 2, Given: "\x00\x00\x00\x00\x00\x00\x00\x03", RateMs: 4, Weight: 5},
		"cursors, slot":     Cursor{Team: 1, Agent: 2, Slot: rotation.Slot{N: 3, Of: 4}},
		"timers, rate":      Timer{DueMs: 1, Kind: TimerRate, Team: 2, Agent: 3},
	}
}

// TestWireIsForEver: kinds, names, numbers and fields that stand in logs and
// snapshots never change. With -update new lines are added to the golden file;
// lines that are there are never rewritten.
func TestWireIsForEver(t *testing.T) {
	data, err := os.ReadFile(wireGolden)
	if err != nil && !*update {
		t.Fatal(err)
	}
	golden := map[string]string{}
	for line := range strings.Lines(string(data)) {
		name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ": ")
		golden[name] = value
	}
	for _, line := range goldenLines() {
		name, value := line[0], line[1]
		switch want, known := golden[name]; {
		case !known && *update:
			data = fmt.Appendf(data, "%s: %s\n", name, value)
		case !known:
			t.Errorf("%s is not in %s: add it with -update", name, wireGolden)
		case want != value:
			t.Errorf("%s has changed, and logs that hold it cannot be read any more:\ngot  %s\nwant %s", name, value, want)
		}
		delete(golden, name)
	}
	for name := range golden {
		t.Errorf("%s is gone, and logs that hold it cannot be read any more", name)
	}
	if *update && !t.Failed() {
		if err := os.WriteFile(wireGolden, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// TestEveryCommandHasASample with every field set, so that none is forgotten in
// the golden file.
func TestEveryCommandHasASample(t *testing.T) {
	var all []any
	for _, c := range samples {
		all = append(all, c)
	}
	for _, r := range registrations {
		found := false
		for _, c := range samples {
			found = found || kindOf(c) == r.kind
		}
		if !found {
			t.Errorf("there is no sample of %s: add one, and its golden line", r.name)
		}
	}
	for _, c := range laterSamples {
		all = append(all, c)
	}
	for _, row := range sampleRows() {
		all = append(all, row)
	}
	for _, row := range laterRows {
		all = append(all, row)
	}
	for _, c := range laterSamples {
		all = append(all, c)
	}
	for _, rec := range laterRecords {
		all = append(all, rec)
	}
	// A field that came later stands in a sample of its own: golden lines do not change.
	filled := map[string]bool{}
	all = append(all, lostRejection, *laterRecords["record of an undo"].Decision, *laterRecords["record of a rule"].Decision, sampleRejection, conditionalEntry().Items[0].If, *amendingEntry().Items[0].Amends, sampleRecord, sampleGroupRecord, *sampleRecord.Decision, sampleEntry(samples[0]).Items[0])
	for _, v := range all {
		value := reflect.ValueOf(v)
		for i := range value.NumField() {
			name := fmt.Sprintf("%T.%s", v, value.Type().Field(i).Name)
			filled[name] = filled[name] || !value.Field(i).IsZero()
		}
	}
	for _, v := range all {
		value := reflect.ValueOf(v)
		for i := range value.NumField() {
			field := value.Type().Field(i)
			if !filled[fmt.Sprintf("%T.%s", v, field.Name)] && field.Name != "_" && field.Name != "Workspace" && field.Name != "Strategy" && field.Name != "If" && field.Name != "Amends" {
				t.Errorf("the sample of %T leaves %s empty", v, field.Name)
			}
		}
	}
}

// TestOldEntriesAreRead: what the golden file holds decodes to what was written.
func TestOldEntriesAreRead(t *testing.T) {
	data, err := os.ReadFile(wireGolden)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for line := range strings.Lines(string(data)) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
		if sample, later := laterSamples[name]; later {
			checkReads(t, name, value, sample)
			n++
		}
		kind, isEntry := strings.CutPrefix(name, "entry of ")
		if !isEntry || kind == "nothing" {
			continue
		}
		n++
		raw, err := hex.DecodeString(value)
		if err != nil {
			t.Fatal(err)
		}
		entry, err := DecodeEntry(raw)
		if err != nil {
			t.Fatalf("%s: %v", kind, err)
		}
		c, err := DecodeItem(entry.Items[0])
		if err != nil {
			t.Fatalf("%s: %v", kind, err)
		}
		for _, sample := range samples {
			if kindOf(sample).Name() == kind && (!reflect.DeepEqual(c, sample) || !reflect.DeepEqual(entry, sampleEntry(sample))) {
				t.Errorf("%s: got  %+v\nwant %+v", kind, c, sample)
			}
		}
	}
	if n != len(registrations)+len(laterSamples) {
		t.Errorf("%d entries read, want one of each of %d kinds and %d later ones", n, len(registrations), len(laterSamples))
	}
}

// TestDamageIsSeen: no entry with a flipped bit, cut off or with something behind
// it is ever accepted.
func TestDamageIsSeen(t *testing.T) {
	for _, c := range samples {
		data := EncodeEntry(sampleEntry(c))
		refused := func(damaged []byte, what string) {
			t.Helper()
			if VerifyEntry(damaged) == nil {
				t.Fatalf("%T: VerifyEntry accepted %s", c, what)
			}
			if _, err := DecodeEntry(damaged); err == nil {
				t.Fatalf("%T: DecodeEntry accepted %s", c, what)
			}
		}
		for at := range data {
			refused(data[:at], fmt.Sprint("only the first bytes, ", at))
			for mask := 1; mask < 256; mask <<= 1 {
				damaged := bytes.Clone(data)
				damaged[at] ^= byte(mask)
				refused(damaged, fmt.Sprintf("byte %d with bits %02x flipped", at, mask))
			}
			zeroed := append(bytes.Clone(data[:at]), make([]byte, len(data)-at)...)
			if !bytes.Equal(zeroed, data) {
				refused(zeroed, fmt.Sprint("zeros from byte ", at))
			}
		}
		refused(append(bytes.Clone(data), 0), "a byte behind it")
	}
}

// sealed returns the data of an entry of any body, with a right checksum.
func sealed(body []byte) []byte {
	data := append([]byte{EntryFormat}, binary.BigEndian.AppendUint32(nil, crc32.Checksum(body, castagnoli))...)
	return append(data, body...)
}

// TestNewerWritersAreRefused: what this binary cannot know is an error that says
// what to do, and changes nothing.
func TestNewerWritersAreRefused(t *testing.T) {
	type newerEntry struct {
		Entry
		Tenth uint64 `cbor:"10,keyasint"`
	}
	type newerAgent struct {
		PutAgent
		Tenth uint64 `cbor:"10,keyasint"`
	}
	entry := sampleEntry(samples[1])
	unknownKind, unknownField, semantics := sampleEntry(samples[1]), sampleEntry(samples[1]), sampleEntry(samples[1])
	unknownKind.Items[0].Kind = 9999
	unknownField.Items[0].Body = encode(newerAgent{samples[1].(PutAgent), 1})
	semantics.MinSemantics = Semantics + 1
	format := EncodeEntry(entry)
	format[0]++

	for name, data := range map[string][]byte{
		"format": format, "kind": EncodeEntry(unknownKind), "field of a command": EncodeEntry(unknownField),
		"semantics": EncodeEntry(semantics), "field of an entry": sealed(encode(newerEntry{entry, 1})),
	} {
		s := NewState()
		before := snapshotIn(t, s)
		e, err := DecodeEntry(data)
		if err == nil {
			_, err = s.Apply(1, e)
		}
		if err == nil || !strings.Contains(err.Error(), "upgrade") || errors.Is(err, ErrCorrupt) {
			t.Errorf("a newer %s: %v, want an error that asks for an upgrade", name, err)
		}
		if !bytes.Equal(before, snapshotIn(t, s)) {
			t.Errorf("a newer %s changed the state", name)
		}
	}
}

// TestOneUnreadableItemStopsTheWholeEntry before anything is written.
func TestOneUnreadableItemStopsTheWholeEntry(t *testing.T) {
	l := newLab(t)
	before := snapshotIn(t, l.state)
	bad := l.item(putAgent(2))
	bad.Body = bad.Body[:len(bad.Body)-1]
	e := Entry{MinSemantics: 1, TimeMs: l.nowMs + 1, Items: []Item{l.item(putAgent(1)), bad}}
	if _, err := l.state.Apply(2, e); err == nil || !strings.Contains(err.Error(), "item 1") {
		t.Errorf("got %v, want an error that names the item", err)
	}
	if _, err := l.state.Apply(1, Entry{MinSemantics: 1}); err == nil {
		t.Error("an entry was applied a second time")
	}
	if !bytes.Equal(before, snapshotIn(t, l.state)) {
		t.Error("the state has changed")
	}
}
