package httpapi

import (
	"fmt"
	"iter"
	"math"
	"strings"

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
			return f, invalid(inQuery("status", "unknown_value", fmt.Sprintf("%q is not one of open, closed, pending, snoozed", clip(name))))
		}
	}
	if name, given := q["state"]; given {
		state, ok := fsm.ParseAssignmentState(name)
		if f.state = &state; !ok {
			return f, invalid(inQuery("state", "unknown_value", fmt.Sprintf("%q is not one of %s", clip(name), strings.Join(assignmentWords(), ", "))))
		}
	}
	return f, nil
}

func listConversations(a *api, c *call) (answer, error) {
	waiting := c.query["team"] != "" && c.query["state"] == fsm.StateWaiting.String()
	queued := c.query["sort"] == sortQueue || c.query["sort"] == "" && waiting
	parts := 1
	if queued {
		parts = 3
	}
	l, err := c.list(parts)
	switch {
	case err != nil:
		return answer{}, err
	case queued && !waiting:
		return answer{}, invalid(inQuery("sort", "unexpected", "only what waits in a team is in a queue: give team and state=waiting, or another sort"))
	}
	after, err := l.afterNumbers()
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
	rows := rowsOf[fsm.Conversation]{
		rows: filter.walk(v, after, l.falling), keep: filter.keep,
		token: func(row fsm.Conversation) pageToken { return l.numbers(uint64(row.Handle)) },
		view:  func(row fsm.Conversation) (any, int) { return viewConversation(v, row), 0 },
	}
	if queued {
		rows.rows = queueRows(v, *filter.team, after)
		rows.token = func(row fsm.Conversation) pageToken {
			return l.numbers(uint64(row.Priority), row.Assignment.QueueSeq, uint64(row.Handle))
		}
	}
	return show(v, page(l.limit, rows))
}

// walk follows the index that leaves the fewest rows to look at.
func (f conversationFilter) walk(v *fsm.State, after []uint64, falling bool) iter.Seq[fsm.Conversation] {
	where := fsm.ConversationsWhere{Contact: valueOf(f.contact), Assignee: valueOf(f.assignee), Team: valueOf(f.team), Inbox: valueOf(f.inbox)}
	where.Unclosed = f.status != nil && *f.status != fsm.StatusClosed ||
		f.state != nil && *f.state != fsm.StateAssigned // who is closed is assigned, or in none of these states
	start := fsm.ConversationHandle(0)
	switch {
	case after != nil:
		start = fsm.ConversationHandle(after[0])
	case falling:
		start = math.MaxUint64
	}
	return v.Conversations.Walk(where, start, falling)
}

func valueOf[T any](p *T) (value T) {
	if p != nil {
		value = *p
	}
	return value
}

func queueRows(v *fsm.State, team fsm.TeamHandle, after []uint64) iter.Seq[fsm.Conversation] {
	from := fsm.FirstPlace
	if after != nil {
		from = fsm.QueuePlace{Priority: uint8(after[0]), QueueSeq: after[1], Handle: fsm.ConversationHandle(after[2]) + 1}
	}
	return v.Conversations.QueueFrom(team, from)
}
