package fsm

import (
	"iter"
	"slices"
	"strconv"
)

// String returns the number of an offer, which is its id, or "" for none.
func (h OfferHandle) String() string {
	if h == 0 {
		return ""
	}
	return strconv.FormatUint(uint64(h), 10)
}

// OfferEndNames returns what may become of an offer, and that it is open.
func OfferEndNames() []string { return slices.Clone(offerEnds) }

// OpenFrom yields the open offers in the order in which they were made, beginning at
// the first that is not before from.
func (t Offers) OpenFrom(from OfferHandle) iter.Seq[Offer] { return t.rowsOf(t.open.From(from)) }

// OpenOfTeam is OpenFrom for the offers of one team.
func (t Offers) OpenOfTeam(team TeamHandle, from OfferHandle) iter.Seq[Offer] {
	return t.rowsOf(func(yield func(OfferHandle) bool) {
		for at := range t.ofTeam.From(offerOf{uint64(team), from}) {
			if at.owner != uint64(team) || !yield(at.offer) {
				return
			}
		}
	})
}

func (t Offers) rowsOf(handles iter.Seq[OfferHandle]) iter.Seq[Offer] {
	return func(yield func(Offer) bool) {
		for handle := range handles {
			if row, ok := t.Get(handle); ok && !yield(row) {
				return
			}
		}
	}
}

// OffersWhere says which open offers somebody asks for; its zero fields ask for all.
type OffersWhere struct {
	Agent        AgentHandle
	Team         TeamHandle
	Conversation ConversationHandle
}

func (w OffersWhere) keeps(o Offer) bool {
	return (w.Agent == 0 || o.Agent == w.Agent) && (w.Team == 0 || o.Team == w.Team) && (w.Conversation == 0 || o.Conversation == w.Conversation)
}

// OpenWhere yields the open offers that are asked for, in the order in which they
// were made, beginning at the first that is not before from. It looks at few besides:
// an agent has one at most, and so has a conversation.
func (t Offers) OpenWhere(w OffersWhere, from OfferHandle) iter.Seq[Offer] {
	switch {
	case w.Agent != 0:
		return w.only(from, func() (Offer, bool) { return t.OfAgent(w.Agent) })
	case w.Conversation != 0:
		return w.only(from, func() (Offer, bool) { return t.OpenOf(w.Conversation) })
	case w.Team != 0:
		return t.OpenOfTeam(w.Team, from)
	default:
		return t.OpenFrom(from)
	}
}

// only yields the one offer that there may be.
func (w OffersWhere) only(from OfferHandle, find func() (Offer, bool)) iter.Seq[Offer] {
	return func(yield func(Offer) bool) {
		if row, ok := find(); ok && row.Handle >= from && w.keeps(row) {
			yield(row)
		}
	}
}
