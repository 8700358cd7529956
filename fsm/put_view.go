package fsm

var (
	_ = register[PutView](140, "view.put")
	_ = register[DeleteView](141, "view.delete")
)

// PutView creates or replaces a view: of the agent it names, of the team it names,
// or, if it names neither, of all.
type PutView struct {
	ID     ViewID  `json:"id" cbor:"1,keyasint"`
	Name   string  `json:"name" cbor:"2,keyasint"`
	Owner  AgentID `json:"owner" cbor:"3,keyasint,omitempty"`
	Team   TeamID  `json:"team" cbor:"4,keyasint,omitempty"`
	Filter string  `json:"filter" cbor:"5,keyasint,omitempty"` // the edge has read it
	Sort   string  `json:"sort" cbor:"6,keyasint,omitempty"`   // likewise
}

// Check implements Command.
func (c PutView) Check() error {
	var check checker
	check.id("/id", string(c.ID))
	check.name("/name", c.Name)
	if c.Owner != "" {
		check.id("/owner", string(c.Owner))
	}
	if c.Team != "" {
		check.id("/team", string(c.Team))
	}
	if c.Owner != "" && c.Team != "" {
		check.add("/team", "ambiguous", "a view belongs to an agent or is shared with a team, not both; leave one out")
	}
	check.text("/filter", c.Filter, MaxFilterBytes)
	check.text("/sort", c.Sort, MaxIDBytes)
	return check.err()
}

func (c PutView) target(s *State) Target { return viewTarget(s, c.ID, true) }

func viewTarget(s *State, id ViewID, creates bool) Target {
	row, ok := s.Views.ByID(id)
	return Target{NounView.String(), string(id), ok, row.Revision, creates}
}

func (c PutView) allowed(tx *Tx, by Agent) bool {
	old, known := tx.Views.ByID(c.ID)
	owner, _ := tx.Agents.ByID(c.Owner)
	team, _ := tx.Teams.ByID(c.Team)
	next := View{Owner: owner.Handle, Team: team.Handle}
	if c.Owner != "" && owner.Handle != by.Handle {
		return false
	}
	return (!known || old.mayChange(tx.State, by)) && next.mayChange(tx.State, by)
}

func (c PutView) apply(tx *Tx) (Result, error) {
	owner, hasOwner := tx.Agents.ByID(c.Owner)
	team, hasTeam := tx.Teams.ByID(c.Team)
	var check checker
	if c.Owner != "" && !hasOwner {
		check.add("/owner", "unknown_agent", "there is no agent %q; create it first", c.Owner)
	}
	if c.Team != "" && !hasTeam {
		check.add("/team", "unknown_team", "there is no team %q; create it first", c.Team)
	}
	if err := check.as(UnknownReference); err != nil {
		return Result{}, err
	}
	old, known := tx.Views.ByID(c.ID)
	gone := View{}
	if !known {
		gone, _ = tx.Views.everByID(c.ID)
	}
	row := View{old.Handle, c.ID, c.Name, owner.Handle, team.Handle, c.Filter, c.Sort, old.Revision, false}
	if !known || old.Owner != row.Owner || old.Team != row.Team {
		n := 0
		for range tx.Views.Of(row.Owner, row.Team) {
			n++
		}
		if n >= MaxViews {
			return Result{}, reject(TooManyViews, "there are %d views %s, the most there may be; delete one first", n, c.whose())
		}
	}

	if row.Handle = max(old.Handle, gone.Handle); row.Handle == 0 {
		row.Handle = ViewHandle(tx.mintSmall())
	}
	if row != old {
		thing := Subject{NounView, uint64(row.Handle)}
		if row.Owner != max(old.Owner, gone.Owner) {
			tx.Revisions.DeleteOf(thing) // what was somebody's own stays so
		}
		row.Revision = tx.Seq
		tx.Views.Put(row)
		tx.emit(Record{Event: ViewChanged, Telling: Telling{View: row.Handle}}, nil)
	}
	return Result{Created: !known, Subject: Subject{NounView, uint64(row.Handle)}}, nil
}

func (c PutView) whose() string {
	switch {
	case c.Owner != "":
		return "of agent " + string(c.Owner)
	case c.Team != "":
		return "shared with team " + string(c.Team)
	default:
		return "shared with all"
	}
}

// DeleteView removes a view. What it lists stays.
type DeleteView struct {
	ID ViewID `json:"id" cbor:"1,keyasint"`
}

// Check implements Command.
func (c DeleteView) Check() error {
	var check checker
	check.id("/id", string(c.ID))
	return check.err()
}

func (c DeleteView) target(s *State) Target { return viewTarget(s, c.ID, false) }

func (c DeleteView) allowed(tx *Tx, by Agent) bool {
	view, known := tx.Views.ByID(c.ID)
	return !known || view.mayChange(tx.State, by)
}

func (c DeleteView) apply(tx *Tx) (Result, error) {
	view, ok := tx.Views.ByID(c.ID)
	if !ok {
		return Result{}, reject(NotFound, "there is no view %q", c.ID)
	}
	removeView(tx, view)
	return Result{Subject: Subject{NounView, uint64(view.Handle)}}, nil
}
