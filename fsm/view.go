package fsm

import (
	"cmp"
	"iter"
)

// ViewID and ViewHandle name a view.
type (
	ViewID     string
	ViewHandle uint32
)

// Limits of views.
const (
	MaxViews       = 200  // of one agent, of one team, and shared with all
	MaxFilterBytes = 2000 // as it is written
)

// A View is a filter under a name, so that nobody has to put it together again
// (S4.7). The state keeps the filter as it is written: whoever proposes it checks
// that it can be read, and reading it is no part of what nodes must agree on.
type View struct {
	Handle   ViewHandle  `cbor:"1,keyasint"`
	ID       ViewID      `cbor:"2,keyasint"`
	Name     string      `cbor:"3,keyasint"`
	Owner    AgentHandle `cbor:"4,keyasint,omitempty"` // whose it is alone; 0: shared
	Team     TeamHandle  `cbor:"5,keyasint,omitempty"` // of a shared one: with whom; 0: with all
	Filter   string      `cbor:"6,keyasint,omitempty"`
	Sort     string      `cbor:"7,keyasint,omitempty"`
	Revision uint64      `cbor:"8,keyasint"`           // Seq of the last change
	Removed  bool        `cbor:"9,keyasint,omitempty"` // the row stays, so that records can name it
}

// Views is the table of views.
type Views struct {
	Named[ViewID, ViewHandle, View]
	drawers Index[viewPlace, View]
}

// A viewPlace is where a view belongs: to an agent, to a team, or to all.
type viewPlace struct {
	owner  AgentHandle
	team   TeamHandle
	handle ViewHandle
}

func (p viewPlace) compare(other viewPlace) int {
	return cmp.Or(cmp.Compare(p.owner, other.owner), cmp.Compare(p.team, other.team), cmp.Compare(p.handle, other.handle))
}

func newViews() Views {
	return Views{
		newNamed(func(v *View) (ViewID, ViewHandle) { return v.ID, v.Handle }).unless(func(v *View) bool { return v.Removed }),
		newIndex(viewPlace.compare, func(v *View) (viewPlace, bool) { return viewPlace{v.Owner, v.Team, v.Handle}, !v.Removed }),
	}
}

func (t Views) clone() Views { return Views{t.Named.clone(), t.drawers.clone()} }

// Put stores row under its handle.
func (t Views) Put(row View) { t.drawers.move(t.put(row.Handle, &row), &row) }

// Of yields the views of an agent, or, if that is 0, those shared with a team, or,
// if both are, those shared with all.
func (t Views) Of(owner AgentHandle, team TeamHandle) iter.Seq[View] {
	return func(yield func(View) bool) {
		for key := range t.drawers.From(viewPlace{owner: owner, team: team}) {
			if key.owner != owner || key.team != team {
				return
			}
			if row, ok := t.Get(key.handle); ok && !yield(row) {
				return
			}
		}
	}
}

// MayUse says whether an agent may see a view and what it lists: her own, those of
// all, and those of teams that she is in or supervises. Admins may use all, since
// they clean up.
func (v View) MayUse(s *State, by Agent) bool {
	if by.Role == RoleAdmin || v.Owner != 0 || v.Team == 0 {
		return by.Role == RoleAdmin || v.Owner == 0 || v.Owner == by.Handle
	}
	team, _ := s.Teams.Get(v.Team)
	_, member := s.Members.Of(v.Team, by.Handle)
	return member || supervises(team, by)
}

// mayChange says whether an agent may make a view what it is, or no more: her own,
// and as a supervisor those that are shared.
func (v View) mayChange(s *State, by Agent) bool {
	if v.Owner != 0 {
		return v.Owner == by.Handle
	}
	team, _ := s.Teams.Get(v.Team)
	return supervises(team, by)
}

// leaveViews removes the views of an agent who goes: nobody else may use them.
func leaveViews(tx *Tx, agent Agent) {
	var hers []View
	for view := range tx.Views.Of(agent.Handle, 0) {
		hers = append(hers, view)
	}
	for _, view := range hers {
		removeView(tx, view)
	}
}

func removeView(tx *Tx, view View) {
	view.Removed, view.Revision = true, tx.Seq
	tx.Views.Put(view)
	tx.emit(Record{Event: ViewRemoved, Telling: Telling{View: view.Handle}}, nil)
}

func viewsSharedWith(s *State, team TeamHandle) (list []string) {
	for view := range s.Views.Of(0, team) {
		list = append(list, "that of view "+string(view.ID))
	}
	return list
}
