package words

import (
	"github.com/rondohq/rondo/fsm"
)

// Offers: who was asked, what she said, and what became of it then.

// kindAccepted is the word under which stands how an acceptance is told: its decision
// is of the kind offer, too.
const kindAccepted = "offer accepted"

// kind is the word under which stands how a decision is told.
func (s story) kind() string {
	if s.decision.Kind == fsm.DecidedOffer && s.rec.Event != fsm.OfferMade {
		return kindAccepted
	}
	return s.decision.Kind.String()
}

// chosenOne is whom a decision chose: to have the conversation, or to be asked.
func chosenOne(s story) fsm.AgentHandle {
	if s.rec.Event == fsm.OfferMade {
		return s.rec.Agent
	}
	return s.decision.Assignee
}

// follows says whether a story has said already what an offer answers to: just before,
// what brought the conversation, or how the offer before ended.
func (s story) follows() bool {
	if !s.whole || s.rec.Event != fsm.OfferMade && s.kind() != kindAccepted && !offersEnd[s.decision.Trigger] {
		return false
	}
	before, ok := s.state.Records.At(s.rec.Previous)
	return ok && before.Seq == s.rec.Seq && before.Event == s.decision.Trigger
}

// offersEnd are the events with which an offer ends.
var offersEnd = map[fsm.Event]bool{
	fsm.OfferAccepted: true, fsm.OfferDeclined: true, fsm.OfferTimedOut: true, fsm.OfferWithdrawn: true,
}

// asks says how a team that offers shares.
func asks(s story) string {
	if s.team.Rotation.Strategy == fsm.LeastOpen {
		return capital(teamName(s)) + " asks whoever has the fewest open conversations; between equals the rotation decides, " + orderOf(s) + ringOf(s) + "."
	}
	return capital(teamName(s)) + " shares by rotation, " + orderOf(s) + ringOf(s) + ", and asks before it gives."
}

// answerTime is how long who was asked may think.
func answerTime(s story) string {
	if row, ok := s.state.Offers.Get(s.rec.Offer); ok {
		return length(row.DueMs - row.MadeMs)
	}
	return length(s.team.Rotation.OfferMs)
}

func accepting(s story) string {
	if s.follows() {
		return "{Assignee} has it now, which took a turn."
	}
	return "{Answer} {Assignee} has it now, which took a turn."
}

// answer says what became of the offer that led to a decision, or that a record is
// about.
func answer(s story) string {
	if rec, ok := occasion(s); ok {
		s.rec = rec
	}
	return answerOf(s)
}

// answerOf says what became of the offer of a record.
func answerOf(s story) string {
	who, about := agent(s.state, s.rec.Agent), "the offer of "+conversationName(s)
	by := ""
	if row, _ := s.state.Agents.Get(s.rec.Agent); s.rec.Actor != "agent:"+string(row.ID) {
		by = ", as " + Actor(s.state, s.rec.Actor, false) + " said"
	}
	switch s.rec.Event {
	case fsm.OfferAccepted:
		return who + " accepted " + about + by + "."
	case fsm.OfferDeclined:
		return who + " declined " + about + by + "." + reasonGiven(s)
	case fsm.OfferTimedOut:
		return who + " did not answer " + about + " within " + answerTime(s) + "."
	case fsm.OfferWithdrawn:
		return capital(about) + " to " + who + " was withdrawn, " + withdrawal(s, who) + "."
	default: // what led to the decision is told no longer
		return "An offer of " + conversationName(s) + " had ended."
	}
}

// withdrawals say why an offer was withdrawn, behind "since" and the name of who was
// asked.
var withdrawals = map[fsm.Withdrawal]string{
	fsm.WithdrawnPresence: "is not there any more",
	fsm.WithdrawnMember:   "is not in the team any more",
	fsm.WithdrawnAccess:   "may not take what comes to the inbox any more",
	fsm.WithdrawnLimits:   "has as many as the limits allow",
	fsm.WithdrawnSkills:   "does not have any more what it asks for",
	fsm.WithdrawnShift:    "is not on the shift any more",
}

func withdrawal(s story, who string) string {
	if s.rec.Reason == fsm.WithdrawnDecided.String() {
		return "since something else was decided"
	}
	for why, said := range withdrawals {
		if why.String() == s.rec.Reason {
			return "since " + who + " " + said
		}
	}
	return "for the reason " + plain(s.rec.Reason)
}

// fallingBack says what the fallback did, and why nobody was found.
func fallingBack(s story) string {
	if s.decision.Cause != fsm.CauseDeclined {
		return "Nobody in {team} could take it. {Only} {Absent} {Step} {cause} {Given}"
	}
	if s.decision.Assignee == 0 {
		return "{cause} {Only} {Absent} {Step} It went to the team inbox, where it waits until somebody claims it."
	}
	return "{cause} {Only} {Absent} {Step} {Given}"
}

// pauseOver says whether what was decided follows on the pause after everybody had been
// asked.
func pauseOver(s story) bool {
	if s.decision.Trigger != fsm.QueueResumed || s.rec.Event != fsm.OfferMade {
		return false
	}
	before, ok := decisionBefore(s)
	return ok && before.Decision.Cause == fsm.CauseDeclined && before.TimeMs+s.team.Rotation.Pause() <= s.rec.TimeMs
}

// asksAgain says when those who were asked are asked again, as long as it waits for
// that.
func asksAgain(s story) string {
	row, ok := s.state.Conversations.Get(s.rec.Conversation)
	if !ok || row.Assignment.AgainMs == 0 || !isLatest(s, row) {
		return ""
	}
	return "They are asked again at " + at(row.Assignment.AgainMs).Format(timeLayout) + " UTC."
}
