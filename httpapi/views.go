package httpapi

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/rondohq/rondo/fsm"
	"github.com/rondohq/rondo/httpapi/filter"
)

// A view is a filter under a name (S4.7). Some are built in and have no row. What is
// an agent's own is there for nobody else but admins.

var putViewShape = shapeOf[fsm.PutView]()

// Ids that nothing may have: their paths are those of counts.
const (
	countsID = "counts" // of views
	countID  = "count"  // of conversations
)

// reserved is what is wrong with an id that means something else.
func reserved(id string) fault {
	return inBody("/id", "reserved", fmt.Sprintf("%q has a meaning of its own; choose another id", id))
}

// maxBadges is how many views are counted at once.
const maxBadges = 20

type viewView struct {
	ID       fsm.ViewID `json:"id"`
	Name     string     `json:"name"`
	Owner    *string    `json:"owner"` // whose it is alone; null: shared
	Team     *string    `json:"team"`  // of a shared one: with whom; null: with all
	Filter   string     `json:"filter"`
	Sort     *string    `json:"sort"`
	BuiltIn  bool       `json:"built_in"`
	Revision uint64     `json:"revision"`
}

func (v viewView) version() uint64 { return v.Revision }

func viewOfView(v *fsm.State, row fsm.View) viewView {
	return viewView{ID: row.ID, Name: row.Name, Owner: agentName(v, row.Owner), Team: teamName(v, row.Team),
		Filter: row.Filter, Sort: orNull(row.Sort), Revision: row.Revision}
}

func viewBuiltIn(id string, b builtIn) viewView {
	return viewView{ID: fsm.ViewID(id), Name: b.name, Filter: b.filter, Sort: orNull(b.sort), BuiltIn: true}
}

var viewPatch = patchable{fsm.NounView, putViewShape,
	func(v *fsm.State, id string) (versioned, bool) {
		row, ok := v.Views.ByID(fsm.ViewID(id))
		return viewOfView(v, row), ok
	},
	asCommand(decodeView), func(id string) fsm.Command { return fsm.PutView{ID: fsm.ViewID(id)} }, changeSavedView}

var viewRevisions = revisable{fsm.NounView,
	func(v *fsm.State, id string) (uint64, bool) {
		row, ok := v.Views.ByID(fsm.ViewID(id))
		return uint64(row.Handle), ok
	},
	rendered(func(v *fsm.State, row fsm.View, _ fsm.Revision) any { return viewOfView(v, row) }),
	[]string{"built_in"}}

// decodeView also reads the filter, and writes it in the one way.
func decodeView(c *call) (fsm.PutView, error) {
	return decode(c, putViewShape, func(p *fsm.PutView) {
		fromPath(c, &p.ID, "id", "/id")
		if _, taken := builtIns[string(p.ID)]; taken || p.ID == countsID {
			c.faults = append(c.faults, reserved(string(p.ID)))
		}
		f, err := filter.Parse(p.Filter)
		var fault filter.Fault
		if errors.As(err, &fault) {
			c.faults = append(c.faults, inBody("/filter", fault.Code, fault.Error()))
		} else {
			p.Filter = f.String()
		}
		if p.Sort != "" && !slices.Contains(conversationSorts, p.Sort) {
			c.faults = append(c.faults, inBody("/sort", "unknown_value", fmt.Sprintf("%q is not one of %s", clip(p.Sort), strings.Join(conversationSorts, ", "))))
		}
	})
}

func putView(a *api, c *call) (answer, error) {
	command, err := decodeView(c)
	if err != nil {
		return answer{}, err
	}
	return changeSavedView(a, c, command)
}

func deleteView(a *api, c *call) (answer, error) {
	command, err := decode(c, deleteShape, func(p *fsm.DeleteView) { fromPath(c, &p.ID, "id", "/id") })
	if err != nil {
		return answer{}, err
	}
	return changeSavedView(a, c, command)
}

func changeSavedView(a *api, c *call, command fsm.Command) (answer, error) {
	d, err := a.propose(c, command)
	if err != nil {
		return answer{}, err
	}
	row, ok := d.view.Views.Get(fsm.ViewHandle(d.Subject.Handle))
	if !ok {
		return answer{}, errLost(d.Subject)
	}
	return d.answer(viewOfView(d.view, row)), nil
}

// usable says whether the caller may use a view.
func usable(c *call, v *fsm.State, row fsm.View) bool {
	actor := actingAgent(c, v)
	return actor.Handle == 0 || !actor.Removed && row.MayUse(v, actor)
}

