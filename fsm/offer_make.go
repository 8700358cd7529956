package fsm

import "github.com/rondohq/rondo/rotation"

// A team may ask instead of assign (rotation.offer_seconds). Whoever the rotation
// picks is offered the conversation then, and has it once she accepts (K95). Whatever
// gives it to somebody without a turn does as ever: a fallback, an owner, a rule that
// names an agent, a person.
//
// The cursor moves with the offer, so that the next one goes to the next; the turn
// counts when she accepts (decision 9). While she is asked she may be picked for
// nothing else, in none of her teams, and the offer counts as one of her open
// conversations.

// hasOffer says whether an agent is asked already. It costs one look where nobody is.
func hasOffer(s *State, agent AgentHandle) bool {
	if s.Offers.ofAgent.Len() == 0 {
		return false
	}
	_, open := s.Offers.OfAgent(agent)
	return open
}

// ratedByOffer says whether a member has come to the rate of her team if what she is
// asked for counts: accepted, it must not be one too many.
func ratedByOffer(s *State, m Member) bool {
	if m.Verdict != rotation.Offered {
		return false
	}
	offer, _ := s.Offers.OfAgent(m.Agent)
	team, _ := s.Teams.Get(m.Team)
	n := len(givenSince(m.Given, s.NowMs-team.Rate.WindowMs)) / givenBytes
	return team.Rate.Limit > 0 && (n >= int(team.Rate.Limit) || offer.Team == m.Team && n+1 >= int(team.Rate.Limit))
}

func (o Offer) timer() Timer { return Timer{DueMs: o.DueMs, Kind: TimerOffer, Ref: uint64(o.Handle)} }

// makeOffer offers c, which waits nowhere, to the one who was chosen. It keeps its
// place and its age.
func makeOffer(tx *Tx, c *Conversation, team Team, ch choice, o outlook) {
	agent := AgentHandle(ch.Next.Agent)
	d := turnDecision(c, ch, o)
	d.Kind, d.Turn = DecidedOffer, false
	if ch.credit.Seq == 0 {
		consume(tx, team, ch)
	}
	was := c.Assignment
	c.Assignment = Assignment{State: StateOffered, SinceMs: was.SinceMs, Team: team.Handle, QueueSeq: was.QueueSeq, Offered: agent, Progress: was.Progress}
	c.Revision = tx.Seq
	if o.event != ConversationAssigned {
		tx.emit(Record{Event: o.event}, c) // what brought it
	}
	offer := Offer{
		Handle: OfferHandle(tx.mint()), Conversation: c.Handle, Team: team.Handle, Agent: agent,
		MadeMs: tx.NowMs, DueMs: tx.NowMs + team.Rotation.OfferMs, Credit: ch.credit.Seq, Made: RecordID{tx.Index, tx.records},
	}
	tx.emit(Record{Event: OfferMade, Agent: agent, Decision: &d, Telling: Telling{Offering: Offering{offer.Handle}}}, c)
	tx.Conversations.Put(*c)
	tx.Offers.Put(offer)
	tx.Timers.Put(offer.timer())
	spendAllowance(tx, team, agent)
	row, _ := tx.Agents.Get(agent)
	for handle := range tx.Members.TeamsOf(agent) {
		other, _ := tx.Teams.Get(handle)
		m, _ := tx.Members.Of(handle, agent)
		rejudge(tx, other, m, row)
	}
	watchLimits(tx)
}

// endOffer ends an offer. Who was asked may be picked again when the command is done.
// c is not stored yet.
func endOffer(tx *Tx, c *Conversation, offer Offer, end OfferEnd, because Event) {
	tx.Timers.Delete(offer.timer())
	offer.End, offer.EndedMs = end, tx.NowMs
	tx.Offers.Put(offer)
	if offer.Credit != 0 && end != OfferEndWithdrawn {
		if credit, ok := tx.Credits.Get(creditKey{offer.Team, offer.Credit, offer.Agent}); ok && !credit.Spent {
			spendCredit(tx, credit)
		}
	}
	c.Assignment.State, c.Assignment.Offered = StateNone, 0
	tx.vacant = append(tx.vacant, vacancy{share{agent: offer.Agent}, because})
}

// turnedDown ends an offer that was declined or not answered: c goes to the next who
// was not asked yet, with the place it has had.
func turnedDown(tx *Tx, c *Conversation, offer Offer, end OfferEnd, reason string) {
	because := OfferDeclined
	if end == OfferEndTimedOut {
		because = OfferTimedOut
	}
	endOffer(tx, c, offer, end, because)
	alsoAsked(tx.State, c, offer.Agent)
	tell(tx, c, offer, because, reason)
	offerOn(tx, c, because)
}

// tell tells what became of an offer.
func tell(tx *Tx, c *Conversation, offer Offer, what Event, reason string) {
	c.Revision = tx.Seq
	tx.emit(Record{Event: what, Agent: offer.Agent, Telling: Telling{Reason: reason, Offering: Offering{offer.Handle}}}, c)
}

// offerDue is the time of an offer being up.
func offerDue(tx *Tx, handle OfferHandle) {
	offer, ok := tx.Offers.Get(handle)
	if !ok || offer.End != OfferOpen || offer.Because != WithdrawnNot {
		return // it is about to be withdrawn
	}
	c, _ := tx.Conversations.Get(offer.Conversation)
	tx.subject = c.Handle
	turnedDown(tx, &c, offer, OfferEndTimedOut, "")
}
