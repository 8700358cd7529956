package words

import (
	"strings"

	"github.com/rondohq/rondo/fsm"
)

// What people do with a conversation: passing it on, taking it away, and taking a
// decision back. Each names who did it (K70, K72).

// passing says who passed the conversation on to which team, and what became of it.
func passing(s story) string {
	switch d := s.decision; {
	case s.rec.Team == 0 && d.Assignee != 0:
		return "{Actor} took {conversation} out of {earlier}; {assignee} keeps it."
	case s.rec.Team == 0 && d.Cause == fsm.CauseTransferred:
		return "{Actor} took {conversation} out of {earlier}: it waits until somebody claims it."
	case s.rec.Team == 0:
		return "{Actor} took {conversation} out of {earlier}. {cause}"
	case s.rec.Event == fsm.ConversationAssigned:
		return "{Actor} passed {conversation} on to {team} and gave it to {assignee}. No turn was taken."
	case d.Assignee != 0:
		return "{Actor} passed {conversation} on to {team}; {assignee} keeps it. No turn was taken."
	default:
		return "{Actor} passed {conversation} on to {team}. {cause}"
	}
}

// isLead says whether it is about a lead, which came by no inbox.
func isLead(s story) bool {
	row, _ := s.state.Conversations.Get(s.rec.Conversation)
	return row.Lead && s.rec.Inbox == 0
}

// nowhere takes out of sentences where a lead is, since it is nowhere.
var nowhere = strings.NewReplacer(", in {inbox},", "", ", in {inbox}", "", " in {inbox}", "")

// trigger says what made the cluster decide.
func trigger(s story) string {
	changed := s.decision.Trigger == fsm.ContactChanged
	switch {
	case isLead(s) && s.decision.Trigger == fsm.ConversationOpened:
		return "{Actor} asked {team} for an owner of a contact, as {conversation}."
	case pauseOver(s):
		return "It was time to ask those again who had been asked for {conversation}."
	case changed && s.decision.Kind == fsm.DecidedOwner:
		return "{Actor} made {assignee} the owner of the contact."
	case changed && s.decision.Before != 0 && s.decision.Kind != fsm.DecidedOwner:
		return "{Actor} changed the contact, which is not {had}'s any more."
	}
	word := s.decision.Trigger.String()
	said, known := triggers[word]
	if !known {
		said = "After " + plain(word) + "."
	}
	return said
}

// owning says why the owner has it.
func owning(s story) string {
	if s.decision.Trigger == fsm.ContactChanged {
		return "It went to the owner, too, without a turn."
	}
	return "The contact belongs to {assignee}, who got it without a turn."
}

func unassigning(s story) string {
	if s.decision.Before == 0 {
		return "{Actor} said that nobody is to have {conversation}. {cause}"
	}
	return "{Actor} took {conversation} away from {before}. {cause}"
}

func undoing(s story) string {
	if s.decision.Assignee == 0 {
		return "{Actor} undid decision {undone} about {conversation}. {cause}"
	}
	return "{Actor} undid decision {undone} about {conversation}: {assignee} has it again."
}

// reasonGiven repeats the word of who decided.
func reasonGiven(s story) string {
	if s.rec.Reason == "" {
		return ""
	}
	return " The reason given: " + s.rec.Reason + "."
}
