package fsm

import "cmp"

// The timers of offers. Ref is the offer, and of TimerOfferAgain the conversation.
const (
	TimerOffer      TimerKind = 72 // nobody has answered an offer in time
	TimerOfferAgain TimerKind = 74 // those who were asked may be asked again
)

// An Offer asks one agent whether she takes a conversation (K95, K99). It is open
// until she answers, or its time is up, or something else has decided; then the row
// is kept for a while, so that whoever answers too late can be told what became of it.
type Offer struct {
	Handle       OfferHandle        `cbor:"1,keyasint"`
	Conversation ConversationHandle `cbor:"2,keyasint"`
	Team         TeamHandle         `cbor:"3,keyasint"`
	Agent        AgentHandle        `cbor:"4,keyasint"`
	MadeMs       int64              `cbor:"5,keyasint"`
	DueMs        int64              `cbor:"6,keyasint"`           // when it is open no longer
	Credit       uint64             `cbor:"7,keyasint,omitempty"` // Seq of the credit by which she goes first; 0: by her turn
	End          OfferEnd           `cbor:"8,keyasint,omitempty"`
	EndedMs      int64              `cbor:"9,keyasint,omitempty"`
	Made         RecordID           `cbor:"10,keyasint"`           // decision that made it: who was passed over, and why
	Because      Withdrawal         `cbor:"11,keyasint,omitempty"` // why it is withdrawn; of an open one: why it is about to be
}

// An OfferEnd says what became of an offer.
type OfferEnd uint8

const (
	OfferOpen OfferEnd = iota
	OfferEndAccepted
	OfferEndDeclined
	OfferEndTimedOut
	OfferEndWithdrawn
)

var offerEnds = []string{"open", "accepted", "declined", "timed_out", "withdrawn"}

func (e OfferEnd) String() string { return nameOf(offerEnds, int(e)) }

// Offers is the table of offers. An agent has at most one that is open, and so has a
// conversation.
type Offers struct {
	Table[OfferHandle, Offer]
	ofAgent        Index[offerOf, Offer]     // open ones
	ofTeam         Index[offerOf, Offer]     // open ones
	ofConversation Index[offerOf, Offer]     // all
	ended          Index[offerOf, Offer]     // by when
	stale          Index[OfferHandle, Offer] // open ones that have to be withdrawn
	open           Index[OfferHandle, Offer]
}

// An offerOf is an offer of an agent, a team, a conversation or a time.
type offerOf struct {
	owner uint64
	offer OfferHandle
}

func (o offerOf) compare(other offerOf) int {
	return cmp.Or(cmp.Compare(o.owner, other.owner), cmp.Compare(o.offer, other.offer))
}

func newOffers() Offers {
	return Offers{
		newTable[OfferHandle, Offer](cmp.Compare[OfferHandle]),
		newIndex(offerOf.compare, func(o *Offer) (offerOf, bool) { return offerOf{uint64(o.Agent), o.Handle}, o.End == OfferOpen }),
		newIndex(offerOf.compare, func(o *Offer) (offerOf, bool) { return offerOf{uint64(o.Team), o.Handle}, o.End == OfferOpen }),
		newIndex(offerOf.compare, func(o *Offer) (offerOf, bool) { return offerOf{uint64(o.Conversation), o.Handle}, true }),
		newIndex(offerOf.compare, func(o *Offer) (offerOf, bool) { return offerOf{uint64(o.EndedMs), o.Handle}, o.End != OfferOpen }),
		newIndex(cmp.Compare[OfferHandle], func(o *Offer) (OfferHandle, bool) { return o.Handle, o.End == OfferOpen && o.Because != WithdrawnNot }),
		newIndex(cmp.Compare[OfferHandle], func(o *Offer) (OfferHandle, bool) { return o.Handle, o.End == OfferOpen }),
	}
}

func (t Offers) clone() Offers {
	return Offers{t.Table.clone(), t.ofAgent.clone(), t.ofTeam.clone(), t.ofConversation.clone(), t.ended.clone(), t.stale.clone(), t.open.clone()}
}

// Put stores row under its handle.
func (t Offers) Put(row Offer) { t.move(t.set(row.Handle, &row), &row) }

// Delete forgets an offer.
func (t Offers) Delete(handle OfferHandle) { t.move(t.remove(handle), nil) }

func (t Offers) move(old, row *Offer) {
	t.ofAgent.move(old, row)
	t.ofTeam.move(old, row)
	t.ofConversation.move(old, row)
	t.ended.move(old, row)
	t.stale.move(old, row)
	t.open.move(old, row)
}

// OfAgent returns the open offer of an agent.
func (t Offers) OfAgent(agent AgentHandle) (Offer, bool) {
	at, ok := first(t.ofAgent.From(offerOf{owner: uint64(agent)}))
	if !ok || at.owner != uint64(agent) {
		return Offer{}, false
	}
	return t.Get(at.offer)
}

// OpenOf returns the open offer of a conversation.
func (t Offers) OpenOf(conversation ConversationHandle) (Offer, bool) {
	at, ok := first(t.ofConversation.Back(offerOf{uint64(conversation), ^OfferHandle(0)}))
	if !ok || at.owner != uint64(conversation) {
		return Offer{}, false
	}
	row, _ := t.Get(at.offer)
	return row, row.End == OfferOpen
}

// endsOffer says whether an event is an open offer coming to its end.
func (e Event) endsOffer() bool { return e >= OfferAccepted && e <= OfferWithdrawn }
