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

// byID lists a table of named rows in the order of their ids.
func byID[ID ~string, V any](a *api, c *call, from func(*fsm.State, ID) iter.Seq[V], id func(V) ID, view func(*fsm.State, V) (any, int)) (answer, error) {
	limit, err := c.query.limit()
	if err != nil {
		return answer{}, err
	}
	after, err := c.query.after("id", 1)
	if err != nil {
		return answer{}, err
	}
	v, err := a.view(c)
	if err != nil {
		return answer{}, err
	}
	var start ID
	if after != nil {
		start = ID(after[0]) + "\x00" // the first that is behind it
	}
	return show(v, page(limit, rowsOf[V]{
		rows:  from(v, start),
		token: func(row V) pageToken { return pageToken{"id", []string{string(id(row))}} },
		view:  func(row V) (any, int) { return view(v, row) },
	}))
}

func listAgents(a *api, c *call) (answer, error) {
	return byID(a, c,
		func(v *fsm.State, id fsm.AgentID) iter.Seq[fsm.Agent] { return v.Agents.FromID(id) },
		func(row fsm.Agent) fsm.AgentID { return row.ID },
		func(v *fsm.State, row fsm.Agent) (any, int) { return viewAgent(v, row) })
}

func listTeams(a *api, c *call) (answer, error) {
	return byID(a, c,
		func(v *fsm.State, id fsm.TeamID) iter.Seq[fsm.Team] { return v.Teams.FromID(id) },
		func(row fsm.Team) fsm.TeamID { return row.ID },
		func(v *fsm.State, row fsm.Team) (any, int) { return viewTeam(v, row), int(row.Members) })
}

func listInboxes(a *api, c *call) (answer, error) {
	return byID(a, c,
		func(v *fsm.State, id fsm.InboxID) iter.Seq[fsm.Inbox] { return v.Inboxes.FromID(id) },
		func(row fsm.Inbox) fsm.InboxID { return row.ID },
		func(v *fsm.State, row fsm.Inbox) (any, int) { return viewInbox(v, row), 0 })
}

func listContacts(a *api, c *call) (answer, error) {
	return byID(a, c,
		func(v *fsm.State, id fsm.ContactID) iter.Seq[fsm.Contact] { return v.Contacts.FromID(id) },
		func(row fsm.Contact) fsm.ContactID { return row.ID },
		func(v *fsm.State, row fsm.Contact) (any, int) { return viewContact(row), 0 })
}
