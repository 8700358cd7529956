package words

import "github.com/rondohq/rondo/fsm"

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

func unassigning(s story) string {
	if s.decision.Before == 0 {
		return "{Actor} said that nobody is to have {conversation}. {cause}"
	}
	return "{Actor} took {conversation} away from {before}. {cause}"
}

func undoing(s story) string {
	if s.decision.Assignee == 0 {
		return "{Actor} took decision {undone} about {conversation} back. {cause}"
	}
	return "{Actor} took decision {undone} about {conversation} back: {assignee} has it again."
}

// reasonGiven repeats the word of who decided.
func reasonGiven(s story) string {
	if s.rec.Reason == "" {
		return ""
	}
	return " The reason given: " + s.rec.Reason + "."
}
