package fsm

var _ = register[DeleteGroup](43, "group.delete")

// DeleteGroup removes a group that is listed nowhere.
type DeleteGroup struct {
	ID GroupID `json:"id" cbor:"1,keyasint"`
}

// Check implements Command.
func (c DeleteGroup) Check() error {
	var check checker
	check.id("/id", string(c.ID))
	return check.err()
}

func (c DeleteGroup) target(s *State) Target {
	row, ok := s.Groups.ByID(c.ID)
	return Target{NounGroup.String(), string(c.ID), ok, row.Revision, false}
}

func (c DeleteGroup) apply(tx *Tx) (Result, error) {
	group, ok := tx.Groups.ByID(c.ID)
	if !ok {
		return Result{}, reject(NotFound, "there is no group %q", c.ID)
	}
	if err := refuseInUse(tx.State, "group", string(c.ID), group.Handle, usesOfGroup); err != nil {
		return Result{}, err
	}
	group.Removed, group.Members, group.Revision = true, nil, tx.Seq
	tx.Groups.Put(group)
	tx.emit(Record{Event: GroupRemoved, Group: group.Handle}, nil)
	return Result{Subject: Subject{NounGroup, uint64(group.Handle)}}, nil
}
