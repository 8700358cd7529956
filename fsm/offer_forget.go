package fsm

// What has become of an offer is kept for a while, for whoever answers too late. Then
// it is as if it had never been, as its conversation's history says it all.
const (
	OfferKeptMs    = 24 * 3600 * 1000 // behind its end
	MaxEndedOffers = 100_000          // the oldest are forgotten beyond that
)

func forgetOffers(tx *Tx) {
	for {
		oldest, ok := first(tx.Offers.ended.From(offerOf{}))
		if !ok || int64(oldest.owner)+OfferKeptMs >= tx.NowMs && tx.Offers.ended.Len() <= MaxEndedOffers || !tx.step() {
			return
		}
		tx.Offers.Delete(oldest.offer)
	}
}

// offersDue says when an entry would forget an offer. A cluster at rest may take its
// time.
func offersDue(s *State) (ms int64, ok bool) {
	oldest, ok := first(s.Offers.ended.From(offerOf{}))
	return int64(oldest.owner) + OfferKeptMs + MintedKeyLifeMs, ok
}

// forgetOffersOf forgets the offers of a conversation that have ended: its contact is
// erased. Without an end of its own, one lap after the other may have been through all
// members; there are no more of them than a day has room for.
func forgetOffersOf(tx *Tx, conversation ConversationHandle) {
	var list []OfferHandle
	for at := range tx.Offers.ofConversation.From(offerOf{owner: uint64(conversation)}) {
		if at.owner != uint64(conversation) {
			break
		}
		if row, _ := tx.Offers.Get(at.offer); row.End != OfferOpen {
			list = append(list, at.offer)
		}
	}
	for _, handle := range list {
		tx.Offers.Delete(handle)
	}
}
