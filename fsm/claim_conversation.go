package fsm

var _ = register[ClaimConversation](11, "conversation.claim")

// ClaimConversation is an agent taking what nobody has (S4.3). Exactly one of
// two who claim at once gets it (K18).
type ClaimConversation struct {
	Conversation ConversationID `json:"conversation" cbor:"1,keyasint"`
	Agent        AgentID        `json:"agent" cbor:"2,keyasint"`
	IfDecision   string         `json:"if_decision" cbor:"20,keyasint,omitempty"`
}

// Check implements Command.
func (c ClaimConversation) Check() error {
	var check checker
	check.idUpTo("/conversation", string(c.Conversation), MaxLongIDBytes)
	check.id("/agent", string(c.Agent))
	checkDecision(&check, "/if_decision", c.IfDecision)
	return check.err()
}

func (c ClaimConversation) apply(tx *Tx) (Result, error) {
	row, err := findOpen(tx, c.Conversation)
	if err != nil {
		return Result{}, err
	}
	agent, ok := tx.Agents.ByID(c.Agent)
	if !ok {
		return Result{}, unknown("/agent", "agent", string(c.Agent))
	}
	inbox, _ := tx.Inboxes.Get(row.Inbox)
	if !hasAccess(tx.State, inbox, agent.Handle) {
		return Result{}, reject(NoAccess, "agent %q has no access to inbox %q; give it to her, or let a supervisor assign conversation %q", agent.ID, inbox.ID, row.ID)
	}
	tx.subject = row.Handle
	if err := refusePending(tx, row, agent); err != nil {
		return Result{}, err
	}
	if row.Assignment.State == StateAssigned && (row.Assignment.Assignee != agent.Handle || worksOn(row, agent)) {
		if row.Assignment.Assignee == agent.Handle {
			tx.decided = tx.lastDecision(row)
			result := tx.accept(false)
			result.Warnings = warnOfAssignee(tx, row, agent)
			return result, nil
		}
		holder, _ := tx.Agents.Get(row.Assignment.Assignee)
		return Result{}, lost(tx, row, AlreadyAssigned, "%s has conversation %q since %s",
			orNobody(holder.ID), row.ID, clockTime(row.Assignment.SinceMs))
	}
	if newest := tx.lastDecision(row); c.IfDecision != "" && c.IfDecision != newest.String() {
		return Result{}, lost(tx, row, DecisionChanged, "the newest decision about conversation %q is %s, not %s; look at it, then decide", row.ID, newest, c.IfDecision)
	}
	take(tx, &row, agent, DecidedClaim)
	result := tx.accept(false)
	result.Warnings = warnOfAssignee(tx, row, agent)
	return result, nil
}
