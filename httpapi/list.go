package httpapi

import (
	"iter"

	"github.com/rondohq/rondo/fsm"
)

// maxScanned bounds the rows that one page looks at. A page that has looked at so
// many is short, and the next one goes on.
const maxScanned = 10_000

type listView struct {
	Items         []any   `json:"items"`
	NextPageToken *string `json:"next_page_token"`
}

// rowsOf is how the rows of one list become a page.
type rowsOf[V any] struct {
	rows  iter.Seq[V]                    // beginning behind the page before
	keep  func(V) bool                   // nil: all
	token func(V) pageToken              // says that a page ended with this row
	view  func(V) (body any, looked int) // looked: at how many rows besides
}

// page collects one page. It ends with a token unless it is certain that nothing
// follows.
func page[V any](limit int, l rowsOf[V]) listView {
	list := listView{Items: []any{}}
	scanned := 0
	var last V
	for row := range l.rows {
		if scanned >= maxScanned {
			token := l.token(last).String()
			list.NextPageToken = &token
			break
		}
		scanned++
		if l.keep == nil || l.keep(row) {
			if len(list.Items) == limit {
				token := l.token(last).String()
				list.NextPageToken = &token
				break
			}
			body, looked := l.view(row)
			list.Items = append(list.Items, body)
			scanned += looked
		}
		last = row
	}
	return list
}

// A named table as its lists need it.
type namedTable[ID ~string, V any] interface {
	FromID(id ID) iter.Seq[V]
	BackID(id ID) iter.Seq[V]
}

// byID lists a table of named rows in the order of their ids, or the falling one.
func byID[ID ~string, V any](v *fsm.State, l listQuery, table namedTable[ID, V], id func(V) ID, view func(V) (any, int)) (answer, error) {
	return byIDWhere(v, l, table, nil, id, view)
}

// byIDWhere is byID of those that keep says.
func byIDWhere[ID ~string, V any](v *fsm.State, l listQuery, table namedTable[ID, V], keep func(V) bool, id func(V) ID, view func(V) (any, int)) (answer, error) {
	after := ID("")
	if l.after != nil {
		after = ID(l.after[0])
	}
	rows := table.BackID(after)
	if !l.falling {
		if after != "" {
			after += "\x00" // the first that is behind it
		}
		rows = table.FromID(after)
	}
	return show(v, page(l.limit, rowsOf[V]{
		rows:  rows,
		keep:  keep,
		token: func(row V) pageToken { return l.token(string(id(row))) },
		view:  view,
	}))
}

// byPair lists rows in the order of two numbers, which at says of a row. rows are those
// of the first page; behind begins where a page before ended.
func byPair[V any](v *fsm.State, l listQuery, rows rowsOf[V], at func(V) (uint64, uint64), behind func(uint64, uint64) iter.Seq[V]) (answer, error) {
	after, err := l.afterNumbers()
	if err != nil {
		return answer{}, err
	}
	if after != nil {
		rows.rows = behind(after[0], after[1])
	}
	rows.token = func(row V) pageToken {
		first, second := at(row)
		return l.numbers(first, second)
	}
	return show(v, page(l.limit, rows))
}

// listed begins the answer to a list: what is asked for, and the state to look at.
// tokens is how many parts a page token of this list has.
func listed(a *api, c *call, tokens int) (listQuery, *fsm.State, error) {
	l, err := c.list(tokens)
	if err != nil {
		return l, nil, err
	}
	v, err := a.view(c)
	return l, v, err
}

func listTeams(a *api, c *call) (answer, error) {
	l, v, err := listed(a, c, 1)
	if err != nil {
		return answer{}, err
	}
	return byID(v, l, v.Teams, func(row fsm.Team) fsm.TeamID { return row.ID },
		func(row fsm.Team) (any, int) { return viewTeam(v, row), int(row.Members) })
}
