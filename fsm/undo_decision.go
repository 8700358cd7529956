package fsm

import "cmp"

var _ = register[UndoDecision](122, "decision.undo")

// UndoDecision takes the newest decision about a conversation back: the assignee or
// the state before it is restored, and a turn that it took is given back (K110). It
// can be done within 24 hours. What the cluster itself decided at the beginning
// leaves the conversation held, since nobody had it before.
type UndoDecision struct {
	Decision string `json:"decision" cbor:"1,keyasint"`         // such as 1042.0
	Reason   string `json:"reason" cbor:"2,keyasint,omitempty"` // a word, never personal data
}

// Check implements Command.
func (c UndoDecision) Check() error {
	var check checker
	if c.Decision == "" {
		check.add("/decision", "required", "the id of a decision is needed, such as 1042.0")
	}
	checkDecision(&check, "/decision", c.Decision)
	checkWord(&check, "/reason", c.Reason)
	return check.err()
}

// A decision is taken back by who supervises the team it was made for.
func (c UndoDecision) allowed(tx *Tx, by Agent) bool {
	id, _ := ParseRecordID(c.Decision)
	rec, _ := tx.Records.ByID(id)
	team, _ := tx.Teams.Get(rec.Team)
	return supervises(team, by)
}

func (c UndoDecision) apply(tx *Tx) (Result, error) {
	id, _ := ParseRecordID(c.Decision)
	rec, ok := tx.Records.ByID(id)
	if !ok || rec.Decision == nil {
		return Result{}, reject(NotFound, "there is no decision %q", c.Decision)
	}
	row, _ := tx.Conversations.Get(rec.Conversation)
	if row, err := findOpen(tx, row.ID); err != nil {
		return Result{}, err
	} else if err := refuseUndo(tx, row, rec); err != nil {
		return Result{}, err
	}
	refund, member, err := refundOf(tx, rec)
	if err != nil {
		return Result{}, err
	}

	tx.subject, tx.said, tx.undoes = row.Handle, c.Reason, id
	putBack(tx, &row, *rec.Decision)
	if refund {
		row, _ = tx.Conversations.Get(row.Handle)
		giveTurnBack(tx, &row, member, rec, c.Reason)
	}
	result := tx.accept(false)
	if agent, ok := tx.Agents.Get(row.Assignment.Assignee); ok {
		result.Warnings = warnOfAssignee(tx, row, agent)
	}
	return result, nil
}

func refuseUndo(tx *Tx, row Conversation, rec Record) error {
	switch newest := tx.lastDecision(row); {
	case newest != rec.ID:
		return lost(tx, row, Superseded, "decision %s is not the newest about conversation %q any more, that is %s; look at it, and take that one back",
			rec.ID, row.ID, newest)
	case tx.NowMs-rec.TimeMs >= CreditLifeMs:
		return lost(tx, row, UndoTooLate, "decision %s was made at %s; one can be taken back within 24 hours. Assign conversation %q, or unassign it",
			rec.ID, clockTime(rec.TimeMs), row.ID)
	case rec.Decision.Assignee == 0 && rec.Decision.Was == nil:
		return lost(tx, row, NothingToUndo, "decision %s gave conversation %q to nobody and took it from nobody", rec.ID, row.ID)
	}
	return nil
}

// refundOf says whether the turn of a decision that is taken back is given back,
// and to whom: not twice, and not to who has left the team.
func refundOf(tx *Tx, rec Record) (refund bool, member Member, err error) {
	member, seated := tx.Members.Of(rec.Team, rec.Decision.Assignee)
	if !rec.Decision.Turn || !seated || tx.Credits.Refunded(rec.ID) {
		return false, member, nil
	}
	return true, member, refuseRefunds(tx, rec.Team)
}

// putBack brings c, which is awake from now on, to where it stood before d. The turn
// that d took is not given back yet: or who is to lose the conversation would be
// first to get it from the queue.
func putBack(tx *Tx, c *Conversation, d Decision) {
	var was Was
	if d.Was != nil && d.Was.Status != StatusClosed {
		was = *d.Was
	} else if d.Was != nil {
		was.Home = d.Was.Home
	}
	unsnooze(tx, c)
	now := c.Assignment
	from, _ := tx.Teams.Get(now.Team)
	team, _ := tx.Teams.Get(was.Team)
	leave(tx, c, from)
	c.Home = was.Home
	if was.Status == StatusPending {
		c.Status = StatusPending
	}
	back := Assignment{State: was.State, Cause: was.Cause, SinceMs: was.SinceMs, Team: was.Team, For: was.For, Individual: was.Individual}
	before, there := tx.Agents.shown(d.Before)
	switch {
	case team.Removed, was.Cause == CauseRule: // the rule has had its say
		back = Assignment{}
	case was.State == StateAssigned && there:
		back.Assignee, back.SinceMs = before.Handle, tx.NowMs
	case was.State == StateAssigned, was.For != 0 && was.For == now.Assignee:
		back = Assignment{}
	case was.State == StateWaiting && (now.Assignee == 0 || !wouldTake(tx.State, team, *c, now.Assignee)):
		arrive(tx, c, Assignment{SinceMs: was.SinceMs, Team: was.Team, Assignee: now.Assignee, QueueSeq: was.QueueSeq,
			Progress: Progress{Chain: was.Team, StepMs: tx.NowMs}}, DecisionUndone)
		return
	case was.State == StateWaiting:
		back = Assignment{}
	case was.State == StateManual && was.Cause == CauseExcluded:
		back.QueueSeq = was.QueueSeq
	case was.State == StateHeld:
		back.SinceMs = tx.NowMs // it begins anew
	}
	if back.State == StateNone {
		back = Assignment{State: StateHeld, Cause: CauseUnassigned, SinceMs: tx.NowMs, Team: cmp.Or(was.Team, now.Team)}
	}
	give(tx, c, back, Decision{Kind: DecidedUndo, Trigger: DecisionUndone, Before: now.Assignee, Cause: back.Cause}, DecisionUndone)
	if back.For != 0 {
		letGo(tx, back.For)
		ownerReturns(tx, back.For, DecisionUndone)
	}
	if back.Cause == CauseOutsideHours { // they may have begun
		inbox, _ := tx.Inboxes.Get(c.Inbox)
		openInbox(tx, inbox, DecisionUndone)
	}
}

// wouldTake says whether the queue of a team would give c to an agent at once, or as
// soon as she has the place again that c takes.
func wouldTake(s *State, team Team, c Conversation, agent AgentHandle) bool {
	had := c
	c.Assignment.Team = team.Handle
	ch := choose(s, team, &c)
	if ch.Found {
		return AgentHandle(ch.Next.Agent) == agent
	}
	return shareOf(&had).agent == agent && crowdedBy(s, &c, team.Handle, agent)
}
