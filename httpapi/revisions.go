package httpapi

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"

	"github.com/rondohq/rondo/fsm"
	"github.com/rondohq/rondo/httpapi/words"
)

// Every change of a configuration leaves a revision: who made it, when, and how
// the thing looked from then on. They are shown as the thing itself is, without
// what is not configuration.

// A revisionView is one revision. Who and when are null where that is not known:
// of what was there before revisions were kept, or was made by a message.
type revisionView struct {
	Revision uint64  `json:"revision"` // as the ETag of the thing gave it then
	At       moment  `json:"at"`       // when it was made
	Actor    *string `json:"actor"`    // who made it
	Asserted bool    `json:"asserted"` // the actor is believed, not proven
}

// A revisionDetail is one revision and what it says.
type revisionDetail struct {
	revisionView
	Configuration configuration `json:"configuration"` // the thing as GET shows it, without what is not configured
}

// A configuration is a thing as GET shows it, without what is not configured.
type configuration map[string]any

// A diffView is what is different between two revisions.
type diffView struct {
	Revision    uint64       `json:"revision"`              // the newer one, or the one that was asked for
	Against     uint64       `json:"against"`               // the one it is compared with
	Changes     []changeView `json:"changes"`               // none: they say the same
	Explanation string       `json:"explanation,omitempty"` // in plain words, with `explain=text`
}

// A changeView is one difference. Of an element that came the pointer is that in
// the newer one, of one that went that in the older one.
type changeView struct {
	Pointer string `json:"pointer"` // RFC 6901, into the configuration
	Before  any    `json:"before"`  // null: it was not there
	After   any    `json:"after"`   // null: it is not there
}

// A revisable is a noun whose things have revisions.
type revisable struct {
	noun fsm.Noun
	find func(v *fsm.State, id string) (handle uint64, ok bool)
	view func(v *fsm.State, r fsm.Revision) (any, error)
	drop []string // fields of the view that are no configuration
}

var (
	agentRevisions = revisable{fsm.NounAgent,
		func(v *fsm.State, id string) (uint64, bool) {
			row, ok := v.Agents.ByID(fsm.AgentID(id))
			return uint64(row.Handle), ok
		},
		rendered(func(v *fsm.State, row fsm.Agent, _ fsm.Revision) any {
			view, _ := viewAgent(v, row)
			return view
		}),
		[]string{"presence", "groups", "teams", "open"}}
	groupRevisions = revisable{fsm.NounGroup,
		func(v *fsm.State, id string) (uint64, bool) {
			row, ok := v.Groups.ByID(fsm.GroupID(id))
			return uint64(row.Handle), ok
		},
		rendered(func(v *fsm.State, row fsm.Group, _ fsm.Revision) any { return viewGroup(v, row) }),
		[]string{"teams"}}
	teamRevisions = revisable{fsm.NounTeam,
		func(v *fsm.State, id string) (uint64, bool) {
			row, ok := v.Teams.ByID(fsm.TeamID(id))
			return uint64(row.Handle), ok
		},
		rendered(func(v *fsm.State, row fsm.Team, r fsm.Revision) any { return viewTeamOf(v, row, r.Seats) }),
		nil}
	inboxRevisions = revisable{fsm.NounInbox,
		func(v *fsm.State, id string) (uint64, bool) {
			row, ok := v.Inboxes.ByID(fsm.InboxID(id))
			return uint64(row.Handle), ok
		},
		rendered(func(v *fsm.State, row fsm.Inbox, _ fsm.Revision) any { return viewInbox(v, row) }),
		nil}
	contactRevisions = revisable{fsm.NounContact,
		func(v *fsm.State, id string) (uint64, bool) {
			row, ok := v.Contacts.ByID(fsm.ContactID(id))
			return uint64(row.Handle), ok
		},
		rendered(func(v *fsm.State, row fsm.Contact, _ fsm.Revision) any { return viewContact(v, row) }),
		nil}
)

// rendered reads the row of a revision and shows it.
func rendered[V any](view func(*fsm.State, V, fsm.Revision) any) func(*fsm.State, fsm.Revision) (any, error) {
	return func(v *fsm.State, r fsm.Revision) (any, error) {
		row, err := fsm.RowOf[V](r)
		if err != nil {
			return nil, fmt.Errorf("show a revision: %w", err)
		}
		return view(v, row, r), nil
	}
}

