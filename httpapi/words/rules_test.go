package words

import (
	"testing"

	"github.com/fxamacker/cbor/v2"

	"github.com/rondohq/rondo/fsm"
)

// TestRulesInWords tells what the rules of teams and inboxes lead to, as decisions.txt
// tells an ordinary day. The file is to be read.
func TestRulesInWords(t *testing.T) {
	d := newDesk(t)
	const boss = "agent:zoe"
	d.do("system:anonymous", fsm.PutAgent{ID: "zoe", Name: "Zoe", SortKey: cbor.ByteString("zoe"), Role: "admin"},
		fsm.PutAgent{ID: "ann", Name: "Ann", SortKey: cbor.ByteString("ann"), Languages: []string{"es", "en"}, Skills: []string{"billing"}},
		putAgent("bob", "Bob"), putAgent("cleo", "Cleo"), fsm.PutContact{ID: "ben", Name: "Ben"},
		putTeam("sales", "Sales", fsm.RotationSettings{}, "ann", "bob", "cleo"), putInbox("support", "Support", "sales"))
	present := func(status string, who ...string) {
		for _, id := range who {
			d.do(boss, putPresence(id, status))
		}
	}
	present("available", "ann", "bob", "cleo")

	d.title("only some can take it")
	asks := func(id string, r fsm.Requirement) fsm.Command {
		return fsm.OpenConversation{ID: fsm.ConversationID(id), Inbox: "support", Contact: "ben", Requires: &r}
	}
	d.do(boss, opened("r0", "support"))
	d.do(boss, asks("r1", fsm.Requirement{Language: "es", Skill: "billing"}))
	d.do(boss, asks("r2", fsm.Requirement{Language: "es"}))
	d.do(boss, asks("r3", fsm.Requirement{Region: "emea"}))
	d.do(boss, fsm.PutInbox{ID: "vip", Name: "VIP", Assignment: fsm.InboxAssignment{Mode: "rotation", Team: "sales"},
		Access: []fsm.RosterEntry{{Agent: "bob"}, {Agent: "cleo"}}, Members: []fsm.RosterEntry{{Agent: "cleo"}}})
	d.do(boss, opened("r4", "vip"))

	tellOwners(d, boss, present)
	tellTurns(d, boss, present)
	tellDepartures(d, boss, present)
	tellChains(d, boss, present)
	d.golden("testdata/rules.txt")
}

func inboxOf(id, name string, a fsm.InboxAssignment) fsm.Command {
	return fsm.PutInbox{ID: fsm.InboxID(id), Name: name, Assignment: a}
}

func tellOwners(d *desk, boss string, present func(string, ...string)) {
	d.title("owners, default and last assignees, and what is left to people")
	no := false
	d.do(boss, fsm.PutContact{ID: "eva", Name: "Eva"}, fsm.PutContactOwner{Contact: "eva", Agent: "bob"},
		inboxOf("mail", "Mail", fsm.InboxAssignment{Mode: "rotation", Team: "sales", LastAssignee: true}),
		inboxOf("wait", "Wait", fsm.InboxAssignment{Mode: "rotation", Team: "sales", WhenOwnerAbsent: "wait"}),
		inboxOf("known", "Known", fsm.InboxAssignment{Mode: "rotation", Team: "sales", KnownWithoutOwner: "team_inbox", AssignUnknown: &no}),
		inboxOf("one", "One", fsm.InboxAssignment{Mode: "default_assignee", Agent: "cleo"}))
	eva := func(id, inbox string) fsm.Command {
		return fsm.OpenConversation{ID: fsm.ConversationID(id), Inbox: fsm.InboxID(inbox), Contact: "eva"}
	}
	d.do(boss, eva("o1", "mail"))
	present("away", "bob")
	d.do(boss, eva("o2", "mail"))
	d.do(boss, eva("o3", "wait"))
	d.do(boss, eva("o4", "vip"))
	present("available", "bob")
	d.do(boss, opened("l1", "mail"))
	d.do(boss, opened("l2", "mail"))
	d.do(boss, opened("l3", "known"), fsm.ReceiveMessage{Inbox: "known", ID: "k1", From: fsm.Sender{Address: "+2"}, MintedContact: "kim", MintedID: "l4"})
	d.do(boss, opened("l5", "one"))
}

