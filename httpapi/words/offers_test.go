package words

import (
	"fmt"
	"testing"

	"github.com/fxamacker/cbor/v2"

	"github.com/rondohq/rondo/fsm"
)

// TestOffersInWords tells what becomes of offers, each decision by itself and then
// each conversation from its beginning. The file is to be read.
func TestOffersInWords(t *testing.T) {
	d := newDesk(t)
	seconds := uint32(60)
	asks := fsm.RotationSettings{Order: "list", OfferSeconds: &seconds}
	d.do("system:anonymous", putAgent("ann", "Ann"), putAgent("bob", "Bob"), putAgent("cleo", "Cleo"), fsm.PutAgent{ID: "sue", Name: "Sue", SortKey: cbor.ByteString("sue"), Role: "supervisor"},
		fsm.PutContact{ID: "ben", Name: "Ben"}, putTeam("sales", "Sales", asks, "ann", "bob", "cleo"), putInbox("support", "Support", "sales"))
	d.do("agent:sue", putPresence("ann", "available"), putPresence("bob", "available"))
	d.title("offered, declined, accepted by a supervisor for her")
	d.do("connector:twilio", fsm.ReceiveMessage{Inbox: "support", ID: "m1", From: fsm.Sender{Address: "+1", Name: "Eve"}, MintedContact: "eve", MintedID: "c1"})
	d.do("agent:ann", fsm.DeclineOffer{Offer: d.offer("c1"), Reason: "phone"})
	d.do("agent:sue", fsm.AcceptOffer{Offer: d.offer("c1")})
	d.title("withdrawn: she goes away; nobody answers in time; all were asked")
	d.do("system:anonymous", opened("c2", "support"))
	d.do("agent:ann", putPresence("ann", "away"))
	d.nowMs += 60_000
	d.do("system:anonymous")
	d.do("agent:ann", putPresence("ann", "available"))
	d.do("agent:ann", fsm.DeclineOffer{Offer: d.offer("c2")})
	d.nowMs += 60_000
	d.do("system:anonymous")
	d.do("agent:sue", fsm.ClaimConversation{Conversation: "c2", Agent: "sue"})
	d.title("all were asked, and the fallback takes over")
	asks.Fallback = &fsm.FallbackSettings{To: "agent", Agent: "sue"}
	d.do("system:anonymous", putTeam("sales", "Sales", asks, "ann"))
	d.do("system:anonymous", opened("c3", "support"))
	d.do("agent:ann", fsm.DeclineOffer{Offer: d.offer("c3")})
	asks.Fallback = &fsm.FallbackSettings{To: "team_inbox"}
	d.do("system:anonymous", putTeam("sales", "Sales", asks, "ann"))
	d.do("system:anonymous", opened("c4", "support"))
	d.do("agent:ann", fsm.DeclineOffer{Offer: d.offer("c4"), Reason: "lunch"})
	d.title("by the fewest open conversations")
	asks.Fallback, asks.Strategy = nil, "least_open"
	d.do("system:anonymous", putTeam("sales", "Sales", asks, "ann", "bob"))
	d.do("system:anonymous", opened("c5", "support"))
	for _, id := range []fsm.ConversationID{"c1", "c2", "c3", "c4"} {
		d.title("the story of " + string(id))
		d.story(id)
	}
	d.golden("testdata/offers.txt")
}

// offer is the open offer of a conversation.
func (d *desk) offer(conversation fsm.ConversationID) fsm.OfferHandle {
	d.t.Helper()
	row, _ := d.state.Conversations.ByID(conversation)
	offer, open := d.state.Offers.OpenOf(row.Handle)
	if !open {
		d.t.Fatalf("%s is not offered", conversation)
	}
	return offer.Handle
}

// story tells a conversation from its beginning.
func (d *desk) story(conversation fsm.ConversationID) {
	for rec := range d.state.Records.From(fsm.RecordID{}) {
		if row, _ := d.state.Conversations.Get(rec.Conversation); row.ID == conversation {
			fmt.Fprintln(&d.out, Moment(d.state, rec))
		}
	}
}
