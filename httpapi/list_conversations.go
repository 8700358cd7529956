package httpapi

import (
	"fmt"
	"math"
	"slices"

	"github.com/rondohq/rondo/fsm"
	"github.com/rondohq/rondo/httpapi/filter"
)

// conversationParameters are those of every list of conversations: filters, and who
// `me` is.
func conversationParameters() []string { return append(filter.Fields(), "as") }

// filterOf reads the filters of the query.
func (c *call) filterOf() (filter.Filter, error) {
	given := map[string]string{}
	for _, name := range filter.Fields() {
		if text, ok := c.query[name]; ok {
			given[name] = text
		}
	}
	f, err := filter.Of(given)
	if err != nil {
		return nil, badFilter(err)
	}
	return f, nil
}

// A conversationList is what one list of conversations is asked for.
type conversationList struct {
	filters []filter.Filter // all must hold
	saved   bool            // the last is that of a view: what it names may be gone
	sort    string          // unless the query says so
}

// queued says whether the list is what waits in one team, in the order in which it
// will be served.
func (l conversationList) queued() bool {
	team, waiting := false, false
	for _, f := range l.filters {
		team = team || len(f[filter.Team]) == 1
		waiting = waiting || slices.Equal(f[filter.State], []string{fsm.StateWaiting.String()})
	}
	return team && waiting
}

func listConversations(a *api, c *call) (answer, error) {
	f, err := c.filterOf()
	if err != nil {
		return answer{}, err
	}
	v, err := a.view(c)
	if err != nil {
		return answer{}, err
	}
	return listThose(c, v, conversationList{filters: []filter.Filter{f}})
}

// listThose answers with a page.
func listThose(c *call, v *fsm.State, list conversationList) (answer, error) {
	sort := c.query["sort"]
	if sort == "" {
		sort = list.sort
	}
	if sort == "" && list.queued() {
		sort = sortQueue
	}
	if sort == sortQueue && !list.queued() {
		return answer{}, invalid(inQuery("sort", "unexpected", "only what waits in a team is in a queue: give team and state=waiting, or another sort"))
	}
	parts := map[string]int{sortQueue: 3, sortActivity: 2, "-" + sortActivity: 2, "-" + sortPriority: 2}[sort]
	l, err := c.list(max(parts, 1))
	if err != nil {
		return answer{}, err
	}
	after, err := l.afterNumbers()
	if err != nil {
		return answer{}, err
	}
	where, err := c.where(v, list)
	if err != nil {
		return answer{}, err
	}
	if sort == sortQueue {
		return show(v, page(l.limit, rowsOf[fsm.Conversation]{
			rows: queueRows(v, where.Team, after), keep: func(row fsm.Conversation) bool { return where.Keeps(v, &row) },
			token: func(row fsm.Conversation) pageToken {
				return l.numbers(uint64(row.Priority), row.Assignment.QueueSeq, uint64(row.Handle))
			},
			view: func(row fsm.Conversation) (any, int) { return viewConversation(v, row), 0 },
		}))
	}
	rows, place := readerOf(v, where, sort, after)
	return show(v, pageRead(v, l, rows, place))
}

// A conversationReader is a list as package fsm reads it.
type conversationReader interface {
	Next() (fsm.Conversation, bool)
	Cut() bool
}

// readerOf returns a list in an order, behind a place, and how to tell where it
// stands.
func readerOf(v *fsm.State, w fsm.Where, sort string, after []uint64) (conversationReader, func() []uint64) {
	falling := sort != "" && sort[0] == '-'
	switch sort {
	case sortActivity, "-" + sortActivity:
		at := fsm.FirstMoment
		if falling {
			at = fsm.LastMoment
		}
		if after != nil {
			at = fsm.Moment{Ms: int64(after[0]), Handle: fsm.ConversationHandle(after[1])}
		}
		rows := fsm.SelectRecent(v, w, at, falling, maxScanned)
		return rows, func() []uint64 { return []uint64{uint64(rows.At().Ms), uint64(rows.At().Handle)} }
	case "-" + sortPriority:
		priority, at := uint8(math.MaxUint8), fsm.ConversationHandle(0)
		if after != nil {
			priority, at = uint8(min(after[0], math.MaxUint8)), fsm.ConversationHandle(after[1])
		}
		rows := fsm.SelectUrgent(v, w, priority, at, maxScanned)
		return rows, func() []uint64 {
			priority, handle := rows.At()
			return []uint64{uint64(priority), uint64(handle)}
		}
	default:
		at := fsm.ConversationHandle(0)
		if falling {
			at = math.MaxUint64
		}
		if after != nil {
			at = fsm.ConversationHandle(after[0])
		}
		rows := fsm.Select(v, w, at, falling, maxScanned)
		return rows, func() []uint64 { return []uint64{uint64(rows.At())} }
	}
}

// pageRead collects one page. It ends with a token unless it is certain that nothing
// follows.
func pageRead(v *fsm.State, l listQuery, rows conversationReader, place func() []uint64) listView {
	list := listView{Items: []any{}}
	end := func(at []uint64) {
		token := l.numbers(at...).String()
		list.NextPageToken = &token
	}
	at := place()
	for {
		row, ok := rows.Next()
		switch {
		case !ok && rows.Cut():
			if len(list.Items) < l.limit {
				at = place()
			}
			end(at)
			return list
		case !ok:
			return list
		case len(list.Items) == l.limit:
			end(at)
			return list
		}
		list.Items = append(list.Items, viewConversation(v, row))
		at = place()
	}
}

func queueRows(v *fsm.State, teams fsm.AnyOf[fsm.TeamHandle], after []uint64) func(func(fsm.Conversation) bool) {
	if len(teams) == 0 {
		return func(func(fsm.Conversation) bool) {}
	}
	from := fsm.FirstPlace
	if after != nil {
		from = fsm.QueuePlace{Priority: uint8(after[0]), QueueSeq: after[1], Handle: fsm.ConversationHandle(after[2]) + 1}
	}
	return v.Conversations.QueueFrom(teams[0], from)
}

// Limits of counts.
const (
	maxCounted    = 10_000 // a count is exact up to here
	maxCountSteps = 50_000
)

// A countView is how many conversations there are. If it is not exact there are at
// least so many.
type countView struct {
	Count int  `json:"count"`
	Exact bool `json:"exact"`
}

func countThose(c *call, v *fsm.State, list conversationList) (countView, error) {
	where, err := c.where(v, list)
	if err != nil {
		return countView{}, err
	}
	rows := fsm.Select(v, where, 0, false, maxCountSteps)
	n := 0
	for _, ok := rows.Next(); ok; _, ok = rows.Next() {
		if n == maxCounted {
			return countView{n, false}, nil
		}
		n++
	}
	return countView{n, !rows.Cut()}, nil
}

func countConversations(a *api, c *call) (answer, error) {
	f, err := c.filterOf()
	if err != nil {
		return answer{}, err
	}
	v, err := a.view(c)
	if err != nil {
		return answer{}, err
	}
	count, err := countThose(c, v, conversationList{filters: []filter.Filter{f}})
	if err != nil {
		return answer{}, err
	}
	return show(v, count)
}

// badFilter says what is wrong with a filter in the query.
func badFilter(err error) error {
	fault, ok := err.(filter.Fault) //nolint:errorlint // package filter gives nothing else
	if !ok {
		return fmt.Errorf("read a filter: %w", err)
	}
	return invalid(inQuery(fault.Field, fault.Code, fault.Detail))
}
