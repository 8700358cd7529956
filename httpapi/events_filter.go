package httpapi

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/rondohq/rondo/fsm"
)

// eventParameters are what GET /v1/events takes besides Last-Event-ID.
var eventParameters = []string{"after", "types", "team", "inbox", "conversation", "agent", "notify"}

// An eventFilter says which events a client wants; its zero fields want all.
type eventFilter struct {
	types        []string
	team         fsm.TeamHandle
	inbox        fsm.InboxHandle
	conversation fsm.ConversationHandle
	agent        fsm.AgentHandle
	notify       fsm.AgentHandle // only what she is to be told by the stream
}

// newFilter refuses names that mean nothing, since a stream that stays empty would
// hide the slip, and what is not for p to see.
func newFilter(v *fsm.State, p Principal, q query) (f eventFilter, err error) {
	if f.types, err = typesOf(q); err != nil {
		return f, err
	}
	if id, given := q["team"]; given {
		row, ok := v.Teams.ByID(fsm.TeamID(id))
		if f.team = row.Handle; !ok {
			return f, unknownFilter(v, "team", "team", id)
		}
	}
	if id, given := q["inbox"]; given {
		row, ok := v.Inboxes.ByID(fsm.InboxID(id))
		if f.inbox = row.Handle; !ok {
			return f, unknownFilter(v, "inbox", "inbox", id)
		}
	}
	if id, given := q["conversation"]; given {
		row, ok := v.Conversations.ByID(fsm.ConversationID(id))
		if f.conversation = row.Handle; !ok {
			return f, unknownFilter(v, "conversation", "conversation", id)
		}
	}
	if id, given := q["agent"]; given {
		row, ok := v.Agents.ByID(fsm.AgentID(id))
		if f.agent = row.Handle; !ok {
			return f, unknownFilter(v, "agent", "agent", id)
		}
	}
	if id, given := q["notify"]; given {
		row, ok := v.Agents.ByID(fsm.AgentID(id))
		if f.notify = row.Handle; !ok {
			return f, unknownFilter(v, "notify", "agent", id)
		}
		return f, mayLookAt(v, p, row.ID)
	}
	return f, nil
}

// typesOf reads a list of types, with commas.
func typesOf(q query) ([]string, error) {
	text, given := q["types"]
	if !given {
		return nil, nil
	}
	known := fsm.EventNames()
	list := strings.Split(text, ",")
	for _, name := range list {
		if !slices.Contains(known, name) {
			return nil, invalid(inQuery("types", "unknown_value",
				fmt.Sprintf("%q is no type of event; known are %s", clip(name), strings.Join(known, ", "))))
		}
	}
	return list, nil
}

// wants says whether a record passes. An agent's are those about her, and those
// about a conversation that she got or had.
func (f *eventFilter) wants(rec fsm.Record) bool {
	return (f.types == nil || slices.Contains(f.types, rec.Event.String())) &&
		(f.team == 0 || rec.Team == f.team) &&
		(f.inbox == 0 || rec.Inbox == f.inbox) &&
		(f.conversation == 0 || rec.Conversation == f.conversation) &&
		(f.notify == 0 || slices.ContainsFunc(rec.Notices, func(n fsm.Notice) bool {
			return n.Agent == f.notify && n.Channels&fsm.ChannelStream != 0
		})) &&
		(f.agent == 0 || rec.Agent == f.agent ||
			rec.Decision != nil && (rec.Decision.Assignee == f.agent || rec.Decision.Before == f.agent))
}

// behind returns the first id that can follow a position.
func behind(position fsm.RecordID) fsm.RecordID {
	if position.N == math.MaxUint32 {
		return fsm.RecordID{Index: position.Index + 1}
	}
	position.N++
	return position
}

// showPosition is the inverse of parsePosition; the beginning is "0.0".
func showPosition(id fsm.RecordID) string {
	switch {
	case id.IsZero():
		return "0.0"
	case id.N == math.MaxUint32:
		return strconv.FormatUint(id.Index, 10)
	default:
		return id.String()
	}
}

// parsePosition reads "1042.0", or "1042" for the end of entry 1042: a client that
// has read the lists knows the index they were read at.
func parsePosition(text string) (fsm.RecordID, error) {
	if strings.Contains(text, ".") {
		id, err := fsm.ParseRecordID(text)
		if err == nil && id.Index == math.MaxUint64 {
			err = fsm.ErrRecordID
		}
		return id, err
	}
	index, err := strconv.ParseUint(text, 10, 64)
	if err != nil || index == math.MaxUint64 {
		return fsm.RecordID{}, fsm.ErrRecordID
	}
	if index == 0 {
		return fsm.RecordID{}, nil
	}
	return fsm.RecordID{Index: index, N: math.MaxUint32}, nil
}

// A reset tells a client that it has missed events for ever, and where its stream
// goes on.
type reset struct {
	position fsm.RecordID
	view     resetView
}

type resetView struct {
	Reason string  `json:"reason"` // too_old, unknown
	After  string  `json:"after"`  // what was asked for
	Oldest *string `json:"oldest"` // id of the first event that is kept
	Detail string  `json:"detail"`
}

const resetAdvice = "read again what you show (GET /v1/conversations, /v1/agents, ...); this stream goes on "

// resetTooOld returns nil if all events behind the position are kept.
func resetTooOld(v *fsm.State, position fsm.RecordID) *reset {
	if position.IsZero() || !v.Forgotten.Misses(position) {
		return nil
	}
	oldest := v.Records.Oldest()
	return &reset{v.Forgotten.Last, resetView{"too_old", showPosition(position), orNull(oldest.String()),
		"events before " + oldest.String() + " are no longer kept: " + resetAdvice + "with it"}}
}

// resetUnknown is about an id that no node of this cluster can have shown.
func resetUnknown(v *fsm.State, asked fsm.RecordID) *reset {
	return &reset{v.Records.Newest(), resetView{"unknown", showPosition(asked), orNull(v.Records.Oldest().String()),
		"this cluster has never come to " + showPosition(asked) + " (is it another cluster, or was it restored from a snapshot?): " + resetAdvice + "with what happens from now on"}}
}