func tellTurns(d *desk, boss string, present func(string, ...string)) {
	d.title("least open, least recently assigned, turns given back, those who return, dwell")
	d.do(boss, putTeam("even", "Even", fsm.RotationSettings{Strategy: "least_open"}, "ann", "bob", "cleo"), putInbox("even", "Even", "even"))
	d.do(boss, opened("e1", "even"))
	d.do(boss, putTeam("old", "Old", fsm.RotationSettings{Order: "least_recently_assigned"}, "cleo", "bob"), putInbox("old", "Old", "old"))
	d.do(boss, opened("e2", "old"))
	row, _ := d.state.Conversations.ByID("e2")
	for rec := range d.state.History(row) { // its only one
		d.do(boss, fsm.RefundDecision{Decision: rec.ID.String(), Reason: "spam"})
		break
	}
	d.do(boss, opened("e3", "old"))
	dwell := uint32(60)
	back := fsm.PutTeam{ID: "back", Name: "Back", Members: []fsm.TeamMember{{Agent: "ann"}, {Agent: "bob"}}, DwellSeconds: &dwell,
		Rotation: &fsm.RotationSettings{OnReturn: "next"}}
	d.do(boss, back, putInbox("back", "Back", "back"))
	d.do(boss, opened("e4", "back"))
	present("away", "ann")
	present("available", "ann")
	d.do(boss, opened("e5", "back"))
	d.do(boss, opened("e5b", "back"))
	present("away", "bob")
	d.do(boss, opened("e5c", "back"))
	d.nowMs += 60_000
	d.do(boss)
	present("available", "bob")
	d.nowMs += 60_000
	d.do(boss)
	d.do(boss, opened("e6", "back"))
}

func tellDepartures(d *desk, boss string, present func(string, ...string)) {
	d.title("who goes, and tags")
	gone := fsm.PutTeam{ID: "gone", Name: "Gone", Members: []fsm.TeamMember{{Agent: "bob"}, {Agent: "cleo"}}, WhenAway: "at_once",
		Rotation: &fsm.RotationSettings{ExcludeTags: []string{"spam"}}}
	d.do(boss, gone, putInbox("gone", "Gone", "gone"))
	d.do(boss, opened("g1", "gone"))
	present("away", "bob")
	d.do(boss, fsm.OpenConversation{ID: "g2", Inbox: "gone", Contact: "ben", Tags: []string{"spam"}})
	d.do(boss, fsm.DeleteTag{Conversation: "g2", Tag: "spam"})
	present("in_break", "cleo")
	d.do(boss, opened("g3", "gone"))
	d.do(boss, fsm.PutTag{Conversation: "g3", Tag: "spam"})
	d.do(boss, fsm.ReleaseAgent{Agent: "cleo", To: "requeue"})
	present("available", "bob")
	d.do(boss, fsm.DeleteAgent{ID: "bob"})
}

func tellChains(d *desk, boss string, present func(string, ...string)) {
	d.title("a chain of fallbacks")
	five, ten := uint32(300), uint32(600)
	d.do(boss, putTeam("second", "Second", fsm.RotationSettings{}, "cleo"),
		putTeam("first", "First", fsm.RotationSettings{Fallback: &fsm.FallbackSettings{To: "team", Team: "second", AfterSeconds: &five,
			Then: &fsm.FallbackSettings{To: "agent", Agent: "zoe", AfterSeconds: &ten}}}, "cleo"), putInbox("first", "First", "first"))
	d.do(boss, opened("f1", "first"))
	d.nowMs += 300_000
	d.do(boss)
	d.nowMs += 600_000
	d.do(boss)
	present("away", "ann")
}
