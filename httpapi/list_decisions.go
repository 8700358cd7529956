package httpapi

import (
	"iter"
	"slices"

	"github.com/rondohq/rondo/fsm"
)

// A decisionFilter is what a list of decisions is asked for. Zero values and nil
// are no filter.
type decisionFilter struct {
	conversation *fsm.Conversation
	team         fsm.TeamHandle
	agent        fsm.AgentHandle
}

func (f decisionFilter) keep(rec fsm.Record) bool {
	return rec.Decision != nil && (f.team == 0 || rec.Team == f.team) && (f.agent == 0 || rec.Decision.Assignee == f.agent) &&
		(f.conversation == nil || rec.Conversation == f.conversation.Handle)
}

func listDecisions(a *api, c *call) (answer, error) {
	l, v, err := listed(a, c, 1)
	if err != nil {
		return answer{}, err
	}
	var f decisionFilter
	if id, given := c.query["team"]; given {
		row, ok := v.Teams.ByID(fsm.TeamID(id))
		if f.team = row.Handle; !ok {
			return answer{}, unknownFilter(v, "team", "team", id)
		}
	}
	if id, given := c.query["agent"]; given {
		row, ok := v.Agents.ByID(fsm.AgentID(id))
		if f.agent = row.Handle; !ok {
			return answer{}, unknownFilter(v, "agent", "agent", id)
		}
	}
	if id, given := c.query["conversation"]; given {
		row, ok := visible(c, v, id)
		if f.conversation = &row; !ok {
			return answer{}, unknownFilter(v, "conversation", "conversation", id)
		}
	}
	return decisionsPage(c, v, l, f)
}

func listDecisionsOf(a *api, c *call) (answer, error) {
	l, v, err := listed(a, c, 1)
	if err != nil {
		return answer{}, err
	}
	row, ok := visible(c, v, c.path["id"])
	if !ok {
		return answer{}, absent(v, "conversation", c.path["id"])
	}
	return decisionsPage(c, v, l, decisionFilter{conversation: &row})
}

// decisionsPage lists decisions in the one strict order in which they were made,
// or the newest first.
func decisionsPage(c *call, v *fsm.State, l listQuery, f decisionFilter) (answer, error) {
	view, err := c.explainer(v)
	if err != nil {
		return answer{}, err
	}
	var at fsm.RecordID // of the last on the page before
	if l.after != nil {
		if at, err = fsm.ParseRecordID(l.after[0]); err != nil || at.IsZero() {
			return answer{}, badToken()
		}
	}
	list := decisionList{Truncated: v.Forgotten.Segments > 0}
	if f.conversation != nil {
		list.Truncated = fsm.Truncated(v, *f.conversation)
	}
	list.listView = page(l.limit, rowsOf[fsm.Record]{
		rows:  f.walk(v, at, l.falling),
		keep:  func(rec fsm.Record) bool { return f.keep(rec) && seesDecision(c, v, rec) },
		token: func(rec fsm.Record) pageToken { return l.token(rec.ID.String()) },
		view:  func(rec fsm.Record) (any, int) { return view(rec), 0 },
	})
	return show(v, list)
}

// A decisionList says that it does not begin with the first decision there was,
// since that is no longer kept (fsm.Settings.RecordBytes).
type decisionList struct {
	listView
	Truncated bool `json:"truncated,omitempty"`
}

// walk yields records behind at, or, falling, before it.
func (f decisionFilter) walk(v *fsm.State, at fsm.RecordID, falling bool) iter.Seq[fsm.Record] {
	start := at
	if !at.IsZero() {
		start.N++
	}
	switch {
	case f.conversation != nil && falling:
		return historyBefore(v, *f.conversation, at)
	case f.conversation != nil:
		return historyFrom(v, *f.conversation, start)
	case falling:
		return v.Records.Back(at)
	default:
		return v.Records.From(start)
	}
}

// historyBefore yields the records of a conversation, the newest first, beginning
// at the last that is before at; none says where, so those behind are walked over.
func historyBefore(v *fsm.State, of fsm.Conversation, at fsm.RecordID) iter.Seq[fsm.Record] {
	return func(yield func(fsm.Record) bool) {
		for rec := range v.History(of) {
			if (at.IsZero() || rec.ID.Compare(at) < 0) && !yield(rec) {
				return
			}
		}
	}
}

// historyFrom yields the records of a conversation, the oldest first, beginning
// at start. They are linked backwards; where that is too far to go, the whole log
// from start on is as good, since a page keeps what it is about.
func historyFrom(v *fsm.State, of fsm.Conversation, start fsm.RecordID) iter.Seq[fsm.Record] {
	var list []fsm.Record
	for rec := range v.History(of) {
		if rec.ID.Compare(start) < 0 {
			break
		}
		if list = append(list, rec); len(list) > maxScanned {
			return v.Records.From(start)
		}
	}
	slices.Reverse(list)
	return slices.Values(list)
}
