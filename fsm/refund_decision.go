package fsm

import "github.com/rondohq/rondo/rotation"

var _ = register[RefundDecision](71, "decision.refund")

// RefundDecision gives a turn back, since what came was spam or a mistake: whoever
// took it goes first at the next pick she may take, once, within 24 hours. The
// conversation stays as it is. A turn is refunded once, and within 24 hours.
type RefundDecision struct {
	Decision string `json:"decision" cbor:"1,keyasint"` // such as 1042.0
	Reason   string `json:"reason" cbor:"2,keyasint,omitempty"`
}

// Check implements Command.
func (c RefundDecision) Check() error {
	var check checker
	if _, err := ParseRecordID(c.Decision); err != nil {
		check.add("/decision", "format", "%q is not the id of a decision; they look like 1042.0", clip(c.Decision))
	}
	check.text("/reason", c.Reason, MaxReasonRunes)
	return check.err()
}

func (c RefundDecision) apply(tx *Tx) (Result, error) {
	id, _ := ParseRecordID(c.Decision)
	rec, ok := tx.Records.ByID(id)
	if !ok || rec.Decision == nil {
		return Result{}, reject(NotFound, "there is no decision %q", c.Decision)
	}
	agent, _ := tx.Agents.Get(rec.Decision.Assignee)
	team, _ := tx.Teams.Get(rec.Team)
	m, seated := tx.Members.Of(rec.Team, agent.Handle)
	switch {
	case !rec.Decision.Turn:
		return Result{}, reject(NoTurn, "decision %s took no turn, so there is none to give back", id)
	case tx.Credits.Refunded(id):
		return Result{}, reject(AlreadyRefunded, "the turn of decision %s was given back already", id)
	case tx.NowMs-rec.TimeMs >= CreditLifeMs: // the credit of an earlier refund may be gone
		return Result{}, reject(RefundTooLate, "decision %s was made at %s; a turn can be given back within 24 hours", id, clockTime(rec.TimeMs))
	case !seated:
		return Result{}, reject(NotAMember, "agent %q is not in team %q any more", agent.ID, team.ID)
	}
	if err := refuseRefunds(tx, team.Handle); err != nil {
		return Result{}, err
	}

	row, _ := tx.Conversations.Get(rec.Conversation)
	tx.subject = row.Handle
	giveTurnBack(tx, &row, m, rec, c.Reason)
	tx.decided = id
	result := tx.accept(false)
	if m.Verdict != rotation.Eligible {
		result.Warnings = WarnRefundedAbsent
	}
	return result, nil
}

// refuseRefunds bounds what a team has to remember.
func refuseRefunds(tx *Tx, handle TeamHandle) error {
	pending := 0
	for range tx.Credits.Of(handle) {
		pending++
	}
	if pending >= MaxRefunds+MaxMembers {
		team, _ := tx.Teams.Get(handle)
		return reject(TooManyRefunds, "team %q has %d turns to give back already; wait until some are taken", team.ID, pending)
	}
	return nil
}

// giveTurnBack lets a member go first once, for the turn of a decision about c.
func giveTurnBack(tx *Tx, c *Conversation, m Member, rec Record, reason string) {
	team, _ := tx.Teams.Get(m.Team)
	credit := Credit{Team: team.Handle, Agent: m.Agent, Seq: tx.Seq, ExpiresMs: tx.NowMs + CreditLifeMs,
		Decision: rec.ID, Restriction: rec.Decision.Restriction, Reason: reason}
	if team.Rotation.Per == PerInbox {
		credit.Inbox = deskOf(tx.State, *c).Handle
	}
	tx.Credits.Put(credit)
	tx.Timers.Put(credit.timer())
	tx.emit(Record{Event: TurnRefunded, Agent: m.Agent, Refunds: rec.ID}, c)
	tx.Conversations.Put(*c)
}
