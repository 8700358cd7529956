package fsm

import (
	"encoding/hex"
	"maps"
	"reflect"
	"testing"

	"github.com/rondohq/rondo/rotation"
)

// laterSamples are commands with the fields that came after their golden lines.
var laterSamples = map[string]Command{
	"entry with agent.put, attributes": PutAgent{ID: "chris", Name: "Chris", Email: "chris@example.com", Role: "supervisor", Onboarded: new(false),
		Languages: []string{"es"}, Regions: []string{"EU"}, Skills: []string{"vip"}, Fields: map[string]string{"desk": "4"}, Collation: 1},
	"entry with team.member_delete, requeue": DeleteMember{"sales", "uk", "requeue"},
	"entry with agent.release, until":        ReleaseAgent{Agent: "chris", To: "keep", Until: "2026-11-21T12:00:00Z"},
	"entry with inbox.put, people and rules": PutInbox{ID: "wa", Name: "WhatsApp", Members: []RosterEntry{{Agent: "chris"}},
		Access: []RosterEntry{{Agent: "chris"}, {Group: "night"}},
		Assignment: InboxAssignment{Mode: "default_assignee", Team: "sales", Agent: "chris", AssignUnknown: new(bool),
			KnownWithoutOwner: "team_inbox", WhenOwnerAbsent: "wait", LastAssignee: true}},
	"entry with contact.put, owner":          PutContact{ID: "p1", Name: "Ann", Owner: "chris"},
	"entry with conversation.open, its desk": OpenConversation{ID: "c1", Inbox: "sms", Contact: "p1", Direction: "outbound", RepliesTo: &ReplyDesk{Team: "sales", Inbox: "wa"}},
	"entry with team.put, its rotation": PutTeam{ID: "sales", Name: "Sales", Rotation: &RotationSettings{OnReturn: "next", ExcludeTags: []string{"spam"},
		Fallback: &FallbackSettings{To: "team", Team: "support", AfterSeconds: new(uint32(60)), Then: &FallbackSettings{To: "agent", Agent: "boss"}}}},
	"entry with conversation.open, requires": OpenConversation{ID: "c1", Inbox: "sms", Contact: "p1", Tags: []string{"spam"}, Requires: &Requirement{"es", "EU", "vip"}},
	"entry with message.receive, requires":   ReceiveMessage{Inbox: "sms", ID: "SM1", From: Sender{Address: "+15550111"}, Tags: []string{"spam"}, Requires: &Requirement{Language: "es"}},
	"entry with team.put, groups":            PutTeam{ID: "sales", Name: "Sales", Members: []TeamMember{{Group: "uk"}}, Supervisors: []ListedAgent{{"mallory"}}, SelfJoin: true},
	"later entry of agent.presence, planned": PutPresence{Agent: "chris", Status: "away", Reason: "lunch", From: "2026-11-21T12:00:00Z",
		Until: "2026-11-21T13:00:00Z", LeaseSeconds: new(uint32(60))},
	"entry with contact.put, traits": PutContact{ID: "p1", Name: "Ann", Tags: []string{"vip"}, Fields: map[string]string{"shoe": "44"}, Language: "es", Region: "EU",
		Blocked: true, Conversations: "none"},
	"entry with contact.owner_put, none":          PutContactOwner{"p1", "uk", "none"},
	"entry with contact.owner_delete, none":       DeleteContactOwner{"p1", "none"},
	"entry with inbox.put, office hours":          PutInbox{ID: "wa", Name: "WhatsApp", Assignment: InboxAssignment{Hours: "office", OutsideHours: "wait"}},
	"entry with schedule.put, presence":           PutSchedule{ID: "office", Name: "Office", Zone: "UTC", Presence: true},
	"entry with inbox.put, set owner":             PutInbox{ID: "wa", Name: "WhatsApp", Assignment: InboxAssignment{SetOwner: "first_assignee"}},
	"later entry of team.put, assignment message": PutTeam{ID: "sales", Name: "Sales", Greeting: "Hello {{contact.name}}"},
	"later entry of team.put, when away":          PutTeam{ID: "sales", Name: "Sales", WhenAway: "at_once", DwellSeconds: new(uint32(20))},
}

func init() {
	maps.Copy(laterSamples, map[string]Command{
		"later entry of agent.put, limits":   PutAgent{ID: "chris", Name: "Chris", Limits: &LimitSettings{Open: new(uint32(4))}, Collation: 1},
		"later entry of team.member_put":     PutMember{Team: "sales", Agent: "uk", Weight: new(uint32(3))},
		"later entry of inbox.put, capacity": PutInbox{ID: "wa", Name: "WhatsApp", Capacity: &CapacitySettings{Open: new(uint32(2)), Agents: map[AgentID]uint32{"chris": 3}}},
		"later entry of team.put, capacity": PutTeam{ID: "sales", Name: "Sales", Members: []TeamMember{{Agent: "chris", Weight: new(uint32(3))}},
			Capacity: &CapacitySettings{Agents: map[AgentID]uint32{"chris": 3}}, Rate: &RateSettings{Limit: 2, WindowSeconds: 3600},
			Rotation: &RotationSettings{Strategy: "least_open", LeastOpenBy: "inbox", RespectCapacity: new(bool)}},
	})
}

// laterRecords likewise.
var laterRecords = map[string]Record{
	"record of a merge": {ID: RecordID{8, 0}, Actor: "agent:x", Event: ContactMerged, Contact: 7, Telling: Telling{Other: 9}},
	"record of a rule": {ID: RecordID{8, 2}, Actor: "rule:vip", Via: "system:twilio", Event: RuleRan, Conversation: 9,
		Decision: &Decision{Kind: DecidedRule, Trigger: ConversationOpened, Assignee: 3, Rule: "vip", RuleRevision: 70, Missed: []Missed{{Rule: 5, Failed: "/all/1"}}},
		Telling:  Telling{Ruling: Ruling{Rule: 4, Edition: 70, Run: 6, Step: 2, Outcome: "done", Note: "n1"}}},
	"record of a view":  {ID: RecordID{8, 1}, Actor: "agent:ann", Event: ViewChanged, Telling: Telling{View: 3}},
	"record of a shift": {ID: RecordID{7, 1}, Actor: "system:timer", Event: ShiftBegan, Telling: Telling{FromMs: 1, Turned: Turned{3, "early"}}},
	"record of a presence": {ID: RecordID{7, 1}, Actor: "system:timer", Event: PresenceChanged, Agent: 3, Status: rotation.StatusAway, Previous: 5,
		Telling: Telling{Reason: "lunch", FromMs: 1, UntilMs: 2, PlannedBy: "agent:boss", Loss: 4}},
	"record with notices": {ID: RecordID{7, 2}, Actor: "system:timer", Event: MessageReceived, Conversation: 9,
		Telling: Telling{Notices: []Notice{{Agent: 3, Kind: NoticeMessage, Channels: ChannelStream}, {Agent: 4, Kind: NoticeFollowed, Channels: allChannels}}}},
}

func checkReads(t *testing.T, name, value string, want Command) {
	t.Helper()
	raw, err := hex.DecodeString(value)
	if err != nil {
		t.Fatal(err)
	}
	entry, err := DecodeEntry(raw)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	if c, err := DecodeItem(entry.Items[0]); err != nil || !reflect.DeepEqual(c, want) {
		t.Errorf("%s: got %+v, %v\nwant %+v", name, c, err, want)
	}
}
