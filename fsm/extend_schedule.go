package fsm

var _ = register[ExtendSchedule](162, "schedule.extend")

// ExtendSchedule says what a schedule means from now on, further ahead than was
// known, or by newer zones. The leader sends it; a turn that the new zones move is
// where they say. What tells nearly nothing new changes nothing: two nodes that both
// believe to lead must not write it twice.
type ExtendSchedule struct {
	ID       ScheduleID `json:"id" cbor:"1,keyasint"`
	Revision uint64     `json:"revision" cbor:"2,keyasint"` // what it was computed from
	Ahead    Horizon    `json:"ahead" cbor:"3,keyasint"`
}

// minTopUpMs is the least by which a top-up goes further than what is known.
const minTopUpMs = 3600 * 1000

// Check implements Command.
func (c ExtendSchedule) Check() error {
	var check checker
	check.id("/id", string(c.ID))
	c.Ahead.check(&check, MaxShifts)
	return check.err()
}

func (c ExtendSchedule) target(s *State) Target { return scheduleTarget(s, c.ID, false) }

// Nobody but the cluster itself.
func (ExtendSchedule) allowed(*Tx, Agent) bool { return false }

func (c ExtendSchedule) apply(tx *Tx) (Result, error) {
	row, ok := tx.Schedules.ByID(c.ID)
	switch {
	case !ok:
		return Result{}, reject(NotFound, "there is no schedule %q", c.ID)
	case row.Revision != c.Revision:
		r := reject(RevisionMismatch, "schedule %q is another one now, with revision %d", c.ID, row.Revision)
		r.Revision = row.Revision
		return Result{}, r
	}
	var check checker
	if c.Ahead.check(&check, len(row.Hours.Shifts)); len(check.fields) > 0 {
		return Result{}, check.err()
	}
	if c.Ahead.UntilMs > row.Ahead.UntilMs+minTopUpMs || c.Ahead.Zones != row.Ahead.Zones {
		foresee(tx, row, row, c.Ahead)
	}
	return Result{Subject: Subject{NounSchedule, uint64(row.Handle)}}, nil
}