// configuration shows what a revision says: by way of its JSON, so that it is what
// GET shows, field by field.
func (n revisable) configuration(v *fsm.State, r fsm.Revision) (configuration, error) {
	view, err := n.view(v, r)
	if err != nil {
		return nil, err
	}
	data, err := json.Marshal(view)
	if err != nil {
		return nil, fmt.Errorf("show a revision: %w", err)
	}
	var shown configuration
	if err := json.Unmarshal(data, &shown); err != nil {
		return nil, fmt.Errorf("show a revision: %w", err)
	}
	delete(shown, "revision")
	for _, name := range n.drop {
		delete(shown, name)
	}
	return shown, nil
}

func viewRevision(r fsm.Revision) revisionView {
	return revisionView{r.Revision, moment(r.TimeMs), orNull(r.Actor), r.Via == asserted}
}

// all returns the revisions of the thing in the path, the oldest first: at least
// one, since what was never changed is as it is.
func (n revisable) all(a *api, c *call) (*fsm.State, []fsm.Revision, error) {
	v, err := a.view(c)
	if err != nil {
		return nil, nil, err
	}
	handle, ok := n.find(v, c.path["id"])
	if !ok {
		return nil, nil, absent(v, n.noun.String(), c.path["id"])
	}
	thing := fsm.Subject{Noun: n.noun, Handle: handle}
	var list []fsm.Revision
	for r := range v.Revisions.Of(thing) {
		list = append(list, r)
	}
	if len(list) == 0 {
		now, _ := fsm.PresentRevision(v, thing)
		list = append(list, now)
	}
	return v, list, nil
}

// listRevisions shows all that are kept on one page, the newest first.
func (n revisable) listRevisions(a *api, c *call) (answer, error) {
	v, all, err := n.all(a, c)
	if err != nil {
		return answer{}, err
	}
	list := listView{Items: []any{}}
	for i := len(all) - 1; i >= 0; i-- {
		list.Items = append(list.Items, viewRevision(all[i]))
	}
	return show(v, list)
}

func (n revisable) getRevision(a *api, c *call) (answer, error) {
	v, all, err := n.all(a, c)
	if err != nil {
		return answer{}, err
	}
	at, err := n.choose(v, c, all, c.path["revision"])
	if err != nil {
		return answer{}, err
	}
	shown, err := n.configuration(v, all[at])
	if err != nil {
		return answer{}, err
	}
	return show(v, revisionDetail{viewRevision(all[at]), shown})
}

// choose finds the revision with a number, and says which there are if there is no
// such.
func (n revisable) choose(v *fsm.State, c *call, all []fsm.Revision, text string) (int, error) {
	number, err := strconv.ParseUint(text, 10, 64)
	inForce := ""
	for i := len(all) - 1; i >= 0 && err == nil; i-- {
		if all[i].Revision == number {
			return i, nil
		}
		if all[i].Revision < number {
			inForce = fmt.Sprintf("; %d was in force then", all[i].Revision)
			break
		}
	}
	p := newProblem(http.StatusNotFound, string(fsm.NotFound), refusals[fsm.NotFound].title,
		fmt.Sprintf("%s %q has no revision %q%s; kept are %d, from %d to %d", n.noun, clip(c.path["id"]), clip(text), inForce,
			len(all), all[0].Revision, all[len(all)-1].Revision))
	p.index = v.Index
	return 0, p
}

// getDiff shows what is different between two revisions; without `against`, what
// the one changed.
func (n revisable) getDiff(a *api, c *call) (answer, error) {
	explained, err := c.explained()
	if err != nil {
		return answer{}, err
	}
	v, all, err := n.all(a, c)
	if err != nil {
		return answer{}, err
	}
	at, err := n.choose(v, c, all, c.path["revision"])
	if err != nil {
		return answer{}, err
	}
	against := max(at-1, 0)
	if text, given := c.query["against"]; given {
		if against, err = n.choose(v, c, all, text); err != nil {
			return answer{}, err
		}
	}
	before, err := n.configuration(v, all[against])
	if err != nil {
		return answer{}, err
	}
	after, err := n.configuration(v, all[at])
	if err != nil {
		return answer{}, err
	}
	view := diffView{Revision: all[at].Revision, Against: all[against].Revision, Changes: []changeView{}}
	compare := words.Compare
	if n.noun == fsm.NounRule {
		compare = words.CompareDeep
	}
	changes := compare(map[string]any(before), map[string]any(after))
	for _, change := range changes {
		view.Changes = append(view.Changes, changeView(change))
	}
	if explained {
		view.Explanation = words.Changes(v, all[at], changes)
	}
	return show(v, view)
}
