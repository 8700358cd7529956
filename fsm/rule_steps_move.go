package fsm

import "slices"

func (s *MoveStep) do(tx *Tx, co *course, _ instruction) error {
	c, err := co.subject(tx)
	if err != nil {
		return err
	}
	if s.Inbox == "" {
		return perform(tx, TransferConversation{Conversation: c.ID, Team: s.Team})
	}
	row, err := findOpen(tx, c.ID)
	if err != nil {
		return err
	}
	inbox, ok := tx.Inboxes.ByID(s.Inbox)
	switch {
	case !ok:
		return reject(NotFound, "there is no inbox %q", s.Inbox)
	case row.Lead:
		return refuseLead(row)
	case row.Inbox != inbox.Handle:
		moveInto(tx, &row, inbox)
	}
	return nil
}

// moveInto brings a conversation to another inbox, of which it is from then on: its
// people see it, and what it said of a team or a desk before holds no more. Who has
// it and has access there keeps it. What nobody has goes the way of decision 7
// there; what is put aside, was begun outbound, is held or left to a rule stays so.
func moveInto(tx *Tx, c *Conversation, inbox Inbox) {
	tx.subject = c.Handle
	was := c.Assignment
	team, _ := tx.Teams.Get(was.Team)
	leave(tx, c, team)
	c.Inbox, c.Home, c.RepliesTo = inbox.Handle, 0, Desk{}
	stays := c.Status != StatusOpen || slices.Contains([]AssignmentState{StateOutbound, StateHeld}, was.State) || c.leftToRule()
	if was.Assignee != 0 {
		stays = hasAccess(tx.State, inbox, was.Assignee)
	}
	switch {
	case stays:
		was.Team = inbox.Team
		give(tx, c, was, Decision{Kind: DecidedTransfer, Trigger: ConversationMoved, Before: was.Assignee, Cause: was.Cause}, ConversationMoved)
	case c.Status != StatusOpen:
		next := Assignment{SinceMs: tx.NowMs, Team: inbox.Team}
		if c.Status == StatusPending {
			next.State, next.Cause = StateManual, CausePending
		}
		give(tx, c, next, Decision{Kind: DecidedTransfer, Trigger: ConversationMoved, Before: was.Assignee, Cause: next.Cause}, ConversationMoved)
	default:
		routeUsual(tx, c, inbox, ConversationMoved)
	}
}
