package fsm

import (
	"errors"
	"strconv"
)

var (
	_ = register[TransferConversation](120, "conversation.transfer")
	_ = register[RemoveFromTeam](121, "conversation.leave_team")
)

// TransferConversation passes a conversation on to a team. Its assignee keeps it if
// she is in that team (K69); otherwise whoever's turn it is there gets it, which
// takes a turn (K68), or it is left to people, if the team picks nobody by itself
// (K67). From then on the team is where it is given back to.
type TransferConversation struct {
	Conversation ConversationID  `json:"conversation" cbor:"1,keyasint"`
	Team         TeamID          `json:"team" cbor:"2,keyasint"`
	IfTeam       TeamExpectation `json:"if_team" cbor:"3,keyasint"` // refuse unless it is in this one
	IfAssignee   Expectation     `json:"if_assignee" cbor:"4,keyasint"`
	IfDecision   string          `json:"if_decision" cbor:"5,keyasint,omitempty"`
	Reason       string          `json:"reason" cbor:"6,keyasint,omitempty"` // a word, never personal data
}

// A TeamExpectation names the team a client believes in; "" is none. The zero value
// expects nothing.
type TeamExpectation struct {
	_    struct{} `cbor:",toarray"`
	Set  bool
	Team TeamID
}

// UnmarshalJSON reads a team's id, or null for none.
func (e *TeamExpectation) UnmarshalJSON(data []byte) error {
	e.Set, e.Team = true, ""
	if string(data) == "null" {
		return nil
	}
	id, err := strconv.Unquote(string(data))
	if err != nil {
		return errors.New("it must be a team's id, or null for none")
	}
	e.Team = TeamID(id)
	return nil
}

// Check implements Command.
func (c TransferConversation) Check() error {
	var check checker
	check.idUpTo("/conversation", string(c.Conversation), MaxLongIDBytes)
	check.id("/team", string(c.Team))
	checkBeliefs(&check, c.IfTeam, c.IfAssignee, c.IfDecision)
	checkWord(&check, "/reason", c.Reason)
	return check.err()
}

func checkBeliefs(check *checker, team TeamExpectation, assignee Expectation, decision string) {
	if team.Team != "" {
		check.id("/if_team", string(team.Team))
	}
	if assignee.Agent != "" {
		check.id("/if_assignee", string(assignee.Agent))
	}
	checkDecision(check, "/if_decision", decision)
}

func (c TransferConversation) apply(tx *Tx) (Result, error) {
	row, err := findOpen(tx, c.Conversation)
	if err != nil {
		return Result{}, err
	}
	team, ok := tx.Teams.ByID(c.Team)
	if !ok {
		return Result{}, unknown("/team", "team", string(c.Team))
	}
	if err := c.IfTeam.refuse(tx, row); err != nil {
		return Result{}, err
	}
	if err := refuseMove(tx, row, move{ifAssignee: c.IfAssignee, ifDecision: c.IfDecision, idle: row.Assignment.Team == team.Handle}); err != nil {
		return Result{}, err
	}
	tx.subject = row.Handle
	if row.Assignment.Team == team.Handle {
		tx.decided = tx.lastDecision(row)
		return tx.accept(false), nil
	}
	tx.said = c.Reason
	passTo(tx, &row, team)
	return tx.accept(false), nil
}

func (e TeamExpectation) refuse(tx *Tx, row Conversation) error {
	team, _ := tx.Teams.Get(row.Assignment.Team)
	if !e.Set || e.Team == team.ID {
		return nil
	}
	return lost(tx, row, InAnotherTeam, "conversation %q is in team %s now, not %s", row.ID, orNone(team.ID), orNone(e.Team))
}

func orNone(id TeamID) string {
	if id == "" {
		return "none"
	}
	return strconv.Quote(string(id))
}

