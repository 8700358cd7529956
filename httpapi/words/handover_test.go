package words

import (
	"testing"
	"time"

	"github.com/fxamacker/cbor/v2"

	"github.com/rondohq/rondo/fsm"
)

// TestHandoversInWords tells what people do with conversations besides answering
// them: leads, passing on, taking back, owners, bots and putting off. The file is to
// be read.
func TestHandoversInWords(t *testing.T) {
	d := newDesk(t)
	bot := putAgent("robo", "Robo").(fsm.PutAgent)
	bot.Kind = "bot"
	d.do("system:anonymous", fsm.PutAgent{ID: "ann", Name: "Ann", SortKey: cbor.ByteString("ann"), Role: "supervisor"}, putAgent("bob", "Bob"), putAgent("cleo", "Cleo"), bot, fsm.PutContact{ID: "ben", Name: "Ben"}, fsm.PutContact{ID: "eve", Name: "Eve"}, fsm.PutContact{ID: "fay", Name: "Fay"},
		putTeam("sales", "Sales", fsm.RotationSettings{}, "ann", "bob"), putTeam("care", "Care", fsm.RotationSettings{}, "cleo"), putInbox("support", "Support", "sales"))
	d.title("leads")
	d.do("agent:ann", fsm.AssignContact{Contact: "eve", Team: "sales", MintedID: "l1"})
	d.do("agent:ann", putPresence("ann", "available"), putPresence("bob", "available"), putPresence("cleo", "available"), putPresence("robo", "available"))
	d.do("agent:ann", fsm.AssignContact{Contact: "fay", Team: "sales", MintedID: "l2"})
	d.do("agent:ann", fsm.DeleteContactOwner{Contact: "fay"})
	d.do("agent:ann", putPresence("ann", "away"), putPresence("bob", "away"))
	d.do("agent:ann", fsm.AssignContact{Contact: "fay", Team: "sales", MintedID: "l3"})
	d.do("agent:bob", fsm.ClaimConversation{Conversation: "l3", Agent: "bob"})
	d.do("agent:ann", fsm.DeleteContactOwner{Contact: "fay"})
	d.do("agent:ann", fsm.AssignContact{Contact: "fay", Team: "sales", MintedID: "l4"})
	d.do("agent:ann", fsm.PutContactOwner{Contact: "fay", Agent: "cleo"})
	d.do("agent:ann", putPresence("ann", "available"), putPresence("bob", "available"))
	d.title("passing on, and taking back")
	d.do("system:anonymous", opened("c1", "support"))
	d.do("agent:ann", fsm.TransferConversation{Conversation: "c1", Team: "care"})
	d.do("agent:cleo", fsm.TransferConversation{Conversation: "c1", Team: "sales", Reason: "billing"})
	d.do("agent:ann", fsm.RemoveFromTeam{Conversation: "c1"})
	d.do("system:anonymous", putPresence("cleo", "away"))
	d.do("agent:ann", fsm.TransferConversation{Conversation: "c1", Team: "care"})
	d.do("agent:ann", fsm.UnassignConversation{Conversation: "c1"})
	d.do("agent:ann", fsm.TransferConversation{Conversation: "c1", Team: "sales"})
	d.do("system:anonymous", opened("c2", "support"))
	d.undo("agent:ann")
	d.do("agent:bob", fsm.AssignConversation{Conversation: "c2", Agent: "ann"})
	d.undo("agent:ann")
	d.title("by hand")
	d.do("system:anonymous", putInbox("post", "Post", ""), opened("p1", "post"))
	d.do("agent:ann", fsm.TransferConversation{Conversation: "p1", Team: "care"})
	d.do("system:anonymous", putInbox("mail", "Mail", ""), opened("p2", "mail"))
	d.do("agent:ann", fsm.TransferConversation{Conversation: "p2", Team: "sales"})
	d.title("owners")
	d.do("system:anonymous", opened("c3", "support"), opened("c4", "support"))
	d.do("agent:ann", fsm.PutContactOwner{Contact: "ben", Agent: "bob"})
	d.do("agent:ann", fsm.DeleteContactOwner{Contact: "ben"})
	d.title("bots")
	bots := putInbox("chat", "Chat", "sales").(fsm.PutInbox)
	bots.Assignment.Bot = "robo"
	d.do("system:anonymous", bots)
	d.do("system:anonymous", fsm.OpenConversation{ID: "b1", Inbox: "chat", Contact: "eve"}, opened("b2", "chat"))
	d.do("agent:robo", fsm.HandOffConversation{Conversation: "b2"})
	d.do("system:anonymous", fsm.OpenConversation{ID: "b3", Inbox: "post", Contact: "ben", Status: "pending"})
	d.do("agent:ann", fsm.HandOffConversation{Conversation: "b3"})
	d.do("system:anonymous", putPresence("robo", "unavailable"), opened("b4", "chat"))
	d.title("putting off")
	until := time.UnixMilli(d.nowMs).Add(time.Hour).UTC().Format(time.RFC3339)
	d.do("agent:ann", fsm.SnoozeConversation{Conversation: "c3", Until: until}, fsm.SnoozeConversation{Conversation: "c4", Until: until}, putPresence("ann", "away"), putPresence("bob", "away"))
	d.do("agent:ann", fsm.ReopenConversation{Conversation: "c3"})
	d.do("system:anonymous", putPresence("ann", "available"))
	d.nowMs += 3600_000
	d.do("system:anonymous")
	d.golden("testdata/handover.txt")
}

// undo takes the newest decision back.
func (d *desk) undo(actor string) {
	id := fsm.RecordID{}
	for rec := range d.state.Records.Back(fsm.RecordID{}) {
		if rec.Decision != nil {
			id = rec.ID
			break
		}
	}
	d.do(actor, fsm.UndoDecision{Decision: id.String()})
}
