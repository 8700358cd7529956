package fsm

import "github.com/rondohq/rondo/rotation"

// An offer is withdrawn when it can no longer be accepted: something else was decided
// about its conversation (leave), or whoever was asked may not have it any more. She
// does not count as asked then, and it goes on to the next in the same entry.
//
// Whatever changes that calls reviewOffer, in the midst of its own work. So it only
// marks the offer: from then on it cannot be accepted. What is marked is withdrawn at
// the end of the command (rearm). When many go at once, each costs a step, and the
// next entries go on.

// A Withdrawal says why an offer was withdrawn before anybody answered it.
type Withdrawal uint8

const (
	WithdrawnNot      Withdrawal = iota
	WithdrawnDecided             // somebody, or a rule, has decided something else about the conversation
	WithdrawnPresence            // she is not there any more, as the team sees it
	WithdrawnMember              // she is not in the team any more
	WithdrawnAccess              // she may not take what comes to the inbox any more
	WithdrawnLimits              // it would be one more than she may have
	WithdrawnSkills              // she does not have any more what the conversation requires
	WithdrawnShift               // she is not on the shift any more that a rule asks for
)

var withdrawals = []string{"", "decided", "presence", "member", "access", "limits", "requirement", "shift"}

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

// reviewOffer marks the open offer of an agent if it has to be withdrawn. It costs one
// look where nobody is asked.
func reviewOffer(tx *Tx, agent AgentHandle) {
	if tx.Offers.ofAgent.Len() == 0 {
		return
	}
	offer, open := tx.Offers.OfAgent(agent)
	if !open || offer.Because != WithdrawnNot {
		return
	}
	if offer.Because = stale(tx.State, offer); offer.Because != WithdrawnNot {
		tx.Offers.Put(offer)
	}
}

// retract marks the open offer of an agent who was let go, also in a team that does
// not look at her status.
func retract(tx *Tx, agent AgentHandle) {
	if offer, open := tx.Offers.OfAgent(agent); open && offer.Because == WithdrawnNot {
		offer.Because = WithdrawnPresence
		tx.Offers.Put(offer)
	}
}

// reviewOffers is reviewOffer for all: an inbox, a group or a shift has changed. There are no
// more of them than agents.
func reviewOffers(tx *Tx) {
	var agents []AgentHandle
	for at := range tx.Offers.ofAgent.From(offerOf{}) {
		agents = append(agents, AgentHandle(at.owner))
	}
	for _, agent := range agents {
		reviewOffer(tx, agent)
	}
}

// stale says why an open offer has to be withdrawn, if so.
func stale(s *State, offer Offer) Withdrawal {
	c, _ := s.Conversations.Get(offer.Conversation)
	agent, _ := s.Agents.Get(offer.Agent)
	team, _ := s.Teams.Get(offer.Team)
	_, seated := s.Members.Of(offer.Team, offer.Agent)
	switch objection := demandOf(s, &c).objection(offer.Agent); {
	case !seated:
		return WithdrawnMember
	case agent.Pending, rotation.Judge(agent.Presence.Status, asksOf(&c).over(team).Rotation.AssignTo) != rotation.Eligible:
		return WithdrawnPresence
	case asksOf(&c).Shift != 0 && !onShift(s, asksOf(&c).Shift, offer.Agent):
		return WithdrawnShift
	case objection == rotation.NoAccess:
		return WithdrawnAccess
	case objection != rotation.Eligible:
		return WithdrawnSkills
	case overLimit(s, c):
		return WithdrawnLimits
	default:
		return WithdrawnNot
	}
}

// withdrawStale withdraws what is marked: one offer at least, the others as far as the
// entry's steps go.
func withdrawStale(tx *Tx) {
	if tx.Offers.stale.Len() == 0 {
		return
	}
	was := tx.focus
	defer func() { tx.focus = was }()
	for paid := true; ; paid = false {
		handle, ok := first(tx.Offers.stale.From(0))
		if !ok || !paid && !tx.step() {
			return
		}
		offer, _ := tx.Offers.Get(handle)
		c, _ := tx.Conversations.Get(offer.Conversation)
		tx.begin()
		withdraw(tx, &c, offer.Because)
		offerOn(tx, &c, OfferWithdrawn)
	}
}

// offerOn gives c, whose offer has ended without being accepted, to the next, with the
// place it has had.
func offerOn(tx *Tx, c *Conversation, because Event) {
	team, _ := tx.Teams.Get(c.Assignment.Team)
	if team.Removed {
		sendBack(tx, c, ConversationRequeued)
		return
	}
	if chain, _ := tx.Teams.Get(c.Assignment.Chain); chain.Removed {
		c.Assignment.Progress = Progress{Chain: team.Handle, StepMs: tx.NowMs}
	}
	seek(tx, c, outlook{trigger: because, event: ConversationAssigned})
}

// resumeOffers goes on where an earlier entry had done its share.
func resumeOffers(tx *Tx) {
	for tx.Offers.stale.Len() > 0 && tx.steps > 0 {
		tx.asTimer()
		tx.rearm()
		runRules(tx)
	}
}
