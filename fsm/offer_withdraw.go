package fsm

// A Withdrawal says why an offer was withdrawn before anybody answered it.
type Withdrawal uint8

const (
	WithdrawnNot      Withdrawal = iota
	WithdrawnDecided             // somebody, or a rule, has decided something else about the conversation
	WithdrawnPresence            // she is not there any more, as the team sees it
	WithdrawnMember              // she is not in the team any more
	WithdrawnAccess              // she may not take what comes to the inbox any more
	WithdrawnLimits              // it would be one more than she may have
)

var withdrawals = []string{"", "decided", "presence", "member", "access", "limits"}

func (w Withdrawal) String() string { return nameOf(withdrawals, int(w)) }

// withdraw takes the open offer of c back, before c goes another way. The caller
// stores c.
func withdraw(tx *Tx, c *Conversation, why Withdrawal) {
	offer, ok := tx.Offers.OpenOf(c.Handle)
	if !ok {
		return
	}
	offer.Because = why
	endOffer(tx, c, offer, OfferEndWithdrawn, OfferWithdrawn)
	tell(tx, c, offer, OfferWithdrawn, why.String())
}
