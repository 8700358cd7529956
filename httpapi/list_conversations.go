package httpapi

import (
	"fmt"
	"iter"
	"strconv"

	"github.com/rondohq/rondo/fsm"
)

// conversationFilter is what a list of conversations is asked for, with handles
// instead of names. A nil is no filter.
type conversationFilter struct {
	assignee *fsm.AgentHandle
	contact  *fsm.ContactHandle
	team     *fsm.TeamHandle
	inbox    *fsm.InboxHandle
	status   *fsm.ConversationStatus
	state    *fsm.AssignmentState
}

func (f conversationFilter) keep(row fsm.Conversation) bool {
	return is(f.assignee, row.Assignment.Assignee) && is(f.contact, row.Contact) && is(f.team, row.Assignment.Team) &&
		is(f.inbox, row.Inbox) && is(f.status, row.Status) && is(f.state, row.Assignment.State)
}

func is[T comparable](want *T, got T) bool { return want == nil || *want == got }

func readConversationFilter(v *fsm.State, q query) (f conversationFilter, err error) {
	if id, given := q["assignee"]; given {
		row, ok := v.Agents.ByID(fsm.AgentID(id))
		if f.assignee = &row.Handle; !ok {
			return f, unknownFilter(v, "assignee", "agent", id)
		}
	}
	if id, given := q["contact"]; given {
		row, ok := v.Contacts.ByID(fsm.ContactID(id))
		if f.contact = &row.Handle; !ok {
			return f, unknownFilter(v, "contact", "contact", id)
		}
	}
	if id, given := q["team"]; given {
		row, ok := v.Teams.ByID(fsm.TeamID(id))
		if f.team = &row.Handle; !ok {
			return f, unknownFilter(v, "team", "team", id)
		}
	}
	if id, given := q["inbox"]; given {
		row, ok := v.Inboxes.ByID(fsm.InboxID(id))
		if f.inbox = &row.Handle; !ok {
			return f, unknownFilter(v, "inbox", "inbox", id)
		}
	}
	if name, given := q["status"]; given {
		status, ok := fsm.ParseConversationStatus(name)
		if f.status = &status; !ok {
			return f, invalid(inQuery("status", "unknown_value", fmt.Sprintf("%q is not one of open, closed", clip(name))))
		}
	}
	if name, given := q["state"]; given {
		state, ok := fsm.ParseAssignmentState(name)
		if f.state = &state; !ok {
			return f, invalid(inQuery("state", "unknown_value", fmt.Sprintf("%q is not one of assigned, waiting, held, manual, outbound", clip(name))))
		}
	}
	return f, nil
}

func listConversations(a *api, c *call) (answer, error) {
	limit, err := c.query.limit()
	if err != nil {
		return answer{}, err
	}
	v, err := a.view(c)
	if err != nil {
		return answer{}, err
	}
	filter, err := readConversationFilter(v, c.query)
	if err != nil {
		return answer{}, err
	}
	rows, token, err := filter.source(v, c.query)
	if err != nil {
		return answer{}, err
	}
	return show(v, page(limit, rowsOf[fsm.Conversation]{
		rows: rows, keep: filter.keep, token: token,
		view: func(row fsm.Conversation) (any, int) { return viewConversation(v, row), 0 },
	}))
}

// source chooses the index that leaves the fewest rows to look at, and with it
// the order: a team's queue as it will be served, otherwise the oldest first.
func (f conversationFilter) source(v *fsm.State, q query) (iter.Seq[fsm.Conversation], func(fsm.Conversation) pageToken, error) {
	switch {
	case f.team != nil && f.state != nil && *f.state == fsm.StateWaiting:
		return queueRows(v, *f.team, q)
	case f.contact != nil:
		return contactRows(v, *f.contact, q)
	case f.assignee != nil:
		after, err := q.afterNumbers("assignee", 1)
		return v.Conversations.OfAssignee(*f.assignee, nextHandle(after)), handleToken("assignee"), err
	default:
		after, err := q.afterNumbers("all", 1)
		return v.Conversations.From(nextHandle(after)), handleToken("all"), err
	}
}

func nextHandle(after []uint64) fsm.ConversationHandle {
	if after == nil {
		return 0
	}
	return fsm.ConversationHandle(after[0]) + 1
}

func handleToken(mark string) func(fsm.Conversation) pageToken {
	return func(row fsm.Conversation) pageToken { return numbersToken(mark, uint64(row.Handle)) }
}

func numbersToken(mark string, numbers ...uint64) pageToken {
	t := pageToken{mark: mark}
	for _, n := range numbers {
		t.parts = append(t.parts, strconv.FormatUint(n, 10))
	}
	return t
}

func queueRows(v *fsm.State, team fsm.TeamHandle, q query) (iter.Seq[fsm.Conversation], func(fsm.Conversation) pageToken, error) {
	after, err := q.afterNumbers("queue", 3)
	from := fsm.FirstPlace
	if after != nil {
		from = fsm.QueuePlace{Priority: uint8(after[0]), QueueSeq: after[1], Handle: fsm.ConversationHandle(after[2]) + 1}
	}
	token := func(row fsm.Conversation) pageToken {
		return numbersToken("queue", uint64(row.Priority), row.Assignment.QueueSeq, uint64(row.Handle))
	}
	return v.Conversations.QueueFrom(team, from), token, err
}

func contactRows(v *fsm.State, contact fsm.ContactHandle, q query) (iter.Seq[fsm.Conversation], func(fsm.Conversation) pageToken, error) {
	after, err := q.afterNumbers("contact", 2)
	var inbox fsm.InboxHandle
	var handle fsm.ConversationHandle
	if after != nil {
		inbox, handle = fsm.InboxHandle(after[0]), fsm.ConversationHandle(after[1])+1
	}
	token := func(row fsm.Conversation) pageToken {
		return numbersToken("contact", uint64(row.Inbox), uint64(row.Handle))
	}
	return v.Conversations.OfContactFrom(contact, inbox, handle), token, err
}
