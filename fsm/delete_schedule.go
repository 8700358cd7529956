package fsm

var _ = register[DeleteSchedule](161, "schedule.delete")

// DeleteSchedule removes a schedule that nothing uses.
type DeleteSchedule struct {
	ID ScheduleID `json:"id" cbor:"1,keyasint"`
}

// usesOfSchedule name what goes by a schedule. A noun that does adds its function.
var usesOfSchedule = []func(s *State, schedule ScheduleHandle) []string{
	inboxesBy,
}

// Check implements Command.
func (c DeleteSchedule) Check() error {
	var check checker
	check.id("/id", string(c.ID))
	return check.err()
}

func (c DeleteSchedule) target(s *State) Target { return scheduleTarget(s, c.ID, false) }

func (DeleteSchedule) allowed(_ *Tx, by Agent) bool { return by.Role == RoleSupervisor }

func (c DeleteSchedule) apply(tx *Tx) (Result, error) {
	was, ok := tx.Schedules.ByID(c.ID)
	if !ok {
		return Result{}, reject(NotFound, "there is no schedule %q", c.ID)
	}
	if err := refuseInUse(tx.State, "schedule", string(c.ID), was.Handle, usesOfSchedule); err != nil {
		return Result{}, err
	}
	tx.Timers.Delete(was.timer())
	row := was
	row.Removed, row.Revision, row.Hours, row.Ahead = true, tx.Seq, ScheduleHours{}, Horizon{}
	tx.Schedules.Put(row)
	tellTurn(tx, was, row, 0)
	scheduleGone(tx, row.Handle)
	tx.emit(Record{Event: ScheduleRemoved, Telling: Telling{Turned: Turned{Schedule: row.Handle}}}, nil)
	return Result{Subject: Subject{NounSchedule, uint64(row.Handle)}, Warnings: warnOfRules(tx.State, NounSchedule, string(row.ID))}, nil
}
