package fsm

import (
	"errors"
	"strconv"
)

var _ = register[AssignConversation](9, "conversation.assign")

// AssignConversation gives a conversation to an agent because a person says so:
// no turn is taken, and it replaces whoever had it (S4.10).
type AssignConversation struct {
	Conversation ConversationID `json:"conversation" cbor:"1,keyasint"`
	Agent        AgentID        `json:"agent" cbor:"2,keyasint"`
	IfAssignee   Expectation    `json:"if_assignee" cbor:"3,keyasint"` // refuse unless she has it

	IfDecision string `json:"if_decision" cbor:"20,keyasint,omitempty"` // refuse unless it is the newest
	Team       TeamID `json:"team" cbor:"21,keyasint,omitempty"`        // pass it on to this team, too
	Reason     string `json:"reason" cbor:"22,keyasint,omitempty"`      // a word, never personal data
}

// An Expectation names the assignee a client believes in; "" is nobody. The zero
// value expects nothing.
type Expectation struct {
	_     struct{} `cbor:",toarray"`
	Set   bool
	Agent AgentID
}

// UnmarshalJSON reads an agent's id, or null for nobody.
func (e *Expectation) UnmarshalJSON(data []byte) error {
	e.Set, e.Agent = true, ""
	if string(data) == "null" {
		return nil
	}
	id, err := strconv.Unquote(string(data))
	if err != nil {
		return errors.New("it must be an agent's id, or null for nobody")
	}
	e.Agent = AgentID(id)
	return nil
}

// Check implements Command.
func (c AssignConversation) Check() error {
	var check checker
	check.idUpTo("/conversation", string(c.Conversation), MaxLongIDBytes)
	check.id("/agent", string(c.Agent))
	checkBeliefs(&check, TeamExpectation{}, c.IfAssignee, c.IfDecision)
	if c.Team != "" {
		check.id("/team", string(c.Team))
	}
	checkWord(&check, "/reason", c.Reason)
	return check.err()
}

func (c AssignConversation) apply(tx *Tx) (Result, error) {
	row, err := findOpen(tx, c.Conversation)
	if err != nil {
		return Result{}, err
	}
	agent, ok := tx.Agents.ByID(c.Agent)
	if !ok {
		return Result{}, unknown("/agent", "agent", string(c.Agent))
	}
	team, ok := tx.Teams.ByID(c.Team)
	if !ok && c.Team != "" {
		return Result{}, unknown("/team", "team", string(c.Team))
	}
	moves := c.Team != "" && team.Handle != row.Assignment.Team
	hers := worksOn(row, agent)
	if err := refuseMove(tx, row, move{agent, c.IfAssignee, c.IfDecision, hers && !moves}); err != nil {
		return Result{}, err
	}
	tx.subject = row.Handle
	switch {
	case moves:
		tx.said = c.Reason
		row.Home = team.Handle
		takeInto(tx, &row, agent, DecidedTransfer, team.Handle)
	case hers:
		tx.decided = tx.lastDecision(row)
	default:
		tx.said = c.Reason
		take(tx, &row, agent, DecidedManual)
	}
	result := tx.accept(false)
	result.Warnings = warnOfAssignee(tx, row, agent)
	return result, nil
}

// findOpen finds a conversation that can still change hands.
func findOpen(tx *Tx, id ConversationID) (Conversation, error) {
	row, ok := tx.Conversations.ByID(id)
	switch {
	case !ok:
		return row, reject(NotFound, "there is no conversation %q", id)
	case row.Status == StatusClosed:
		return row, reject(ConversationClosed, "conversation %q is closed; reopen it first", id)
	default:
		return row, nil
	}
}

// take gives a conversation to an agent outside the rotation.
func take(tx *Tx, row *Conversation, agent Agent, kind DecisionKind) {
	takeInto(tx, row, agent, kind, row.Assignment.Team)
}

// takeInto is take in another team.
func takeInto(tx *Tx, row *Conversation, agent Agent, kind DecisionKind, to TeamHandle) {
	team, _ := tx.Teams.Get(row.Assignment.Team)
	before := row.Assignment.Assignee
	leave(tx, row, team)
	bringIn(tx, row, agent)
	give(tx, row,
		Assignment{State: StateAssigned, SinceMs: tx.NowMs, Team: to, Assignee: agent.Handle, Individual: true},
		Decision{Kind: kind, Trigger: ConversationAssigned, Before: before}, ConversationAssigned)
}

// lost is the answer to who was too slow: it names the winner and the decision.
func lost(tx *Tx, row Conversation, reason Reason, format string, args ...any) *Rejection {
	holder, _ := tx.Agents.Get(row.Assignment.Assignee)
	r := reject(reason, format, args...)
	r.Assignee, r.Decision, r.SinceMs = holder.ID, tx.lastDecision(row), row.Assignment.SinceMs
	return r
}

// lastDecision returns the newest decision about a conversation.
func (s *State) lastDecision(row Conversation) RecordID {
	rec, _ := newestDecision(s, row)
	return rec.ID
}

func orNobody(id AgentID) string {
	if id == "" {
		return "nobody"
	}
	return strconv.Quote(string(id))
}