// passTo brings c to another team. What waits keeps its age.
func passTo(tx *Tx, c *Conversation, team Team) {
	was := c.Assignment
	from, _ := tx.Teams.Get(was.Team)
	leave(tx, c, from)
	c.Home = team.Handle
	_, member := tx.Members.Of(team.Handle, was.Assignee)
	bot, _ := tx.Agents.Get(was.Assignee)
	switch {
	case was.State == StateOutbound, was.State == StateAssigned && (member || bot.Kind == Bot && c.Status == StatusPending):
		was.Team = team.Handle
		give(tx, c, was, Decision{Kind: DecidedTransfer, Trigger: ConversationTransferred, Before: was.Assignee, Cause: was.Cause}, ConversationTransferred)
	case team.ByHand, c.Status != StatusOpen:
		leaveByHand(tx, c, team, outlook{trigger: ConversationTransferred, event: ConversationTransferred})
	default:
		at := Assignment{SinceMs: tx.NowMs, Team: team.Handle, Assignee: was.Assignee, QueueSeq: tx.Seq,
			Progress: Progress{Chain: team.Handle, StepMs: tx.NowMs}}
		if was.queued() {
			at.SinceMs, at.QueueSeq = was.SinceMs, was.QueueSeq
		}
		arrive(tx, c, at, ConversationTransferred)
	}
}

// leaveByHand leaves c, which waits nowhere, to the people of a team that picks
// nobody by itself.
func leaveByHand(tx *Tx, c *Conversation, team Team, o outlook) {
	d := Decision{Kind: DecidedWaiting, Trigger: o.trigger, Before: c.Assignment.Assignee, Cause: CauseMode, FallbackStep: o.step}
	if o.event == ConversationTransferred {
		d.Kind, d.Cause = DecidedTransfer, CauseTransferred
	}
	give(tx, c, Assignment{State: StateManual, Cause: d.Cause, SinceMs: tx.NowMs, Team: team.Handle}, d, o.event)
}

// RemoveFromTeam takes a conversation out of its team. Who has it keeps it; what
// nobody has is left to people, until it is requeued: then its inbox says where it
// goes.
type RemoveFromTeam struct {
	Conversation ConversationID  `json:"conversation" cbor:"1,keyasint"`
	IfTeam       TeamExpectation `json:"if_team" cbor:"2,keyasint"`
	IfAssignee   Expectation     `json:"if_assignee" cbor:"3,keyasint"`
	IfDecision   string          `json:"if_decision" cbor:"4,keyasint,omitempty"`
	Reason       string          `json:"reason" cbor:"5,keyasint,omitempty"`
}

// Check implements Command.
func (c RemoveFromTeam) Check() error {
	var check checker
	check.idUpTo("/conversation", string(c.Conversation), MaxLongIDBytes)
	checkBeliefs(&check, c.IfTeam, c.IfAssignee, c.IfDecision)
	checkWord(&check, "/reason", c.Reason)
	return check.err()
}

func (c RemoveFromTeam) apply(tx *Tx) (Result, error) {
	row, err := findOpen(tx, c.Conversation)
	if err != nil {
		return Result{}, err
	}
	if err := c.IfTeam.refuse(tx, row); err != nil {
		return Result{}, err
	}
	if err := refuseMove(tx, row, move{ifAssignee: c.IfAssignee, ifDecision: c.IfDecision, idle: row.Assignment.Team == 0}); err != nil {
		return Result{}, err
	}
	tx.subject = row.Handle
	if row.Assignment.Team == 0 {
		tx.decided = tx.lastDecision(row)
		return tx.accept(false), nil
	}
	tx.said = c.Reason
	team, _ := tx.Teams.Get(row.Assignment.Team)
	next := row.Assignment
	leave(tx, &row, team)
	row.Home, next.Team = 0, 0
	if next.queued() || next.Cause == CauseExcluded || next.Cause == CauseOwnerAbsent {
		next = Assignment{State: StateManual, Cause: CauseTransferred, SinceMs: tx.NowMs}
	}
	give(tx, &row, next, Decision{Kind: DecidedTransfer, Trigger: ConversationTransferred, Before: row.Assignment.Assignee, Cause: next.Cause}, ConversationTransferred)
	return tx.accept(false), nil
}

func (c TransferConversation) target(s *State) Target { return conversationTarget(s, c.Conversation) }
func (c RemoveFromTeam) target(s *State) Target       { return conversationTarget(s, c.Conversation) }