// shownView finds a view that the caller may use. To others it is not there.
func shownView(c *call, v *fsm.State, id string) (viewView, bool) {
	if b, ok := builtIns[id]; ok {
		return viewBuiltIn(id, b), true
	}
	row, ok := v.Views.ByID(fsm.ViewID(id))
	if !ok || !usable(c, v, row) {
		return viewView{}, false
	}
	return viewOfView(v, row), true
}

func getView(a *api, c *call) (answer, error) {
	v, err := a.view(c)
	if err != nil {
		return answer{}, err
	}
	view, ok := shownView(c, v, c.path["id"])
	if !ok {
		return answer{}, absent(v, "view", c.path["id"])
	}
	return show(v, view)
}

// ofUsable is a handler about a saved view, for those who may use it.
func ofUsable(next handler) handler {
	return func(a *api, c *call) (answer, error) {
		v, err := a.view(c)
		if err != nil {
			return answer{}, err
		}
		if row, ok := v.Views.ByID(fsm.ViewID(c.path["id"])); ok && !usable(c, v, row) {
			return answer{}, absent(v, "view", c.path["id"])
		}
		return next(a, c)
	}
}

func listViews(a *api, c *call) (answer, error) {
	l, v, err := listed(a, c, 1)
	if err != nil {
		return answer{}, err
	}
	return byIDWhere(v, l, v.Views, func(row fsm.View) bool { return usable(c, v, row) },
		func(row fsm.View) fsm.ViewID { return row.ID },
		func(row fsm.View) (any, int) { return viewOfView(v, row), 0 })
}

// listOf returns what a view lists, narrowed by the filters of the query.
func listOf(c *call, v *fsm.State, id string) (conversationList, error) {
	quick, err := c.filterOf()
	if err != nil {
		return conversationList{}, err
	}
	view, ok := shownView(c, v, id)
	if !ok {
		return conversationList{}, absent(v, "view", id)
	}
	list := conversationList{filters: []filter.Filter{quick}, saved: true}
	if view.Sort != nil {
		list.sort = *view.Sort
	}
	if id == "team" && view.BuiltIn {
		team, err := builtInTeam(c, v)
		if err != nil {
			return list, err
		}
		list.filters = append(list.filters, team)
	}
	saved, err := filter.Parse(view.Filter)
	if err != nil {
		return list, fmt.Errorf("read the filter of view %q: %w", id, err)
	}
	list.filters = append(list.filters, saved)
	return list, nil
}

func listViewed(a *api, c *call) (answer, error) {
	v, err := a.view(c)
	if err != nil {
		return answer{}, err
	}
	list, err := listOf(c, v, c.path["id"])
	if err != nil {
		return answer{}, err
	}
	return listThose(c, v, list)
}

func countViewed(a *api, c *call) (answer, error) {
	v, err := a.view(c)
	if err != nil {
		return answer{}, err
	}
	list, err := listOf(c, v, c.path["id"])
	if err != nil {
		return answer{}, err
	}
	count, err := countThose(c, v, list)
	if err != nil {
		return answer{}, err
	}
	return show(v, count)
}

type badgesView struct {
	Items []badgeView `json:"items"`
}

// A badgeView is the count of one of several views. A null says that there is no such
// view for who asks.
type badgeView struct {
	ID    string `json:"id"`
	Count *int   `json:"count"`
	Exact bool   `json:"exact"`
}

func countViews(a *api, c *call) (answer, error) {
	ids := strings.Split(c.query["ids"], ",")
	if c.query["ids"] == "" || len(ids) > maxBadges {
		return answer{}, invalid(inQuery("ids", "out_of_range", fmt.Sprintf("give the ids of 1 to %d views, with commas between them", maxBadges)))
	}
	v, err := a.view(c)
	if err != nil {
		return answer{}, err
	}
	badges := badgesView{Items: []badgeView{}}
	for _, id := range ids {
		badge := badgeView{ID: clip(id)}
		if _, ok := shownView(c, v, id); ok {
			list, err := listOf(c, v, id)
			if err != nil {
				return answer{}, err
			}
			count, err := countThose(c, v, list)
			if err != nil {
				return answer{}, err
			}
			badge.Count, badge.Exact = &count.Count, count.Exact
		}
		badges.Items = append(badges.Items, badge)
	}
	return show(v, badges)
}

func viewName(v *fsm.State, h fsm.ViewHandle) *string {
	row, _ := v.Views.Get(h)
	return orNull(row.ID)
}
