package httpapi

import (
	"iter"
	"slices"

	"github.com/rondohq/rondo/fsm"
)

func listDecisions(a *api, c *call) (answer, error) {
	v, err := a.view(c)
	if err != nil {
		return answer{}, err
	}
	team := fsm.TeamHandle(0)
	if id, given := c.query["team"]; given {
		row, ok := v.Teams.ByID(fsm.TeamID(id))
		if team = row.Handle; !ok {
			return answer{}, unknownFilter(v, "team", "team", id)
		}
	}
	id, given := c.query["conversation"]
	if !given {
		return decisionsPage(v, c, team, nil)
	}
	row, ok := v.Conversations.ByID(fsm.ConversationID(id))
	if !ok {
		return answer{}, unknownFilter(v, "conversation", "conversation", id)
	}
	return decisionsPage(v, c, team, &row)
}

func listDecisionsOf(a *api, c *call) (answer, error) {
	v, err := a.view(c)
	if err != nil {
		return answer{}, err
	}
	row, ok := v.Conversations.ByID(fsm.ConversationID(c.path["id"]))
	if !ok {
		return answer{}, absent(v, "conversation", c.path["id"])
	}
	return decisionsPage(v, c, 0, &row)
}

// decisionsPage lists decisions in the one strict order in which they were made.
// of, if not nil, is the conversation they are about.
func decisionsPage(v *fsm.State, c *call, team fsm.TeamHandle, of *fsm.Conversation) (answer, error) {
	limit, err := c.query.limit()
	if err != nil {
		return answer{}, err
	}
	after, err := c.query.after("decision", 1)
	if err != nil {
		return answer{}, err
	}
	var start fsm.RecordID
	if after != nil {
		if start, err = fsm.ParseRecordID(after[0]); err != nil {
			return answer{}, badToken()
		}
		start.N++
	}
	rows := v.Records.From(start)
	if of != nil {
		rows = historyFrom(v, *of, start)
	}
	list := decisionList{Truncated: v.Forgotten.Segments > 0}
	if of != nil {
		list.Truncated = fsm.Truncated(v, *of)
	}
	list.listView = page(limit, rowsOf[fsm.Record]{
		rows: rows,
		keep: func(rec fsm.Record) bool {
			return rec.Decision != nil && (team == 0 || rec.Team == team) && (of == nil || rec.Conversation == of.Handle)
		},
		token: func(rec fsm.Record) pageToken { return pageToken{"decision", []string{rec.ID.String()}} },
		view:  func(rec fsm.Record) (any, int) { return viewDecision(v, rec), 0 },
	})
	return show(v, list)
}

// A decisionList says that it does not begin with the first decision there was,
// since that is no longer kept (fsm.Settings.RecordBytes).
type decisionList struct {
	listView
	Truncated bool `json:"truncated,omitempty"`
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
