package httpapi

import (
	"iter"

	"github.com/rondohq/rondo/fsm"
)

var (
	putPresenceShape = shapeOf[fsm.PutPresence]()
	deletePlanShape  = shapeOf[fsm.DeletePlan]()
)

func putPresence(a *api, c *call) (answer, error) {
	command, err := decode(c, putPresenceShape, func(p *fsm.PutPresence) { fromPath(c, &p.Agent, "id", "/agent") })
	if err != nil {
		return answer{}, err
	}
	return a.changeAgent(c, command)
}

func deletePlan(a *api, c *call) (answer, error) {
	command, err := decode(c, deletePlanShape, func(p *fsm.DeletePlan) { fromPath(c, &p.Agent, "id", "/agent") })
	if err != nil {
		return answer{}, err
	}
	return a.changeAgent(c, command)
}

// agentOf finds the agent of the path.
func agentOf(a *api, c *call) (*fsm.State, fsm.Agent, error) {
	v, err := a.view(c)
	if err != nil {
		return nil, fsm.Agent{}, err
	}
	row, ok := v.Agents.ByID(fsm.AgentID(c.path["id"]))
	if !ok {
		return nil, row, absent(v, "agent", c.path["id"])
	}
	return v, row, nil
}

// A presenceList says that it does not go back to the first there was, since that
// is no longer kept (fsm.Settings.RecordBytes).
type presenceList struct {
	listView
	Truncated bool `json:"truncated,omitempty"`
}

// listPresence lists what an agent was, the newest first. The records are linked,
// so a page is as quick to find as the first, and its token says where to go on:
// the place of the last record and when it began.
func listPresence(a *api, c *call) (answer, error) {
	l, err := c.list(2)
	if err != nil {
		return answer{}, err
	}
	after, err := l.afterNumbers()
	if err != nil {
		return answer{}, err
	}
	v, row, err := agentOf(a, c)
	if err != nil {
		return answer{}, err
	}
	list := presenceList{}
	if after == nil {
		list.listView = page(l.limit, presenceRows(v, l, row, 0, 0, &list.Truncated))
	} else if at := fsm.Position(after[0]); at != 0 {
		list.listView = page(l.limit, presenceRows(v, l, row, at, int64(after[1]), &list.Truncated))
	}
	return show(v, list)
}

func presenceRows(v *fsm.State, l listQuery, of fsm.Agent, at fsm.Position, toMs int64, truncated *bool) rowsOf[pastPresence] {
	return rowsOf[pastPresence]{
		rows:  spans(v, of, at, toMs, truncated),
		token: func(p pastPresence) pageToken { return l.numbers(uint64(p.Previous), uint64(p.TimeMs)) },
		view:  func(p pastPresence) (any, int) { return viewSpan(p), 0 },
	}
}

// spans yields what an agent was, the newest first, beginning at a record after
// which something else followed at toMs.
func spans(v *fsm.State, of fsm.Agent, at fsm.Position, toMs int64, truncated *bool) iter.Seq[pastPresence] {
	return func(yield func(pastPresence) bool) {
		next := of.LatestPresence
		if at != 0 {
			next = at
		}
		for rec := range fsm.PresenceHistory(v, of, at) {
			if !yield(pastPresence{rec, toMs}) {
				return
			}
			toMs, next = rec.TimeMs, rec.Previous
		}
		*truncated = next != 0
	}
}
