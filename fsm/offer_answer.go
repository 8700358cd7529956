package fsm

import "fmt"

var (
	_ = register[AcceptOffer](190, "offer.accept")
	_ = register[DeclineOffer](191, "offer.decline")
)

// AcceptOffer is who was asked taking the conversation: her turn (K95). It may be
// done for her by a supervisor. An answer at the end of its time, or later, is too
// late, whatever has become of the offer by then.
type AcceptOffer struct {
	Offer OfferHandle `json:"offer" cbor:"1,keyasint"`
}

// Check implements Command.
func (c AcceptOffer) Check() error {
	var check checker
	checkOffer(&check, c.Offer)
	return check.err()
}

func checkOffer(check *checker, offer OfferHandle) {
	if offer == 0 {
		check.add("/offer", "required", "say which offer; GET /v1/offers lists them")
	}
}

func (c AcceptOffer) apply(tx *Tx) (Result, error) {
	offer, row, err := openOffer(tx, c.Offer)
	if err != nil {
		return Result{}, err
	}
	agent, _ := tx.Agents.Get(offer.Agent)
	tx.subject = row.Handle
	endOffer(tx, &row, offer, OfferEndAccepted, OfferAccepted)
	tell(tx, &row, offer, OfferAccepted, "")
	accepted(tx, &row, offer)
	result := tx.accept(false)
	result.Warnings = warnOfAssignee(tx, row, agent)
	return result, nil
}

// accepted gives c to who has accepted it. The cursor moved when she was asked.
func accepted(tx *Tx, c *Conversation, offer Offer) {
	team, _ := tx.Teams.Get(offer.Team)
	cursor := cursorOf(tx.State, team, c)
	tx.offer = offer.Handle
	give(tx, c, Assignment{State: StateAssigned, SinceMs: tx.NowMs, Team: offer.Team, Assignee: offer.Agent},
		Decision{Kind: DecidedOffer, Trigger: OfferAccepted, Turn: true,
			CursorBefore: cursor.Agent, CursorAfter: cursor.Agent, Restriction: cursor.Restriction},
		ConversationAssigned)
	tx.offer = 0
}

// DeclineOffer is who was asked leaving the conversation to the next. She is not asked
// again before all others were (K99).
type DeclineOffer struct {
	Offer  OfferHandle `json:"offer" cbor:"1,keyasint"`
	Reason string      `json:"reason" cbor:"2,keyasint,omitempty"` // a word, never personal data
}

// Check implements Command.
func (c DeclineOffer) Check() error {
	var check checker
	checkOffer(&check, c.Offer)
	checkWord(&check, "/reason", c.Reason)
	return check.err()
}

func (c DeclineOffer) apply(tx *Tx) (Result, error) {
	offer, row, err := openOffer(tx, c.Offer)
	if err != nil {
		return Result{}, err
	}
	tx.subject = row.Handle
	turnedDown(tx, &row, offer, OfferEndDeclined, c.Reason)
	return tx.accept(false), nil
}

// openOffer returns an offer that can still be answered, and its conversation.
func openOffer(tx *Tx, handle OfferHandle) (Offer, Conversation, error) {
	offer, ok := tx.Offers.Get(handle)
	if !ok {
		return offer, Conversation{}, reject(NotFound, "there is no offer %d; it has ended long ago, or never was", handle)
	}
	row, _ := tx.Conversations.Get(offer.Conversation)
	agent, _ := tx.Agents.Get(offer.Agent)
	switch offer.EndAt(tx.NowMs) {
	case OfferOpen:
		return offer, row, nil
	case OfferEndAccepted:
		return offer, row, ended(tx, offer, row, "agent %q has accepted offer %d of conversation %q at %s", agent.ID, handle, row.ID, clockTime(offer.EndedMs))
	case OfferEndDeclined:
		return offer, row, ended(tx, offer, row, "agent %q has declined offer %d of conversation %q at %s", agent.ID, handle, row.ID, clockTime(offer.EndedMs))
	case OfferEndTimedOut:
		return offer, row, ended(tx, offer, row, "the time to answer offer %d of conversation %q was up at %s", handle, row.ID, clockTime(offer.DueMs))
	default:
		return offer, row, ended(tx, offer, row, "offer %d of conversation %q to agent %q is withdrawn: %s", handle, row.ID, agent.ID, offer.Because)
	}
}

func ended(tx *Tx, offer Offer, row Conversation, format string, args ...any) *Rejection {
	r := lost(tx, row, OfferEnded, format, args...)
	r.SinceMs = offer.EndedMs
	if offer.End == OfferOpen {
		r.SinceMs = min(offer.DueMs, tx.NowMs)
	}
	return r
}

// EndAt returns what has become of an offer by a time, whether or not the cluster has
// come to do it yet.
func (o Offer) EndAt(nowMs int64) OfferEnd {
	switch {
	case o.End != OfferOpen:
		return o.End
	case o.Because != WithdrawnNot:
		return OfferEndWithdrawn
	case nowMs >= o.DueMs:
		return OfferEndTimedOut
	default:
		return OfferOpen
	}
}

// An offer is answered by who was asked, or for her by who supervises the team.
func (c AcceptOffer) allowed(tx *Tx, by Agent) bool  { return mayAnswer(tx, c.Offer, by) }
func (c DeclineOffer) allowed(tx *Tx, by Agent) bool { return mayAnswer(tx, c.Offer, by) }

func (c AcceptOffer) forbids(tx *Tx, by Agent) string  { return notHers(tx, c.Offer, by) }
func (c DeclineOffer) forbids(tx *Tx, by Agent) string { return notHers(tx, c.Offer, by) }

// notHers says whose offer it is.
func notHers(tx *Tx, handle OfferHandle, by Agent) string {
	offer, _ := tx.Offers.Get(handle)
	agent, _ := tx.Agents.Get(offer.Agent)
	team, _ := tx.Teams.Get(offer.Team)
	return fmt.Sprintf("agent %q was asked by offer %d, and agent %q may not answer for her; she does, or a supervisor of team %q, or an admin", agent.ID, handle, by.ID, team.ID)
}

func mayAnswer(tx *Tx, handle OfferHandle, by Agent) bool {
	offer, known := tx.Offers.Get(handle)
	team, _ := tx.Teams.Get(offer.Team)
	return !known || offer.Agent == by.Handle || supervises(team, by) // of none, nothing may be learned but that
}
