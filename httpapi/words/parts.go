package words

import (
	"cmp"
	"fmt"

	"github.com/rondohq/rondo/fsm"
)

// maxPlace bounds how far a place in a queue is counted.
const maxPlace = 1000

// parts are what stands in braces in sentences.go.
var parts = map[string]func(story) string{
	"{conversation}": conversationName,
	"{Conversation}": func(s story) string { return capital(conversationName(s)) },
	"{inbox}":        inboxName,
	"{Inbox}":        func(s story) string { return capital(inboxName(s)) },
	"{team}":         teamName,
	"{Team}":         func(s story) string { return capital(teamName(s)) },
	"{actor}":        func(s story) string { return Actor(s.state, s.rec.Actor, false) },
	"{Actor}":        func(s story) string { return Actor(s.state, s.rec.Actor, true) },
	"{assignee}":     assigneeName,
	"{Assignee}":     func(s story) string { return capitalNobody(assigneeName(s)) },
	"{before}":       func(s story) string { return agent(s.state, s.decision.Before) },

	"{opener}": opener, "{again}": again, "{asked}": asked,
	"{order}": orderOf, "{ring}": ringOf,
	"{Only}": onlyThose, "{Last}": lastTurn, "{Passed}": passedOver, "{Absent}": absent,
	"{Next}": nextTurn, "{Given}": given, "{Step}": stepOf, "{Place}": placeOf,
	"{Later}": later, "{Chosen}": chosen, "{lastHad}": lastHad, "{had}": had, "{about}": about, "{Presence}": presence,
	"{owner}": owner, "{tag}": excludedTag, "{earlier}": earlierTeam,
	"{Answer}": answer, "{Asks}": asks, "{answerTime}": answerTime, "{Again}": asksAgain,
	"{undone}": func(s story) string { return s.rec.Undoes.String() },
}

func capitalNobody(name string) string {
	if name == "nobody" {
		return "Nobody"
	}
	return name
}

func conversationName(s story) string {
	if s.preview {
		return "the conversation"
	}
	row, ok := s.state.Conversations.Get(s.rec.Conversation)
	if !ok {
		return "a conversation"
	}
	if row.Lead {
		return "lead " + string(row.ID)
	}
	return "conversation " + string(row.ID)
}

func inboxName(s story) string {
	row, _ := s.state.Inboxes.Get(s.rec.Inbox)
	return "inbox " + cmp.Or(row.Name, "without a name")
}

func teamName(s story) string {
	if s.rec.Team == 0 {
		return "no team"
	}
	return "team " + cmp.Or(s.team.Name, string(s.team.ID))
}

func assigneeName(s story) string { return agent(s.state, chosenOne(s)) }

// opener says how the conversation was opened.
func opener(s story) string {
	switch {
	case s.preview:
		return "as the next one"
	case s.rec.MessageID != "":
		return "with a message"
	default:
		return "opened by " + Actor(s.state, s.rec.Actor, false)
	}
}

// again says what opened the conversation once more.
func again(s story) string {
	switch {
	case s.rec.MessageID != "":
		return "by a message"
	case s.rec.Actor == "system:timer":
		return "at the time to which it had been put off"
	}
	return "by " + Actor(s.state, s.rec.Actor, false)
}

// asked says who asked for a claim, if it is not who claimed.
func asked(s story) string {
	row, _ := s.state.Agents.Get(s.decision.Assignee)
	if s.rec.Actor == "agent:"+string(row.ID) {
		return ""
	}
	return ", as " + Actor(s.state, s.rec.Actor, false) + " said"
}

// queued are the reasons for which a conversation stands in a queue.
var queued = map[fsm.Cause]bool{fsm.NoOneAvailable: true, fsm.NoMembers: true, fsm.QueueAhead: true, fsm.CauseDeclined: true}

func orderOf(s story) string {
	word := s.team.Rotation.Order.String()
	if said, known := orders[word]; known {
		return said
	}
	return "by " + plain(word)
}

func ringOf(s story) string {
	if s.team.Rotation.Per == fsm.PerInbox {
		return ", with turns of its own in each inbox"
	}
	return ""
}

func causeOf(s story) string {
	word := s.decision.Cause.String()
	if said, known := causes[word]; known {
		return said
	}
	return "Nobody has it: " + plain(word) + "."
}

// given says who got what nobody could be picked for.
func given(s story) string {
	if s.decision.Assignee == 0 {
		return ""
	}
	return "It went to " + assigneeName(s) + ", without a turn."
}

// placeOf says where the conversation stands now, if it still waits because of this
// decision.
func placeOf(s story) string {
	row, ok := s.state.Conversations.Get(s.rec.Conversation)
	if !ok || row.Assignment.State != fsm.StateWaiting || row.Assignment.Team != s.rec.Team || !isLatest(s, row) {
		return ""
	}
	number := 0
	for c := range s.state.Conversations.QueueFrom(row.Assignment.Team, fsm.FirstPlace) {
		if number++; c.Handle == row.Handle {
			break
		}
		if number >= maxPlace {
			return fmt.Sprintf("More than %d are before it now.", number)
		}
	}
	queue, _ := s.state.Queues.Get(row.Assignment.Team)
	now := "now "
	if s.preview {
		now = ""
	}
	return fmt.Sprintf("It is %snumber %d of %d in that queue.", now, number, max(queue.Waiting, uint32(number)))
}

func isLatest(s story, row fsm.Conversation) bool {
	for rec := range s.state.History(row) {
		if rec.Decision != nil {
			return rec.ID == s.rec.ID
		}
	}
	return false
}
